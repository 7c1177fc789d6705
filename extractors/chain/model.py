"""A block as the datasets see it, whichever source it came from: an endpoint or a file of rows.

Addresses and hashes are lower-case hexadecimal text with 0x. A value that the source does not give is None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from anchoring.encoding.cid import Cid
from kg.claims.model import Trust


@dataclass(frozen=True, slots=True)
class HeaderRecord:
    """The facts of a header that become claims. `timestamp` is in seconds since 1970, fees are in wei."""

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    fee_recipient: str
    gas_limit: int
    gas_used: int
    base_fee: int | None
    state_root: str
    transactions_root: str
    receipts_root: str


@dataclass(frozen=True, slots=True)
class TransactionRecord:
    """A transaction and its outcome.

    `recipient` is None where a contract was created. `succeeded` is None before Byzantium (no status yet),
    or where the source gives none.
    """

    index: int
    hash: str
    sender: str
    recipient: str | None
    created: str | None
    succeeded: bool | None


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A log. `index` counts the logs of the block, `topics` are zero to four."""

    index: int
    transaction_index: int
    emitter: str
    topics: tuple[str, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class BlockRecord:
    """A block of a chain.

    `header_trust` is HASHED if the header re-hashed to `header.hash`, else REPORTED; all else is merely reported.
    `transactions` and `logs` are None where they were not read.
    `files` are the CIDs of the source files, by "header", "transactions" and "logs", where rows were read.
    """

    chain_id: int
    header: HeaderRecord
    header_trust: Trust
    transactions: tuple[TransactionRecord, ...] | None
    logs: tuple[LogRecord, ...] | None
    warnings: tuple[str, ...] = ()
    files: dict[str, tuple[Cid, ...]] = field(default_factory=dict)


class TokenContract(NamedTuple):
    """A contract that acted as a token: `namespace` is erc20 or erc721."""

    address: str
    namespace: str
