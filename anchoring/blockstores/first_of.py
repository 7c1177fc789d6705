"""Several readers as one: the first that has the block answers."""

from __future__ import annotations

from collections.abc import Sequence

from anchoring.blockstores.errors import BlockNotFound
from anchoring.blockstores.protocol import BlockReader
from anchoring.encoding.cid import Cid
from anchoring.errors import ServiceFailed, TriplockError, WrongUsage


class NoneAnswered(ServiceFailed):
    """No reader gave the block, and at least one failed otherwise than by not having it."""

    code = "no-reader-answered"


class FirstOf:
    """Asks the readers in order; a failing or corrupt one is passed over, and named if all fail.

    >>> from anchoring.blockstores.memory import MemoryStore
    >>> FirstOf([MemoryStore(), MemoryStore()]).get(Cid.of(b"x"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    anchoring.blockstores.errors.BlockNotFound: memory, memory has no block ...
    """

    def __init__(self, readers: Sequence[BlockReader]) -> None:
        if not readers:
            raise WrongUsage("no block reader is given", remedy="give a folder, a CAR file, a node or a gateway")
        self.readers = tuple(readers)
        self.name = ", ".join(reader.name for reader in self.readers)

    def get(self, cid: Cid) -> bytes:
        """The block's bytes; raises BlockNotFound if no reader has it, NoneAnswered if one could not tell."""
        answers: list[str] = []
        absent = 0
        for reader in self.readers:
            try:
                return reader.get(cid)
            except BlockNotFound:
                absent += 1
                answers.append(f"{reader.name}: no such block")
            except TriplockError as error:
                answers.append(f"{reader.name}: {error.what}")
        if absent == len(self.readers):
            raise BlockNotFound(cid, self.name)
        raise NoneAnswered(f"nobody gave {cid} ({'; '.join(answers)})", remedy="mend one of these, or name another")
