"""From a claim to quads: the claimed statements in its own graph, the provenance in its activity's.

Per claim: its statements, `prov:wasGeneratedBy`, `prov:wasDerivedFrom`, `tl:confidence` where a model said it,
where subject and object are named (a span each, whose IRI says the place by itself),
and per span of evidence its selector (shared by all claims of one sentence). Per activity and per agent once.
PROV-O: https://www.w3.org/TR/prov-o/#wasGeneratedBy ; selectors: https://www.w3.org/TR/annotation-model/#selectors
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Quad

from anchoring.encoding.cid import Cid
from kg.claims import vocabulary as v
from kg.claims.iris import Mint, chain, document, span
from kg.claims.model import Activity, Agent, Claim, Span


def agent_iri(mint: Mint, agent: Agent) -> NamedNode:
    """The agent's IRI: a digest of its name, version and parameters, so equal agents are one."""
    pairs = [f"{key}={value}".encode() for key, value in sorted(agent.parameters)]
    return mint.agent(agent.name.encode(), agent.version.encode(), *pairs)


def activity_iri(mint: Mint, activity: Activity) -> NamedNode:
    """The activity's IRI, which is also the name of the graph that holds the statements about its claims."""
    parts = (activity.kind.encode(), activity.trust.encode(), agent_iri(mint, activity.agent).value.encode())
    if isinstance(activity.source, Cid):
        return mint.of_document(activity.source, "activity", *parts)
    return mint.of_chain(activity.source, "activity", *parts)


def claim_iri(mint: Mint, claim: Claim) -> NamedNode:
    """The claim's IRI: as given, or a digest of source, span, statements and activity."""
    if claim.iri is not None:
        return claim.iri
    if not isinstance(claim.activity.source, Cid):
        raise ValueError("a claim from a chain brings its own IRI")
    where = (claim.span.start, claim.span.end) if claim.span else (0, 0)
    said = sorted(f"{s} {p} {o}".encode() for s, p, o in claim.statements)
    return mint.of_document(
        claim.activity.source,
        "claim",
        repr(where).encode(),
        activity_iri(mint, claim.activity).value.encode(),
        *said,
    )


def claim_quads(mint: Mint, claims: Iterable[Claim]) -> Iterator[Quad]:
    """All quads of the claims: statements, provenance, activities and agents. May repeat what claims share."""
    for claim in claims:
        iri, activity = claim_iri(mint, claim), activity_iri(mint, claim.activity)
        for subject, predicate, value in claim.statements:
            yield Quad(subject, predicate, value, iri)
        yield Quad(iri, v.GENERATED_BY, activity, activity)
        source = claim.span and span(claim.span.source, claim.span.start, claim.span.end)
        if evidence := claim.derived_from or source:
            yield Quad(iri, v.DERIVED_FROM, evidence, activity)
        if claim.confidence is not None:
            yield Quad(iri, v.CONFIDENCE, Literal(f"{claim.confidence:.2f}", datatype=v.XSD_DECIMAL), activity)
        for predicate, named in ((v.SUBJECT_SPAN, claim.subject_span), (v.OBJECT_SPAN, claim.object_span)):
            if named:
                yield Quad(iri, predicate, span(named.source, named.start, named.end), activity)
        for predicate, value in claim.about:
            yield Quad(iri, predicate, value, activity)
        if claim.span:
            yield from span_quads(claim.span, activity)
        yield from activity_quads(mint, claim.activity)


def span_quads(where: Span, graph: NamedNode) -> Iterator[Quad]:
    """The selector of a span: a position beside a quote, and the place on the page where there are pages."""
    iri = span(where.source, where.start, where.end)
    yield Quad(iri, v.TYPE, v.POSITION_SELECTOR, graph)
    yield Quad(iri, v.TYPE, v.QUOTE_SELECTOR, graph)
    yield Quad(iri, v.START, Literal(str(where.start), datatype=v.XSD_INTEGER), graph)
    yield Quad(iri, v.END, Literal(str(where.end), datatype=v.XSD_INTEGER), graph)
    yield Quad(iri, v.EXACT, Literal(where.quote), graph)
    if where.fragment:
        yield Quad(iri, v.TYPE, v.FRAGMENT_SELECTOR, graph)
        yield Quad(iri, v.CONFORMS_TO, v.PDF_FRAGMENTS, graph)
        yield Quad(iri, v.VALUE, Literal(where.fragment), graph)


def activity_quads(mint: Mint, activity: Activity) -> Iterator[Quad]:
    """The activity in its own graph, its agent in the agent's."""
    iri, agent = activity_iri(mint, activity), agent_iri(mint, activity.agent)
    used = document(activity.source) if isinstance(activity.source, Cid) else chain(activity.source)
    yield Quad(iri, v.TYPE, v.ACTIVITY, iri)
    yield Quad(iri, v.LABEL, Literal(activity.kind), iri)
    yield Quad(iri, v.USED, used, iri)
    yield Quad(iri, v.ASSOCIATED_WITH, agent, iri)
    yield Quad(iri, v.TRUST, Literal(activity.trust.value), iri)
    yield from agent_quads(mint, activity.agent)


def agent_quads(mint: Mint, agent: Agent) -> Iterator[Quad]:
    """The agent in a graph of its own."""
    iri = agent_iri(mint, agent)
    yield Quad(iri, v.TYPE, v.SOFTWARE_AGENT, iri)
    yield Quad(iri, v.LABEL, Literal(f"{agent.name} {agent.version}"), iri)
    for key, value in agent.parameters:
        yield Quad(iri, NamedNode(v.TL + key), _parameter(value), iri)


def _parameter(value: str) -> NamedNode | Literal:
    return NamedNode(value) if value.startswith("ipfs://") else Literal(value)


def document_quads(mint: Mint, cid: Cid, *, size: int, media_type: str, encoding: str, title: str) -> Iterator[Quad]:
    """The document in the graph of its own: size in bytes, media type, the encoding it was decoded by, title."""
    iri, graph = document(cid), mint.of_document_itself(cid)
    yield Quad(iri, v.TYPE, v.SOURCE_ENTITY, graph)
    yield Quad(iri, v.BYTE_SIZE, Literal(str(size), datatype=v.XSD_INTEGER), graph)
    yield Quad(iri, v.FORMAT, Literal(media_type), graph)
    if encoding:
        yield Quad(iri, v.ENCODING, Literal(encoding), graph)
    if title:
        yield Quad(iri, v.TITLE, Literal(title), graph)
