"""Audits of versions: read in full, and what convicts whoever signed made into a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from anchoring.blockstores.memory import MemoryStore
from anchoring.errors import InputRefused, Refuted, TriplockError, WrongUsage
from anchoring.fraud.auditing import Audit, Pieces, audit_version
from anchoring.fraud.fraud_evidence import FraudKind
from anchoring.fraud.fraud_proof import FraudProof
from anchoring.proofs.bundle import Bundle
from anchoring.proofs.former_bundle import FormerBundle
from anchoring.proofs.opening import Opening
from anchoring.signing.eip712 import BadSignature, recover
from anchoring.signing.manifest import DATA_NAME, Manifest
from anchoring.verification.verify_bundle import decode_bundle
from kg.workspace.named_version import NamedVersion, read_checked_out
from kg.workspace.verification import read_proof_file

MAX_INDEX_BYTES = 1 << 28
"""Three million entries."""


class OtherVersion(WrongUsage):
    """A proof that was given is of another version than the one that is audited."""

    code = "other-version"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit of a version found; `proofs` are the files that convict, by kind, without a signature none."""

    manifest: Manifest
    signer: str
    result: Audit
    proofs: dict[FraudKind, FraudProof]

    def said(self) -> dict[str, str]:
        """What each piece of evidence shows, by kind."""
        return {str(kind): found.convicts(self.manifest) for kind, found in sorted(self.result.found.items())}


def audit_folder(folder: Path, *, index: Path | None = None, proofs: Sequence[Path] = ()) -> AuditReport:
    """Audit the `data.nq`, `manifest.json` and `signature.json` that lie in a folder; raises as `audit_named` does.

    The data is read as it lies there, in whatever order and spelling.
    """
    manifest, signed = read_checked_out(folder)

    def pieces() -> Iterator[bytes]:
        with (folder / DATA_NAME).open("rb") as stream:
            while piece := stream.read(1 << 20):
                yield piece

    version = NamedVersion(str(folder), manifest, MemoryStore(), signed=signed)
    return audit_named(version, index=index, proofs=proofs, data=pieces)


def audit_named(
    version: NamedVersion, *, index: Path | None = None, proofs: Sequence[Path] = (), data: Pieces | None = None
) -> AuditReport:
    """Audit a version; `index` is a kept list of its entries, `proofs` are bundles that somebody was given of it.

    With `data` its `data.nq` is read from there. Raises OtherVersion, UnknownTarget and BadBundle, and ServiceFailed
    where blocks cannot be asked for.
    """
    manifest = version.manifest
    signatures = []
    with suppress(Refuted, InputRefused):  # then that of a proof may do
        signatures.append(version.signature())
    openings: list[Opening] = []
    for path in proofs:
        bundle = decode_bundle(read_proof_file(path))
        if bundle.manifest != manifest:
            raise OtherVersion(
                f"{path} is a proof of {bundle.manifest.block.cid}, the version is {manifest.block.cid}",
                remedy="audit the version that the proof is of",
            )
        signatures.append(bundle.signature)
        openings += _openings(bundle)
    entries = index.read_bytes()[: MAX_INDEX_BYTES + 1] if index else b""
    result = audit_version(manifest, version.blocks, index=entries, openings=openings, data=data)
    signature, signer = _signed(manifest, signatures)
    made = {}
    if signature:
        for kind, evidence in result.found.items():
            proof = FraudProof(manifest, signature, evidence)
            try:
                proof.encode()
            except TriplockError:
                continue  # more bytes than a verifier takes
            made[kind] = proof
    return AuditReport(manifest, signer, result, made)


def _signed(manifest: Manifest, signatures: Sequence[bytes]) -> tuple[bytes, str]:
    """The first of the signatures that is one of this version, and who made it."""
    for signature in filter(None, signatures):
        try:
            return signature, recover(manifest.fields.digest, signature)
        except BadSignature:
            continue
    return b"", ""


def _openings(bundle: Bundle | FormerBundle) -> list[Opening]:
    if isinstance(bundle, FormerBundle):
        return [presence.opening() for presence in (bundle.presence, *bundle.attachments)]
    return [bundle.opening]
