"""Blocks for a verdict, from several places: the first that has the right bytes wins, and none is trusted.

Unlike `anchoring.blockstores.first_of`, it tells other bytes (refuted) from silence (unchecked) and from a failure
(ask again), because a verdict differs in the three cases.
"""

from __future__ import annotations

from collections.abc import Sequence

from anchoring.blockstores.errors import BlockCorrupt, BlockNotFound
from anchoring.blockstores.protocol import BlockReader
from anchoring.encoding.cid import Cid
from anchoring.errors import InputRefused, Refuted, ServiceFailed


class BlocksUnreadable(ServiceFailed):
    """A place for blocks is there but cannot be read."""

    code = "blocks-unreadable"


class AnyOf:
    """A reader over `readers`, asked in their order. The hash of every block is checked here once more."""

    def __init__(self, readers: Sequence[BlockReader]) -> None:
        self._readers = readers
        self.name = ", ".join(reader.name for reader in readers) or "no reader"

    def get(self, cid: Cid) -> bytes:
        """The block's bytes.

        Raises ServiceFailed where a place could not be asked and no other has the block, BlockCorrupt where only
        other bytes were handed out, BlockNotFound where nobody has it.
        """
        failed: ServiceFailed | None = None
        corrupt: Refuted | None = None
        for reader in self._readers:
            try:
                block = reader.get(cid)
            except BlockNotFound:
                continue
            except Refuted as error:
                corrupt = error
                continue
            except ServiceFailed as error:
                failed = error
                continue
            except InputRefused as error:
                failed = BlocksUnreadable(f"{reader.name}: {error.what}", remedy=error.remedy)
                continue
            if cid.matches(block):
                return block
            corrupt = BlockCorrupt(cid, reader.name)
        if failed or corrupt:
            raise failed or corrupt  # type: ignore[misc]
        raise BlockNotFound(cid, self.name)
