"""The cut and the top leaves, against the format's words told slowly."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchoring.dataset.cut import GREATEST, LEAST, TARGET, cut
from anchoring.dataset.top_leaf import BadTopLeaf, TopLeaf


def slow_cut(lines):
    """Each block's lines, by the rules of docs/format.md taken one after the other."""
    ends, position = [], 0
    for line in lines:
        position += len(line) + 1
        ends.append(position)
    blocks, first, index = [], 0, 0
    while index < len(lines):
        start = ends[first - 1] if first else 0
        length = len(lines[index]) + 1
        digest = hashlib.sha256(b"\x00" + lines[index]).digest()
        if ends[index] - start > 8 * 16_384 and index != first:
            blocks.append(lines[first:index])
            first = index
            continue
        small = int(digest.hex()[:16], 16) * 16_384 < length * 2**64
        if ends[index] - start >= 16_384 // 4 and (length >= 16_384 or small):
            blocks.append(lines[first : index + 1])
            first = index + 1
        index += 1
    if first < len(lines):
        blocks.append(lines[first:])
    return blocks


lengths = st.lists(
    st.one_of(st.integers(1, 300), st.sampled_from([4_094, 4_095, 16_382, 16_383, 70_000, 131_070, 131_071, 400_000])),
    max_size=60,
)


@settings(max_examples=60)
@given(lengths, st.integers(0, 10**6))
def test_cut_is_the_slow_one(lengths, salt):
    lines = [(b"<%d-%d" % (salt, i)).ljust(length, b"x") for i, length in enumerate(lengths)]
    found = list(cut(lines))
    assert [block.lines for block in found] == slow_cut(lines)
    assert all(block.hashes == [hashlib.sha256(b"\x00" + line).digest() for line in block.lines] for block in found)


def many_lines(count):
    return [b'<http://example.org/%08d> <http://example.org/p> "%s" .' % (i, b"v" * (i % 97)) for i in range(count)]


def test_many_lines_cut_as_the_slow_one_and_stay_within_bounds():
    lines = many_lines(40_000)
    blocks = [block.lines for block in cut(lines)]
    assert blocks == slow_cut(lines)
    sizes = [sum(len(line) + 1 for line in block) for block in blocks]
    assert max(sizes) <= GREATEST
    assert min(sizes[:-1]) >= LEAST
    assert TARGET / 2 < sum(sizes) / len(sizes) < TARGET * 2


def test_a_removed_line_touches_at_most_its_neighbourhood():
    lines = many_lines(20_000)
    before = {tuple(block.lines) for block in cut(lines)}
    after = {tuple(block.lines) for block in cut(lines[:9_000] + lines[9_001:])}
    assert len(after - before) <= 4


def test_a_block_is_given_as_soon_as_its_end_is_known():
    lines = [b"<%d-" % i + b"x" * (200_000 if i % 40 == 39 else 100 + i % 300) for i in range(2_000)]
    taken = 0

    def counted():
        nonlocal taken
        for line in lines:
            taken += 1
            yield line

    given = 0
    for block in cut(counted()):
        given += len(block.lines)
        assert taken - given in (0, 1)


@given(
    st.builds(
        TopLeaf,
        st.integers(0, 2**64 - 1),
        st.integers(1, 2**32 - 1),
        st.integers(0, 2**32 - 1),
        st.binary(min_size=32, max_size=32),
        st.binary(min_size=32, max_size=32),
    )
)
def test_a_top_leaf_reads_back(leaf):
    assert TopLeaf.decode(leaf.encode()) == leaf
    assert leaf.hash == hashlib.sha256(b"\x00" + leaf.encode()).digest()


@pytest.mark.parametrize("entry", [b"", bytes(81), b"\x01" + bytes(80), b"\x02" + b"\x01" * 80, b"\x01" * 80])
def test_other_entries_are_refused(entry):
    with pytest.raises(BadTopLeaf):
        TopLeaf.decode(entry)


@pytest.mark.parametrize("numbers", [(0, 0, 0), (2**64, 1, 1), (0, 2**32, 1), (-1, 1, 1)])
def test_numbers_that_do_not_fit_are_refused(numbers):
    with pytest.raises(BadTopLeaf):
        TopLeaf(*numbers, bytes(32), bytes(32)).encode()
