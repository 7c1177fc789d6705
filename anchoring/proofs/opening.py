"""Some lines of a version, shown at their places: what every proof is made of.

An opening needs only the version's root and its two counts to be checked. The lines are shown for these bytes without
any condition; what lies between them is not shown, except that neighbours have nothing between them.
Making one is in `anchoring.proofs.line_index`. Format: docs/format.md, section "Opening".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from anchoring.dataset.merkle import EMPTY_ROOT, leaf_hash
from anchoring.dataset.multipath import root_from_multipath
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.encoding.cbor_map import CborMap
from anchoring.encoding.deterministic_cbor import Item
from anchoring.errors import Refuted
from anchoring.rdf.lines import MAX_LINE_BYTES
from anchoring.rdf.nquads import NotCanonical, check_canonical

_BLOCK_KEYS = "block count digest indexes length lines path start"


class OpeningRefuted(Refuted):
    """The opening does not hold against this root and these counts."""

    code = "opening-refuted"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="do not believe what it shows; ask for a new proof")


@dataclass(frozen=True, slots=True)
class OpenedBlock:
    """Lines of one block, without line feeds, at places `indexes` within it (from 0, strictly increasing).

    `start`, `count`, `length` and `digest` are the block's top leaf less its line root; `path` holds the siblings
    of the lower tree.
    """

    block: int
    start: int
    count: int
    length: int
    digest: bytes
    indexes: tuple[int, ...]
    lines: tuple[bytes, ...]
    path: bytes

    def top_leaf(self) -> TopLeaf:
        """The entry of the upper tree that the lines and the path lead to; raises BadPath."""
        known = [(index, leaf_hash(line)) for index, line in zip(self.indexes, self.lines, strict=True)]
        return TopLeaf(
            self.start, self.count, self.length, root_from_multipath(known, self.count, self.path), self.digest
        )

    def as_item(self) -> Item:
        """The map of an opened block."""
        return {
            "block": self.block,
            "start": self.start,
            "count": self.count,
            "length": self.length,
            "digest": self.digest,
            "indexes": list(self.indexes),
            "lines": list(self.lines),
            "path": self.path,
        }

    @classmethod
    def of_item(cls, item: Item) -> OpenedBlock:
        """Of its map; raises BadMap. Nothing is checked but the kinds of values."""
        members = CborMap(item, _BLOCK_KEYS, "an opened block")
        return cls(
            block=members.number("block"),
            start=members.number("start"),
            count=members.number("count"),
            length=members.number("length"),
            digest=members.bytes("digest", 32),
            indexes=members.numbers("indexes"),
            lines=members.all_bytes("lines"),
            path=members.bytes("path"),
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """Opened blocks, by increasing number, and the siblings of the upper tree."""

    blocks: tuple[OpenedBlock, ...]
    path: bytes

    def check(self, *, root: bytes, quads: int, blocks: int) -> OpenedLines:
        """What it shows of the version with this root and these counts; raises OpeningRefuted with the reason."""
        for block in self.blocks:
            for line in block.lines:
                _check_line(line)
        opened = self.check_places(root=root, quads=quads, blocks=blocks)
        for left, right in pairwise(opened.lines):
            if left >= right:
                raise OpeningRefuted(f"the line {right[:200]!r} is shown after {left[:200]!r}, out of order")
        return opened

    def check_places(self, *, root: bytes, quads: int, blocks: int) -> OpenedLines:
        """The same but for the order of the lines and their grammar: that these bytes stand at these places.

        Raises OpeningRefuted.
        """
        if not self.blocks:
            if self.path or quads or blocks or root != EMPTY_ROOT:
                raise OpeningRefuted(
                    f"no line is shown, and {quads} lines in {blocks} blocks are not the empty version"
                )
            return OpenedLines((), (), (), quads)
        for each in self.blocks:
            _check_place(each, quads, blocks)
        for before, after in pairwise(self.blocks):
            _check_order(before, after)
        try:
            known = [(each.block, each.top_leaf().hash) for each in self.blocks]
            found = root_from_multipath(known, blocks, self.path)
        except Refuted as error:
            raise OpeningRefuted(error.what) from None
        if found != root:
            raise OpeningRefuted(f"the paths lead to the root 0x{found.hex()}, not to 0x{root.hex()}")
        return OpenedLines(
            tuple(line for each in self.blocks for line in each.lines),
            tuple(each.start + index for each in self.blocks for index in each.indexes),
            tuple(_adjacent(self.blocks)),
            quads,
        )

    @property
    def lines(self) -> list[bytes]:
        """The lines shown, in the order of their places."""
        return [line for block in self.blocks for line in block.lines]

    def as_item(self) -> Item:
        """The map of an opening."""
        return {"blocks": [block.as_item() for block in self.blocks], "path": self.path}

    @classmethod
    def of_item(cls, item: Item) -> Opening:
        """Of its map; raises BadMap."""
        members = CborMap(item, "blocks path", "an opening")
        return cls(tuple(OpenedBlock.of_item(each) for each in members.list("blocks")), members.bytes("path"))


@dataclass(frozen=True, slots=True)
class OpenedLines:
    """What an opening that holds shows: lines, their positions in the version of `quads` lines, and which touch.

    `touches[i]` says that lines i and i + 1 are neighbours: nothing stands between them.
    """

    lines: tuple[bytes, ...]
    positions: tuple[int, ...]
    touches: tuple[bool, ...]
    quads: int

    @property
    def empty(self) -> bool:
        """Whether the version has no line at all."""
        return self.quads == 0

    def find(self, line: bytes) -> int:
        """The place in `lines` of this line, or of the first that is greater; the lines must be in order."""
        return bisect_left(self.lines, line)

    def holds(self, line: bytes) -> bool:
        """Whether the line is among those shown."""
        at = self.find(line)
        return at < len(self.lines) and self.lines[at] == line

    def begins(self, at: int) -> bool:
        """Whether the line at this place in `lines` is the first of the version."""
        return self.positions[at] == 0

    def ends(self, at: int) -> bool:
        """Whether the line at this place in `lines` is the last of the version."""
        return self.positions[at] == self.quads - 1


def _check_line(line: bytes) -> None:
    if len(line) > MAX_LINE_BYTES:
        raise OpeningRefuted(f"a line of {len(line)} bytes, more than {MAX_LINE_BYTES}")
    try:
        check_canonical(line)
    except NotCanonical as error:
        raise OpeningRefuted(error.what) from None


def _check_place(each: OpenedBlock, quads: int, blocks: int) -> None:
    if not each.indexes or len(each.indexes) != len(each.lines):
        raise OpeningRefuted(f"block {each.block} shows {len(each.lines)} lines at {len(each.indexes)} places")
    if any(left >= right for left, right in pairwise(each.indexes)):
        raise OpeningRefuted(f"the places {str(each.indexes)[:80]} in block {each.block} do not strictly increase")
    if each.block >= blocks or each.indexes[-1] >= each.count:
        raise OpeningRefuted(
            f"line {each.indexes[-1]} of {each.count} in block {each.block} of {blocks} is outside the version"
        )
    end = each.start + each.count
    if end > quads or (each.start == 0) != (each.block == 0) or (end == quads) != (each.block == blocks - 1):
        raise OpeningRefuted(f"block {each.block} of {blocks} cannot hold the lines {each.start} to {end} of {quads}")


def _check_order(before: OpenedBlock, after: OpenedBlock) -> None:
    between = after.block - before.block - 1
    if between < 0:
        raise OpeningRefuted(f"block {after.block} is shown after block {before.block}")
    least = before.start + before.count + between
    if after.start < least or (not between and after.start != least):
        raise OpeningRefuted(
            f"block {after.block} cannot start at line {after.start}: block {before.block} ends at"
            f" {before.start + before.count}"
        )


def _adjacent(blocks: tuple[OpenedBlock, ...]) -> Iterator[bool]:
    """For each two lines that follow each other, whether they are neighbours."""
    for number, each in enumerate(blocks):
        yield from (right == left + 1 for left, right in pairwise(each.indexes))
        if number + 1 < len(blocks):
            after = blocks[number + 1]
            yield after.block == each.block + 1 and each.indexes[-1] == each.count - 1 and after.indexes[0] == 0
