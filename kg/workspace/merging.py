"""Entity resolution in a workspace: the merges of the graph are made to be what its claims give, and can be undone.

The merges are a function of the other claims and of what was undone, so a crash, another order of documents or a
second run changes nothing: whatever is in the graph is compared with what should be, and the difference is applied in
one transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pyoxigraph import Literal, NamedNode, Quad

from extractors.entities.model import Apart, Resolution
from extractors.entities.resolve import VERSION, resolve
from kg.claims import vocabulary as v
from kg.claims.iris import bare, short
from kg.claims.model import Agent
from kg.claims.quads import agent_iri
from kg.claims.resolution import KIND, MergeClaim, is_merge, is_resolution, merge_iri, merge_quads
from kg.errors import NoSuchMerge
from kg.jobs.merges import Merges, UndoneMerge
from kg.stores.protocol import QuadStore
from kg.workspace.named import Names, read_names
from kg.workspace.provenance import claims_of, node_of, text_of, value_of

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

AGENT = Agent("triplock-entity-resolution", VERSION)


@dataclass(frozen=True, slots=True)
class KnownMerge:
    """A merge as it stands in the graph; `claim` is its IRI."""

    claim: str
    alias: str
    canonical: str
    rule: str
    key: str
    through: str
    evidence: tuple[str, ...]


Merge = TypeVar("Merge", KnownMerge, UndoneMerge)


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What an update did: merges that stand now, and how many of them came and went."""

    merges: int
    added: int
    withdrawn: int

    def __str__(self) -> str:
        return f"{self.merges} stand, {self.added} new, {self.withdrawn} withdrawn"

    def as_json(self) -> dict[str, int]:
        """A document for `--json`."""
        return {"standing": self.merges, "new": self.added, "withdrawn": self.withdrawn}


def resolution_of(workspace: Workspace) -> tuple[Resolution, Names]:
    """What the rules say of the graph as it is; nothing is changed."""
    names = read_names(workspace)
    apart = [Apart(undone.alias, frozenset(undone.others)) for undone in Merges(workspace.ledger).undone()]
    return resolve(names.mentions, definitions=names.definitions, apart=apart), names


def update_merges(workspace: Workspace, *, again: bool = False) -> MergeReport:
    """Make the graph's merges those that its claims give. The caller holds the workspace's lock.

    A graph that has not moved since is not resolved, unless `again`.
    """
    store, ledger = workspace.store, Merges(workspace.ledger)
    present = set(_present(store))
    if not again and ledger.made_from() == _made_from(workspace):
        return MergeReport(len(_counted(present)), 0, 0)
    wanted = set[Quad]()
    if workspace.configuration.entities.merge:
        withdrawn = workspace.sources.withdrawals()
        claims = [
            merge
            for merge in _claims(*resolution_of(workspace))
            if merge_iri(workspace.mint, AGENT, merge).value not in withdrawn
        ]
        wanted.update(merge_quads(workspace.mint, AGENT, claims))
    if wanted != present:
        store.apply(list(wanted - present), list(present - wanted), store.generation)
    ledger.stand(_made_from(workspace))
    before, after = _counted(present), _counted(wanted)
    return MergeReport(len(after), len(after - before), len(before - after))


def _made_from(workspace: Workspace) -> str:
    """`sha256:` of all that decides the merges: the graph as it is, the rules, and what was undone or withdrawn."""
    undone = [(each.alias, *each.others) for each in Merges(workspace.ledger).undone()]
    withdrawn = sorted(target for target in workspace.sources.withdrawals() if is_merge(target))
    graph = (workspace.store.identity, workspace.store.generation)
    rules = (workspace.configuration.entities.merge, workspace.mint.base, agent_iri(workspace.mint, AGENT).value)
    said = json.dumps([graph, rules, undone, withdrawn], separators=(",", ":"))
    return "sha256:" + hashlib.sha256(said.encode()).hexdigest()


def _counted(quads: set[Quad]) -> set[object]:
    return {quad.graph_name for quad in quads if quad.predicate == v.SAME_AS}


def _claims(resolution: Resolution, names: Names) -> Iterator[MergeClaim]:
    for merge in resolution.merges:
        evidence = sorted({names.claims[merge.node], names.claims[merge.via]}, key=str)
        yield MergeClaim(
            alias=NamedNode(merge.node),
            canonical=NamedNode(merge.canonical),
            rule=merge.rule.value,
            key=merge.key,
            through=NamedNode(merge.via),
            evidence=tuple(evidence),
            informed_by=tuple(sorted({names.activity[claim] for claim in evidence}, key=str)),
        )


def _activities(store: QuadStore) -> Iterator[NamedNode]:
    """The activities of entity resolution: of these rules and of former ones."""
    for quad in store.match(predicate=v.LABEL, value=Literal(KIND)):
        found = quad.subject
        if isinstance(found, NamedNode) and found == quad.graph_name and is_resolution(found.value):
            yield found


def _present(store: QuadStore) -> Iterator[Quad]:
    """All quads of merges that are in the graph, with those of the agents that only they speak of."""
    for activity in list(_activities(store)):
        for claim in claims_of(store, activity):
            yield from store.match(graph=claim)
        yield from store.match(graph=activity)
        if agent := node_of(store, activity, v.ASSOCIATED_WITH, activity):
            yield from store.match(graph=agent)


def merges_of(workspace: Workspace) -> list[KnownMerge]:
    """The merges that stand in the graph, by canonical IRI and alias."""
    store, found = workspace.store, []
    for activity in _activities(store):
        for claim in claims_of(store, activity):
            if is_merge(claim.value):
                found += [_known(store, claim, activity, quad) for quad in store.match(None, v.SAME_AS, None, claim)]
    return sorted(found, key=lambda m: (m.canonical, m.alias))


def _known(store: QuadStore, claim: NamedNode, activity: NamedNode, said: Quad) -> KnownMerge:
    alias, canonical = text_of(said.subject), text_of(said.object)
    return KnownMerge(
        claim=claim.value,
        alias=alias,
        canonical=canonical,
        rule=text_of(value_of(store, claim, v.MERGE_RULE, activity)),
        key=text_of(value_of(store, claim, v.MERGE_KEY, activity)),
        through=text_of(node_of(store, claim, v.MERGED_THROUGH, activity)) or canonical,
        evidence=tuple(sorted(text_of(q.object) for q in store.match(claim, v.DERIVED_FROM, None, activity))),
    )


def find_merge(workspace: Workspace, name: str) -> KnownMerge:
    """The merge of that name: its claim's IRI, or as many of the letters that this ends in as tell it from others.

    Raises NoSuchMerge.
    """
    wanted = bare(name)
    found = _begin_so(merges_of(workspace), wanted)
    if len(found) != 1 or not wanted:
        what = f"{len(found)} merges begin like that" if found and wanted else "no merge of this graph has that name"
        raise NoSuchMerge(f"{name[:200]!r}: {what}", remedy="give the name of a merge as `triplock merges` prints it")
    return found[0]


def _begin_so(merges: Iterable[Merge], wanted: str) -> list[Merge]:
    return [m for m in merges if m.claim == wanted or short(m.claim).startswith(wanted.lower())]


def undo_merge(workspace: Workspace, name: str, reason: str) -> KnownMerge:
    """Take the alias of a merge out of its cluster for good: it is none of those that were in it.

    Raises NoSuchMerge.
    """
    with workspace.changing():
        merge = find_merge(workspace, name)
        undo(workspace, merge, reason)
    return merge


def undo(workspace: Workspace, merge: KnownMerge, reason: str) -> None:
    """Undo a merge. The caller holds the workspace's lock."""
    others = {m.alias for m in merges_of(workspace) if m.canonical == merge.canonical} | {merge.canonical}
    told = UndoneMerge(
        merge.claim, merge.alias, merge.canonical, merge.rule, merge.key, tuple(sorted(others - {merge.alias})), reason
    )
    Merges(workspace.ledger).undo(told)
    update_merges(workspace)


def restore_merge(workspace: Workspace, name: str) -> UndoneMerge:
    """Let a merge that was undone be done again, if the graph still gives it; raises NoSuchMerge."""
    with workspace.changing():
        merges, wanted = Merges(workspace.ledger), bare(name)
        found = _begin_so(merges.undone(), wanted)
        if len(found) != 1 or not wanted:
            raise NoSuchMerge(
                f"{name[:200]!r} names {len(found)} merges that were undone",
                remedy="give a name as `triplock merges undone` prints it",
            )
        merges.restore(found[0].claim)
        update_merges(workspace)
        return found[0]
