"""A transaction's receipt as the receipts trie holds it: did it succeed, and what did it log.

Specification: https://ethereum.github.io/yellowpaper/paper.pdf, section 4.4.1, EIP-658 (status) and
https://eips.ethereum.org/EIPS/eip-2718 (typed receipts).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anchoring.chain_proof.errors import BadChainProof
from anchoring.chain_proof.rlp import Rlp, decode

SUCCEEDED = b"\x01"
_LAST_TYPE = 0x7F


@dataclass(frozen=True, slots=True)
class Log:
    """What a contract logged: its address (20 bytes), the topics (32 bytes each) and the data."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes

    @classmethod
    def of(cls, item: Rlp) -> Log:
        """Of the decoded RLP; raises BadChainProof."""
        if isinstance(item, list) and len(item) == 3:
            address, topics, data = item
            if isinstance(address, bytes) and isinstance(data, bytes) and isinstance(topics, list):
                words = tuple(topic for topic in topics if isinstance(topic, bytes) and len(topic) == 32)
                if len(address) == 20 and len(words) == len(topics):
                    return cls(address, words, data)
        raise BadChainProof("the log is not [address, topics, data]")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of a transaction that succeeded, with its logs still undecoded."""

    logs: Sequence[Rlp]

    @classmethod
    def decode(cls, encoded: bytes) -> Receipt:
        """Of the bytes in the trie; raises BadChainProof, also for a transaction that was reverted."""
        typed = 0 < encoded[0] <= _LAST_TYPE if encoded else False
        fields = decode(encoded[1:] if typed else encoded)
        if isinstance(fields, bytes) or len(fields) != 4:
            raise BadChainProof("the receipt is not [status, gas used, bloom, logs]")
        status, used, bloom, logs = fields
        if not (isinstance(used, bytes) and isinstance(bloom, bytes)) or isinstance(logs, bytes):
            raise BadChainProof("the receipt is not [status, gas used, bloom, logs]")
        if status != SUCCEEDED:
            raise BadChainProof("the transaction's status is not 1: it was reverted, and published nothing")
        return cls(logs)

    def log(self, index: int) -> Log:
        """The log at a place in the receipt, from 0; raises BadChainProof."""
        if not 0 <= index < len(self.logs):
            raise BadChainProof(f"the receipt has {len(self.logs)} logs, none at {index}")
        return Log.of(self.logs[index])
