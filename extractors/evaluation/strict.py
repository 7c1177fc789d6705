"""The strict score: a triple is right if subject, relation and object are all as labelled, normalised.

Triples of a text are a set: what is stated twice counts once. A text whose prediction failed has stated nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from extractors.evaluation.counts import Counts, Score, mean, total
from extractors.evaluation.model import LabelledText, Predicted, Triple, paired
from extractors.evaluation.normalise import Normalisation


@dataclass(frozen=True, slots=True)
class ByTextAndRelation:
    """Counts in the order of the texts, and by relation, in the order of their names.

    `quiet_texts` state nothing, `false_alarms` are those of them of which something was stated all the same.
    """

    per_text: tuple[Counts, ...]
    per_relation: dict[str, Counts]
    quiet_texts: int
    false_alarms: int

    @property
    def counts(self) -> Counts:
        """Of all texts together."""
        return total(self.per_text)

    @property
    def micro(self) -> Score:
        """Each triple counts the same."""
        return self.counts.score

    @property
    def macro(self) -> Score:
        """Each relation that was labelled or stated counts the same."""
        return mean(counts.score for counts in self.per_relation.values())

    @property
    def ranked_relations(self) -> list[tuple[str, Counts]]:
        """The relations with their counts, those that are labelled most often first."""
        return sorted(self.per_relation.items(), key=lambda item: (-item[1].gold, -item[1].predicted, item[0]))


def strict(
    texts: Sequence[LabelledText], predictions: Sequence[Predicted], normalisation: Normalisation | None = None
) -> ByTextAndRelation:
    """The strict counts of the predictions; raises what `paired` raises.

    >>> from extractors.evaluation.model import PredictedTriple
    >>> text = LabelledText("1", "Ann wrote X.", (("X", "author", "Ann"),))
    >>> said = Predicted("1", (PredictedTriple("X", "Author", "Ann"), PredictedTriple("X", "author", "Bo")))
    >>> strict([text], [said]).micro
    Score(precision=0.5, recall=1.0, f1=0.6666666666666666)
    """
    rules = normalisation or Normalisation()
    sets = [
        ({rules.triple(t) for t in text.triples}, {rules.triple(t.triple) for t in said.triples})
        for text, said in paired(texts, predictions)
    ]
    return counted([(gold, stated, gold & stated) for gold, stated in sets])


def counted(texts: Sequence[tuple[set[Triple], set[Triple], Collection[Triple]]]) -> ByTextAndRelation:
    """Counts from (labelled, stated, those of the stated ones that are right) of each text."""
    per_text = tuple(Counts(len(gold), len(stated), len(right)) for gold, stated, right in texts)
    gold = Counter(t[1] for labelled, _, _ in texts for t in labelled)
    stated = Counter(t[1] for _, said, _ in texts for t in said)
    right = Counter(t[1] for _, _, correct in texts for t in correct)
    return ByTextAndRelation(
        per_text,
        {name: Counts(gold[name], stated[name], right[name]) for name in sorted(gold | stated)},
        sum(not c.gold for c in per_text),
        sum(not c.gold and c.predicted > 0 for c in per_text),
    )
