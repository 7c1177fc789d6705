"""Cuts canonical lines into blocks of about 16 KiB at places that the content chooses.

A block ends after a line whose hash is small for its length, so an insertion moves no boundary but its own
and versions share the blocks that did not change.
The least and the greatest size bound what someone who grinds hashes can do.
Only integers are compared, so that every implementation cuts alike.
Format: docs/format.md, section "Cut".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
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

    A block is given as soon as its end is known, with no line taken beyond the one that shows it:
    `anchoring.incremental` sees by that where a new boundary falls on an old one.
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
