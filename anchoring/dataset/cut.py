"""Cuts canonical lines into blocks of about 16 KiB at places that the content chooses.

A block ends after a line whose hash is small for its length, so an insertion moves no boundary but its own
and versions share the blocks that did not change.
The least and the greatest size bound what someone who grinds hashes can do.
Only integers are compared, so that every implementation cuts alike.
Format: docs/format.md, section "Cut".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import accumulate
from typing import NamedTuple

TARGET = 16_384
"""Bytes a block has on average, roughly."""
LEAST = TARGET // 4
GREATEST = TARGET * 8
_SHIFT = 50
"""A line of n bytes ends a block where the first 64 bits of its hash are below n · 2^50, that is n in TARGET."""


class CutBlock(NamedTuple):
    """Consecutive lines, without their line feeds, and the leaf hash of each."""

    lines: list[bytes]
    hashes: list[bytes]


def is_candidate(length: int, leaf: bytes) -> bool:
    """Whether a line of `length` bytes with its line feed, whose leaf hash is `leaf`, may end a block (rule 2)."""
    return length >= TARGET or int.from_bytes(leaf[:8], "big") < length << _SHIFT


def candidate_hashes_below(length: int) -> bytes:
    """What the leaf hash of a candidate of at most `length` < TARGET bytes is below, compared as bytes."""
    return (length << _SHIFT).to_bytes(8, "big")


def cut(lines: Iterable[bytes]) -> Iterator[CutBlock]:
    """The blocks of these lines (without line feeds), in order; holds one block at a time.

    A block is given as soon as its end is known, with no line taken beyond the one that shows it.
    """
    block: list[bytes] = []
    hashes: list[bytes] = []
    size = 0
    for line in lines:
        leaf = sha256(b"\x00" + line).digest()
        length = len(line) + 1
        size += length
        if size > GREATEST and block:
            yield CutBlock(block, hashes)
            block, hashes, size = [], [], length
        block.append(line)
        hashes.append(leaf)
        if size >= LEAST and is_candidate(length, leaf):
            yield CutBlock(block, hashes)
            block, hashes, size = [], [], 0
    if block:
        yield CutBlock(block, hashes)


def ends(lines: Sequence[bytes], hashes: Sequence[bytes]) -> list[int]:
    """After how many of these lines each block ends, as far as they say; the first line begins a block.

    `hashes` are the leaf hashes. The same places as `cut` gives, found for many lines at once; what is left behind
    the last of them is an open block.

    >>> lines = [b"s" * TARGET, b"another"]
    >>> ends(lines, [sha256(b"\\x00" + line).digest() for line in lines])
    [1]
    """
    return list(block_ends(lengths_up_to(lines), candidates(lines, hashes)))


def lengths_up_to(lines: Sequence[bytes]) -> list[int]:
    """For each line how many bytes end with it, line feeds included."""
    return [end + number for number, end in enumerate(accumulate(map(len, lines)), 1)]


def candidates(lines: Sequence[bytes], hashes: Sequence[bytes]) -> list[int]:
    """The lines after which rule 2 may cut, by their numbers from 0; `hashes` are the leaf hashes."""
    longest = max(map(len, lines), default=0) + 1
    below = candidate_hashes_below(longest) if longest < TARGET else b"\xff" * 33
    return [at for at, leaf in enumerate(hashes) if leaf < below and is_candidate(len(lines[at]) + 1, leaf)]


def block_ends(reached: Sequence[int], may_end: Sequence[int], at: int = 0) -> Iterator[int]:
    """After how many lines each block ends; the first of them begins behind `at` lines.

    `reached` is what `lengths_up_to` gives, `may_end` what `candidates` gives.
    """
    may_end_at = [reached[line] for line in may_end]
    while at < len(reached):
        began = reached[at - 1] if at else 0
        place = bisect_left(may_end_at, began + LEAST)
        end = may_end[place] + 1 if place < len(may_end) else len(reached) + 1
        too_long = bisect_right(reached, began + GREATEST)
        if at < too_long < min(end, len(reached)):
            end = too_long
        if end > len(reached):
            return
        yield end
        at = end


def first_end(lines: Iterable[bytes]) -> int | None:
    """After how many of these lines a block that begins with the first of them ends; None where they do not say yet.

    >>> first_end([b"short"]) is None
    True
    >>> first_end([b"s" * TARGET, b"another"])
    1
    """
    size = 0
    for number, line in enumerate(lines):
        length = len(line) + 1
        if number and size + length > GREATEST:
            return number
        size += length
        if size >= LEAST and is_candidate(length, sha256(b"\x00" + line).digest()):
            return number + 1
    return None
