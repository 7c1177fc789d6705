"""The JSON-RPC methods of the embedded chain, one function each.

Specification: https://github.com/ethereum/execution-apis. `safe`, `finalized` and `pending` are the newest block,
since nothing here waits and nothing is undone. State of every block can be asked for; nothing is pruned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import rlp
from eth_hash.auto import keccak

from anchoring.chain.devchain import encoding
from anchoring.chain.devchain.database import Database
from anchoring.chain.devchain.encoding import invalid, read_bytes, read_message, read_quantity
from anchoring.chain.devchain.evm import Evm, Header, Refusal, block_logs
from anchoring.chain.devchain.genesis import CHAIN_ID
from anchoring.chain.devchain.state_proof import account_proof

TIP = 10**9
"""Wei a gas that eth_maxPriorityFeePerGas suggests, as anvil does; no miner here collects it."""

MOST_LOGS = 10_000
"""Logs one eth_getLogs answers; more is refused with code -32005 and the caller narrows its range."""

MOST_ALTERNATIVES = 1_000
"""Addresses, or values of one topic, in one filter."""

_LATEST = ("latest", "safe", "finalized", "pending")


class Methods:
    """The methods over one chain. `answer` runs one and raises Refusal for every error a node would give."""

    def __init__(self, evm: Evm, database: Database, client_version: str) -> None:
        self._evm = evm
        self._database = database
        self._version = client_version
        self._methods: Mapping[str, tuple[Callable[..., Any], int, int]] = {
            # name: function, least and most number of parameters
            "eth_chainId": (lambda: hex(CHAIN_ID), 0, 0),
            "net_version": (lambda: str(CHAIN_ID), 0, 0),
            "net_listening": (lambda: True, 0, 0),
            "web3_clientVersion": (lambda: self._version, 0, 0),
            "eth_syncing": (lambda: False, 0, 0),
            "eth_accounts": (list, 0, 0),
            "eth_blockNumber": (lambda: hex(evm.head().block_number), 0, 0),
            "eth_getBlockByNumber": (self._block_by_number, 1, 2),
            "eth_getBlockByHash": (self._block_by_hash, 1, 2),
            "eth_getTransactionCount": (self._nonce, 1, 2),
            "eth_getBalance": (self._balance, 1, 2),
            "eth_getCode": (self._code, 1, 2),
            "eth_getStorageAt": (self._storage, 2, 3),
            "eth_getProof": (self._proof, 2, 3),
            "eth_call": (self._call, 1, 2),
            "eth_estimateGas": (self._estimate, 1, 2),
            "eth_gasPrice": (lambda: hex(evm.next_base_fee(evm.head()) + TIP), 0, 0),
            "eth_maxPriorityFeePerGas": (lambda: hex(TIP), 0, 0),
            "eth_feeHistory": (self._fee_history, 2, 3),
            "eth_sendRawTransaction": (self._send, 1, 1),
            "eth_getTransactionByHash": (self._transaction, 1, 1),
            "eth_getTransactionReceipt": (self._receipt, 1, 1),
            "eth_getBlockReceipts": (self._block_receipts, 1, 1),
            "eth_getLogs": (self._logs, 1, 1),
        }

    def answer(self, method: str, parameters: list[Any]) -> Any:
        """The method's result."""
        found = self._methods.get(method)
        if found is None:
            raise Refusal(-32601, f"the method {method[:80]} does not exist/is not available")
        function, least, most = found
        if not least <= len(parameters) <= most:
            raise invalid(f"{method} takes {least} to {most} parameters, not {len(parameters)}")
        return function(*parameters)

    def _find(self, block: object) -> Header | None:
        """The header a block parameter names: a tag, a number, or the object of EIP-1898."""
        if block is None or block in _LATEST:
            return self._evm.head()
        if block == "earliest":
            return self._evm.header(0)
        if isinstance(block, dict):
            if "blockHash" in block:
                return self._evm.header_by_hash(read_bytes(block["blockHash"], "blockHash", 32))
            return self._find(block.get("blockNumber"))
        number = read_quantity(block, "block")
        return self._evm.header(number) if number <= self._evm.head().block_number else None

    def _at(self, block: object) -> Header:
        header = self._find(block)
        if header is None:
            raise Refusal(-32000, "header not found")
        return header

    def _block_by_number(self, block: object, full: object = False) -> dict[str, Any] | None:
        header = self._find(block)
        return encoding.block_json(self._evm.block(header), full is True) if header else None

    def _block_by_hash(self, block_hash: object, full: object = False) -> dict[str, Any] | None:
        header = self._evm.header_by_hash(read_bytes(block_hash, "block hash", 32))
        return encoding.block_json(self._evm.block(header), full is True) if header else None

    def _nonce(self, address: object, block: object = "latest") -> str:
        return hex(self._evm.state(self._at(block)).get_nonce(read_bytes(address, "address", 20)))

    def _balance(self, address: object, block: object = "latest") -> str:
        return hex(self._evm.state(self._at(block)).get_balance(read_bytes(address, "address", 20)))

    def _code(self, address: object, block: object = "latest") -> str:
        return encoding.data(self._evm.state(self._at(block)).get_code(read_bytes(address, "address", 20)))

    def _storage(self, address: object, slot: object, block: object = "latest") -> str:
        if isinstance(slot, str) and len(slot) == 66:
            key = int.from_bytes(read_bytes(slot, "slot", 32), "big")
        else:
            key = read_quantity(slot, "slot")
        return encoding.word(self._evm.state(self._at(block)).get_storage(read_bytes(address, "address", 20), key))

    def _proof(self, address: object, slots: object, block: object = "latest") -> dict[str, Any]:
        if not isinstance(slots, list) or len(slots) > MOST_ALTERNATIVES:
            raise invalid(f"the slots are no list of at most {MOST_ALTERNATIVES}")
        keys = [read_bytes(slot, "slot", 32) for slot in slots]
        root = self._at(block).state_root
        return account_proof(self._database, root, read_bytes(address, "address", 20), keys)

    def _call(self, message: object, block: object = "latest") -> str:
        return encoding.data(self._evm.call(read_message(message), self._at(block)))

    def _estimate(self, message: object, block: object = "latest") -> str:
        return hex(self._evm.estimate_gas(read_message(message), self._at(block)))

    def _fee_history(self, count: object, newest: object, percentiles: object = None) -> dict[str, Any]:
        blocks = count if isinstance(count, int) else read_quantity(count, "block count")
        if not 1 <= blocks <= 1024:
            raise invalid(f"the block count {blocks} is not between 1 and 1024")
        last = self._at(newest)
        first = max(0, last.block_number - blocks + 1)
        headers = [header for n in range(first, last.block_number + 1) if (header := self._evm.header(n))]
        answer: dict[str, Any] = {
            "oldestBlock": hex(first),
            "baseFeePerGas": [hex(h.base_fee_per_gas) for h in headers] + [hex(self._evm.next_base_fee(last))],
            "gasUsedRatio": [h.gas_used / h.gas_limit for h in headers],
        }
        if isinstance(percentiles, list):
            answer["reward"] = [[hex(TIP)] * len(percentiles) for _ in headers]
        return answer

    def _send(self, raw: object) -> str:
        return encoding.data(self._evm.send(read_bytes(raw, "transaction")))

    def _transaction(self, transaction: object) -> dict[str, Any] | None:
        place = self._evm.place(read_bytes(transaction, "transaction hash", 32))
        return encoding.transaction_json(self._evm.block(self._at(hex(place[0]))), place[1]) if place else None

    def _receipt(self, transaction: object) -> dict[str, Any] | None:
        place = self._evm.place(read_bytes(transaction, "transaction hash", 32))
        return self._receipts_of(self._at(hex(place[0])))[place[1]] if place else None

    def _block_receipts(self, block: object) -> list[dict[str, Any]] | None:
        if isinstance(block, str) and len(block) == 66:
            block = {"blockHash": block}
        header = self._find(block)
        return self._receipts_of(header) if header else None

    def _receipts_of(self, header: Header) -> list[dict[str, Any]]:
        block = self._evm.block(header)
        receipts = self._evm.receipts(block)
        logs = block_logs(block, receipts)
        return [
            encoding.receipt_json(block, receipts, logs, index, _created(transaction.sender, transaction.nonce))
            if not transaction.to
            else encoding.receipt_json(block, receipts, logs, index, None)
            for index, transaction in enumerate(block.transactions)
        ]

    def _logs(self, query: object) -> list[dict[str, Any]]:
        if not isinstance(query, dict):
            raise invalid("the filter is no object")
        if "blockHash" in query:
            first = last = self._at({"blockHash": query["blockHash"]}).block_number
        else:
            newest = self._evm.head().block_number
            first, last = (_bound(query.get(name), newest, name) for name in ("fromBlock", "toBlock"))
        found = self._database.logs(first, last, _addresses(query), _topics(query), MOST_LOGS + 1)
        if len(found) > MOST_LOGS:
            raise Refusal(-32005, f"query returned more than {MOST_LOGS} results, narrow the block range")
        return [encoding.log_json(log) for log in found]


def _created(sender: bytes, nonce: int) -> bytes:
    """The address of a contract created by a transaction: keccak of the RLP of sender and nonce."""
    return bytes(keccak(rlp.encode([sender, nonce]))[12:])


def _bound(value: object, newest: int, name: str) -> int:
    if value is None or value in _LATEST:
        return newest
    # Beyond the newest block is as good as just beyond it, and fits the database's integers.
    return 0 if value == "earliest" else min(read_quantity(value, name), newest + 1)


def _addresses(query: dict[str, Any]) -> list[bytes]:
    wanted = query.get("address")
    return [read_bytes(one, "address", 20) for one in _alternatives(wanted)]


def _topics(query: dict[str, Any]) -> list[list[bytes]]:
    wanted = query.get("topics")
    if wanted is None:
        return []
    if not isinstance(wanted, list) or len(wanted) > 4:
        raise invalid("topics is no list of at most four")
    return [[read_bytes(one, "topic", 32) for one in _alternatives(each)] for each in wanted]


def _alternatives(value: object) -> list[object]:
    """None accepts anything, a list any of its values, a value itself alone."""
    alternatives = [] if value is None else value if isinstance(value, list) else [value]
    if len(alternatives) > MOST_ALTERNATIVES:
        raise invalid(f"{len(alternatives)} alternatives, at most {MOST_ALTERNATIVES}")
    return alternatives
