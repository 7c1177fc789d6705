"""Tries: the public suite and py-trie agree on roots and nodes; no other node leads to a value."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import rlp as judge_rlp
from hypothesis import given
from hypothesis import strategies as st
from trie import HexaryTrie

from anchoring.chain_proof.build_trie import BuiltTrie
from anchoring.chain_proof.errors import BadChainProof
from anchoring.chain_proof.rlp import encode, number
from anchoring.chain_proof.trie import value_at
from anchoring.signing.eip712 import keccak

SUITE = Path(__file__).parent.parent / "conformance/ethereum-tests/TrieTests"
CASES = [
    (path.stem, name, case)
    for path in sorted(SUITE.glob("*.json"))
    if path.stem != "trietestnextprev"
    for name, case in json.loads(path.read_text()).items()
]
EMPTY_ROOT = bytes.fromhex("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")
"""keccak256(RLP("")): the root of a trie that holds nothing."""
KEYS = st.binary(min_size=1, max_size=4)
ENTRIES = st.dictionaries(KEYS, st.binary(min_size=1, max_size=40), min_size=1, max_size=24)


def octets(text):
    return bytes.fromhex(text[2:]) if text.startswith("0x") else text.encode()


def judged(entries):
    trie = HexaryTrie({})
    for key, value in entries.items():
        trie[key] = value
    return trie


@pytest.mark.parametrize(("suite", "name", "case"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_the_suites_tries_have_the_suites_roots(suite, name, case):
    secure = "secure" in suite.lower()
    steps = case["in"].items() if isinstance(case["in"], dict) else case["in"]
    entries = {}
    for key, value in steps:
        key = keccak(octets(key)) if secure else octets(key)
        if value is None:
            entries.pop(key, None)
        else:
            entries[key] = octets(value)
    trie = BuiltTrie(entries)
    assert trie.root.hex() == case["root"][2:]
    for key, value in entries.items():
        assert value_at(trie.root, key, trie.path(key)) == value


def test_the_suites_next_and_previous_keys_are_not_proven():
    """`trietestnextprev` lists keys; those that it asks about without holding them have no proof."""
    for case in json.loads((SUITE / "trietestnextprev.json").read_text()).values():
        entries = {octets(key): b"value" for key in case["in"]}
        trie = BuiltTrie(entries)
        for asked in {test[0] for test in case["tests"]} - {""}:
            if octets(asked) not in entries:
                with pytest.raises(BadChainProof):
                    value_at(trie.root, octets(asked), trie.path(octets(asked)))


def test_the_empty_trie_has_the_known_root_and_proves_nothing():
    trie = BuiltTrie({})
    assert trie.root == EMPTY_ROOT
    with pytest.raises(BadChainProof):
        value_at(trie.root, b"key", trie.path(b"key"))


@given(ENTRIES)
def test_root_and_nodes_are_those_of_py_trie(entries):
    trie, judge = BuiltTrie(entries), judged(entries)
    assert trie.root == judge.root_hash
    for key in entries:
        nodes = [judge_rlp.encode(node) for node in judge.get_proof(key)]
        hashed = tuple(node for place, node in enumerate(nodes) if place == 0 or len(node) >= 32)
        assert trie.path(key) == hashed
        assert value_at(trie.root, key, hashed) == entries[key]


@given(ENTRIES, KEYS)
def test_a_key_that_is_not_there_has_no_proof(entries, key):
    trie = BuiltTrie(entries)
    if key not in entries:
        for other in entries:
            with pytest.raises(BadChainProof):
                value_at(trie.root, key, trie.path(other))
        with pytest.raises(BadChainProof):
            value_at(trie.root, key, trie.path(key))


def receipts_like(source, count):
    return {encode(number(index)): source.randbytes(source.randrange(300, 600)) for index in range(count)}


@pytest.mark.soak
def test_no_other_nodes_lead_to_another_value(seed, soak_scale):
    source = random.Random(seed)
    for _ in range(soak_scale(20_000)):
        entries = receipts_like(source, source.choice((1, 2, 5, 17, 130, 260)) if source.random() < 0.1 else 3)
        trie = BuiltTrie(entries)
        key = source.choice(list(entries))
        nodes = list(trie.path(key))
        place = source.randrange(len(nodes))
        change = source.choice(("flip", "drop", "double", "swap", "foreign", "extra", "empty"))
        if change == "flip":
            changed = bytearray(nodes[place])
            changed[source.randrange(len(changed))] ^= 1 << source.randrange(8)
            nodes[place] = bytes(changed)
        elif change == "drop":
            del nodes[place]
        elif change == "double":
            nodes.insert(place, nodes[place])
        elif change == "swap":
            nodes = nodes[::-1] if len(nodes) > 1 else [*nodes, nodes[0]]
        elif change == "foreign":
            nodes[place] = source.choice(BuiltTrie(receipts_like(source, 3)).path(b"\x01"))
        elif change == "extra":
            nodes.append(source.randbytes(33))
        else:
            nodes = []
        with pytest.raises(BadChainProof):
            value_at(trie.root, key, nodes)


@pytest.mark.parametrize(
    "item",
    [
        [b"\x20", b""],  # no value
        [b"\x00", b"\x01" * 32],  # an extension of no nibble
        [b"\x21\x11", b"v"],  # too short a path
        [b"\x40", b"v"],  # no such flag
        [b"\x2f\x11", b"v"],  # an even path with an odd nibble
        [b"", b"v"],
        [[], b"v"],
        [b"\x20", [b"v"]],
        [b"v"],
        [b""] * 16,
        [b""] * 18,
        [*[b""] * 16, b"v"],  # the value of the empty key
        [*[[b"\x33\x33\x33" * 11, b"v"]] * 16, b""],  # a long node that stands within its parent
        b"v",
    ],
)
def test_a_malformed_node_leads_nowhere(item):
    node = encode(item)
    with pytest.raises(BadChainProof):
        value_at(keccak(node), b"\x33", [node])
