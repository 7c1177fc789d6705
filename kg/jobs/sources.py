"""What the ledger knows of sources: documents by CID, their chunks, blocks of chains, and what was withdrawn."""

from __future__ import annotations

from dataclasses import dataclass

from kg.jobs.ledger import Ledger, now


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A document that was read. `state` is reading, done, partly (some chunks failed) or withdrawn."""

    cid: str
    path: str
    media_type: str
    size: int
    subject: str
    state: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """A chunk that was tried: code points `start` to `end` of its document. `status` is done, empty or failed."""

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

    def put_chunk(self, chunk: ChunkRecord) -> None:
        """Write what became of a chunk, with what was refused of its answer."""
        key = (chunk.source, chunk.extractor, chunk.start, chunk.end)
        with self._ledger.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(*key, chunk.status, chunk.reason),
                    *(chunk.claims, chunk.tokens_in, chunk.tokens_out, chunk.seconds),
                ),
            )
            db.execute("DELETE FROM rejected WHERE source = ? AND extractor = ? AND start = ? AND end = ?", key)
            db.executemany("INSERT INTO rejected VALUES (?, ?, ?, ?, ?, ?)", [(*key, *pair) for pair in chunk.rejected])

    def chunks(self, status: str | None = None) -> list[ChunkRecord]:
        """All chunks, or those of one status."""
        rows = self._ledger.rows(
            "SELECT source, extractor, start, end, status, reason, claims, tokens_in, tokens_out, seconds"
            " FROM chunk WHERE ?1 IS NULL OR status = ?1 ORDER BY source, extractor, start",
            status,
        )
        return [ChunkRecord(*row) for row in rows]

    def rejected(self) -> list[tuple[str, int, str, str]]:
        """What was refused: (document CID, where its chunk starts, what was said, reason)."""
        return [
            tuple(row) for row in self._ledger.rows("SELECT source, start, said, reason FROM rejected ORDER BY 1, 2")
        ]

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


_COLUMNS = "cid, path, media_type, size, subject, state, warning"
