"""How far confidences can be trusted: reliability bins, expected calibration error, Brier score, AUROC.

Judgements are pairs (confidence from 0 to 1, whether the triple is right).
Sources: Naeini et al., Obtaining Well Calibrated Probabilities Using Bayesian Binning (2015),
https://doi.org/10.1609/aaai.v29i1.9602 (calibration error); Brier (1950); Hanley and McNeil (1982),
https://doi.org/10.1148/radiology.143.1.7063747 (area under the ROC curve as a share of pairs).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from extractors.evaluation.model import LabelledText, Predicted, paired
from extractors.evaluation.normalise import Normalisation

BINS = 10
Judgement = tuple[float, bool]


@dataclass(frozen=True, slots=True)
class Bin:
    """Judgements whose confidences lie next to each other: the lowest and highest, how many, the two means."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class ConfidenceScores:
    """Of `count` judgements, `correct` right. `auroc` is None unless there are both right and wrong ones."""

    count: int
    correct: int
    ece_equal_width: float
    ece_equal_mass: float
    brier: float
    auroc: float | None
    bins: tuple[Bin, ...]
    """Of equal mass: the points of a reliability diagram."""


def judged(
    texts: Sequence[LabelledText], predictions: Sequence[Predicted], normalisation: Normalisation | None = None
) -> tuple[tuple[Judgement, ...], ...]:
    """For each text the judgements of its triples that have a confidence, right by the strict score.

    What is stated twice is judged once, with the highest confidence. Raises what `paired` raises.
    """
    rules = normalisation or Normalisation()
    rows = []
    for text, said in paired(texts, predictions):
        gold = {rules.triple(t) for t in text.triples}
        surest: dict[tuple[str, str, str], float] = {}
        for triple in said.triples:
            if triple.confidence is not None:
                key = rules.triple(triple.triple)
                surest[key] = max(surest.get(key, 0.0), triple.confidence)
        rows.append(tuple((confidence, key in gold) for key, confidence in surest.items()))
    return tuple(rows)


def confidence_scores(judgements: Sequence[Judgement], bins: int = BINS) -> ConfidenceScores:
    """All scores of the judgements, whose order does not matter; zeros where there are none.

    >>> scores = confidence_scores([(0.9, True), (0.8, True), (0.4, False), (0.3, True)])
    >>> round(scores.ece_equal_width, 6), round(scores.brier, 6), round(scores.auroc, 6)
    (0.35, 0.175, 0.666667)
    """
    n = len(judgements)
    mass = equal_mass(judgements, bins)
    return ConfidenceScores(
        n,
        sum(right for _, right in judgements),
        calibration_error(equal_width(judgements, bins)),
        calibration_error(mass),
        math.fsum((confidence - right) ** 2 for confidence, right in judgements) / n if n else 0.0,
        auroc(judgements),
        mass,
    )


def equal_width(judgements: Sequence[Judgement], bins: int = BINS) -> tuple[Bin, ...]:
    """The bins [0, 1/n), [1/n, 2/n) … [1 - 1/n, 1] that hold anything."""
    return _bins(judgements, lambda confidence, _: min(int(confidence * bins), bins - 1))


def equal_mass(judgements: Sequence[Judgement], bins: int = BINS) -> tuple[Bin, ...]:
    """About as many judgements in each bin; equal confidences stay together, so the order decides nothing."""
    n = len(judgements)
    return _bins(judgements, lambda _, below: below * bins // n)


def calibration_error(bins: Sequence[Bin]) -> float:
    """The mean over judgements of how far the accuracy of their bin is from its confidence."""
    n = sum(b.count for b in bins)
    return math.fsum(b.count * abs(b.accuracy - b.confidence) for b in bins) / n if n else 0.0


def auroc(judgements: Sequence[Judgement]) -> float | None:
    """The share of pairs of a right and a wrong judgement in which the right one is surer; ties count half."""
    right = sum(is_right for _, is_right in judgements)
    wrong = len(judgements) - right
    if not right or not wrong:
        return None
    halves, wrong_below = 0, 0
    for _, tied in groupby(sorted(judgements), key=lambda j: j[0]):
        outcomes = [is_right for _, is_right in tied]
        here = sum(outcomes)
        halves += here * (2 * wrong_below + len(outcomes) - here)
        wrong_below += len(outcomes) - here
    return halves / (2 * right * wrong)


def _bins(judgements: Sequence[Judgement], bin_of: Callable[[float, int], int]) -> tuple[Bin, ...]:
    """One bin for each number that `bin_of` gives for a confidence and the number of judgements below it."""
    rows: dict[int, list[Judgement]] = {}
    below = 0
    for confidence, tied in groupby(sorted(judgements), key=lambda j: j[0]):
        same = list(tied)
        rows.setdefault(bin_of(confidence, below), []).extend(same)
        below += len(same)
    return tuple(
        Bin(
            row[0][0],
            row[-1][0],
            len(row),
            math.fsum(c for c, _ in row) / len(row),
            sum(right for _, right in row) / len(row),
        )
        for _, row in sorted(rows.items())
    )
