"""What one version has and another has not: two files walked side by side, equal blocks passed over unread.

Nodes and blocks are equal where their CIDs are, and what is equal on both sides is taken out of both:
what is left are the stretches that differ, and only those are read. Lines strictly increase, so nothing that was
taken out can stand anywhere else.
The lines read are checked as those of a version are; the order of what is passed over is believed, as its publisher
signed it, until the version is verified.
No size field is read. Memory holds the CIDs of what differs and a block of each side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from anchoring.dataset.version import lines_of
from anchoring.encoding.cid import RAW, Cid
from anchoring.encoding.unixfs import EMPTY_FILE
from anchoring.encoding.unixfs_reader import MAX_DEPTH, Blocks, file_links
from anchoring.errors import Refuted
from anchoring.rdf.lines import checked


class NotComparable(Refuted):
    """A file is not the data of a version, so a comparison with it would say nothing."""

    code = "not-comparable"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="verify the version; do not rely on it")


class LineChange(NamedTuple):
    """A line that one side has and the other has not; `added` says that it is the later side that has it."""

    added: bool
    line: bytes


@dataclass(frozen=True, slots=True)
class Side:
    """The data of a version to compare: the CID of `data.nq`, how many blocks and lines it has, and who gives them."""

    file: Cid
    blocks: int
    quads: int
    source: Blocks


def changes_between(before: Side, after: Side) -> Iterator[LineChange]:
    """What turns `before` into `after`, in the order of the lines, as it is found.

    Raises NotComparable, NotCanonical, OutOfOrder, BadNode, BadBlock, and what reading raises; what came until then
    is no answer.
    """
    old, new = _differing_leaves(before, after)
    balance = 0
    for change in compare(_lines(old, before.source), _lines(new, after.source)):
        balance += 1 if change.added else -1
        yield change
    if before.quads + balance != after.quads:
        raise NotComparable(
            f"{before.quads} lines and {balance:+} make no {after.quads}: one of {before.file}, {after.file} has not"
            " the lines its manifest counts"
        )


def compare(before: Iterable[bytes], after: Iterable[bytes]) -> Iterator[LineChange]:
    """What turns one strictly increasing sequence into another.

    >>> [change.line for change in compare([b"a", b"b"], [b"b", b"c"]) if change.added]
    [b'c']
    """
    left, right = iter(before), iter(after)
    old, new = next(left, None), next(right, None)
    while old is not None or new is not None:
        if old is None or (new is not None and new < old):
            assert new is not None  # noqa: S101 - one of the two is there
            yield LineChange(True, new)
            new = next(right, None)
        elif new is None or old < new:
            yield LineChange(False, old)
            old = next(left, None)
        else:
            old, new = next(left, None), next(right, None)


def _lines(leaves: Sequence[Cid], source: Blocks) -> Iterator[bytes]:
    return checked(lines_of(source.get(leaf) for leaf in leaves))


def _differing_leaves(before: Side, after: Side) -> tuple[list[Cid], list[Cid]]:
    """The data blocks of each side that the other has not, in order."""
    old, new = _Front(before), _Front(after)
    while True:
        _take_out_common(old, new)
        if old.height < 0 and new.height < 0:
            return old.entries, new.entries
        height = max(old.height, new.height)
        for front in (old, new):
            if front.height == height:
                front.descend()


def _take_out_common(old: _Front, new: _Front) -> None:
    common = set(old.entries).intersection(new.entries)
    if common:
        taken = [[each for each in front.entries if each in common] for front in (old, new)]
        if taken[0] != taken[1]:
            raise NotComparable(
                f"{old.side.file} and {new.side.file} hold the same blocks in other orders, so one is not in order"
            )
        for front in (old, new):
            front.entries = [each for each in front.entries if each not in common]


class _Front:
    """One side's nodes at a height above the data blocks, from left to right, without what is taken out."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.entries = [] if side.file == EMPTY_FILE.cid else [side.file]
        self.height = self._height() if self.entries else -1

    def _height(self) -> int:
        """How many levels of nodes stand above the data blocks, seen on the left; -1 where there is none."""
        cid = self.side.file
        for height in range(-1, MAX_DEPTH):
            if cid.codec == RAW:
                return height
            cid = file_links(cid, self.side.source.get(cid))[0].cid
        raise NotComparable(f"{self.side.file} is deeper than {MAX_DEPTH} nodes")

    def descend(self) -> None:
        """Puts the children in the place of the nodes."""
        below: list[Cid] = []
        for cid in self.entries:
            if cid.codec == RAW:
                raise NotComparable(f"{self.side.file} has data blocks at different depths")
            below += [link.cid for link in file_links(cid, self.side.source.get(cid))]
            if len(below) > self.side.blocks:
                raise NotComparable(f"{self.side.file} has more than the {self.side.blocks} blocks of its manifest")
        self.entries = below
        self.height -= 1
        if self.height < 0 and any(cid.codec != RAW for cid in below):
            raise NotComparable(f"{self.side.file} has data blocks at different depths")
