"""Makes proof bundles out of built versions, without reading more than a few of their blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from anchoring.chain_proof.proof import ChainProof
from anchoring.proofs.bundle import Bundle, OpenedParent
from anchoring.proofs.claim_proof import open_claim
from anchoring.proofs.claims import Claim
from anchoring.proofs.excerpt import Excerpt
from anchoring.proofs.line_index import LineIndex
from anchoring.signing.manifest import Manifest


@dataclass(frozen=True, slots=True)
class BuiltVersion:
    """A version that is at hand: its manifest, its lines, and its signature (65 bytes, or none) if it is published."""

    manifest: Manifest
    lines: LineIndex
    signature: bytes = b""


def prove(
    claim: Claim,
    version: BuiltVersion,
    *,
    parent: BuiltVersion | None = None,
    beside: Iterable[bytes] = (),
    excerpts: Iterable[Excerpt] = (),
    chain: ChainProof | None = None,
) -> Bundle:
    """The bundle that shows a claim about a version.

    `parent` is needed for what a later version than the first added or removed; the lines `beside` are opened too,
    and `chain` (`anchoring.chain.chain_proof_maker` makes it) lets the bundle be checked offline.
    Raises StatementAbsent or StatementPresent where the claim does not hold, ParentNeeded, TooManyLines, BadBundle,
    and what reading blocks raises.
    """
    number = version.manifest.version
    openings = open_claim(claim, version.lines, version=number, parent=parent.lines if parent else None, beside=beside)
    before = None
    if openings.parent is not None and parent is not None:
        before = OpenedParent(parent.manifest, openings.parent)
    return Bundle(
        claim, version.manifest, version.signature, openings.version, before, tuple(excerpts), chain or ChainProof()
    )
