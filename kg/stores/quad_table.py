"""The sorted table of lines, its generation and its journal, in one SQLite database.

One SQLite transaction holds the change, its journal entry and the new generation, so a crash at any moment
leaves all of it or nothing (https://www.sqlite.org/atomiccommit.html). Lines are BLOB keys: SQLite compares
them byte by byte, which is the order of a version.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.stores.errors import JournalTruncated, StaleGeneration, StoreClosed, StoreCorrupt, StoreFailed, StoreTooNew
from kg.stores.protocol import LineChanges

FORMAT = 1
_CHUNK = 10_000
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE quads (line BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE changes (
    generation INTEGER NOT NULL, part INTEGER NOT NULL, added BLOB NOT NULL, removed BLOB NOT NULL,
    PRIMARY KEY (generation, part)
);
INSERT INTO meta VALUES ('format', 1), ('generation', 0), ('indexed', 0), ('oldest', 0);
"""


class QuadTable:
    """Lines, generation and journal; `path` None keeps all of it in memory."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.RLock()
        with self._mapped():
            self._db = self._connect()
            self._closed = False
            self._prepare()

    def _connect(self) -> sqlite3.Connection:
        where = ":memory:" if self._path is None else str(self._path)
        db = sqlite3.connect(where, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        return db

    def _prepare(self) -> None:
        if not self._db.execute("SELECT 1 FROM sqlite_master").fetchone():
            self._db.executescript(f"BEGIN;{_SCHEMA}COMMIT;")
        if (found := self._meta("format")) > FORMAT:
            raise StoreTooNew(
                f"{self._path} has format {found}, this program reads {FORMAT}", remedy="upgrade triplock"
            )
        if not self._db.execute("SELECT 1 FROM meta WHERE key = 'identity'").fetchone():
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('identity', ?)", (secrets.randbits(63),))

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError as error:
            if self._closed:
                raise StoreClosed(f"the store {self._path} was closed", remedy="open it again") from None
            raise StoreFailed(f"{self._path}: {error}", remedy="report this") from error
        except sqlite3.OperationalError as error:
            if "no such table" in str(error) or "malformed" in str(error):
                raise self._corrupt(error) from None
            raise StoreFailed(f"{self._path}: {error}", remedy="make room or mend the permissions") from None
        except sqlite3.DatabaseError as error:
            raise self._corrupt(error) from None

    def _corrupt(self, error: object) -> StoreCorrupt:
        return StoreCorrupt(f"{self._path} is damaged: {error}", remedy="restore the folder from a backup or version")

    def _meta(self, key: str) -> int:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        if row is None or not isinstance(row[0], int):
            raise self._corrupt(f"no {key} in it")
        return row[0]

    @property
    def identity(self) -> str:
        """What was made up with the table, to tell its generations from another's."""
        with self._lock, self._mapped():
            return f"{self._meta('identity'):016x}"

    @property
    def generation(self) -> int:
        """How many changes there were."""
        with self._lock, self._mapped():
            return self._meta("generation")

    @property
    def indexed(self) -> int:
        """The generation that an index is known to have reached."""
        with self._lock, self._mapped():
            return self._meta("indexed")

    def mark_indexed(self, generation: int) -> None:
        """Remember that an index has reached `generation` and that its files are on the disk."""
        with self._lock, self._mapped():
            self._db.execute("UPDATE meta SET value = ? WHERE key = 'indexed'", (generation,))

    def apply(self, added: set[bytes], removed: set[bytes], expected: int) -> LineChanges | None:
        """Change the lines and journal what really changed; None when nothing did. Raises StaleGeneration."""
        with self._lock, self._mapped():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                step = self._apply(added, removed, expected)
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise
        return step

    def _apply(self, added: set[bytes], removed: set[bytes], expected: int) -> LineChanges | None:
        found = self._meta("generation")
        if found != expected:
            raise StaleGeneration(
                f"the store is at generation {found}, not {expected}", remedy="read it again and redo the change"
            )
        gone = sorted(self._present(removed - added))
        new = sorted(added - set(self._present(added)))
        if not gone and not new:
            return None
        self._db.executemany("DELETE FROM quads WHERE line = ?", ((line,) for line in gone))
        self._db.executemany("INSERT INTO quads VALUES (?)", ((line,) for line in new))
        self._journal(found + 1, new, gone)
        self._db.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (found + 1,))
        return LineChanges(found + 1, new, gone)

    def _present(self, lines: set[bytes]) -> Iterator[bytes]:
        if self._db.execute("SELECT 1 FROM quads LIMIT 1").fetchone():
            look_up = self._db.execute
            for line in lines:
                if look_up("SELECT 1 FROM quads WHERE line = ?", (line,)).fetchone():
                    yield line

    def _journal(self, generation: int, added: list[bytes], removed: list[bytes]) -> None:
        for part, start in enumerate(range(0, max(len(added), len(removed)), _CHUNK)):
            a, r = added[start : start + _CHUNK], removed[start : start + _CHUNK]
            row = (generation, part, b"\n".join(a), b"\n".join(r))
            self._db.execute("INSERT INTO changes VALUES (?, ?, ?, ?)", row)

    def steps(self, since: int) -> Iterator[LineChanges]:
        """The journal after generation `since`, oldest first; raises JournalTruncated."""
        with self._lock, self._mapped():
            oldest, newest = self._meta("oldest"), self._meta("generation")
        if not oldest <= since:
            raise JournalTruncated(f"the journal begins at generation {oldest}, not {since}", remedy="compare in full")
        for generation in range(since + 1, newest + 1):
            with self._lock, self._mapped():
                query = "SELECT added, removed FROM changes WHERE generation = ? ORDER BY part"
                parts = self._db.execute(query, (generation,)).fetchall()
            if not parts:
                raise self._corrupt(f"generation {generation} is not in its journal")
            added = [line for a, _ in parts if a for line in a.split(b"\n")]
            removed = [line for _, r in parts if r for line in r.split(b"\n")]
            yield LineChanges(generation, added, removed)

    def forget(self, before: int) -> None:
        """Drop the journal up to and including generation `before`, to save room."""
        with self._lock, self._mapped():
            self._db.execute("BEGIN IMMEDIATE")
            until = min(before, self._meta("generation"), self._meta("indexed"))
            self._db.execute("DELETE FROM changes WHERE generation <= ?", (until,))
            self._db.execute("UPDATE meta SET value = max(value, ?) WHERE key = 'oldest'", (until,))
            self._db.execute("COMMIT")

    def lines(self, start: bytes = b"", stop: bytes | None = None) -> Iterator[bytes]:
        """The lines from `start` on (and below `stop`), in order, as of the moment of the first one."""
        bound, arguments = ("", (start,)) if stop is None else (" AND line < ?", (start, stop))
        query = f"SELECT line FROM quads WHERE line >= ?{bound} ORDER BY line"  # noqa: S608 - two fixed texts
        if self._path is None or stop is not None:
            with self._lock, self._mapped():
                rows = self._db.execute(query, arguments).fetchall()
            yield from (row[0] for row in rows)
            return
        with self._lock, self._mapped():
            self._meta("format")
        # A connection of its own sees one state of the table for as long as its cursor is open (WAL).
        reader = self._connect()
        try:
            cursor = reader.execute(query, arguments)
            while rows := cursor.fetchmany(_CHUNK):
                yield from (row[0] for row in rows)
        except sqlite3.DatabaseError as error:
            raise self._corrupt(error) from None
        finally:
            reader.close()

    def has(self, line: bytes) -> bool:
        """Whether the line is there."""
        with self._lock, self._mapped():
            return self._db.execute("SELECT 1 FROM quads WHERE line = ?", (line,)).fetchone() is not None

    def __len__(self) -> int:
        """The number of lines."""
        with self._lock, self._mapped():
            return int(self._db.execute("SELECT count(*) FROM quads").fetchone()[0])

    def close(self) -> None:
        """Close the database; calling it again does nothing."""
        with self._lock:
            self._closed = True
            self._db.close()
