"""Fits a calibrator to judged triples: isotonic regression, or a logistic curve where there is too little for it.

Isotonic: pool adjacent violators (Zadrozny and Elkan 2002, https://doi.org/10.1145/775047.775151); the curve goes
through the middle of each pool. Platt: a logistic curve of the log odds, fitted by Newton's method with Platt's targets
(Platt 1999; Lin, Lin and Weng 2007, https://doi.org/10.1007/s10994-007-5018-6), kept as points.
Which of them is taken is decided by the log loss on texts that were left out while fitting, five times a fifth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import groupby

from extractors.evaluation.calibrator import Calibrator
from extractors.evaluation.confidence_scores import Judgement
from extractors.evaluation.errors import CalibrationRefused

FOLDS = 5
MIN_JUDGEMENTS = 20
_EDGE = 0.005
"""Confidences are kept this far from 0 and 1, where the log odds are infinite."""
_GRID = 100
_STEPS = 100


def fit(texts: Sequence[Sequence[Judgement]], method: str | None = None) -> Calibrator:
    """The calibrator for the judgements of each text; `method` is `isotonic`, `platt`, or None for the better one.

    Raises CalibrationRefused for fewer than `MIN_JUDGEMENTS` judgements.
    """
    judgements = [j for text in texts for j in text]
    if len(judgements) < MIN_JUDGEMENTS:
        raise CalibrationRefused(
            f"{len(judgements)} judged triples are too few for a calibration",
            remedy=f"label more texts: at least {MIN_JUDGEMENTS} stated triples with a confidence are needed",
        )
    if method is None:
        method = min(_METHODS, key=lambda name: _log_loss(left_out(texts, name)))
    return _METHODS[method](judgements)


def left_out(texts: Sequence[Sequence[Judgement]], method: str | None = None) -> list[Judgement]:
    """Each judgement with the confidence of a calibrator that was fitted without its text's fifth.

    What is measured on these says what to expect on texts that nobody has labelled. Raises CalibrationRefused.
    """
    found: list[Judgement] = []
    for fold in range(FOLDS):
        others = [text for i, text in enumerate(texts) if i % FOLDS != fold]
        here = [j for text in texts[fold::FOLDS] for j in text]
        if not here:
            continue
        judgements = [j for text in others for j in text]
        if method is None:
            calibrator = fit(others)
        elif judgements:
            calibrator = _METHODS[method](judgements)
        else:
            calibrator = Calibrator(method, (0.5,), (0.5,), 0)
        found += [(calibrator(confidence), right) for confidence, right in here]
    return found


def isotonic(judgements: Sequence[Judgement]) -> Calibrator:
    """The rising curve nearest to the outcomes (least squares).

    >>> isotonic([(0.2, False), (0.4, True), (0.6, False), (0.8, True)]).calibrated
    (0.0, 0.5, 1.0)
    """
    pools: list[tuple[float, int, int]] = []  # sum of confidences, count, right ones
    for confidence, tied in groupby(sorted((round(c, 6), right) for c, right in judgements), key=lambda j: j[0]):
        outcomes = [right for _, right in tied]
        pools.append((confidence * len(outcomes), len(outcomes), sum(outcomes)))
        while len(pools) > 1 and pools[-2][2] * pools[-1][1] >= pools[-1][2] * pools[-2][1]:
            surer, less = pools.pop(), pools.pop()
            pools.append((less[0] + surer[0], less[1] + surer[1], less[2] + surer[2]))
    return Calibrator(
        "isotonic",
        tuple(total / n for total, n, _ in pools),
        tuple(round(right / n, 6) for _, n, right in pools),
        len(judgements),
    )


def platt(judgements: Sequence[Judgement]) -> Calibrator:
    """A logistic curve of the log odds of the confidence; level where surer ones are not more often right."""
    a, b = logistic([(_log_odds(confidence), right) for confidence, right in judgements])
    raw = tuple(i / _GRID for i in range(_GRID + 1))
    return Calibrator("platt", raw, tuple(round(_sigmoid(a * _log_odds(x) + b), 6) for x in raw), len(judgements))


def logistic(points: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Slope (not below 0) and intercept of the most likely logistic curve through (x, outcome), by Newton's method."""
    right = sum(outcome for _, outcome in points)
    yes, no = (right + 1) / (right + 2), 1 / (len(points) - right + 2)
    targets = [(x, yes if outcome else no) for x, outcome in points]
    a, b = 0.0, math.log((right + 1) / (len(points) - right + 1))
    loss = _cross_entropy(targets, a, b)
    for _ in range(_STEPS):
        likely = [(x, t, _sigmoid(a * x + b)) for x, t in targets]
        ga, gb = math.fsum(x * (p - t) for x, t, p in likely), math.fsum(p - t for _, t, p in likely)
        haa = math.fsum(x * x * p * (1 - p) for x, _, p in likely) + 1e-9
        hab = math.fsum(x * p * (1 - p) for x, _, p in likely)
        hbb = math.fsum(p * (1 - p) for _, _, p in likely) + 1e-9
        determinant = haa * hbb - hab * hab
        da, db = (hab * gb - hbb * ga) / determinant, (hab * ga - haa * gb) / determinant
        step = 1.0
        while step > 1e-6 and _cross_entropy(targets, a + step * da, b + step * db) > loss:
            step /= 2
        a, b = a + step * da, b + step * db
        if (before := loss) - (loss := _cross_entropy(targets, a, b)) < 1e-12 * max(1.0, before):
            break
    if a < 0:
        return 0.0, math.log((right + 1) / (len(points) - right + 1))
    return a, b


_METHODS: dict[str, Callable[[Sequence[Judgement]], Calibrator]] = {"platt": platt, "isotonic": isotonic}


def _log_odds(confidence: float) -> float:
    kept = min(max(confidence, _EDGE), 1 - _EDGE)
    return math.log(kept / (1 - kept))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _cross_entropy(targets: Sequence[tuple[float, float]], a: float, b: float) -> float:
    """Of the curve, against targets from 0 to 1."""
    return math.fsum(
        max(z, 0.0) - z * target + math.log1p(math.exp(-abs(z))) for x, target in targets for z in (a * x + b,)
    )


def _log_loss(judgements: Sequence[Judgement]) -> float:
    return -math.fsum(math.log(max(confidence if right else 1 - confidence, _EDGE)) for confidence, right in judgements)
