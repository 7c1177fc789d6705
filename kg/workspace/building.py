"""The data of the next version: from the store's journal and an earlier version, or from every statement.

Both ways give the same bytes. The journal's way reads and makes only the blocks that a change touches; it is taken
where the journal reaches back to a version whose blocks are here, and the change is not most of the graph.
docs/decisions/0059-versions-from-the-journal.md
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anchoring.blockstores.errors import BlockCorrupt, BlockNotFound
from anchoring.dataset.first_lines import FirstLines
from anchoring.dataset.incremental import BadChange, update_version
from anchoring.dataset.version import BadBlock, BadIndex, Dataset, Keep, build_version
from anchoring.encoding.cid import DAG_PB
from kg.stores.errors import JournalTruncated
from kg.stores.net_change import NetChange, net_change
from kg.stores.protocol import LineChanges, QuadStore
from kg.workspace.base import Base, find_base

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

LARGEST_PART = 4
"""A change of more than one line in so many is most of the blocks: building in full is as fast, and holds no change."""
SMALL = 1_000
"""A change of so many lines is never too large."""


@dataclass(frozen=True, slots=True)
class Built:
    """The data of a version. `reason` says why it was built in full, and is empty where it was not."""

    dataset: Dataset
    first_lines: FirstLines
    reason: str


class _InFull(Exception):
    """The journal's way cannot be taken."""


def build_data(workspace: Workspace, keep: Keep) -> Built:
    """The dataset of what the store holds, its new blocks handed to `keep`; needs the workspace's lock.

    Raises NotCanonical and LineTooLong for statements that no version can hold, and what the store raises.
    """
    try:
        return _from_journal(workspace, keep)
    except _InFull as why:
        first_lines = FirstLines()
        dataset = build_version(workspace.store.sorted_quads(), first_lines.noting(keep))
        return Built(dataset, first_lines, str(why))


def _from_journal(workspace: Workspace, keep: Keep) -> Built:
    base = find_base(workspace)
    if base is None:
        raise _InFull("no version to build on is kept here")
    change = _change_since(workspace.store, base)
    try:
        update = update_version(
            base.dataset,
            workspace.blocks,
            change.added,
            change.removed,
            first_lines=base.first_lines,
            keep=keep,
        )
    except (BadChange, BadIndex, BadBlock, BlockNotFound, BlockCorrupt) as error:
        raise _InFull(error.what) from None
    if update.dataset.commitment.quads != len(workspace.store):
        raise _InFull("the journal does not tell of every change of the store")
    if not _whole(workspace, update.dataset, base.dataset):
        raise _InFull("a block of the version before is no longer here")
    assert update.first_lines is not None  # noqa: S101 - the base has them
    return Built(update.dataset, update.first_lines, "")


def _change_since(store: QuadStore, base: Base) -> NetChange:
    """What the journal did since the base, unless that is too much to hold."""
    most = max(SMALL, base.dataset.commitment.quads // LARGEST_PART)

    def bounded() -> Iterator[LineChanges]:
        lines = 0
        for step in store.changed_lines(base.generation):
            lines += len(step.added) + len(step.removed)
            if lines > most:
                raise _InFull(f"more than {most} lines have changed")
            yield step

    try:
        return net_change(bounded())
    except JournalTruncated as error:
        raise _InFull(error.what) from None


def _whole(workspace: Workspace, dataset: Dataset, base: Dataset) -> bool:
    """Whether all blocks that the version shares with the one before are still here; they are not read."""
    before = {leaf.digest for leaf in base.leaves}
    shared = [leaf.cid for leaf in dataset.leaves if leaf.digest in before]
    nodes = {node.cid for node in base.nodes}
    shared += [node.cid for node in dataset.nodes if node.cid in nodes and node.cid.codec == DAG_PB]
    return all(workspace.blocks.has(cid) for cid in shared)
