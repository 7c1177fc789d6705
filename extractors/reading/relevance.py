"""The relations of a large ontology that a sentence may be about, found by their words.

Each relation is a text: its label, its comment, the labels of its domain and range, and its labelled sentences. The
nearest to the sentence are taken, and those of the nearest labelled sentences always.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractors.reading.examples import Examples, parts
from ontology.model import Example, Ontology, Relation

FEW = 24
"""An ontology with no more relations is shown whole: the part of the prompt that holds it is the same for all."""
NEAREST = 12


class Relevance:
    """Chooses among the extractable relations of an ontology."""

    def __init__(self, ontology: Ontology, examples: Examples) -> None:
        self._relations = ontology.extractable
        self._examples = examples
        self.whole = len(self._relations) <= FEW
        self._texts = Examples([] if self.whole else [Example(_text(ontology, r), ()) for r in self._relations], parts)

    def of(self, sentence: str, near: Sequence[Example]) -> tuple[Relation, ...]:
        """The relations for a sentence, in the order of the ontology; `near` are its nearest labelled sentences."""
        if self.whole:
            return self._relations
        told = {label for example in near for _, label, _ in example.triples}
        nearest = set(self._texts.places(sentence, NEAREST))
        return tuple(r for n, r in enumerate(self._relations) if n in nearest or r.label in told)


def _text(ontology: Ontology, relation: Relation) -> str:
    ends = [ontology.classes[c].label for c in (*relation.domain, *relation.range) if c in ontology.classes]
    return " ".join([relation.label, relation.label, relation.comment, *ends])
