"""From an RDF document of any size to a dataset: sorted, cut and hashed by several processes.

Lines are read in texts of some megabytes; each process checks and sorts one at a time into a file (`sorted_runs`).
Then each takes a range of the order, merges it out of all files, and cuts and hashes it (`stretch`); what is left to
do one after the other is naming blank nodes and joining the stretches. The result does not depend on the number of
processes, and memory does not depend on the document's length, except for its statements with blank nodes.

Small documents, and those in other syntaxes than N-Quads and N-Triples, are read by this process alone.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from anchoring.dataset.stretch import Joiner, Stretch, cut_stretch, text_of
from anchoring.dataset.version import Commitment, Dataset, Keep, build_version
from anchoring.errors import InputRefused
from anchoring.rdf.canonical import (
    Batch,
    canonical_lines,
    named,
    ordered_lines,
    parse_text,
    read_text,
    statement_too_long,
    texts_of,
)
from anchoring.rdf.formats import Format, find_format
from anchoring.rdf.ground_lines import separate
from anchoring.rdf.lines import MAX_LINE_BYTES
from anchoring.rdf.nquads import Statement, check_canonical, join
from anchoring.rdf.rdf_input import Source, choose_format, open_source, place_of
from anchoring.rdf.sorted_runs import Range, Run, ranges, read_range, write_run
from anchoring.rdf.worker_pool import WorkerPool, processes_to_use

TEXT_BYTES = 16 * 1024 * 1024
"""Documents of more bytes are worth several processes and files."""


def build_document(
    source: Source,
    format: str | Format | None = None,
    base: str | None = None,
    keep: Keep | None = None,
    *,
    processes: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    text_bytes: int = TEXT_BYTES,
) -> Dataset:
    """The dataset of a document, its blocks handed to `keep` one by one.

    The same as `build_version(canonical_lines(source, format, base), keep)`, and raises what that raises,
    WorkerLost, and OSError for the temporary files. `processes`: by default one a core, at most four; 1 starts none.
    `folder` holds the temporary files, about as long as the document; by default the system's folder for such.
    Each process takes `text_bytes` at a time, a document of fewer needs neither processes nor files.

    >>> build_document(b"<a:b> <a:p> 'x' .", "ttl").commitment.quads
    1
    """
    with _read(source, format, base, processes, folder, text_bytes) as read:
        if isinstance(read, list):
            return build_version(read, keep, processes=processes)
        joiner = Joiner(keep)
        for part in read.pool.map(_cut_range, ((each, keep is not None) for each in read.ranges)):
            if part.too_long:
                raise statement_too_long(part.too_long)
            joiner.add(part.stretch, part.text)
        dataset = Dataset(joiner.finish())
    if keep:
        for node in dataset.nodes:
            keep(node)
    return dataset


def hash_document(
    source: Source,
    format: str | Format | None = None,
    base: str | None = None,
    *,
    processes: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    text_bytes: int = TEXT_BYTES,
) -> Commitment:
    """The commitment to a document, nothing kept; like `build_document`."""
    return build_document(source, format, base, processes=processes, folder=folder, text_bytes=text_bytes).commitment


def canonical_document(
    source: Source,
    format: str | Format | None = None,
    base: str | None = None,
    *,
    processes: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    text_bytes: int = TEXT_BYTES,
) -> Iterator[bytes]:
    """The canonical N-Quads of a document, piece by piece; like `build_document`.

    >>> b"".join(canonical_document(b"<a:b> <a:p> 'x' .", "ttl"))
    b'<a:b> <a:p> "x" .\\n'
    """
    with _read(source, format, base, processes, folder, text_bytes) as read:
        if isinstance(read, list):
            yield text_of(read)
            return
        for part in read.pool.map(_text_of_range, ((each,) for each in read.ranges)):
            if part.too_long:
                raise statement_too_long(part.too_long)
            yield part.text


class _Sorted(NamedTuple):
    """A large document whose lines stand in files, to be read range by range."""

    pool: WorkerPool
    ranges: list[Range]


@contextmanager
def _read(
    source: Source,
    format: str | Format | None,
    base: str | None,
    processes: int | None,
    folder: str | os.PathLike[str] | None,
    text_bytes: int,
) -> Iterator[list[bytes] | _Sorted]:
    """The canonical lines of a small document, or a large one sorted into files that last as long as this context."""
    found = choose_format(source, format)
    number = processes_to_use(processes)
    if not found.by_line:
        yield canonical_lines(source, found, base)
        return
    stream = open_source(source)
    try:
        texts = _texts_of(source, stream, text_bytes)
        first, second = next(texts, b""), next(texts, None)
        if second is None:
            yield ordered_lines([read_text(_read_piece(first), found, place_of(source), 0)])
            return
        with (
            tempfile.TemporaryDirectory(prefix="triplock-sort-", dir=folder) as runs_folder,
            WorkerPool(number) as pool,  # ends first: nobody writes into a folder that is being taken away
        ):
            runs = _sort_texts(chain((first, second), texts), found, place_of(source), pool, Path(runs_folder))
            del first, second
            yield _Sorted(pool, list(ranges(runs, text_bytes)))
    finally:
        if stream is not source:
            stream.close()


class _Piece(NamedTuple):
    """A text that stands in a file: whoever works on it reads it there, so that it need not go through a pipe."""

    path: str
    start: int
    length: int


def _texts_of(source: Source, stream: BinaryIO, size: int) -> Iterator[bytes | _Piece]:
    """The document in texts of some `size` bytes that end where a line does, or where they stand in its file."""
    if not isinstance(source, (str, os.PathLike)) or not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        yield from texts_of(stream, size)
        return
    path, at, end = str(Path(source).absolute()), stream.tell(), os.fstat(stream.fileno()).st_size
    while at < end:
        stream.seek(min(at + size, end) - 1)
        stream.readline()
        until = min(stream.tell(), end)
        yield _Piece(path, at, until - at)
        at = until


def _read_piece(text: bytes | _Piece) -> bytes:
    if isinstance(text, bytes):
        return text
    with Path(text.path).open("rb") as stream:
        stream.seek(text.start)
        return stream.read(text.length)


class _SortedText(NamedTuple):
    """A text whose ground statements stand in a run; those with blank nodes are still to be named."""

    run: Run
    linked: list[Statement]
    lines: int


def _sort_texts(
    texts: Iterable[bytes | _Piece], format: Format, place: str, pool: WorkerPool, folder: Path
) -> list[Run]:
    """The runs of all texts, and one of the statements with blank nodes."""
    runs: list[Run] = []
    linked: list[Statement] = []
    before = 0
    tasks = ((text, (text, format.extension, str(folder / str(number)))) for number, text in enumerate(texts))
    for text, made in pool.pairs(_sort_text, tasks):
        if made is None:  # said here, where it is known how many lines stand before
            rest = separate(_read_piece(text), graph_name=format.named_graphs).rest
            _check_written(parse_text(rest, format, place, before))
            raise AssertionError("a worker refused a text that is accepted here")
        runs.append(made.run)
        linked += made.linked
        before += made.lines
    if linked:
        runs.append(write_run(named(linked), folder / "linked"))
    return runs


def _sort_text(text: bytes | _Piece, extension: str, path: str) -> _SortedText | None:
    """What a worker does with a text; None where something in it is refused."""
    format = find_format(extension)
    content = _read_piece(text)
    lines = content.count(b"\n")
    ground, rest = separate(content, graph_name=format.named_graphs)
    del content
    try:
        parsed = parse_text(rest, format, "", 0)
        _check_written(parsed)
    except InputRefused:
        return None
    return _SortedText(write_run(ground + parsed.lines, path), parsed.linked, lines)


def _check_written(parsed: Batch) -> None:
    """Raises NotCanonical unless what was parsed and written again follows the format's grammar."""
    for line in parsed.lines:
        check_canonical(line)
    for statement in parsed.linked:
        any_names = ("_:c14n0" if term.startswith("_:") else term for term in statement)
        check_canonical(join(cast("Statement", tuple(any_names))).encode())


class _Part(NamedTuple):
    """A range of the order, cut; its text where it was asked for, and a line of it that no block can hold."""

    stretch: Stretch
    text: bytes
    too_long: bytes


def _cut_range(wanted: Range, with_text: bool) -> _Part:
    """What a worker does with a range."""
    lines = read_range(wanted)
    if too_long := _too_long(lines):
        return _Part(Stretch(b"", [], b""), b"", too_long)
    return _Part(cut_stretch(lines), text_of(lines) if with_text else b"", b"")


def _text_of_range(wanted: Range) -> _Part:
    """What a worker does with a range whose lines alone are wanted."""
    lines = read_range(wanted)
    return _Part(Stretch(b"", [], b""), text_of(lines), _too_long(lines))


def _too_long(lines: Sequence[bytes]) -> bytes:
    if max(map(len, lines), default=0) <= MAX_LINE_BYTES:
        return b""
    return next(line for line in lines if len(line) > MAX_LINE_BYTES)
