"""The header of a block: the hash by which everybody knows it, and what it commits to.

Only what a proof needs is read. Every fork so far has appended fields to the list and moved none.
Specification: https://ethereum.github.io/yellowpaper/paper.pdf, section 4.4 (block header), and the EIPs that append:
1559, 4895, 4844, 4788, 7685.
"""

from __future__ import annotations

from dataclasses import dataclass

from anchoring.chain_proof.errors import BadChainProof
from anchoring.chain_proof.rlp import decode, read_number
from anchoring.signing.anchor import BlockReference
from anchoring.signing.eip712 import keccak

MAX_HEADER_BYTES = 16_384
_FIELDS = 15
"""Fields of a header before the London fork; later ones have more."""


@dataclass(frozen=True, slots=True)
class Header:
    """What of a header is used: the roots of state and receipts (32 bytes each), and which block it is of."""

    state_root: bytes
    receipts_root: bytes
    block: BlockReference

    @classmethod
    def decode(cls, encoded: bytes) -> Header:
        """Of the header's RLP; raises BadChainProof."""
        fields = decode(encoded)
        if isinstance(fields, bytes) or len(fields) < _FIELDS or not all(isinstance(field, bytes) for field in fields):
            raise BadChainProof(f"the header is no list of at least {_FIELDS} byte strings")
        state_root, receipts_root = fields[3], fields[5]
        for name, root in (("state", state_root), ("receipts", receipts_root)):
            if not isinstance(root, bytes) or len(root) != 32:
                raise BadChainProof(f"the header's {name} root has not 32 bytes")
        assert isinstance(state_root, bytes)  # noqa: S101 - the loop has just said so
        assert isinstance(receipts_root, bytes)  # noqa: S101 - the same
        number, timestamp = read_number(fields[8], "header's number"), read_number(fields[11], "header's time")
        return cls(state_root, receipts_root, BlockReference(number, keccak(encoded), timestamp))
