"""Walks a Merkle Patricia trie from its root hash to one value, along the nodes that a proof hands over.

The nodes are those that have a hash of their own: what is shorter than 32 bytes stands within its parent.
Specification: the Yellow Paper, appendix D (https://ethereum.github.io/yellowpaper/paper.pdf).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anchoring.chain_proof.errors import BadChainProof
from anchoring.chain_proof.rlp import Rlp, decode, encode
from anchoring.signing.eip712 import keccak

BRANCH = 17
"""Items of a branch: sixteen children and a value."""


def value_at(root: bytes, key: bytes, nodes: Sequence[bytes]) -> bytes:
    """The value at `key` in the trie with that root (32 bytes), where `nodes` lead to it and all of them are used.

    Raises BadChainProof; a key that is not there is not proven absent by it.
    """
    rest = iter(nodes)
    node = _hashed(root, rest)
    path = nibbles(key)
    while True:
        if len(node) == BRANCH:
            if not path:
                value = node[-1]
                break
            child, path = node[path[0]], path[1:]
        else:
            leaf, shared = unpacked(node[0])
            if leaf:
                if shared != path:
                    raise BadChainProof("the trie's leaf is that of another key")
                value = node[1]
                break
            if path[: len(shared)] != shared:
                raise BadChainProof("the trie's nodes lead away from the key")
            child, path = node[1], path[len(shared) :]
        node = _embedded(child) if isinstance(child, list) else _hashed(child, rest)
    if not isinstance(value, bytes) or not value:
        raise BadChainProof("there is no value at the key")
    if next(rest, None) is not None:
        raise BadChainProof("nodes are left over after the value")
    return value


def nibbles(key: bytes) -> bytes:
    """The key's half-bytes, one a byte.

    >>> nibbles(b"\\x1f").hex()
    '010f'
    """
    return bytes(nibble for byte in key for nibble in (byte >> 4, byte & 15))


def _hashed(reference: Rlp, rest: Iterator[bytes]) -> Sequence[Rlp]:
    """The next node handed over, which must be the one of that hash."""
    if not isinstance(reference, bytes) or len(reference) != 32:
        raise BadChainProof("the trie has nothing where the key leads")
    encoded = next(rest, None)
    if encoded is None:
        raise BadChainProof(f"the trie's node 0x{reference.hex()} is not among those given")
    if keccak(encoded) != reference:
        raise BadChainProof(f"a node with the hash 0x{keccak(encoded).hex()} stands where 0x{reference.hex()} belongs")
    return _node(decode(encoded))


def _embedded(child: Rlp) -> Sequence[Rlp]:
    if len(encode(child)) >= 32:
        raise BadChainProof("a node of 32 bytes or more stands within another instead of under its hash")
    return _node(child)


def _node(item: Rlp) -> Sequence[Rlp]:
    if isinstance(item, bytes) or len(item) not in (2, BRANCH):
        raise BadChainProof("a node of the trie has neither 2 nor 17 items")
    return item


def unpacked(item: Rlp) -> tuple[bool, bytes]:
    """Of the hex-prefix encoding: whether the node is a leaf, and the nibbles it shares; raises BadChainProof."""
    if not isinstance(item, bytes) or not item or item[0] >> 4 > 3 or (not item[0] & 0x10 and item[0] & 15):
        raise BadChainProof("a node's path is not in hex-prefix encoding")
    shared = nibbles(item)[1 if item[0] & 0x10 else 2 :]
    leaf = item[0] >= 0x20
    if not leaf and not shared:
        raise BadChainProof("an extension node shares no nibble")
    return leaf, shared
