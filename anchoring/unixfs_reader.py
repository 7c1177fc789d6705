"""Reads UnixFS files and directories out of blocks, believing nothing that the blocks say about themselves.

`read_leaves` and `read_file` follow the links alone and read no size field.
`read_range` has to trust the sizes of the siblings it does not open, as every IPFS reader does that seeks;
it checks the sizes of all it opens.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from anchoring import dag_pb
from anchoring.cid import RAW, Cid
from anchoring.dag_pb import BadNode, Fields, Link
from anchoring.unixfs import DIRECTORY_DATA, EMPTY_FILE, file_data

MAX_DEPTH = 12
"""Nodes above a leaf; 32^12 leaves are more than any file has."""


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
    return b"".join(_range(cid, blocks, start, end, None, 0))


def _range(cid: Cid, blocks: Blocks, start: int, end: int, stated: int | None, depth: int) -> Iterator[bytes]:
    block = blocks.get(cid)
    if cid.codec == RAW:
        links: list[Link] = []
        sizes = [len(block)]
    else:
        if depth >= MAX_DEPTH:
            raise BadNode(f"a file is deeper than {MAX_DEPTH} nodes")
        links, sizes = _file_node(cid, block)
    if stated not in (None, sum(sizes)) or (stated is None and end > sum(sizes)):
        raise BadNode(f"{cid} holds {sum(sizes)} bytes where {end if stated is None else stated} were stated")
    if cid.codec == RAW:
        yield block[start:end]
    at = 0
    for link, size in zip(links, sizes, strict=False):
        if at < end and at + size > start:
            yield from _range(link.cid, blocks, max(start - at, 0), min(end - at, size), size, depth + 1)
        at += size


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
