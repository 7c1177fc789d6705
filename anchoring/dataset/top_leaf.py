"""The entry of the upper tree that stands for one block: 81 bytes, big-endian.

It binds the block's position (the number of lines before it), its number of lines, its length,
the root of the tree over its lines, and the digest of its bytes, which is also its CID.
Format: docs/format.md, section "Top leaf".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from anchoring.dataset.merkle import leaf_hash
from anchoring.encoding.cid import RAW, Cid
from anchoring.errors import Refuted

_LAYOUT = struct.Struct(">BQII32s32s")
_KIND_PLAIN = 1
TOP_LEAF_BYTES = _LAYOUT.size


def entries_of(index: bytes) -> list[bytes]:
    """The entries of which the bytes of an index consist; the last is shorter where it is cut short."""
    return [index[at : at + TOP_LEAF_BYTES] for at in range(0, len(index), TOP_LEAF_BYTES)]


class BadTopLeaf(Refuted):
    """The bytes or numbers are no entry of the upper tree."""

    code = "bad-top-leaf"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="rebuild the list of blocks from data.nq")


@dataclass(frozen=True, slots=True)
class TopLeaf:
    """A block of lines: `start` lines before it, `count` ≥ 1 lines, `length` bytes; two digests of 32 bytes.

    >>> leaf = TopLeaf(0, 1, 24, bytes(32), bytes(32))
    >>> len(leaf.encode()), TopLeaf.decode(leaf.encode()) == leaf
    (81, True)
    """

    start: int
    count: int
    length: int
    line_root: bytes
    digest: bytes

    def encode(self) -> bytes:
        """The 81 bytes; raises BadTopLeaf where a number does not fit."""
        if not self.count:
            raise BadTopLeaf("a block of no lines")
        if len(self.line_root) != 32 or len(self.digest) != 32:  # struct would cut or pad them
            raise BadTopLeaf(f"digests of {len(self.line_root)} and {len(self.digest)} bytes, not 32")
        try:
            return _LAYOUT.pack(_KIND_PLAIN, self.start, self.count, self.length, self.line_root, self.digest)
        except struct.error as error:
            raise BadTopLeaf(f"{self} does not fit the format: {error}") from None

    @classmethod
    def decode(cls, entry: bytes) -> TopLeaf:
        """Of its 81 bytes; raises BadTopLeaf for another length, kind or an empty block."""
        if len(entry) != TOP_LEAF_BYTES or entry[0] != _KIND_PLAIN:
            raise BadTopLeaf(f"{entry[:8].hex()}… ({len(entry)} bytes) is no entry of kind 1")
        leaf = cls(*_LAYOUT.unpack(entry)[1:])
        if not leaf.count:
            raise BadTopLeaf(f"entry {entry[:17].hex()}… names a block of no lines")
        return leaf

    @property
    def hash(self) -> bytes:
        """The hash of this leaf of the upper tree."""
        return leaf_hash(self.encode())

    @property
    def cid(self) -> Cid:
        """The raw block that this entry stands for."""
        return Cid(RAW, self.digest)
