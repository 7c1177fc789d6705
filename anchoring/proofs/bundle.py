"""A proof in one file: a claim about a version, and all that a stranger needs to check it against the chain.

The file is deterministic CBOR; each fact stands in it once, so there is nothing to disagree with itself,
and whatever cannot be checked is refused rather than carried along.
Proofs of the first format are read by `anchoring.proofs.former_bundle`;
the view for people is in `anchoring.proofs.bundle_view`.
Format: docs/format.md, section "Proof bundle".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from anchoring.chain_proof.proof import ChainProof
from anchoring.encoding.cbor_map import BadMap, CborMap
from anchoring.encoding.cid import BadCid
from anchoring.encoding.deterministic_cbor import BadCbor, Item, decode, encode
from anchoring.errors import InputRefused
from anchoring.proofs.claims import BadClaim, Claim
from anchoring.proofs.excerpt import Excerpt
from anchoring.proofs.opening import Opening
from anchoring.signing.eip712 import SIGNATURE_BYTES
from anchoring.signing.manifest import BadManifest, Manifest

FORMAT = "triplock-proof/2"
MAX_BUNDLE_BYTES = 16 * 1024 * 1024
MAX_EXCERPTS = 64
_KEYS = "chain claim excerpts ext format integrity parent version"


class BadBundle(InputRefused):
    """The file is no proof bundle of a format that is known here."""

    code = "bad-bundle"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="ask for the proof again; it was cut short, changed or made by another program")


@dataclass(frozen=True, slots=True)
class OpenedParent:
    """The version before: its manifest, and what is shown of it."""

    manifest: Manifest
    opening: Opening


@dataclass(frozen=True, slots=True)
class Bundle:
    """A claim about the version of `manifest`, with the lines opened in it and the publisher's signature.

    `signature` has 65 bytes, or none where an account without a key published. `parent` is there if and only if the
    claim compares the version with its parent. `chain` is what it holds of the chain itself. Raises BadBundle.
    """

    claim: Claim
    manifest: Manifest
    signature: bytes
    opening: Opening
    parent: OpenedParent | None = None
    excerpts: tuple[Excerpt, ...] = ()
    chain: ChainProof = field(default_factory=ChainProof)

    def __post_init__(self) -> None:
        if self.claim.compares(self.manifest.version) != (self.parent is not None):
            there = "stands beside" if self.parent else "is missing in"
            raise BadBundle(f"a parent {there} a claim of {self.claim.kind} about version {self.manifest.version}")
        if len(self.signature) not in (0, SIGNATURE_BYTES):
            raise BadBundle(f"a signature of {len(self.signature)} bytes")

    @property
    def lines(self) -> list[bytes]:
        """Every line that the bundle opens in the version."""
        return self.opening.lines

    def encode(self) -> bytes:
        """The file's bytes; raises BadBundle where they exceed what a verifier accepts."""
        parent: Mapping[str, Item] = {}
        if self.parent:
            parent = {"manifest": self.parent.manifest.encode(), "opening": self.parent.opening.as_item()}
        document: Item = {
            "format": FORMAT,
            "claim": self.claim.as_item(),
            "version": {
                "manifest": self.manifest.encode(),
                "signature": self.signature,
                "opening": self.opening.as_item(),
            },
            "parent": parent,
            "excerpts": [each.as_item() for each in self.excerpts],
            "chain": self.chain.item(),
            "ext": {},
            "integrity": bytes(32),
        }
        content = sealed(encode(document))
        if len(content) > MAX_BUNDLE_BYTES:
            raise BadBundle(f"the bundle has {len(content)} bytes, more than {MAX_BUNDLE_BYTES}")
        return content

    @classmethod
    def decode(cls, content: bytes) -> Bundle:
        """Of the file's bytes; raises BadBundle for anything but what `encode` writes. Nothing is verified yet."""
        return cls.of_item(read_item(content), content)

    @classmethod
    def of_item(cls, item: Item, content: bytes) -> Bundle:
        """Of the item that these bytes encode; raises BadBundle."""
        try:
            members = CborMap(item, _KEYS, "the bundle")
            if members.text("format") != FORMAT:
                raise BadBundle(f"the format is {members.text('format')[:40]!r}, not {FORMAT}")
            if members.bytes("integrity", 32) != sealed(content)[-32:]:
                raise BadBundle("the file was changed: its last 32 bytes are not the SHA-256 of those before")
            members.empty("ext")
            version = CborMap(members["version"], "manifest opening signature", "the version")
            return cls(
                claim=Claim.of_item(members["claim"]),
                manifest=Manifest.decode(version.bytes("manifest")),
                signature=version.bytes("signature", 0, SIGNATURE_BYTES),
                opening=Opening.of_item(version["opening"]),
                parent=_parent_of(members["parent"]),
                excerpts=tuple(Excerpt.of_item(each) for each in members.list("excerpts", MAX_EXCERPTS)),
                chain=ChainProof.of_item(members["chain"]),
            )
        except (BadMap, BadClaim, BadManifest, BadCid) as error:
            raise BadBundle(error.what) from None


def read_item(content: bytes) -> Item:
    """What a proof file encodes, of whichever format; raises BadBundle."""
    if len(content) > MAX_BUNDLE_BYTES:
        raise BadBundle(f"the bundle has {len(content)} bytes, more than {MAX_BUNDLE_BYTES}")
    try:
        return decode(content)
    except BadCbor as error:
        raise BadBundle(error.what) from None


def sealed(content: bytes) -> bytes:
    """The same bytes with the SHA-256 of all before them as the last 32: what makes a changed file a refused one.

    It proves nothing, since whoever changes the rest can compute it anew.
    """
    return content[:-32] + sha256(content[:-32]).digest()


def _parent_of(item: Item) -> OpenedParent | None:
    if item == {}:
        return None
    members = CborMap(item, "manifest opening", "the parent")
    return OpenedParent(Manifest.decode(members.bytes("manifest")), Opening.of_item(members["opening"]))
