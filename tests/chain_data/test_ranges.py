"""Ranges of blocks as people write them; both ends are in the range."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.chain.errors import BadBlockRange
from extractors.chain.ranges import parse_range

HEAD = 20_000_000


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("17173049:17173050", 17173049, 17173050),
        ("17173049", 17173049, 17173049),
        ("15.5M:", 15_500_000, HEAD),
        ("-1000:", HEAD - 999, HEAD),
        ("-1", HEAD, HEAD),
        ("15M:+1000", 15_000_000, 15_000_999),
        (":10", 0, 10),
        ("1_000:2k", 1000, 2000),
        ("-10:-1", HEAD - 9, HEAD),
        ("-10:+3", HEAD - 9, HEAD - 7),
        (" 5 : 6 ", 5, 6),
        (":", 0, HEAD),
    ],
)
def test_a_range_means_what_people_mean(text: str, first: int, last: int) -> None:
    assert parse_range(text).resolve(HEAD) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "a:b", "1:2:3", "1.5:2", "5:4", "1:+0", ":+5", "0x10", "--5", "-0", "1e9", "9" * 50, "1-2", "1M5"]
)
def test_what_is_no_range_is_refused_with_the_way_to_write_one(text: str) -> None:
    with pytest.raises(BadBlockRange, match="both ends in the range"):
        parse_range(text).resolve(HEAD)


@pytest.mark.parametrize(
    ("text", "needs"), [("1:2", False), ("1:+5", False), ("7", False), ("1:", True), ("-5:", True), ("1:-1", True)]
)
def test_the_head_is_asked_for_only_where_the_range_needs_it(text: str, needs: bool) -> None:
    assert parse_range(text).needs_head is needs


@given(st.text(max_size=30), st.integers(0, 2**40))
def test_any_text_is_a_range_or_refused(text: str, head: int) -> None:
    try:
        first, last = parse_range(text).resolve(head)
    except BadBlockRange:
        return
    assert 0 <= first <= last


@given(st.integers(0, 2**50), st.integers(0, 2**20))
def test_both_ends_belong_to_the_range(first: int, more: int) -> None:
    assert parse_range(f"{first}:{first + more}").resolve(0) == (first, first + more)
