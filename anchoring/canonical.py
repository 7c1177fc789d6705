"""From any RDF dataset to its canonical lines: what is cut into blocks, hashed and anchored.

The lines are those of RDFC-1.0 (https://www.w3.org/TR/rdf-canon/): sorted by bytes, unique, blank nodes renamed.
RDFC-1.0 looks only at quads with blank nodes. So the others are checked, sorted and made unique, and no more:
N-Quads lines that are canonical already are taken as they stand, without being parsed.

What such a line holds is checked against the canonical grammar (`anchoring.nquads`); every other line goes
through the parser, which also checks IRIs against RFC 3987.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import cast

import pyoxigraph as ox

from anchoring.formats import Format
from anchoring.lines import MAX_LINE_BYTES, LineTooLong
from anchoring.nquads import Statement, is_ground_canonical, join, write_statement
from anchoring.rdf_input import Source, choose_format, open_source, parse_lines, place_of, read_quads
from anchoring.rdfc10 import HashName, issue_names

_LINES_A_TIME = 20_000


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
    lines: list[bytes] = []
    linked: list[Statement] = []
    for item in _items(source, format, base):
        if isinstance(item, bytes):
            lines.append(item)
            continue
        statement = write_statement(item)
        if _has_blank_node(statement):
            linked.append(statement)
        else:
            lines.append(join(statement).encode())
    if linked:
        names = issue_names(linked, hash_name).names
        lines += [join((names.get(s, s), p, names.get(o, o), names.get(g, g))).encode() for s, p, o, g in linked]
    lines.sort()
    return _unique(lines)


def canonicalize(
    source: Source | Iterable[ox.Quad], format: str | Format | None = None, base: str | None = None
) -> bytes:
    """The canonical document: `canonical_lines`, each with its line feed."""
    return b"".join(line + b"\n" for line in canonical_lines(source, format, base))


def _has_blank_node(statement: Statement) -> bool:
    subject, _, object_, graph = statement
    return subject.startswith("_:") or object_.startswith("_:") or graph.startswith("_:")


def _items(
    source: Source | Iterable[ox.Quad], format: str | Format | None, base: str | None
) -> Iterator[ox.Quad | bytes]:
    """Quads, and the lines that are canonical as they stand."""
    if not isinstance(source, (bytes, str, os.PathLike)) and not hasattr(source, "read"):
        return iter(source)
    document = cast("Source", source)
    found = choose_format(document, format)
    return _line_items(document, found) if found.by_line else read_quads(document, found, base)


def _line_items(source: Source, format: Format) -> Iterator[ox.Quad | bytes]:
    stream = open_source(source)
    place = place_of(source)
    before = 0
    try:
        while lines := list(islice(stream, _LINES_A_TIME)):
            for i, line in enumerate(lines):
                bare = line[:-1] if line.endswith(b"\n") else line
                if is_ground_canonical(bare, graph_name=format.named_graphs):
                    lines[i] = b"\n"
                    yield bare
            # what is left keeps its line number, since the lines taken out leave empty ones
            yield from parse_lines(b"".join(lines), format, place, before)
            before += len(lines)
    finally:
        if stream is not source:
            stream.close()


def _unique(ordered: list[bytes]) -> list[bytes]:
    """Without the repetitions, in place of the list given; raises LineTooLong."""
    kept = 0
    previous = b""
    for line in ordered:
        if line != previous:
            if len(line) > MAX_LINE_BYTES:
                raise LineTooLong(
                    f"the statement {line[:120]!r}... has {len(line)} bytes, more than {MAX_LINE_BYTES}",
                    remedy="put the long value into a file of its own and state its CID",
                )
            ordered[kept] = previous = line
            kept += 1
    del ordered[kept:]
    return ordered
