"""Absence rests on neighbours: lines with something between them are none, however their places are described."""

from __future__ import annotations

import dishonest_owner
import pytest


@pytest.fixture(scope="module")
def sparse(world):
    """A version of several blocks, every second number of which has a line."""
    made = [b'<a:%04d> <a:p> "%s" .' % (number, b"x" * (number * 37 % 1_900)) for number in range(0, 240, 2)]
    return dishonest_owner.publish_lines(world, made), made


def absent(number):
    return b'<a:%04d> <a:p> "absent" .' % number


def places(lines, line):
    """Where the line would stand."""
    return sum(each < line for each in lines)


def absence(published, lines, source):
    """Neighbours too far apart, on either side, or only one of them."""
    line = absent(source.randrange(241))
    at = places(lines, line)
    left, right = at - 1 - source.randrange(4), at + source.randrange(4)
    if (left, right) == (at - 1, at):
        others = ((at - 2, at), (at - 1, at + 1), (at, at + 1), (at - 2, at - 1), (at - 1, at - 1), (at, at))
        left, right = source.choice(others)
    shown = sorted({place for place in (left, right) if 0 <= place < len(lines)})
    if not shown or _proves_absence(shown, at, len(lines)):
        return None
    return published.item("absence", [line], shown)


def of_what_is_there(published, lines, source):
    """A line that stands there, between neighbours of its own."""
    at = source.randrange(len(lines))
    shown = sorted({place for place in (at - 1, at + 1, *source.choice(((), (at,)))) if 0 <= place < len(lines)})
    return published.item("absence", [lines[at]], shown)


def prefix_with_a_gap(published, lines, source):
    """All that begins with a prefix, but for a line within or at an end of the run."""
    prefix = b"<a:%03d" % source.randrange(24)
    run = [place for place, line in enumerate(lines) if line.startswith(prefix)]
    around = [place for place in (run[0] - 1, *run, run[-1] + 1) if 0 <= place < len(lines)]
    around.remove(source.choice(around))
    return published.item("prefix", [prefix], around)


def moved_together(published, lines, source):
    """Lines that are not neighbours, with places as if they were."""
    at = source.randrange(1, len(lines) - 2)
    item = published.item("absence", [absent(2 * at + 1)], [at - 1, at + 1])
    first, last = (item["version"]["opening"]["blocks"][number] for number in (0, -1))
    if first is last:
        first["indexes"] = source.choice(
            ([first["indexes"][0], first["indexes"][0] + 1], [first["indexes"][1] - 1, first["indexes"][1]])
        )
    elif source.random() < 0.5:
        first["indexes"] = [first["count"] - 1]
        last["indexes"] = [0]
        if source.random() < 0.5:
            last["start"] = first["start"] + first["count"]
            last["block"] = first["block"] + 1
    else:
        first["count"] = first["indexes"][-1] + 1
        last["start"] = first["start"] + first["count"]
    return item


def as_if_at_an_end(published, lines, source):
    """The first or last line shown is not the version's."""
    at = source.randrange(1, len(lines) - 1)
    before = source.random() < 0.5
    item = published.item("absence", [b"<a:-> <a:p> <a:o> ." if before else b"<a:~> <a:p> <a:o> ."], [at])
    (block,) = item["version"]["opening"]["blocks"]
    if source.random() < 0.6:
        if before:
            block.update(start=0, indexes=[0], block=source.choice((0, block["block"])))
        else:
            block.update(count=block["indexes"][0] + 1)
    return item


def _proves_absence(shown, at, count):
    left = at == 0 or at - 1 in shown
    right = at == count or at in shown
    return left and right


@pytest.mark.soak
def test_leaves_that_are_not_adjacent_prove_no_absence(court, sparse, source, rounds):
    published, lines = sparse
    assert len(published.cuts) > 3
    for number in (0, 101, 239, 240):
        at = places(lines, absent(number))
        shown = [place for place in (at - 1, at) if 0 <= place < len(lines)]
        item = published.item("absence", [absent(number)], shown)
        court.accepts(item, **dishonest_owner.brought(item, published.graph))
    mutations = (absence, absence, of_what_is_there, prefix_with_a_gap, moved_together, as_if_at_an_end)
    for _ in rounds:
        item = None
        while item is None:
            item = source.choice(mutations)(published, lines, source)
        court.refuses(item, **dishonest_owner.brought(item, published.graph))
