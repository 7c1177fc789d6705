"""Boosted stumps in whole numbers: an additive model in which each feature has its own steps.

Each round adds the step (feature, threshold) that lowers the log loss most, by Newton's method with shrinkage.
Gradients are whole numbers and so are their sums, so no order of summation, library or machine changes a weight.
Sources: Friedman, Greedy Function Approximation (2001), https://doi.org/10.1214/aos/1013203451 ; Chen and Guestrin,
XGBoost (2016), section 2, https://doi.org/10.1145/2939672.2939785 (gain and leaf weights).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from extractors.document_relations.additive import LOGIT, AdditiveModel

_UNIT = 1 << 16
"""Gradients are counted in this many parts of one."""
_MOST = 12 * LOGIT
_CUTS = 48
"""A feature with more values than this is cut at about as many quantiles."""

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and how carefully to learn.

    `rounds` steps, each shrunk to `rate`; `ridge` is added to the second derivative of a leaf, in rows' worth;
    `least` rows on either side of a step; features in fewer than `support` rows are not looked at.
    Each round sees the shares `row_share` and `feature_share` of the table, drawn by a generator with a fixed seed.
    """

    rounds: int = 600
    rate: float = 0.1
    row_share: float = 0.7
    feature_share: float = 0.3
    ridge: float = 3.0
    least: int = 10
    support: int = 20


def boost(rows: Sequence[Mapping[str, int]], right: Sequence[bool], settings: Settings) -> AdditiveModel:
    """The model of rows of features (whole numbers above 0) and which of them are right; both kinds must be there.

    >>> rows = [{"mentions": 1}] * 30 + [{"mentions": 5}] * 30
    >>> model = boost(rows, [False] * 30 + [True] * 30, Settings(rounds=20))
    >>> model.margin({"mentions": 1}) < 0 < model.margin({"mentions": 5})
    True
    """
    table = _Table(rows, settings)
    y = np.asarray(right, dtype=np.int64)
    odds = round(LOGIT * math.log(y.sum() / (len(y) - y.sum())))
    margins = np.full(len(y), odds, dtype=np.int64)
    bias, steps = odds, defaultdict[str, Counter[int]](Counter)
    for _ in range(settings.rounds if table.names else 0):
        step = table.best(y, margins)
        if step is None:  # of what this round has drawn
            continue
        bias += step.below
        steps[step.feature][step.threshold] += step.above - step.below
        margins += step.below
        margins[step.rows] += step.above - step.below
    kept = {name: tuple(sorted((t, w) for t, w in listed.items() if w)) for name, listed in sorted(steps.items())}
    return AdditiveModel(bias, {name: listed for name, listed in kept.items() if listed})


@dataclass(frozen=True, slots=True)
class _Step:
    feature: str
    threshold: int
    below: int
    above: int
    rows: Integers
    """Those at or above the threshold."""


class _Table:
    """The rows by bin: a bin is a feature and a threshold, the bins of a feature stand together and rise."""

    def __init__(self, rows: Sequence[Mapping[str, int]], settings: Settings) -> None:
        self.settings, self.size = settings, len(rows)
        support = Counter(name for row in rows for name in row)
        self.names = sorted(name for name, count in support.items() if count >= settings.support)
        values: dict[str, list[tuple[int, int]]] = {name: [] for name in self.names}
        for index, row in enumerate(rows):
            for name, value in row.items():
                if name in values:
                    values[name].append((index, value))
        self.thresholds: list[int] = []
        self.feature: list[int] = []
        entries: list[tuple[int, int]] = []
        for number, name in enumerate(self.names):
            first, cuts = len(self.thresholds), _cuts([value for _, value in values[name]])
            self.thresholds += cuts
            self.feature += [number] * len(cuts)
            bins = np.searchsorted(cuts, [value for _, value in values[name]], side="right") - 1
            entries += [(index, first + int(b)) for (index, _), b in zip(values[name], bins, strict=True)]
        self.row = np.asarray([r for r, _ in entries], dtype=np.int64)
        self.bin = np.asarray([b for _, b in entries], dtype=np.int64)
        self.of_bin = np.asarray(self.feature, dtype=np.int64)
        self.ends = np.searchsorted(self.of_bin, self.of_bin, side="right")
        self.above = self._at_or_above(np.ones(len(rows), dtype=np.int64))
        least = settings.least
        self.allowed = (self.above >= least) & (self.size - self.above >= least)
        # The legacy generator, whose stream numpy has frozen.
        self.generator = np.random.RandomState(0)

    def _at_or_above(self, figures: Integers) -> Integers:
        """For each bin the sum of a figure over the rows at or above its threshold."""
        here = np.bincount(self.bin, weights=figures[self.row].astype(np.float64), minlength=len(self.thresholds))
        whole = np.concatenate(([0], np.cumsum(here.astype(np.int64))))
        summed: Integers = whole[self.ends] - whole[: len(self.thresholds)]
        return summed

    def best(self, y: Integers, margins: Integers) -> _Step | None:
        """The step with the greatest gain, the first of equals; None where no step is allowed or gains anything."""
        seen = self.generator.random_sample(self.size) < self.settings.row_share
        drawn = self.generator.random_sample(len(self.names)) < self.settings.feature_share
        sure = _probabilities()[np.clip(margins, -_MOST, _MOST) + _MOST]
        gradient, curvature = (y * _UNIT - sure) * seen, sure * (_UNIT - sure) // _UNIT * seen
        ridge = round(self.settings.ridge * _UNIT)
        g, h = self._at_or_above(gradient), self._at_or_above(curvature) + ridge
        rest_g, rest_h = int(gradient.sum()) - g, int(curvature.sum()) + 2 * ridge - h
        gain = g.astype(float) ** 2 / h + rest_g.astype(float) ** 2 / rest_h
        gain = np.where(self.allowed & drawn[self.of_bin], gain, -1.0)
        at = int(np.argmax(gain))
        if gain[at] <= 0:
            return None
        return _Step(
            feature=self.names[self.feature[at]],
            threshold=self.thresholds[at],
            below=self._leaf(rest_g[at], rest_h[at]),
            above=self._leaf(g[at], h[at]),
            rows=self.row[(self.bin >= at) & (self.bin < self.ends[at])],
        )

    def _leaf(self, gradient: int, curvature: int) -> int:
        return round(LOGIT * self.settings.rate * int(gradient) / int(curvature))


def _cuts(values: Sequence[int]) -> list[int]:
    """The thresholds of a feature: its values, or of many about as many of them as bins are allowed."""
    distinct = sorted(set(values))
    if len(distinct) <= _CUTS:
        return distinct
    ordered = sorted(values)
    return sorted({distinct[0], *(ordered[len(ordered) * k // _CUTS] for k in range(1, _CUTS))})


@cache
def _probabilities() -> Integers:
    """The logistic function of margins from -12 to 12, in parts of `_UNIT`."""
    return np.asarray(
        [round(_UNIT / (1 + math.exp(-margin / LOGIT))) for margin in range(-_MOST, _MOST + 1)], dtype=np.int64
    )
