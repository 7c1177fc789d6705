"""The commitment to a dataset: order does not matter before the sort, everything matters after it."""

from __future__ import annotations

import hashlib
import random
import tracemalloc

import pytest

from anchoring.dataset.cut import cut
from anchoring.dataset.merkle import EMPTY_ROOT
from anchoring.dataset.top_leaf import BadTopLeaf, TopLeaf
from anchoring.dataset.version import BadIndex, Dataset, build_version, hash_dataset, lines_of, load_dataset
from anchoring.encoding.cid import Cid
from anchoring.encoding.unixfs_reader import read_file
from anchoring.rdf.line_batches import BadBlock
from anchoring.rdf.lines import LineTooLong, OutOfOrder
from anchoring.rdf.nquads import NotCanonical


class Kept(dict):
    """Blocks as `keep` received them."""

    def keep(self, block):
        assert block.cid.matches(block.data)
        self[block.cid] = block.data

    def get(self, cid):
        return self[cid]


def lines_with(count, width=60, seed=1):
    rng = random.Random(seed)
    made = {
        b'<http://example.org/%d> <http://example.org/p> "%s" .'
        % (rng.randrange(10**9), b"v" * rng.randrange(1, 2 * width))
        for _ in range(count)
    }
    return sorted(made)


def mth(entries):
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


@pytest.mark.parametrize("count", [0, 1, 2, 30, 3_000, 30_000])
def test_the_root_is_the_definition_and_the_file_the_lines(count):
    lines, kept = lines_with(count), Kept()
    dataset = build_version(lines, kept.keep)
    content = b"".join(line + b"\n" for line in lines)
    entries, start = [], 0
    for block in cut(lines):
        piece = b"".join(line + b"\n" for line in block.lines)
        entries.append(
            b"\x01"
            + start.to_bytes(8, "big")
            + len(block.lines).to_bytes(4, "big")
            + len(piece).to_bytes(4, "big")
            + mth(block.lines)
            + hashlib.sha256(piece).digest()
        )
        start += len(block.lines)
    commitment = dataset.commitment
    assert commitment.root == mth(entries)
    assert (commitment.quads, commitment.blocks, commitment.size) == (len(lines), len(entries), len(content))
    assert read_file(commitment.file, kept) == content
    assert hash_dataset(lines) == commitment
    assert load_dataset(commitment.file, kept, size=len(content)) == dataset
    assert dataset.index() == b"".join(entries)
    assert Dataset.from_index(b"".join(entries), root=commitment.root) == dataset


def test_the_empty_dataset():
    commitment = hash_dataset([])
    assert (commitment.root, commitment.quads, commitment.blocks) == (EMPTY_ROOT, 0, 0)
    assert commitment.file == Cid.of(bytes.fromhex("0a0408021800"), 0x70)


def test_a_thousand_shuffles_have_one_root(seed, soak_scale):
    lines, rng = lines_with(300), random.Random(seed)
    root = hash_dataset(lines).root
    for _ in range(soak_scale(1_000)):
        rng.shuffle(lines)
        assert hash_dataset(sorted(lines)).root == root


def test_any_change_of_a_line_changes_root_and_file():
    lines = lines_with(2_000)
    before = hash_dataset(lines)
    for changed in [lines[1:], lines[:-1], lines[:700] + lines[701:], sorted([*lines, b'<a:b> <a:p> "new" .'])]:
        after = hash_dataset(changed)
        assert after.root != before.root
        assert after.file != before.file


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ([b'<a:b> <a:p> "2" .', b'<a:b> <a:p> "1" .'], OutOfOrder),
        ([b'<a:b> <a:p> "1" .', b'<a:b> <a:p> "1" .'], OutOfOrder),
        ([b""], OutOfOrder),
        ([b'<a:b>  <a:p> "1" .'], NotCanonical),
        ([b'<a:b> <a:p> "1" .\n'], NotCanonical),
        ([b'\x01<a:b> <a:p> "1" .'], NotCanonical),
        ([b'<a:b> <a:p> "%s" .' % (b"x" * 1_048_575)], LineTooLong),
    ],
)
def test_lines_that_cannot_be_committed_to_are_refused(lines, error):
    with pytest.raises(error):
        hash_dataset(lines)


def test_the_longest_line_fills_a_block_of_one_mebibyte():
    line = b'<a:b> <a:p> "%s" .' % (b"x" * (1_048_575 - 16))
    assert len(line) == 1_048_575
    assert hash_dataset([line]).size == 1_048_576


def test_a_damaged_index_is_refused():
    dataset = build_version(lines_with(3_000))
    index, root = dataset.index(), dataset.commitment.root
    for at in range(0, len(index), 13):
        damaged = bytearray(index)
        damaged[at] ^= 1
        with pytest.raises((BadIndex, BadTopLeaf)):
            Dataset.from_index(bytes(damaged), root=root)
    with pytest.raises(BadIndex):
        Dataset.from_index(index[:-1], root=root)


def test_a_block_must_end_with_a_line_feed():
    with pytest.raises(BadBlock):
        list(lines_of([b"a\nb"]))
    with pytest.raises(BadBlock):
        list(lines_of([b""]))


def test_versions_share_the_blocks_that_did_not_change():
    lines, first, second = lines_with(20_000), Kept(), Kept()
    build_version(lines, first.keep)
    build_version(lines[:5_000] + lines[5_001:], second.keep)
    new = [cid for cid in second if cid not in first]
    assert len(new) <= 6
    assert len(second) > 50


def test_building_in_one_process_holds_little_at_a_time():
    lines = (b'<http://example.org/%08d> <http://example.org/p> "%s" .' % (i, b"v" * 400) for i in range(30_000))
    hash_dataset([])
    tracemalloc.start()
    try:
        size = build_version(lines, lambda block: None, processes=1).commitment.size
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 13_000_000
    assert peak < 2_000_000


def test_a_top_leaf_names_its_block():
    kept = Kept()
    for leaf in build_version(lines_with(500), kept.keep).leaves:
        assert isinstance(leaf, TopLeaf)
        assert len(kept[leaf.cid]) == leaf.length
