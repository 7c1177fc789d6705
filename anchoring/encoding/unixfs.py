"""UnixFS: files and directories as IPFS shows them, built here so that CIDs do not depend on a node's settings.

Three shapes are written. `data.nq` has raw leaves cut by content and nodes that end by content (`content_file`),
so a small change makes few new blocks.
Documents are one raw block up to 1 MiB and a plain tree of 256 KiB leaves above that (`document_blocks`).
A version is a plain directory (`directory`).
Reading is in `anchoring.encoding.unixfs_reader`.
Source: https://specs.ipfs.tech/unixfs/ and docs/format.md, section "UnixFS".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from anchoring.encoding import dag_pb
from anchoring.encoding.cid import DAG_PB, RAW, Block, Cid
from anchoring.encoding.dag_pb import Link, varint

EMPTY_FILE = Block(Cid.of(bytes.fromhex("0a0408021800"), DAG_PB), bytes.fromhex("0a0408021800"))
"""The file of no bytes. A raw block of no bytes would never cross Bitswap."""

DIRECTORY_DATA = b"\x08\x01"

MAX_RAW_DOCUMENT = 1024 * 1024
"""Documents up to this many bytes are one raw block."""
DOCUMENT_LEAF = 256 * 1024
"""The length of a leaf of a longer document."""
DOCUMENT_FAN_OUT = 174

MIN_CHILDREN = 32
MAX_CHILDREN = 512
NODE_ENDS_BELOW = 1 << 57
"""A node of `data.nq` ends after a child whose digest's first 8 bytes are below this: one child in 128."""


class Child(NamedTuple):
    """A file or part of one: its CID, its length in bytes, and the size of all its blocks together."""

    cid: Cid
    size: int
    tsize: int


class File(NamedTuple):
    """A file's root and the nodes above its leaves, in the order in which they were made."""

    root: Child
    nodes: list[Block]


def file_data(sizes: Sequence[int]) -> bytes:
    """The UnixFS data of a file node whose children have these lengths."""
    return b"\x08\x02\x18" + varint(sum(sizes)) + b"".join(b"\x20" + varint(size) for size in sizes)


def file_node(children: Sequence[Child]) -> tuple[Child, Block]:
    """The node that joins these parts of a file."""
    encoded = dag_pb.encode(
        [Link(child.cid, "", child.tsize) for child in children], file_data([child.size for child in children])
    )
    cid = Cid.of(encoded, DAG_PB)
    size = sum(child.size for child in children)
    return Child(cid, size, len(encoded) + sum(child.tsize for child in children)), Block(cid, encoded)


def _ends_node(count: int, child: Child) -> bool:
    if count >= MAX_CHILDREN:
        return True
    return count >= MIN_CHILDREN and int.from_bytes(child.cid.digest[:8], "big") < NODE_ENDS_BELOW


def _grouped_by_content(level: Iterable[Child]) -> Iterable[list[Child]]:
    group: list[Child] = []
    for child in level:
        group.append(child)
        if _ends_node(len(group), child):
            yield group
            group = []
    if group:
        yield group


def _grouped_evenly(level: list[Child]) -> Iterable[list[Child]]:
    return (level[at : at + DOCUMENT_FAN_OUT] for at in range(0, len(level), DOCUMENT_FAN_OUT))


def _joined(level: list[Child], grouped: Callable[[list[Child]], Iterable[list[Child]]]) -> File:
    if not level:
        return File(Child(EMPTY_FILE.cid, 0, len(EMPTY_FILE.data)), [EMPTY_FILE])
    nodes = []
    while len(level) > 1:
        above = []
        for group in grouped(level):
            child, block = file_node(group)
            above.append(child)
            nodes.append(block)
        level = above
    return File(level[0], nodes)


def content_file(leaves: Iterable[tuple[bytes, int]]) -> File:
    """The file whose raw leaves have these digests and lengths, its nodes ended by content.

    A single leaf is the file; no leaf is the empty file.
    """
    return _joined([Child(Cid(RAW, digest), length, length) for digest, length in leaves], _grouped_by_content)


def document_blocks(content: bytes) -> tuple[Cid, list[Block]]:
    """The CID that names a document, and its blocks, leaves first.

    The same as `ipfs add --cid-version=1 --raw-leaves` gives, but for documents between 256 KiB and 1 MiB,
    which stay one raw block.

    >>> str(document_blocks(b"hello world")[0])
    'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'
    """
    child, blocks = document_file(content)
    return child.cid, blocks


def document_file(content: bytes) -> File:
    """Like `document_blocks`, with the sizes that a directory needs; its `nodes` are all the blocks."""
    if 0 < len(content) <= MAX_RAW_DOCUMENT:
        cid = Cid.of(content)
        return File(Child(cid, len(content), len(content)), [Block(cid, content)])
    leaves = [content[at : at + DOCUMENT_LEAF] for at in range(0, len(content), DOCUMENT_LEAF)]
    blocks = [Block(Cid.of(leaf), leaf) for leaf in leaves]
    level = [Child(block.cid, len(block.data), len(block.data)) for block in blocks]
    root, nodes = _joined(level, _grouped_evenly)
    return File(root, blocks + nodes)


def directory(entries: Mapping[str, Child]) -> Block:
    """The directory that holds these files, its links sorted by the names' bytes."""
    links = [Link(child.cid, name, child.tsize) for name, child in entries.items()]
    encoded = dag_pb.encode(sorted(links, key=lambda link: link.name.encode()), DIRECTORY_DATA)
    return Block(Cid.of(encoded, DAG_PB), encoded)
