"""eth_getProof of the embedded chain: the nodes of its state and storage tries, as py-evm keeps them.

Specification: https://eips.ethereum.org/EIPS/eip-1186
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import rlp
from eth_hash.auto import keccak
from trie.hexary import HexaryTrie

from anchoring.chain.devchain import encoding
from anchoring.chain.devchain.database import Database

_EMPTY_TRIE = bytes(keccak(rlp.encode(b"")))
_NO_CODE = bytes(keccak(b""))


def account_proof(database: Database, state_root: bytes, address: bytes, slots: Sequence[bytes]) -> dict[str, Any]:
    """The account at `address` (20 bytes) and its storage at `slots` (32 bytes each), with nodes that prove it."""
    accounts = HexaryTrie(database, state_root)
    key = bytes(keccak(address))
    found = accounts.get(key)
    nonce, balance, storage_root, code = rlp.decode(found) if found else (b"", b"", _EMPTY_TRIE, _NO_CODE)
    storage = HexaryTrie(database, storage_root)
    return {
        "address": encoding.data(address),
        "accountProof": _nodes(accounts, key),
        "balance": hex(int.from_bytes(balance, "big")),
        "codeHash": encoding.data(code),
        "nonce": hex(int.from_bytes(nonce, "big")),
        "storageHash": encoding.data(storage_root),
        "storageProof": [_slot(storage, slot) for slot in slots],
    }


def _slot(storage: HexaryTrie, slot: bytes) -> dict[str, Any]:
    key = bytes(keccak(slot))
    value = storage.get(key)
    return {
        "key": encoding.data(slot),
        "value": hex(int.from_bytes(rlp.decode(value), "big") if value else 0),
        "proof": _nodes(storage, key),
    }


def _nodes(trie: HexaryTrie, key: bytes) -> list[str]:
    """The nodes towards a key that have a hash of their own, the root first."""
    encoded = [bytes(rlp.encode(node)) for node in trie.get_proof(key) if node != b""]  # type: ignore[no-untyped-call]
    return [encoding.data(node) for place, node in enumerate(encoded) if place == 0 or len(node) >= 32]
