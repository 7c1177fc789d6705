"""What to do with a version whose place another workspace of the same publisher has taken on the chain.

The registry accepts one child of each head, so such a version can never be published. It is dropped, and theirs is
written down as the parent of the next one. Nothing of the graph is lost: the next version holds all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anchoring.chain.errors import NoRegistry
from anchoring.cid import RAW, Cid
from kg.jobs.versions import VersionRecord

if TYPE_CHECKING:
    from anchoring.anchor import Anchor
    from kg.workspace.workspace import Workspace


def give_way(workspace: Workspace) -> None:
    """Drop the version that waits if it was overtaken; needs the workspace's lock.

    Asks the chain only where a version waits. Raises EndpointUnreachable and EndpointWrong.
    """
    graph = workspace.chain.graph
    waiting = workspace.versions.waiting(str(graph))
    if waiting is None:
        return
    try:
        head = workspace.chain.registry.head(graph)
    except NoRegistry:
        return
    if f"0x{head.hex()}" in (waiting.parent, waiting.head):
        return
    anchors = workspace.chain.registry.anchors(graph)
    if not anchors or any(f"0x{anchor.head.hex()}" == waiting.head for anchor in anchors):
        return
    # In this order, so that a crash between the two only repeats them.
    workspace.versions.put(_elsewhere(anchors[-1]))
    workspace.versions.move(waiting, "dropped")


def _elsewhere(anchor: Anchor) -> VersionRecord:
    return VersionRecord(
        head=f"0x{anchor.head.hex()}",
        number=anchor.version,
        graph=str(anchor.graph),
        state="elsewhere",
        parent=f"0x{anchor.parent.hex()}",
        root=f"0x{anchor.root.hex()}",
        quads=anchor.quads,
        blocks=anchor.blocks,
        manifest=str(Cid(RAW, anchor.manifest)),
        directory="",
        data="",
        generation=-1,
        transaction_hash=f"0x{anchor.transaction.hex()}",
        block_number=anchor.block.number,
    )
