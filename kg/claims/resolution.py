"""A merge as a claim: which IRI of the graph stands for the same thing as which other, by which rule.

    <alias> owl:sameAs <canonical>                 in the claim's own graph, alone
    claim prov:wasGeneratedBy act                  in act, with tl:mergeRule, tl:mergeKey, tl:mergedThrough where the
                                                   way to the canonical IRI leads over another, and
                                                   prov:wasDerivedFrom the claims that name the two
    act prov:wasInformedBy the activities of those claims; its trust is "inferred": no source says it, a rule does

So a merge is published, versioned, proven and withdrawn like anything else, and no claim of a source is rewritten.
OWL: https://www.w3.org/TR/owl2-syntax/#Individual_Equality ; PROV-O: https://www.w3.org/TR/prov-o/#wasInformedBy
docs/decisions/0080-a-merge-is-a-claim.md
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad

from kg.claims import vocabulary as v
from kg.claims.iris import Mint
from kg.claims.model import Agent, Trust
from kg.claims.quads import agent_iri, agent_quads

KIND = "entity-resolution"
_MERGE = re.compile(r"/resolution/claim/[a-z2-7]{32}\Z")
_RESOLUTION = re.compile(r"/resolution/activity/[a-z2-7]{32}\Z")


@dataclass(frozen=True, slots=True)
class MergeClaim:
    """`alias` is `canonical`: by `rule`, since it shares `key` with `through` (which may be `canonical`).

    `evidence` are the claims that name the two, `informed_by` the activities that made those.
    """

    alias: NamedNode
    canonical: NamedNode
    rule: str
    key: str
    through: NamedNode
    evidence: tuple[NamedNode, ...] = ()
    informed_by: tuple[NamedNode, ...] = ()


def is_merge(graph: str) -> bool:
    """Whether the IRI names the claim of a merge."""
    return _MERGE.search(graph) is not None


def is_resolution(graph: str) -> bool:
    """Whether the IRI names an activity of entity resolution."""
    return _RESOLUTION.search(graph) is not None


def merge_iri(mint: Mint, agent: Agent, merge: MergeClaim) -> NamedNode:
    """The claim's IRI: a digest of all that it says and rests on, so a merge with another reason is another claim."""
    terms = (merge.alias, merge.canonical, merge.through, *merge.evidence)
    said = [term.value.encode() for term in terms]
    return mint.of_resolution(
        "claim", agent_iri(mint, agent).value.encode(), merge.rule.encode(), merge.key.encode(), *said
    )


def resolution_iri(mint: Mint, agent: Agent) -> NamedNode:
    """The activity that merges by the rules of one agent."""
    return mint.of_resolution("activity", agent_iri(mint, agent).value.encode())


def merge_quads(mint: Mint, agent: Agent, merges: Iterable[MergeClaim]) -> Iterator[Quad]:
    """All quads of the merges; none where there are none. May repeat what they share."""
    activity, any_of_them = resolution_iri(mint, agent), False
    for merge in merges:
        any_of_them = True
        claim = merge_iri(mint, agent, merge)
        yield Quad(merge.alias, v.SAME_AS, merge.canonical, claim)
        yield Quad(claim, v.GENERATED_BY, activity, activity)
        yield Quad(claim, v.MERGE_RULE, Literal(merge.rule), activity)
        yield Quad(claim, v.MERGE_KEY, Literal(merge.key), activity)
        if merge.through != merge.canonical:
            yield Quad(claim, v.MERGED_THROUGH, merge.through, activity)
        for evidence in merge.evidence:
            yield Quad(claim, v.DERIVED_FROM, evidence, activity)
        for informed_by in merge.informed_by:
            yield Quad(activity, v.INFORMED_BY, informed_by, activity)
    if any_of_them:
        yield Quad(activity, v.TYPE, v.ACTIVITY, activity)
        yield Quad(activity, v.LABEL, Literal(KIND), activity)
        yield Quad(activity, v.ASSOCIATED_WITH, agent_iri(mint, agent), activity)
        yield Quad(activity, v.TRUST, Literal(Trust.INFERRED.value), activity)
        yield from agent_quads(mint, agent)
