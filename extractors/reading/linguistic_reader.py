"""A reader that asks no language model: relations by the syntax of English sentences.

What words a relation comes from the ontology alone (`extractors.syntax.wording`), and where labelled sentences are
given, from them (`extractors.reading.learned_paths`). It decides for being right over being complete.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from extractors.documents.lead_in import lead_in
from extractors.mentions.candidates import Candidate, Shape, without_targets
from extractors.mentions.kinds import Kinds, identity
from extractors.mentions.names import mentions
from extractors.reading.ends import Ends
from extractors.reading.learned_paths import MOST, Labelled, LearnedPaths
from extractors.reading.offered import MAX_SENTENCE, Offers, too_long
from extractors.reading.open_questions import FEWEST, MIN_CONFIDENCE, OpenQuestions
from extractors.reading.open_questions import VERSION as LEARNING
from extractors.reading.polarity import doubt
from extractors.reading.reader import Found, Passage, Reading
from extractors.reading.resolved import Place, Resolved, resolved
from extractors.reading.spans import Spans
from extractors.syntax.parse import Parse
from extractors.syntax.parser import Parser
from extractors.syntax.stated import stated
from extractors.syntax.wording import Frame, Wording
from ontology.grammar import Term, Triple
from ontology.model import Example, Ontology, Relation

VERSION = "1"
"""Raised when the rules change so that the same sentences give other findings."""
CONFIDENCE = Decimal("0.60")
_CODE = re.compile(r"`([^`\n]{1,200})`")
_MARKS = str.maketrans("`*[]", "    ")
_WORDS = (Shape.OWN, Shape.NAME, Shape.PHRASE, Shape.NUMBER, Shape.DATE)


class LinguisticReader:
    """Finds what sentences state in the terms of `ontology` by their syntax; learns how they say it from `examples`.

    Raises MissingExtra without the extra `nlp`.
    """

    def __init__(self, ontology: Ontology, examples: Sequence[Example] = ()) -> None:
        self._ontology = ontology
        self._parser = Parser()
        self._examples = (*ontology.examples, *examples)
        self._kinds = Kinds(ontology)
        self._offers = Offers(ontology, self._kinds) if self._kinds.by_form else None
        self._ends = Ends(ontology, self._examples)

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The rules, the parser's packages, the ontology and the labelled sentences."""
        labelled = json.dumps([(e.text, e.triples) for e in self._examples], ensure_ascii=False)
        return (
            ("reader", f"linguistic {VERSION}.{LEARNING}"),
            *self._parser.identity,
            ("ontology", self._ontology.digest),
            ("examplesDigest", "sha256:" + hashlib.sha256(labelled.encode()).hexdigest()),
        )

    @property
    def min_confidence(self) -> Decimal:
        """The confidence from which on a finding is more use than harm; what syntax states is surer."""
        return MIN_CONFIDENCE

    def asks(self, passage: Passage) -> bool:
        """Never: nothing is asked."""
        return False

    def read(self, passage: Passage) -> Reading:
        """What the sentence states by its syntax; a sentence too long to be one is rejected."""
        if reason := too_long(passage.sentence):
            return Reading(rejected=((passage.sentence.text, reason),), read=False)
        return self._by_form(passage) if self._offers is not None else self._general(passage)

    def close(self) -> None:
        """Nothing is held."""

    @cached_property
    def _frames(self) -> dict[Relation, tuple[Frame, ...]]:
        wording, classes = Wording(self._parser), self._ontology.classes
        found = {}
        for relation in self._ontology.extractable:
            ends = tuple([classes[c].label for c in of if c in classes] for of in (relation.domain, relation.range))
            names = (relation.label, *relation.other_names)
            told = [frame for name in names for frame in wording.of_name(name, *ends)]
            found[relation] = tuple(dict.fromkeys((*told, *wording.of_comment(relation.comment, *ends))))
        return found

    # -- ontologies of identifiers -----------------------------------------------------------------------------------

    def _by_form(self, passage: Passage) -> Reading:
        assert self._offers is not None  # noqa: S101 - for the type checker: `read` has looked
        sentence, document = passage.sentence, passage.document
        offer = self._offers.of(document, sentence)
        if not offer.triples:
            return Reading(rejected=((sentence.text, offer.reason),) if offer.reason else (), read=False)
        spans = {n: (m.start - sentence.start, m.end - sentence.start) for n, m in offer.mentions.items()}
        joined = [spans[n] for n, m in offer.mentions.items() if m.shape not in _WORDS]
        parse = self._parser.parse(_plain(sentence.aligned, joined), joined)
        things: dict[int, str] = {}
        for n, mention in offer.mentions.items():
            if (root := parse.root(*spans[n])) is not None:
                things.setdefault(root, identity(mention, document))
        offered = {(t.relation.iri, t.subject.identity, t.object.identity): t for t in offer.triples}
        frames = {iri: self._frames[r] for iri, r in self._by_iri.items() if any(key[0] == iri for key in offered)}
        found = [
            offered.get((s.key, things.get(s.subject, ""), things.get(s.object, ""))) for s in stated(parse, frames)
        ]
        taken = dict.fromkeys(t for t in found if t is not None)
        return Reading(tuple(Found(t, CONFIDENCE) for t in taken), mentions=offer.mentions)

    @cached_property
    def _by_iri(self) -> dict[str, Relation]:
        return {relation.iri: relation for relation in self._ontology.extractable}

    # -- general text ------------------------------------------------------------------------------------------------

    def _general(self, passage: Passage) -> Reading:
        found: dict[tuple[str, str, str], Found] = {}
        rejected: dict[str, str] = {}
        places: dict[tuple[int, str], Candidate] = {}
        for read in _readings(passage):
            parse, spans = self._parsed(read.text)
            for said in self._said(parse, spans):
                for triple, *ends in self._triples(spans, read, said):
                    if why := self._doubt(passage, triple, *ends):
                        rejected.setdefault(triple.line, why)
                        continue
                    _add(found, Found(triple, said.confidence))
                    places.update(((p.mention.start, p.mention.text), p.mention) for p in ends)
        if self._learned is not None:
            question = self._learned.of(passage)
            for triple, sure in question.findings({}).items():
                if question.doubt(triple) is None:
                    _add(found, Found(triple, sure))
            places.update(question.mentions)
        return Reading(tuple(found.values()), tuple(rejected.items()), places)

    @cached_property
    def _learned(self) -> OpenQuestions | None:
        """What is learned of relations and spans without syntax; None with too few labelled sentences."""
        return OpenQuestions(self._ontology, self._examples) if len(self._examples) >= FEWEST else None

    def _parsed(self, text: str) -> tuple[Parse, Spans]:
        parse = self._parser.parse(without_targets(text).translate(_MARKS))
        return parse, Spans(parse, mentions(text, known=tuple(self._ends.known.spans(text))))

    def _said(self, parse: Parse, spans: Spans) -> Iterator[_Said]:
        for s in stated(parse, self._frames, each=False):
            yield _Said(s.key, s.subject, s.object, CONFIDENCE, s.frame.wants)
        if self._paths is not None:
            for relation, subject, value, share in self._paths.stated(parse, spans):
                yield _Said(relation, subject, value, share)

    @cached_property
    def _paths(self) -> LearnedPaths | None:
        """Learned at the first sentence; None with too few labelled ones."""
        if len(self._examples) < FEWEST:
            return None
        labelled = [Labelled(e, *self._parsed(e.text)) for e in self._examples[:MOST] if len(e.text) <= MAX_SENTENCE]
        return LearnedPaths(self._ontology.extractable, labelled, self._ends)

    def _triples(self, spans: Spans, read: Resolved, said: _Said) -> Iterator[tuple[Triple, Place, Place]]:
        """The triple that is said, between the likeliest mentions that may be its ends; none if there are none."""
        for first in spans.subjects(said.subject):
            kind = "" if spans.is_title(first) else spans.kind(said.subject)
            subject = self._ends.subject(first, said.relation, kind)
            for second in spans.objects(said.object) if subject else ():
                value = self._ends.object(second, said.relation, spans.kind(said.object), said.wants)
                one, other = read.place(first), read.place(second)
                if subject and value and one and other and self._ends.fit(subject, said.relation, value):
                    yield Triple(_placed(subject, one), said.relation, _placed(value, other)), one, other
                    return

    def _doubt(self, passage: Passage, triple: Triple, one: Place, other: Place) -> str | None:
        return doubt(
            passage.sentence.aligned,
            (one.start, one.end),
            (other.start, other.end),
            lead_in=lead_in(passage.document, passage.sentence.start),
            label=triple.relation.label,
        )


@dataclass(frozen=True, slots=True)
class _Said:
    """A relation between two tokens, how surely, and what its object has to be."""

    relation: Relation
    subject: int
    object: int
    confidence: Decimal
    wants: str = ""


def _add(found: dict[tuple[str, str, str], Found], new: Found) -> None:
    """A finding more; of one that is there the higher confidence."""
    triple = new.triple
    key = triple.subject.identity, triple.relation.iri, triple.object.identity
    before = found.setdefault(key, new)
    found[key] = replace(before, confidence=max(before.confidence, new.confidence))


def _readings(passage: Passage) -> tuple[Resolved, ...]:
    """The sentence as it stands, and with what "it" and "the token" stand for in their place where that is another."""
    plain, put = Resolved(passage.document, passage.sentence, passage.sentence.aligned), resolved(passage)
    return (plain, put) if put.text != plain.text else (plain,)


def _placed(term: Term, place: Place) -> Term:
    """The term where the document names it."""
    mention = place.mention
    return replace(term, start=mention.start, text=mention.text, identity=place.subject or term.identity)


def _plain(text: str, names: Sequence[tuple[int, int]]) -> str:
    """The text without marks of emphasis and code, and of code only the names; every name stays where it is."""
    characters = list(without_targets(text))
    for code in _CODE.finditer(text):
        if inside := [n for n in names if code.start() <= n[0] and n[1] <= code.end()]:
            for n in range(*code.span()):
                if not any(start <= n < end for start, end in inside):
                    characters[n] = " "
    return "".join(characters).translate(_MARKS)
