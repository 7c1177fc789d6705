"""Intervals by resampling texts: the percentile bootstrap, paired where two systems read the same texts.

Texts, not triples, are drawn, because the triples of a text are not independent. One `Resampling` gives the same draws
to everything computed with it, so differences and ratios of systems are paired.
Sources: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; Koehn (2004),
https://aclanthology.org/W04-3250/ (paired).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from extractors.evaluation.counts import Counts

SAMPLES = 2000
_BLOCK, _KEPT = 2**20, 2**24
"""Numbers that are held at once, and at most from one figure to the next."""
Samples = NDArray[np.float64]
"""One value a resample."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The bounds between which the middle 95 % (or what was asked for) of the resamples lie."""

    low: float
    high: float


class Resampling:
    """`samples` draws of `texts` texts with replacement; the same arguments give the same draws."""

    def __init__(self, texts: int, *, samples: int = SAMPLES, seed: int = 0) -> None:
        self._texts, self._samples, self._seed = texts, samples, seed
        self._kept = tuple(self._drawn()) if texts * samples <= _KEPT else None

    def sums(self, values: Sequence[float]) -> Samples:
        """The sum over the drawn texts of a figure of each text."""
        column = np.asarray(values, dtype=np.float64)
        times = self._drawn() if self._kept is None else self._kept
        return np.concatenate([block @ column for block in times])

    def _drawn(self) -> Iterator[Samples]:
        """How often each text is in each sample, some samples at a time: all at once are too much for many texts."""
        generator = np.random.default_rng(self._seed)
        rows = max(1, min(self._samples, _BLOCK // max(self._texts, 1)))
        for first in range(0, self._samples, rows):
            block = np.zeros((min(rows, self._samples - first), self._texts))
            for row in block if self._texts else ():
                row += np.bincount(generator.integers(0, self._texts, self._texts), minlength=self._texts)
            yield block

    def means(self, values: Sequence[float]) -> Samples:
        """The mean over the drawn texts: for scores that are averaged over texts, as the official one."""
        return self.sums(values) / max(len(values), 1)

    def f1(self, per_text: Sequence[Counts]) -> Samples:
        """Micro F1 of the drawn texts."""
        return quotient(
            2 * self.sums([c.correct for c in per_text]), self.sums([c.gold + c.predicted for c in per_text]), none=0.0
        )

    def precision(self, per_text: Sequence[Counts]) -> Samples:
        """Micro precision of the drawn texts."""
        return quotient(self.sums([c.correct for c in per_text]), self.sums([c.predicted for c in per_text]), none=0.0)

    def recall(self, per_text: Sequence[Counts]) -> Samples:
        """Micro recall of the drawn texts."""
        return quotient(self.sums([c.correct for c in per_text]), self.sums([c.gold for c in per_text]), none=0.0)


def quotient(a: Samples, b: Samples, *, none: float = 1.0) -> Samples:
    """`a / b` sample by sample: infinite where only `b` is 0, `none` where both are 0 or both infinite.

    For the ratio of two systems' scores, or of tokens and correct triples.

    >>> quotient(np.array([1.0, 1.0, 0.0]), np.array([2.0, 0.0, 0.0])).tolist()
    [0.5, inf, 1.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        divided: Samples = np.where(((a == 0) & (b == 0)) | (np.isinf(a) & np.isinf(b)), none, a / b)
    return divided


def interval(samples: Samples, level: float = 0.95) -> Interval:
    """The percentile interval; the bounds are values of samples, so infinite ones do no harm.

    >>> interval(np.arange(1001.0))
    Interval(low=25.0, high=975.0)
    """
    tail = (1 - level) / 2
    return Interval(
        float(np.quantile(samples, tail, method="lower")), float(np.quantile(samples, 1 - tail, method="higher"))
    )


def share_better(a: Samples, b: Samples) -> float:
    """The share of samples in which A's score is above B's; ties are not.

    >>> share_better(np.array([0.5, 0.4, 0.3]), np.array([0.2, 0.4, 0.1])) == 2 / 3
    True
    """
    return float(np.mean(a > b))
