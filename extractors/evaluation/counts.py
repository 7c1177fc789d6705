"""Precision, recall and F1 from three counts.

Source: C. J. van Rijsbergen, Information Retrieval (1979), chapter 7, http://www.dcs.gla.ac.uk/Keith/Preface.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and their harmonic mean, each from 0 to 1."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Counts:
    """How many triples are right, how many were stated, and how many of these are right."""

    gold: int = 0
    predicted: int = 0
    correct: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.gold + other.gold, self.predicted + other.predicted, self.correct + other.correct)

    @property
    def score(self) -> Score:
        """Precision is 0 where nothing was stated, recall where nothing is right, F1 where neither.

        >>> Counts(gold=4, predicted=2, correct=1).score
        Score(precision=0.5, recall=0.25, f1=0.3333333333333333)
        """
        return Score(
            self.correct / self.predicted if self.predicted else 0.0,
            self.correct / self.gold if self.gold else 0.0,
            2 * self.correct / (self.gold + self.predicted) if self.gold + self.predicted else 0.0,
        )


def total(counts: Iterable[Counts]) -> Counts:
    """The sum of all, which is what micro averages are taken of."""
    return sum(counts, Counts())


def mean(scores: Iterable[Score]) -> Score:
    """The macro average: the mean of each figure; zeros where there is nothing to average.

    The mean of F1 values is not the F1 of the mean precision and recall.

    >>> mean([Score(1.0, 1.0, 1.0), Score(0.0, 0.5, 0.0)])
    Score(precision=0.5, recall=0.75, f1=0.5)
    """
    listed = list(scores)
    n = len(listed) or 1
    return Score(sum(s.precision for s in listed) / n, sum(s.recall for s in listed) / n, sum(s.f1 for s in listed) / n)
