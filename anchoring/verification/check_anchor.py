"""The chain's part of a verification: is this version anchored, by who signed it, in an unbroken history, deep enough.

The fields come from the manifest or the bundle; everything they are compared with comes from the verifier's chain.
Format: docs/format.md, section "Anchor".
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from anchoring.encoding.cid import RAW, Cid
from anchoring.signing.anchor import ZERO_WORD, Anchor, AnchorSource, BlockReference, GraphId
from anchoring.signing.eip712 import BadVersionFields, VersionFields
from anchoring.signing.manifest import Manifest
from anchoring.verification.check_signature import Signed
from anchoring.verification.verdict import Examination, Outcome

NO_CHAIN = "no chain was given, so nothing shows that this version was published, or when"
ANCHOR_CHECKS = ("chain", "history", "anchor", "publisher", "confirmations")


@dataclass(frozen=True, slots=True)
class Chain:
    """A verifier's endpoint, and how many blocks it wants on top, the anchor's own counted (at least 1)."""

    source: AnchorSource
    min_confirmations: int = 1


MAX_AGE = 3_600
"""Seconds after which a block no longer shows what is current, unless the verifier says otherwise."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """Whether a version must be the newest, as of a block that is at most `max_age` seconds old.

    `now` is in seconds since 1970, UTC; None is the clock's.
    """

    current: bool = False
    max_age: float = MAX_AGE
    now: float | None = None

    def note_head(self, examination: Examination, fields: VersionFields, head: bytes, block: BlockReference) -> None:
        """Notes the check "head": what the graph's head word as of a block says of the version."""
        newest, as_of = int.from_bytes(head[:5], "big"), f"as of block {block.number}"
        age = int(time.time() if self.now is None else self.now) - block.timestamp
        examination.about.update(headBlock=block.number, headTime=block.timestamp)
        if newest < fields.version:
            examination.refuted("head", f"{as_of} the newest version is {newest}: this one was not published by then")
        elif newest == fields.version and head != fields.head:
            examination.refuted("head", f"{as_of} another version {newest} stands in this one's place")
        elif newest > fields.version:
            examination.expect(
                "head",
                not self.current,
                passed=f"{as_of} the newest version is {newest}",
                refuted=f"{as_of} the newest version is {newest}, so this one is not current",
            )
        elif self.current and age > self.max_age:
            examination.unchecked("head", f"the newest {as_of}, which is {age} s old, more than {self.max_age:.0f}")
        else:
            examination.passed("head", f"version {newest} is the newest {as_of}")


def fields_of(anchor: Anchor) -> VersionFields:
    """What the anchor's event says was published; raises BadVersionFields."""
    return VersionFields(
        anchor.graph,
        anchor.version,
        anchor.root,
        anchor.quads,
        anchor.blocks,
        anchor.parent,
        anchor.manifest,
    )


def broken_history(graph: GraphId, anchors: Sequence[Anchor], head: bytes) -> str:
    """Where the events do not make the history that ends in the head word; empty where they do."""
    if not anchors:
        return f"registry {graph.registry} has published nothing for this graph"
    parent = ZERO_WORD
    for number, anchor in enumerate(anchors, 1):
        if anchor.graph != graph or anchor.version != number or anchor.parent != parent:
            return f"event {number} is of {anchor.graph}, version {anchor.version}, parent 0x{anchor.parent.hex()}"
        try:
            digest = fields_of(anchor).head
        except BadVersionFields as error:
            return f"event {number}: {error.what}"
        if digest != anchor.head:
            return f"the fields of event {number} hash to the head word 0x{digest.hex()}, not 0x{anchor.head.hex()}"
        parent = anchor.head
    if head not in [anchor.head for anchor in anchors]:
        return f"the registry's head word 0x{head.hex()} is that of no event"
    return ""


class Found(NamedTuple):
    """What the chain has of a version: its own event, and the events up to it where all checks up to it hold."""

    event: Anchor | None = None
    history: Sequence[Anchor] = ()

    @property
    def publisher(self) -> str | None:
        """Who published by the version's event."""
        return self.event.publisher if self.event else None


def check_anchor(examination: Examination, fields: VersionFields, signed: Signed, chain: Chain) -> Found:
    """Notes the checks of ANCHOR_CHECKS about a version that is signed so, as far as they lead.

    Raises ServiceFailed where the endpoint does not answer.
    """
    graph, source = fields.graph, chain.source
    chain_id = source.chain_id()
    if not examination.expect(
        "chain",
        chain_id == graph.chain_id,
        passed=f"the endpoint is on chain {chain_id}",
        refuted=f"the endpoint is on chain {chain_id}, the graph on {graph.chain_id}",
    ):
        return Found()
    # The head first: a version published between the two questions is then an event too many, not one too few.
    head = source.head(graph)
    anchors = source.anchors(graph)
    broken = broken_history(graph, anchors, head)
    if not examination.expect(
        "history", not broken, passed=f"{len(anchors)} versions, each the child of the one before", refuted=broken
    ):
        return Found()
    anchor = next((each for each in anchors if each.version == fields.version), None)
    found = "no event" if anchor is None else f"the head word 0x{anchor.head.hex()}"
    if not examination.expect(
        "anchor",
        anchor is not None and anchor.head == fields.head,
        passed=f"version {fields.version} is anchored as 0x{fields.head.hex()}",
        refuted=f"version {fields.version} should have the head word 0x{fields.head.hex()}, the chain has {found}",
    ):
        return Found()
    assert anchor is not None  # noqa: S101 - expect() has just said so
    if not note_publisher(examination, signed, anchor.publisher, f"in transaction 0x{anchor.transaction.hex()}"):
        return Found(anchor)
    _check_depth(examination, anchor, chain)
    return Found(anchor, anchors[: fields.version])


def note_publisher(examination: Examination, signed: Signed, publisher: str, where: str) -> bool:
    """Notes the check "publisher": who published by the event is who signed, if there is a signature."""
    return examination.expect(
        "publisher",
        signed.agrees(publisher),
        passed=f"published by {publisher} {where}",
        refuted=f"published by {publisher}, signed by {signed.signer or 'nobody: ' + signed.fault}",
    )


def _check_depth(examination: Examination, anchor: Anchor, chain: Chain) -> None:
    latest = chain.source.latest().number
    confirmations = latest - anchor.block.number + 1
    examination.about.update(
        transaction=f"0x{anchor.transaction.hex()}",
        publisher=anchor.publisher,
        block=anchor.block.number,
        blockHash=f"0x{anchor.block.hash.hex()}",
        time=anchor.block.timestamp,
        confirmations=confirmations,
    )
    if confirmations >= chain.min_confirmations:
        examination.passed("confirmations", f"{confirmations} of {chain.min_confirmations} wanted")
    else:
        examination.unchecked(
            "confirmations", f"{confirmations} of {chain.min_confirmations} wanted: a reorganisation could remove it"
        )


def leave_anchor_unchecked(examination: Examination, reason: str) -> None:
    """Names every check of the chain's part as not made."""
    for name in ANCHOR_CHECKS:
        examination.unchecked(name, reason)


def check_graph(examination: Examination, manifest: Manifest, graph: GraphId) -> bool:
    """The first thing to hold: what follows is about the graph that the verifier named, and no other registry's."""
    examination.about.update(version=manifest.version, root=f"0x{manifest.root.hex()}", quads=manifest.quads)
    return examination.expect(
        "graph",
        manifest.graph == graph,
        passed=f"{graph}",
        refuted=f"it is a version of {manifest.graph}, not of {graph}",
    )


def check_current(examination: Examination, fields: VersionFields, chain: Chain | None, freshness: Freshness) -> None:
    """Notes the check "head" where the verifier wants the newest version; raises ServiceFailed."""
    if not freshness.current:
        return
    if chain is None:
        examination.unchecked("head", NO_CHAIN)
    elif not any(check.name == "anchor" and check.outcome is Outcome.PASSED for check in examination.checks):
        examination.unchecked("head", "whether the version was published at all is not known")
    else:
        block = chain.source.latest()
        freshness.note_head(examination, fields, chain.source.head(fields.graph), block)


def check_parent(examination: Examination, manifest: Manifest, history: Sequence[Anchor]) -> None:
    """Notes the check "parent", where there is one: the manifest before, as its event has it, is the one named."""
    if not manifest.parent_manifest or not history:
        return
    before = Cid(RAW, history[-2].manifest)
    examination.expect(
        "parent",
        manifest.parent_manifest == before,
        passed=f"version {manifest.version - 1} has the manifest {before}",
        refuted=f"version {manifest.version - 1} has the manifest {before}, not {manifest.parent_manifest}",
    )
