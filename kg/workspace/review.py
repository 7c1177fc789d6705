"""A person's verdict on what a model inferred: the least sure first, accepted or rejected, and learnt from.

A rejected claim is withdrawn with the reason, so the next version is without it, and the same said again in the same
words stays out. An accepted one stays as it is. Sentences of which every claim has a verdict, and one was accepted, are
labelled sentences for later prompts and for `triplock eval`. Of the verdicts themselves nothing is in the graph.
docs/decisions/0094-a-persons-verdict.md
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse, serialize

from anchoring.encoding.cid import Cid
from kg.claims import vocabulary as v
from kg.claims.iris import bare, read_span, short
from kg.claims.model import Trust
from kg.claims.resolution import is_resolution
from kg.errors import NoSuchStatement
from kg.jobs.verdicts import ACCEPTED, REJECTED, Verdict
from kg.stores.evidence import decimal_of, is_activity, is_adoption
from kg.workspace.merging import update_merges
from kg.workspace.provenance import about_claim, activities_of, claims_of, node_of, text_of, value_of
from kg.workspace.texts import document_text
from kg.workspace.withdraw import withdraw_claim
from ontology.model import Example, Ontology

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from typing import Any

    from kg.workspace.workspace import Workspace

IN_REVIEW = "rejected in review"
_SHORTEST = 6
"""Characters of a claim's digest that may stand for its IRI."""


@dataclass(frozen=True, slots=True)
class Inferred:
    """A claim that a model inferred and nobody has judged. `subject` and `object` are the words that name them."""

    claim: str
    confidence: Decimal
    source: str
    path: str
    start: int
    end: int
    sentence: str
    subject: str
    relation: str
    object: str
    statement: str

    @property
    def id(self) -> str:
        """What stands for the claim's IRI in commands."""
        return short(self.claim)

    def as_json(self) -> Mapping[str, Any]:
        """A document for `--json`."""
        return {
            "id": self.id,
            "claim": self.claim,
            "confidence": str(self.confidence),
            "triple": [self.subject, self.relation, self.object],
            "statement": self.statement,
            "quote": self.sentence,
            "source": self.source,
            "path": self.path,
            "start": self.start,
            "end": self.end,
        }


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence of which every inferred claim has a verdict: what a person accepted in it, and what not."""

    source: str
    start: int
    end: int
    text: str
    accepted: tuple[tuple[str, str, str], ...]
    rejected: tuple[tuple[str, str, str], ...]

    def line(self) -> str:
        """A line of the file that `triplock eval` reads."""
        document = {
            "id": f"ipfs://{self.source}#char={self.start},{self.end}",
            "text": self.text,
            "triples": [list(triple) for triple in self.accepted],
            "rejected": [list(triple) for triple in self.rejected],
        }
        return json.dumps(document, ensure_ascii=False) + "\n"


def waiting(workspace: Workspace, *, limit: int | None = None) -> list[Inferred]:
    """The inferred claims without a verdict, the least sure first; equals by document and place."""
    found: list[tuple[Decimal, str, NamedNode, NamedNode]] = []
    for claim, activity in _unjudged(workspace):
        sure = decimal_of(text_of(value_of(workspace.store, claim, v.CONFIDENCE, activity)))
        found.append((sure, claim.value, claim, activity))
    found.sort(key=lambda each: each[:2])
    texts: dict[str, str] = {}
    return [_inferred(workspace, claim, activity, sure, texts) for sure, _, claim, activity in found[:limit]]


def count_waiting(workspace: Workspace) -> int:
    """How many inferred claims have no verdict."""
    return sum(1 for _ in _unjudged(workspace))


def judge(workspace: Workspace, ids: Iterable[str], verdict: str, reason: str = "") -> list[Verdict]:
    """Give a verdict on claims: their IRIs, or at least six first characters of the digests that these end in.

    The caller holds the workspace's lock. Raises NoSuchStatement for what is no inferred claim, or more than one.
    """
    given = []
    texts: dict[str, str] = {}
    for claim in [_one(workspace, text) for text in ids]:
        earlier = workspace.verdicts.get(claim)
        activity = next(activities_of(workspace.store, NamedNode(claim)), None)
        if activity is None:  # rejected before, or cut off while it was
            if earlier is not None and verdict == REJECTED:
                given.append(earlier)
                continue
            raise NoSuchStatement(
                f"{claim} was rejected and is no longer in the graph", remedy="take the verdict back first: review undo"
            )
        node = NamedNode(claim)
        one = _inferred(workspace, node, activity, decimal_of(""), texts)
        quads = [*workspace.store.match(graph=node), *about_claim(workspace.store, node)]
        record = Verdict(
            claim=claim,
            verdict=verdict,
            reason=reason or (IN_REVIEW if verdict == REJECTED else ""),
            source=one.source,
            start=one.start,
            end=one.end,
            sentence=one.sentence,
            subject=one.subject,
            relation=_relation(one.statement),
            object=one.object,
            statement=one.statement,
            quads=_written(quads) if verdict == REJECTED else "",
        )
        workspace.verdicts.put(record)
        if verdict == REJECTED:
            withdraw_claim(workspace, claim, record.reason)
        given.append(record)
    if verdict == REJECTED:
        update_merges(workspace)
    return given


def take_back(workspace: Workspace, ids: Iterable[str]) -> list[Verdict]:
    """Forget verdicts; what was rejected is in the graph again, unless its document is gone.

    The caller holds the workspace's lock. Raises NoSuchStatement for what has no verdict.
    """
    undone = []
    for text in ids:
        verdict = workspace.verdicts.get(_one(workspace, text))
        if verdict is None:
            raise NoSuchStatement(f"{text[:200]!r} has no verdict", remedy="see `triplock review --judged`")
        if verdict.quads:
            workspace.sources.restore(verdict.claim)
            record = workspace.sources.get(verdict.source)
            if record is not None and record.state != "withdrawn":
                quads = list(parse(verdict.quads, format=RdfFormat.N_QUADS))
                workspace.store.apply(quads, [], workspace.store.generation)
        workspace.verdicts.drop(verdict.claim)
        undone.append(verdict)
    update_merges(workspace)
    return undone


def labelled(workspace: Workspace, ontology: Ontology) -> list[Labelled]:
    """The sentences that a person has judged in full, with relations as `ontology` calls them, by document and place.

    Left out are those with a relation that the ontology does not have, or a name that stands in another sentence.
    """
    groups: dict[tuple[str, int, int, str], list[Verdict]] = defaultdict(list)
    verdicts_given = workspace.verdicts.all()
    if not verdicts_given:
        return []
    for verdict in verdicts_given:
        groups[verdict.source, verdict.start, verdict.end, verdict.sentence].append(verdict)
    open_ = {_place(_span(workspace, claim, activity)) for claim, activity in _unjudged(workspace)}
    found = []
    for (source, start, end, text), verdicts in sorted(groups.items()):
        known = [ontology.relations.get(verdict.relation) for verdict in verdicts]
        named = all(words and words in text for each in verdicts for words in (each.subject, each.object))
        if (source, start, end) in open_ or None in known or not named:
            continue
        triples: dict[str, list[tuple[str, str, str]]] = {ACCEPTED: [], REJECTED: []}
        for verdict, relation in zip(verdicts, known, strict=True):
            if relation is not None:
                triples[verdict.verdict].append((verdict.subject, relation.label, verdict.object))
        found.append(
            Labelled(source, start, end, text, tuple(sorted(triples[ACCEPTED])), tuple(sorted(triples[REJECTED])))
        )
    return found


def reviewed_examples(workspace: Workspace, ontology: Ontology) -> tuple[Example, ...]:
    """The judged sentences in which something was accepted, as examples for a prompt; each text once."""
    found = {one.text: Example(one.text, one.accepted) for one in labelled(workspace, ontology) if one.accepted}
    return tuple(found[text] for text in sorted(found))


def _unjudged(workspace: Workspace) -> Iterator[tuple[NamedNode, NamedNode]]:
    """The inferred claims without a verdict, each with its activity."""
    judged = {verdict.claim for verdict in workspace.verdicts.all()}
    for activity in _inferring(workspace):
        for claim in claims_of(workspace.store, activity):
            if claim.value not in judged:
                yield claim, activity


def _inferring(workspace: Workspace) -> Iterator[NamedNode]:
    """The activities of this graph's own models."""
    for quad in workspace.store.match(predicate=v.TRUST, value=Literal(Trust.INFERRED.value)):
        activity = quad.subject
        if not isinstance(activity, NamedNode) or activity != quad.graph_name:
            continue
        if is_activity(activity.value) and not is_adoption(activity.value) and not is_resolution(activity.value):
            yield activity


def _inferred(
    workspace: Workspace, claim: NamedNode, activity: NamedNode, confidence: Decimal, texts: dict[str, str]
) -> Inferred:
    store = workspace.store
    stated = sorted(store.match(graph=claim), key=str)
    main = next((q for q in stated if q.predicate not in (v.LABEL, v.TYPE)), stated[0])
    labels = {q.subject: text_of(q.object) for q in stated if q.predicate == v.LABEL}
    span = _span(workspace, claim, activity)
    source, start, end = _place(span)
    if source and source not in texts:
        texts[source] = document_text(workspace, Cid.parse(source)) or ""
    text, record = texts.get(source, ""), workspace.sources.get(source)

    def words(edge: NamedNode, term: object) -> str:
        at = node_of(store, claim, edge, activity)
        named = read_span(at.value) if at else None
        if named is not None and str(named[0]) == source and text[named[1] : named[2]]:
            return text[named[1] : named[2]]
        return labels.get(term, text_of(term))  # type: ignore[call-overload, no-any-return]

    return Inferred(
        claim=claim.value,
        confidence=confidence,
        source=source,
        path=record.path if record else "",
        start=start,
        end=end,
        sentence=text_of(value_of(store, span, v.EXACT, activity)),
        subject=words(v.SUBJECT_SPAN, main.subject),
        relation=_local_name(main.predicate.value),
        object=words(v.OBJECT_SPAN, main.object),
        statement=f"{main.subject} {main.predicate} {main.object} .",
    )


def _span(workspace: Workspace, claim: NamedNode, activity: NamedNode) -> NamedNode | None:
    return node_of(workspace.store, claim, v.DERIVED_FROM, activity)


def _place(span: NamedNode | None) -> tuple[str, int, int]:
    """Document, start and end of a span; "" and noughts without one."""
    place = read_span(span.value) if span else None
    return (str(place[0]), place[1], place[2]) if place else ("", 0, 0)


def _one(workspace: Workspace, text: str) -> str:
    """The IRI of the one inferred or judged claim that the text names."""
    named = bare(text)
    if "/" in named:
        known = {named} if any(_activities(workspace, named)) or workspace.verdicts.get(named) else set()
    elif len(named) < _SHORTEST:
        known = set()
    else:
        present = (c.value for a in _inferring(workspace) for c in claims_of(workspace.store, a))
        judged = (verdict.claim for verdict in workspace.verdicts.all())
        known = {claim for claim in (*present, *judged) if short(claim).casefold().startswith(named.casefold())}
    if len(known) != 1:
        what = "names more than one claim" if known else "is no claim that a model inferred"
        raise NoSuchStatement(f"{text[:200]!r} {what}", remedy="give an id as `triplock review` prints it")
    return known.pop()


def _activities(workspace: Workspace, claim: str) -> Iterator[NamedNode]:
    try:
        node = NamedNode(claim)
    except ValueError:
        return
    own = set(_inferring(workspace))
    yield from (activity for activity in activities_of(workspace.store, node) if activity in own)


def _relation(statement: str) -> str:
    """The predicate's IRI of a statement in N-Triples; IRIs there hold no blanks."""
    return statement.split(" ", 2)[1][1:-1]


def _local_name(iri: str) -> str:
    return iri.rpartition("#")[2] if "#" in iri else iri.rpartition("/")[2]


def _written(quads: Sequence[Quad]) -> str:
    lines = serialize(dict.fromkeys(quads), format=RdfFormat.N_QUADS) or b""
    return lines.decode()
