"""The embedded store: lines and journal in SQLite, and Oxigraph as the index that SPARQL runs on.

    DIR/quads.sqlite   what is stored: canonical lines, generation, journal (kg.stores.quad_table)
    DIR/index/         the same quads in Oxigraph; derived, and made again if it is missing or broken
    DIR/lock           held while a process has the store open, names its process id

Oxigraph alone cannot be the store: it keeps values, not lexical forms (`"1.10"^^xsd:decimal` becomes `"1.1"`,
`xsd:int` becomes `xsd:integer`), and has no transaction that spans calls. So the SQLite commit is the only moment
that counts. The index follows it; a note in SQLite says which generation it has surely reached, and what the journal
holds after that is brought into agreement when the store is opened. Doing that twice changes nothing.
docs/decisions/0026-embedded-store.md
"""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from kg.stores.errors import StoreClosed, StoreFailed, StoreLocked
from kg.stores.lines import is_normalised, line_of, quads_of, split
from kg.stores.protocol import Change, LineChanges, Node
from kg.stores.quad_table import QuadTable

_FLUSH_EVERY = 64
_ATOMIC_UP_TO = 5_000
Term: TypeAlias = NamedNode | BlankNode | Literal | Triple


class OxigraphStore:
    """A QuadStore in the folder `path`, or in memory when it is None.

    Raises StoreLocked if another process has it open, StoreCorrupt if its files cannot be read.

    >>> from pyoxigraph import Literal, NamedNode, Quad
    >>> store = OxigraphStore(None)
    >>> store.apply([Quad(NamedNode("x:s"), NamedNode("x:p"), Literal("1"), NamedNode("x:g"))], [], 0)
    1
    >>> list(store.sorted_quads())
    [b'<x:s> <x:p> "1" <x:g> .']
    """

    def __init__(self, path: Path | str | None) -> None:
        self.path = None if path is None else Path(path)
        self.name = f"oxigraph {self.path}" if self.path else "oxigraph in memory"
        self._lock = threading.RLock()
        self._lock_file: int | None = None
        self._closed = self._behind = False
        if self.path is not None:
            try:
                self.path.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreFailed(f"{self.path}: {error.strerror}", remedy="name a folder that can be made") from None
            self._lock_file = _lock(self.path / "lock")
        try:
            self._table = QuadTable(self.path and self.path / "quads.sqlite")
            self._index = self._open_index()
            self._catch_up()
        except BaseException:
            self._unlock()
            raise

    def _open_index(self) -> pyoxigraph.Store:
        if self.path is None:
            return pyoxigraph.Store()
        folder = self.path / "index"
        if not folder.exists():
            self._table.mark_indexed(-1)
        try:
            return pyoxigraph.Store(folder)
        except (OSError, RuntimeError):  # RuntimeError is how pyoxigraph tells of corruption
            # Nothing is lost with a broken index: it holds only what the table holds.
            self._table.mark_indexed(-1)
            shutil.rmtree(folder, ignore_errors=True)
        try:
            return pyoxigraph.Store(folder)
        except (OSError, RuntimeError) as error:
            raise StoreFailed(f"{folder}: {error}", remedy="make room or mend the permissions") from None

    def _catch_up(self) -> None:
        reached, generation = self._table.indexed, self._table.generation
        if reached == generation:
            return
        if reached < 0 or reached > generation:
            self._index.clear()
            self._index.bulk_extend(quads_of(self._table.lines()))
        else:
            touched = {line for step in self._table.steps(reached) for line in (*step.added, *step.removed)}
            self._agree(touched)
        self._behind = False
        self._settle()

    def _settle(self) -> None:
        """Put the index on the disk, then note how far it is: never the other way round."""
        generation = self._table.generation
        self._index.flush()
        self._table.mark_indexed(generation)

    def _agree(self, touched: Iterable[bytes]) -> None:
        """Make the index agree with the table about the lines."""
        there: list[bytes] = []
        gone: list[bytes] = []
        for line in touched:
            (there if self._table.has(line) else gone).append(line)
        self._follow(there, gone)

    def _follow(self, there: list[bytes], gone: list[bytes]) -> None:
        deleted = list(self._surely_gone(gone))
        delete = f"DELETE DATA {{{_data(deleted)}}}" if deleted else ""
        if len(there) <= _ATOMIC_UP_TO:
            # Lines come from `line_of`, so every term in this text is escaped by the rules of N-Triples.
            insert = f"INSERT DATA {{{_data(there)}}}" if there else ""
            self._index.update(f"{delete} ; {insert}" if delete and insert else delete + insert)
            return
        if delete:
            self._index.update(delete)
        self._index.bulk_extend(quads_of(there))

    def _surely_gone(self, gone: list[bytes]) -> Iterator[bytes]:
        """Without the lines that still have an equal to Oxigraph in the table (`"1.10"` beside a removed `"1.1"`)."""
        still: dict[tuple[str, str, str], set[Term]] = {}
        for line in gone:
            s, p, value, g = split(line)
            if is_normalised(value):
                if (s, p, g) not in still:
                    still[s, p, g] = {_normal(split(other).value) for other in self._typed(s, p, g)}
                if still[s, p, g] and _normal(value) in still[s, p, g]:
                    continue
            yield line

    def _typed(self, subject: str, predicate: str, graph: str) -> Iterator[bytes]:
        """The lines with these terms whose literal Oxigraph may normalise."""
        start = f'{subject} {predicate} "'.encode()
        for line in self._table.lines(start, start + b"\xff"):
            parts = split(line)
            if parts.graph == graph and is_normalised(parts.value):
                yield line

    @property
    def identity(self) -> str:
        """A name that no other store has."""
        return self._table.identity

    @property
    def generation(self) -> int:
        """How many changes the store has seen."""
        return self._table.generation

    def apply(self, added: Iterable[Quad], removed: Iterable[Quad], expected_generation: int) -> int:
        """Add and remove at once; see QuadStore. Blank nodes are refused with StatementRefused."""
        with self._lock:
            self._check_open()
            if self._behind:
                self._catch_up()
            new, old = {line_of(quad) for quad in added}, {line_of(quad) for quad in removed}
            step = self._table.apply(new, old, expected_generation)
            if step is None:
                return expected_generation
            self._behind = True
            try:
                self._follow(step.added, step.removed)
            except (OSError, RuntimeError) as error:
                raise StoreFailed(
                    f"{self.name} took the change, its index did not: {error}", remedy="make room and open it again"
                ) from None
            self._behind = False
            if step.generation % _FLUSH_EVERY == 0 or len(step.added) > _ATOMIC_UP_TO:
                self._settle()
            return step.generation

    def changes(self, since: int) -> Iterator[Change]:
        """The steps after generation `since`, oldest first; raises JournalTruncated if they are gone."""
        for step in self._table.steps(since):
            yield Change(step.generation, tuple(quads_of(step.added)), tuple(quads_of(step.removed)))

    def changed_lines(self, since: int) -> Iterator[LineChanges]:
        """The same steps in canonical lines."""
        return self._table.steps(since)

    def forget_changes(self, before: int) -> None:
        """Drop the journal up to and including generation `before`, to save room."""
        with self._lock:
            self._settle()
            self._table.forget(before)

    def sorted_quads(self, start: bytes = b"") -> Iterator[bytes]:
        """Canonical N-Quads lines without LF, in order, from the first one >= `start`, of one moment."""
        return self._table.lines(start)

    def match(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        value: Node | Literal | None = None,
        graph: Node | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """The quads that fit, with their exact lexical forms; None fits everything (all graphs)."""
        with self._lock:
            self._check_open()
            found = self._index.quads_for_pattern(subject, predicate, value, graph)
        typed: dict[tuple[str, str, str], None] = {}
        for quad in found:
            if is_normalised(str(quad.object)):
                typed[str(quad.subject), str(quad.predicate), _graph_text(quad)] = None
            else:
                yield quad
        # What Oxigraph normalises is read from the table, once for each subject, predicate and graph.
        for key in typed:
            for original in quads_of(self._typed(*key)):
                if value is None or original.object == value:
                    yield original

    def index(self) -> pyoxigraph.Store:
        """The Oxigraph store to query; it must not be changed. Literals are normalised in it."""
        with self._lock:
            self._check_open()
            return self._index

    def copy_index(self, folder: Path) -> None:
        """A copy of the index as it is now, for another process to read: hard links, so it costs milliseconds."""
        with self._lock:
            self._check_open()
            if self.path is None:
                pyoxigraph.Store(folder).bulk_extend(self._index)
            else:
                self._index.flush()
                self._index.backup(folder)

    def __len__(self) -> int:
        """The number of quads."""
        return len(self._table)

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed(f"{self.name} was closed", remedy="open it again")

    def close(self) -> None:
        """Write everything out and release files and lock; calling it again does nothing."""
        with self._lock:
            if self._closed:
                return
            if self.path is not None and not self._behind:
                self._settle()
            self._closed = True
            self._index = pyoxigraph.Store()  # dropping the last reference closes the files
            self._table.close()
            self._unlock()

    def _unlock(self) -> None:
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def __enter__(self) -> OxigraphStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _lock(path: Path) -> int:
    """Hold the lock file, or raise StoreLocked with the process that does. The system lets go when a process dies."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreFailed(f"{path}: {error.strerror}", remedy="mend the permissions of the folder") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(file, 32).decode("ascii", "replace").strip() or "?"
        os.close(file)
        raise StoreLocked(
            f"{path.parent} is open in process {holder}", remedy="wait until it is done, or end it"
        ) from None
    os.ftruncate(file, 0)
    os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
    return file


def _data(lines: list[bytes]) -> str:
    """The lines as the body of INSERT DATA or DELETE DATA."""
    parts = map(split, lines)
    return "\n".join(f"GRAPH {g} {{ {s} {p} {o} }}" if g else f"{s} {p} {o} ." for s, p, o, g in parts)


def _graph_text(quad: Quad) -> str:
    return "" if isinstance(quad.graph_name, DefaultGraph) else str(quad.graph_name)


@functools.lru_cache(maxsize=1024)
def _normal(value: str) -> Term:
    """The literal that Oxigraph gives back for this one."""
    store = pyoxigraph.Store()
    store.add(quads_of([f"<urn:x> <urn:x> {value} .".encode()])[0])
    literal: Term = next(iter(store)).object
    return literal
