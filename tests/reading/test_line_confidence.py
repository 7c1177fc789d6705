"""The confidence of a line is how often such lines are labelled, by the labelled sentences themselves."""

import math
import random

import pytest

from extractors.reading import line_confidence
from extractors.reading.line_confidence import LineConfidence


def lines(count, seed, constants):
    """Lines that are labelled by their ends and by a constant of their relation."""
    draw = random.Random(seed)
    for _ in range(count):
        relation = draw.choice(list(constants))
        subject, value = draw.uniform(0.05, 1.0), draw.uniform(0.05, 1.0)
        odds = math.exp(constants[relation] + 1.6 * math.log(subject) + 0.8 * math.log(value))
        yield relation, subject, value, draw.random() < odds / (1 + odds)


def slow(rows):
    """The same function by many small steps downhill."""
    relations = list(dict.fromkeys(relation for relation, *_ in rows))
    weights = [*line_confidence.PRIOR, *[0.0] * len(relations)]
    stiff = [1.0] * 3 + [4.0] * len(relations)
    start = list(weights)
    for _ in range(3000):
        slope = [s * (w - w0) for s, w, w0 in zip(stiff, weights, start, strict=True)]
        for relation, subject, value, labelled in rows:
            seen = (1.0, math.log(subject), math.log(value))
            own = 3 + relations.index(relation)
            p = 1 / (1 + math.exp(-sum(w * x for w, x in zip(weights, seen, strict=False)) - weights[own]))
            for n, x in (*enumerate(seen), (own, 1.0)):
                slope[n] += (p - labelled) * x
        weights = [w - s * 0.01 for w, s in zip(weights, slope, strict=True)]
    return weights


def test_it_is_as_often_right_as_it_says(seed):
    constants = {"often": 1.5, "seldom": -0.5}
    sure = LineConfidence(lines(6000, seed, constants))
    unseen = [(sure.of(*line[:3]), line[3]) for line in lines(30_000, seed + 1, constants)]
    for low in (0.1, 0.3, 0.5):
        among = [(p, labelled) for p, labelled in unseen if low <= p < low + 0.2]
        assert len(among) > 100
        said, right = (sum(column) / len(among) for column in zip(*among, strict=True))
        assert said == pytest.approx(right, abs=0.1)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8, 1.0])
def test_lines_unlike_those_of_other_data_sets_are_fitted_as_well(share, seed):
    draw = random.Random(seed)
    rows = [("one", *(draw.uniform(0.05, 1) for _ in "so"), draw.random() < share) for _ in range(400)]
    sure = LineConfidence(rows)
    said = sum(sure.of(*row[:3]) for row in rows) / len(rows)
    assert said == pytest.approx(sum(row[3] for row in rows) / len(rows), abs=0.15)


@pytest.mark.parametrize("count", [50, 200, 2000])
def test_lines_that_are_all_alike_are_as_often_right_as_they_are(count):
    assert LineConfidence(("r", 0.2, 0.1, n % 10 == 0) for n in range(count)).of("r", 0.2, 0.1) == pytest.approx(
        0.1, abs=0.05
    )


def test_a_likelier_end_never_makes_a_line_less_likely(seed):
    draw = random.Random(seed)
    rows = [("one", draw.uniform(0.3, 0.95), p := draw.uniform(0.1, 1), draw.random() > p) for _ in range(500)]
    sure = LineConfidence(rows)
    assert sure.of("one", 0.9, 0.9) > sure.of("one", 0.9, 0.2)
    assert sure.of("one", 0.9, 0.9) > sure.of("one", 0.01, 0.9)


def test_many_relations_and_lines_cost_seconds_at_most(seed):
    draw = random.Random(seed)
    rows = [(f"r{draw.randrange(2000)}", draw.random(), draw.random(), draw.random() < 0.2) for _ in range(20_000)]
    assert 0 < LineConfidence(rows).of("r1", 0.5, 0.5) < 1


def test_newtons_steps_end_where_small_steps_downhill_end(seed):
    rows = list(lines(60, seed, {"one": 1.5, "other": 0.0}))
    fast = LineConfidence(rows)
    assert [*fast._weights, *fast._constants] == pytest.approx(slow(rows), abs=0.02)


def test_without_lines_it_is_what_it_was_elsewhere():
    assert LineConfidence().of("any", 0.9, 0.9) == LineConfidence().of("other", 0.9, 0.9)
    assert 0.4 < LineConfidence().of("any", 0.9, 0.9) < 0.7


@pytest.mark.parametrize("labelled", [True, False])
def test_lines_that_are_all_alike_make_no_certainty(labelled):
    sure = LineConfidence([("one", 1.0, 1.0, labelled)] * 500)
    assert 0 < sure.of("one", 1.0, 1.0) < 1
    assert 0 < sure.of("one", 0.0, 0.0) < 1
