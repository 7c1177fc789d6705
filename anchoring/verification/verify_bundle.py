"""Verifies a proof for someone who trusts only a graph id, and an endpoint or the hash of a block of the chain.

Nothing in the bundle is believed. The checks are made in one order, and after a file, a graph or an opening that does
not hold there are no further ones.
Format: docs/format.md, section "Verification".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from anchoring.chain_proof.proof import ChainProof
from anchoring.errors import Refuted
from anchoring.proofs import former_bundle
from anchoring.proofs.bundle import Bundle, OpenedParent, read_item
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.excerpt import Excerpt, Said
from anchoring.proofs.former_bundle import FormerBundle
from anchoring.proofs.opening import OpenedLines, Opening
from anchoring.proofs.proof import Presence
from anchoring.signing.anchor import GraphId
from anchoring.signing.manifest import Manifest
from anchoring.verification.check_anchor import (
    MAX_AGE,
    Chain,
    Freshness,
    check_anchor,
    check_current,
    check_graph,
    check_parent,
)
from anchoring.verification.check_chain_proof import OfflineChain
from anchoring.verification.check_signature import Signed
from anchoring.verification.verdict import Examination, Verdict


class ParentRefuted(Refuted):
    """The manifest shown as the parent's is another's."""

    code = "parent-refuted"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="do not believe the claim; ask for a new proof")


def verify_proof(
    content: bytes,
    *,
    graph: GraphId,
    chain: Chain | None = None,
    block_hashes: Collection[bytes] = (),
    current: bool = False,
    max_age: float = MAX_AGE,
    now: float | None = None,
) -> Verdict:
    """The verdict about a proof bundle: what it claims holds in a version that was published for this graph.

    With an endpoint (`chain`) the chain is asked. Without one the bundle's own proof of the chain is checked against
    `block_hashes` (32 bytes each) that the verifier has from where it trusts. With `current` the version must be the
    graph's newest as of a block that is at most `max_age` seconds old at the time `now` (seconds since 1970; by
    default the clock's). Any bytes may be given: what is no bundle is refuted.
    Raises ServiceFailed where the chain does not answer.
    """
    freshness = Freshness(current, max_age, now)
    examination = Examination(about={"graph": str(graph), "chain": graph.chain_id, "registry": graph.registry})
    read: list[Bundle | FormerBundle] = []

    def read_bundle() -> str:
        read.append(decode_bundle(content))
        return f"{len(content)} bytes"

    if examination.attempt("bundle", read_bundle) and check_graph(examination, read[0].manifest, graph):
        trusted = _Trusted(chain, frozenset(block_hashes), freshness)
        _check(examination, read[0], trusted)
    return examination.verdict("proof")


class _Trusted(NamedTuple):
    """What the verifier brings beside the graph."""

    chain: Chain | None
    block_hashes: frozenset[bytes]
    freshness: Freshness


def decode_bundle(content: bytes) -> Bundle | FormerBundle:
    """The bundle of either format that these bytes are; raises BadBundle."""
    item = read_item(content)
    if isinstance(item, dict) and item.get("format") == former_bundle.FORMAT:
        return FormerBundle.of_item(item)
    return Bundle.of_item(item, content)


def _check(examination: Examination, bundle: Bundle | FormerBundle, trusted: _Trusted) -> None:
    manifest = bundle.manifest
    fields = manifest.fields  # encodes and hashes the manifest, so once
    signed = Signed.by(fields, bundle.signature)
    proof = bundle.chain if isinstance(bundle, Bundle) else ChainProof()
    offline = OfflineChain.of(proof, fields, trusted.block_hashes)
    signature_at = len(examination.checks)
    publisher = None if trusted.chain else offline.publisher
    if _opens(examination, bundle):
        _check_excerpts(examination, bundle.excerpts, bundle.lines)
        if trusted.chain:
            found = check_anchor(examination, fields, signed, trusted.chain)
            check_parent(examination, manifest, found.history)
            check_current(examination, fields, trusted.chain, trusted.freshness)
            offline.check_beside_endpoint(examination)
            publisher = found.publisher
        else:
            offline.check(examination, fields, signed, trusted.freshness)
    # An event decides who published, so the signature is judged once it is known, and stands where it belongs.
    examination.insert(signature_at, signed.judged(owner=manifest.owner, publisher=publisher))


def _opens(examination: Examination, bundle: Bundle | FormerBundle) -> bool:
    """Notes what is shown of the version, and of its parent; whether the version's own part holds."""
    if isinstance(bundle, FormerBundle):
        return _check_presences(examination, bundle)
    examination.about.update(
        claim=str(bundle.claim.kind),
        statements=[statement.decode(errors="replace") for statement in bundle.claim.statements],
        condition=bundle.claim.condition,
    )
    opened = _open(examination, "opening", bundle.manifest, bundle.opening)
    if opened is None:
        return False
    before = None
    if bundle.parent:
        examination.attempt("parentManifest", partial(_is_parent, bundle.manifest, bundle.parent))
        before = _open(examination, "parentOpening", bundle.parent.manifest, bundle.parent.opening)
    claim = bundle.claim
    shown = examination.attempt("claim", partial(_holds, claim, opened, before, bundle.manifest.version))
    if shown and claim.kind is ClaimKind.PREFIX:
        found = [line for line in opened.lines if line.startswith(claim.statements[0])]
        examination.about["lines"] = [line.decode(errors="replace") for line in found]
    return True


def _open(examination: Examination, name: str, manifest: Manifest, opening: Opening) -> OpenedLines | None:
    opened: list[OpenedLines] = []

    def open_lines() -> str:
        opened.append(opening.check(root=manifest.root, quads=manifest.quads, blocks=manifest.blocks))
        return f"{len(opened[0].lines)} of {manifest.quads} lines of version {manifest.version} are shown"

    examination.attempt(name, open_lines)
    return opened[0] if opened else None


def _is_parent(manifest: Manifest, parent: OpenedParent) -> str:
    before = parent.manifest
    if before.graph != manifest.graph:
        raise ParentRefuted(f"it is a version of {before.graph}, not of {manifest.graph}")
    head = before.fields.head
    if head != manifest.parent:
        raise ParentRefuted(f"its head word is 0x{head.hex()}, the parent's is 0x{manifest.parent.hex()}")
    if before.block.cid != manifest.parent_manifest:
        raise ParentRefuted(f"its manifest is {before.block.cid}, the parent's is {manifest.parent_manifest}")
    return f"version {before.version}, manifest {before.block.cid}"


def _holds(claim: Claim, opened: OpenedLines, before: OpenedLines | None, version: int) -> str:
    shown = claim.check(opened, before, version=version)
    return f"{shown}, {claim.condition}" if claim.condition else shown


def _check_presences(examination: Examination, bundle: FormerBundle) -> bool:
    manifest = bundle.manifest

    def present(presence: Presence) -> str:
        presence.check(root=manifest.root, quads=manifest.quads, blocks=manifest.blocks)
        return f"statement {presence.position + 1} of {manifest.quads}"

    statement = bundle.presence.line.decode(errors="replace")
    examination.about.update(claim=str(ClaimKind.PRESENCE), statements=[statement], condition=None)
    presences = [("statement", bundle.presence)]
    presences += [(f"attachment {number}", each) for number, each in enumerate(bundle.attachments, 1)]
    return all(examination.attempt(name, partial(present, presence)) for name, presence in presences)


def _check_excerpts(examination: Examination, excerpts: Sequence[Excerpt], lines: Iterable[bytes]) -> None:
    said = Said.by(lines) if excerpts else None

    def read(excerpt: Excerpt, said: Said) -> str:
        excerpt.check(said)
        return f"{excerpt.document} holds it at bytes {excerpt.start} to {excerpt.end}: {excerpt.quote[:120]!r}"

    for number, excerpt in enumerate(excerpts, 1):
        if said:
            examination.attempt(f"excerpt {number}", partial(read, excerpt, said))
