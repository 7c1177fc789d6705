"""What is known of a Merkle tree without all of its leaves, and the paths that this is enough for.

Whoever has two proofs under one root has more nodes than either shows, and often enough of them for a third proof.
The tree is that of `anchoring.dataset.merkle`. Format: docs/format.md, section "Opening".
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from anchoring.dataset.merkle import level_above
from anchoring.dataset.multipath import sibling_places
from anchoring.errors import InputRefused


class NodeUnknown(InputRefused):
    """A node that a path needs is in none of the proofs at hand."""

    code = "node-unknown"


class KnownNodes:
    """Nodes of a tree of `count` leaves, by level (0: leaf hashes) and position.

    >>> from anchoring.dataset.merkle import leaf_hash
    >>> from anchoring.dataset.multipath import make_multipath
    >>> hashes = [leaf_hash(b"%d" % i) for i in range(4)]
    >>> nodes = KnownNodes(4)
    >>> nodes.learn([(0, hashes[0])], make_multipath(hashes, [0]))
    >>> nodes.learn([(3, hashes[3])], make_multipath(hashes, [3]))
    >>> nodes.path([0, 3]) == make_multipath(hashes, [0, 3])
    True
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._nodes: dict[tuple[int, int], bytes] = {}

    def learn(self, known: Sequence[tuple[int, bytes]], path: bytes) -> None:
        """Note leaf hashes at their positions, and all nodes on the way that a path leads from there to the root.

        Whoever calls has seen that it leads to this tree's root (`root_from_multipath`).
        """
        siblings = (path[at : at + 32] for at in range(0, len(path), 32))
        nodes = dict(known)
        for level, places in enumerate(sibling_places(list(nodes), self.count)):
            nodes |= {at: next(siblings) for at in places}
            self._nodes.update({(level, at): node for at, node in nodes.items()})
            pairs = {at & ~1 for at in nodes}
            nodes = {at >> 1: _joined(nodes[at], nodes.get(at + 1)) for at in pairs}

    def learn_all(self, hashes: Sequence[bytes]) -> None:
        """Note every node above these leaf hashes, `count` of them."""
        level = 0
        while hashes:
            self._nodes.update({(level, at): node for at, node in enumerate(hashes)})
            hashes = level_above(hashes) if len(hashes) > 1 else ()
            level += 1

    def path(self, positions: Sequence[int]) -> bytes:
        """The multi-path of leaves at these positions, which strictly increase; raises NodeUnknown."""
        path = []
        for level, places in enumerate(sibling_places(positions, self.count)):
            for at in places:
                if (level, at) not in self._nodes:
                    raise NodeUnknown(
                        f"node {at} of level {level} is not known", remedy="give a further proof of the version"
                    )
                path.append(self._nodes[level, at])
        return b"".join(path)


def _joined(left: bytes, right: bytes | None) -> bytes:
    return left if right is None else sha256(b"\x01" + left + right).digest()
