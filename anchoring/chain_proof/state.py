"""The state of a contract's storage as of a block: account and slot, each along its trie.

Specification: https://eips.ethereum.org/EIPS/eip-1186 and the Yellow Paper, section 4.1
(https://ethereum.github.io/yellowpaper/paper.pdf).
"""

from __future__ import annotations

from collections.abc import Sequence

from anchoring.chain_proof.errors import BadChainProof
from anchoring.chain_proof.rlp import decode
from anchoring.chain_proof.trie import value_at
from anchoring.signing.eip712 import keccak


def slot_of(key: bytes, slot: int) -> bytes:
    """Where Solidity keeps the value at `key` (32 bytes) of the map in storage slot `slot`: 32 bytes.

    https://docs.soliditylang.org/en/latest/internals/layout_in_storage.html#mappings-and-dynamic-arrays

    >>> slot_of(bytes(32), 0).hex()[:8]
    'ad3228b6'
    """
    return keccak(key + slot.to_bytes(32, "big"))


def stored_word(
    state_root: bytes, address: bytes, slot: bytes, account: Sequence[bytes], storage: Sequence[bytes]
) -> bytes:
    """The word (32 bytes) in a contract's storage slot, proven by the nodes of both tries; raises BadChainProof.

    A slot that holds zero is in no trie, so zero is never proven.
    """
    storage_root = _storage_root(value_at(state_root, keccak(address), account))
    value = decode(value_at(storage_root, keccak(slot), storage))
    if not isinstance(value, bytes) or not 1 <= len(value) <= 32 or value[0] == 0:
        raise BadChainProof("the slot's value is no byte string of 1 to 32 bytes without leading zeros")
    return value.rjust(32, b"\x00")


def _storage_root(account: bytes) -> bytes:
    fields = decode(account)
    if isinstance(fields, bytes) or len(fields) != 4 or not all(isinstance(field, bytes) for field in fields):
        raise BadChainProof("the account is not [nonce, balance, storage root, code hash]")
    root = fields[2]
    if not isinstance(root, bytes) or len(root) != 32:
        raise BadChainProof("the account's storage root has not 32 bytes")
    return root
