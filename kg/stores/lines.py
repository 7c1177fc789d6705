r"""Statements as canonical N-Quads lines, which is how stores keep and compare them.

pyoxigraph writes terms in the canonical form of RDFC-1.0 (https://www.w3.org/TR/rdf-canon/#canonical-quads),
so a line is `str(quad)` and ` .`. Its own store is not lexical: `"1.10"^^xsd:decimal` comes back as `"1.1"`,
`"01"^^xsd:int` as `"1"^^xsd:integer`. That is why lines, and not Oxigraph, hold what is committed to.

>>> from pyoxigraph import Literal, NamedNode, Quad
>>> line = line_of(Quad(NamedNode("x:s"), NamedNode("x:p"), Literal('a "b"\n'), NamedNode("x:g")))
>>> line
b'<x:s> <x:p> "a \\"b\\"\\n" <x:g> .'
>>> split(line).value
'"a \\"b\\"\\n"'
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from pyoxigraph import Quad, RdfFormat, parse

from kg.stores.errors import StatementRefused, StoreCorrupt

MAX_LINE = 1_048_575
"""Bytes of the longest line that a version can hold (docs/format.md)."""

_IRI = r"<[^<>\x22{}|^`\\\x00-\x20]*>"
_LITERAL = r'"[^"\\\n\r]*(?:\\.[^"\\\n\r]*)*"(?:@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*|\^\^' + _IRI + ")?"
_LINE = re.compile(f"({_IRI}) ({_IRI}) ({_IRI}|{_LITERAL})(?: ({_IRI}))? \\.")
_XSD = '"^^<http://www.w3.org/2001/XMLSchema#'


class Parts(NamedTuple):
    """The four terms of a line in N-Triples syntax; `graph` is empty for the default graph."""

    subject: str
    predicate: str
    value: str
    graph: str


def line_of(quad: Quad) -> bytes:
    """The line of a quad; raises StatementRefused for blank nodes, RDF 1.2 terms and lines over `MAX_LINE`."""
    text = f"{quad} ."
    if _LINE.fullmatch(text) is None:
        raise StatementRefused(
            f"a store keeps no statement such as {text[:200]!r}",
            remedy="replace blank nodes by IRIs (import does that), and leave out triple terms and base directions",
        )
    line = text.encode()
    if len(line) > MAX_LINE:
        raise StatementRefused(
            f"a statement of {len(line)} bytes about {quad.subject} is over {MAX_LINE}", remedy="shorten its literal"
        )
    return line


def split(line: bytes) -> Parts:
    """The terms of a line; raises StoreCorrupt if it is none."""
    found = _LINE.fullmatch(line.decode())
    if found is None:
        raise StoreCorrupt(f"{line[:200]!r} is no canonical statement", remedy="restore the store from a backup")
    return Parts(found[1], found[2], found[3], found[4] or "")


def join(subject: str, predicate: str, value: str, graph: str) -> bytes:
    """The inverse of `split`."""
    return f"{subject} {predicate} {value} {graph} .".encode() if graph else f"{subject} {predicate} {value} .".encode()


def quads_of(lines: Iterable[bytes]) -> list[Quad]:
    """The quads of lines, in their order; raises StoreCorrupt if one cannot be read."""
    try:
        return list(parse(b"\n".join(lines), format=RdfFormat.N_QUADS))
    except SyntaxError as error:
        raise StoreCorrupt(f"a stored statement cannot be read: {error}", remedy="restore from a backup") from None


def is_normalised(value: str) -> bool:
    """Whether Oxigraph may give another lexical form back: typed by XML Schema, and not a plain string."""
    return _XSD in value and value.startswith('"')
