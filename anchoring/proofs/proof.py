"""Proof of presence: one statement stands in a version, at a position.

Two paths: from the line to the root of its block's tree, and from the block's top leaf to the root of the version.
It holds for these bytes without any condition; it does not show that the list around them is in order.
Format: docs/format.md, section "Proof of presence".
"""

from __future__ import annotations

from dataclasses import dataclass

from anchoring.dataset.version import Dataset
from anchoring.encoding.unixfs_reader import Blocks
from anchoring.errors import InputRefused, Refuted
from anchoring.proofs.line_index import LineIndex
from anchoring.proofs.opening import OpenedBlock, Opening


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

    def opening(self) -> Opening:
        """The same as an opening of one line."""
        block = OpenedBlock(
            block=self.block,
            start=self.start,
            count=self.count,
            length=self.length,
            digest=self.digest,
            indexes=(self.index,),
            lines=(self.line,),
            path=self.line_path,
        )
        return Opening((block,), self.block_path)

    def check(self, *, root: bytes, quads: int, blocks: int) -> None:
        """Raises PresenceRefuted, with the reason, unless the line stands there in the version of this root."""
        try:
            self.opening().check(root=root, quads=quads, blocks=blocks)
        except Refuted as error:
            raise PresenceRefuted(error.what) from None


def prove_presence(line: bytes, dataset: Dataset, blocks: Blocks) -> Presence:
    """The proof that the canonical `line` stands in the version; reads some log₂(blocks) blocks.

    Raises StatementAbsent, and what `blocks.get` raises.
    """
    index = LineIndex(dataset, blocks)
    if not index.holds(line):
        raise StatementAbsent(
            f"{line[:300].decode(errors='replace')} is not among the {dataset.commitment.quads} statements",
            remedy="give the whole statement as `triplock export --format nq` prints it, its graph included",
        )
    opening = index.open([index.at(index.position(line))])
    (shown,) = opening.blocks
    return Presence(
        line=line,
        block=shown.block,
        index=shown.indexes[0],
        start=shown.start,
        count=shown.count,
        length=shown.length,
        digest=shown.digest,
        line_path=shown.path,
        block_path=opening.path,
    )
