"""Files and directories as IPFS blocks: shapes, CIDs known from elsewhere, and what a reader refuses."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchoring.encoding import dag_pb
from anchoring.encoding.cid import DAG_PB, RAW, Block, Cid
from anchoring.encoding.dag_pb import BadNode, Link
from anchoring.encoding.unixfs import (
    EMPTY_FILE,
    Child,
    content_file,
    directory,
    document_blocks,
    document_file,
    file_data,
    file_node,
)
from anchoring.encoding.unixfs_reader import MAX_DEPTH, read_directory, read_file, read_range


class Held:
    """Blocks in a dictionary."""

    def __init__(self, blocks):
        self.blocks = {block.cid: block.data for block in blocks}

    def get(self, cid):
        return self.blocks[cid]


def plain(size):
    return bytes(i * 7 % 251 for i in range(min(size, 251))) * (size // 251 + 1)


@pytest.mark.parametrize("size", [0, 1, 262_144, 262_145, 1_048_576, 1_048_577, 1_572_864, 46_000_000])
def test_a_document_reads_back_whole_and_in_ranges(size):
    content = plain(size)[:size]
    cid, blocks = document_blocks(content)
    held = Held(blocks)
    assert read_file(cid, held) == content
    for start, end in [(0, size), (size // 3, size // 2), (max(size - 5, 0), size), (size, size), (0, min(1, size))]:
        assert read_range(cid, held, start, end) == content[start:end]
    with pytest.raises(BadNode):
        read_range(cid, held, 0, size + 1)


def test_known_cids():
    # `ipfs add --cid-version=1`: the empty file is bafkreihdwdcefg… as a raw block and bafybeif7ztnhq… as dag-pb.
    assert str(document_blocks(b"")[0]).startswith("bafybeif7ztnhq")
    assert str(document_blocks(b"hello world")[0]) == "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"


def slow_content_file(leaves):
    """The format's words, one at a time: (cid, size, tsize) of the root."""
    level = [(Cid(RAW, digest), length, length) for digest, length in leaves]
    if not level:
        return EMPTY_FILE.cid
    while len(level) != 1:
        above, held = [], []
        for position, child in enumerate(level):
            held.append(child)
            small = int(child[0].digest.hex()[:16], 16) < 2**57
            if (len(held) >= 32 and small) or len(held) == 512 or position == len(level) - 1:
                links = [Link(cid, "", tsize) for cid, _, tsize in held]
                block = dag_pb.encode(links, file_data([size for _, size, _ in held]))
                tsize = len(block) + sum(link.tsize for link in links)
                above.append((Cid.of(block, DAG_PB), sum(size for _, size, _ in held), tsize))
                held = []
        level = above
    return level[0][0]


@pytest.mark.parametrize("count", [0, 1, 2, 31, 32, 33, 511, 512, 513, 5_000, 60_000])
def test_content_file_is_the_slow_one(count):
    leaves = [(hashlib.sha256(b"%d" % i).digest(), i % 20_000 + 1) for i in range(count)]
    file = content_file(leaves)
    assert file.root.cid == slow_content_file(leaves)
    assert file.root.size == sum(length for _, length in leaves)
    if count > 1:
        assert file.root.tsize == file.root.size + sum(len(block.data) for block in file.nodes)


def test_a_node_never_holds_more_than_512():
    leaves = [(b"\xff" * 32, 1)] * 1_025
    counts = [len(dag_pb.decode(block.data)[0]) for block in content_file(leaves).nodes]
    assert counts == [512, 512, 1, 3]


def test_a_directory_reads_back_sorted():
    files = {name: document_file(name.encode()).root for name in ["void.ttl", "data.nq", "é", "Z"]}
    block = directory(files)
    assert read_directory(block.cid, Held([block])) == {name: child.cid for name, child in sorted(files.items())}


@given(st.binary(max_size=200))
def test_what_decodes_encodes_to_the_same_bytes(junk):
    try:
        links, data = dag_pb.decode(junk)
    except BadNode:
        return
    assert dag_pb.encode(links, data) == junk


@given(st.integers(0, 400), st.integers(1, 255))
def test_a_changed_byte_of_a_node_is_refused_or_changes_what_it_says(at, change):
    child = document_file(b"x" * 300).root
    _, block = file_node([child, child, child])
    changed = bytearray(block.data)
    changed[at % len(changed)] ^= change
    with contextlib.suppress(BadNode):
        assert dag_pb.decode(bytes(changed)) != dag_pb.decode(block.data)


def bomb(levels):
    """A tree whose every node points twice at the next."""
    leaf = document_file(b"x")
    child, blocks = leaf.root, list(leaf.nodes)
    for _ in range(levels):
        child, block = file_node([child, child])
        blocks.append(block)
    return child, Held(blocks)


def test_a_tree_that_repeats_itself_ends_at_the_limit():
    child, held = bomb(MAX_DEPTH)
    with pytest.raises(BadNode, match="exceeds 100 bytes"):
        read_file(child.cid, held, at_most=100)


def test_a_tree_too_deep_is_refused():
    child, held = bomb(MAX_DEPTH + 1)
    with pytest.raises(BadNode, match="deeper"):
        read_file(child.cid, held)
    with pytest.raises(BadNode, match="deeper"):
        read_range(child.cid, held, 0, 1)


def test_empty_files_inside_a_file_are_refused():
    empty = Child(EMPTY_FILE.cid, 0, 6)
    child, block = file_node([empty, empty])
    with pytest.raises(BadNode):
        read_file(child.cid, Held([EMPTY_FILE, block]))


def test_a_range_with_lying_sizes_is_refused():
    leaf = document_file(b"abc")
    lying = Child(leaf.root.cid, 5, 3)
    child, block = file_node([lying, leaf.root])
    held = Held([*leaf.nodes, block])
    assert read_file(child.cid, held) == b"abcabc"
    with pytest.raises(BadNode, match="were stated"):
        read_range(child.cid, held, 0, 2)


def test_a_node_that_states_an_empty_part_is_refused():
    """Otherwise a small excerpt could make its reader step over millions of them, again and again."""
    leaf = document_file(b"abc")
    empty = Child(Cid.of(b"anything"), 0, 0)
    child, block = file_node([leaf.root, empty])
    with pytest.raises(BadNode, match="one is zero"):
        read_range(child.cid, Held([*leaf.nodes, block]), 0, 2)


class Counted(Held):
    """Blocks that count how often one is asked for."""

    asked = 0

    def get(self, cid):
        self.asked += 1
        return super().get(cid)


def repeated(levels, times):
    """One byte under `levels` nodes of one child each, `times` times in one node."""
    child, blocks = Child(Cid.of(b"a"), 1, 1), [Block(Cid.of(b"a"), b"a")]
    for _ in range(levels):
        child, block = file_node([child])
        blocks.append(block)
    root, block = file_node([child] * times)
    return root.cid, Counted([*blocks, block])


def test_a_range_of_the_same_blocks_many_times_opens_each_once():
    root, blocks = repeated(10, 30_000)
    assert read_range(root, blocks, 5, 29_000) == b"a" * 28_995
    assert blocks.asked <= 24


@pytest.mark.parametrize("levels", [MAX_DEPTH - 1, MAX_DEPTH])
def test_what_is_kept_is_as_deep_as_it_was(levels):
    root, blocks = repeated(levels, 3)
    if levels < MAX_DEPTH:
        assert read_range(root, blocks, 0, 3) == b"aaa"
    else:
        with pytest.raises(BadNode, match="deeper"):
            read_range(root, blocks, 0, 3)


def test_a_part_that_is_met_deeper_the_second_time_counts_from_there():
    shallow, block = file_node([Child(Cid.of(b"a"), 1, 1)])
    child, blocks = shallow, [Block(Cid.of(b"a"), b"a"), block]
    for _ in range(MAX_DEPTH - 1):
        child, block = file_node([child])
        blocks.append(block)
    for order in ([shallow, child], [child, shallow]):
        root, block = file_node(order)
        with pytest.raises(BadNode, match="deeper"):
            read_range(root.cid, Held([*blocks, block]), 0, 2)
