"""From any RDF dataset to its canonical lines: what is cut into blocks, hashed and anchored.

The lines are those of RDFC-1.0 (https://www.w3.org/TR/rdf-canon/): sorted by bytes, unique, blank nodes renamed.
RDFC-1.0 looks only at quads with blank nodes. So the others are checked, sorted and made unique, and no more:
N-Quads lines that are canonical already are taken as they stand, without being parsed.

What such a line holds is checked against the canonical grammar (`anchoring.rdf.nquads`); every other line goes
through the parser, which also checks IRIs against RFC 3987.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple, cast

import pyoxigraph as ox

from anchoring.rdf.formats import Format
from anchoring.rdf.ground_lines import separate
from anchoring.rdf.lines import MAX_LINE_BYTES, LineTooLong
from anchoring.rdf.nquads import Statement, join, write_statement
from anchoring.rdf.rdf_input import Source, choose_format, open_source, parse_lines, place_of, read_quads
from anchoring.rdf.rdfc10 import HashName, issue_names

_BYTES_A_TIME = 4 * 1024 * 1024


def canonical_lines(
    source: Source | Iterable[ox.Quad],
    format: str | Format | None = None,
    base: str | None = None,
    *,
    hash_name: HashName = "sha256",
) -> list[bytes]:
    r"""The canonical lines of a dataset, without line feeds, strictly increasing by bytes.

    `source` is a path, the bytes of a document, a binary stream, or quads; `format` and `base` are for documents.
    `hash_name` is the hash inside RDFC-1.0; version format 1 knows only sha256.
    Raises PoisonedGraph, LineTooLong, NotRdf11 and what `read_quads` raises.

    >>> canonical_lines(b"_:b <http://example.org/p> 'x' . _:b <http://example.org/p> _:b .", "ttl")
    [b'_:c14n0 <http://example.org/p> "x" .', b'_:c14n0 <http://example.org/p> _:c14n0 .']
    """
    return ordered_lines(_batches(source, format, base), hash_name)


def canonicalize(
    source: Source | Iterable[ox.Quad], format: str | Format | None = None, base: str | None = None
) -> bytes:
    """The canonical document: `canonical_lines`, each with its line feed."""
    return b"".join(line + b"\n" for line in canonical_lines(source, format, base))


class Batch(NamedTuple):
    """Some statements of a dataset: canonical lines without blank nodes, and the statements with blank nodes."""

    lines: list[bytes]
    linked: list[Statement]


def ordered_lines(batches: Iterable[Batch], hash_name: HashName = "sha256") -> list[bytes]:
    """The canonical lines of a dataset that comes in batches; raises PoisonedGraph and LineTooLong."""
    lines: list[bytes] = []
    linked: list[Statement] = []
    for batch in batches:
        lines += batch.lines
        linked += batch.linked
    lines += named(linked, hash_name)
    lines.sort()
    return _unique(lines)


def batch_of(quads: Iterable[ox.Quad]) -> Batch:
    """The statements, written canonically but for the names of blank nodes; raises NotRdf11."""
    batch = Batch([], [])
    for quad in quads:
        statement = subject, _, object_, graph = write_statement(quad)
        if subject.startswith("_:") or object_.startswith("_:") or graph.startswith("_:"):
            batch.linked.append(statement)
        else:
            batch.lines.append(join(statement).encode())
    return batch


def named(linked: list[Statement], hash_name: HashName = "sha256") -> list[bytes]:
    """The lines of a dataset's statements with blank nodes, under their canonical names; raises PoisonedGraph."""
    if not linked:
        return []
    name = issue_names(linked, hash_name).names.get
    return [join((name(s, s), p, name(o, o), name(g, g))).encode() for s, p, o, g in linked]


def texts_of(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """The stream in texts of some `size` bytes that end where a line does."""
    while text := stream.read(size):
        yield text if text.endswith(b"\n") else text + stream.readline()


def read_text(text: bytes, format: Format, place: str, lines_before: int) -> Batch:
    """The statements of a stretch of N-Quads or N-Triples that begins after `lines_before` lines of `place`.

    Lines that are canonical and have no blank node are taken as they stand; raises what `parse_lines` raises.
    """
    ground, rest = separate(text, graph_name=format.named_graphs)
    parsed = parse_text(rest, format, place, lines_before)
    return Batch(ground + parsed.lines, parsed.linked)


def parse_text(text: bytes, format: Format, place: str, lines_before: int) -> Batch:
    """Like `read_text`, with every line parsed."""
    return batch_of(parse_lines(text, format, place, lines_before)) if text.strip(b"\n") else Batch([], [])


def _batches(source: Source | Iterable[ox.Quad], format: str | Format | None, base: str | None) -> Iterator[Batch]:
    if not isinstance(source, (bytes, str, os.PathLike)) and not hasattr(source, "read"):
        yield batch_of(source)
        return
    document = cast("Source", source)
    found = choose_format(document, format)
    if not found.by_line:
        yield batch_of(read_quads(document, found, base))
        return
    stream = open_source(document)
    before = 0
    try:
        for text in texts_of(stream, _BYTES_A_TIME):
            yield read_text(text, found, place_of(document), before)
            before += text.count(b"\n")
    finally:
        if stream is not document:
            stream.close()


def statement_too_long(line: bytes) -> LineTooLong:
    """The error of a statement that no block can hold."""
    return LineTooLong(
        f"the statement {line[:120]!r}... has {len(line)} bytes, more than {MAX_LINE_BYTES}",
        remedy="put the long value into a file of its own and state its CID",
    )


def _unique(ordered: list[bytes]) -> list[bytes]:
    """Without the repetitions, in place of the list given; raises LineTooLong."""
    kept = 0
    previous = b""
    for line in ordered:
        if line != previous:
            if len(line) > MAX_LINE_BYTES:
                raise statement_too_long(line)
            ordered[kept] = previous = line
            kept += 1
    del ordered[kept:]
    return ordered
