"""One transaction from its estimate to its receipt (EIP-1559), in steps that a crash may fall between.

A transaction is built and signed first; whoever keeps its bytes can send them again at any time, since the same
bytes are the same transaction. Nothing here decides what a transaction means.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anchoring.chain import answers
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import FeeAboveCeiling, InsufficientFunds, PublishPending, RpcRefused
from anchoring.chain.faucet import fund
from anchoring.chain.keys import Signer
from anchoring.signing.eip712 import keccak

GAS_MARGIN = 10
"""Per cent on top of the estimate."""

PATIENCE = 180.0
"""Seconds to wait for a receipt: fifteen blocks of the main chain."""

_REPLACEMENT = 12.5
"""Per cent that nodes ask a replacement to pay more."""


@dataclass(frozen=True, slots=True)
class Fees:
    """Wei a gas: the base fee now, the tip, and the most this transaction would pay."""

    base: int
    tip: int
    most: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a transaction may cost: `gas` limit, and `expected` and `most` wei for all of it."""

    gas: int
    expected: int
    most: int


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """A transaction ready to be sent: `raw` bytes, its `hash` (32 bytes) and what it commits to."""

    raw: bytes
    hash: bytes
    sender: str
    nonce: int
    gas: int
    fees: Fees

    @property
    def cost(self) -> Cost:
        """Wei it will and may cost when all gas is used."""
        return Quote(self.gas, self.fees).cost


def current_fees(endpoint: Endpoint) -> Fees:
    """The fees with which a transaction gets in now, also after six full blocks."""
    block = answers.members(endpoint.request("eth_getBlockByNumber", ["latest", False]), "the latest block")
    base = answers.quantity(block.get("baseFeePerGas"), "the base fee")
    try:
        tip = answers.quantity(endpoint.request("eth_maxPriorityFeePerGas"), "eth_maxPriorityFeePerGas")
    except RpcRefused:
        # Not every node has the method; what eth_gasPrice suggests beyond the base fee is the tip.
        tip = max(0, answers.quantity(endpoint.request("eth_gasPrice"), "eth_gasPrice") - base)
    return Fees(base, tip, 2 * base + tip)


def estimate_gas(endpoint: Endpoint, message: Mapping[str, str]) -> int:
    """Gas limit for a message with `from`, `to` and `data`, margin included; raises RpcRefused when it reverts.

    On top of the newest block: some nodes would else count with what waits, so with the transaction to be replaced.
    """
    estimate = answers.quantity(endpoint.request("eth_estimateGas", [dict(message), "latest"]), "eth_estimateGas")
    return estimate + estimate * GAS_MARGIN // 100


@dataclass(frozen=True, slots=True)
class Quote:
    """What a transaction is to be signed with: the gas limit and the fees."""

    gas: int
    fees: Fees

    @property
    def cost(self) -> Cost:
        """Wei it will and may cost when all gas is used."""
        fees = self.fees
        return Cost(self.gas, self.gas * min(fees.most, fees.base + fees.tip), self.gas * fees.most)


def quote(
    endpoint: Endpoint, message: Mapping[str, str], *, ceiling: int | None, replaces: SignedTransaction | None
) -> Quote:
    """Gas and fees for a message now; needs no key.

    `ceiling` is the most wei the whole transaction may cost. One that `replaces` another pays enough more for nodes
    to prefer it. Raises FeeAboveCeiling, or RpcRefused when the message would revert.
    """
    gas = estimate_gas(endpoint, message)
    fees = current_fees(endpoint)
    if replaces:
        fees = _raised(fees, replaces.fees)
    if ceiling is not None and gas * fees.most > ceiling:
        fees = Fees(fees.base, fees.tip, ceiling // gas)
        if fees.most < fees.base + fees.tip or (replaces and fees.most < _more(replaces.fees.most)):
            raise FeeAboveCeiling(
                f"{gas} gas at {fees.base + fees.tip} wei cost {gas * (fees.base + fees.tip)} wei, "
                f"the ceiling is {ceiling}",
                remedy="wait for lower fees or allow more",
            )
    return Quote(gas, fees)


def sign(
    endpoint: Endpoint,
    signer: Signer,
    message: Mapping[str, str],
    *,
    ceiling: int | None,
    replaces: SignedTransaction | None,
    quoted: Quote | None = None,
    chain_id: int | None = None,
) -> SignedTransaction:
    """Estimate and price (or take what was `quoted`) and sign; nothing is sent.

    It is for the chain `chain_id`, by default the one that the endpoint names.
    A transaction that `replaces` another takes its nonce.
    Raises FeeAboveCeiling, InsufficientFunds, or RpcRefused when the message would revert.
    """
    fund(endpoint, signer.address)
    chosen = quoted or quote(endpoint, message, ceiling=ceiling, replaces=replaces)
    gas, fees = chosen.gas, chosen.fees
    balance = endpoint.balance(signer.address)
    if balance < gas * fees.most:
        raise InsufficientFunds(
            f"{signer.address} has {balance} wei on {endpoint.name}, up to {gas * fees.most} are needed",
            remedy="send it the difference",
        )
    nonce = replaces.nonce if replaces else endpoint.nonce(signer.address)
    raw = signer.sign_transaction(
        {
            "type": 2,
            "chainId": endpoint.chain_id() if chain_id is None else chain_id,
            "nonce": nonce,
            "to": bytes.fromhex(message["to"][2:]) if "to" in message else b"",
            "value": 0,
            "data": message["data"],
            "gas": gas,
            "maxFeePerGas": fees.most,
            "maxPriorityFeePerGas": fees.tip,
        }
    )
    return SignedTransaction(raw, keccak(raw), signer.address, nonce, gas, fees)


def send(endpoint: Endpoint, raw: bytes) -> None:
    """Give a signed transaction to the node. Sending one again that it has or that is in a block is no error.

    Raises RpcRefused for anything else, such as a nonce that another transaction has used.
    """
    transaction = keccak(raw)
    try:
        endpoint.request("eth_sendRawTransaction", ["0x" + raw.hex()])
    except RpcRefused:
        # Nodes have many words for "known already"; whether it is known is a question with one answer.
        if not is_known(endpoint, transaction):
            raise


def is_known(endpoint: Endpoint, transaction: bytes) -> bool:
    """Whether a node has the transaction, in its pool or in a block."""
    return endpoint.request("eth_getTransactionByHash", ["0x" + transaction.hex()]) is not None


def receipt(endpoint: Endpoint, transaction: bytes) -> Mapping[str, Any] | None:
    """The receipt of a transaction that is in a block, None while it is not."""
    found = endpoint.request("eth_getTransactionReceipt", ["0x" + transaction.hex()])
    if found is None:
        return None
    fields = answers.members(found, "the receipt")
    return None if fields.get("blockNumber") is None else fields


def wait(
    endpoint: Endpoint, transaction: bytes, *, confirmations: int = 1, patience: float = PATIENCE
) -> Mapping[str, Any]:
    """The receipt once `confirmations` blocks stand on the transaction, its own counted as one.

    Raises PublishPending after `patience` seconds.
    """
    end = time.monotonic() + patience
    pause = 0.05
    while True:
        found = receipt(endpoint, transaction)
        if found is not None:
            number = answers.quantity(found.get("blockNumber"), "the receipt's block")
            if confirmations <= 1 or endpoint.latest().number - number + 1 >= confirmations:
                return found
        if time.monotonic() > end:
            raise PublishPending(
                f"0x{transaction.hex()} has not {confirmations} confirmations on {endpoint.name} "
                f"after {patience:g} seconds",
                remedy="run the same command again to go on waiting, or send a replacement with a higher fee",
            )
        time.sleep(pause)
        pause = min(2.0, pause * 1.5)


def wait_for_account(endpoint: Endpoint, address: str, *, patience: float = PATIENCE) -> None:
    """Wait until the account has no transaction in the node's pool, so the next nonce is certain.

    Raises PublishPending after `patience` seconds.
    """
    end = time.monotonic() + patience
    while endpoint.nonce(address, "pending") > endpoint.nonce(address, "latest"):
        if time.monotonic() > end:
            raise PublishPending(
                f"{address} has a transaction on {endpoint.name} that stands in no block yet",
                remedy="wait for it, or replace it from the wallet that sent it",
            )
        time.sleep(0.5)


def _raised(fees: Fees, before: Fees) -> Fees:
    return Fees(fees.base, max(fees.tip, _more(before.tip)), max(fees.most, _more(before.most)))


def _more(fee: int) -> int:
    return fee + int(fee * _REPLACEMENT / 100) + 1
