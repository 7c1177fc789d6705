"""Content identifiers: CIDv1 with sha2-256, codecs raw and dag-pb, in base32 text.

Only what version format 1 uses is accepted: everything else (CIDv0, identity, other hashes, other codecs)
is refused, because a verifier that follows it could be led outside what the root commits to.
Source: https://github.com/multiformats/cid and https://github.com/multiformats/multicodec
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from anchoring.errors import InputRefused

RAW = 0x55
DAG_PB = 0x70
_SHA2_256 = b"\x12\x20"
_CODECS = {RAW: "raw", DAG_PB: "dag-pb"}


class BadCid(InputRefused):
    """The text or bytes are no CID that version format 1 allows."""

    code = "bad-cid"


@dataclass(frozen=True, order=True, slots=True)
class Cid:
    """A CIDv1: `codec` is RAW or DAG_PB, `digest` the 32 bytes of the block's SHA-256.

    >>> cid = Cid.of(b"hello world")
    >>> str(cid)
    'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'
    >>> Cid.parse(str(cid)) == cid == Cid.from_bytes(bytes(cid))
    True
    """

    codec: int
    digest: bytes

    @classmethod
    def of(cls, block: bytes, codec: int = RAW) -> Cid:
        """The CID of a block's bytes."""
        return cls(codec, hashlib.sha256(block).digest())

    @classmethod
    def from_bytes(cls, binary: bytes) -> Cid:
        """The CID of its 36-byte binary form; raises BadCid."""
        if len(binary) != 36 or binary[0] != 1 or binary[1] not in _CODECS or binary[2:4] != _SHA2_256:
            raise BadCid(
                f"{binary[:40].hex()} is no CIDv1 of codec raw or dag-pb with sha2-256",
                remedy="give a CID that starts with bafkrei (raw) or bafybei (dag-pb)",
            )
        return cls(binary[1], bytes(binary[4:]))

    @classmethod
    def parse(cls, text: str) -> Cid:
        """The CID of its base32 text, with or without a leading `ipfs://`; raises BadCid."""
        bare = text.removeprefix("ipfs://")
        try:
            if not bare.startswith("b") or bare != bare.lower():
                raise ValueError(bare)
            binary = base64.b32decode(bare[1:].upper() + "=" * (-(len(bare) - 1) % 8))
            cid = cls.from_bytes(binary)
            if str(cid) != bare:
                raise ValueError(bare)
        except (ValueError, binascii.Error):
            raise BadCid(
                f"{text[:80]!r} is no CIDv1 in base32 with sha2-256",
                remedy="give a CID that starts with bafkrei (raw) or bafybei (dag-pb)",
            ) from None
        return cid

    def __bytes__(self) -> bytes:
        return b"\x01" + bytes([self.codec]) + _SHA2_256 + self.digest

    def __str__(self) -> str:
        return "b" + base64.b32encode(bytes(self)).decode("ascii").lower().rstrip("=")

    @property
    def iri(self) -> str:
        """The `ipfs://` IRI that names this block's content."""
        return f"ipfs://{self}"

    def matches(self, block: bytes) -> bool:
        """Whether `block` is what this CID names."""
        return hashlib.sha256(block).digest() == self.digest


class Block(NamedTuple):
    """The unit of storage and transfer: a CID and the bytes it names."""

    cid: Cid
    data: bytes
