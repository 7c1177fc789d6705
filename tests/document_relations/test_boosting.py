"""The boosted model against a slow and obvious search; the order of rows changes nothing."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.document_relations.additive import AdditiveModel
from extractors.document_relations.boosting import Settings, boost

ONE_ROUND = Settings(rounds=1, rate=1.0, ridge=1.0, least=1, support=1, row_share=1.0, feature_share=1.0)
Row = dict[str, int]
ROWS = st.lists(
    st.tuples(st.dictionaries(st.sampled_from("abc"), st.integers(1, 6), max_size=3), st.booleans()),
    min_size=4,
    max_size=25,
).filter(lambda rows: 0 < sum(right for _, right in rows) < len(rows))


def best_gain(rows: list[tuple[Row, bool]]) -> Fraction:
    """The greatest gain of one step, by trying them all with exact fractions."""
    unit = 1 << 16
    right = sum(right for _, right in rows)
    margin = round(1000 * math.log(right / (len(rows) - right)))
    sure = round(unit / (1 + math.exp(-margin / 1000)))

    def part(chosen: list[bool]) -> Fraction:
        gradient = sum(unit * r - sure for r in chosen)
        curvature = len(chosen) * (sure * (unit - sure) // unit) + unit
        return Fraction(gradient * gradient, curvature)

    gains = [Fraction(-1)]
    for name in "abc":
        for threshold in range(1, 7):
            above = [r for row, r in rows if row.get(name, 0) >= threshold]
            below = [r for row, r in rows if row.get(name, 0) < threshold]
            if above and below:
                gains.append(part(above) + part(below))
    return max(gains)


def gain_of(model: AdditiveModel, rows: list[tuple[Row, bool]]) -> Fraction:
    """The gain of a model's one step; -1 if it has none."""
    if not model.steps:
        return Fraction(-1)
    ((name, ((threshold, _),)),) = model.steps.items()
    side = [(row.get(name, 0) >= threshold, right) for row, right in rows]
    split = [({"x": 1} if above else {}, right) for above, right in side]
    return best_gain([({"a": 1} if row else {}, right) for row, right in split])


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_a_round_takes_the_best_step(rows: list[tuple[Row, bool]]) -> None:
    model = boost([row for row, _ in rows], [right for _, right in rows], ONE_ROUND)
    best = best_gain(rows)
    # A step between equal halves changes nothing and is left out of the model.
    if model.steps:
        assert math.isclose(gain_of(model, rows), best, rel_tol=1e-9)


@settings(max_examples=30, deadline=None)
@given(ROWS, st.randoms())
def test_the_order_of_the_rows_changes_nothing(rows: list[tuple[Row, bool]], draw: object) -> None:
    whole = Settings(rounds=5, least=1, support=1, row_share=1.0, feature_share=1.0)
    shuffled = list(rows)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    models = [boost([r for r, _ in some], [y for _, y in some], whole) for some in (rows, shuffled)]
    assert models[0] == models[1]


def test_rounds_go_on_improving() -> None:
    rows = [{"a": n % 7 + 1, "b": n % 5 + 1} for n in range(200)]
    right = [row["a"] > 3 or row["b"] > 4 for row in rows]

    def loss(rounds: int) -> float:
        model = boost(rows, right, Settings(rounds=rounds))
        return sum(
            math.log1p(math.exp(-model.margin(row) / 1000 * (1 if y else -1)))
            for row, y in zip(rows, right, strict=True)
        )

    assert loss(200) < loss(40) < loss(5)
