"""py-evm at work: transactions into blocks, calls into answers.

Every transaction makes its own block at once, there is no pool and there are no forks.
Rules are those of Prague; headers, receipts and state roots are the real ones.
Not offered: blob transactions, withdrawals, a block without transactions, a random PREVRANDAO (it is zero).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from eth.chains.base import MiningChain
from eth.db.atomic import AtomicDB
from eth.exceptions import HeaderNotFound, TransactionNotFound, VMError
from eth.vm.forks.london.headers import calculate_expected_base_fee_per_gas
from eth.vm.forks.prague import PragueVM
from eth.vm.spoof import SpoofTransaction
from eth_typing import BlockNumber
from eth_utils.exceptions import ValidationError

from anchoring.chain.devchain.database import Database, StoredLog
from anchoring.chain.devchain.genesis import CHAIN_ID, GAS_LIMIT, PARAMETERS, STATE

# py-evm's interfaces know neither Prague's fields nor plain bytes and integers, so its values are not typed here.
Header: TypeAlias = Any
Block: TypeAlias = Any
Receipt: TypeAlias = Any
Transaction: TypeAlias = Any

_BLOB_TRANSACTION = 3

# The EVM calls 1,024 deep, and py-evm takes some ten Python frames for each.
_FRAMES = 1024 * 12


@contextmanager
def _deep_calls() -> Iterator[None]:
    """A recursion limit that the deepest EVM call fits in, for as long as one executes."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class Refusal(Exception):
    """A JSON-RPC error: what a node answers instead of a result. Codes are those that geth uses."""

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class _Chain(MiningChain):
    chain_id = CHAIN_ID
    vm_configuration = ((BlockNumber(0), PragueVM),)


@dataclass(frozen=True, slots=True)
class Message:
    """What eth_call and eth_estimateGas execute; `to` is empty for a creation, `gas` None for all there is."""

    sender: bytes
    to: bytes
    data: bytes
    value: int
    gas: int | None


class Evm:
    """The chain in one database, which the caller has opened and holds alone.

    `clock` gives the time in whole seconds since 1970; a block's time is that, or its parent's plus one if later.
    """

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock
        atomic = AtomicDB(database)
        if not database.exists(b"v1:canonical_head_hash"):
            with database.transaction():
                _Chain.from_genesis(atomic, PARAMETERS, STATE)  # type: ignore[arg-type]
        self._chain: Any = _Chain(atomic)

    def head(self) -> Header:
        """The newest block's header."""
        return self._chain.get_canonical_head()

    def header(self, number: int) -> Header | None:
        """The header of a block of the chain."""
        try:
            return self._chain.get_canonical_block_header_by_number(number)
        except HeaderNotFound:
            return None

    def header_by_hash(self, block_hash: bytes) -> Header | None:
        """The header with that hash."""
        try:
            return self._chain.get_block_header_by_hash(block_hash)
        except HeaderNotFound:
            return None

    def block(self, header: Header) -> Block:
        """The header's block, transactions included."""
        return self._chain.get_block_by_header(header)

    def receipts(self, block: Block) -> tuple[Receipt, ...]:
        """The receipts of a block, in order."""
        return tuple(block.get_receipts(self._chain.chaindb))

    def place(self, transaction: bytes) -> tuple[int, int] | None:
        """Block number and index of the transaction with that hash."""
        try:
            number, index = self._chain.chaindb.get_transaction_index(transaction)
        except TransactionNotFound:
            return None
        return int(number), int(index)

    def state(self, header: Header) -> Any:
        """py-evm's state after the block."""
        return self._chain.get_vm(header).state

    def next_base_fee(self, header: Header) -> int:
        """Wei a gas that the block after `header` burns."""
        return int(calculate_expected_base_fee_per_gas(header))

    def call(self, message: Message, header: Header) -> bytes:
        """What the message returns after the block, without leaving a trace; raises Refusal with code 3 on a revert."""
        with _deep_calls(), self._chain.get_vm(header).in_costless_state() as state:
            computation = state.apply_transaction(self._unsigned(message))
        if computation.is_error:
            raise _execution_error(computation.error)
        return bytes(computation.output)

    def estimate_gas(self, message: Message, header: Header) -> int:
        """The least gas limit with which the message succeeds."""
        try:
            with _deep_calls():
                return int(self._chain.estimate_gas(self._unsigned(message), header))
        except VMError as problem:
            raise _execution_error(problem) from problem

    def send(self, raw: bytes) -> bytes:
        """Execute a signed transaction in a new block, durably; its hash. Raises Refusal when no block can hold it."""
        transaction = self._decode(raw)
        if self.place(transaction.hash):
            raise Refusal(-32000, "already known")
        header = self._next_header(self.head())
        vm = self._chain.get_vm(header)
        self._admit(transaction, header, vm.state)
        try:
            with _deep_calls(), self._database.transaction():
                self._mine(transaction, header, vm)
        except (ValidationError, VMError) as problem:
            raise Refusal(-32000, f"invalid transaction: {problem}") from problem
        return bytes(transaction.hash)

    def _mine(self, transaction: Transaction, header: Header, vm: Any) -> None:
        """py-evm's MiningChain.mine_all, but validated once (by the VM) and written without being read back."""
        new_header, receipts, _ = vm.apply_all_transactions([transaction], header)
        filled = vm.set_block_transactions_and_withdrawals(vm.get_block(), new_header, [transaction], receipts)
        block = vm.mine_block(filled).block
        self._chain.chaindb.persist_block(block)
        self._database.add_logs(block_logs(block, receipts))

    def _next_header(self, parent: Header) -> Header:
        time = max(self._clock(), parent.timestamp + 1)
        return self._chain.create_header_from_parent(parent, timestamp=time, gas_limit=GAS_LIMIT)

    def _decode(self, raw: bytes) -> Transaction:
        if raw[:1] == bytes([_BLOB_TRANSACTION]):
            raise Refusal(-32000, "transaction type not supported: blobs have no place on this chain")
        try:
            transaction = PragueVM.get_transaction_builder().decode(raw)
            transaction.validate()
            transaction.check_signature_validity()
        except Exception as problem:  # noqa: BLE001 - the bytes are hostile and py-evm's decoders raise many kinds
            raise Refusal(-32000, f"rlp: the transaction cannot be decoded: {problem}") from None
        return transaction

    def _admit(self, transaction: Transaction, header: Header, state: Any) -> None:
        """What a pool checks, with geth's words, which clients know."""
        chain_id = getattr(transaction, "chain_id", None)
        if chain_id not in (None, CHAIN_ID):
            raise Refusal(-32000, f"invalid chain id for signer: have {chain_id} want {CHAIN_ID}")
        nonce = state.get_nonce(transaction.sender)
        if transaction.nonce < nonce:
            raise Refusal(-32000, f"nonce too low: next nonce {nonce}, tx nonce {transaction.nonce}")
        if transaction.nonce > nonce:
            raise Refusal(-32000, f"nonce too high: next nonce {nonce}, tx nonce {transaction.nonce}")
        base_fee = header.base_fee_per_gas
        if transaction.max_fee_per_gas < base_fee:
            raise Refusal(-32000, f"max fee per gas less than block base fee: {transaction.max_fee_per_gas} {base_fee}")
        cost = transaction.gas * transaction.max_fee_per_gas + transaction.value
        if state.get_balance(transaction.sender) < cost:
            raise Refusal(-32000, "insufficient funds for gas * price + value")

    def _unsigned(self, message: Message) -> Transaction:
        gas = GAS_LIMIT if message.gas is None else min(message.gas, GAS_LIMIT)
        transaction = self._chain.get_vm(self.head()).create_unsigned_transaction(
            nonce=self.state(self.head()).get_nonce(message.sender),
            gas_price=0,
            gas=gas,
            to=message.to,
            value=message.value,
            data=message.data,
        )
        return SpoofTransaction(transaction, from_=message.sender)


def block_logs(block: Block, receipts: tuple[Receipt, ...]) -> list[StoredLog]:
    """The logs of a block with their places, counted over the whole block."""
    logs = [
        (index, transaction, log)
        for index, (transaction, receipt) in enumerate(zip(block.transactions, receipts, strict=True))
        for log in receipt.logs
    ]
    return [
        StoredLog(
            block=block.number,
            position=position,
            block_hash=block.hash,
            transaction_index=index,
            transaction=transaction.hash,
            address=log.address,
            topics=tuple(topic.to_bytes(32, "big") for topic in log.topics),
            data=log.data,
        )
        for position, (index, transaction, log) in enumerate(logs)
    ]


def _execution_error(error: VMError) -> Refusal:
    """A revert with its bytes is code 3, as in geth; anything else (out of gas, bad opcode) is -32000."""
    reason = error.args[0] if error.args else b""
    if type(error).__name__ == "Revert":
        data = reason if isinstance(reason, bytes) else b""
        return Refusal(3, "execution reverted", "0x" + data.hex())
    return Refusal(-32000, f"{type(error).__name__}: {reason!s}"[:500])
