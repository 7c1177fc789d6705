"""One path for several leaves of a Merkle tree: every sibling that cannot be computed from the leaves, once.

For one leaf it is the inclusion path of RFC 9162, section 2.1.3. For several it is shorter than their paths together,
because what two leaves share stands once and what follows from them stands nowhere.
The order of the siblings is fixed, from the leaves upwards and from left to right, so a path has one form.
Format: docs/format.md, section "Opening".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import pairwise

from anchoring.dataset.merkle import MAX_PATH_BYTES, BadPath, tree_levels

_Known = list[tuple[int, bytes]]


def make_multipath(hashes: Sequence[bytes], positions: Sequence[int]) -> bytes:
    """The siblings, 32 bytes each, that lead from the leaves at these positions to the root of all leaf hashes.

    `positions` strictly increase, at least one. Raises IndexError for a position outside the tree, ValueError for
    positions in another order.

    >>> from anchoring.dataset.merkle import leaf_hash, tree_root
    >>> hashes = [leaf_hash(b"%d" % i) for i in range(5)]
    >>> path = make_multipath(hashes, [0, 1, 4])
    >>> len(path) // 32
    1
    >>> root_from_multipath([(0, hashes[0]), (1, hashes[1]), (4, hashes[4])], 5, path) == tree_root(hashes)
    True
    """
    return multipath_in(tree_levels(hashes), positions)


def multipath_in(levels: Sequence[Sequence[bytes]], positions: Sequence[int]) -> bytes:
    """The same from the levels of the tree (`dataset.merkle.tree_levels`), for whoever makes several of one tree."""
    known, count = list(positions), len(levels[0])
    if not known or any(left >= right for left, right in pairwise(known)):
        raise ValueError(f"positions {known[:8]} do not strictly increase, or there are none")
    if not 0 <= known[0] <= known[-1] < count:
        raise IndexError(f"positions {known[0]} to {known[-1]} in {count} leaves")
    wanted = zip(levels[:-1], sibling_places(known, count), strict=True)
    return b"".join(nodes[at] for nodes, places in wanted for at in places)


def sibling_places(positions: Sequence[int], count: int) -> Iterator[list[int]]:
    """For each level of a tree of `count` leaves but the root's, where the siblings stand that a path holds.

    The path is that of the leaves at these positions, which strictly increase.

    >>> list(sibling_places([0, 1, 4], 5))
    [[], [1], []]
    """
    while count > 1:
        held = set(positions)
        yield [at ^ 1 for at in positions if at ^ 1 not in held and at ^ 1 < count]
        positions = list(dict.fromkeys(at >> 1 for at in positions))
        count = (count + 1) >> 1


def root_from_multipath(known: Sequence[tuple[int, bytes]], count: int, path: bytes) -> bytes:
    """The root of the tree of `count` leaves with these leaf hashes at these positions, which strictly increase.

    Raises BadPath for positions that do not, or stand outside the tree, and where the path is not used up exactly.
    """
    positions = [at for at, _ in known]
    if not positions or any(left >= right for left, right in pairwise(positions)):
        raise BadPath(f"positions {positions[:8]} do not strictly increase, or there are none")
    if not 0 <= positions[0] <= positions[-1] < count:
        raise BadPath(f"positions {positions[0]} to {positions[-1]} are not all inside a tree of {count} leaves")
    if len(path) % 32 or len(path) > MAX_PATH_BYTES * len(known):
        raise BadPath(f"a path of {len(path)} bytes is no sequence of hashes for {len(known)} leaves")
    level, used = list(known), 0
    while count > 1:
        level, used = _above(level, count, path, used)
        count = (count + 1) >> 1
    if used != len(path):
        raise BadPath(f"the path is too long: {used // 32} of {len(path) // 32} hashes lead to the root")
    return level[0][1]


def _above(level: _Known, count: int, path: bytes, used: int) -> tuple[_Known, int]:
    """The known nodes one level higher, and how many bytes of the path are used by then."""
    above: _Known = []
    number = 0
    while number < len(level):
        at, node = level[number]
        number += 1
        if at & 1 or at != count - 1:
            if not at & 1 and number < len(level) and level[number][0] == at + 1:
                left, right = node, level[number][1]
                number += 1
            else:
                sibling = path[used : used + 32]
                used += 32
                if len(sibling) != 32:
                    raise BadPath(f"the path is too short: {len(path) // 32} hashes do not lead to the root")
                left, right = (sibling, node) if at & 1 else (node, sibling)
            node = sha256(b"\x01" + left + right).digest()
        above.append((at >> 1, node))
    return above, used
