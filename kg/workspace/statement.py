"""A statement as a person types it: one line of N-Triples or N-Quads."""

from __future__ import annotations

from typing import TypeAlias

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse

from anchoring.errors import InputRefused

Pattern: TypeAlias = tuple[NamedNode, NamedNode, NamedNode | Literal, NamedNode | None]


class BadStatement(InputRefused):
    """The text is no single statement."""

    code = "bad-statement"


def parse_statement(text: str) -> Pattern:
    """Subject, predicate, object and graph of one line; None as graph when the line names none.

    A missing final dot is forgiven. Raises BadStatement.

    >>> parse_statement('<http://a.example/s> <http://a.example/p> "x"')[3] is None
    True
    """
    line = text.strip()
    try:
        quads: list[Quad] = list(parse(line if line.endswith(".") else f"{line} .", RdfFormat.N_QUADS))
    except (SyntaxError, ValueError) as error:
        raise _bad(text, str(error)) from None
    if len(quads) != 1:
        raise _bad(text, f"it holds {len(quads)} statements")
    quad = quads[0]
    if not (isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal)):
        raise _bad(text, "it has a blank node or a triple term, which a statement of a graph cannot be asked by")
    graph = quad.graph_name
    if not isinstance(graph, NamedNode | DefaultGraph):
        raise _bad(text, "its graph is a blank node")
    return quad.subject, quad.predicate, quad.object, graph if isinstance(graph, NamedNode) else None


def _bad(text: str, reason: str) -> BadStatement:
    return BadStatement(
        f"{text[:300]!r} is no statement: {reason}",
        remedy='write one line of N-Quads: <subject> <predicate> "object" <graph> .',
    )
