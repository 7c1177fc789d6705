"""All blocks of a DAG, depth first, parents before children, each once: what a CAR holds and what a node pins.

Source: https://ipld.io/specs/transport/car/carv1/#determinism
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from anchoring.encoding.cid import DAG_PB, Block, Cid
from anchoring.encoding.dag_pb import decode
from anchoring.encoding.unixfs_reader import Blocks


def walk(root: Cid, blocks: Blocks, *, without: Collection[Cid] = ()) -> Iterator[Block]:
    """The blocks from `root` downwards, in the order of the links; raises what `blocks.get` and decoding raise.

    What is in `without`, a set, is passed over with all that hangs below it.

    >>> from anchoring.blockstores.memory import MemoryStore
    >>> from anchoring.encoding.unixfs import document_blocks
    >>> store = MemoryStore()
    >>> root, made = document_blocks(bytes(2 << 20))
    >>> store.put(made, [root])
    >>> len(list(walk(root, store)))
    2
    """
    seen = {root}
    waiting = [root] if root not in without else []
    while waiting:
        cid = waiting.pop()
        data = blocks.get(cid)
        yield Block(cid, data)
        if cid.codec == DAG_PB:
            below = [link.cid for link in decode(data)[0]]
            fresh = [child for child in dict.fromkeys(below) if child not in seen and child not in without]
            seen.update(fresh)
            waiting.extend(reversed(fresh))
