"""What is known of a Merkle tree without all of its leaves, and the paths that this is enough for.

Whoever has two proofs under one root has more nodes than either shows, and often enough of them for a third proof.
The tree is that of `anchoring.dataset.merkle`. Format: docs/format.md, section "Opening".
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from anchoring.dataset.merkle import level_above
from anchoring.dataset.multipath import root_from_multipath
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
    >>> _ = nodes.learn([(0, hashes[0])], make_multipath(hashes, [0]))
    >>> _ = nodes.learn([(3, hashes[3])], make_multipath(hashes, [3]))
    >>> nodes.path([0, 3]) == make_multipath(hashes, [0, 3])
    True
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._nodes: dict[tuple[int, int], bytes] = {}

    def learn(self, known: Sequence[tuple[int, bytes]], path: bytes) -> bytes:
        """The root that leaf hashes at their positions and a path lead to, all nodes on the way noted; raises BadPath.

        What leads to another root than the tree's is to be kept away from it.
        """
        root = root_from_multipath(known, self.count, path)
        siblings = (path[at : at + 32] for at in range(0, len(path), 32))
        nodes, count, level = dict(known), self.count, 0
        while count > 1:
            for at in sorted(nodes):
                if at ^ 1 not in nodes and at ^ 1 < count:
                    nodes[at ^ 1] = next(siblings)
            self._nodes.update({(level, at): node for at, node in nodes.items()})
            pairs = {at & ~1 for at in nodes}
            nodes = {at >> 1: _joined(nodes[at], nodes.get(at + 1)) for at in pairs}
            level, count = level + 1, (count + 1) >> 1
        return root

    def learn_all(self, hashes: Sequence[bytes]) -> None:
        """Note every node above these leaf hashes, `count` of them."""
        level = 0
        while hashes:
            self._nodes.update({(level, at): node for at, node in enumerate(hashes)})
            hashes = level_above(hashes) if len(hashes) > 1 else ()
            level += 1

    def path(self, positions: Sequence[int]) -> bytes:
        """The multi-path of leaves at these positions, which strictly increase; raises NodeUnknown."""
        path, held, level, count = [], list(positions), 0, self.count
        while count > 1:
            siblings = [at ^ 1 for at in held if at ^ 1 not in set(held) and at ^ 1 < count]
            for at in siblings:
                if (level, at) not in self._nodes:
                    raise NodeUnknown(
                        f"node {at} of level {level} is not known", remedy="give a further proof of the version"
                    )
                path.append(self._nodes[level, at])
            held = list(dict.fromkeys(at >> 1 for at in held))
            level, count = level + 1, (count + 1) >> 1
        return b"".join(path)


def _joined(left: bytes, right: bytes | None) -> bytes:
    return left if right is None else sha256(b"\x01" + left + right).digest()
