"""A version built from its parent is the version built from all lines, and only what the change touches is made."""

from __future__ import annotations

import random

import pytest
from changing_lines import built, changed_datasets, line
from hypothesis import given, settings

from anchoring.dataset.cut import cut
from anchoring.dataset.first_lines import MAX_BEGINNING, FirstLines
from anchoring.dataset.incremental import BadChange, update_version
from anchoring.dataset.version import BadBlock, BadIndex, Dataset, build_version
from anchoring.encoding.cid import RAW
from anchoring.encoding.unixfs_reader import read_file
from anchoring.rdf.lines import LineTooLong, OutOfOrder
from anchoring.rdf.nquads import NotCanonical


def check(before, after, *, listed=True):
    """Builds both ways and compares all there is; gives the parent, the update, and the CIDs that it read and made."""
    parent, store, first = built(before)
    store.read.clear()
    update = update_version(
        parent,
        store,
        sorted(after - before),
        sorted(before - after),
        first_lines=first if listed else None,
        keep=store.keep,
    )
    read = list(store.read)
    full, whole, full_first = built(after)
    assert update.dataset == full
    assert update.dataset.commitment == full.commitment
    if listed:
        assert update.first_lines.beginnings == full_first.beginnings
    old = {leaf.cid for leaf in parent.leaves} | {node.cid for node in parent.nodes}
    new = set(whole) - old
    assert len(store.written) == len(set(store.written))
    assert set(store.written) == new
    assert read_file(full.commitment.file, store) == b"".join(each + b"\n" for each in sorted(after))
    return parent, update, read, store.written


@settings(max_examples=120)
@given(changed_datasets())
def test_any_change_gives_the_full_build(pair):
    before, after = ({line(*item) for item in each.items()} for each in pair)
    check(before, after)
    check(before, after, listed=False)


def test_many_histories_of_one_dataset_end_in_the_same_blocks(seed):
    rng = random.Random(seed)
    lines = sorted(line(key, rng.choice([80, 160, 300, 5_000])) for key in range(6_000))
    whole = build_version(lines)
    for _ in range(10):
        rng.shuffle(lines)
        parent, store, first = built([])
        have: set[bytes] = set()
        edges = sorted(rng.sample(range(1, len(lines)), rng.randrange(1, 9)))
        for end in [*edges, len(lines)]:
            # what a version adds too early is taken back by a later one
            early = set(rng.sample(lines[end:], min(40, len(lines) - end)))
            wanted = set(lines[:end]) | early
            update = update_version(
                parent, store, sorted(wanted - have), sorted(have - wanted), first_lines=first, keep=store.keep
            )
            parent, first, have = update.dataset, update.first_lines, wanted
        assert parent == whole
        assert parent.nodes == whole.nodes


def test_only_the_touched_blocks_are_read_and_made():
    before = {line(key, 150) for key in range(0, 60_000, 3)}
    rng = random.Random(1)
    for _ in range(20):
        parent, update, read, written = check(before, before ^ {line(rng.randrange(60_000), 150)})
        assert len(parent.leaves) > 120
        replaced = {leaf.cid for leaf in parent.leaves} - {leaf.cid for leaf in update.dataset.leaves}
        # besides the blocks that are replaced, one is read where the rules need the line behind them
        assert replaced <= set(read)
        assert len(read) <= len(replaced) + 1
        assert len([cid for cid in written if cid.codec == RAW]) <= 3


def ended_for_lack_of_room():
    """Short lines, each ten of them before one that no block has room for; and the blocks."""
    lines = [line(key, 200_000 if key % 10 == 9 else 90) for key in range(60)]
    blocks = [block.lines for block in cut(lines)]
    assert [len(block) for block in blocks] == [9, 1] * 6
    return set(lines), blocks


def test_a_block_that_ended_for_lack_of_room_grows_when_the_long_line_goes():
    lines, blocks = ended_for_lack_of_room()
    for at in (0, 4, 10):
        giant = blocks[at + 1][0]
        check(lines, lines - {giant})
        check(lines, lines - {giant} | {giant.split(b'"')[0] + b'"v" .'})
        check(lines, lines - {giant} - set(blocks[at + 2] if at < 10 else ()))


def test_a_short_line_before_the_long_one_goes_where_the_rules_say():
    lines, blocks = ended_for_lack_of_room()
    for at in (0, 4, 10):
        between = blocks[at][-1].split(b'"')[0] + b'"z" .'
        assert blocks[at][-1] < between < blocks[at + 1][0]
        check(lines, lines | {between})
        check(lines, lines - {blocks[at][-1]} | {between})
        check(lines, lines - set(blocks[at]) | {between})


@pytest.mark.parametrize("listed", [True, False])
def test_from_nothing_to_something_and_back(listed):
    some = {line(key, 300) for key in range(500)}
    check(set(), some, listed=listed)
    check(some, set(), listed=listed)
    check(set(), set(), listed=listed)
    check(some, some, listed=listed)


def test_an_unchanged_version_reads_and_makes_nothing():
    some = {line(key, 300) for key in range(500)}
    parent, update, read, written = check(some, some)
    assert update.dataset == parent
    assert not read
    assert not written


def test_first_lines_that_begin_alike_are_told_apart_by_their_blocks():
    head = b'<http://example.org/s> <http://example.org/p> "' + b"a" * MAX_BEGINNING
    lines = {head + b"%06d" % number + b"b" * 3_000 + b'" .' for number in range(0, 400, 2)}
    for number in (1, 151, 399):
        added = head + b"%06d" % number + b'" .'
        check(lines, lines | {added})
        check(lines | {added}, lines)


SOME = {line(key, 300) for key in range(0, 500, 2)}


@pytest.mark.parametrize(
    ("added", "removed", "error"),
    [
        ([line(2, 300)], [], BadChange),
        ([], [line(3, 300)], BadChange),
        ([line(2, 300)], [line(2, 300)], BadChange),
        ([line(3, 300)], [line(3, 300)], BadChange),
        ([line(5, 300), line(3, 300)], [], OutOfOrder),
        ([line(3, 300), line(3, 300)], [], OutOfOrder),
        ([], [line(4, 300), line(2, 300)], OutOfOrder),
        ([], [line(2, 300), line(2, 300)], OutOfOrder),
        ([b'<a:b>  <a:p> "1" .'], [], NotCanonical),
        ([line(3, 1_048_600)], [], LineTooLong),
        ([], [b"no line at all"], BadChange),
    ],
)
def test_a_change_that_does_not_fit_is_refused(added, removed, error):
    parent, store, first = built(SOME)
    with pytest.raises(error):
        update_version(parent, store, added, removed, first_lines=first)
    with pytest.raises(error):
        update_version(parent, store, added, removed)


def test_an_empty_version_has_nothing_to_remove():
    parent, store, _ = built([])
    with pytest.raises(BadChange):
        update_version(parent, store, [], [line(1, 80)])


def test_a_list_of_first_lines_reads_back_and_damage_is_found():
    dataset, _, first = built(SOME)
    root = dataset.commitment.root
    content = first.encode(root=root)
    assert FirstLines.decode(content, root=root).beginnings == first.beginnings
    assert FirstLines.decode(FirstLines().encode(root=root), root=root).beginnings == []
    for at in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[at] ^= 1
        with pytest.raises(BadIndex):
            FirstLines.decode(bytes(damaged), root=root)
    with pytest.raises(BadIndex):
        FirstLines.decode(content, root=bytes(32))
    with pytest.raises(BadIndex):
        FirstLines.decode(content[:-1], root=root)


def test_first_lines_of_another_version_are_refused():
    parent, store, first = built(SOME)
    with pytest.raises(BadIndex):
        update_version(parent, store, [line(3, 300)], [], first_lines=FirstLines(first.beginnings[:-1]))
    wrong = FirstLines([*first.beginnings[:-1], first.beginnings[-1][:-4] + b'w" .'])
    with pytest.raises(BadIndex):
        update_version(parent, store, [line(499, 300)], [], first_lines=wrong)


def test_a_block_that_is_not_what_its_top_leaf_says_is_refused():
    parent, store, first = built(SOME)
    other = Dataset(
        tuple(
            leaf.__class__(leaf.start, leaf.count + 1, leaf.length, leaf.line_root, leaf.digest)
            for leaf in parent.leaves
        )
    )
    with pytest.raises(BadBlock):
        update_version(other, store, [line(3, 300)], [], first_lines=first)
