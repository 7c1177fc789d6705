"""The bytes that a block commits to, from what an endpoint answers: the header's RLP and the receipts'.

Every fork has appended fields to the header; which of them a chain has is seen in the answer, and the hash says
whether that was all of them.
Specification: https://github.com/ethereum/execution-apis (answers), the Yellow Paper, section 4.4 (header, receipt),
EIPs 1559, 4895, 4844, 4788, 7685 (further fields), 658 and 2718 (receipts).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anchoring.chain import answers
from anchoring.chain_proof.rlp import Rlp, encode, number

_HEADER = (
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    "difficulty#",
    "number#",
    "gasLimit#",
    "gasUsed#",
    "timestamp#",
    "extraData",
    "mixHash",
    "nonce",
)
_APPENDED = (
    "baseFeePerGas#",
    "withdrawalsRoot",
    "blobGasUsed#",
    "excessBlobGas#",
    "parentBeaconBlockRoot",
    "requestsHash",
)
"""`#`: a quantity; all others are bytes."""


def header_bytes(block: Mapping[str, Any]) -> bytes:
    """The RLP of a block's header as `eth_getBlockByHash` answers it; raises EndpointWrong.

    Whether it is the header is for the caller to say, by its hash.
    """
    appended = [name for name in _APPENDED if block.get(name.rstrip("#")) is not None]
    return encode([_field(block, name) for name in [*_HEADER, *appended]])


def receipt_bytes(receipt: Mapping[str, Any]) -> bytes:
    """A receipt's bytes in the receipts trie, as `eth_getTransactionReceipt` answers it; raises EndpointWrong.

    Receipts from before the Byzantium fork have a state root instead of a status.
    """
    kind = answers.quantity(receipt.get("type", "0x0"), "the receipt's type")
    if receipt.get("status") is None and receipt.get("root") is not None:
        outcome = answers.octets(receipt["root"], "the receipt's root", 32)
    else:
        outcome = number(answers.quantity(receipt.get("status"), "the receipt's status"))
    logs: list[Rlp] = [_log(log) for log in answers.items(receipt.get("logs"), "the receipt's logs")]
    body = encode(
        [
            outcome,
            number(answers.quantity(receipt.get("cumulativeGasUsed"), "the receipt's gas")),
            answers.octets(receipt.get("logsBloom"), "the receipt's bloom", 256),
            logs,
        ]
    )
    if kind > 0x7F:
        raise answers.wrong(f"the endpoint answered a receipt of type {kind}, which there cannot be")
    return (bytes([kind]) if kind else b"") + body


def _field(block: Mapping[str, Any], name: str) -> bytes:
    value = block.get(name.rstrip("#"))
    what = f"the header's {name.rstrip('#')}"
    return number(answers.quantity(value, what)) if name.endswith("#") else answers.octets(value, what)


def _log(log: object) -> Rlp:
    entry = answers.members(log, "a log")
    topics = [answers.octets(topic, "a topic", 32) for topic in answers.items(entry.get("topics"), "a log's topics")]
    address = answers.octets(entry.get("address"), "a log's address", 20)
    return [address, topics, answers.octets(entry.get("data"), "a log's data")]
