"""Questions about general text, in the terms of any ontology: relation by relation, from span to span.

The answers are built of parts (`ontology.factored`): each relation is a branch with the spans that fit its domain and
those that fit its range. Where there are labelled sentences, what they teach decides which relations and spans are
offered, and weighs what the model says.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from extractors.documents.lead_in import lead_in
from extractors.mentions.candidates import VALUES, Candidate, Shape
from extractors.mentions.names import mentions
from extractors.models.protocol import Message
from extractors.reading.cues import Cues
from extractors.reading.direction import first_is_subject
from extractors.reading.offered import too_long
from extractors.reading.open_shots import Line, OpenShots
from extractors.reading.polarity import doubt
from extractors.reading.question import NOTHING, Question, Said, as_said
from extractors.reading.reader import Passage
from extractors.reading.relevance import Relevance
from extractors.reading.resolved import resolved
from extractors.reading.terms import Terms
from extractors.reading.weighing import said, unasked, unsaid, unworded, worded
from ontology.factored import MAX_LINES, Branch, Factored
from ontology.grammar import Answers, Term, Triple
from ontology.model import Example, Ontology, Relation

if TYPE_CHECKING:
    from extractors.reading.learned import Learned
    from extractors.reading.likely import Likely

VERSION = "7"
FEWEST = 40
"""With fewer labelled sentences nothing is learned."""
MOST_TERMS = 48
"""Spans offered where nothing is learned; names come before phrases."""
RELATIONS, SUBJECTS, OBJECTS = 6, 5, 6
"""What is offered where something is learned: relations, subjects and objects of each, the likely ones."""
MIN_CONFIDENCE = Decimal("0.25")
_HOPELESS = Decimal("0.05")
"""A sentence of which no line is likelier costs no call."""
_SETTLED = Decimal("0.35")
"""A sentence of which a line is so sure costs no call: what a model adds there is wrong as often as it is right."""
_LIKELY, _POSSIBLE = Decimal("0.10"), Decimal("0.05")
"""Where a line is so likely the model has to state something, and one line more than are possible at most."""
_EMPTY_SHARE = 0.05
"""Where more of the labelled sentences state nothing, they teach when nothing is stated, too, and no model is asked."""
_FLOOR, _ALWAYS = 0.003, 2
"""A span less likely is not offered, but for so many in any case."""
_WORTH = Decimal("0.10")
"""A line that the model did not write is not even listed as rejected under this confidence."""
_SURE = 0.3
"""From here on what is learned completes the labels of an example."""


class OpenQuestions:
    """The questions of an ontology about general text; `examples` are its labelled sentences.

    Those `beside` are shown where they are nearest; nothing is learned from them.
    """

    def __init__(self, ontology: Ontology, examples: Sequence[Example], beside: Sequence[Example] = ()) -> None:
        self._ontology = ontology
        self._terms = Terms(ontology, examples)
        self._known = self._terms.known
        empty = sum(not example.triples for example in examples)
        self._tell_empty = empty > _EMPTY_SHARE * len(examples)
        self._sentences = [(example, self._mentions(example.text)) for example in examples]
        more = [(example, self._mentions(example.text)) for example in beside]
        self._shots = OpenShots(ontology, self._sentences, self._known, self._more, beside=more)
        self._relevance = Relevance(ontology, self._shots.examples)
        self._examples = tuple(examples)

    @cached_property
    def _cues(self) -> Cues:
        """Made where nothing is learned: of many labelled sentences it would cost more than it is worth."""
        return Cues(replace(self._ontology, examples=self._examples))

    @cached_property
    def _learned(self) -> Learned | None:
        """Learned at the first question: takes seconds, and a reader may be opened for its parameters alone."""
        if len(self._sentences) < FEWEST:
            return None
        from extractors.reading.learned import Learned  # numpy: a tenth of a second that only learning needs

        labels = [relation.label for relation in self._ontology.extractable]
        return Learned(labels, self._sentences, self._known)

    @property
    def digest(self) -> str:
        """`sha256:` of the instruction, the relations, the labelled sentences and the version of these rules."""
        return "sha256:" + hashlib.sha256(f"{VERSION} {self._shots.digest}".encode()).hexdigest()

    @property
    def min_confidence(self) -> Decimal:
        """Where the strict F1 is as good as anywhere, and more is found than from higher on (docs/extraction.md)."""
        return MIN_CONFIDENCE

    def of(self, passage: Passage) -> Question:
        """The question about a passage."""
        sentence = passage.sentence
        if reason := too_long(sentence):
            return Question(reason=reason)
        read = resolved(passage)
        seen = self._mentions(read.text)
        led = [(m, place) for m in seen if (place := read.place(m)) is not None]
        seen, found = tuple(m for m, _ in led), tuple(place.mention for _, place in led)
        spoken = {(p.mention.start, p.mention.text): (p.start, p.end) for _, p in reversed(led)}
        subjects = {p.mention.text: p.subject for _, p in led if p.subject}
        near = self._shots.nearest(read.text)
        relations = self._relevance.of(read.text, near)
        likely = self._learned.likely(read.text, seen) if self._learned else None
        lines = tuple(likely.lines(found)) if likely is not None else ()
        alone = [unasked(likely.sure(*line)) for line in lines] if likely is not None else []
        if likely is not None and max(alone, default=Decimal(0)) < _HOPELESS:
            return Question()
        surest = max(alone, default=Decimal(0))
        branches = (
            self._branches(relations, self._ranked(found))
            if likely is None
            else self._likely_branches(relations, near, found, likely)
        )

        def chat() -> tuple[Message, ...]:
            return self._shots.chat(read.text, relations, near)

        def findings(stated: Said) -> dict[Triple, Decimal]:
            if likely is None:
                believed = _rising(self._by_words(read.text, stated))
                return {_as_worded(triple, sentence.aligned, spoken, offered): of for triple, of in believed}
            sure = as_said(stated)
            weighed = self._weighed(sure, relations, found, likely, lines, unasked if settled else unsaid)
            return {_of_subjects(triple, subjects): of for triple, of in weighed.items()}

        settled = likely is not None and (self._tell_empty or surest >= _SETTLED)
        limit = MAX_LINES if likely is None else 1 + sum(sure >= _POSSIBLE for sure in alone)
        known = _known_subjects(branches, subjects)
        offered: Answers = NOTHING if settled else Factored(known, limit=limit, something=surest >= _LIKELY)
        return Question(
            offered,
            {(m.start, m.text): m for m in found},
            chat=chat,
            findings=findings,
            doubt=lambda triple: doubt(
                sentence.aligned,
                spoken[triple.subject.start, triple.subject.text],
                spoken[triple.object.start, triple.object.text],
                lead_in=lead_in(passage.document, sentence.start),
                label=triple.relation.label,
            ),
        )

    def _mentions(self, text: str) -> Sequence[Candidate]:
        return mentions(text, known=tuple(self._known.spans(text)))

    def _by_words(self, sentence: str, stated: Said) -> dict[Triple, Decimal]:
        """What the model said, by whether the sentence has a word of the relation; as said where that tells nothing."""
        found = as_said(stated)
        for triple, confidence in found.items():
            has_word = self._cues.has_word_of(sentence, triple.relation)
            if has_word is not None and stated[triple] is not None:
                found[triple] = worded(confidence) if has_word else unworded(confidence)
        return found

    def _branches(self, relations: Sequence[Relation], found: Sequence[Candidate]) -> list[Branch]:
        no_name = all(m.shape in (Shape.PHRASE, *VALUES) for m in found)
        terms = [(self._terms.term(m), m) for m in found if no_name or m.shape is not Shape.PHRASE]
        return [
            Branch(
                relation,
                tuple(t for t, m in terms if self._terms.may_start(t, relation) and m.shape not in VALUES),
                tuple(t for m in found if self._terms.may_end(t := self._terms.term(m, relation), relation)),
            )
            for relation in relations
        ]

    def _likely_branches(
        self, relations: Sequence[Relation], near: Sequence[Example], found: Sequence[Candidate], likely: Likely
    ) -> list[Branch]:
        weight = [0.0] * len(found)
        strength = {label: max(objects, default=0.0) for label, objects in likely.objects.items()}
        for label, ends in likely.subjects.items():
            for n, p in enumerate(ends):
                weight[n] += p * strength[label]
        told = {label for example in near for _, label, _ in example.triples}
        order = sorted(relations, key=lambda r: (-strength.get(r.label, 0.0), r.label))
        branches = []
        for relation in [r for n, r in enumerate(order) if n < RELATIONS or r.label in told]:
            objects = likely.objects.get(relation.label, weight)
            subjects = (self._terms.term(m) for m in _best(found, weight, _FLOOR))
            values = (self._terms.term(m, relation) for m in _best(found, objects, _FLOOR))
            branches.append(
                Branch(
                    relation,
                    tuple(islice((t for t in subjects if self._terms.may_start(t, relation)), SUBJECTS)),
                    tuple(islice((t for t in values if self._terms.may_end(t, relation)), OBJECTS)),
                )
            )
        return branches

    def _weighed(
        self,
        stated: Mapping[Triple, Decimal],
        relations: Sequence[Relation],
        found: Sequence[Candidate],
        likely: Likely,
        lines: Sequence[tuple[str, int, int]],
        other: Callable[[float], Decimal],
    ) -> dict[Triple, Decimal]:
        """What the model said, weighed by what was learned, and what was learned that it did not say, as `other`."""
        places = {(m.start, m.text): n for n, m in enumerate(found)}
        weighed = {}
        for triple, confidence in stated.items():
            subject, value = (places[end.start, end.text] for end in (triple.subject, triple.object))
            label = triple.relation.label
            if label in likely.objects:
                sure = likely.sure(label, subject, value)
                confidence = said(sure, confidence)
            weighed[triple] = confidence
        named = {relation.label: relation for relation in relations}
        told = {(t.relation.label, t.object.start, t.object.start + len(t.object.text)) for t in stated}
        for label, n, m in lines:
            clear = all(r != label or e <= found[m].start or found[m].end <= s for r, s, e in told)
            alone = other(likely.sure(label, n, m))
            if clear and alone >= _WORTH and (relation := named.get(label)) is not None:
                triple = Triple(self._terms.term(found[n]), relation, self._terms.term(found[m], relation))
                if self._terms.may_start(triple.subject, relation) and self._terms.may_end(triple.object, relation):
                    weighed[triple] = alone
        return weighed

    def _ranked(self, found: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """At most `MOST_TERMS`, in the order of the text; small-letter phrases give way first, then long spans.

        A list of names gives way to the names.
        """
        texts = {m.text for m in found}
        single = [m for m in found if not _is_list(m.text, texts) or (0, len(m.text)) in self._known.spans(m.text)]
        order = sorted(single, key=lambda m: (m.shape is Shape.PHRASE, len(m.text.split()) > 5, m.start))
        return tuple(sorted(order[:MOST_TERMS], key=lambda m: (m.start, m.end)))

    def _more(self, example: Example, found: Sequence[Candidate]) -> list[Line]:
        """What a labelled sentence states beside its labels, where that is sure enough."""
        if self._learned is None:
            return []
        likely = self._learned.likely(example.text, found)
        lines = likely.lines(found)
        return [(found[n].text, label, found[m].text) for label, n, m in lines if likely.sure(label, n, m) >= _SURE]


_JOINED = re.compile(r",? and |, ")


def _is_list(text: str, names: Collection[str]) -> bool:
    """Whether it is names one after another, the last after "and", none of them a plain word.

    >>> names = ("Ann Lee", "OpenZeppelin", "Procter", "Gamble")
    >>> _is_list("Ann Lee and OpenZeppelin", names), _is_list("Procter and Gamble", names)
    (True, False)
    """
    parts = _JOINED.split(text)
    several = " and " in text and len(set(parts)) == len(parts) > 1
    return several and all(part in names and (" " in part or not part[1:].islower()) for part in parts)


def _best(found: Sequence[Candidate], weights: Sequence[float], floor: float) -> list[Candidate]:
    """The likely ones, the likeliest first; the first two in any case."""
    order = sorted(range(len(found)), key=lambda n: (-weights[n], n))
    return [found[n] for place, n in enumerate(order) if place < _ALWAYS or weights[n] >= floor]


def _as_worded(
    triple: Triple, sentence: str, spoken: Mapping[tuple[int, str], tuple[int, int]], offered: Answers
) -> Triple:
    """The triple, turned round where the sentence says plainly that its object is the subject and that is offered."""
    one, other = (spoken[end.start, end.text] for end in (triple.subject, triple.object))
    subject_is_first = first_is_subject(sentence, min(one, other), max(one, other), triple.relation.label)
    if subject_is_first is None or subject_is_first == (one < other):
        return triple
    turned, _ = offered.read(Triple(triple.object, triple.relation, triple.subject).line)
    return turned[0] if turned else triple


def _rising(found: Mapping[Triple, Decimal]) -> list[tuple[Triple, Decimal]]:
    """The surest last, so that it is what remains of two that become one."""
    return sorted(found.items(), key=lambda item: item[1])


def _own(term: Term, subjects: Mapping[str, str]) -> Term:
    """The term, or the document's own subject where it is a name of that."""
    return replace(term, identity=subjects[term.text]) if term.text in subjects else term


def _of_subjects(triple: Triple, subjects: Mapping[str, str]) -> Triple:
    return replace(triple, subject=_own(triple.subject, subjects), object=_own(triple.object, subjects))


def _known_subjects(branches: Sequence[Branch], subjects: Mapping[str, str]) -> list[Branch]:
    """The branches with the document's own subject in place of its name."""
    return [
        replace(
            branch,
            subjects=tuple(_own(term, subjects) for term in branch.subjects),
            objects=tuple(_own(term, subjects) for term in branch.objects),
        )
        for branch in branches
    ]
