"""Putting the registry on a chain, at one address everywhere, once.

Where the deterministic deployer stands (https://github.com/Arachnid/deterministic-deployment-proxy; anvil, the
embedded chain and most public chains have it) the address follows from the code alone, so whoever comes second
finds the registry there. Elsewhere it is an ordinary creation by the signer.
"""

from __future__ import annotations

import rlp

from anchoring.chain import transactions
from anchoring.chain.artifact import creation_code, runtime_code
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import PublishReverted
from anchoring.chain.keys import Signer
from anchoring.signing.eip712 import keccak

DEPLOYER = "0x4e59b44847b379578588920ca78fbf26c0b4956c"
SALT = bytes(32)
_NONCES_SEARCHED = 64


def registry_address() -> str:
    """Where the deterministic deployer puts this release's registry (EIP-1014)."""
    digest = keccak(b"\xff" + bytes.fromhex(DEPLOYER[2:]) + SALT + keccak(creation_code()))
    return "0x" + digest[12:].hex()


def find_registry(endpoint: Endpoint, creator: str | None = None) -> str | None:
    """The address of this release's registry on the chain, None where there is none.

    On a chain without the deployer it is looked for among the contracts that `creator` made, newest 64 nonces.
    """
    if endpoint.code(registry_address()) == runtime_code():
        return registry_address()
    if creator is None or endpoint.code(DEPLOYER):
        return None
    nonce = endpoint.nonce(creator)
    for made in range(nonce - 1, max(-1, nonce - 1 - _NONCES_SEARCHED), -1):
        address = created_address(creator, made)
        if endpoint.code(address) == runtime_code():
            return address
    return None


def created_address(creator: str, nonce: int) -> str:
    """The address of the contract that an account's transaction creates."""
    return "0x" + keccak(rlp.encode([bytes.fromhex(creator[2:]), nonce]))[12:].hex()


def deploy_registry(endpoint: Endpoint, signer: Signer, *, ceiling: int | None = None) -> str:
    """The address of the registry, put there unless it is there already; `ceiling` is the most wei it may cost.

    Raises what signing, sending and waiting for a transaction raise, and PublishReverted when no code came to be.
    """
    found = find_registry(endpoint, signer.address)
    if found:
        return found
    # A run that was killed may have sent the transaction; with its nonce settled, look again.
    transactions.wait_for_account(endpoint, signer.address)
    found = find_registry(endpoint, signer.address)
    if found:
        return found
    message = {"from": signer.address, "data": "0x" + creation_code().hex()}
    if endpoint.code(DEPLOYER):
        message = {"from": signer.address, "to": DEPLOYER, "data": "0x" + (SALT + creation_code()).hex()}
    signed = transactions.sign(endpoint, signer, message, ceiling=ceiling, replaces=None)
    transactions.send(endpoint, signed.raw)
    transactions.wait(endpoint, signed.hash)
    address = registry_address() if "to" in message else created_address(signer.address, signed.nonce)
    if endpoint.code(address) != runtime_code():
        raise PublishReverted(
            f"0x{signed.hash.hex()} left no registry at {address}", remedy="check that the chain has the Cancun rules"
        )
    return address
