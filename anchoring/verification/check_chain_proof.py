"""The chain's part of a proof, offline: what the bundle shows of the chain, against hashes that the verifier brings.

A chain proof that does not lead from its own header to the version or the graph is refuted, whoever's that block is.
One that does holds as far as its block is of the chain, which only a hash that is brought can say.
Format: docs/format.md, sections "Chain proof" and "Verification".
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from anchoring.chain_proof.proof import Anchored, ChainProof, HeadAsOf
from anchoring.errors import InputRefused, Refuted
from anchoring.signing.anchor import BlockReference
from anchoring.signing.eip712 import VersionFields
from anchoring.verification.check_anchor import Freshness, note_publisher
from anchoring.verification.check_signature import Signed
from anchoring.verification.verdict import Examination

NO_CHAIN_PROOF = "no endpoint was given (--rpc), and the proof holds nothing of the chain (prove --chain)"
NOT_BROUGHT = "its hash is none that was brought; give it with --block-hash, from where you trust it"

Shown = TypeVar("Shown", Anchored, HeadAsOf)


@dataclass(frozen=True, slots=True)
class Part(Generic[Shown]):
    """A part of the chain proof: what it shows, or what is wrong with it, and whether its block's hash is brought."""

    shown: Shown | None = None
    wrong: str = ""
    brought: bool = False


@dataclass(frozen=True, slots=True)
class OfflineChain:
    """A chain proof, read once: its anchor and its head, None where it has none."""

    anchor: Part[Anchored] | None
    head: Part[HeadAsOf] | None

    @classmethod
    def of(cls, proof: ChainProof, fields: VersionFields, block_hashes: Collection[bytes]) -> OfflineChain:
        """Of the proof of the version with these fields; `block_hashes` (32 bytes each) are those brought."""
        anchor, head = proof.anchor, proof.head
        return cls(
            _part(lambda: anchor.check(fields), anchor.block_hash in block_hashes) if anchor else None,
            _part(lambda: head.check(fields.graph), head.block_hash in block_hashes) if head else None,
        )

    @property
    def publisher(self) -> str | None:
        """Who published the version by its event, where that is in a block that the verifier brings."""
        return self.anchor.shown.publisher if self.anchor and self.anchor.shown and self.anchor.brought else None

    def check(self, examination: Examination, fields: VersionFields, signed: Signed, freshness: Freshness) -> None:
        """Notes the checks `block`, `anchor`, `publisher`, and `head` where there is one or one is asked for."""
        self._check_block(examination)
        self._check_anchor(examination, fields, signed)
        if self.head or freshness.current:
            _check_head(examination, fields, self.head, freshness)

    def check_beside_endpoint(self, examination: Examination) -> None:
        """Notes only what is wrong: an endpoint says more than a proof does, but nothing is carried along unchecked."""
        for name, part in (("anchor", self.anchor), ("head", self.head)):
            if part and part.wrong:
                examination.refuted(name, f"the chain proof: {part.wrong}")

    def _check_block(self, examination: Examination) -> None:
        parts = [part for part in (self.anchor, self.head) if part and part.shown]
        missing = [part for part in parts if not part.brought]
        if not parts:
            examination.unchecked("block", NO_CHAIN_PROOF)
        elif missing:
            # Not its hash: it would be copied from here, and would then have been brought by whoever made the bundle.
            examination.unchecked("block", f"{_blocks(missing)}: {NOT_BROUGHT}")
        else:
            examination.passed("block", f"{_blocks(parts)}: its hash is one that was brought")

    def _check_anchor(self, examination: Examination, fields: VersionFields, signed: Signed) -> None:
        part = self.anchor
        if part is None or part.shown is None:
            if part:
                examination.refuted("anchor", part.wrong)
            else:
                examination.unchecked("anchor", NO_CHAIN_PROOF)
            examination.unchecked("publisher", part.wrong if part else NO_CHAIN_PROOF)
            return
        where = _words(part.shown.block)
        if not part.brought:
            examination.unchecked("anchor", f"{where}: {NOT_BROUGHT}")
            examination.unchecked("publisher", f"{where}: {NOT_BROUGHT}")
            return
        examination.passed("anchor", f"version {fields.version} is anchored as 0x{fields.head.hex()} in {where}")
        note_publisher(examination, signed, part.shown.publisher, f"in {where}")
        examination.about.update(
            publisher=part.shown.publisher,
            block=part.shown.block.number,
            blockHash=f"0x{part.shown.block.hash.hex()}",
            time=part.shown.block.timestamp,
        )


def _part(check: Callable[[], Shown], brought: bool) -> Part[Shown]:
    try:
        return Part(check(), brought=brought)
    except (Refuted, InputRefused) as error:
        return Part(wrong=error.what)


def _check_head(
    examination: Examination, fields: VersionFields, part: Part[HeadAsOf] | None, freshness: Freshness
) -> None:
    if part is None:
        examination.unchecked("head", "the proof does not show the graph's head")
    elif part.shown is None:
        examination.refuted("head", part.wrong)
    elif not part.brought:
        examination.unchecked("head", f"{_words(part.shown.block)}: {NOT_BROUGHT}")
    else:
        freshness.note_head(examination, fields, part.shown.head, part.shown.block)


def _blocks(parts: list[Part[Anchored] | Part[HeadAsOf]]) -> str:
    return ", ".join(dict.fromkeys(_words(part.shown.block) for part in parts if part.shown))


def _words(block: BlockReference) -> str:
    try:
        when = datetime.fromtimestamp(block.timestamp, UTC).strftime(" of %Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, ValueError):
        when = ""
    return f"block {block.number}{when}"
