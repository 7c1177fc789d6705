"""A fraud proof in one file: whoever signed this version signed what cannot be, checked from the file alone.

The file is deterministic CBOR: the manifest, its signature, and one kind of evidence. Making one is in
`anchoring.fraud.auditing` and `anchoring.fraud.contradiction`.
Format: docs/format.md, section "Fraud proof".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from anchoring.encoding.cbor_map import BadMap, CborMap
from anchoring.encoding.cid import BadCid
from anchoring.encoding.deterministic_cbor import BadCbor, Item, decode, encode
from anchoring.errors import InputRefused
from anchoring.fraud.fraud_evidence import KIND_OF, Evidence, FraudKind, evidence_of
from anchoring.proofs.bundle import MAX_BUNDLE_BYTES
from anchoring.signing.anchor import GraphId
from anchoring.signing.eip712 import SIGNATURE_BYTES
from anchoring.signing.manifest import BadManifest, Manifest
from anchoring.verification.check_anchor import Chain, check_graph
from anchoring.verification.check_signature import Signed
from anchoring.verification.verdict import Examination, Verdict

FORMAT = "triplock-fraud/1"


class BadFraudProof(InputRefused):
    """The file is no fraud proof."""

    code = "bad-fraud-proof"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="ask for the file again; it was cut short, changed or made by another program")


@dataclass(frozen=True, slots=True)
class FraudProof:
    """The version that was signed, by its manifest and a signature of 65 bytes, and the evidence against it.

    Raises BadFraudProof.
    """

    manifest: Manifest
    signature: bytes
    evidence: Evidence

    def __post_init__(self) -> None:
        if len(self.signature) != SIGNATURE_BYTES:
            raise BadFraudProof(f"a signature of {len(self.signature)} bytes, not {SIGNATURE_BYTES}")

    @property
    def kind(self) -> FraudKind:
        """What kind of fraud it shows."""
        return KIND_OF[type(self.evidence)]

    def encode(self) -> bytes:
        """The file's bytes; raises BadFraudProof where they exceed what a verifier accepts."""
        item: Item = {
            "format": FORMAT,
            "kind": str(self.kind),
            "manifest": self.manifest.encode(),
            "signature": self.signature,
            "evidence": self.evidence.as_item(),
        }
        content = encode(item)
        if len(content) > MAX_BUNDLE_BYTES:
            raise BadFraudProof(f"the fraud proof has {len(content)} bytes, more than {MAX_BUNDLE_BYTES}")
        return content

    @classmethod
    def decode(cls, content: bytes) -> FraudProof:
        """Of the file's bytes; raises BadFraudProof for anything but what `encode` writes. Nothing is checked yet."""
        if len(content) > MAX_BUNDLE_BYTES:
            raise BadFraudProof(f"the fraud proof has {len(content)} bytes, more than {MAX_BUNDLE_BYTES}")
        try:
            members = CborMap(decode(content), "evidence format kind manifest signature", "the fraud proof")
            if members.text("format") != FORMAT:
                raise BadFraudProof(f"the format is {members.text('format')[:40]!r}, not {FORMAT}")
            kind = members.text("kind")
            if kind not in FraudKind.__members__:
                raise BadFraudProof(f"{kind[:40]!r} is no kind of fraud")
            return cls(
                manifest=Manifest.decode(members.bytes("manifest")),
                signature=members.bytes("signature", SIGNATURE_BYTES),
                evidence=evidence_of(FraudKind(kind), members["evidence"]),
            )
        except (BadCbor, BadMap, BadManifest, BadCid) as error:
            raise BadFraudProof(error.what) from None


def verify_fraud(content: bytes, *, graph: GraphId, chain: Chain | None = None) -> Verdict:
    """The verdict about a fraud proof: passed where it convicts who signed a version of this graph.

    Any bytes may be given: what is no fraud proof is refuted. With a chain it is the version's event that says whether
    the signature is its publisher's. Raises ServiceFailed where the chain does not answer.
    """
    examination = Examination(about={"graph": str(graph), "chain": graph.chain_id, "registry": graph.registry})
    read: list[FraudProof] = []

    def read_proof() -> str:
        read.append(FraudProof.decode(content))
        return f"{len(content)} bytes, {read[0].kind}"

    if examination.attempt("bundle", read_proof) and check_graph(examination, read[0].manifest, graph):
        proof, fields = read[0], read[0].manifest.fields
        anchors = chain.source.anchors(graph) if chain else ()
        publisher = next((anchor.publisher for anchor in anchors if anchor.head == fields.head), None)
        signed = Signed.by(fields, proof.signature)
        examination.about.update(kind=str(proof.kind), signer=signed.signer or None, published=publisher is not None)
        if not chain:
            del examination.about["published"]
        examination.insert(len(examination.checks), signed.judged(owner=proof.manifest.owner, publisher=publisher))
        examination.attempt("fraud", partial(proof.evidence.convicts, proof.manifest))
    return examination.verdict("fraud proof")
