"""The difference of two versions is the set difference of their lines, found without reading what they share."""

from __future__ import annotations

import random

import pytest
from changing_lines import Reading, built, changed_datasets, line
from hypothesis import given, settings

from anchoring.dataset.difference import LineChange, NotComparable, Side, changes_between, compare
from anchoring.encoding.cid import RAW, Block, Cid
from anchoring.encoding.unixfs import Child, file_node
from anchoring.rdf.lines import OutOfOrder


def side(dataset, store):
    return Side(dataset.commitment.file, dataset.commitment.blocks, dataset.commitment.quads, store)


def slow_difference(before, after):
    """Every line of both, one by one."""
    found = [LineChange(True, each) for each in after if each not in before]
    found += [LineChange(False, each) for each in before if each not in after]
    return sorted(found, key=lambda change: change.line)


@settings(max_examples=100)
@given(changed_datasets())
def test_the_difference_is_the_slow_one(pair):
    before, after = ({line(*item) for item in each.items()} for each in pair)
    old, first, _ = built(before)
    new, second, _ = built(after)
    assert list(changes_between(side(old, first), side(new, second))) == slow_difference(before, after)
    assert list(compare(sorted(before), sorted(after))) == slow_difference(before, after)


def large():
    return {line(key, 150) for key in range(0, 120_000, 2)}


def test_only_what_differs_is_read(seed):
    before = large()
    rng = random.Random(seed)
    old, first, _ = built(before)
    assert old.commitment.blocks > 400
    for count in (0, 1, 3):
        changed = {line(rng.randrange(120_000), 150) for _ in range(count)}
        new, second, _ = built(before ^ changed)
        first.read.clear()
        assert list(changes_between(side(old, first), side(new, second))) == slow_difference(before, before ^ changed)
        for store, mine, theirs in ((first, old, new), (second, new, old)):
            shared = {leaf.cid for leaf in theirs.leaves}
            leaves = [cid for cid in store.read if cid.codec == RAW]
            assert set(leaves) == {leaf.cid for leaf in mine.leaves} - shared
            assert len(leaves) == len(set(leaves))
            # of the nodes: the way to each changed block, and the way down on the left that tells the height
            assert len(store.read) - len(leaves) <= 3 * (count + 1)


def test_files_of_different_heights_are_compared():
    some = {line(key, 150) for key in range(200)}
    for few in (set(), {line(5, 150)}, {line(key, 150) for key in range(1_500)}):
        old, first, _ = built(few)
        new, second, _ = built(some | large())
        assert list(changes_between(side(old, first), side(new, second))) == slow_difference(few, some | large())
        assert list(changes_between(side(new, second), side(old, first))) == slow_difference(some | large(), few)


def file_of(pieces):
    """A store with a file of these pieces under one node, and the file's side."""
    store = Reading()
    children = []
    for content in pieces:
        cid = Cid.of(content)
        store.put([Block(cid, content)], ())
        children.append(Child(cid, len(content), len(content)))
    root, block = file_node(children)
    store.put([block], ())
    lines = sum(content.count(b"\n") for content in pieces)
    return Side(root.cid, len(pieces), lines, store)


A, B, C, D = (b'<a:b> <a:p> "%d" .\n' % number for number in range(4))


def test_what_is_no_version_is_not_compared():
    good = file_of([A, B, C])
    with pytest.raises(NotComparable, match="other orders"):
        list(changes_between(good, file_of([B, A, D])))
    with pytest.raises(NotComparable, match="other orders"):
        list(changes_between(good, file_of([A, A, D])))
    with pytest.raises(OutOfOrder):
        list(changes_between(file_of([A, B]), file_of([D, C])))
    lying = file_of([A, B, D])
    with pytest.raises(NotComparable, match="counts"):
        list(changes_between(good, Side(lying.file, 3, 7, lying.source)))
    with pytest.raises(NotComparable, match="more than the 2 blocks"):
        list(changes_between(good, Side(lying.file, 2, 3, lying.source)))


def test_a_file_whose_blocks_stand_at_different_depths_is_not_compared():
    store = Reading()
    for content in (A, B, C):
        store.put([Block(Cid.of(content), content)], ())
    leaves = [Child(Cid.of(content), len(content), len(content)) for content in (A, B, C)]
    below, block = file_node(leaves[:2])
    for children in ([below, leaves[2]], [leaves[2], below]):
        root, top = file_node(children)
        store.put([block, top], ())
        with pytest.raises(NotComparable, match="different depths"):
            list(changes_between(file_of([A, D]), Side(root.cid, 3, 3, store)))
