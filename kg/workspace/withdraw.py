"""Taking claims back: a claim's graph and the statements about it go, and nothing else.

What is withdrawn is written into the ledger with the reason, so that reading the source again does not bring it back.
Published versions stay as they are, and so do proofs against them; the next version is without it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad

from anchoring.encoding.cid import BadCid, Cid
from kg.claims import vocabulary as v
from kg.claims.iris import bare
from kg.claims.resolution import is_merge
from kg.errors import NoSuchStatement
from kg.stores.evidence import is_adoption
from kg.stores.protocol import QuadStore
from kg.workspace.merging import find_merge, undo, update_merges
from kg.workspace.provenance import activities_of, activities_using, claims_of, derived_from, node_of

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace


def withdraw(workspace: Workspace, target: str, reason: str) -> int:
    """Withdraw a source (its CID or path, or the folder of a clone) or a claim (its IRI); how many quads went.

    Merges that rested on it go, too; a merge that is withdrawn itself is undone.
    Raises NoSuchStatement when the graph knows neither.
    """
    with workspace.changing():
        if cids := sources_named(workspace, target):
            count = sum(withdraw_source(workspace, cid, reason) for cid in cids)
        elif is_merge(bare(target)):
            before = len(workspace.store)
            undo(workspace, find_merge(workspace, target), reason)
            return before - len(workspace.store)
        else:
            count = withdraw_claim(workspace, target, reason)
        update_merges(workspace)
        return count


def sources_named(workspace: Workspace, target: str) -> list[str]:
    """The source with this CID, or those read from this path: of a clone, the versions that were adopted from.

    With a document go the former contents of its file, whose claims stand for passages of it.
    """
    try:
        cid = str(Cid.parse(target))
    except BadCid:
        return [record.cid for record in workspace.sources.at(str(Path(target).resolve()))]
    record = workspace.sources.get(cid)
    if record is None:
        return []
    formers = [r.cid for r in workspace.sources.at(record.path) if r.state == "revised" and r.cid != cid]
    return [cid, *(formers if record.state != "revised" else ())]


def withdraw_source(workspace: Workspace, cid: str, reason: str) -> int:
    """Withdraw all that a document gave, and remember why. The caller holds the workspace's lock."""
    count = remove_source(workspace, cid)
    workspace.sources.withdraw(cid, reason)
    return count


def remove_source(workspace: Workspace, cid: str) -> int:
    """Take what a document gave out of the graph, without a word on whether it may come back.

    The ledger forgets first that it was read, so after a crash half-way both reading it and withdrawing it go on.
    """
    store, parsed = workspace.store, Cid.parse(cid)
    workspace.sources.forget(cid)
    resting = workspace.sources.chunks_resting_on(cid)
    for source in sorted({chunk.source for chunk in resting}):
        workspace.sources.set_state(source, "partly")
    workspace.sources.drop_chunks(resting)
    gone = set(store.match(graph=workspace.mint.of_document_itself(parsed)))
    for activity in activities_using(store, parsed):
        gone.update(_activity(store, activity))
    derived: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for claim, activity in derived_from(store, parsed):
        derived[activity].add(claim)
    for activity, claims in derived.items():
        gone.update(_claims(store, claims, activity))
    count = _remove(workspace, gone)
    workspace.sources.set_state(cid, "withdrawn")
    return count


def withdraw_claim(workspace: Workspace, claim: str, reason: str) -> int:
    """Withdraw one claim. The caller holds the workspace's lock."""
    store = workspace.store
    try:
        iri = NamedNode(bare(claim))
    except ValueError:
        activities = []
    else:
        activities = list(activities_of(store, iri))
    if not activities:
        raise NoSuchStatement(
            f"{claim[:200]!r} is no source and no claim of this graph",
            remedy="give a document's CID or path, or a claim's IRI as `triplock why` prints it",
        )
    gone = {quad for activity in activities for quad in _claims(store, {iri}, activity)}
    # Written down first: an ingest after a crash must not bring it back.
    workspace.sources.withdraw(iri.value, reason)
    return _remove(workspace, gone)


def remove_claims(workspace: Workspace, claims: Mapping[NamedNode, set[NamedNode]]) -> int:
    """Take claims, by the activity that made them, out of the graph; how many quads went. They may come back."""
    store = workspace.store
    return _remove(workspace, {quad for activity, some in claims.items() for quad in _claims(store, some, activity)})


def _claims(store: QuadStore, claims: set[NamedNode], activity: NamedNode) -> Iterator[Quad]:
    """These claims of an activity and what its graph says of them; all of the activity where it made no others."""
    if not set(claims_of(store, activity)) - claims:
        yield from _activity(store, activity)
        return
    foreign = (node_of(store, claim, v.GRAPH_NAME, activity) for claim in claims)
    ours = claims | ({name for name in foreign if name} if is_adoption(activity.value) else set())
    for claim in claims:
        yield from store.match(graph=claim)
        for quad in store.match(subject=claim, graph=activity):
            yield quad
            if quad.predicate == v.GRAPH_NAME and is_adoption(activity.value) and isinstance(quad.object, NamedNode):
                yield from store.match(subject=quad.object, graph=activity)
            if quad.predicate == v.DERIVED_FROM and isinstance(quad.object, NamedNode):
                span = quad.object
                if all(q.subject in ours for q in store.match(None, v.DERIVED_FROM, span, activity)):
                    yield from store.match(subject=span, graph=activity)


def _activity(store: QuadStore, activity: NamedNode) -> Iterator[Quad]:
    """All claims of an activity, and its graph."""
    for claim in claims_of(store, activity):
        yield from store.match(graph=claim)
    yield from store.match(graph=activity)


def _agents(store: QuadStore, gone: set[Quad]) -> Iterator[Quad]:
    """What is said of agents of which no activity is left."""
    for agent in {quad.object for quad in gone if quad.predicate == v.ASSOCIATED_WITH}:
        if isinstance(agent, NamedNode):
            users = (q for q in store.match(predicate=v.ASSOCIATED_WITH, value=agent) if q.subject == q.graph_name)
            if all(quad in gone for quad in users):
                yield from store.match(subject=agent, graph=agent)


def _remove(workspace: Workspace, gone: set[Quad]) -> int:
    """Take the quads out of the graph, and the agents that only they speak of; how many that were."""
    gone |= set(_agents(workspace.store, gone))
    workspace.store.apply([], list(gone), workspace.store.generation)
    return len(gone)
