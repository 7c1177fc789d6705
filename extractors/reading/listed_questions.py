"""Questions in the terms of an ontology of identifiers: every line that a sentence can state is listed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from extractors.mentions.kinds import Kinds
from extractors.reading.offered import Offers
from extractors.reading.question import Question
from extractors.reading.reader import Passage
from extractors.reading.shots import Shots
from ontology.grammar import Listed
from ontology.model import Example, Ontology


class ListedQuestions:
    """The questions of an ontology whose classes are known by the form of their names."""

    def __init__(self, ontology: Ontology, kinds: Kinds, beside: Sequence[Example] = ()) -> None:
        self._offers = Offers(ontology, kinds)
        self._shots = Shots(ontology, kinds, beside=beside)

    @property
    def digest(self) -> str:
        """`sha256:` of the part of the prompt that all calls share."""
        return self._shots.digest

    @property
    def min_confidence(self) -> Decimal:
        """More likely right than wrong, by the model's own estimate."""
        return Decimal("0.50")

    def of(self, passage: Passage) -> Question:
        """The question about a passage."""
        offer = self._offers.of(passage.document, passage.sentence)
        return Question(
            Listed(offer.triples), offer.mentions, offer.reason, lambda: self._shots.chat(passage.sentence.aligned)
        )
