"""A claim of somebody else's graph as a claim of one's own: what they said, and in which version they said it.

The claimed statements stand in a graph of one's own. What their graph says of the claim stands in the graph of the
activity that took it over, where it is their word and counts for nothing more: the claim's trust here is `adopted`,
whatever trust they state (docs/decisions/0063).

    claim prov:wasGeneratedBy act        in act, with the foreign claim as tl:graphName, its evidence and confidence
    act prov:used <ipfs://MANIFEST>      in act, with tl:trust "adopted" and prov:wasInformedBy the foreign activity
    what the foreign graph says of its claim, activity, agent and document                      in act
    <ipfs://MANIFEST> tl:graph, tl:version, tl:head, prov:wasAttributedTo, dcterms:license      in the document's graph

PROV-O: https://www.w3.org/TR/prov-o/#wasInformedBy , https://www.w3.org/TR/prov-o/#wasAttributedTo
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad

from anchoring.encoding.cid import Cid
from anchoring.signing.anchor import GraphId
from kg.claims import vocabulary as v
from kg.claims.iris import Mint, did, document
from kg.claims.model import Agent, Statement, Trust
from kg.claims.quads import agent_iri, agent_quads

READER = Agent("triplock-adopt", "1")
KIND = "adoption"
MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class ForeignVersion:
    """The verified version that claims are taken from; `head` is 0x text, `publisher` a lower-case 0x address."""

    graph: GraphId
    number: int
    head: str
    manifest: Cid
    size: int
    publisher: str
    licence: str


@dataclass(frozen=True, slots=True)
class ForeignClaim:
    """What somebody else's graph states in one graph of it, and what it says of that.

    `name` is the graph, None for the default one; `activity` the one that made the claim, None where the graph is no
    claim; `said` are the foreign graph's own statements about claim, activity, agent and document.
    """

    name: NamedNode | None
    statements: tuple[Statement, ...]
    activity: NamedNode | None = None
    derived_from: NamedNode | None = None
    confidence: Literal | None = None
    said: tuple[Statement, ...] = ()


def adopted_iri(mint: Mint, graph: GraphId, claim: ForeignClaim) -> NamedNode:
    """The claim's IRI here: a digest of the foreign graph, the claim's name there and what it states.

    It does not depend on the version, so that a claim that is there is not taken over twice.
    """
    said = sorted(f"{s} {p} {o}".encode() for s, p, o in claim.statements)
    return mint.of_graph(str(graph), "claim", _name(claim.name), *said)


def adoption_iri(mint: Mint, version: ForeignVersion, activity: NamedNode | None) -> NamedNode:
    """The activity that takes over what one foreign activity made, from one version."""
    return mint.of_graph(str(version.graph), "activity", bytes(version.manifest), _name(activity))


def _name(node: NamedNode | None) -> bytes:
    return node.value.encode() if node else b""


def adoption_quads(mint: Mint, version: ForeignVersion, claim: ForeignClaim) -> Iterator[Quad]:
    """All quads of one adopted claim; may repeat what claims share."""
    iri, activity = adopted_iri(mint, version.graph, claim), adoption_iri(mint, version, claim.activity)
    for subject, predicate, value in claim.statements:
        yield Quad(subject, predicate, value, iri)
    yield Quad(iri, v.GENERATED_BY, activity, activity)
    for predicate, given in (
        (v.GRAPH_NAME, claim.name),
        (v.DERIVED_FROM, claim.derived_from),
        (v.CONFIDENCE, claim.confidence),
    ):
        if given is not None:
            yield Quad(iri, predicate, given, activity)
    for subject, predicate, value in claim.said:
        yield Quad(subject, predicate, value, activity)
    yield Quad(activity, v.TYPE, v.ACTIVITY, activity)
    yield Quad(activity, v.LABEL, Literal(KIND), activity)
    yield Quad(activity, v.USED, document(version.manifest), activity)
    yield Quad(activity, v.ASSOCIATED_WITH, agent_iri(mint, READER), activity)
    yield Quad(activity, v.TRUST, Literal(Trust.ADOPTED.value), activity)
    if claim.activity is not None:
        yield Quad(activity, v.INFORMED_BY, claim.activity, activity)
    yield from agent_quads(mint, READER)


def version_quads(mint: Mint, version: ForeignVersion) -> Iterator[Quad]:
    """The version in the graph of its manifest: whose it is, which one, by whom, under which licence."""
    iri, graph = document(version.manifest), mint.of_document_itself(version.manifest)
    yield Quad(iri, v.TYPE, v.SOURCE_ENTITY, graph)
    yield Quad(iri, v.BYTE_SIZE, Literal(str(version.size), datatype=v.XSD_INTEGER), graph)
    yield Quad(iri, v.FORMAT, Literal(MEDIA_TYPE), graph)
    yield Quad(iri, v.GRAPH, Literal(str(version.graph)), graph)
    yield Quad(iri, v.VERSION, Literal(str(version.number), datatype=v.XSD_INTEGER), graph)
    yield Quad(iri, v.HEAD, Literal(version.head), graph)
    if version.publisher:
        yield Quad(iri, v.ATTRIBUTED_TO, did(version.graph.chain_id, version.publisher), graph)
    yield Quad(iri, v.LICENCE, Literal(version.licence), graph)
