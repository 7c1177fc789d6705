"""What is hashed to an inner node is no leaf: the two children of a node in the place of a line, one level higher."""

from __future__ import annotations

from hashlib import sha256

import pytest
from opened import blocks, opening

from anchoring.dataset.merkle import leaf_hash


def one_level_up(item, source):
    """The node above the line is shown as the line, in a tree of half as many leaves."""
    (block,) = blocks(item)
    (index,), (line,) = block["indexes"], block["lines"]
    levels = source.randint(1, len(block["path"]) // 32)
    node, count, path = leaf_hash(line), block["count"], block["path"]
    shown = line
    for _ in range(levels):
        if index % 2 or index != count - 1:
            sibling, path = path[:32], path[32:]
            shown = sibling + node if index % 2 else node + sibling
            node = sha256(b"\x01" + shown).digest()
        index, count = index // 2, (count + 1) // 2
    block["path"] = path
    block["lines"] = [source.choice((shown, b"\x01" + shown, b"\x00" + shown, b"<" + shown, node))]
    block["indexes"] = [index]
    if source.random() < 0.7:
        block["count"] = count
    claim_what_is_shown(item, source, block)


def the_root_of_the_block(item, source):
    """The whole block is one line: its root's preimage."""
    (block,) = blocks(item)
    if source.random() < 0.5:
        block["count"] = 1
    block.update(indexes=[0], path=b"", lines=[source.choice((source.randbytes(64), block["digest"] * 2))])
    claim_what_is_shown(item, source, block)


def the_top_leaf_as_a_line(item, source):
    """The entry of the upper tree shown as the line of a lower one."""
    (block,) = blocks(item)
    entry = b"\x01" + block["start"].to_bytes(8, "big") + block["count"].to_bytes(4, "big")
    entry += block["length"].to_bytes(4, "big") + source.randbytes(32) + block["digest"]
    block.update(indexes=[0], path=b"", lines=[entry], count=source.choice((1, block["count"])))
    claim_what_is_shown(item, source, block)


def a_node_of_the_upper_tree(item, source):
    """The upper path is shortened and the block's number halved, as if its node were a top leaf."""
    (block,) = blocks(item)
    path = opening(item)["path"]
    opening(item)["path"] = path[32:]
    block["block"] //= 2
    block["digest"] = source.choice((path[:32], block["digest"]))


def claim_what_is_shown(item, source, block):
    if source.random() < 0.3:
        item["claim"]["statements"] = list(block["lines"])


@pytest.mark.soak
def test_an_inner_node_is_no_leaf(court, source, rounds):
    court.accepts(court.world.item("presence"))
    mutations = (one_level_up, one_level_up, the_root_of_the_block, the_top_leaf_as_a_line, a_node_of_the_upper_tree)
    for _ in rounds:
        item = court.world.item("presence")
        source.choice(mutations)(item, source)
        court.refuses(item)
