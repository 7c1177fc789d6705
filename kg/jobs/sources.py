"""What the ledger knows of sources: documents by CID, their chunks, blocks of chains, and what was withdrawn."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from kg.jobs.ledger import Ledger, now


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A document that was read.

    `state` is reading, done, partly (some chunks failed or were not asked about), revised (its file has other content
    now, in which some of it still stands) or withdrawn.
    """

    cid: str
    path: str
    media_type: str
    size: int
    subject: str
    state: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """A chunk that was tried: code points `start` to `end` of its document. `status` is done, empty or failed.

    `passage` is a digest of what it says. `origin` is empty where it was read here; else it is the former document
    whose claims, at `origin_start`, stand for it. `relations` counts its claims by predicate.
    """

    source: str
    extractor: str
    start: int
    end: int
    status: str
    reason: str = ""
    claims: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    rejected: tuple[tuple[str, str], ...] = ()
    passage: str = ""
    origin: str = ""
    origin_start: int = 0
    relations: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was not let in: `said` of the chunk `start` to `end` of a document, or a sentence not asked about."""

    source: str
    path: str
    start: int
    end: int
    said: str
    reason: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What was paid for reading a document with one extractor, failed tries and forgotten chunks included."""

    source: str
    extractor: str
    currency: str
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    money: float = 0.0


class Sources:
    """The part of the ledger that ingestion writes."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def get(self, cid: str) -> SourceRecord | None:
        """The document's record, if it was ever read."""
        rows = self._ledger.rows(f"SELECT {_COLUMNS} FROM source WHERE cid = ?", cid)  # noqa: S608 - fixed columns
        return SourceRecord(*rows[0]) if rows else None

    def all(self) -> list[SourceRecord]:
        """Every document, by CID."""
        rows = self._ledger.rows(f"SELECT {_COLUMNS} FROM source ORDER BY cid")  # noqa: S608 - fixed columns
        return [SourceRecord(*row) for row in rows]

    def at(self, path: str) -> list[SourceRecord]:
        """The documents that were read from a path and still count."""
        query = f"SELECT {_COLUMNS} FROM source WHERE path = ? AND state != 'withdrawn'"  # noqa: S608 - fixed columns
        return [SourceRecord(*row) for row in self._ledger.rows(query, path)]

    def put(self, record: SourceRecord) -> None:
        """Write or replace a document's record."""
        self._ledger.run(
            "INSERT INTO source (cid, path, media_type, size, subject, state, warning, seen)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (cid) DO UPDATE SET path = excluded.path, media_type = excluded.media_type,"
            " subject = excluded.subject, state = excluded.state, warning = excluded.warning",
            *(record.cid, record.path, record.media_type, record.size, record.subject, record.state, record.warning),
            now(),
        )

    def set_state(self, cid: str, state: str) -> None:
        """Move a document on."""
        self._ledger.run("UPDATE source SET state = ? WHERE cid = ?", state, cid)

    def forget(self, cid: str) -> None:
        """Forget that a document and its chunks were read: its claims are about to leave the graph.

        The answers of models are kept elsewhere, so to read it again costs nothing.
        """
        with self._ledger.transaction() as db:
            db.execute("UPDATE source SET state = 'reading' WHERE cid = ?", (cid,))
            db.execute("DELETE FROM chunk WHERE source = ?", (cid,))
            db.execute("DELETE FROM rejected WHERE source = ?", (cid,))

    def chunk_statuses(self, cid: str, extractor: str) -> dict[tuple[int, int], str]:
        """The status of each chunk, by start and end, that this extractor has tried."""
        query = "SELECT start, end, status FROM chunk WHERE source = ? AND extractor = ?"
        return {(row["start"], row["end"]): row["status"] for row in self._ledger.rows(query, cid, extractor)}

    def put_chunk(self, chunk: ChunkRecord, spent: Spent | None = None) -> None:
        """Write what became of a chunk, with what was refused of its answer, and what was paid for it now.

        Tokens and seconds are added to those of earlier tries.
        """
        with self._ledger.transaction() as db:
            _put_chunk(db, chunk)
            if spent is not None:
                db.execute(
                    "INSERT INTO spent VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, extractor, currency) DO"
                    " UPDATE SET calls = calls + excluded.calls, tokens_in = tokens_in + excluded.tokens_in,"
                    " tokens_out = tokens_out + excluded.tokens_out, seconds = seconds + excluded.seconds,"
                    " money = money + excluded.money",
                    (
                        *(spent.source, spent.extractor, spent.currency, spent.calls),
                        *(spent.tokens_in, spent.tokens_out, spent.seconds, spent.money),
                    ),
                )

    def exchange_chunks(self, new: Collection[ChunkRecord], gone: Collection[ChunkRecord]) -> None:
        """Write what became of some chunks and forget others, with what was refused of their answers, all at once."""
        with self._ledger.transaction() as db:
            for chunk in new:
                _put_chunk(db, chunk)
            _drop_chunks(db, gone)

    def drop_chunks(self, chunks: Collection[ChunkRecord]) -> None:
        """Forget these chunks, and what was refused of their answers."""
        with self._ledger.transaction() as db:
            _drop_chunks(db, chunks)

    def chunks(self, status: str | None = None) -> list[ChunkRecord]:
        """All chunks, or those of one status."""
        return self._chunks("?1 IS NULL OR status = ?1", status)

    def chunks_of(self, cid: str) -> list[ChunkRecord]:
        """The chunks of a document, with what was refused of them."""
        refused: dict[tuple[str, int, int], list[tuple[str, str]]] = {}
        query = "SELECT extractor, start, end, said, reason FROM rejected WHERE source = ?"
        for extractor, start, end, said, reason in self._ledger.rows(query, cid):
            refused.setdefault((extractor, start, end), []).append((said, reason))
        return [
            replace(chunk, rejected=tuple(refused.get((chunk.extractor, chunk.start, chunk.end), ())))
            for chunk in self._chunks("source = ?", cid)
        ]

    def chunks_resting_on(self, cid: str) -> list[ChunkRecord]:
        """The chunks of other documents for which the claims of this one stand."""
        return self._chunks("origin = ?", cid)

    def _chunks(self, condition: str, value: object) -> list[ChunkRecord]:
        query = f"SELECT {_CHUNK_COLUMNS} FROM chunk WHERE {condition} ORDER BY source, extractor, start"  # noqa: S608
        rows = self._ledger.rows(query, value)
        return [
            ChunkRecord(
                **{name: row[name] for name in row.keys() if name != "relations"},  # noqa: SIM118 - no mapping
                relations=json.loads(row["relations"]),
            )
            for row in rows
        ]

    def spent(self) -> list[Spent]:
        """What was paid, by document and extractor."""
        query = "SELECT source, extractor, currency, calls, tokens_in, tokens_out, seconds, money FROM spent"
        return [Spent(*row) for row in self._ledger.rows(query + " ORDER BY source, extractor, currency")]

    def rejected(self) -> list[Rejected]:
        """What was refused, in the order of documents and text."""
        rows = self._ledger.rows(
            "SELECT rejected.source, coalesce(path, ''), start, end, said, reason FROM rejected"
            " LEFT JOIN source ON cid = rejected.source ORDER BY 1, start, end, rejected.rowid"
        )
        return [Rejected(*row) for row in rows]

    def block_done(self, chain: int, number: int, dataset: str, source: str) -> bool:
        """Whether a dataset of a block is in the graph."""
        query = "SELECT 1 FROM block WHERE chain = ? AND number = ? AND dataset = ? AND source = ? AND status = 'done'"
        return bool(self._ledger.rows(query, chain, number, dataset, source))

    def put_block(self, chain: int, number: int, dataset: str, source: str, status: str, reason: str = "") -> None:
        """Write what became of a dataset of a block."""
        self._ledger.run(
            "INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?, ?, ?)", chain, number, dataset, source, status, reason
        )

    def block_counts(self) -> list[tuple[int, str, str, int]]:
        """How many blocks: (chain id, dataset, status, count)."""
        query = (
            "SELECT chain, CASE WHEN dataset LIKE 'tokens/%' THEN 'tokens' ELSE dataset END, status, count(*)"
            " FROM block GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
        return [tuple(row) for row in self._ledger.rows(query)]

    def withdraw(self, target: str, reason: str) -> None:
        """Write down that a source or claim was withdrawn, and why."""
        self._ledger.run("INSERT OR REPLACE INTO withdrawal VALUES (?, ?, ?)", target, reason, now())

    def restore(self, target: str) -> None:
        """Forget a withdrawal."""
        self._ledger.run("DELETE FROM withdrawal WHERE target = ?", target)

    def withdrawals(self) -> dict[str, str]:
        """What was withdrawn, with the reasons."""
        return {row["target"]: row["reason"] for row in self._ledger.rows("SELECT target, reason FROM withdrawal")}


_CHUNK_COLUMNS = (
    "source, extractor, start, end, status, reason, claims, tokens_in, tokens_out, seconds,"
    " passage, origin, origin_start, relations"
)
_COLUMNS = "cid, path, media_type, size, subject, state, warning"


def _put_chunk(db: sqlite3.Connection, chunk: ChunkRecord) -> None:
    key = (chunk.source, chunk.extractor, chunk.start, chunk.end)
    db.execute(
        "INSERT INTO chunk (source, extractor, start, end, status, reason, claims, tokens_in, tokens_out, seconds,"
        " passage, origin, origin_start, relations) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (source, extractor, start, end) DO UPDATE SET status = excluded.status, reason = excluded.reason,"
        " claims = excluded.claims, tokens_in = tokens_in + excluded.tokens_in,"
        " tokens_out = tokens_out + excluded.tokens_out, seconds = seconds + excluded.seconds,"
        " passage = excluded.passage, origin = excluded.origin, origin_start = excluded.origin_start,"
        " relations = excluded.relations",
        (
            *(*key, chunk.status, chunk.reason, chunk.claims, chunk.tokens_in, chunk.tokens_out, chunk.seconds),
            *(chunk.passage, chunk.origin, chunk.origin_start, json.dumps(chunk.relations, sort_keys=True)),
        ),
    )
    db.execute("DELETE FROM rejected WHERE source = ? AND extractor = ? AND start = ? AND end = ?", key)
    db.executemany("INSERT INTO rejected VALUES (?, ?, ?, ?, ?, ?)", [(*key, *pair) for pair in chunk.rejected])


def _drop_chunks(db: sqlite3.Connection, chunks: Collection[ChunkRecord]) -> None:
    keys = [(c.source, c.extractor, c.start, c.end) for c in chunks]
    for table in ("chunk", "rejected"):
        query = f"DELETE FROM {table} WHERE source = ? AND extractor = ? AND start = ? AND end = ?"  # noqa: S608
        db.executemany(query, keys)
