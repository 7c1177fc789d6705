"""Stretches of a dataset, each cut and hashed without a look at what stands before it, and how they join.

Where a block ends depends on where it began, so cutting is sequential at first sight.
But some cuts are certain whatever stands before:

- after a line of T bytes or more (rule 2 of the format holds wherever the block began);
- after a line that rule 2 may cut after (its hash is small enough: a candidate), if the candidate before it ends at
  least T/4 and at most 4·T bytes earlier.

The second needs a reason. Let candidates end at c < d with T/4 ≤ d − c ≤ 4·T and none between, and let the block that
holds the line at d begin at s. If s ≤ d − T/4, rule 2 cuts at d. Otherwise s > d − T/4 ≥ c, so the block before ended
at s, between c and d, where no candidate is: rule 1 cut it, and it began at some r < d − 8·T ≤ c − 4·T.
Then the line at c lay in it, more than T/4 from its start, and rule 2 would have cut there: a contradiction.

So a stretch is a head (up to its first certain cut), whole blocks, and a tail; only heads and tails are cut again.
Format: docs/format.md, section "Cut".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NamedTuple

from anchoring.dataset.cut import LEAST, TARGET, block_ends, candidates, cut, lengths_up_to
from anchoring.dataset.merkle import tree_root
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.encoding.cid import RAW, Block, Cid

_FAR = 4 * TARGET
"""Candidates further apart than this could have a cut by size just before the second."""


class CutOff(NamedTuple):
    """A whole block of a stretch: its number of lines, its length, the root of its lines, its digest."""

    lines: int
    length: int
    line_root: bytes
    digest: bytes


class Stretch(NamedTuple):
    """Consecutive lines, cut as far as they can be by themselves: `head`, then `blocks`, then `tail`.

    `head` and `tail` are lines with their line feeds; a stretch without a certain cut is all head.
    """

    head: bytes
    blocks: list[CutOff]
    tail: bytes


def cut_stretch(lines: Sequence[bytes]) -> Stretch:
    """Cuts lines (no line feeds, checked already) that stand somewhere in a dataset.

    >>> stretch = cut_stretch([b'<a:b> <a:p> "1" .'])
    >>> stretch.head, stretch.blocks, stretch.tail
    (b'<a:b> <a:p> "1" .\\n', [], b'')
    """
    hashes = [sha256(b"\x00" + line).digest() for line in lines]
    ends = lengths_up_to(lines)
    may_end = candidates(lines, hashes)
    at = _after_certain_cut(lines, ends, may_end)
    head = text_of(lines[:at])
    blocks = []
    for end in block_ends(ends, may_end, at):
        content = text_of(lines[at:end])
        blocks.append(CutOff(end - at, len(content), tree_root(hashes[at:end]), sha256(content).digest()))
        at = end
    return Stretch(head, blocks, text_of(lines[at:]))


def _after_certain_cut(lines: Sequence[bytes], ends: Sequence[int], may_end: Sequence[int]) -> int:
    """The number of lines up to the first certain cut; all of them where there is none."""
    before = None
    for line in may_end:
        if len(lines[line]) + 1 >= TARGET or (before is not None and LEAST <= ends[line] - before <= _FAR):
            return line + 1
        before = ends[line]
    return len(lines)


def text_of(lines: Sequence[bytes]) -> bytes:
    """Each line and a line feed."""
    return b"\n".join([*lines, b""]) if lines else b""


class Joiner:
    """Joins the stretches of a dataset, in their order, to its top leaves; holds less than two blocks of lines.

    `keep`, if there is one, is handed every block.
    """

    def __init__(self, keep: Callable[[Block], None] | None = None) -> None:
        self.leaves: list[TopLeaf] = []
        self._keep = keep
        self._lines = 0
        self._open: bytes = b""

    def add(self, stretch: Stretch, text: bytes = b"") -> None:
        """The next stretch; `text` is all of it, and may be left out where no blocks are kept."""
        self._cut(self._open + stretch.head, whole=bool(stretch.blocks or stretch.tail))
        at = len(stretch.head)
        for block in stretch.blocks:
            content = text[at : at + block.length] if self._keep else b""
            self._append(block, content)
            at += block.length
        if stretch.blocks or stretch.tail:
            self._open = stretch.tail

    def finish(self) -> tuple[TopLeaf, ...]:
        """The top leaves, after the last stretch."""
        self._cut(self._open, whole=True)
        self._open = b""
        return tuple(self.leaves)

    def _cut(self, text: bytes, *, whole: bool) -> None:
        """Cuts from the start of a block; unless the text ends where a block does, its last block stays open."""
        blocks = list(cut(text[:-1].split(b"\n"))) if text else []
        if not whole and blocks:
            self._open = text_of(blocks.pop().lines)
        for block in blocks:
            content = text_of(block.lines)
            self._append(
                CutOff(len(block.lines), len(content), tree_root(block.hashes), sha256(content).digest()), content
            )

    def _append(self, block: CutOff, content: bytes) -> None:
        self.leaves.append(TopLeaf(self._lines, *block))
        self._lines += block.lines
        if self._keep:
            self._keep(Block(Cid(RAW, block.digest), content))
