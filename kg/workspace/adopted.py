"""From an adopted claim to who said it first: the version it was taken from, and what that one says of it.

A graph may itself have taken the claim over, so there are as many steps as hands it went through. All that is told
here but the first version is the foreign graphs' own word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from anchoring.encoding.cid import Cid
from kg.claims import vocabulary as v
from kg.stores.evidence import is_adoption
from kg.workspace.provenance import node_of, parameters_of, text_of, value_of

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

MOST_HANDS = 32
"""Graphs that a claim is followed through."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """One step: the version it was taken from, and the claim there with what that graph says of it.

    `manifest` is the version's manifest (`ipfs://…`), `publisher` a DID; `used` is what the foreign activity read.
    """

    graph: str
    version: str
    head: str
    manifest: str
    publisher: str
    licence: str
    claim: str
    trust: str
    confidence: str
    activity: str
    kind: str
    agent: str
    parameters: tuple[tuple[str, str], ...]
    used: str


def hands_of(workspace: Workspace, claim: NamedNode, activity: NamedNode) -> tuple[Adopted, ...]:
    """The steps from a claim that `activity` took over back to who made it; none where it was made here."""
    if not is_adoption(activity.value):
        return ()
    store, steps = workspace.store, list[Adopted]()
    at: NamedNode | None = activity
    name: NamedNode | None = claim
    seen: set[NamedNode] = set()
    while at is not None and at not in seen and len(steps) < MOST_HANDS:
        seen.add(at)
        manifest = node_of(store, at, v.USED, activity)
        where = activity
        if at == activity and manifest is not None:
            where = workspace.mint.of_document_itself(Cid.parse(manifest.value))
        if value_of(store, manifest, v.GRAPH, where) is None:
            break
        name = node_of(store, name, v.GRAPH_NAME, activity)
        at = node_of(store, at, v.INFORMED_BY, activity)
        agent = node_of(store, at, v.ASSOCIATED_WITH, activity)
        steps.append(
            Adopted(
                graph=text_of(value_of(store, manifest, v.GRAPH, where)),
                version=text_of(value_of(store, manifest, v.VERSION, where)),
                head=text_of(value_of(store, manifest, v.HEAD, where)),
                manifest=text_of(manifest),
                publisher=text_of(value_of(store, manifest, v.ATTRIBUTED_TO, where)),
                licence=text_of(value_of(store, manifest, v.LICENCE, where)),
                claim=text_of(name),
                trust=text_of(value_of(store, at, v.TRUST, activity)),
                confidence=text_of(value_of(store, name, v.CONFIDENCE, activity)),
                activity=text_of(at),
                kind=text_of(value_of(store, at, v.LABEL, activity)),
                agent=text_of(value_of(store, agent, v.LABEL, activity)),
                parameters=parameters_of(store.match(subject=agent, graph=activity) if agent else ()),
                used=text_of(node_of(store, at, v.USED, activity)),
            )
        )
    return tuple(steps)
