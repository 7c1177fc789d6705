"""The triples that a sentence can state at all: between its mentions, within the ontology, not denied, not reversed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from extractors.documents.lead_in import lead_in
from extractors.documents.model import Document, Sentence
from extractors.mentions.candidates import Candidate, Shape, candidates
from extractors.mentions.kinds import Kinds
from extractors.reading.cues import Cues
from extractors.reading.polarity import backwards, doubt
from ontology.grammar import Term, Triple, possible_triples
from ontology.model import Ontology

MAX_SENTENCE = 2000
"""Characters; what is longer is no sentence that a model could be asked about."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The triples that may be asked about, the mentions they join by start and text, and why there are none."""

    triples: tuple[Triple, ...] = ()
    mentions: Mapping[tuple[int, str], Candidate] = field(default_factory=dict)
    reason: str = ""


class Offers:
    """What the sentences of documents can state in the terms of one ontology."""

    def __init__(self, ontology: Ontology, kinds: Kinds) -> None:
        self._ontology = ontology
        self._kinds = kinds
        self._cues = Cues(ontology)

    def of(self, document: Document, sentence: Sentence) -> Offer:
        """What the sentence can state."""
        if reason := too_long(sentence):
            return Offer(reason=reason)
        seen = candidates(sentence.aligned, sentence.start, own_names=document.subject_names)
        found = {(c.start, c.text): c for c in seen}
        terms = [self._kinds.term(c, document) for c in found.values()]
        possible = possible_triples(self._ontology, terms)
        words = _without_names(sentence, found.values())
        spoken = [t for t in possible if self._cues.speaks_of(words, t.relation)]
        introduced = lead_in(document, sentence.start) if spoken else ""
        doubts = [_doubt(t, sentence, introduced) for t in spoken]
        stated = [t for t, why in zip(spoken, doubts, strict=True) if why is None]
        both = {(t.subject.identity, t.relation.iri, t.object.identity) for t in stated}
        offered = tuple(
            t
            for t in stated
            if (t.object.identity, t.relation.iri, t.subject.identity) not in both or _in_order(t, sentence)
        )
        return Offer(offered, found, "" if offered else next((why for why in doubts if why), ""))


def too_long(sentence: Sentence) -> str:
    """Why a sentence is not asked about for its length; "" if it may be."""
    length = len(sentence.text)
    return f"{length:,} characters are too long for a sentence" if length > MAX_SENTENCE else ""


def _doubt(triple: Triple, sentence: Sentence, introduced: str) -> str | None:
    ends = _within(triple.subject, sentence), _within(triple.object, sentence)
    return doubt(sentence.aligned, *ends, lead_in=introduced, label=triple.relation.label)


def _within(term: Term, sentence: Sentence) -> tuple[int, int]:
    start = term.start - sentence.start
    return start, start + len(term.text)


def _in_order(triple: Triple, sentence: Sentence) -> bool:
    """Whether the sentence says it in this direction, where domain and range allow both."""
    forwards = triple.subject.start < triple.object.start
    if triple.relation.label.endswith(" by"):
        return forwards
    passive = backwards(sentence.aligned, _within(triple.subject, sentence), _within(triple.object, sentence))
    return forwards != passive


def _without_names(sentence: Sentence, found: Iterable[Candidate]) -> str:
    """The sentence with its identifiers blanked: a relation's word inside a name says nothing."""
    text = sentence.aligned
    for c in found:
        if c.shape not in (Shape.NAME, Shape.PHRASE):
            start, end = c.start - sentence.start, c.end - sentence.start
            text = text[:start] + " " * (end - start) + text[end:]
    return text
