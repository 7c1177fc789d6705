"""Scores of confidences and the fitting of calibrators, against slow obvious ones."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from extractors.evaluation.calibration_fit import MIN_JUDGEMENTS, fit, isotonic, left_out, logistic, platt
from extractors.evaluation.calibrator import Calibrator
from extractors.evaluation.confidence_scores import (
    Judgement,
    auroc,
    calibration_error,
    confidence_scores,
    equal_mass,
    equal_width,
    judged,
)
from extractors.evaluation.errors import CalibrationRefused
from extractors.evaluation.model import LabelledText, Predicted, PredictedTriple

judgement = st.tuples(st.one_of(st.floats(0, 1), st.integers(0, 20).map(lambda n: n / 20)), st.booleans())
judgements = st.lists(judgement, max_size=40)


@settings(max_examples=40)
@given(judgements)
def test_auroc_is_the_share_of_pairs_in_order(found: list[Judgement]) -> None:
    pairs = [(a, b) for a, good in found if good for b, bad in found if not bad]
    if not pairs:
        assert auroc(found) is None
    else:
        assert auroc(found) == pytest.approx(
            sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)
        )


@settings(max_examples=40)
@given(judgements)
def test_calibration_error_of_equal_widths(found: list[Judgement]) -> None:
    error = 0.0
    for n in range(10):
        here = [j for j in found if (n <= j[0] * 10 < n + 1) or (n == 9 and j[0] == 1)]
        if here:
            error += abs(sum(c for c, _ in here) - sum(r for _, r in here))
    assert calibration_error(equal_width(found)) == pytest.approx(error / len(found) if found else 0)


@settings(max_examples=40)
@given(judgements, st.randoms())
def test_bins_hold_everything_once_in_any_order(found: list[Judgement], shuffle: random.Random) -> None:
    bins = equal_mass(found)
    assert sum(b.count for b in bins) == len(found)
    assert all(a.high < b.low for a, b in pairwise(bins))
    mixed = list(found)
    shuffle.shuffle(mixed)
    assert confidence_scores(mixed) == confidence_scores(found)


def test_bins_of_equal_mass_have_equal_mass_where_no_two_are_equal() -> None:
    assert [b.count for b in equal_mass([(n / 100, True) for n in range(100)])] == [10] * 10


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 100).map(lambda n: n / 100), st.booleans()), min_size=1, max_size=30))
def test_isotonic_regression_is_the_max_of_min_means(found: list[Judgement]) -> None:
    """The closed form of isotonic regression (Barlow et al. 1972): max over starts of min over ends of the mean."""
    values = sorted({c for c, _ in found})
    groups = [[right for c, right in found if c == value] for value in values]

    def mean(a: int, b: int) -> float:
        flat = [right for group in groups[a : b + 1] for right in group]
        return sum(flat) / len(flat)

    curve = isotonic(found)
    for i, _ in enumerate(values):
        expected = max(min(mean(a, b) for b in range(i, len(values))) for a in range(i + 1))
        assert any(abs(expected - y) < 1e-6 for y in curve.calibrated)
    assert list(curve.calibrated) == sorted(set(curve.calibrated))


@settings(max_examples=40)
@given(st.lists(judgement, min_size=2, max_size=40))
def test_no_logistic_curve_nearby_is_more_likely(found: list[Judgement]) -> None:
    points = [(4 * (c - 0.5), right) for c, right in found]
    a, b = logistic(points)
    assume(a > 0)
    right = sum(r for _, r in points)
    yes, no = (right + 1) / (right + 2), 1 / (len(points) - right + 2)

    def loss(a: float, b: float) -> float:
        likely = [(yes if r else no, 1 / (1 + math.exp(-a * x - b))) for x, r in points]
        return -sum(t * math.log(p) + (1 - t) * math.log(1 - p) for t, p in likely)

    for da, db in ((0.1, 0), (-0.1, 0), (0, 0.1), (0, -0.1), (0.1, -0.1), (-0.1, 0.1)):
        assert loss(a, b) <= loss(a + da, b + db) + 1e-6


@settings(max_examples=40)
@given(st.lists(judgement, min_size=MIN_JUDGEMENTS, max_size=60), st.floats(0, 1), st.floats(0, 1))
def test_a_calibrator_rises_and_survives_its_file(found: list[Judgement], a: float, b: float) -> None:
    for method in (None, "platt", "isotonic"):
        curve = fit([found[:9], found[9:15], [], found[15:]], method)
        low, high = sorted((a, b))
        assert 0 <= curve(low) <= curve(high) <= 1
        again = Calibrator.from_json(curve.to_json().encode())
        assert again == curve
        assert again.digest == curve.digest


def test_calibration_mends_a_system_that_is_too_sure() -> None:
    chance = random.Random(7)
    texts = []
    for _ in range(400):
        truth = chance.random()
        texts.append([(truth**0.25, chance.random() < truth)])
    raw = confidence_scores([j for text in texts for j in text])
    mended = confidence_scores(left_out(texts))
    assert raw.ece_equal_mass > 0.2
    assert mended.ece_equal_mass < 0.07
    assert mended.auroc == pytest.approx(raw.auroc, abs=0.02)


def test_a_system_whose_confidence_says_nothing_gets_its_rate() -> None:
    curve = platt([(0.9, False), (0.1, True)] * 20)
    assert set(curve.calibrated) == {0.5}


def test_judgements_are_of_each_stated_triple_once() -> None:
    text = LabelledText("1", "", (("A", "r", "B"),))
    said = [
        PredictedTriple("A", "r", "B", 0.4), PredictedTriple("A ", "R", "B", 0.7), PredictedTriple("A", "r", "C", 0.2),
        PredictedTriple("A", "r", "D"),
    ]  # fmt: skip
    assert judged([text], [Predicted("1", tuple(said))]) == (((0.7, True), (0.2, False)),)


def test_too_little_is_refused() -> None:
    with pytest.raises(CalibrationRefused, match="19 judged triples"):
        fit([[(0.5, True)] * (MIN_JUDGEMENTS - 1)])


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b'{"format":2,"points":[[0,0]]}', b'{"format":1,"points":[]}',
        b'{"format":1,"points":[[0,2]]}', b'{"format":1,"points":[[0,true]]}', b'{"format":1,"points":[[0,0],[0,1]]}',
        b'{"format":1,"points":[[0,1],[1,0]]}', b'{"format":1,"points":[[0,NaN]]}', b"[" * 1000,
    ],
)  # fmt: skip
def test_other_files_are_no_calibration(content: bytes) -> None:
    with pytest.raises(CalibrationRefused):
        Calibrator.from_json(content)
