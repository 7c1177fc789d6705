"""The chain on disk: one SQLite file, one transaction a block.

py-evm keeps headers, transactions, receipts and the state trie as keys and values in `entries`.
`logs` is our own index, so that eth_getLogs over all blocks is one query.
A block is in the file as a whole or not at all, also after SIGKILL: SQLite's write-ahead log decides.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eth.db.backends.base import BaseDB

from anchoring.chain.errors import DevChainCorrupt, DevChainFailed

FORMAT = 1

REMEMBERED = 1 << 14
"""Entries kept in memory, some 10 MB: the upper nodes of the state trie are read for every block and every call."""
_SCHEMA = """
CREATE TABLE entries (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE logs (
    block INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL, tx_index INTEGER NOT NULL,
    tx_hash BLOB NOT NULL, address BLOB NOT NULL,
    topic0 BLOB, topic1 BLOB, topic2 BLOB, topic3 BLOB, data BLOB NOT NULL,
    PRIMARY KEY (block, position)
) WITHOUT ROWID;
CREATE INDEX logs_by_topic ON logs (topic0, topic1, block);
CREATE INDEX logs_by_address ON logs (address, block);
"""


@dataclass(frozen=True, slots=True)
class StoredLog:
    """One log with its place in the chain; `position` counts the logs of the block from 0."""

    block: int
    position: int
    block_hash: bytes
    transaction_index: int
    transaction: bytes
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


class Database(BaseDB):
    """py-evm's key-value interface over SQLite, and the index of logs beside it.

    Raises DevChainCorrupt when the file is no database of this format, DevChainFailed when the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self._remembered: dict[bytes, bytes] = {}
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            # A version that was reported as anchored must survive a power cut as well.
            self._connection.execute("PRAGMA synchronous = FULL")
            found = self._connection.execute("PRAGMA user_version").fetchone()[0]
            tables = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if found == 0 and tables == 0:
                with self.transaction():
                    for statement in filter(str.strip, _SCHEMA.split(";")):
                        self._connection.execute(statement)
                    self._connection.execute(f"PRAGMA user_version = {FORMAT}")
                found = FORMAT
        except sqlite3.OperationalError as problem:
            raise DevChainFailed(
                f"{path}: {problem}", remedy="make room, or mend the permissions of the file and its folder"
            ) from problem
        except sqlite3.DatabaseError as problem:
            raise DevChainCorrupt(
                f"{path} cannot be read as a development chain: {problem}",
                remedy="restore it from a copy, or move the folder away and publish again on a new chain",
            ) from problem
        if found != FORMAT:
            raise DevChainCorrupt(
                f"{path} has format {found}, this release reads {FORMAT}",
                remedy="open it with the release that wrote it",
            )

    def close(self) -> None:
        """Close the file; nothing is pending, since every block was committed."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside, or none of them."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            self._remembered.clear()
            if self._connection.in_transaction:  # a full disk may have ended it already
                self._connection.execute("ROLLBACK")
            raise

    def __getitem__(self, key: bytes) -> bytes:
        value = self._remembered.get(key)
        if value is None:
            row = self._connection.execute("SELECT value FROM entries WHERE key = ?", (key,)).fetchone()
            if row is None:
                raise KeyError(key)
            value = bytes(row[0])
            self._remember(key, value)
        return value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._connection.execute("INSERT OR REPLACE INTO entries VALUES (?, ?)", (key, value))
        self._remember(key, value)

    def __delitem__(self, key: bytes) -> None:
        self._remembered.pop(key, None)
        if self._connection.execute("DELETE FROM entries WHERE key = ?", (key,)).rowcount == 0:
            raise KeyError(key)

    def _exists(self, key: bytes) -> bool:
        if key in self._remembered:
            return True
        return self._connection.execute("SELECT 1 FROM entries WHERE key = ?", (key,)).fetchone() is not None

    def _remember(self, key: bytes, value: bytes) -> None:
        """Keep what was read or written: no other process writes the file, so it stays true."""
        if len(self._remembered) >= REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = value

    def add_logs(self, logs: Sequence[StoredLog]) -> None:
        """Index the logs of a new block."""
        self._connection.executemany(
            "INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    log.block,
                    log.position,
                    log.block_hash,
                    log.transaction_index,
                    log.transaction,
                    log.address,
                    *(log.topics + (None,) * (4 - len(log.topics))),
                    log.data,
                )
                for log in logs
            ],
        )

    def logs(
        self, first: int, last: int, addresses: Sequence[bytes], topics: Sequence[Sequence[bytes]], most: int
    ) -> list[StoredLog]:
        """Logs of the blocks first..last in order, at most `most`; an empty list of values means any."""
        conditions, values = ["block BETWEEN ? AND ?"], [first, last]
        wanted = [("address", addresses), *((f"topic{n}", accepted) for n, accepted in enumerate(topics))]
        parameters: list[int | bytes] = list(values)
        # An event and its first argument say more than the contract, which may have left every log there is. The plus
        # keeps SQLite, which cannot know that, from searching by address (https://www.sqlite.org/optoverview.html).
        by_topic = len(topics) > 1 and topics[0] and topics[1]
        for column, accepted in wanted:
            if accepted:
                term = f"+{column}" if column == "address" and by_topic else column
                conditions.append(f"{term} IN ({', '.join('?' * len(accepted))})")
                parameters.extend(accepted)
            elif column != "address":
                # A position that accepts anything still asks for a log that has so many topics.
                conditions.append(f"{column} IS NOT NULL")
        # Column names are ours, values are bound.
        query = f"SELECT * FROM logs WHERE {' AND '.join(conditions)} ORDER BY block, position LIMIT ?"  # noqa: S608
        rows = self._connection.execute(query, (*parameters, most)).fetchall()
        return [_stored(*row) for row in rows]


def _stored(
    block: int, position: int, block_hash: bytes, index: int, transaction: bytes, address: bytes, *rest: bytes | None
) -> StoredLog:
    """Of a row of the table: the last column is the data, those before it the topics."""
    topics = tuple(topic for topic in rest[:4] if topic is not None)
    return StoredLog(block, position, block_hash, index, transaction, address, topics, rest[4] or b"")
