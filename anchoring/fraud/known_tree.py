"""What is known of a version's trees: its entries, lines at their places, and the nodes that lead to its root.

It is filled from all entries, from blocks, or from proofs that others were given, and gives openings of whatever two
of them show together. What does not lead to the version's root is never taken in.
Format: docs/format.md, section "Opening".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from anchoring.dataset.known_nodes import KnownNodes
from anchoring.dataset.merkle import leaf_hash, tree_root
from anchoring.dataset.multipath import make_multipath, root_from_multipath
from anchoring.dataset.top_leaf import BadTopLeaf, TopLeaf, entries_of
from anchoring.errors import Refuted
from anchoring.proofs.line_index import Place
from anchoring.proofs.opening import OpenedBlock, Opening
from anchoring.signing.manifest import Manifest


class KnownTree:
    """Of the version of this manifest. `entries` are those known, by block; `lines` by their places."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.entries: dict[int, bytes] = {}
        self.lines: dict[Place, bytes] = {}
        self._upper = KnownNodes(manifest.blocks)
        self._lower: dict[int, KnownNodes] = {}

    @property
    def complete(self) -> bool:
        """Whether every entry is known."""
        return len(self.entries) == self.manifest.blocks

    def take_entries(self, entries: Sequence[bytes]) -> bool:
        """Take in all entries, if they have the version's root and number; whether they have."""
        hashes = [leaf_hash(entry) for entry in entries]
        if len(entries) != self.manifest.blocks or tree_root(hashes) != self.manifest.root:
            return False
        self.entries = dict(enumerate(entries))
        self._upper.learn_all(hashes)
        return True

    def take_index(self, index: bytes) -> bool:
        """Take in all entries as the list that is kept beside a version, 81 bytes each."""
        return self.take_entries(entries_of(index))

    def take_opening(self, opening: Opening) -> bool:
        """Take in an opening whose paths lead to the version's root; whether they do. Its lines may be in any order."""
        try:
            tops = [(each.block, each.top_leaf()) for each in opening.blocks]
            known = [(block, top.hash) for block, top in tops]
            if root_from_multipath(known, self.manifest.blocks, opening.path) != self.manifest.root:
                return False
        except Refuted:
            return False
        self._upper.learn(known, opening.path)
        for each, (block, top) in zip(opening.blocks, tops, strict=True):
            self.entries[block] = top.encode()
            lower = self._lower.setdefault(block, KnownNodes(each.count))
            lower.learn([(at, leaf_hash(line)) for at, line in zip(each.indexes, each.lines, strict=True)], each.path)
            self.lines |= {Place(block, at): line for at, line in zip(each.indexes, each.lines, strict=True)}
        return True

    def leaf(self, block: int) -> TopLeaf | None:
        """The entry of a block, None where it is not known or is none."""
        try:
            return TopLeaf.decode(self.entries.get(block, b""))
        except BadTopLeaf:
            return None

    def path(self, blocks: Sequence[int]) -> bytes:
        """The multi-path of the upper tree for the entries of these blocks, which increase; raises NodeUnknown."""
        return self._upper.path(blocks)

    def open(self, places: Iterable[Place]) -> Opening:
        """The opening of lines that proofs have shown; raises NodeUnknown, and KeyError for one that they have not."""
        by_block = _by_block(places)
        opened = []
        for block, indexes in by_block.items():
            lines = [self.lines[Place(block, at)] for at in indexes]
            opened.append(self._opened(block, indexes, lines, self._lower[block].path(indexes)))
        return Opening(tuple(opened), self.path(list(by_block)))

    def open_in(self, blocks: Mapping[int, Sequence[bytes]], places: Iterable[Place]) -> Opening:
        """The opening of lines of blocks that are at hand with all of theirs; raises NodeUnknown."""
        by_block = _by_block(places)
        opened = []
        for block, indexes in by_block.items():
            path = make_multipath([leaf_hash(line) for line in blocks[block]], indexes)
            opened.append(self._opened(block, indexes, [blocks[block][at] for at in indexes], path))
        return Opening(tuple(opened), self.path(list(by_block)))

    def _opened(self, block: int, indexes: Sequence[int], lines: Sequence[bytes], path: bytes) -> OpenedBlock:
        top = TopLeaf.decode(self.entries[block])
        return OpenedBlock(block, top.start, top.count, top.length, top.digest, tuple(indexes), tuple(lines), path)


def _by_block(places: Iterable[Place]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for block, at in sorted(places):
        found.setdefault(block, []).append(at)
    return found
