"""From a statement to where it came from: claim, trust, source, quote with the text around it, agent, versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from anchoring.blockstores.errors import BlockNotFound
from anchoring.encoding.cid import BadCid, Cid
from kg.claims import vocabulary as v
from kg.claims.iris import bare, read_span
from kg.errors import NoSuchStatement
from kg.stores.evidence import is_adoption
from kg.stores.protocol import QuadStore
from kg.workspace.adopted import Adopted, hands_of
from kg.workspace.provenance import activities_of, node_of, parameters_of, text_of, value_of
from kg.workspace.proving import holds
from kg.workspace.statement import parse_statement
from kg.workspace.texts import described, document_text

if TYPE_CHECKING:
    from kg.jobs.versions import VersionRecord
    from kg.workspace.workspace import Workspace

AROUND = 160
"""Code points of text shown on each side of a quote."""
LONGEST = 400
"""Code points of a name that are shown: a foreign graph may call anything a name."""


@dataclass(frozen=True, slots=True)
class Named:
    """Where the document names a thing: `text[start:end]` of the decoded original is `words`, "" where that is gone."""

    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The document that revises the source of a quote, and where the quote stands in it, in code points."""

    document: str
    path: str
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote in its document. `text[start:end]` of the decoded original is `quote`.

    `subject` and `object` are where the subject and object of the claim's relation are named.
    `fragment` is where a PDF shows it: `page=3&viewrect=…`.
    `revised_by` is the present content of the file, where the document is a former one.
    """

    document: str
    path: str
    title: str
    start: int
    end: int
    quote: str
    before: str
    after: str
    subject: Named | None = None
    object: Named | None = None
    revised_by: tuple[Standing, ...] = ()
    fragment: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a claim is in the graph.

    `derived_from` is the IRI the claim was derived from: a span, or a block of a chain.
    `adopted` are the graphs that a claim was taken over from, nearest first; none where it was made here.
    `versions` are the versions of the graph that hold the claim, as far as their blocks are here.
    """

    claim: str
    statements: tuple[str, ...]
    trust: str
    confidence: str
    activity: str
    kind: str
    agent: str
    parameters: tuple[tuple[str, str], ...]
    derived_from: str
    evidence: Evidence | None
    adopted: tuple[Adopted, ...] = ()
    versions: tuple[VersionRecord, ...] = field(default=())

    def as_json(self) -> dict[str, object]:
        """A document for `--json`."""
        from dataclasses import asdict

        return asdict(self)


def why(workspace: Workspace, target: str) -> list[Explanation]:
    """Explain a statement (N-Triples or N-Quads) or a claim (its IRI); raises NoSuchStatement."""
    claims = list(dict.fromkeys(_claims(workspace.store, target)))
    if not claims:
        raise NoSuchStatement(
            f"{target[:300]!r} is not in the graph",
            remedy="give a statement as `triplock export --format nq` prints it, or a claim's IRI",
        )
    return [explain(workspace, claim) for claim in claims]


def _claims(store: QuadStore, target: str) -> Iterator[NamedNode]:
    if " " not in target.strip():
        try:
            iri = NamedNode(bare(target))
        except ValueError:
            return
        if any(activities_of(store, iri)):
            yield iri
        return
    subject, predicate, value, graph = parse_statement(target)
    for quad in store.match(subject, predicate, value, graph):
        if isinstance(quad.graph_name, NamedNode) and any(activities_of(store, quad.graph_name)):
            yield quad.graph_name


def explain(workspace: Workspace, claim: NamedNode) -> Explanation:
    """Explain one claim by what its activity's graph says."""
    store = workspace.store
    activity = min(activities_of(store, claim), key=str, default=None)
    agent = node_of(store, activity, v.ASSOCIATED_WITH, activity)
    derived = node_of(store, claim, v.DERIVED_FROM, activity)
    return Explanation(
        claim=claim.value,
        statements=tuple(sorted(_triple(quad) for quad in store.match(graph=claim))),
        trust=text_of(value_of(store, activity, v.TRUST, activity)),
        confidence=text_of(value_of(store, claim, v.CONFIDENCE, activity)),
        activity=text_of(activity),
        kind=text_of(value_of(store, activity, v.LABEL, activity)),
        agent=text_of(value_of(store, agent, v.LABEL, agent)),
        parameters=parameters_of(store.match(subject=agent, graph=agent) if agent else ()),
        derived_from=text_of(derived),
        evidence=_evidence(workspace, claim, derived, activity) if derived and activity else None,
        adopted=hands_of(workspace, claim, activity) if activity else (),
        versions=tuple(_versions_with(workspace, claim, activity)) if activity else (),
    )


def _evidence(workspace: Workspace, claim: NamedNode, span: NamedNode, activity: NamedNode) -> Evidence | None:
    """The quote of a span, with the text around it where the document is in the blocks folder."""
    store = workspace.store
    start, end, quote = (value_of(store, span, p, activity) for p in (v.START, v.END, v.EXACT))
    if not (_is_position(start) and _is_position(end) and isinstance(quote, Literal)):
        return None  # a foreign graph may say anything
    try:
        cid = Cid.parse(span.value.partition("#")[0])
    except BadCid:
        return None
    record = workspace.sources.get(str(cid))
    a, b = int(text_of(start)), int(text_of(end))
    adoption = activity if is_adoption(activity.value) else None
    text = document_text(workspace, cid, adoption) or ""
    subject, value = (_named(node_of(store, claim, p, activity), cid, text) for p in (v.SUBJECT_SPAN, v.OBJECT_SPAN))
    return Evidence(
        document=cid.iri,
        path=record.path if record else "",
        title=text_of(described(workspace, cid, v.TITLE, adoption)),
        start=a,
        end=b,
        quote=text_of(quote),
        before=text[max(0, a - AROUND) : a],
        after=text[b : b + AROUND],
        subject=subject,
        object=value,
        revised_by=tuple(_standings(workspace, cid, text_of(quote))),
        fragment=text_of(value_of(store, span, v.VALUE, activity))[:LONGEST],
    )


def _named(span: NamedNode | None, document: Cid, text: str) -> Named | None:
    """A span of the document that the quote is from."""
    place = read_span(span.value) if span else None
    if place is None or place[0] != document:
        return None
    _, start, end = place
    return Named(start, end, text[start:end][:LONGEST])


def _standings(workspace: Workspace, cid: Cid, quote: str) -> Iterator[Standing]:
    """Where the quote stands in the documents that revise the one it was taken from."""
    for link in workspace.store.match(predicate=v.REVISION_OF, value=NamedNode(cid.iri)):
        if not isinstance(link.subject, NamedNode):
            continue
        try:
            current = Cid.parse(link.subject.value)
        except BadCid:
            continue
        if link.graph_name == workspace.mint.of_document_itself(current):
            record, text = workspace.sources.get(str(current)), document_text(workspace, current) or ""
            starts = tuple(match.start() for match in re.finditer(re.escape(quote), text))
            yield Standing(current.iri, record.path if record else "", starts)


def _versions_with(workspace: Workspace, claim: NamedNode, activity: NamedNode) -> Iterator[VersionRecord]:
    """The versions that hold the statement that the claim was generated: every claim has exactly one."""
    made = Quad(claim, v.GENERATED_BY, activity, activity)
    for record in workspace.versions.all():
        with suppress(BlockNotFound):  # of a version that was collected nothing can be said
            if holds(workspace, record, made):
                yield record


def _is_position(term: object) -> bool:
    text = text_of(term)
    return text.isascii() and text.isdecimal() and len(text) < 19


def _triple(quad: Quad) -> str:
    return f"{quad.subject} {quad.predicate} {quad.object} ."
