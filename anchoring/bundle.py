"""A proof in one file: a statement, where it stands, and all that a stranger needs to check it against the chain.

The file is deterministic CBOR; each fact stands in it once, so there is nothing to disagree with itself,
and whatever cannot be checked is refused rather than carried along.
Format: docs/format.md, section "Proof bundle".
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from anchoring.cid import BadCid, Cid
from anchoring.deterministic_cbor import BadCbor, Item, decode, encode
from anchoring.eip712 import SIGNATURE_BYTES
from anchoring.errors import InputRefused
from anchoring.excerpt import MAX_EXCERPT_BLOCKS, Excerpt
from anchoring.manifest import BadManifest, Manifest
from anchoring.proof import Presence, prove_presence
from anchoring.unixfs_reader import Blocks
from anchoring.version import Dataset

FORMAT = "triplock-proof/1"
MAX_BUNDLE_BYTES = 16 * 1024 * 1024
MAX_ATTACHMENTS = 1_024
MAX_EXCERPTS = 64


class BadBundle(InputRefused):
    """The file is no proof bundle of format 1."""

    code = "bad-bundle"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="ask for the proof again; it was cut short, changed or made by another program")


@dataclass(frozen=True, slots=True)
class Bundle:
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
            "excerpts": [_excerpt_item(each) for each in self.excerpts],
            "ext": {},
        }
        content = encode(document)
        if len(content) > MAX_BUNDLE_BYTES:
            raise BadBundle(f"the bundle has {len(content)} bytes, more than {MAX_BUNDLE_BYTES}")
        return content

    @classmethod
    def decode(cls, content: bytes) -> Bundle:
        """Of the file's bytes; raises BadBundle for anything but what `encode` writes. Nothing is verified yet."""
        if len(content) > MAX_BUNDLE_BYTES:
            raise BadBundle(f"the bundle has {len(content)} bytes, more than {MAX_BUNDLE_BYTES}")
        try:
            members = _Members(
                decode(content), "attachments excerpts ext format manifest presence signature", "the bundle"
            )
            if members.text("format") != FORMAT:
                raise BadBundle(f"the format is {members.text('format')[:40]!r}; only {FORMAT} is known")
            members.map("ext", "")
            return cls(
                manifest=Manifest.decode(members.bytes("manifest")),
                signature=members.bytes("signature", SIGNATURE_BYTES),
                presence=_presence_of(members["presence"]),
                attachments=tuple(_presence_of(each) for each in members.list("attachments", MAX_ATTACHMENTS)),
                excerpts=tuple(_excerpt_of(each) for each in members.list("excerpts", MAX_EXCERPTS)),
            )
        except (BadCbor, BadManifest, BadCid) as error:
            raise BadBundle(error.what) from None

    def as_json(self) -> dict[str, object]:
        """The same for people: lines as text, hashes as 0x hexadecimal digits, blocks in base64."""
        fields = self.manifest.fields
        return {
            "format": FORMAT,
            "version": {
                "graph": str(fields.graph),
                "version": fields.version,
                "root": _hex(fields.root),
                "quads": fields.quads,
                "blocks": fields.blocks,
                "parent": _hex(fields.parent),
                "manifest": _hex(fields.manifest),
                "head": _hex(fields.head),
            },
            "manifest": self.manifest.encode().decode(),
            "signature": _hex(self.signature),
            "presence": _presence_json(self.presence),
            "attachments": [_presence_json(each) for each in self.attachments],
            "excerpts": [
                {
                    "document": str(each.document),
                    "start": each.start,
                    "end": each.end,
                    "quote": each.quote,
                    "blocks": [base64.b64encode(block).decode() for block in each.blocks],
                }
                for each in self.excerpts
            ],
            "ext": {},
        }


def prove(
    line: bytes,
    *,
    manifest: Manifest,
    signature: bytes,
    dataset: Dataset,
    blocks: Blocks,
    attachments: Iterable[bytes] = (),
    excerpts: Iterable[Excerpt] = (),
) -> Bundle:
    """The bundle for one statement of a version, with further statements and quotations beside it.

    Raises StatementAbsent for a line that is not in the version, and what `blocks.get` raises.
    """
    return Bundle(
        manifest,
        signature,
        prove_presence(line, dataset, blocks),
        tuple(prove_presence(each, dataset, blocks) for each in attachments),
        tuple(excerpts),
    )


def _hex(content: bytes) -> str:
    return f"0x{content.hex()}"


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


def _presence_json(presence: Presence) -> dict[str, object]:
    item = cast("dict[str, object]", _presence_item(presence))
    item["line"] = presence.line.decode(errors="replace")
    return {name: _hex(value) if isinstance(value, bytes) else value for name, value in item.items()}


def _presence_of(item: Item) -> Presence:
    members = _Members(item, "block blockPath count digest index length line linePath start", "a presence")
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


def _excerpt_item(excerpt: Excerpt) -> Item:
    return {
        "document": bytes(excerpt.document),
        "start": excerpt.start,
        "end": excerpt.end,
        "quote": excerpt.quote,
        "blocks": list(excerpt.blocks),
    }


def _excerpt_of(item: Item) -> Excerpt:
    members = _Members(item, "blocks document end quote start", "an excerpt")
    blocks = members.list("blocks", MAX_EXCERPT_BLOCKS)
    if not all(isinstance(block, bytes) for block in blocks):
        raise BadBundle("a block of an excerpt is no byte string")
    return Excerpt(
        document=Cid.from_bytes(members.bytes("document")),
        start=members.number("start"),
        end=members.number("end"),
        quote=members.text("quote"),
        blocks=tuple(cast("list[bytes]", blocks)),
    )


class _Members:
    """The members of a CBOR map, each read as the kind it must be; raises BadBundle."""

    def __init__(self, item: Item, names: str, what: str) -> None:
        if not isinstance(item, dict) or sorted(item) != names.split():
            raise BadBundle(f"{what} has other members than {names}: {str(item)[:120]}")
        self._item = item

    def __getitem__(self, name: str) -> Item:
        return cast("Item", self._item[name])

    def number(self, name: str) -> int:
        value = self[name]
        if not isinstance(value, int):
            raise BadBundle(f"{name} is no number")
        return value

    def bytes(self, name: str, length: int | None = None) -> bytes:
        value = self[name]
        if not isinstance(value, bytes) or length not in (None, len(value)):
            raise BadBundle(f"{name} is no byte string, or not of {length} bytes")
        return value

    def text(self, name: str) -> str:
        value = self[name]
        if not isinstance(value, str):
            raise BadBundle(f"{name} is no text")
        return value

    def list(self, name: str, at_most: int) -> list[Item]:
        value = self[name]
        if not isinstance(value, list) or len(value) > at_most:
            raise BadBundle(f"{name} is no list, or one of more than {at_most}")
        return value

    def map(self, name: str, names: str) -> None:
        _Members(self[name], names, name)
