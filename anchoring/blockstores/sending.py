"""Sends a DAG to a node, but only what the node lacks of it.

What hangs below a root that the node has pinned is there; a second version of a graph shares most of its blocks with
the first, so only the new ones are sent. Below that, the node is asked for each part whether it has it whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from anchoring.blockstores.errors import BlockNotFound
from anchoring.blockstores.kubo import KuboStore
from anchoring.blockstores.protocol import BlockReader
from anchoring.encoding.cid import DAG_PB, Block, Cid
from anchoring.encoding.dag_pb import decode
from anchoring.errors import ServiceFailed

_ASKED_FOR = 8
"""Leaves of a node that the node at the other end is asked for first."""


@dataclass(slots=True)
class Sent:
    """What went over the wire: blocks and their bytes; `skipped` parts were there, with all below them."""

    blocks: int = 0
    bytes: int = 0
    skipped: int = 0


def send(roots: Sequence[Cid], blocks: BlockReader, node: KuboStore, *, like: Sequence[Cid] = ()) -> Sent:
    """Send what the node lacks of the DAGs below `roots`, and pin the roots.

    `like` are roots that share much with them, such as the version before; those that the node has pinned save asking
    for each block. Raises what `node.put` and `blocks.get` raise; after a failure it may be called again.
    """
    if all(map(node.pinned, roots)):
        return Sent(skipped=len(roots))
    known: set[Cid] = set()
    for root in like:
        if node.pinned(root):
            known.add(root)
            try:
                known.update(node.below(root))
            except BlockNotFound:
                known.clear()  # the node has lost a part of what it pinned: ask for every block
    try:
        return _send(roots, blocks, node, known)
    except ServiceFailed:
        if not known:
            raise
        return _send(roots, blocks, node, set())


def _send(roots: Sequence[Cid], blocks: BlockReader, node: KuboStore, known: set[Cid]) -> Sent:
    sent = Sent()

    def lacking() -> Iterator[Block]:
        for block in _lacking(roots, blocks, node, known, sent):
            sent.blocks += 1
            sent.bytes += len(block.data)
            yield block

    node.put(lacking(), roots)
    return sent


def _lacking(
    roots: Sequence[Cid], blocks: BlockReader, node: KuboStore, known: set[Cid], sent: Sent
) -> Iterator[Block]:
    """The blocks that the node lacks, parents first.

    Of a node that it lacks, it is asked for a few of the leaves, and for all only where it has one of those:
    asking for each would take longer than sending it. Where something is known, what is not is taken to be new.
    """
    seen = set(roots)
    waiting = [(root, True) for root in reversed(roots)]
    while waiting:
        cid, ask = waiting.pop()
        if cid in known or ((ask or cid.codec == DAG_PB) and _whole(cid, node)):
            sent.skipped += 1
            continue
        data = blocks.get(cid)
        if cid.codec != DAG_PB:
            yield Block(cid, data)
            continue
        fresh = [child for child in dict.fromkeys(link.cid for link in decode(data)[0]) if child not in seen]
        there = node.has(cid)
        if not there:
            yield Block(cid, data)
            leaves = [child for child in fresh if child.codec != DAG_PB]
            there = not known and any(map(node.has, leaves[:: max(1, len(leaves) // _ASKED_FOR)]))
        seen.update(fresh)
        waiting.extend((child, there) for child in reversed(fresh))


def _whole(cid: Cid, node: KuboStore) -> bool:
    return node.complete(cid) if cid.codec == DAG_PB else node.has(cid)
