"""The list of a version's top leaves as it is kept in a file: read and checked at once, decoded one by one.

81 bytes a block are enough to make a proof without reading the version; at a million lines some 700 KB.
Hashing them shows that they are those of the root. Format: docs/format.md, section "Top leaf".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from anchoring.dataset.merkle import EMPTY_ROOT, leaf_hash, tree_levels
from anchoring.dataset.top_leaf import TOP_LEAF_BYTES, TopLeaf, entries_of
from anchoring.errors import Refuted


class BadIndex(Refuted):
    """The list of top leaves is damaged, or belongs to another version."""

    code = "bad-index"


class TopIndex:
    """The top leaves in `index`, those of the version with this root; `levels` is the tree over them.

    Raises BadIndex where they are not.

    >>> from anchoring.dataset.version import build_version
    >>> dataset = build_version([b'<a:b> <a:p> "1" .'])
    >>> TopIndex(dataset.index(), root=dataset.commitment.root).leaves[0] == dataset.leaves[0]
    True
    """

    def __init__(self, index: bytes, *, root: bytes) -> None:
        if len(index) % TOP_LEAF_BYTES:
            raise BadIndex(f"an index of {len(index)} bytes is cut short", remedy="rebuild it from data.nq")
        self.leaves: Sequence[TopLeaf] = _Leaves(index)
        self.levels = tree_levels([leaf_hash(entry) for entry in entries_of(index)])
        found = self.levels[-1][0] if index else EMPTY_ROOT
        if found != root:
            raise BadIndex(
                f"the index has the root 0x{found.hex()}, not 0x{root.hex()}", remedy="rebuild it from data.nq"
            )


class _Leaves(Sequence[TopLeaf]):
    """Decodes a leaf when it is asked for; raises BadTopLeaf for one that the root commits to and that is none."""

    def __init__(self, index: bytes) -> None:
        self._index = index

    def __len__(self) -> int:
        return len(self._index) // TOP_LEAF_BYTES

    @overload
    def __getitem__(self, number: int) -> TopLeaf: ...

    @overload
    def __getitem__(self, number: slice) -> list[TopLeaf]: ...

    def __getitem__(self, number: int | slice) -> TopLeaf | list[TopLeaf]:
        if isinstance(number, slice):
            return [self[each] for each in range(len(self))[number]]
        at = range(len(self))[number] * TOP_LEAF_BYTES
        return TopLeaf.decode(self._index[at : at + TOP_LEAF_BYTES])

    def __iter__(self) -> Iterator[TopLeaf]:
        return (self[number] for number in range(len(self)))
