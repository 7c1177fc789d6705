"""The proof bundle of the first format, `triplock-proof/1`: the presence of single statements, each with its own path.

New proofs are of format 2 (`anchoring.proofs.bundle`); those that were handed out in this one are still verified.
Format: docs/format.md, section "Proof bundle".
"""

from __future__ import annotations

from dataclasses import dataclass

from anchoring.encoding.cbor_map import BadMap, CborMap
from anchoring.encoding.cid import BadCid
from anchoring.encoding.deterministic_cbor import Item, encode
from anchoring.proofs.bundle import MAX_BUNDLE_BYTES, MAX_EXCERPTS, BadBundle, read_item
from anchoring.proofs.excerpt import Excerpt
from anchoring.proofs.proof import Presence
from anchoring.signing.eip712 import SIGNATURE_BYTES
from anchoring.signing.manifest import BadManifest, Manifest

FORMAT = "triplock-proof/1"
MAX_ATTACHMENTS = 1_024
_KEYS = "attachments excerpts ext format manifest presence signature"


@dataclass(frozen=True, slots=True)
class FormerBundle:
    """A statement's proof with the version's manifest and the owner's signature (65 bytes).

    `attachments` are further statements of the same version, such as the provenance of a claim;
    `excerpts` the quoted bytes of documents.
    """

    manifest: Manifest
    signature: bytes
    presence: Presence
    attachments: tuple[Presence, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()

    @property
    def lines(self) -> list[bytes]:
        """Every statement that the bundle proves, the one in question first."""
        return [self.presence.line, *(each.line for each in self.attachments)]

    def encode(self) -> bytes:
        """The file's bytes; raises BadBundle where they exceed what a verifier accepts."""
        document: Item = {
            "format": FORMAT,
            "manifest": self.manifest.encode(),
            "signature": self.signature,
            "presence": _presence_item(self.presence),
            "attachments": [_presence_item(each) for each in self.attachments],
            "excerpts": [each.as_item() for each in self.excerpts],
            "ext": {},
        }
        content = encode(document)
        if len(content) > MAX_BUNDLE_BYTES:
            raise BadBundle(f"the bundle has {len(content)} bytes, more than {MAX_BUNDLE_BYTES}")
        return content

    @classmethod
    def decode(cls, content: bytes) -> FormerBundle:
        """Of the file's bytes; raises BadBundle for anything but what `encode` writes. Nothing is verified yet."""
        return cls.of_item(read_item(content))

    @classmethod
    def of_item(cls, item: Item) -> FormerBundle:
        """Of the item that the file encodes; raises BadBundle."""
        try:
            members = CborMap(item, _KEYS, "the bundle")
            if members.text("format") != FORMAT:
                raise BadBundle(f"the format is {members.text('format')[:40]!r}, not {FORMAT}")
            members.empty("ext")
            return cls(
                manifest=Manifest.decode(members.bytes("manifest")),
                signature=members.bytes("signature", SIGNATURE_BYTES),
                presence=_presence_of(members["presence"]),
                attachments=tuple(_presence_of(each) for each in members.list("attachments", MAX_ATTACHMENTS)),
                excerpts=tuple(Excerpt.of_item(each) for each in members.list("excerpts", MAX_EXCERPTS)),
            )
        except (BadMap, BadManifest, BadCid) as error:
            raise BadBundle(error.what) from None


def _presence_item(presence: Presence) -> Item:
    return {
        "line": presence.line,
        "block": presence.block,
        "index": presence.index,
        "start": presence.start,
        "count": presence.count,
        "length": presence.length,
        "digest": presence.digest,
        "linePath": presence.line_path,
        "blockPath": presence.block_path,
    }


def _presence_of(item: Item) -> Presence:
    members = CborMap(item, "block blockPath count digest index length line linePath start", "a presence")
    return Presence(
        line=members.bytes("line"),
        block=members.number("block"),
        index=members.number("index"),
        start=members.number("start"),
        count=members.number("count"),
        length=members.number("length"),
        digest=members.bytes("digest", 32),
        line_path=members.bytes("linePath"),
        block_path=members.bytes("blockPath"),
    )
