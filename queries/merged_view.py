"""A graph in which things that were merged are one: aliases replaced by their canonical IRI, in a copy.

The default graph of the view has the canonical IRI wherever a statement has an alias; named graphs are as they were,
so GRAPH still shows what each source said. Only merges that triplock made count (kg.claims.resolution): an imported
file that says `owl:sameAs` says it in a claim, and changes nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

import pyoxigraph
from pyoxigraph import DefaultGraph, NamedNode, Quad

from kg.claims import vocabulary as v
from kg.claims.resolution import is_merge, is_resolution

Term = TypeVar("Term")


def merged_view(store: pyoxigraph.Store, *, union: bool) -> pyoxigraph.Store:
    """The view of a store; its default graph is the store's, or with `union` the union of all its graphs."""
    canonical = dict(_merges(store))

    def quads() -> Iterator[Quad]:
        for quad in store:
            default = isinstance(quad.graph_name, DefaultGraph)
            if not default:
                yield quad
            if default or union:
                subject, value = _replaced(quad.subject, canonical), _replaced(quad.object, canonical)
                if not (quad.predicate == v.SAME_AS and subject == value):
                    yield Quad(subject, quad.predicate, value)

    view = pyoxigraph.Store()
    view.bulk_extend(quads())
    return view


def _replaced(term: Term, canonical: Mapping[NamedNode, NamedNode]) -> Term | NamedNode:
    return canonical.get(term, term) if isinstance(term, NamedNode) else term


def _merges(store: pyoxigraph.Store) -> Iterator[tuple[NamedNode, NamedNode]]:
    for quad in store.quads_for_pattern(None, v.SAME_AS, None, None):
        alias, canonical, claim = quad.subject, quad.object, quad.graph_name
        if not (isinstance(alias, NamedNode) and isinstance(canonical, NamedNode) and isinstance(claim, NamedNode)):
            continue
        if is_merge(claim.value) and any(
            made.object == made.graph_name and isinstance(made.object, NamedNode) and is_resolution(made.object.value)
            for made in store.quads_for_pattern(claim, v.GENERATED_BY, None, None)
        ):
            yield alias, canonical
