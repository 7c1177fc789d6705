"""Questions about general text, in the terms of any ontology: relation by relation, from span to span.

The answers are built of parts (`ontology.factored`): each relation is a branch with the spans that fit its domain and
those that fit its range. Where there are labelled sentences, what they teach decides which relations and spans are
offered, and weighs what the model says.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from extractors.documents.lead_in import lead_in
from extractors.documents.model import Sentence
from extractors.mentions.candidates import Candidate, Shape
from extractors.mentions.known import KnownNames
from extractors.mentions.names import mentions
from extractors.mentions.values import compared, datatypes
from extractors.models.protocol import Message
from extractors.reading.learned import FEWEST, Learned, Likely
from extractors.reading.offered import MAX_SENTENCE
from extractors.reading.open_shots import Line, OpenShots
from extractors.reading.polarity import doubt
from extractors.reading.question import Question
from extractors.reading.reader import Passage
from extractors.reading.relevance import Relevance
from ontology.factored import Branch, Factored
from ontology.grammar import Term, Triple
from ontology.model import Example, Ontology, Relation

VERSION = "1"
MOST_TERMS = 48
"""Spans offered where nothing is learned; names come before phrases."""
RELATIONS, SUBJECTS, OBJECTS = 6, 5, 6
"""What is offered where something is learned: relations, subjects and objects of each, the likely ones."""
_SURE = 0.3
"""From here on what is learned completes the labels of an example."""


class OpenQuestions:
    """The questions of an ontology about general text; `examples` are its labelled sentences.

    Those `beside` are shown where they are nearest; nothing is learned from them.
    """

    def __init__(self, ontology: Ontology, examples: Sequence[Example], beside: Sequence[Example] = ()) -> None:
        self._ontology = ontology
        self._known = KnownNames(examples)
        self._patterns = {
            iri: re.compile(cls.name_pattern) for iri, cls in ontology.classes.items() if cls.name_pattern
        }
        sentences = [(e, mentions(e.text, known=tuple(self._known.spans(e.text)))) for e in examples]
        labels = [relation.label for relation in ontology.extractable]
        self._learned = Learned(labels, sentences, self._known) if len(sentences) >= FEWEST else None
        more = [(e, mentions(e.text, known=tuple(self._known.spans(e.text)))) for e in beside]
        self._shots = OpenShots(ontology, sentences, self._known, self._more, beside=more)
        self._relevance = Relevance(ontology, self._shots.examples)

    @property
    def digest(self) -> str:
        """`sha256:` of the instruction, the relations, the labelled sentences and the version of these rules."""
        return "sha256:" + hashlib.sha256(f"{VERSION} {self._shots.digest}".encode()).hexdigest()

    def of(self, passage: Passage) -> Question:
        """The question about a passage."""
        sentence = passage.sentence
        if len(sentence.text) > MAX_SENTENCE:
            return Question(reason=f"{len(sentence.text):,} characters are too long for a sentence")
        found = mentions(sentence.text, sentence.start, known=tuple(self._known.spans(sentence.text)))
        near = self._shots.nearest(sentence.text)
        relations = self._relevance.of(sentence.text, near)
        likely = self._learned.likely(sentence.text, found, sentence.start) if self._learned else None
        branches = (
            self._branches(relations, self._ranked(found))
            if likely is None
            else self._likely_branches(relations, found, likely)
        )

        def chat() -> tuple[Message, ...]:
            return self._shots.chat(sentence.text, relations, near)

        places = {(m.start, m.text): n for n, m in enumerate(found)}

        def weigh(triple: Triple, confidence: Decimal) -> Decimal:
            return confidence if likely is None else weighed(triple, confidence, likely, places)

        return Question(
            Factored(branches),
            {m.start: m for m in found},
            chat=chat,
            weigh=weigh,
            doubt=lambda triple: doubt(
                sentence.text,
                _within(triple.subject, sentence),
                _within(triple.object, sentence),
                lead_in=lead_in(passage.document, sentence.start),
                label=triple.relation.label,
            ),
        )

    def _branches(self, relations: Sequence[Relation], found: Sequence[Candidate]) -> list[Branch]:
        terms = [(self._term(m, ""), m) for m in found]
        return [
            Branch(
                relation,
                tuple(t for t, m in terms if self._may_be(t, relation.domain) and m.shape not in _VALUES),
                tuple(t for t, _ in terms if self._may_end(t, relation)),
            )
            for relation in relations
        ]

    def _likely_branches(
        self, relations: Sequence[Relation], found: Sequence[Candidate], likely: Likely
    ) -> list[Branch]:
        weight = [0.0] * len(found)
        for label, ends in likely.subjects.items():
            for n, p in enumerate(ends):
                weight[n] += p * likely.relations[label]
        named = {relation.label: relation for relation in relations}
        best = [r for r in sorted(likely.subjects, key=lambda r: (-likely.relations[r], r)) if r in named][:RELATIONS]
        branches = []
        for label in best:
            relation, objects = named[label], likely.objects[label]
            values = [self._term(m, label) for m in _best(found, objects)]
            branches.append(
                Branch(
                    relation,
                    tuple(t for m in _best(found, weight) if self._may_be(t := self._term(m, ""), relation.domain))[
                        :SUBJECTS
                    ],
                    tuple(t for t in values if self._may_end(t, relation))[:OBJECTS],
                )
            )
        return branches

    def _ranked(self, found: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """At most `MOST_TERMS`, in the order of the text; small-letter phrases give way first, then long spans."""
        order = sorted(found, key=lambda m: (m.shape is Shape.PHRASE, len(m.text.split()) > 5, m.start))
        return tuple(sorted(order[:MOST_TERMS], key=lambda m: (m.start, m.end)))

    def _term(self, mention: Candidate, relation: str) -> Term:
        name = self._known.name(relation, mention.text) if relation else ""
        classes = {
            iri
            for iri in self._ontology.classes
            if iri not in self._patterns or self._patterns[iri].fullmatch(mention.text)
        }
        return Term(
            mention.text,
            mention.start,
            f"name:{compared(mention.text)}",
            frozenset(classes) if self._patterns else None,
            datatypes(mention.text),
            name if name != mention.text else "",
        )

    def _may_be(self, term: Term, classes: Sequence[str]) -> bool:
        return not classes or term.classes is None or any(c in term.classes for c in classes)

    def _may_end(self, term: Term, relation: Relation) -> bool:
        if relation.datatype is None:
            return self._may_be(term, relation.range)
        return relation.datatype in term.datatypes or not relation.datatype.startswith(_TYPED)

    def _more(self, example: Example, found: Sequence[Candidate]) -> list[Line]:
        """What a labelled sentence states beside its labels, where that is sure enough."""
        if self._learned is None:
            return []
        likely = self._learned.likely(example.text, found, 0, most=5)
        more = []
        for label in likely.subjects:
            (subject,), (value,) = _best(found, likely.subjects[label])[:1], _best(found, likely.objects[label])[:1]
            n, m = found.index(subject), found.index(value)
            sure = likely.relations[label] ** 0.35 * likely.subjects[label][n] * likely.objects[label][m]
            if sure >= _SURE and compared(subject.text) != compared(value.text):
                more.append((subject.text, label, value.text))
        return more


_VALUES = (Shape.DATE, Shape.NUMBER)
_TYPED = tuple(
    "http://www.w3.org/2001/XMLSchema#" + name
    for name in (
        "date", "gYear", "integer", "int", "long", "short", "decimal", "double", "float", "nonNegative", "positive",
        "unsigned", "boolean", "anyURI",
    )
)  # fmt: skip
"""Beginnings of the datatypes whose values can be told from other text."""


def weighed(triple: Triple, confidence: Decimal, likely: Likely, places: Mapping[tuple[int, str], int]) -> Decimal:
    """The model's confidence and what was learned, as one."""
    label = triple.relation.label
    subject = likely.subjects[label][places[triple.subject.start, triple.subject.text]]
    value = likely.objects[label][places[triple.object.start, triple.object.text]]
    logits = sum(
        weight * math.log(max(p, 1e-4))
        for weight, p in zip(_WEIGHTS, (float(confidence), likely.relations[label], subject, value), strict=True)
    )
    sure = 1 / (1 + math.exp(-(_BIAS + logits)))
    return Decimal(f"{min(max(sure, 0.01), 0.99):.2f}")


_BIAS, _WEIGHTS = 1.8, (0.45, 0.35, 0.55, 0.75)


def _best(found: Sequence[Candidate], weights: Sequence[float]) -> list[Candidate]:
    return [found[n] for n in sorted(range(len(found)), key=lambda n: (-weights[n], n))]


def _within(term: Term, sentence: Sentence) -> tuple[int, int]:
    start = term.start - sentence.start
    return start, start + len(term.text)
