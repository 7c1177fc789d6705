"""Taking claims back: a claim's graph and the statements about it go, and nothing else.

What is withdrawn is written into the ledger with the reason, so that reading the source again does not bring it back.
Published versions stay as they are, and so do proofs against them; the next version is without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad

from anchoring.cid import BadCid, Cid
from kg.claims import vocabulary as v
from kg.claims.iris import document
from kg.errors import NoSuchStatement
from kg.stores.protocol import QuadStore

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace


def withdraw(workspace: Workspace, target: str, reason: str) -> int:
    """Withdraw a source (its CID or path) or a claim (its IRI); how many quads went.

    Raises NoSuchStatement when the graph knows neither.
    """
    with workspace.changing():
        if cid := _source(workspace, target):
            return withdraw_source(workspace, cid, reason)
        return withdraw_claim(workspace, target, reason)


def _source(workspace: Workspace, target: str) -> str | None:
    try:
        cid = str(Cid.parse(target))
    except BadCid:
        at_path = workspace.sources.at(str(Path(target).resolve()))
        return at_path[0].cid if at_path else None
    return cid if workspace.sources.get(cid) else None


def withdraw_source(workspace: Workspace, cid: str, reason: str) -> int:
    """Withdraw all that a document gave. The caller holds the workspace's lock."""
    graph = workspace.mint.of_document_itself(Cid.parse(cid))
    gone = set(workspace.store.match(graph=graph))
    for used in workspace.store.match(predicate=v.USED, value=document(Cid.parse(cid))):
        gone.update(_activity(workspace.store, _named(used.subject)))
    for derived in workspace.store.match(predicate=v.DERIVED_FROM, value=document(Cid.parse(cid))):
        gone.update(workspace.store.match(graph=_named(derived.subject)))
        gone.update(workspace.store.match(subject=_named(derived.subject), graph=_named(derived.graph_name)))
    _remove(workspace, gone)
    workspace.sources.withdraw(cid, reason)
    workspace.sources.set_state(cid, "withdrawn")
    return len(gone)


def withdraw_claim(workspace: Workspace, claim: str, reason: str) -> int:
    """Withdraw one claim. The caller holds the workspace's lock."""
    store = workspace.store
    try:
        iri = NamedNode(claim.strip("<>"))
    except ValueError:
        made = []
    else:
        made = list(store.match(subject=iri, predicate=v.GENERATED_BY))
    if not made:
        raise NoSuchStatement(
            f"{claim[:200]!r} is no source and no claim of this graph",
            remedy="give a document's CID or path, or a claim's IRI as `triplock why` prints it",
        )
    gone = set(store.match(graph=iri))
    for quad in made:
        activity = _named(quad.object)
        others = [q for q in store.match(predicate=v.GENERATED_BY, value=activity) if q.subject != iri]
        gone.update(_activity(store, activity) if not others else _statements_about(store, iri, activity))
    _remove(workspace, gone)
    workspace.sources.withdraw(iri.value, reason)
    return len(gone)


def _statements_about(store: QuadStore, claim: NamedNode, activity: NamedNode) -> Iterator[Quad]:
    """What an activity's graph says of one claim, and of its span where no other claim has the same."""
    for quad in store.match(subject=claim, graph=activity):
        yield quad
        if quad.predicate == v.DERIVED_FROM:
            span = _named(quad.object)
            shared = any(q.subject != claim for q in store.match(None, v.DERIVED_FROM, span, activity))
            if not shared:
                yield from store.match(subject=span, graph=activity)


def _activity(store: QuadStore, activity: NamedNode) -> Iterator[Quad]:
    """All claims of an activity, its graph, and its agent's where no other activity has the same."""
    for made in store.match(predicate=v.GENERATED_BY, value=activity):
        yield from store.match(graph=_named(made.subject))
    yield from store.match(graph=activity)
    for associated in store.match(activity, v.ASSOCIATED_WITH, None, activity):
        agent = _named(associated.object)
        shared = any(q.subject != activity for q in store.match(None, v.ASSOCIATED_WITH, agent))
        if not shared:
            yield from store.match(graph=agent)


def _remove(workspace: Workspace, gone: Iterable[Quad]) -> None:
    workspace.store.apply([], list(gone), workspace.store.generation)


def _named(term: object) -> NamedNode:
    if not isinstance(term, NamedNode):
        raise TypeError(f"{term} is no IRI where provenance has one")
    return term
