"""Digest, head word, graph id and signatures, judged by eth-account, eth-abi and Foundry's cast."""

from __future__ import annotations

import contextlib
import json
import subprocess

import eth_abi
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak as judged_keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from anchoring.signing.anchor import GraphId
from anchoring.signing.eip712 import BadSignature, BadVersionFields, VersionFields, graph_id, keccak, recover

KEY = "0x" + "5a" * 32
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

DEADLINES = st.integers(0, 2**256 - 1)

words = st.binary(min_size=32, max_size=32)
versions = st.builds(
    VersionFields,
    graph=st.builds(
        GraphId,
        st.integers(1, 2**63),
        st.binary(min_size=20, max_size=20).map(lambda address: f"0x{address.hex()}"),
        words,
    ),
    version=st.integers(1, 2**40 - 1),
    root=words,
    quads=st.integers(0, 2**64 - 1),
    blocks=st.integers(0, 2**32 - 1),
    parent=words,
    manifest=words,
)


def typed(fields):
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Version": [
                {"name": "graph", "type": "bytes32"},
                {"name": "version", "type": "uint64"},
                {"name": "root", "type": "bytes32"},
                {"name": "quads", "type": "uint64"},
                {"name": "blocks", "type": "uint32"},
                {"name": "context", "type": "Context"},
            ],
            "Context": [{"name": "parent", "type": "bytes32"}, {"name": "manifest", "type": "bytes32"}],
        },
        "primaryType": "Version",
        "domain": {
            "name": "triplock",
            "version": "1",
            "chainId": fields.graph.chain_id,
            "verifyingContract": fields.graph.registry,
        },
        "message": {
            "graph": f"0x{fields.graph.graph.hex()}",
            "version": fields.version,
            "root": f"0x{fields.root.hex()}",
            "quads": fields.quads,
            "blocks": fields.blocks,
            "context": {"parent": f"0x{fields.parent.hex()}", "manifest": f"0x{fields.manifest.hex()}"},
        },
    }


def relayed(fields, deadline):
    document = typed(fields)
    document["types"]["Relay"] = [{"name": "version", "type": "Version"}, {"name": "deadline", "type": "uint256"}]
    message = {"version": document["message"], "deadline": deadline}
    return {**document, "primaryType": "Relay", "message": message}


@settings(max_examples=60)
@given(versions)
def test_eth_account_makes_the_same_digest_and_signature(fields):
    message = encode_typed_data(full_message=typed(fields))
    signed = Account.sign_message(message, KEY)
    assert fields.digest == judged_keccak(b"\x19" + message.version + message.header + message.body)
    assert recover(fields.digest, bytes(signed.signature)) == Account.from_key(KEY).address.lower()


@settings(max_examples=60)
@given(versions, DEADLINES)
def test_eth_account_makes_the_same_relay_digest(fields, deadline):
    message = encode_typed_data(full_message=relayed(fields, deadline))
    digest = fields.relay_digest(deadline)
    assert digest == judged_keccak(b"\x19" + message.version + message.header + message.body)
    assert digest not in (fields.digest, fields.relay_digest(deadline ^ 1))


@given(st.integers(0, 2**63), st.binary(min_size=20, max_size=20), st.binary(min_size=20, max_size=20), words)
def test_the_graph_is_what_abi_encode_hashes_to(chain_id, registry, owner, label):
    found = graph_id(chain_id, f"0x{registry.hex()}", f"0x{owner.hex()}", label)
    encoded = eth_abi.encode(["uint256", "address", "address", "bytes32"], [chain_id, registry, owner, label])
    assert found.graph == judged_keccak(encoded) == keccak(encoded)


@given(versions)
def test_the_head_word_carries_version_and_digest(fields):
    assert int.from_bytes(fields.head, "big") == fields.version << 216 | int.from_bytes(fields.digest, "big") >> 40
    assert fields.size == fields.quads * 2**32 + fields.blocks


@pytest.mark.anvil
@pytest.mark.parametrize("kind", ["version", "relay"])
def test_cast_signs_the_same_digest(cast, tmp_path, kind):
    fields = VersionFields(
        GraphId(31337, "0x" + "cd" * 20, b"\x01" * 32), 7, b"\x02" * 32, 12, 3, b"\x04" * 32, b"\x05" * 32
    )
    file = tmp_path / "version.json"
    document, digest = (
        (typed(fields), fields.digest)
        if kind == "version"
        else (relayed(fields, 1_800_000_000), fields.relay_digest(1_800_000_000))
    )
    file.write_text(json.dumps(document))
    command = [cast, "wallet", "sign", "--private-key", KEY, "--data", "--from-file", file]
    signature = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    assert recover(digest, bytes.fromhex(signature[2:])) == Account.from_key(KEY).address.lower()


def signature_of(digest):
    return bytes(Account.unsafe_sign_hash(digest, KEY).signature)


def test_other_forms_of_a_signature_are_refused():
    digest = keccak(b"a version")
    good = signature_of(digest)
    r, s, v = good[:32], int.from_bytes(good[32:64], "big"), good[64]
    high = r + (ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    bad = [
        b"",
        good[:64],
        good + b"\0",
        high,
        good[:64] + bytes([v - 27]),
        good[:64] + b"\x1d",
        bytes(32) + good[32:],
        r + bytes(32) + bytes([v]),
        ORDER.to_bytes(32, "big") + good[32:],
        bytes(65),
        b"\xff" * 65,
    ]
    for signature in bad:
        with pytest.raises(BadSignature):
            recover(digest, signature)


@settings(max_examples=300)
@given(st.binary(min_size=65, max_size=65))
def test_junk_never_crashes(junk):
    with contextlib.suppress(BadSignature):
        assert len(recover(keccak(b"x"), junk[:64] + bytes([27 + junk[64] % 2]))) == 42


@pytest.mark.parametrize(
    "change",
    [{"version": 0}, {"version": 2**40}, {"quads": -1}, {"quads": 2**64}, {"blocks": 2**32}, {"root": b""}],
)
def test_fields_out_of_range_are_refused(change):
    good = {
        "graph": GraphId(1, "0x" + "00" * 20, bytes(32)),
        "version": 1,
        "root": bytes(32),
        "quads": 0,
        "blocks": 0,
        "parent": bytes(32),
        "manifest": bytes(32),
    }
    assert VersionFields(**good).head[:5] == b"\0\0\0\0\1"
    with pytest.raises(BadVersionFields):
        VersionFields(**{**good, **change})


@pytest.mark.parametrize("deadline", [-1, 2**256])
def test_deadlines_out_of_range_are_refused(deadline):
    fields = VersionFields(GraphId(1, "0x" + "00" * 20, bytes(32)), 1, bytes(32), 0, 0, bytes(32), bytes(32))
    with pytest.raises(BadVersionFields):
        fields.relay_digest(deadline)


def test_addresses_and_labels_of_other_lengths_are_refused():
    for registry, label in [("0x12", bytes(32)), ("0x" + "zz" * 20, bytes(32)), ("0x" + "00" * 20, b"label")]:
        with pytest.raises(BadVersionFields):
            graph_id(1, registry, "0x" + "00" * 20, label)
