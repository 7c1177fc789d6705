"""Reads UnixFS files and directories out of blocks, believing nothing that the blocks say about themselves.

`read_leaves` and `read_file` follow the links alone and read no size field.
`read_range` has to trust the sizes of the siblings it does not open, as every IPFS reader does that seeks;
it checks the sizes of all it opens.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from anchoring.encoding import dag_pb
from anchoring.encoding.cid import RAW, Cid
from anchoring.encoding.dag_pb import BadNode, Fields, Link
from anchoring.encoding.unixfs import DIRECTORY_DATA, EMPTY_FILE, file_data

MAX_DEPTH = 12
"""Nodes above a leaf; 32^12 leaves are more than any file has."""

KEPT_BYTES = 65_536
KEPT_PARTS = 1_024
"""What a reader of ranges keeps: so many parts of files, each of at most so many bytes."""


class Blocks(Protocol):
    """Whatever gives a block's bytes by its CID, their hash checked."""

    def get(self, cid: Cid) -> bytes:
        """The block's bytes."""
        ...


def read_directory(cid: Cid, blocks: Blocks) -> dict[str, Cid]:
    """The names in a directory and what they point at; raises BadNode where it is none."""
    if cid.codec == RAW:
        raise BadNode(f"{cid} is a raw block and no directory")
    links, data = dag_pb.decode(blocks.get(cid))
    if data != DIRECTORY_DATA:
        raise BadNode(f"{cid} is no plain UnixFS directory, its data is {data[:16].hex()}")
    names = [link.name for link in links]
    if names != sorted(set(names), key=str.encode):
        raise BadNode(f"the names of directory {cid} are not strictly sorted: {names[:8]}")
    return {link.name: link.cid for link in links}


def read_leaves(cid: Cid, blocks: Blocks, *, at_most: int) -> Iterator[bytes]:
    """The raw leaves of a file from left to right.

    Raises BadNode where a node is no file node, a leaf is empty, the tree is too deep or the file is longer than
    `at_most` bytes.
    """
    read = 0
    stack = [(cid, 0)]
    while stack:
        current, depth = stack.pop()
        if current.codec == RAW:
            leaf = blocks.get(current)
            read += len(leaf)
            if not leaf or read > at_most:
                raise BadNode(f"file {cid} has an empty leaf" if not leaf else f"file {cid} exceeds {at_most} bytes")
            yield leaf
        elif cid != EMPTY_FILE.cid:
            if depth >= MAX_DEPTH:
                raise BadNode(f"file {cid} is deeper than {MAX_DEPTH} nodes")
            links, _ = _file_node(current, blocks.get(current))
            stack.extend((link.cid, depth + 1) for link in reversed(links))


def read_file(cid: Cid, blocks: Blocks, *, at_most: int = 1 << 32) -> bytes:
    """The bytes of a file; raises BadNode, and what `blocks.get` raises."""
    return b"".join(read_leaves(cid, blocks, at_most=at_most))


def read_range(cid: Cid, blocks: Blocks, start: int, end: int) -> bytes:
    """The bytes from `start` to before `end` of a file, opening only what holds them.

    Raises BadNode where the file is shorter or what is opened has other sizes than stated above it.
    """
    if not 0 <= start <= end:
        raise BadNode(f"{start}..{end} is no range of bytes")
    if cid == EMPTY_FILE.cid and end == 0:
        return b""
    return _RangeReader(blocks).read(cid, start, end, None, 0).content


class _Part(NamedTuple):
    """Bytes of a file, and how many nodes stand above the deepest of the leaves that were opened for them."""

    content: bytes
    depth: int


class _RangeReader:
    """Reads parts of one file. What was read whole is kept, if it is short.

    A few blocks can otherwise stand for millions of visits: a leaf of one byte under ten nodes of one child each,
    fifty thousand times.
    """

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._whole: dict[Cid, _Part] = {}

    def read(self, cid: Cid, start: int, end: int, stated: int | None, depth: int) -> _Part:
        """The bytes from `start` to before `end` under a block; `stated` is its length as its parent has it."""
        part = self._whole.get(cid)
        if part is None or stated != len(part.content) or (start, end) != (0, stated):
            part = self._read(cid, start, end, stated, depth)
            if (start, end) == (0, stated) and end <= KEPT_BYTES and len(self._whole) < KEPT_PARTS:
                self._whole[cid] = part
        if depth + part.depth > MAX_DEPTH:
            raise BadNode(f"a file is deeper than {MAX_DEPTH} nodes")
        return part

    def _read(self, cid: Cid, start: int, end: int, stated: int | None, depth: int) -> _Part:
        if cid.codec != RAW and depth >= MAX_DEPTH:
            raise BadNode(f"a file is deeper than {MAX_DEPTH} nodes")
        block = self._blocks.get(cid)
        links: list[Link] = []
        sizes = [len(block)]
        if cid.codec != RAW:
            links, sizes = _file_node(cid, block)
        if stated not in (None, sum(sizes)) or (stated is None and end > sum(sizes)):
            raise BadNode(f"{cid} holds {sum(sizes)} bytes where {end if stated is None else stated} were stated")
        if cid.codec == RAW:
            return _Part(block[start:end], 0)
        at, parts, deepest = 0, [], 0
        for link, size in zip(links, sizes, strict=True):
            if at < end and at + size > start:
                part = self.read(link.cid, max(start - at, 0), min(end - at, size), size, depth + 1)
                parts.append(part.content)
                deepest = max(deepest, part.depth)
            at += size
        return _Part(b"".join(parts), deepest + 1)


def file_links(cid: Cid, block: bytes) -> list[Link]:
    """The links of a node of a file, in order; raises BadNode where the block is none."""
    return _file_node(cid, block)[0]


def _file_node(cid: Cid, block: bytes) -> tuple[list[Link], list[int]]:
    """The links of a file node and the lengths it states for them."""
    links, data = dag_pb.decode(block)
    if not links or any(link.name for link in links):
        raise BadNode(f"{cid} is no file node: it has no links, or named ones")
    fields = Fields(data)
    if fields.number(0x08) != 2:
        raise BadNode(f"{cid} is no file node, its data is {data[:16].hex()}")
    fields.number(0x18)
    sizes = [fields.number(0x20) for _ in links]
    if file_data(sizes) != data or 0 in sizes:
        raise BadNode(f"the sizes in node {cid} do not add up, do not match its links, or one is zero")
    return links, sizes
