"""A version built from its parent and what changed: only the blocks that the change touches are read and made.

The result is, byte for byte, that of building all lines anew. That follows from the cut: where a block begins, the
rules know nothing of what stood before, so a boundary that old and new lines share makes the blocks behind it equal.
From the first touched block on the lines are cut again until a new boundary falls on an old one.
One thing reaches back: a block that ended only because the next line was too long for it may end elsewhere when that
line changes, so it is cut again too.
Format: docs/format.md, section "Cut". Left out: datasets whose blank nodes are renumbered, which change everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from anchoring.dataset.cut import GREATEST, ends
from anchoring.dataset.first_lines import FirstLines, Places, beginning, block_lines
from anchoring.dataset.merkle import tree_root
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.dataset.version import BadIndex, Dataset, Keep
from anchoring.encoding.cid import Block, Cid
from anchoring.encoding.unixfs_reader import Blocks
from anchoring.errors import InputRefused
from anchoring.rdf.lines import OutOfOrder, checked


class BadChange(InputRefused):
    """The change does not fit the version: it adds a line that is there, or removes one that is not."""

    code = "bad-change"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="compare the two versions in full, or build the version from all of its lines")


@dataclass(frozen=True, slots=True)
class Update:
    """A version built on its parent: its dataset, and the list that finds its blocks where the parent had one."""

    dataset: Dataset
    first_lines: FirstLines | None


class _Touched(NamedTuple):
    """What changes in one block."""

    added: list[bytes]
    removed: list[bytes]


def update_version(
    parent: Dataset,
    blocks: Blocks,
    added: Iterable[bytes],
    removed: Iterable[bytes],
    *,
    first_lines: FirstLines | None = None,
    keep: Keep | None = None,
) -> Update:
    """The dataset of the parent's lines without `removed` and with `added`, both strictly increasing.

    `blocks` gives the parent's blocks. `keep` gets the blocks that the parent has not, data blocks first.
    `first_lines` is the parent's list; without it some blocks are read only to find the way.
    Memory holds the change, the lines of a block or two, and the top leaves.
    Raises BadChange, NotCanonical, OutOfOrder, LineTooLong, and what reading raises.

    >>> from anchoring.blockstores.memory import MemoryStore
    >>> one, two = [b'<a:b> <a:p> "%d" .' % number for number in (1, 2)]
    >>> store = MemoryStore()
    >>> first = update_version(Dataset(()), store, [one], [], keep=lambda block: store.put([block], ()))
    >>> second = update_version(first.dataset, store, [two], [one])
    >>> second.dataset.commitment == update_version(Dataset(()), store, [two], []).dataset.commitment
    True
    """
    if not parent.leaves:
        first_lines = FirstLines()
    touched = _by_block(Places(parent.leaves, blocks, first_lines), added, removed)
    return _Builder(parent, blocks, first_lines, touched, keep).build()


def _by_block(places: Places, added: Iterable[bytes], removed: Iterable[bytes]) -> dict[int, _Touched]:
    """The change sorted into the blocks where its lines stand or would stand, in the order of the blocks."""
    touched: dict[int, _Touched] = {}
    for lines, side in ((checked(added), 0), (_increasing(removed), 1)):
        for line in lines:
            number = places.block_of(line)
            if number not in touched:
                touched[number] = _Touched([], [])
            touched[number][side].append(line)
    return dict(sorted(touched.items()))


def _increasing(lines: Iterable[bytes]) -> Iterator[bytes]:
    previous = b""
    for line in lines:
        if line <= previous:
            raise OutOfOrder(
                f"a removed line repeats or precedes the one before it: {line[:200]!r}",
                remedy="sort the removed lines by their bytes and drop repeats",
            )
        previous = line
        yield line


class _Builder:
    """Walks the old blocks once, reusing what is untouched and cutting again what is not."""

    def __init__(
        self,
        parent: Dataset,
        blocks: Blocks,
        first_lines: FirstLines | None,
        touched: dict[int, _Touched],
        keep: Keep | None,
    ) -> None:
        self._parent = parent
        self._old = parent.leaves
        self._blocks = blocks
        self._first_lines = first_lines
        self._touched = touched
        self._keep = keep
        self._known = {leaf.digest for leaf in parent.leaves}
        self._leaves: list[TopLeaf] = []
        self._beginnings: list[bytes] = []
        self._quads = 0

    def build(self) -> Update:
        """The new dataset, its blocks handed out."""
        reached = 0
        for number in self._touched:
            if number >= reached:
                before = max(number - 1, reached)
                self._reuse(reached, before)
                reached = self._cut_again(before, number)
        self._reuse(reached, len(self._old))
        dataset = Dataset(tuple(self._leaves))
        if self._keep:
            known = {block.cid for block in self._parent.nodes}
            for node in dataset.nodes:
                if node.cid not in known:
                    self._keep(node)
        return Update(dataset, None if self._first_lines is None else FirstLines(self._beginnings))

    def _reuse(self, first: int, end: int) -> None:
        """Old blocks `first` to before `end`, as they are but for where they start."""
        if first >= end:
            return
        shift = self._quads - self._old[first].start
        span = self._old[first:end]
        if shift:
            span = tuple(
                TopLeaf(leaf.start + shift, leaf.count, leaf.length, leaf.line_root, leaf.digest) for leaf in span
            )
        self._leaves.extend(span)
        if self._first_lines is not None:
            self._beginnings.extend(self._first_lines.beginnings[first:end])
        self._quads = span[-1].start + span[-1].count

    def _cut_again(self, before: int, number: int) -> int:
        """Cuts from touched block `number` on until an old boundary; gives the old block behind that.

        The block `before` it, where there is one, is reused or cut again as well.
        """
        old = self._old_lines(number)
        lines, current = self._changed(number, old), number
        if before < number:
            # It may have ended only because the line after it, which now is another one, was too long for it.
            if lines[:1] != old[:1] and self._old[before].length + len(old[0]) + 1 > GREATEST:
                lines, current = self._old_lines(before), before
            else:
                self._reuse(before, number)
        is_open = _Open()
        while True:
            self._cut(is_open, lines)
            current += 1
            untouched = current not in self._touched
            if current >= len(self._old) or (untouched and not is_open.lines):
                break
            lines = self._old_lines(current)
            if untouched and is_open.is_full_before(lines[0]):
                break  # the first line of an untouched block ended the block before it, as it did before
            lines = self._changed(current, lines)
        self._emit(is_open.lines, is_open.hashes)
        return current

    def _cut(self, is_open: _Open, lines: list[bytes]) -> None:
        """Adds lines to the open block, and makes the blocks that end in them."""
        is_open.lines += lines
        is_open.hashes += [sha256(b"\x00" + line).digest() for line in lines]
        at = 0
        for end in ends(is_open.lines, is_open.hashes):
            self._emit(is_open.lines[at:end], is_open.hashes[at:end])
            at = end
        del is_open.lines[:at], is_open.hashes[:at]

    def _old_lines(self, number: int) -> list[bytes]:
        """The lines of an old block, read."""
        if not self._old:
            return []
        lines = block_lines(self._old[number], self._blocks)
        if self._first_lines is not None and self._first_lines.beginnings[number] != beginning(lines[0]):
            raise BadIndex(f"block {number} does not begin as the list of first lines says", remedy="delete that list")
        return lines

    def _changed(self, number: int, lines: list[bytes]) -> list[bytes]:
        """The lines of an old block with its change made; raises BadChange."""
        change = self._touched.get(number)
        if change is None:
            return lines
        added, removed = set(change.added), set(change.removed)
        if twice := added.intersection(lines):
            raise BadChange(f"{min(twice)[:200]!r} is to be added, but the version has it")
        left = [line for line in lines if line not in removed] if removed else lines
        if len(left) != len(lines) - len(removed):
            raise BadChange(f"{min(removed.difference(lines))[:200]!r} is to be removed, but the version has it not")
        return sorted(left + change.added) if added else left

    def _emit(self, lines: list[bytes], hashes: list[bytes]) -> None:
        if not lines:
            return
        content = b"\n".join([*lines, b""])
        cid = Cid.of(content)
        leaf = TopLeaf(self._quads, len(lines), len(content), tree_root(hashes), cid.digest)
        self._leaves.append(leaf)
        self._beginnings.append(beginning(lines[0]))
        self._quads += leaf.count
        if self._keep and cid.digest not in self._known:
            self._keep(Block(cid, content))


class _Open:
    """Lines behind the last end of a block, and their leaf hashes."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.hashes: list[bytes] = []

    def is_full_before(self, line: bytes) -> bool:
        """Whether the block ends because there is no room for this line."""
        size = sum(map(len, self.lines)) + len(self.lines)
        return bool(self.lines) and size + len(line) + 1 > GREATEST
