"""RLP: the public suite, and a stranger's decoder, agree on what is canonical."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import rlp as judge
from hypothesis import given
from hypothesis import strategies as st

from anchoring.chain_proof.rlp import MAX_DEPTH, BadRlp, decode, encode, number, read_number

SUITE = Path(__file__).parent.parent / "conformance/ethereum-tests/RLPTests"
VALID = json.loads((SUITE / "rlptest.json").read_text())
INVALID = json.loads((SUITE / "invalidRLPTest.json").read_text())
TREES = st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=5), max_leaves=12)

HEADS = [0, 1, 0x7F, 0x80, 0x81, 0xB7, 0xB8, 0xB9, 0xC0, 0xF7, 0xF8, 0xFF]


def item_of(value):
    if isinstance(value, list):
        return [item_of(each) for each in value]
    if isinstance(value, int):
        return number(value)
    return number(int(value[1:])) if value.startswith("#") else value.encode("latin-1")


def depth(item):
    return 1 + max(map(depth, item), default=0) if isinstance(item, list) else 0


@pytest.mark.parametrize("name", VALID)
def test_the_suites_items_have_the_suites_encodings(name):
    item, encoded = item_of(VALID[name]["in"]), bytes.fromhex(VALID[name]["out"][2:])
    assert encode(item) == encoded
    assert decode(encoded) == item


@pytest.mark.parametrize("name", INVALID)
def test_the_suites_invalid_encodings_are_refused(name):
    with pytest.raises(BadRlp):
        decode(bytes.fromhex(INVALID[name]["out"].removeprefix("0x")))


def test_the_suites_random_item_is_read():
    (case,) = json.loads((SUITE / "RandomRLPTests/example.json").read_text()).values()
    encoded = bytes.fromhex(case["out"][2:])
    assert encode(decode(encoded)) == encoded


@given(TREES)
def test_every_item_is_encoded_as_the_judge_does_and_read_back(item):
    encoded = encode(item)
    assert encoded == judge.encode(item)
    if depth(item) <= MAX_DEPTH:
        assert decode(encoded) == item


@given(TREES, st.data())
def test_changed_bytes_are_refused_where_the_judge_refuses_them_and_read_alike_where_not(item, data):
    encoded = bytearray(encode(item))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(encoded) - 1))
        change = data.draw(st.sampled_from(["byte", "cut", "add"]))
        if change == "byte":
            encoded[place] = data.draw(
                st.sampled_from([0, 1, 0x7F, 0x80, 0x81, 0xB7, 0xB8, 0xB9, 0xC0, 0xF7, 0xF8, 0xFF])
            )
        elif change == "cut" and len(encoded) > 1:
            del encoded[place]
        else:
            encoded.insert(place, data.draw(st.integers(0, 255)))
    try:
        expected = judge.decode(bytes(encoded), strict=True)
    except judge.DecodingError:
        with pytest.raises(BadRlp):
            decode(bytes(encoded))
        return
    if depth(expected) <= MAX_DEPTH:
        assert decode(bytes(encoded)) == expected
        assert encode(expected) == bytes(encoded)


@pytest.mark.soak
def test_whatever_is_accepted_encodes_to_the_same_bytes(seed, soak_scale):
    source = random.Random(seed)
    accepted = 0
    for _ in range(soak_scale(500_000)):
        encoded = bytes(
            source.choice((0x80, 0x81, 0xB8, 0xC0, 0xC1, 0xC2, 0xF8, 0x01, 0x38)) for _ in range(source.randrange(1, 7))
        )
        try:
            item = decode(encoded)
        except BadRlp:
            continue
        accepted += 1
        assert encode(item) == encoded
    assert accepted


def test_depth_is_bounded_and_lengths_reserve_nothing():
    nested = b"\xc0"
    for _ in range(MAX_DEPTH - 1):
        nested = encode([decode(nested)])
    assert depth(decode(nested)) == MAX_DEPTH
    for bomb in (
        encode([decode(nested)]),
        b"\xc1" * 1_000_000 + b"\xc0",
        b"\xff" + b"\xff" * 8,
        b"\xbf" + b"\xff" * 8 + b"x",
    ):
        with pytest.raises(BadRlp):
            decode(bomb)


@pytest.mark.parametrize("item", [b"\x00", b"\x00\x01", b"\x01" * 9, [], [b"\x01"]])
def test_a_number_has_no_leading_zero_and_fits(item):
    with pytest.raises(BadRlp):
        read_number(item, "height")
