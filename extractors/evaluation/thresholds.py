"""Precision and recall if only triples of at least some confidence were taken: what a threshold buys and costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from extractors.evaluation.confidence_scores import Judgement
from extractors.evaluation.counts import Counts, Score


@dataclass(frozen=True, slots=True)
class Threshold:
    """The strict counts of what has at least this confidence."""

    confidence: float
    counts: Counts

    @property
    def score(self) -> Score:
        """Its precision, recall and F1."""
        return self.counts.score


def thresholds(judgements: Sequence[Judgement], gold: int) -> tuple[Threshold, ...]:
    """One for each confidence that occurs, the highest first; `gold` is the number of labelled triples.

    >>> [(t.confidence, t.score.precision, t.score.recall) for t in thresholds([(0.9, True), (0.4, False)], 2)]
    [(0.9, 1.0, 0.5), (0.4, 0.5, 0.5)]
    """
    found: list[Threshold] = []
    counts = Counts(gold)
    for confidence, tied in groupby(sorted(judgements, reverse=True), key=lambda j: j[0]):
        outcomes = [right for _, right in tied]
        counts += Counts(0, len(outcomes), sum(outcomes))
        found.append(Threshold(confidence, counts))
    return tuple(found)


def best(found: Sequence[Threshold]) -> Threshold | None:
    """The one of the highest F1, the highest confidence among equals."""
    return max(found, key=lambda t: (t.score.f1, t.confidence), default=None)
