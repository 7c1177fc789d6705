"""Several endpoints beside each other: which of their answers are facts that all must agree on, and how to compare.

A fact is bound to a block: a receipt, a block by number, the logs of a range, a call or proof at a number.
An endpoint that does not have that block yet is no witness to it. All else (fees, nonces, the pool) may differ
between honest nodes. This module compares and asks nobody: see failover.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,16}")

STUCK_BLOCKS = 3
STUCK_SECONDS = 300
"""An endpoint whose newest block is more than both behind another's is stuck, not merely a little late."""


def block_number(value: object) -> int | None:
    """The number that a block tag or field states, None for a name such as `latest` and for what is no number."""
    return int(value, 16) if isinstance(value, str) and _NUMBER.fullmatch(value) else None


def _member(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _members(value: object, *names: str) -> object:
    """These members of an object in a form to compare; what is no object as it is."""
    if not isinstance(value, Mapping):
        return value
    return {name: _plain(value.get(name)) for name in names}


def _plain(value: object) -> object:
    """Hexadecimal text in lower case; lists and objects likewise, to the depth that answers have."""
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, list):
        return [each.lower() if isinstance(each, str) else each for each in value]
    return value


def _logs(value: object) -> object:
    names = ("logIndex", "address", "topics", "data", "transactionHash", "blockHash", "blockNumber")
    return [_members(log, *names) for log in value] if isinstance(value, list) else value


def _receipt(value: object) -> object:
    if not isinstance(value, Mapping) or value.get("blockNumber") is None:
        return None
    fields = _members(value, "status", "transactionHash", "blockHash", "blockNumber")
    return [fields, _logs(value.get("logs"))]


def _block(value: object) -> object:
    return _members(value, "number", "hash", "parentHash", "timestamp", "stateRoot", "receiptsRoot")


def _proof(value: object) -> object:
    slots = _member(value, "storageProof")
    return [
        _members(value, "address", "nonce", "codeHash", "storageHash", "accountProof"),
        [_members(slot, "key", "value", "proof") for slot in slots] if isinstance(slots, list) else slots,
    ]


_FACTS: dict[str, Callable[[object], object]] = {
    "eth_getTransactionReceipt": _receipt,
    "eth_getBlockByNumber": _block,
    "eth_getBlockReceipts": lambda value: [_receipt(each) for each in value] if isinstance(value, list) else value,
    "eth_getLogs": _logs,
    "eth_call": _plain,
    "eth_getProof": _proof,
}


def is_fact(method: str, params: Sequence[Any]) -> bool:
    """Whether endpoints that have the block must give one answer."""
    return method == "eth_getTransactionReceipt" or (method in _FACTS and height(method, params, None) is not None)


def height(method: str, params: Sequence[Any], result: object) -> int | None:
    """The block that an endpoint must have to be a witness; for a receipt it stands in the result."""
    if method == "eth_getTransactionReceipt":
        return block_number(_member(result, "blockNumber"))
    if method == "eth_getLogs":
        return block_number(_member(params[0], "toBlock")) if params else None
    place = {"eth_getBlockByNumber": 0, "eth_getBlockReceipts": 0, "eth_call": 1, "eth_getProof": 2}[method]
    return block_number(params[place]) if len(params) > place else None


def agree(method: str, one: object, other: object) -> bool:
    """Whether two results of a fact state the same.

    >>> agree("eth_getBlockByNumber", {"hash": "0xAB", "size": "0x1"}, {"hash": "0xab", "size": "0x2"})
    True
    >>> agree("eth_getBlockByNumber", {"hash": "0xAB"}, {"hash": "0xac"})
    False
    """
    form = _FACTS[method]
    return form(one) == form(other)


def is_stuck(block: object, newest: object) -> bool:
    """Whether the one block is so far behind the other that its endpoint does not follow the chain."""
    pairs = [
        (block_number(_member(block, name)), block_number(_member(newest, name))) for name in ("number", "timestamp")
    ]
    (number, ahead), (time, later) = pairs
    if number is None or ahead is None or time is None or later is None:
        return False
    return ahead - number > STUCK_BLOCKS and later - time > STUCK_SECONDS
