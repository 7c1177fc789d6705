"""From lines to nodes and relationships and back: the pure part of the Neo4j store.

    subject and object resources        (:Resource {kg, iri}), in graphs of provenance (:Provenance {kg, iri})
    s rdf:type C                        label C on s, exact statement in s.terms
    s p "literal"                       property p on s (kg.stores.neo4j.values), exact statement in s.terms
    s p o                               one (s)-[:P {kg, predicate, claims, trusts, confidences}]->(o)
    graph g that says something of s    (:Claim {kg, iri: g})-[:CLAIMS]->(s)

`terms` holds `predicate object graph` in N-Quads syntax; `claims` holds graph IRIs, "" for the default graph; `trusts`
and `confidences` run parallel to it. Which node a statement goes to depends on that statement alone, so changes can
come in any order. docs/decisions/0025-neo4j-mapping.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pyoxigraph import Literal

from kg.claims.vocabulary import TYPE
from kg.stores.evidence import is_provenance
from kg.stores.lines import Parts, join, quads_of, split
from kg.stores.neo4j.values import Property, property_of
from ontology.neo4j_names import NameKind, NeoNames

RESOURCE, PROVENANCE = "Resource", "Provenance"
_LONGEST_KEY = 2_000
_TYPE = str(TYPE)


class NodeKey(NamedTuple):
    """A node: `layer` is Resource or Provenance, `iri` without angle brackets."""

    layer: str
    iri: str


class EdgeKey(NamedTuple):
    """A relationship: the statement without its graphs."""

    layer: str
    subject: str
    predicate: str
    value: str


@dataclass(slots=True)
class Delta:
    """What lines do to nodes and relationships: texts for `terms`, graphs for `claims`."""

    terms: dict[NodeKey, set[str]] = field(default_factory=dict)
    graphs: dict[EdgeKey, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[bytes]) -> Delta:
        """Sort lines to their nodes and relationships."""
        delta = cls()
        for line in lines:
            s, p, value, g = split(line)
            layer = PROVENANCE if is_provenance(g[1:-1]) else RESOURCE
            if value.startswith('"') or p == _TYPE:
                text = f"{p} {value} {g}" if g else f"{p} {value}"
                delta.terms.setdefault(NodeKey(layer, s[1:-1]), set()).add(text)
            else:
                key = EdgeKey(layer, s[1:-1], p[1:-1], value[1:-1])
                delta.graphs.setdefault(key, set()).add(g[1:-1])
        return delta


def term_lines(key: NodeKey, terms: Iterable[str]) -> Iterator[bytes]:
    """The lines that a node's `terms` stand for."""
    return (f"<{key.iri}> {text} .".encode() for text in terms)


def edge_lines(key: EdgeKey, graphs: Iterable[str]) -> Iterator[bytes]:
    """The lines that a relationship's `claims` stand for."""
    _, s, p, o = key
    return (join(f"<{s}>", f"<{p}>", f"<{o}>", g and f"<{g}>") for g in graphs)


def parts_of(text: str) -> Parts:
    """One text of `terms`, taken apart; the subject is a placeholder."""
    return split(f"<x:> {text} .".encode())


def index_key(iri: str) -> str:
    """What the unique index holds: the IRI, or for one too long to index a digest with spaces, which no IRI has."""
    encoded = iri.encode()
    return iri if len(encoded) <= _LONGEST_KEY else f"long sha256 {hashlib.sha256(encoded).hexdigest()}"


def node_properties(kg: str, key: NodeKey, terms: set[str], names: NeoNames) -> dict[str, Property]:
    """All properties of a node with these terms."""
    properties: dict[str, Property] = {"kg": kg, "iri": index_key(key.iri)}
    if properties["iri"] != key.iri:
        properties["longIri"] = key.iri
    if not terms:
        return properties
    ordered = sorted(terms)
    properties["terms"] = list(ordered)
    literals: dict[str, list[Literal]] = {}
    for quad in quads_of(term_lines(key, ordered)):
        if isinstance(quad.object, Literal):
            literals.setdefault(quad.predicate.value, []).append(quad.object)
    for predicate in sorted(literals):
        properties[names.name(predicate, NameKind.PROPERTY)] = property_of(literals[predicate])
    return properties


def labels(terms: Iterable[str], names: NeoNames) -> list[str]:
    """The labels of a node with these terms: one a class."""
    classes = {parts_of(text).value[1:-1] for text in terms if text.startswith(f"{_TYPE} <")}
    return sorted(names.name(iri, NameKind.LABEL) for iri in classes)
