"""Resampled scores are the scores of the resampled texts."""

from __future__ import annotations

import numpy as np
import pytest
from evaluation_cases import evaluations
from hypothesis import given, settings

from extractors.evaluation import bootstrap
from extractors.evaluation.bootstrap import Interval, Resampling, interval, quotient, share_better
from extractors.evaluation.comparison import compare
from extractors.evaluation.counts import Counts, total
from extractors.evaluation.model import LabelledText, Predicted, PredictedTriple
from extractors.evaluation.report_json import comparison_json
from extractors.evaluation.strict import strict


@settings(max_examples=30)
@given(evaluations())
def test_f1_of_a_sample_is_that_of_its_texts(case: tuple[list[LabelledText], list[Predicted]]) -> None:
    per_text = strict(*case).per_text
    draws = np.random.default_rng(3)
    found = Resampling(len(per_text), samples=20, seed=3)
    f1, precision, recall = found.f1(per_text), found.precision(per_text), found.recall(per_text)
    for n in range(20):
        drawn = [per_text[i] for i in draws.integers(0, len(per_text), len(per_text))] if per_text else []
        score = total(drawn).score
        assert (precision[n], recall[n], f1[n]) == pytest.approx((score.precision, score.recall, score.f1))


def test_many_texts_are_drawn_block_by_block_to_the_same_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [float(n % 7) for n in range(50)]
    whole = Resampling(50, samples=30, seed=2).sums(values).tolist()
    monkeypatch.setattr(bootstrap, "_BLOCK", 170)
    assert Resampling(50, samples=30, seed=2).sums(values).tolist() == whole
    monkeypatch.setattr(bootstrap, "_KEPT", 0)
    assert Resampling(50, samples=30, seed=2).sums(values).tolist() == whole


def test_the_interval_is_that_of_the_binomial_where_it_is_known() -> None:
    """Half of 400 texts right: the standard error of precision is .025."""
    per_text = [Counts(1, 1, n % 2) for n in range(400)]
    bounds = interval(Resampling(400, seed=1).precision(per_text))
    assert bounds.low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.006)
    assert bounds.high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.006)


def test_systems_are_compared_on_the_same_draws() -> None:
    """A is right on one text more than B: better in every sample that has this text, though both vary widely."""
    a = [Counts(1, 1, n % 2) for n in range(21)]
    b = [*a[:-2], Counts(1, 1, 0), a[-1]]
    draws = Resampling(21, samples=4000, seed=5)
    assert share_better(draws.f1(a), draws.f1(b)) == pytest.approx(1 - (20 / 21) ** 21, abs=0.02)
    assert share_better(draws.f1(b), draws.f1(a)) == 0
    assert interval(quotient(draws.f1(a), draws.f1(b))).low == 1.0


def test_equal_seeds_give_equal_draws() -> None:
    values = [float(n) for n in range(10)]
    assert Resampling(10, seed=1).means(values).tolist() == Resampling(10, seed=1).means(values).tolist()
    assert Resampling(10, seed=1).means(values).tolist() != Resampling(10, seed=2).means(values).tolist()


def test_a_comparison_is_of_the_same_draws_and_says_nothing_of_tokens_that_nobody_counted() -> None:
    texts = [LabelledText(str(n), "", (("A", "r", str(n)),)) for n in range(30)]

    def system(right: int, tokens: int) -> list[Predicted]:
        return [
            Predicted(t.id, (PredictedTriple("A", "r", t.id if n % 5 < right else "x"),), tokens_in=tokens)
            for n, t in enumerate(texts)
        ]

    found = compare(texts, system(4, 100), system(2, 400), seed=1)
    assert (found.f1, found.other_f1) == (0.8, 0.4)
    assert 0 < found.difference.low <= 0.4 <= found.difference.high < 1
    assert 1 < found.ratio.low <= 2 <= found.ratio.high
    assert found.better > 0.99
    assert found.tokens_ratio is not None
    assert found.tokens_ratio.low <= 1 / 8 <= found.tokens_ratio.high < 0.25
    assert compare(texts, system(4, 100), system(2, 0)).tokens_ratio is None
    nothing = compare(texts, system(0, 100), system(0, 100))
    assert (nothing.ratio, nothing.better, nothing.tokens_ratio) == (Interval(1, 1), 0, Interval(1, 1))
    assert comparison_json(compare(texts, system(4, 1), system(0, 1)))["ratio"] == [None, None]
