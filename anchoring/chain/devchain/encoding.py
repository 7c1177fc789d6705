"""Between JSON-RPC's hexadecimal strings and Python values, and back.

Specification: https://github.com/ethereum/execution-apis, "base types". What comes in is hostile: each decoder
accepts its exact form and raises Refusal with code -32602 otherwise.
"""

from __future__ import annotations

import re
from typing import Any

import rlp

from anchoring.chain.devchain.database import StoredLog
from anchoring.chain.devchain.evm import Block, Message, Receipt, Refusal, Transaction

_QUANTITY = re.compile(r"0x(0|[1-9a-fA-F][0-9a-fA-F]{0,63})")
_BYTES = re.compile(r"0x([0-9a-fA-F]{2})*")


def invalid(what: str) -> Refusal:
    """The error for parameters of the wrong form."""
    return Refusal(-32602, f"invalid params: {what}")


def read_quantity(value: object, name: str) -> int:
    """Of `0x1f`, without leading zeros."""
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise invalid(f"{name} is no quantity: {str(value)[:80]!r}")
    return int(value, 16)


def read_bytes(value: object, name: str, length: int | None = None) -> bytes:
    """Of `0x` and two digits a byte."""
    if not isinstance(value, str) or not _BYTES.fullmatch(value):
        raise invalid(f"{name} is no data: {str(value)[:80]!r}")
    found = bytes.fromhex(value[2:])
    if length is not None and len(found) != length:
        raise invalid(f"{name} has {len(found)} bytes instead of {length}")
    return found


def read_message(value: object) -> Message:
    """The transaction object of eth_call and eth_estimateGas; prices are ignored, since nothing is paid."""
    if not isinstance(value, dict):
        raise invalid("the transaction is no object")
    data = value.get("input", value.get("data"))
    return Message(
        sender=bytes(20) if value.get("from") is None else read_bytes(value["from"], "from", 20),
        to=b"" if value.get("to") is None else read_bytes(value["to"], "to", 20),
        data=b"" if data is None else read_bytes(data, "input"),
        value=0 if value.get("value") is None else read_quantity(value["value"], "value"),
        gas=None if value.get("gas") is None else read_quantity(value["gas"], "gas"),
    )


def data(value: bytes) -> str:
    """`0x` and two digits a byte."""
    return "0x" + bytes(value).hex()


def word(value: int) -> str:
    """A number as 32 bytes."""
    return "0x" + value.to_bytes(32, "big").hex()


def block_json(block: Block, full: bool) -> dict[str, Any]:
    """A block as eth_getBlockByNumber answers."""
    header = block.header
    return {
        "number": hex(header.block_number),
        "hash": data(header.hash),
        "parentHash": data(header.parent_hash),
        "sha3Uncles": data(header.uncles_hash),
        "miner": data(header.coinbase),
        "stateRoot": data(header.state_root),
        "transactionsRoot": data(header.transaction_root),
        "receiptsRoot": data(header.receipt_root),
        "logsBloom": "0x" + header.bloom.to_bytes(256, "big").hex(),
        "difficulty": hex(header.difficulty),
        "gasLimit": hex(header.gas_limit),
        "gasUsed": hex(header.gas_used),
        "timestamp": hex(header.timestamp),
        "extraData": data(header.extra_data),
        "mixHash": data(header.mix_hash),
        "nonce": data(header.nonce),
        "baseFeePerGas": hex(header.base_fee_per_gas),
        "withdrawalsRoot": data(header.withdrawals_root),
        "withdrawals": [],
        "blobGasUsed": hex(header.blob_gas_used),
        "excessBlobGas": hex(header.excess_blob_gas),
        "parentBeaconBlockRoot": data(header.parent_beacon_block_root),
        "requestsHash": data(header.requests_hash),
        "size": hex(len(rlp.encode(block))),
        "uncles": [],
        "transactions": [
            transaction_json(block, index) if full else data(transaction.hash)
            for index, transaction in enumerate(block.transactions)
        ],
    }


def transaction_json(block: Block, index: int) -> dict[str, Any]:
    """A transaction of a block as eth_getTransactionByHash answers."""
    transaction = block.transactions[index]
    kind = transaction_type(transaction)
    answer: dict[str, Any] = {
        "type": hex(kind),
        "hash": data(transaction.hash),
        "blockHash": data(block.hash),
        "blockNumber": hex(block.number),
        "transactionIndex": hex(index),
        "from": data(transaction.sender),
        "to": data(transaction.to) if transaction.to else None,
        "nonce": hex(transaction.nonce),
        "gas": hex(transaction.gas),
        "gasPrice": hex(effective_price(block, transaction)),
        "value": hex(transaction.value),
        "input": data(transaction.data),
        "r": hex(transaction.r),
        "s": hex(transaction.s),
        "v": hex(transaction.v if kind == 0 else transaction.y_parity),
    }
    if getattr(transaction, "chain_id", None) is not None:
        answer["chainId"] = hex(transaction.chain_id)
    if kind > 0:
        answer["yParity"] = hex(transaction.y_parity)
        answer["accessList"] = [
            {"address": data(address), "storageKeys": [word(slot) for slot in slots]}
            for address, slots in transaction.access_list
        ]
    if kind >= 2:
        answer["maxFeePerGas"] = hex(transaction.max_fee_per_gas)
        answer["maxPriorityFeePerGas"] = hex(transaction.max_priority_fee_per_gas)
    if kind == 4:
        answer["authorizationList"] = [
            {
                "chainId": hex(entry.chain_id),
                "address": data(entry.address),
                "nonce": hex(entry.nonce),
                "yParity": hex(entry.y_parity),
                "r": hex(entry.r),
                "s": hex(entry.s),
            }
            for entry in transaction.authorization_list
        ]
    return answer


def receipt_json(
    block: Block, receipts: tuple[Receipt, ...], logs: list[StoredLog], index: int, created: bytes | None
) -> dict[str, Any]:
    """A receipt as eth_getTransactionReceipt answers; `logs` are those of the block, `created` a new contract."""
    transaction, receipt = block.transactions[index], receipts[index]
    before = receipts[index - 1].gas_used if index else 0
    return {
        "type": hex(transaction_type(transaction)),
        "transactionHash": data(transaction.hash),
        "transactionIndex": hex(index),
        "blockHash": data(block.hash),
        "blockNumber": hex(block.number),
        "from": data(transaction.sender),
        "to": data(transaction.to) if transaction.to else None,
        "contractAddress": data(created) if created else None,
        "cumulativeGasUsed": hex(receipt.gas_used),
        "gasUsed": hex(receipt.gas_used - before),
        "effectiveGasPrice": hex(effective_price(block, transaction)),
        "status": "0x1" if receipt.state_root == b"\x01" else "0x0",
        "logsBloom": "0x" + receipt.bloom.to_bytes(256, "big").hex(),
        "logs": [log_json(log) for log in logs if log.transaction_index == index],
    }


def log_json(log: StoredLog) -> dict[str, Any]:
    """A log as eth_getLogs answers."""
    return {
        "address": data(log.address),
        "topics": [data(topic) for topic in log.topics],
        "data": data(log.data),
        "blockNumber": hex(log.block),
        "blockHash": data(log.block_hash),
        "transactionHash": data(log.transaction),
        "transactionIndex": hex(log.transaction_index),
        "logIndex": hex(log.position),
        "removed": False,
    }


def transaction_type(transaction: Transaction) -> int:
    """The EIP-2718 type, 0 for the transactions before it."""
    return int(getattr(transaction, "type_id", None) or 0)


def effective_price(block: Block, transaction: Transaction) -> int:
    """Wei paid for a gas, EIP-1559."""
    base_fee = int(block.header.base_fee_per_gas)
    return min(int(transaction.max_fee_per_gas), int(transaction.max_priority_fee_per_gas) + base_fee)
