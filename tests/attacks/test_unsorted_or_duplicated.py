"""A published dataset whose lines do not strictly increase: refused as a whole, and where a proof shows it."""

from __future__ import annotations

import dishonest_owner
import pytest


def statements(source):
    """Some forty lines, long enough for several blocks."""
    numbers = source.sample(range(1000), 40)
    return sorted(b'<a:%03d> <a:p> "%s" .' % (number, b"x" * source.randrange(1500)) for number in numbers)


def exchanged(lines, source):
    a, b = sorted(source.sample(range(len(lines)), 2))
    lines[a], lines[b] = lines[b], lines[a]
    return a, b


def doubled(lines, source):
    at = source.randrange(len(lines))
    lines.insert(at, lines[at])
    return at, at + 1


def repeated_elsewhere(lines, source):
    at = source.randrange(len(lines) - 1)
    after = source.randrange(at + 1, len(lines))
    lines.insert(after + 1, lines[at])
    return at, after + 1


def moved(lines, source):
    """One line hidden where order does not say it is."""
    at = source.randrange(len(lines) - 1)
    line = lines.pop(at)
    after = source.randrange(at + 1, len(lines) + 1)
    lines.insert(after, line)
    return after - 1, after


def reversed_run(lines, source):
    a = source.randrange(len(lines) - 1)
    b = source.randrange(a + 2, len(lines) + 1)
    lines[a:b] = lines[a:b][::-1]
    return a, a + 1


@pytest.mark.soak
def test_disorder_is_refused_in_the_version_and_in_every_proof_that_shows_it(court, source, rounds):
    honest = dishonest_owner.publish_lines(court.world, statements(source))
    assert honest.verify().exit_code == 0
    item = honest.item("presence", [honest.cuts[0][0]], [0, 1])
    court.accepts(item, **dishonest_owner.brought(item, honest.graph))
    for _ in rounds:
        lines = statements(source)
        first, second = source.choice((exchanged, doubled, repeated_elsewhere, moved, reversed_run))(lines, source)
        published = dishonest_owner.publish_lines(court.world, lines)
        verdict = published.verify()
        assert verdict.exit_code == 1
        assert [check.name for check in verdict.checks if check.outcome == "refuted"] == ["lines"]
        assert lines[first] >= lines[second]
        item = published.item("presence", {lines[first]}, [first, second])
        court.refuses(item, **dishonest_owner.brought(item, published.graph))
