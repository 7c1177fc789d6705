"""In which block of a version a line stands, or would stand: the beginnings of the blocks' first lines.

A derived list kept beside the top leaves: without it a line's block is found by reading a block for each halving.
Beginnings are cut at MAX_BEGINNING bytes, so that long lines do not make it as large as the data;
where two of them do not tell, the block itself is read.
It is no part of a version, and nothing is believed because of it: its file carries the SHA-256 of what it says
together with the root it belongs to, against damage.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from hashlib import sha256

from anchoring.dataset.top_leaf import TopLeaf
from anchoring.dataset.version import BadBlock, BadIndex, Keep
from anchoring.encoding.cid import RAW, Block
from anchoring.encoding.unixfs_reader import Blocks

MAX_BEGINNING = 256
_FORMAT = b"triplock-first-lines/1\n"


class FirstLines:
    """The beginning of each block's first line, in the order of the blocks.

    >>> first = FirstLines([b'<a:b> <a:p> "1" .'])
    >>> FirstLines.decode(first.encode(root=bytes(32)), root=bytes(32)).beginnings
    [b'<a:b> <a:p> "1" .']
    """

    __slots__ = ("beginnings",)

    def __init__(self, beginnings: Sequence[bytes] = ()) -> None:
        self.beginnings = list(beginnings)

    def noting(self, keep: Keep | None = None) -> Keep:
        """A `keep` for `build_version` that notes each data block as it comes, and hands all of them on."""

        def note(block: Block) -> None:
            if block.cid.codec == RAW:
                self.beginnings.append(beginning(block.data[: block.data.index(b"\n")]))
            if keep:
                keep(block)

        return note

    def encode(self, *, root: bytes) -> bytes:
        """The bytes of its file, for the version with this root."""
        body = b"".join(each + b"\n" for each in self.beginnings)
        return _FORMAT + sha256(root + body).digest() + body

    @classmethod
    def decode(cls, content: bytes, *, root: bytes) -> FirstLines:
        """Of its file; raises BadIndex where it is damaged or of another version."""
        head = len(_FORMAT) + 32
        digest, body = content[len(_FORMAT) : head], content[head:]
        if content[: len(_FORMAT)] != _FORMAT or sha256(root + body).digest() != digest:
            raise BadIndex("the list of first lines is damaged or of another version", remedy="delete it")
        return cls(body[:-1].split(b"\n") if body else ())


def beginning(line: bytes) -> bytes:
    """What is kept of a block's first line."""
    return line[:MAX_BEGINNING]


def block_lines(leaf: TopLeaf, blocks: Blocks) -> list[bytes]:
    """The lines of one block, read; raises BadBlock unless they are as many as its top leaf says."""
    content = blocks.get(leaf.cid)
    lines = content[:-1].split(b"\n")
    if len(content) != leaf.length or content[-1:] != b"\n" or len(lines) != leaf.count:
        raise BadBlock(
            f"block {leaf.cid} has {len(lines)} lines in {len(content)} bytes, its top leaf says {leaf.count} in"
            f" {leaf.length}",
            remedy="rebuild the list of blocks from data.nq",
        )
    return lines


class Places:
    """Finds blocks by lines; `first_lines` saves reading, and without it blocks are read to find their way.

    What was read is kept for first lines alone, a beginning each.
    """

    def __init__(self, leaves: Sequence[TopLeaf], blocks: Blocks, first_lines: FirstLines | None) -> None:
        if first_lines is not None and len(first_lines.beginnings) != len(leaves):
            raise BadIndex(
                f"{len(first_lines.beginnings)} first lines are listed for {len(leaves)} blocks", remedy="delete them"
            )
        self._leaves = leaves
        self._blocks = blocks
        self._beginnings = first_lines.beginnings if first_lines is not None else None
        self._read: dict[int, bytes] = {}

    def first_line(self, number: int) -> bytes:
        """The first line of a block, the block read if need be."""
        known = self._beginnings[number] if self._beginnings is not None else b""
        if known and len(known) < MAX_BEGINNING:
            return known
        if number not in self._read:
            self._read[number] = block_lines(self._leaves[number], self._blocks)[0]
        return self._read[number]

    def block_of(self, line: bytes) -> int:
        """The last block whose first line is not after this line; the first block for a line before them all."""
        low, high = 0, len(self._leaves)
        if self._beginnings is not None:
            wanted = beginning(line)
            low, high = bisect_left(self._beginnings, wanted), bisect_right(self._beginnings, wanted)
        while low < high:
            middle = (low + high) // 2
            if self.first_line(middle) <= line:
                low = middle + 1
            else:
                high = middle
        return max(low - 1, 0)
