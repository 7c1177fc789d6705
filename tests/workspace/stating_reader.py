"""A reader that finds what it was told: each (subject, relation, object) whose words stand in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from extractors.documents.model import Document, Sentence
from extractors.mentions.candidates import Candidate, Shape, candidates
from extractors.mentions.kinds import Kinds
from extractors.reading.reader import Found, Passage, Reading, Usage
from ontology.grammar import Term, Triple
from ontology.model import Ontology


class StatingReader:
    """Finds `said`, by the words of subject, relation label and object; relations are `ontology`'s."""

    def __init__(
        self, ontology: Ontology, said: Sequence[tuple[str, str, str]], confidence: Decimal = Decimal("0.90")
    ) -> None:
        self.said = said
        self.parameters = (("model", "told"), ("ontology", ontology.digest))
        self._confidence = confidence
        self._relations = {relation.label: relation for relation in ontology.relations.values()}
        self._kinds = Kinds(ontology)

    def asks(self, passage: Passage) -> bool:
        """Always."""
        return True

    def read(self, passage: Passage) -> Reading:
        """What it was told, where both words stand in the sentence."""
        mentions: dict[tuple[int, str], Candidate] = {}
        found: list[Found] = []
        for subject, label, value in self.said:
            pair = [self._term(words, passage.document, passage.sentence, mentions) for words in (subject, value)]
            if pair[0] and pair[1]:
                triple = Triple(pair[0], self._relations[label], pair[1])
                found.append(Found(triple, self._confidence))
        return Reading(tuple(found), (), mentions, True, Usage(calls=1))

    def close(self) -> None:
        """Nothing is held."""

    def _term(
        self, words: str, document: Document, sentence: Sentence, mentions: dict[tuple[int, str], Candidate]
    ) -> Term | None:
        at = sentence.text.find(words)
        if at < 0:
            return None
        known = {c.start: c for c in candidates(sentence.text, sentence.start, own_names=document.subject_names)}
        start = sentence.start + at
        named = known.get(start)
        if named is None or named.text != words:
            named = Candidate(start, start + len(words), words, Shape.NAME)
        mentions[start, words] = named
        return self._kinds.term(named, document)
