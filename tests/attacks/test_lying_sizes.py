"""Sizes that a file's nodes state are believed nowhere: not of what is opened, and not of the dataset."""

from __future__ import annotations

from dataclasses import replace

import dishonest_owner
import pytest
from forged_document import dag, file_data, node, quoting, raw

from anchoring.encoding.cid import Block, Cid
from anchoring.encoding.dag_pb import Fields, decode
from anchoring.encoding.unixfs import file_data as true_data

TEXT = b"".join(b"It requires ERC-165 and more, in part %03d. " % part for part in range(12))
QUOTE = "requires ERC-165"


def iri(binary):
    return f"ipfs://{Cid.from_bytes(binary)}"


def document(leaf, fan_out, source=None):
    """The binary CID of a document in leaves of so many bytes under two levels of nodes, and its blocks by CID.

    With a source the sizes of one node lie.
    """
    leaves = [raw(TEXT[at : at + leaf]) for at in range(0, len(TEXT), leaf)]
    blocks = dict(leaves)
    groups = [leaves[at : at + fan_out] for at in range(0, len(leaves), fan_out)]
    lies = source.randrange(1 + len(groups)) if source else -1
    below = [
        (joined([(cid, len(content)) for cid, content in group], blocks, source if number == lies else None), group)
        for number, group in enumerate(groups)
    ]
    sized = [(cid, sum(len(content) for _, content in group)) for cid, group in below]
    return joined(sized, blocks, source if lies == len(groups) else None), blocks


def joined(children, blocks, source):
    """A node over these children (CID and size); with a source its sizes lie in one way."""
    sizes = [size for _, size in children]
    total = sum(sizes)
    stated = list(sizes)
    kind = source.randrange(7) if source else -1
    at = source.randrange(len(sizes)) if source else 0
    if kind == 0:
        stated[at] += source.choice((1, 2, 100, 2**32, 2**62))
        total = sum(stated)
    elif kind == 1:
        stated[at] = max(0, stated[at] - source.randint(1, 40))
        total = sum(stated)
    elif kind == 2:
        total += source.choice((1, -1, 2**32, 10**6, -total))
    elif kind == 3 and len(sizes) > 1:
        other = (at + 1) % len(sizes)
        moved = source.randint(1, max(1, min(stated[at], stated[other]) - 1))
        stated[at], stated[other] = stated[at] + moved, stated[other] - moved
    elif kind == 4:
        stated.append(source.randint(0, 100))
    elif kind == 5:
        stated.pop()
    elif kind >= 3:
        stated[at] = 0
    cid, content = dag(node(children, file_data(total, stated)))
    blocks[cid] = content
    return cid


def opened_for(top, blocks, start, end):
    """The blocks on the way to the place, by their true sizes, in the order of opening."""
    opened = []

    def follow(cid, at):
        content = blocks[cid]
        if content not in opened:
            opened.append(content)
        if cid[1] == 0x70:
            for child in children_of(content):
                size = length_of(child, blocks)
                if at < end and at + size > start:
                    follow(child, at)
                at += size

    follow(top, 0)
    return opened


def children_of(content):
    return [bytes(link.cid) for link in decode(content)[0]]


def length_of(cid, blocks):
    return len(blocks[cid]) if cid[1] == 0x55 else sum(length_of(child, blocks) for child in children_of(blocks[cid]))


def place(source):
    start = TEXT.index(QUOTE.encode(), source.randrange(len(TEXT) - 60))
    return start, start + len(QUOTE)


@pytest.mark.soak
def test_sizes_that_lie_about_what_is_opened_are_refused(court, source, rounds):
    world = court.world
    refused = 0
    for number in rounds:
        honest = number % 20 == 0
        top, blocks = document(source.randint(13, 60), source.randint(2, 7), None if honest else source)
        start, end = place(source)
        opened = opened_for(top, blocks, start, end)
        item = quoting(world, top, iri(top), start, end, QUOTE, opened)
        brought = dishonest_owner.brought(item, world.graph)
        if honest:
            court.accepts(item, **brought)
        elif lies(opened, blocks):
            court.refuses(item, **brought)
            refused += 1
    assert refused


def lies(opened, blocks):
    """Whether a node that is opened states a size that is not its opened child's, or sizes that do not add up."""

    held = set(opened)
    for content in opened:
        cid = next(each for each, data in blocks.items() if data == content)
        if cid[1] != 0x70:
            continue
        data = decode(content)[1]
        children = children_of(content)
        stated = _sizes(data)
        if len(stated) != len(children) or true_data(stated) != data or 0 in stated:
            return True
        for child, size in zip(children, stated, strict=True):
            if blocks[child] in held and size != length_of(child, blocks):
                return True
    return False


def _sizes(data):
    fields = Fields(data)
    fields.number(0x08)
    fields.number(0x18)
    sizes = []
    while fields.more():
        sizes.append(fields.number(0x20))
    return sizes


@pytest.mark.soak
def test_a_dataset_whose_nodes_lie_is_refused(court, source, rounds):
    """`data.nq` joined by nodes that state other sizes, or that are shaped otherwise: rebuilt, and not believed."""
    lines = [b'<a:%04d> <a:p> "%s" .' % (number, b"x" * 1_500) for number in range(60)]
    published = dishonest_owner.publish_lines(court.world, lines)
    leaves = published.snapshot.dataset.leaves
    assert len(leaves) > 3
    (data,) = published.manifest.files
    for _ in rounds:
        blocks = {}
        children = [(bytes(leaf.cid), leaf.length) for leaf in leaves]
        if source.random() < 0.3:
            # True sizes, another shape.
            half = source.randint(1, len(children) - 1)
            parts = [children[:half], children[half:]]
            sized = [(joined(part, blocks, None), sum(size for _, size in part)) for part in parts]
            top = joined(sized, blocks, None)
        else:
            top = joined(children, blocks, source)
        cid = Cid.from_bytes(top)
        if cid == data.cid:
            continue
        published.store.put([Block(Cid.from_bytes(each), content) for each, content in blocks.items()], [])
        files = (replace(data, cid=cid, size=source.choice((data.size, data.size, data.size + 1))),)
        verdict = published.verify(replace(published.manifest, files=files))
        assert verdict.exit_code == 1, verdict.as_json()
