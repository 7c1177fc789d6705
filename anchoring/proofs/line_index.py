"""Finds lines in a built version and opens them, without reading more than a few of its blocks.

The first lines of blocks are in order, so a line's place is found by some log₂(blocks) of them.
What is opened is checked by whoever reads it; here the version is believed to be in order, and one that is not
gives an opening that claims less, never one that lies.
Format: docs/format.md, section "Opening".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from anchoring.dataset.merkle import leaf_hash
from anchoring.dataset.multipath import make_multipath, multipath_in
from anchoring.dataset.top_index import TopIndex
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.dataset.version import Dataset
from anchoring.encoding.unixfs_reader import Blocks
from anchoring.errors import InputRefused
from anchoring.proofs.opening import OpenedBlock, Opening

_KEPT_BLOCKS = 64
MAX_OPENED_LINES = 30_000
"""Each is two items of the bundle, which has at most 65,536."""


class TooManyLines(InputRefused):
    """A proof would show more lines than a bundle can hold."""

    code = "too-many-lines"


class Place(NamedTuple):
    """Line `line` of block `block`, both from 0."""

    block: int
    line: int


class LineIndex:
    """The lines of a version by their order: its top leaves, and whoever gives its blocks.

    The top leaves are those of a dataset that was built, or an index of them that was kept (`TopIndex`).

    >>> from anchoring.blockstores.memory import MemoryStore
    >>> from anchoring.dataset.version import build_version
    >>> store, lines = MemoryStore(), [b'<a:a> <a:p> "1" .', b'<a:b> <a:p> "2" .', b'<a:c> <a:p> "3" .']
    >>> dataset = build_version(lines, lambda block: store.put([block], []))
    >>> index = LineIndex(dataset, store)
    >>> opening = index.open([index.at(1)])
    >>> commitment = dataset.commitment
    >>> opening.check(root=commitment.root, quads=commitment.quads, blocks=commitment.blocks).lines
    (b'<a:b> <a:p> "2" .',)
    """

    def __init__(self, dataset: Dataset | TopIndex, blocks: Blocks) -> None:
        self._leaves: Sequence[TopLeaf] = dataset.leaves
        self._dataset = dataset
        self._blocks = blocks
        self.lines_of_block = lru_cache(_KEPT_BLOCKS)(self._lines_of_block)

    @property
    def quads(self) -> int:
        """How many lines the version has."""
        leaves = self._leaves
        return leaves[-1].start + leaves[-1].count if leaves else 0

    def position(self, line: bytes) -> int:
        """How many lines of the version precede these bytes; raises what `blocks.get` raises."""
        leaves = self._leaves
        if not leaves:
            return 0
        low, high = 0, len(leaves)
        while high - low > 1:
            middle = (low + high) // 2
            if self.lines_of_block(middle)[0] <= line:
                low = middle
            else:
                high = middle
        return leaves[low].start + bisect_left(self.lines_of_block(low), line)

    def holds(self, line: bytes) -> bool:
        """Whether the version has this line."""
        at = self.position(line)
        return at < self.quads and self.line(self.at(at)) == line

    def at(self, position: int) -> Place:
        """Where the line at a position stands; raises IndexError outside the version."""
        if not 0 <= position < self.quads:
            raise IndexError(f"position {position} of {self.quads}")
        leaves = self._leaves
        block = bisect_left(leaves, position + 1, key=lambda leaf: leaf.start) - 1
        return Place(block, position - leaves[block].start)

    def line(self, place: Place) -> bytes:
        """The line at a place."""
        return self.lines_of_block(place.block)[place.line]

    def beginning(self, prefix: bytes) -> Iterator[bytes]:
        """The lines that begin with these bytes, in order."""
        for position in range(self.position(prefix), self.quads):
            line = self.line(self.at(position))
            if not line.startswith(prefix):
                return
            yield line

    def _lines_of_block(self, block: int) -> list[bytes]:
        return self._blocks.get(self._leaves[block].cid)[:-1].split(b"\n")

    def open(self, places: Collection[Place]) -> Opening:
        """The opening of the lines at these places; of none, if the version has no lines.

        Raises TooManyLines, ValueError where no place is given though the version has lines, and what `blocks.get`
        raises.
        """
        if len(places) > MAX_OPENED_LINES:
            raise TooManyLines(
                f"the proof would show {len(places)} lines, more than {MAX_OPENED_LINES}",
                remedy="ask for a longer prefix or fewer statements, or give the whole version",
            )
        opened = tuple(self._opened(sorted(places)))
        if not opened and not self._leaves:
            return Opening((), b"")
        return Opening(opened, multipath_in(self._dataset.levels, [each.block for each in opened]))

    def _opened(self, places: list[Place]) -> Iterator[OpenedBlock]:
        by_block: dict[int, list[int]] = {}
        for block, index in dict.fromkeys(places):
            by_block.setdefault(block, []).append(index)
        for block, indexes in by_block.items():
            top: TopLeaf = self._leaves[block]
            lines = self.lines_of_block(block)
            yield OpenedBlock(
                block=block,
                start=top.start,
                count=top.count,
                length=top.length,
                digest=top.digest,
                indexes=tuple(indexes),
                lines=tuple(lines[index] for index in indexes),
                path=make_multipath([leaf_hash(line) for line in lines], indexes),
            )
