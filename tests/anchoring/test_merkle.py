"""The tree of RFC 9162, judged by its recursive definition and by another implementation."""

from __future__ import annotations

import hashlib
import random

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchoring.dataset.merkle import EMPTY_ROOT, BadPath, inclusion_path, leaf_hash, root_from_path, tree_root


def slow_root(entries):
    """MTH, word for word from RFC 9162, 2.1.1."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return hashlib.sha256(b"\x01" + slow_root(entries[:k]) + slow_root(entries[k:])).digest()


def slow_path(entries, m):
    """PATH, word for word from RFC 9162, 2.1.3.1."""
    if len(entries) == 1:
        return []
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if m < k:
        return [*slow_path(entries[:k], m), slow_root(entries[k:])]
    return [*slow_path(entries[k:], m - k), slow_root(entries[:k])]


def entries_of(count):
    return [b"entry %d" % i for i in range(count)]


@pytest.mark.parametrize("count", [*range(70), 255, 256, 257, 1000])
def test_root_and_paths_are_the_recursive_ones(count):
    entries = entries_of(count)
    hashes = [leaf_hash(entry) for entry in entries]
    root = tree_root(hashes)
    assert root == slow_root(entries)
    for index in range(0, count, max(1, count // 40)):
        path = inclusion_path(hashes, index)
        assert path == b"".join(slow_path(entries, index))
        assert root_from_path(hashes[index], index, count, path) == root


def test_pymerkle_agrees():
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    hashes = []
    for count, entry in enumerate(entries_of(300), 1):
        tree.append_entry(entry)
        hashes.append(leaf_hash(entry))
        assert tree_root(hashes) == tree.get_root()
        if count % 37 == 0:
            for index in range(0, count, 11):
                judged = set(tree.prove_inclusion(index + 1).serialize()["path"]) - {hashes[index].hex()}
                path = inclusion_path(hashes, index)
                assert {path[at : at + 32].hex() for at in range(0, len(path), 32)} == judged


def test_the_empty_tree_has_the_hash_of_nothing():
    assert tree_root([]) == EMPTY_ROOT == hashlib.sha256(b"").digest()


@given(st.integers(1, 300), st.data())
def test_a_wrong_position_count_or_path_never_gives_the_root(count, data):
    hashes = [leaf_hash(entry) for entry in entries_of(count)]
    index = data.draw(st.integers(0, count - 1))
    path, root = inclusion_path(hashes, index), tree_root(hashes)
    other_index, other_count = data.draw(st.integers(0, 600)), data.draw(st.integers(0, 600))
    extra = data.draw(st.sampled_from([b"", bytes(32), bytes(31)]))
    cut = data.draw(st.sampled_from([0, 1, 32]))
    changed = path[: max(0, len(path) - cut)] + extra
    if (other_index, changed) == (index, path):
        return
    try:
        found = root_from_path(hashes[index], other_index, other_count, changed)
    except BadPath:
        return
    assert found != root


def test_a_flipped_bit_of_a_path_never_gives_the_root(seed):
    rng = random.Random(seed)
    hashes = [leaf_hash(entry) for entry in entries_of(200)]
    root = tree_root(hashes)
    for _ in range(500):
        index = rng.randrange(200)
        path = bytearray(inclusion_path(hashes, index))
        path[rng.randrange(len(path))] ^= 1 << rng.randrange(8)
        assert root_from_path(hashes[index], index, 200, bytes(path)) != root
