"""What the graph names: each thing with its names, types and the identifiers beside it, for entity resolution.

Read from claims alone, never from merges, so that what is resolved does not depend on what was resolved before.
Contents of one file at different times count as one document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from extractors.chain import terms as chain_terms
from extractors.entities.abbreviations import definitions
from extractors.entities.identifiers import chain_of, identify
from extractors.entities.model import Definition, Mention
from kg.claims import vocabulary as v
from kg.claims.iris import read_span
from kg.claims.resolution import is_resolution
from kg.stores.evidence import is_activity
from kg.stores.protocol import QuadStore

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

NAMING = (
    v.LABEL,
    v.TITLE,
    chain_terms.NAME,
    chain_terms.SYMBOL,
    NamedNode(v.SKOS + "prefLabel"),
    NamedNode(v.SKOS + "altLabel"),
    NamedNode("http://xmlns.com/foaf/0.1/name"),
    NamedNode("http://schema.org/name"),
    NamedNode("https://schema.org/name"),
)
"""The predicates whose values are names."""


@dataclass(slots=True)
class Names:
    """The mentions of a graph, the short forms its quotes define, and for each thing the first claim that names it.

    `activity` gives the activity of a claim.
    """

    mentions: list[Mention] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    claims: dict[str, NamedNode] = field(default_factory=dict)
    activity: dict[NamedNode, NamedNode] = field(default_factory=dict)


def read_names(workspace: Workspace) -> Names:
    """All that the graph of a workspace names."""
    store, minted = workspace.store, f"{workspace.mint.base}entity/"
    activities = dict(_activities(store))
    document = _documents(store, workspace)
    told: dict[tuple[str, str, str], NamedNode] = {}  # (thing, name, document) to the first claim that says it
    for predicate in NAMING:
        for subject, value, claim in _said(store, predicate):
            if claim in activities and isinstance(value, Literal) and _is_thing(subject.value):
                key = (subject.value, value.value, document.get(activities[claim], ""))
                told[key] = min(told.get(key, claim), claim, key=str)
    things = {thing for thing, _, _ in told}
    types = _types(store, activities, things)
    beside = {thing: set(_beside(store, activities, thing)) for thing in things if thing.startswith(minted)}
    chains = _only_chains(told, beside)
    names = Names(activity=activities)
    for (thing, name, source), claim in sorted(told.items(), key=lambda item: item[0]):
        home = not thing.startswith(minted)
        names.mentions.append(
            Mention(
                node=thing,
                text=name,
                source=source,
                types=tuple(sorted(types.get(thing, ()))),
                identifiers=(thing,) if home and identify(thing) else (),
                context=tuple(sorted(beside.get(thing, set()) | chains.get(source, set()))),
                home=home,
            )
        )
        names.claims[thing] = min(names.claims.get(thing, claim), claim, key=str)
    names.definitions = sorted(set(_definitions(store, document)), key=lambda d: (d.source, d.short, d.long))
    return names


def _is_thing(iri: str) -> bool:
    return not iri.startswith("ipfs://")


def _said(store: QuadStore, predicate: NamedNode) -> Iterator[tuple[NamedNode, NamedNode | Literal, NamedNode]]:
    """Subject, object and graph of what is said with a predicate."""
    for quad in store.match(predicate=predicate):
        subject, value, graph = quad.subject, quad.object, quad.graph_name
        if isinstance(subject, NamedNode) and isinstance(graph, NamedNode) and isinstance(value, NamedNode | Literal):
            yield subject, value, graph


def _activities(store: QuadStore) -> Iterator[tuple[NamedNode, NamedNode]]:
    """Each claim with the activity that made it, but for merges."""
    for claim, activity, graph in _said(store, v.GENERATED_BY):
        if activity == graph and is_activity(graph.value) and not is_resolution(graph.value):
            yield claim, graph


def _documents(store: QuadStore, workspace: Workspace) -> dict[NamedNode, str]:
    """The document of each activity: the newest content of its file."""
    later: dict[str, str] = {}
    for newer, older, graph in _said(store, v.REVISION_OF):
        if graph.value == f"{workspace.mint.base}doc/{newer.value.removeprefix('ipfs://')}":
            later[older.value] = min(later.get(older.value, newer.value), newer.value)
    return {activity: _newest(used.value, later) for activity, used, graph in _said(store, v.USED) if activity == graph}


def _newest(document: str, later: Mapping[str, str]) -> str:
    seen = {document}
    while (newer := later.get(document)) is not None and newer not in seen:
        seen.add(newer)
        document = newer
    return document


def _types(store: QuadStore, activities: Mapping[NamedNode, NamedNode], things: set[str]) -> dict[str, set[str]]:
    types: dict[str, set[str]] = defaultdict(set)
    for thing, kind, claim in _said(store, v.TYPE):
        if claim in activities and thing.value in things:
            types[thing.value].add(kind.value)
    return types


def _beside(store: QuadStore, activities: Mapping[NamedNode, NamedNode], thing: str) -> Iterator[str]:
    """The identifiers that claims relate a thing with."""
    node = NamedNode(thing)
    for quad in (*store.match(subject=node), *store.match(value=node)):
        other = quad.object if quad.subject == node else quad.subject
        if quad.graph_name in activities and isinstance(other, NamedNode) and identify(other.value):
            yield other.value


def _only_chains(told: Mapping[tuple[str, str, str], NamedNode], beside: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The chain of each document that speaks of one chain only."""
    chains: dict[str, set[str]] = defaultdict(set)
    for thing, _, source in told:
        for iri in (thing, *beside.get(thing, ())):
            identifier = identify(iri)
            if identifier is not None and (chain := chain_of(identifier)):
                chains[source].add(chain)
    return {source: found for source, found in chains.items() if len(found) == 1}


def _definitions(store: QuadStore, document: Mapping[NamedNode, str]) -> Iterator[Definition]:
    """The short forms that the quotes of claims define."""
    for span, quote, activity in _said(store, v.EXACT):
        if "(" in quote.value and activity in document and read_span(span.value) is not None:
            yield from definitions(quote.value, document[activity])
