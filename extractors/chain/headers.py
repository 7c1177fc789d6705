"""Block headers: their RLP in every fork through Prague, and the hash that must come out.

Sources: Yellow Paper section 4.4; baseFeePerGas https://eips.ethereum.org/EIPS/eip-1559,
withdrawalsRoot EIP-4895, blobGasUsed and excessBlobGas EIP-4844, parentBeaconBlockRoot EIP-4788,
requestsHash EIP-7685. Each fork appends fields, so which are there tells the fork.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rlp

from extractors.chain.abi import keccak256
from extractors.chain.errors import HeaderIncomplete, HeaderMismatch
from extractors.chain.model import HeaderRecord
from extractors.chain.wire import address_text, hash_text, octets, quantity

_FIRST_FORK = (
    ("parentHash", 32),
    ("sha3Uncles", 32),
    ("miner", 20),
    ("stateRoot", 32),
    ("transactionsRoot", 32),
    ("receiptsRoot", 32),
    ("logsBloom", 256),
    ("difficulty", None),
    ("number", None),
    ("gasLimit", None),
    ("gasUsed", None),
    ("timestamp", None),
    ("extraData", -1),
    ("mixHash", 32),
    ("nonce", 8),
)
"""The fields since Frontier, in order; the size in bytes, None for a number, -1 for bytes of any length."""

_FORKS: tuple[tuple[str, tuple[tuple[str, int | None], ...]], ...] = (
    ("London", (("baseFeePerGas", None),)),
    ("Shanghai", (("withdrawalsRoot", 32),)),
    ("Cancun", (("blobGasUsed", None), ("excessBlobGas", None), ("parentBeaconBlockRoot", 32))),
    ("Prague", (("requestsHash", 32),)),
)


@dataclass(frozen=True, slots=True)
class Header:
    """A complete header: its fields as RLP items in order, and the newest fork whose fields it has."""

    items: tuple[bytes, ...]
    fork: str

    @classmethod
    def from_json(cls, answer: Mapping[str, Any]) -> Header:
        """The header in an answer to eth_getBlockByNumber; raises HeaderIncomplete, RpcAnsweredWrongly."""
        needed, fork = list(_FIRST_FORK), "Frontier"
        newest = max((i for i, (_, names) in enumerate(_FORKS) if any(_given(answer, n) for n, _ in names)), default=-1)
        for fork_name, names in _FORKS[: newest + 1]:
            needed += names
            fork = fork_name
        missing = [name for name, _ in needed if not _given(answer, name)]
        if missing:
            raise HeaderIncomplete(
                f"the header of block {quantity(answer, 'number')} lacks {', '.join(missing)} and cannot be re-hashed",
                remedy="use an endpoint that gives whole headers, or accept what it reports without --require-hashed",
            )
        return cls(tuple(_item(answer, name, size) for name, size in needed), fork)

    @property
    def rlp(self) -> bytes:
        """The header's RLP."""
        encoded: bytes = rlp.encode(list(self.items))
        return encoded

    @property
    def hash(self) -> str:
        """The block's hash, as lower-case text with 0x: keccak256 of the RLP."""
        return "0x" + keccak256(self.rlp).hex()


def check_header(answer: Mapping[str, Any]) -> Header:
    """The header in the answer, if it re-hashes to the answer's `hash`.

    Raises HeaderMismatch, HeaderIncomplete, RpcAnsweredWrongly.
    """
    header, claimed = Header.from_json(answer), hash_text(answer, "hash")
    if header.hash != claimed:
        raise HeaderMismatch(
            f"block {quantity(answer, 'number')} claims the hash {claimed}, but its header hashes to {header.hash}",
            remedy="use another endpoint; if others agree with this one, the chain has header fields unknown here",
        )
    return header


def header_record(answer: Mapping[str, Any]) -> HeaderRecord:
    """The facts of the header in an answer to eth_getBlockByNumber; raises RpcAnsweredWrongly."""
    return HeaderRecord(
        number=quantity(answer, "number"),
        hash=hash_text(answer, "hash"),
        parent_hash=hash_text(answer, "parentHash"),
        timestamp=quantity(answer, "timestamp"),
        fee_recipient=address_text(answer, "miner"),
        gas_limit=quantity(answer, "gasLimit"),
        gas_used=quantity(answer, "gasUsed"),
        base_fee=quantity(answer, "baseFeePerGas") if _given(answer, "baseFeePerGas") else None,
        state_root=hash_text(answer, "stateRoot"),
        transactions_root=hash_text(answer, "transactionsRoot"),
        receipts_root=hash_text(answer, "receiptsRoot"),
    )


def _given(answer: Mapping[str, Any], name: str) -> bool:
    return answer.get(name) is not None


def _item(answer: Mapping[str, Any], name: str, size: int | None) -> bytes:
    if size is None:
        number = quantity(answer, name)
        return number.to_bytes((number.bit_length() + 7) // 8, "big")
    return octets(answer, name, None if size < 0 else size)
