"""Proof of presence: one statement stands in a version, at a position.

Two paths: from the line to the root of its block's tree, and from the block's top leaf to the root of the version.
It holds for these bytes without any condition; it does not show that the list around them is in order.
Format: docs/format.md, section "Proof of presence".
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from anchoring.dataset.merkle import inclusion_path, leaf_hash, root_from_path
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.dataset.version import Dataset
from anchoring.encoding.unixfs_reader import Blocks
from anchoring.errors import InputRefused, Refuted, TriplockError
from anchoring.rdf.lines import MAX_LINE_BYTES
from anchoring.rdf.nquads import check_canonical


class StatementAbsent(InputRefused):
    """The statement does not stand in this version."""

    code = "statement-absent"


class PresenceRefuted(Refuted):
    """The proof does not hold against this root."""

    code = "presence-refuted"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="do not believe the statement; ask for a new proof")


@dataclass(frozen=True, slots=True)
class Presence:
    """A line and its place: line `index` of block `block`.

    `start`, `count`, `length` and `digest` are the block's top leaf less its line root;
    `line_path` and `block_path` are siblings of 32 bytes each, from the leaf upwards.
    """

    line: bytes
    block: int
    index: int
    start: int
    count: int
    length: int
    digest: bytes
    line_path: bytes
    block_path: bytes

    @property
    def position(self) -> int:
        """How many lines of the version stand before this one."""
        return self.start + self.index

    def check(self, *, root: bytes, quads: int, blocks: int) -> None:
        """Raises PresenceRefuted, with the reason, unless the line stands there in the version of this root."""
        if not 0 < len(self.line) <= MAX_LINE_BYTES:
            raise PresenceRefuted(f"a line of {len(self.line)} bytes")
        if self.block >= blocks or self.index >= self.count:
            raise PresenceRefuted(
                f"line {self.index} of {self.count} in block {self.block} of {blocks} is outside the version"
            )
        end = self.start + self.count
        if end > quads or (self.start == 0) != (self.block == 0) or (end == quads) != (self.block == blocks - 1):
            raise PresenceRefuted(
                f"block {self.block} of {blocks} cannot hold the lines {self.start} to {end} of {quads}"
            )
        try:
            check_canonical(self.line)
            line_root = root_from_path(leaf_hash(self.line), self.index, self.count, self.line_path)
            top = TopLeaf(self.start, self.count, self.length, line_root, self.digest)
            found = root_from_path(top.hash, self.block, blocks, self.block_path)
        except TriplockError as error:
            raise PresenceRefuted(error.what) from None
        if found != root:
            raise PresenceRefuted(f"the statement's paths lead to the root 0x{found.hex()}, not to 0x{root.hex()}")


def prove_presence(line: bytes, dataset: Dataset, blocks: Blocks) -> Presence:
    """The proof that the canonical `line` stands in the version; reads some log₂(blocks) blocks.

    Raises StatementAbsent, and what `blocks.get` raises.
    """
    low, high = 0, len(dataset.leaves)
    while high - low > 1:
        middle = (low + high) // 2
        if _lines(dataset.leaves[middle], blocks)[0] <= line:
            low = middle
        else:
            high = middle
    lines = _lines(dataset.leaves[low], blocks) if dataset.leaves else []
    index = bisect_left(lines, line)
    if index == len(lines) or lines[index] != line:
        raise StatementAbsent(
            f"{line[:300].decode(errors='replace')} is not among the {dataset.commitment.quads} statements",
            remedy="give the whole statement as `triplock export --format nq` prints it, its graph included",
        )
    top = dataset.leaves[low]
    return Presence(
        line=line,
        block=low,
        index=index,
        start=top.start,
        count=top.count,
        length=top.length,
        digest=top.digest,
        line_path=inclusion_path([leaf_hash(each) for each in lines], index),
        block_path=inclusion_path(dataset.hashes, low),
    )


def _lines(leaf: TopLeaf, blocks: Blocks) -> list[bytes]:
    return blocks.get(leaf.cid)[:-1].split(b"\n")
