"""A leaf is no inner node: a line, or a published leaf's bytes, taken apart as the children of a node."""

from __future__ import annotations

from hashlib import sha256

import pytest
from opened import blocks, opening

from anchoring.dataset.merkle import leaf_hash


def one_level_down(item, source):
    """The line's leaf is taken for a node, of which some other line is a child."""
    (block,) = blocks(item)
    (index,), (line,) = block["indexes"], block["lines"]
    forged = source.choice((b"<a:forged> <a:by> <a:us> .", line[:32], line[-32:]))
    right = source.random() < 0.5
    sibling = source.choice(
        (line[:32].ljust(32, b" "), leaf_hash(line), line[-32:].rjust(32, b" "), sha256(line).digest())
    )
    block["path"] = sibling + block["path"]
    block["indexes"] = [index * 2 + right]
    block["count"] = block["count"] * 2 if source.random() < 0.7 else block["count"]
    block["lines"] = [forged]
    item["claim"]["statements"] = [forged]


def below_a_block(item, source):
    """The line root of the block, or its digest, is taken for the node above two lines."""
    (block,) = blocks(item)
    forged = b"<a:forged> <a:by> <a:us> ."
    block.update(indexes=[source.randrange(2)], count=2, lines=[forged])
    block["path"] = source.choice((block["digest"], block["path"][-32:], source.randbytes(32)))
    item["claim"]["statements"] = [forged]


def below_the_upper_tree(item, source):
    """A top leaf is taken for a node of the upper tree: one sibling more, the block's number doubled."""
    (block,) = blocks(item)
    block["block"] = block["block"] * 2 + source.randrange(2)
    siblings = (block["digest"], leaf_hash(block["lines"][0]), source.randbytes(32))
    opening(item)["path"] = source.choice(siblings) + opening(item)["path"]


@pytest.mark.soak
def test_a_leaf_is_no_inner_node(court, source, rounds):
    court.accepts(court.world.item("presence"))
    for _ in rounds:
        item = court.world.item("presence")
        source.choice((one_level_down, one_level_down, below_a_block, below_the_upper_tree))(item, source)
        court.refuses(item)
