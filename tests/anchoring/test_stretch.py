"""Datasets cut in stretches, wherever these begin, are the dataset cut line by line."""

from __future__ import annotations

from functools import cache
from itertools import count, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from simple_build import simple_leaves, simple_separate

from anchoring.dataset.cut import GREATEST, LEAST, TARGET, is_candidate
from anchoring.dataset.merkle import leaf_hash
from anchoring.dataset.stretch import Joiner, cut_stretch, text_of
from anchoring.rdf.ground_lines import all_canonical, separate
from anchoring.rdf.nquads import is_canonical


@cache
def line(number, length, candidate):
    """The line of this number and length (line feed included) that may end a block, or may not."""
    for attempt in count():
        start = b'<a:%08d> <a:p> "%06x' % (number, attempt)
        made = start + b"v" * (length - len(start) - 4) + b'" .'
        assert len(made) + 1 == length
        if is_candidate(length, leaf_hash(made)) == candidate or length >= TARGET:
            return made
    raise AssertionError


LENGTHS = st.sampled_from([50, 200, 2_500, LEAST - 1, LEAST, LEAST + 1, TARGET - 1, TARGET, 40_000, GREATEST + 1])
RUNS = st.lists(st.tuples(LENGTHS, st.booleans(), st.integers(1, 40)), max_size=8)
"""Runs of equal lines: candidates or not, so that cuts by size and cuts by hash meet in every way."""


@st.composite
def stretches(draw):
    lines = []
    for length, candidate, repeated in draw(RUNS):
        for _ in range(min(repeated, GREATEST // length + 2)):
            lines.append(line(len(lines), length, candidate))
    at = sorted({0, len(lines), *draw(st.lists(st.integers(0, len(lines)), max_size=12))})
    return lines, [lines[a:b] for a, b in pairwise(at)]


def check_stretches(lines, parts):
    """Joins the stretches and compares all with the oracle."""
    kept, expected_blocks = [], []
    joiner, silent = Joiner(kept.append), Joiner()
    for part in parts:
        stretch = cut_stretch(part)
        whole = text_of(part)
        middle = whole[len(stretch.head) : len(whole) - len(stretch.tail)]
        assert stretch.head + middle + stretch.tail == whole
        assert len(middle) == sum(block.length for block in stretch.blocks)
        joiner.add(stretch, whole)
        silent.add(stretch)
    expected = simple_leaves(lines, expected_blocks.append)
    assert joiner.finish() == expected == silent.finish()
    assert kept == expected_blocks


@settings(max_examples=60)
@given(stretches())
def test_stretches_join_to_what_the_format_says_and_hand_on_the_same_blocks(made):
    check_stretches(*made)


def test_a_cut_by_size_just_before_a_candidate_is_seen():
    lengths = [(2_500, False)] * 3 + [(200, True)] + [(2_500, False)] * 53 + [(200, True)] + [(200, False)] * 99
    lines = [line(number, *each) for number, each in enumerate(lengths)]
    for at in range(len(lines)):
        check_stretches(lines, [lines[:at], lines[at:]])


def test_a_long_stretch_is_mostly_blocks():
    lines = [line(number, 160, number % 90 == 0) for number in range(4_000)]
    stretch = cut_stretch(lines)
    assert len(stretch.blocks) > 20
    assert len(stretch.head) + len(stretch.tail) < 200_000


PIECES = st.sampled_from(
    [
        b'<a:b> <a:p> "1" .',
        b"<a:b> <a:p> <a:c> <a:g> .",
        b'<a:b> <a:p> "caf\xc3\xa9"@fr .',
        b'<a:b> <a:p> "\xef\xbf\xbe" .',
        b"<a:\xef\xbf\xbf> <a:p> <a:c> .",
        b"_:c14n0 <a:p> _:c14n1 .",
        b"_:x <a:p> <a:c> .",
        b'<a:b>  <a:p> "1" .',
        b'<a:b> <a:p> "1"^^<http://www.w3.org/2001/XMLSchema#string> .',
        b'<a:b> <a:p> "\xff" .',
        b'<a:b> <a:p> "a\\tb" .\r',
        b"",
        b"# comment",
        b'<a:b> <a:p> "1" . # comment',
    ]
)


@given(st.lists(PIECES, max_size=12), st.booleans(), st.booleans())
def test_many_lines_at_a_time_are_told_apart_as_one_by_one(pieces, ended, graph_name):
    text = b"\n".join(pieces) + b"\n" * ended
    ground, rest = separate(text, graph_name=graph_name)
    expected, expected_rest = simple_separate(text, graph_name=graph_name)
    assert ground == expected
    assert rest.rstrip(b"\n") == expected_rest.rstrip(b"\n")
    if pieces and ended and all_canonical(text):
        assert all(map(is_canonical, pieces))


@given(st.lists(st.sampled_from([b'<a:b> <a:p> "1" .', b"_:c14n0 <a:p> _:c14n1 <a:g> ."]), min_size=1))
def test_canonical_lines_are_seen_to_be_so_at_once(pieces):
    assert all_canonical(text_of(pieces))
    assert not all_canonical(b"\n".join(pieces))
