"""`signature.json`: who vouches for a version, beside the manifest because what is signed binds the manifest.

Format: docs/format.md, section "Signature".
"""

from __future__ import annotations

from dataclasses import dataclass

from anchoring.encoding import strict_json
from anchoring.encoding.cid import Block, Cid
from anchoring.signing.eip712 import BadSignature, VersionFields, recover

FORMAT = "triplock-signature/1"
MAX_SIGNATURE_FILE = 1_024


@dataclass(frozen=True, slots=True)
class Signature:
    """`signature` is r ‖ s ‖ v (65 bytes) over `digest`; `signer` the lower-case 0x address it recovers to."""

    digest: bytes
    signature: bytes
    signer: str

    @classmethod
    def of(cls, fields: VersionFields, signature: bytes) -> Signature:
        """The signature of a version; raises BadSignature where it is in no accepted form."""
        return cls(fields.digest, signature, recover(fields.digest, signature))

    @property
    def block(self) -> Block:
        """The file as a raw block."""
        content = self.encode()
        return Block(Cid.of(content), content)

    def encode(self) -> bytes:
        """The canonical JSON."""
        return strict_json.encode(
            {
                "format": FORMAT,
                "digest": f"0x{self.digest.hex()}",
                "signature": f"0x{self.signature.hex()}",
                "signer": self.signer,
            }
        )

    @classmethod
    def decode(cls, content: bytes) -> Signature:
        """Of the file's bytes; raises BadJson or BadSignature unless they are what `encode` writes."""
        document = strict_json.decode(content, at_most=MAX_SIGNATURE_FILE)
        try:
            if not isinstance(document, dict):
                raise ValueError(document)
            digest, signature = (bytes.fromhex(document[name][2:]) for name in ("digest", "signature"))
            read = cls(digest, signature, recover(digest, signature))
        except (KeyError, TypeError, ValueError):
            raise BadSignature(f"{content[:80]!r} is no signature file") from None
        if read.encode() != content:
            raise BadSignature(f"the file's signature is by {read.signer}, or the file has other members than known")
        return read
