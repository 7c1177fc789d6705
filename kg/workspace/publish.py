"""From a built version to one on the chain, in steps that a crash can fall between.

built → pinned where the settings say → signed (the transaction is in the ledger) → sent → mined → final.
What a step does is in anchoring/chain/advance.py; here each state is written into the ledger before the next step.
A version that a reorganisation took back is sent again first.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from anchoring.chain import publish as steps
from anchoring.chain.advance import Consent, Declined, Publishing, willing
from anchoring.chain.errors import NoRegistry, StaleParent
from anchoring.chain.progress import Finality, Limits, Progress, State
from anchoring.chain.publish import PreparedPublish, Publication
from anchoring.encoding.cid import Cid
from anchoring.signing.anchor import Anchor
from kg.jobs.versions import UNSENT, VersionRecord
from kg.workspace.overtaken import give_way
from kg.workspace.pinning import Targets, pin_version
from kg.workspace.snapshot import build, label_word

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

WAIT = 1800.0
"""Seconds to wait until a version is final: some twice what the `finalized` tag of the main chain takes."""


@dataclass(frozen=True, slots=True)
class Published:
    """A version on its way or at its end.

    `anchor` is where it stands on the chain, None where it was only sent; `new` is false when it was there before.
    """

    record: VersionRecord
    anchor: Anchor | None
    new: bool


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """`max_cost`: the most wei that the version may cost, None for the settings'; `wait`: seconds, 0 to send only.

    `replace`: pay more for a transaction that waits; `rebase`: build on top of the version of another publisher
    who was first.
    """

    max_cost: int | None = None
    wait: float = WAIT
    replace: bool = False
    rebase: bool = False


def publish(
    workspace: Workspace, *, consent: Consent = willing, options: PublishOptions | None = None
) -> Published | None:
    """Build the version if need be, pin it and anchor it; None when `consent` declines the cost.

    `consent` is shown gas and wei before anything is signed. The same call again does nothing more.
    Raises StaleParent when another publisher was first, PublishPending when it is not final in time, ServiceFailed
    leaves when node or chain cannot be reached.
    """
    chosen = options or PublishOptions()
    with workspace.changing():
        _take_back(workspace)
        if chosen.rebase:
            give_way(workspace, unasked=True)
        try:
            done = [_advance(workspace, record, consent, chosen) for record in _on_the_way(workspace)]
            return done[-1] if done else _advance(workspace, build(workspace), consent, chosen)
        except Declined:
            return None


def publication_of(workspace: Workspace, record: VersionRecord) -> Publication:
    """What the registry is told of a version."""
    return Publication(
        label=label_word(workspace.configuration.graph.label),
        parent=bytes.fromhex(record.parent[2:]),
        root=bytes.fromhex(record.root[2:]),
        quads=record.quads,
        blocks=record.blocks,
        manifest=Cid.parse(record.manifest).digest,
        creator=workspace.chain.creator,
    )


def pin(workspace: Workspace, record: VersionRecord) -> VersionRecord:
    """Have the version kept by the node and the pinning service that the settings name, if they name any."""
    pin_version(workspace, record, Targets().beside(workspace.configuration.ipfs))
    return workspace.versions.move(record, "pinned")


def attempts_of(record: VersionRecord) -> tuple[PreparedPublish, ...]:
    """The transactions that were signed for a version, oldest first; raises BadPrepared."""
    return tuple(map(PreparedPublish.from_json, json.loads(record.attempts))) if record.attempts else ()


def progress_of(record: VersionRecord) -> Progress:
    """How far the ledger says a version is that is pinned or further."""
    return Progress(
        cast("State", record.state),
        attempts_of(record),
        bytes.fromhex(record.transaction_hash[2:]),
        record.block_number,
        bytes.fromhex(record.block_hash[2:]),
    )


def _on_the_way(workspace: Workspace) -> list[VersionRecord]:
    """The versions that were signed and are not final, oldest first, and those that they stand on."""
    left = [record for record in workspace.versions.all(str(workspace.chain.graph)) if record.state != "final"]
    while left and left[-1].state in UNSENT:
        left.pop()
    return left


def _advance(workspace: Workspace, record: VersionRecord, consent: Consent, options: PublishOptions) -> Published:
    """Take a version to its end, or as far as it comes in time."""
    publishing = _Kept(workspace, record, consent, options)
    before = publishing.on_chain()
    if record.state == "built":
        publishing.record = workspace.versions.move(record, "pinned") if before else pin(workspace, record)
    progress = progress_of(publishing.record)
    if options.replace and progress.state in ("signed", "sent"):
        progress = publishing.machine.replaced(progress)
    publishing.machine.run(progress, wait=options.wait)
    return Published(publishing.record, before or publishing.on_chain(), new=before is None)


class _Kept:
    """A version's machine, whose states go into the ledger; `record` is the version as it stands there."""

    def __init__(self, workspace: Workspace, record: VersionRecord, consent: Consent, options: PublishOptions) -> None:
        self.record = record
        self._workspace = workspace
        self._publication = publication_of(workspace, record)
        self.machine = Publishing(
            workspace.chain.registry,
            workspace.signer,
            self._publication,
            keep=self._keep,
            consent=consent,
            limits=limits_of(workspace, options.max_cost),
            left_behind=tuple(each for given in workspace.versions.given_up() for each in attempts_of(given)),
        )

    def on_chain(self) -> Anchor | None:
        """The version's anchor, if it is on the chain; what stands in its way there is for the machine to say."""
        try:
            return steps.published(self._workspace.chain.registry, self._workspace.signer.address, self._publication)
        except StaleParent:
            return None

    def _keep(self, progress: Progress) -> None:
        self.record = self._workspace.versions.move(
            self.record,
            progress.state,
            progress.note,
            attempts=json.dumps([each.as_json() for each in progress.attempts]) if progress.attempts else "",
            transaction_hash=f"0x{progress.transaction.hex()}" if progress.transaction else "",
            block_number=progress.block_number,
            block_hash=f"0x{progress.block_hash.hex()}" if progress.block_hash else "",
        )


def limits_of(workspace: Workspace, max_cost: int | None = None) -> Limits:
    """What the settings allow a publication to take; `max_cost` in wei goes before theirs."""
    settings = workspace.configuration.chain
    finality = Finality(settings.confirmations, by_tag=settings.finality == "finalized")
    return Limits(
        ceiling=max_cost if max_cost is not None else settings.ceiling,
        patience=settings.patience,
        finality=Finality() if workspace.chain.embedded else finality,
    )


def _take_back(workspace: Workspace) -> None:
    """Find the final versions that a reorganisation took off the chain, and write that down."""
    graph, registry = workspace.chain.graph, workspace.chain.registry
    final = [record for record in workspace.versions.all(str(graph)) if record.state == "final"]
    if not final:
        return
    try:
        if registry.head(graph).hex() == final[-1].head[2:]:
            return
        anchors = {f"0x{anchor.head.hex()}" for anchor in registry.anchors(graph)}
    except NoRegistry:
        anchors = set()
    reached = registry.latest().number
    for record in final:
        # An endpoint that is a little behind has not seen the newest blocks yet.
        if record.head not in anchors and (record.block_number or 0) <= reached:
            back = "sent" if record.attempts else "pinned"
            note = f"block {record.block_hash or record.block_number} is no longer the chain's"
            workspace.versions.move(record, back, note, block_number=None, block_hash="")
