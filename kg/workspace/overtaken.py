"""What to do with a version whose place another workspace of the same publisher has taken on the chain.

The registry accepts one child of each head, so such a version can never be published. It is dropped, and theirs is
written down as the parent of the next one. Nothing of the graph is lost: the next version holds all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anchoring.chain.errors import NoRegistry
from anchoring.encoding.cid import RAW, Cid
from anchoring.signing.anchor import ZERO_WORD
from kg.jobs.versions import VersionRecord

if TYPE_CHECKING:
    from anchoring.signing.anchor import Anchor
    from kg.workspace.workspace import Workspace


def give_way(workspace: Workspace, *, unasked: bool = False) -> None:
    """Drop the version that waits if it was overtaken; needs the workspace's lock.

    Asks the chain where a version waits, and with `unasked` in any case: a workspace that has published nothing yet
    then learns what others did. Raises EndpointUnreachable and EndpointWrong.
    """
    graph = workspace.chain.graph
    waiting = workspace.versions.waiting(str(graph))
    if waiting is None and not unasked:
        return
    try:
        head = workspace.chain.registry.head(graph)
    except NoRegistry:
        return
    newest = workspace.versions.latest(str(graph))
    here = (waiting.parent, waiting.head) if waiting else (newest.head if newest else f"0x{ZERO_WORD.hex()}",)
    if f"0x{head.hex()}" in here:
        return
    anchors = workspace.chain.registry.anchors(graph)
    if waiting is None or not any(f"0x{anchor.head.hex()}" == waiting.head for anchor in anchors):
        _follow(workspace, str(graph), waiting, anchors)


def _follow(workspace: Workspace, graph: str, waiting: VersionRecord | None, anchors: list[Anchor]) -> None:
    """Make the chain's newest version the parent of the next one, and drop what cannot be published on it."""
    heads = {f"0x{anchor.head.hex()}" for anchor in anchors}
    known = {record.head for record in workspace.versions.known(graph)}
    # In this order, so that a crash between any two only repeats them.
    if anchors and f"0x{anchors[-1].head.hex()}" not in known:
        workspace.versions.put(_elsewhere(anchors[-1]))
    for record in reversed(workspace.versions.known(graph)):
        overtaken = waiting is not None and record.number >= waiting.number
        if record.head not in heads and (overtaken or record.state == "elsewhere"):
            note = f"the chain has 0x{anchors[-1].head.hex()}" if anchors else "the chain has no version"
            workspace.versions.move(record, "dropped", note)


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
