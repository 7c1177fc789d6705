"""The ledger: what was read, what became of it, and how far each version has come.

One SQLite file that the user owns. Nothing in it reaches the dataset; times may stand here.
Work is written down after it is done and all work is idempotent, so a crash between the two only repeats a step
that changes nothing. Transactions that cost money are written down before they are sent.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import LedgerCorrupt, LedgerFailed, StateTooNew

_MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE source (
        cid TEXT PRIMARY KEY, path TEXT NOT NULL, media_type TEXT NOT NULL, size INTEGER NOT NULL,
        subject TEXT NOT NULL, warning TEXT NOT NULL DEFAULT '', state TEXT NOT NULL, seen REAL NOT NULL
    );
    CREATE INDEX source_path ON source (path);
    CREATE TABLE chunk (
        source TEXT NOT NULL, extractor TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
        status TEXT NOT NULL, reason TEXT NOT NULL, claims INTEGER NOT NULL,
        tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, seconds REAL NOT NULL,
        PRIMARY KEY (source, extractor, start, end)
    );
    CREATE TABLE rejected (
        source TEXT NOT NULL, extractor TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
        said TEXT NOT NULL, reason TEXT NOT NULL
    );
    CREATE TABLE block (
        chain INTEGER NOT NULL, number INTEGER NOT NULL, dataset TEXT NOT NULL, source TEXT NOT NULL,
        status TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (chain, number, dataset, source)
    );
    CREATE TABLE withdrawal (target TEXT PRIMARY KEY, reason TEXT NOT NULL, at REAL NOT NULL);
    CREATE TABLE version (
        head TEXT PRIMARY KEY, number INTEGER NOT NULL, graph TEXT NOT NULL, state TEXT NOT NULL, parent TEXT NOT NULL,
        root TEXT NOT NULL, quads INTEGER NOT NULL, blocks INTEGER NOT NULL, manifest TEXT NOT NULL,
        directory TEXT NOT NULL, data TEXT NOT NULL, generation INTEGER NOT NULL,
        prepared TEXT NOT NULL DEFAULT '', transaction_hash TEXT NOT NULL DEFAULT '', block_number INTEGER,
        at REAL NOT NULL
    );
    """,
    # A version's way in named steps: what was `prepared` is signed, what was `settled` is final; transactions are a
    # list, since one that is stuck is replaced.
    """
    ALTER TABLE version RENAME COLUMN prepared TO attempts;
    ALTER TABLE version ADD COLUMN block_hash TEXT NOT NULL DEFAULT '';
    UPDATE version SET attempts = '[' || attempts || ']' WHERE attempts != '';
    UPDATE version SET state = 'signed' WHERE state = 'prepared';
    UPDATE version SET state = 'final' WHERE state = 'settled';
    CREATE TABLE transition (head TEXT NOT NULL, state TEXT NOT NULL, at REAL NOT NULL, note TEXT NOT NULL);
    CREATE INDEX transition_head ON transition (head);
    INSERT INTO transition SELECT head, state, at, '' FROM version;
    """,
    # What a chunk says, so that it is known again in a later content of the file; whose claims stand for it where it
    # was not read here; and what was paid, which stays when chunks are forgotten.
    """
    ALTER TABLE chunk ADD COLUMN passage TEXT NOT NULL DEFAULT '';
    ALTER TABLE chunk ADD COLUMN origin TEXT NOT NULL DEFAULT '';
    ALTER TABLE chunk ADD COLUMN origin_start INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE chunk ADD COLUMN relations TEXT NOT NULL DEFAULT '{}';
    CREATE INDEX chunk_origin ON chunk (origin);
    CREATE TABLE spent (
        source TEXT NOT NULL, extractor TEXT NOT NULL, currency TEXT NOT NULL, calls INTEGER NOT NULL,
        tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, seconds REAL NOT NULL, money REAL NOT NULL,
        PRIMARY KEY (source, extractor, currency)
    );
    """,
    # What a person has said of inferred claims.
    """
    CREATE TABLE verdict (
        claim TEXT PRIMARY KEY, verdict TEXT NOT NULL, reason TEXT NOT NULL, source TEXT NOT NULL,
        start INTEGER NOT NULL, end INTEGER NOT NULL, sentence TEXT NOT NULL, subject TEXT NOT NULL,
        relation TEXT NOT NULL, object TEXT NOT NULL, statement TEXT NOT NULL, quads TEXT NOT NULL, at REAL NOT NULL
    );
    """,
    # Merges that somebody undid: they are never done again.
    """
    CREATE TABLE undone_merge (
        claim TEXT PRIMARY KEY, alias TEXT NOT NULL, canonical TEXT NOT NULL, rule TEXT NOT NULL,
        merge_key TEXT NOT NULL, others TEXT NOT NULL, reason TEXT NOT NULL, at REAL NOT NULL
    );
    """,
    # What the merges that stand were made from, so that an unchanged graph is not resolved again.
    """
    CREATE TABLE resolved (row INTEGER PRIMARY KEY CHECK (row = 1), made_from TEXT NOT NULL);
    """,
)


class Ledger:
    """The ledger of one workspace; one connection, usable by one thread.

    Raises LedgerFailed, LedgerCorrupt, and StateTooNew for one that a later program wrote.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._told():
            self._db = sqlite3.connect(path, isolation_level=None)
        try:
            with self._told():
                self._db.row_factory = sqlite3.Row
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=FULL")
                self._migrate(path)
        except BaseException:
            self._db.close()
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Within it SQLite's errors become ours."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise LedgerFailed(
                f"{self._path}: {error}", remedy="make room, mend the permissions, or wait for the other process"
            ) from None
        except sqlite3.DatabaseError as error:
            raise LedgerCorrupt(
                f"{self._path}: {error}",
                remedy="put a copy of it back; the statements themselves are in the store and stay",
            ) from None

    def _migrate(self, path: Path) -> None:
        (have,) = self._db.execute("PRAGMA user_version").fetchone()
        if have > len(_MIGRATIONS):
            raise StateTooNew(
                f"{path} has format {have}, this program knows {len(_MIGRATIONS)}", remedy="update triplock"
            )
        for number, script in enumerate(_MIGRATIONS[have:], start=have + 1):
            self._db.executescript(f"BEGIN; {script} PRAGMA user_version={number}; COMMIT;")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing of what is written inside."""
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """The rows of a query with parameters."""
        with self._told():
            return self._db.execute(query, values).fetchall()

    def run(self, statement: str, *values: object) -> None:
        """One statement with parameters, durable when it returns."""
        with self._told():
            self._db.execute(statement, values)

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def now() -> float:
    """Seconds since 1970, for the ledger's own columns alone."""
    return time.time()
