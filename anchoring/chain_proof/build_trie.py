"""Builds a Merkle Patricia trie from all that is in it, to hand out the nodes that lead to one of its values.

Specification: the Yellow Paper, appendix D (https://ethereum.github.io/yellowpaper/paper.pdf).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from anchoring.chain_proof.rlp import Rlp, decode, encode
from anchoring.chain_proof.trie import BRANCH, nibbles, unpacked
from anchoring.signing.eip712 import keccak


class BuiltTrie:
    """The trie of these keys and values; no value is empty.

    `root` is its hash (32 bytes).

    >>> BuiltTrie({b"dog": b"puppy", b"do": b"verb"}).root.hex()[:16]
    '779db3986dd4f384'
    """

    def __init__(self, entries: Mapping[bytes, bytes]) -> None:
        self._nodes: dict[bytes, bytes] = {}
        pairs = sorted((nibbles(key), value) for key, value in entries.items())
        encoded = encode(self._node(pairs))
        self.root = keccak(encoded)
        self._nodes[self.root] = encoded

    def path(self, key: bytes) -> tuple[bytes, ...]:
        """The nodes from the root towards the key, as `anchoring.chain_proof.trie.value_at` wants them.

        Where the key is not in the trie they end where it would leave it.
        """
        found: list[bytes] = []
        reference: Rlp = self.root
        rest = nibbles(key)
        while reference:
            node = reference
            if isinstance(node, bytes):
                found.append(self._nodes[node])
                node = decode(found[-1])
            if isinstance(node, bytes):
                break
            if len(node) == BRANCH:
                if not rest:
                    break
                reference, rest = node[rest[0]], rest[1:]
                continue
            leaf, shared = unpacked(node[0])
            if leaf or rest[: len(shared)] != shared:
                break
            reference, rest = node[1], rest[len(shared) :]
        return tuple(found)

    def _node(self, pairs: Sequence[tuple[bytes, bytes]]) -> Rlp:
        if not pairs:
            return b""
        first, last = pairs[0][0], pairs[-1][0]
        if len(pairs) == 1:
            return [_packed(first, leaf=True), pairs[0][1]]
        shared = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
        if shared:
            below = self._reference([(key[shared:], value) for key, value in pairs])
            return [_packed(first[:shared], leaf=False), below]
        below_nibble: list[list[tuple[bytes, bytes]]] = [[] for _ in range(16)]
        for key, value in pairs:
            if key:
                below_nibble[key[0]].append((key[1:], value))
        return [*map(self._reference, below_nibble), b"" if first else pairs[0][1]]

    def _reference(self, pairs: Sequence[tuple[bytes, bytes]]) -> Rlp:
        """What stands in the parent: the node itself where it is short, else its hash."""
        node = self._node(pairs)
        encoded = encode(node)
        if not node or len(encoded) < 32:
            return node
        reference = keccak(encoded)
        self._nodes[reference] = encoded
        return reference


def _packed(path: bytes, *, leaf: bool) -> bytes:
    """The hex-prefix encoding of a node's nibbles."""
    flag = (2 if leaf else 0) + len(path) % 2
    spread = bytes([flag, *path]) if len(path) % 2 else bytes([flag, 0, *path])
    return bytes(high << 4 | low for high, low in zip(spread[::2], spread[1::2], strict=True))
