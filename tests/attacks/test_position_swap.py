"""Everything stands at one place: lines, blocks and siblings exchanged, and places that are another's."""

from __future__ import annotations

import pytest
from opened import blocks, opening, paths

KINDS = ("presence", "several", "absence", "prefix", "excerpt")


def lines_exchanged(item, source):
    several = [each for each in blocks(item) if len(each["lines"]) > 1]
    if not several:
        another_place(item, source)
        return
    block = source.choice(several)
    a, b = source.sample(range(len(block["lines"])), 2)
    block["lines"][a], block["lines"][b] = block["lines"][b], block["lines"][a]
    if source.random() < 0.3:
        block["indexes"][a], block["indexes"][b] = block["indexes"][b], block["indexes"][a]


def another_place(item, source):
    block = source.choice(blocks(item))
    at = source.randrange(len(block["indexes"]))
    index = block["indexes"][at]
    others = [index + 1, index - 1, index ^ 1, index + 2, index + 256, index + 2**32, 2**64 - 1, block["count"], 0]
    block["indexes"][at] = source.choice([other for other in others if other >= 0 and other != index])


def another_block(item, source):
    block = source.choice(blocks(item))
    number = block["block"]
    others = [number + 1, number - 1, number ^ 1, number + 2**32, 2**64 - 1, number + 256, 0]
    block["block"] = source.choice([other for other in others if other >= 0 and other != number])


def blocks_exchanged(item, source):
    if len(blocks(item)) < 2:
        another_block(item, source)
        return
    a, b = source.sample(range(len(blocks(item))), 2)
    listed = blocks(item)
    listed[a], listed[b] = listed[b], listed[a]
    if source.random() < 0.5:
        listed[a]["block"], listed[b]["block"] = listed[b]["block"], listed[a]["block"]


def a_block_twice(item, source):
    listed = blocks(item)
    at = source.randrange(len(listed))
    listed.insert(at, dict(listed[at]))


def a_line_twice(item, source):
    block = source.choice(blocks(item))
    at = source.randrange(len(block["lines"]))
    block["lines"].insert(at, block["lines"][at])
    block["indexes"].insert(at, block["indexes"][at])


def siblings_exchanged(item, source):
    holder, key = source.choice([each for each in paths(item) if len(each[0]["path"]) > 32])
    hashes = [holder[key][at : at + 32] for at in range(0, len(holder[key]), 32)]
    a, b = source.sample(range(len(hashes)), 2)
    hashes[a], hashes[b] = hashes[b], hashes[a]
    holder[key] = b"".join(hashes)


def paths_exchanged(item, source):
    block = source.choice(blocks(item))
    block["path"], opening(item)["path"] = opening(item)["path"], block["path"]


def place_in_the_chain(item, source):
    key = source.choice(("index", "log"))
    item["chain"]["anchor"][key] += source.choice((1, 2, 127, 255, 2**32, 2**63))


MUTATIONS = [
    *(lines_exchanged, another_place, another_block, blocks_exchanged, a_block_twice, a_line_twice),
    *(siblings_exchanged, paths_exchanged, place_in_the_chain),
]


@pytest.mark.soak
def test_what_stands_elsewhere_is_refused(court, source, rounds):
    for kind in KINDS:
        court.accepts(court.world.item(kind))
    for _ in rounds:
        item = court.world.item(source.choice(KINDS))
        source.choice(MUTATIONS)(item, source)
        court.refuses(item)
