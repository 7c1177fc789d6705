"""A version's lines as something that can be asked by subject, without loading them into a store."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from pyoxigraph import Literal, NamedNode, Quad

from anchoring.proofs.line_index import LineIndex
from anchoring.rdf.nquads import parse_line
from kg.stores.protocol import Node

MOST_OF_SUBJECT = 10_000
"""Lines of one subject that are looked at; a hostile version has as many as it likes."""


class VersionLines:
    """What `match` of a store gives, read out of a version's blocks; the subject must be named."""

    def __init__(self, index: LineIndex) -> None:
        self._index = index

    def match(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        value: Node | Literal | None = None,
        graph: Node | None = None,
    ) -> Iterator[Quad]:
        """The quads of `subject` that fit; None fits everything. Raises ValueError without a subject."""
        if subject is None:
            raise ValueError("a version is asked by subject")
        for line in islice(self._index.beginning(f"{subject} ".encode()), MOST_OF_SUBJECT):
            quad = parse_line(line)
            if all(
                wanted is None or found == wanted
                for wanted, found in ((predicate, quad.predicate), (value, quad.object), (graph, quad.graph_name))
            ):
                yield quad
