"""From a built version to one on the chain, in steps that a crash can fall between.

built → pinned at the node that the settings name → signed (the transaction is in the ledger) → sent → mined → final.
After a crash the same signed transaction is sent again, never a second one, so one version comes of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anchoring.anchor import Anchor
from anchoring.blockstores.kubo import KuboStore
from anchoring.chain import publish as steps
from anchoring.chain.publish import PreparedPublish, Publication
from anchoring.chain.transactions import Cost
from anchoring.cid import Cid
from anchoring.walk import walk
from kg.jobs.versions import UNSENT, VersionRecord
from kg.workspace.snapshot import build, label_word

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Published:
    """A version on the chain; `new` is false when it was there before this call."""

    record: VersionRecord
    anchor: Anchor
    new: bool


def _consent(cost: Cost) -> bool:
    """Consent without asking."""
    return True


def publish(workspace: Workspace, *, consent: Callable[[Cost], bool] = _consent) -> Published | None:
    """Build the version if need be, pin it and anchor it; None when `consent` declines the cost.

    `consent` is shown gas and wei before anything is signed. The same call again does nothing more.
    Raises StaleParent when another publisher was first, ServiceFailed leaves when node or chain cannot be reached.
    """
    with workspace.changing():
        record = build(workspace)
        client, owner = workspace.chain.registry, workspace.signer.address
        publication = publication_of(workspace, record)
        there = steps.published(client, owner, publication)
        if there is None:
            pin(workspace, record)
            if record.state in UNSENT and not consent(steps.estimate(client, owner, publication)):
                return None
        anchor = there or _send(workspace, record, publication)
        if record.state != "final":
            record = workspace.versions.move(
                record, "final", transaction_hash=f"0x{anchor.transaction.hex()}", block_number=anchor.block.number
            )
        return Published(record, anchor, new=there is None)


def publication_of(workspace: Workspace, record: VersionRecord) -> Publication:
    """What the registry is told of a version."""
    return Publication(
        label=label_word(workspace.configuration.graph.label),
        parent=bytes.fromhex(record.parent[2:]),
        root=bytes.fromhex(record.root[2:]),
        quads=record.quads,
        blocks=record.blocks,
        manifest=Cid.parse(record.manifest).digest,
    )


def _send(workspace: Workspace, record: VersionRecord, publication: Publication) -> Anchor:
    """Sign, keep, send and wait; what an earlier run kept is sent again."""
    settings = workspace.configuration.chain

    def keep(prepared: PreparedPublish) -> None:
        workspace.versions.move(
            record,
            "signed",
            attempts=json.dumps([prepared.as_json()]),
            transaction_hash=f"0x{prepared.transaction.hash.hex()}",
        )

    kept = PreparedPublish.from_json(json.loads(record.attempts)[-1]) if record.attempts else None
    return steps.publish(
        workspace.chain.registry,
        workspace.signer,
        publication,
        keep=keep,
        kept=kept,
        ceiling=int(settings.max_cost_gwei * 10**9) or None,
        confirmations=1 if workspace.chain.embedded else settings.confirmations,
    )


def pin(workspace: Workspace, record: VersionRecord) -> None:
    """Send the version's blocks to the node that the settings name, if they name one."""
    if workspace.configuration.ipfs.kubo:
        node = KuboStore(workspace.configuration.ipfs.kubo)
        root = Cid.parse(record.directory)
        node.put(walk(root, workspace.blocks), [root])
