"""Blocks in memory, for whoever embeds triplock or builds a version only to look at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from anchoring.blockstores.errors import BlockCorrupt, BlockNotFound
from anchoring.encoding.cid import Block, Cid


class MemoryStore:
    """A block store that lives as long as the object.

    >>> store = MemoryStore()
    >>> block = Block(Cid.of(b"hello world"), b"hello world")
    >>> store.put([block], roots=[block.cid])
    >>> store.get(block.cid), store.has(block.cid), list(store.pins()) == [block.cid]
    (b'hello world', True, True)
    """

    name = "memory"

    def __init__(self) -> None:
        self._blocks: dict[Cid, bytes] = {}
        self._pins: dict[Cid, None] = {}

    def has(self, cid: Cid) -> bool:
        """Whether the block is here."""
        return cid in self._blocks

    def get(self, cid: Cid) -> bytes:
        """The block's bytes; raises BlockNotFound."""
        try:
            return self._blocks[cid]
        except KeyError:
            raise BlockNotFound(cid, self.name) from None

    def put(self, blocks: Iterable[Block], roots: Sequence[Cid]) -> None:
        """Keep the blocks and pin the roots; raises BlockCorrupt, and BlockNotFound for a root that is not here."""
        for cid, data in blocks:
            if not cid.matches(data):
                raise BlockCorrupt(cid, "the blocks handed in", remedy="build the block's CID from its bytes")
            self._blocks[cid] = bytes(data)
        for root in roots:
            if root not in self._blocks:
                raise BlockNotFound(root, self.name, remedy="put the root's block together with the pin")
            self._pins[root] = None

    def pins(self) -> Iterator[Cid]:
        """The pinned roots, in the order in which they came."""
        return iter(tuple(self._pins))

    def __iter__(self) -> Iterator[Cid]:
        """Every CID kept here."""
        return iter(tuple(self._blocks))

    def __len__(self) -> int:
        return len(self._blocks)
