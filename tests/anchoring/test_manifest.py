"""The manifest and the signature file: one spelling, nothing unknown, every byte bound."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import rfc8785
from eth_account import Account

from anchoring.encoding.cid import Cid
from anchoring.encoding.strict_json import BadJson, decode, encode
from anchoring.errors import TriplockError
from anchoring.signing.anchor import ZERO_WORD
from anchoring.signing.eip712 import BadSignature
from anchoring.signing.manifest import BadManifest, FileEntry, Manifest
from anchoring.signing.signature_file import Signature

KEY = "0x" + "5a" * 32
OWNER = Account.from_key(KEY).address.lower()


def manifest(**changes):
    fields = {
        "chain_id": 31337,
        "registry": "0x" + "ab" * 20,
        "owner": OWNER,
        "label": b"\x01" * 32,
        "version": 2,
        "parent": (1).to_bytes(5, "big") + b"\x07" * 27,
        "parent_manifest": Cid.of(b"before"),
        "root": b"\x02" * 32,
        "quads": 10,
        "blocks": 2,
        "files": (FileEntry("data.nq", Cid.of(b"data"), 4), FileEntry("void.ttl", Cid.of(b"void"), 4)),
        "licence": "CC-BY-4.0",
        "ontology": (Cid.of(b"onto"),),
        "sources": Cid.of(b"void"),
        "ext": {"note": ["é", 1, True, None]},
    }
    return Manifest(**{**fields, **changes})


def test_a_manifest_reads_back_and_is_rfc_8785():
    made = manifest()
    assert Manifest.decode(made.encode()) == made
    assert rfc8785.dumps(json.loads(made.encode())) == made.encode()
    assert made.block.cid.digest == made.digest == made.fields.manifest


@pytest.mark.parametrize(
    "change",
    [
        {"licence": ""},
        {"licence": " "},
        {"licence": "x" * 257},
        {"licence": "caf\u00e9"},
        {"licence": "a\tb"},
        {"registry": "0x" + "AB" * 20},
        {"version": 1},
        {"version": 3},
        {"version": 1, "parent": ZERO_WORD},
        {"parent": ZERO_WORD, "version": 2},
        {"quads": 0},
        {"blocks": 11},
        {"blocks": 2**32, "quads": 2**33},
        {"quads": 2**53},
        {"files": ()},
        {"files": (FileEntry("data.nq", Cid.of(b""), 0), FileEntry("manifest.json", Cid.of(b""), 0))},
        {"files": (FileEntry("void.ttl", Cid.of(b""), 0), FileEntry("data.nq", Cid.of(b""), 0))},
        {"files": (FileEntry("../x", Cid.of(b""), 0), FileEntry("data.nq", Cid.of(b""), 0))},
        {"label": b""},
        {"sources": Cid.of(b"elsewhere")},
        {"chain_id": 0},
    ],
)
def test_what_cannot_be_is_refused(change):
    with pytest.raises(BadManifest):
        manifest(**change)


def spelled(**changes):
    document = json.loads(manifest().encode())
    document.update(changes)
    return rfc8785.dumps(document)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"[" * 60_000,
        manifest().encode() + b"\n",
        b" " + manifest().encode(),
        manifest().encode().replace(b'"blocks":2', b'"blocks":2,"blocks":2'),
        manifest().encode().replace(b'"blocks":2', b'"blocks":2.0'),
        manifest().encode().replace(b'"blocks":2', b'"blocks":2e0'),
        manifest().encode().replace(b'"blocks":2', b'"blocks":02'),
        manifest().encode().replace(b'"blocks":2', b'"blocks":true'),
        manifest().encode().replace(b'"blocks":2', b'"blocks":NaN'),
        manifest().encode().replace(b'"blocks":2', b'"blocks":' + b"9" * 5_000),
        manifest().encode().replace(b'"blocks":2', b'"blocks":-0'),
        manifest().encode().replace(b'"note"', b'"\\u006eote"'),
        manifest().encode().replace(b'"note"', b'"\\ud800"'),
        manifest().encode().replace(b'"ext":{"note"', b'"ext":{"f":0.5,"note"'),
        manifest().encode().replace(b'"ext":{"note"', b'"ext":{"f":9007199254740992,"note"'),
        spelled(extra=1),
        spelled(format="triplock-version/2"),
        spelled(leafKinds=[1, 2]),
        spelled(leafKinds=[True]),
        spelled(graph="0x" + "00" * 32),
        spelled(parentManifest="ipfs://" + str(Cid.of(b"before"))),
        spelled(parentManifest="Qm" + "a" * 44),
        spelled(ontology=[1]),
        spelled(files=[{"name": "data.nq", "cid": str(Cid.of(b"data")), "size": 4, "more": 1}]),
        spelled(ext={"pad": "x" * 65_536}),
    ],
)
def test_other_bytes_are_refused(content):
    with pytest.raises(BadManifest):
        Manifest.decode(content)


def test_every_changed_byte_is_refused_or_changes_the_digest():
    content = manifest().encode()
    for at in range(len(content)):
        for change in (1, 0x20, 0x80):
            changed = content[:at] + bytes([content[at] ^ change]) + content[at + 1 :]
            try:
                assert Manifest.decode(changed).digest != manifest().digest
            except BadManifest:
                continue


def test_manifests_that_are_too_long_cannot_be_made():
    with pytest.raises(BadManifest, match="more than 65536"):
        manifest(ext={"pad": "x" * 65_536}).encode()


def test_a_signature_file_reads_back_and_every_changed_byte_is_refused():
    fields = manifest().fields
    made = Signature.of(fields, bytes(Account.unsafe_sign_hash(fields.digest, KEY).signature))
    content = made.encode()
    assert Signature.decode(content) == made
    assert made.signer == OWNER
    for at in range(len(content)):
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        with pytest.raises(TriplockError):
            Signature.decode(changed)
    for other in (b"[]", b"{}", b'{"digest":1,"signature":2}'):
        with pytest.raises(BadSignature):
            Signature.decode(other)


def test_fractions_and_lone_surrogates_have_no_canonical_json():
    for document in ({"a": 0.5}, {"a": "\ud800"}, {"a": 2**53}, {"a": [[{"b": 1.0}]]}):
        with pytest.raises(BadJson):
            encode(document)
    nested = 1
    for _ in range(32):
        nested = [nested]
    assert decode(encode(nested), at_most=100) == nested
    for deep in (b"[" * 33 + b"1" + b"]" * 33, b"[" * 900 + b"]" * 900, b"[" * 50_000):
        with pytest.raises(BadJson):
            decode(deep, at_most=10**6)
    assert decode(encode({"a": [1, {"é": None}]}), at_most=100) == {"a": [1, {"é": None}]}


def test_a_manifest_that_nests_without_end_does_not_end_the_process() -> None:
    program = (
        "import sys; sys.setrecursionlimit(10**6)\n"
        "from anchoring.encoding.strict_json import BadJson, decode\n"
        "try: decode(b'[' * 10**6, at_most=10**7)\n"
        "except BadJson: sys.exit(0)\n"
        "sys.exit('accepted')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
