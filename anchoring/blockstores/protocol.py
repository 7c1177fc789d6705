"""What a place for blocks can do; the folder, CAR, Kubo and gateway back ends implement it.

A reader never trusts: `get` returns only bytes that hash to the CID asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from anchoring.encoding.cid import Block, Cid

LARGEST_SECTION = 8 * 1024 * 1024
"""Bytes of one block with its CID: more is refused before it is read; IPFS nodes exchange blocks up to 2 MiB."""


@runtime_checkable
class BlockReader(Protocol):
    """Somewhere blocks can be had from."""

    name: str
    """Shown in errors and verdicts: `folder .triplock/blocks`, `kubo 127.0.0.1:5001`."""

    def get(self, cid: Cid) -> bytes:
        """The block's bytes, their hash checked.

        Raises BlockNotFound (the reader has no such block), BlockCorrupt (other bytes under that CID),
        or ServiceFailed (the reader could not be asked).
        """
        ...


@runtime_checkable
class BlockStore(BlockReader, Protocol):
    """Somewhere blocks can be kept."""

    def has(self, cid: Cid) -> bool:
        """Whether the block is here."""
        ...

    def put(self, blocks: Iterable[Block], roots: Sequence[Cid]) -> None:
        """Keep all the blocks, durably, and pin the roots.

        After it returns, all is stored and pinned; when it raises, it may be called again with the same blocks.
        """
        ...
