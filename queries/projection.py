"""The part of a graph that a query may see: claims of the trust and confidence that were asked for.

A filtered query runs on a copy in memory: the default graph is the union of the admitted claims, named graphs are the
admitted claims and every graph that is no claim, so the evidence stays in reach of GRAPH. Claims that are not admitted
are not in the copy at all. Naming the admitted graphs as the query's dataset instead is far slower, because each
pattern then looks into each graph. docs/decisions/0027-trust-filter-by-projection.md
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal

import pyoxigraph
from pyoxigraph import Quad

from kg.stores.evidence import evidence


def project(store: pyoxigraph.Store, trust: Collection[str] | None, min_confidence: Decimal | None) -> pyoxigraph.Store:
    """The admitted part of a store, in memory; its default graph is the union of admitted claims."""
    admitted: set[object] = set()
    withheld: set[object] = set()
    for claim, found in evidence(lambda predicate: store.quads_for_pattern(None, predicate, None, None)):
        (admitted if found.meets(trust, min_confidence) else withheld).add(claim)
    withheld -= admitted

    def part() -> Iterator[Quad]:
        for quad in store:
            graph = quad.graph_name
            if graph in admitted:
                yield Quad(quad.subject, quad.predicate, quad.object)
            if graph not in withheld and not isinstance(graph, pyoxigraph.DefaultGraph):
                yield quad

    projection = pyoxigraph.Store()
    projection.bulk_extend(part())
    return projection
