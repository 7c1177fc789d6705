"""Merkle trees as in RFC 9162, section 2.1, with SHA-256, over leaf hashes.

A tree commits to its leaves, their order and their number; an inclusion path proves a leaf's position.
Leaves and inner nodes are hashed under different prefixes, so neither can pass for the other.
Left out: consistency proofs; versions of a graph are not append-only.
Source: https://www.rfc-editor.org/rfc/rfc9162#section-2.1
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from anchoring.errors import Refuted

EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree that has no leaf."""

MAX_PATH_BYTES = 32 * 64
"""No tree of fewer than 2^64 leaves has a longer path."""


class BadPath(Refuted):
    """The inclusion path does not lead from this leaf to a root."""

    code = "bad-path"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="ask for a new proof of this statement")


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def level_above(hashes: Sequence[bytes]) -> list[bytes]:
    """The nodes one level higher; a last odd one goes up unchanged."""
    pairs = iter(hashes)
    above = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
    if len(hashes) % 2:
        above.append(hashes[-1])
    return above


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """The Merkle Tree Hash of leaves with these hashes.

    Built level by level, a last odd node carried up, which is the same tree as the RFC's split at a power of two.

    >>> tree_root([]) == EMPTY_ROOT
    True
    """
    if not hashes:
        return EMPTY_ROOT
    while len(hashes) > 1:
        hashes = level_above(hashes)
    return hashes[0]


def tree_levels(hashes: Sequence[bytes]) -> list[Sequence[bytes]]:
    """The nodes of the tree over these leaf hashes, level by level: the leaves first, the root last.

    >>> [len(level) for level in tree_levels([leaf_hash(b"%d" % i) for i in range(5)])]
    [5, 3, 2, 1]
    """
    levels = [hashes]
    while len(levels[-1]) > 1:
        levels.append(level_above(levels[-1]))
    return levels


def inclusion_path(hashes: Sequence[bytes], index: int) -> bytes:
    """The siblings from leaf `index` up to the root, 32 bytes each, in one string (RFC 9162, 2.1.3.1)."""
    if not 0 <= index < len(hashes):
        raise IndexError(index)
    path = b""
    while len(hashes) > 1:
        if index ^ 1 < len(hashes):
            path += hashes[index ^ 1]
        hashes = level_above(hashes)
        index >>= 1
    return path


def root_from_path(leaf: bytes, index: int, count: int, path: bytes) -> bytes:
    """The root of the tree of `count` leaves in which leaf hash `leaf` stands at `index` (RFC 9162, 2.1.3.2).

    Raises BadPath where the path is too short, too long or no sequence of hashes: it must be used up exactly.
    """
    if not 0 <= index < count:
        raise BadPath(f"position {index} is outside a tree of {count} leaves")
    if len(path) % 32 or len(path) > MAX_PATH_BYTES:
        raise BadPath(f"a path of {len(path)} bytes is no sequence of hashes")
    position, last, node = index, count - 1, leaf
    for at in range(0, len(path), 32):
        sibling = path[at : at + 32]
        if last == 0:
            raise BadPath(f"the path of position {index} in {count} leaves is too long: {len(path) // 32} hashes")
        if position & 1 or position == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        position >>= 1
        last >>= 1
    if last:
        raise BadPath(f"the path of position {index} in {count} leaves is too short: {len(path) // 32} hashes")
    return node
