"""Multi-paths and openings beside slow, obvious ones: the same root from the same leaves, and nothing else holds."""

from __future__ import annotations

import random
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchoring.blockstores.memory import MemoryStore
from anchoring.dataset.merkle import EMPTY_ROOT, BadPath, inclusion_path, leaf_hash, tree_root
from anchoring.dataset.multipath import make_multipath, root_from_multipath
from anchoring.dataset.top_index import TopIndex
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.dataset.version import BadIndex, build_version
from anchoring.encoding.deterministic_cbor import decode, encode
from anchoring.proofs.line_index import MAX_OPENED_LINES, LineIndex, Place, TooManyLines
from anchoring.proofs.opening import Opening, OpeningRefuted


def naive_multipath(hashes, positions):
    """Every node of the tree by name; those needed and not to be had from below, level by level, left to right."""
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([tree_root(below[i : i + 2]) for i in range(0, len(below), 2)])
    path = b""
    for height, nodes in enumerate(levels):
        above_leaf = {position >> height for position in positions}
        path += b"".join(
            node
            for number, node in enumerate(nodes)
            if number not in above_leaf and number ^ 1 in above_leaf and number ^ 1 < len(nodes)
        )
    return path


trees = st.integers(1, 70).flatmap(
    lambda count: st.tuples(st.just(count), st.sets(st.integers(0, count - 1), min_size=1))
)


@settings(max_examples=400)
@given(trees)
def test_a_multipath_is_the_naive_one_and_leads_to_the_root(tree):
    count, positions = tree
    hashes, positions = [leaf_hash(b"%d" % i) for i in range(count)], sorted(positions)
    path = make_multipath(hashes, positions)
    assert path == naive_multipath(hashes, positions)
    known = [(at, hashes[at]) for at in positions]
    assert root_from_multipath(known, count, path) == tree_root(hashes)
    for wrong in (path[:-32] if path else b"\0", path + bytes(32), path[:-1] + b"" if path else b"\0" * 31):
        with pytest.raises(BadPath):
            root_from_multipath(known, count, wrong)
    if path:
        assert root_from_multipath(known, count, bytes([path[0] ^ 1]) + path[1:]) != tree_root(hashes)


@given(st.integers(1, 200), st.data())
def test_for_one_leaf_it_is_the_inclusion_path(count, data):
    hashes = [leaf_hash(b"%d" % i) for i in range(count)]
    at = data.draw(st.integers(0, count - 1))
    assert make_multipath(hashes, [at]) == inclusion_path(hashes, at)


def test_positions_outside_or_out_of_order_are_refused():
    hashes = [leaf_hash(b"%d" % i) for i in range(5)]
    for positions in ([], [1, 1], [2, 1]):
        with pytest.raises(ValueError, match="increase"):
            make_multipath(hashes, positions)
        with pytest.raises(BadPath, match="increase"):
            root_from_multipath([(at, hashes[at]) for at in positions], 5, b"")
    with pytest.raises(IndexError):
        make_multipath(hashes, [0, 5])
    with pytest.raises(BadPath, match="inside"):
        root_from_multipath([(0, hashes[0]), (5, hashes[0])], 5, b"")


# --- openings ---


def made(count):
    return [
        b'<http://example.org/%06d> <http://example.org/p> "%s" .' % (i, b"v" * (i * 37 % 90)) for i in range(count)
    ]


class Built:
    def __init__(self, count):
        self.lines, self.store = made(count), MemoryStore()
        self.dataset = build_version(self.lines, lambda block: self.store.put([block], []))
        self.index = LineIndex(self.dataset, self.store)
        found = self.dataset.commitment
        self.promised = {"root": found.root, "quads": found.quads, "blocks": found.blocks}

    def open(self, positions):
        return self.index.open([self.index.at(position) for position in positions])


@pytest.fixture(scope="module")
def built():
    return Built(3_000)


@pytest.mark.parametrize("count", [1, 2, 100, 3_000])
def test_an_opening_shows_these_lines_at_their_positions(count, seed):
    built, rng = Built(count), random.Random(seed)
    assert count < 3_000 or built.promised["blocks"] > 5
    for wanted in (1, 2, 3, 10, 60):
        positions = sorted(rng.sample(range(count), min(wanted, count)))
        opening = built.open(positions)
        assert Opening.of_item(decode(encode(opening.as_item()))) == opening
        opened = opening.check(**built.promised)
        assert list(opened.positions) == positions
        assert list(opened.lines) == [built.lines[position] for position in positions]
        assert list(opened.touches) == [b == a + 1 for a, b in pairwise(positions)]
        assert [opened.begins(i) for i in range(len(positions))] == [position == 0 for position in positions]
        assert [opened.ends(i) for i in range(len(positions))] == [position == count - 1 for position in positions]


def test_neighbours_over_the_border_of_two_blocks_touch(built):
    border = built.dataset.leaves[1].start
    opened = built.open([border - 1, border]).check(**built.promised)
    assert opened.touches == (True,)
    assert built.open([border - 2, border]).check(**built.promised).touches == (False,)


def test_the_empty_version_has_the_empty_opening_and_no_other_version_has():
    built, other = Built(0), Built(1)
    opening = built.index.open([])
    assert opening.check(**built.promised).empty
    with pytest.raises(OpeningRefuted):
        opening.check(**other.promised)
    with pytest.raises(OpeningRefuted):
        replace(opening, path=bytes(32)).check(**built.promised)
    with pytest.raises(OpeningRefuted):
        other.open([0]).check(**built.promised)


def test_every_line_is_found_and_every_other_one_has_its_place(built, seed):
    rng = random.Random(seed)
    for position in rng.sample(range(3_000), 100):
        line = built.lines[position]
        assert built.index.holds(line)
        assert built.index.position(line) == position
        assert built.index.position(line + b"!") == position + 1
        assert not built.index.holds(line[:-1])
    assert built.index.position(b"") == 0
    assert built.index.position(b"\xff") == 3_000
    assert not built.index.holds(b"\xff")


def test_what_is_read_grows_with_the_logarithm():
    counted = []

    class Counting(MemoryStore):
        def get(self, cid):
            counted.append(cid)
            return super().get(cid)

    store, lines = Counting(), made(30_000)
    dataset = build_version(lines, lambda block: store.put([block], []))
    index = LineIndex(dataset, store)
    index.open([index.at(index.position(lines[12_345]))])
    assert len(counted) <= len(dataset.leaves).bit_length() + 1 < len(dataset.leaves) / 10


def test_more_lines_than_a_bundle_holds_are_refused(built):
    with pytest.raises(TooManyLines):
        built.index.open([Place(0, line) for line in range(MAX_OPENED_LINES + 1)])


def changes(rng, opening):
    """An opening in which one thing is different."""
    at = rng.randrange(len(opening.blocks))
    block = opening.blocks[at]
    name = rng.choice(["block", "start", "count", "length", "digest", "indexes", "lines", "path", "blocks", "upper"])
    if name == "upper":
        path = opening.path
        return replace(opening, path=rng.choice([path[:-32], path + bytes(32), path[32:] + path[:32], path[:-1]]))
    if name == "blocks":
        blocks = list(opening.blocks)
        return replace(opening, blocks=tuple(rng.choice([blocks[::-1], blocks[1:], [*blocks, blocks[0]], blocks[:-1]])))
    value = getattr(block, name)
    if isinstance(value, int):
        value = rng.choice([value + 1, abs(value - 1), 0, 2**32, 2**64 - 1, value ^ (1 << rng.randrange(20))])
    elif isinstance(value, bytes):
        value = rng.choice([value[:-32], value + bytes(32), value[1:] + value[:1], rng.randbytes(len(value))])
    else:
        values = list(value)
        other = rng.choice([values[::-1], values[1:], [*values, values[-1]]])
        if name == "lines":
            other = rng.choice(
                [other, [values[0] + b" ", *values[1:]], [b"", *values[1:]], [rng.randbytes(64), *values[1:]]]
            )
        else:
            other = rng.choice([other, [each + 1 for each in values], [max(0, each - 1) for each in values]])
        value = tuple(other)
    blocks = [*opening.blocks[:at], replace(block, **{name: value}), *opening.blocks[at + 1 :]]
    return replace(opening, blocks=tuple(blocks))


def test_an_opening_with_one_thing_changed_is_refuted(built, seed):
    rng = random.Random(seed)
    refuted = 0
    for _ in range(60):
        opening = built.open(sorted(rng.sample(range(3_000), rng.choice([1, 2, 5, 30]))))
        for _ in range(20):
            changed = changes(rng, opening)
            if changed != opening:
                refuted += 1
                with pytest.raises(OpeningRefuted):
                    changed.check(**built.promised)
    assert refuted > 800


def test_lines_out_of_order_or_outside_the_grammar_stand_at_their_places_and_are_refuted():
    """What a dishonest publisher commits to can be shown, which is how fraud is proven, and never passes."""
    for lines in ([b'<a:b> <a:p> "2" .', b'<a:b> <a:p> "1" .'], [b'<a:b> <a:p> "1" .'] * 2, [b"no line", b"or two"]):
        hashes = [leaf_hash(line) for line in lines]
        block = b"".join(line + b"\n" for line in lines)
        top = TopLeaf(0, 2, len(block), tree_root(hashes), sha256(block).digest())
        opening = Opening.of_item(
            {
                "blocks": [
                    {
                        "block": 0,
                        "start": 0,
                        "count": 2,
                        "length": len(block),
                        "digest": top.digest,
                        "indexes": [0, 1],
                        "lines": lines,
                        "path": b"",
                    }
                ],
                "path": b"",
            }
        )
        assert opening.check_places(root=top.hash, quads=2, blocks=1).lines == tuple(lines)
        with pytest.raises(OpeningRefuted):
            opening.check(root=top.hash, quads=2, blocks=1)


def test_a_kept_index_gives_the_same_openings_and_a_changed_one_is_refused(built, seed):
    kept, root = built.dataset.index(), built.promised["root"]
    index = LineIndex(TopIndex(kept, root=root), built.store)
    assert index.quads == built.index.quads
    for position in random.Random(seed).sample(range(3_000), 30):
        places = [index.at(position), index.at(max(0, position - 40))]
        assert index.open(places) == built.index.open(places)
    at = random.Random(seed).randrange(len(kept))
    for wrong in (kept[:-1], kept[81:], kept + kept[-81:], kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :], b""):
        with pytest.raises(BadIndex):
            TopIndex(wrong, root=root)
    assert LineIndex(TopIndex(b"", root=EMPTY_ROOT), built.store).quads == 0
