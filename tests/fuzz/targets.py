"""What is fuzzed: each decoder of bytes that come from strangers, and what must hold of whatever it accepts.

A target takes any bytes. It may raise an error of triplock's own tree; anything else is a find, and so is a failed
assertion: that what is accepted has one spelling, that two readers agree, that no made-up proof passes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import rlp as judge

from anchoring.blockstores.car import CarReader, car_bytes
from anchoring.blockstores.car_stream import blocks_of_car
from anchoring.chain_proof.header import Header
from anchoring.chain_proof.proof import ChainProof
from anchoring.chain_proof.receipt import Receipt
from anchoring.chain_proof.rlp import decode as decode_rlp
from anchoring.chain_proof.rlp import encode as encode_rlp
from anchoring.chain_proof.trie import value_at
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.encoding import dag_pb, deterministic_cbor
from anchoring.encoding.cid import Cid
from anchoring.encoding.dag_pb import BadNode
from anchoring.encoding.unixfs_reader import file_links, read_directory
from anchoring.errors import TriplockError
from anchoring.fraud.fraud_proof import FraudProof, verify_fraud
from anchoring.proofs.bundle import Bundle
from anchoring.proofs.former_bundle import FormerBundle
from anchoring.proofs.opening import Opening
from anchoring.rdf.canonical import canonical_lines
from anchoring.rdf.nquads import NotCanonical, check_canonical, is_canonical, parse_line, serialize
from anchoring.rdf.rdf_input import read_quads
from anchoring.signing.anchor import GraphId
from anchoring.signing.eip712 import VersionFields, keccak
from anchoring.signing.manifest import Manifest
from anchoring.signing.signature_file import Signature
from anchoring.verification.verify_bundle import decode_bundle, verify_proof

GRAPH = GraphId.parse("eip155:31337:0x" + "7c" * 20 + "/0x" + "7d" * 32)
"""The graph that a verifier means who has never heard of what the fuzzer makes up."""
FIELDS = VersionFields(GRAPH, 1, bytes(32), 1, 1, bytes(32), bytes(32))
ROOM = Path("/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp")


class Given:
    """A reader of blocks that hands out these bytes for everything."""

    def __init__(self, block: bytes) -> None:
        self.block = block

    def get(self, cid: Cid) -> bytes:
        return self.block


def cbor(data: bytes) -> None:
    """Deterministic CBOR: one spelling."""
    assert deterministic_cbor.encode(deterministic_cbor.decode(data)) == data


def dag_pb_node(data: bytes) -> None:
    """A dag-pb node, and what UnixFS makes of it."""
    links, content = dag_pb.decode(data)
    assert dag_pb.encode(links, content) == data
    cid = Cid.of(data, 0x70)
    for read in (lambda: file_links(cid, data), lambda: read_directory(cid, Given(data))):
        try:
            read()
        except BadNode:
            continue


def car(data: bytes) -> None:
    """A CAR as it comes over the wire, and the same as a file."""
    path = ROOM / f"triplock-fuzz-{os.getpid()}.car"
    path.write_bytes(data)
    in_file = None
    try:
        with CarReader(path) as reader:
            in_file = (list(reader.blocks()), reader.foreign)
            for cid, block in in_file[0]:
                assert cid.matches(block)
            again = b"".join(car_bytes(reader.roots, in_file[0]))
            assert [*blocks_of_car([again], "again")] == in_file[0]
    except TriplockError:
        pass
    at = len(data) // 3
    streamed = list(blocks_of_car([data[:at], data[at:]], "here"))
    for cid, block in streamed:
        assert cid.matches(block)
    if in_file is not None and not in_file[1]:
        assert {cid for cid, _ in streamed} == {cid for cid, _ in in_file[0]}


def manifest(data: bytes) -> None:
    """A manifest: RFC 8785, one spelling."""
    read = Manifest.decode(data)
    assert read.encode() == data
    assert len(read.fields.head) == 32


def signature_file(data: bytes) -> None:
    """signature.json."""
    assert Signature.decode(data).encode() == data


def bundle(data: bytes) -> None:
    """A bundle with the digest at its end computed anew, and the verdict about it."""
    content = data[:-32] + sha256(data[:-32]).digest()
    _never_passes(content)
    read = decode_bundle(content)
    if isinstance(read, Bundle):
        assert read.encode() == content
        ChainProof.of_item(read.chain.item())


def former(data: bytes) -> None:
    """A bundle of the first format."""
    _never_passes(data)
    read = decode_bundle(data)
    if isinstance(read, FormerBundle):
        assert read.encode() == data


def _never_passes(content: bytes) -> None:
    """Neither for a graph that is another's, nor for its own without a chain."""
    assert verify_proof(content, graph=GRAPH).exit_code == 1
    try:
        read = decode_bundle(content)
    except TriplockError:
        return
    hashes = [] if isinstance(read, FormerBundle) else [part.block_hash for part in (read.chain.anchor,) if part]
    assert verify_proof(content, graph=read.manifest.graph).exit_code in (1, 6)
    assert verify_proof(content, graph=read.manifest.graph, block_hashes=hashes).exit_code in (0, 1, 6)


def fraud(data: bytes) -> None:
    """A fraud proof, and the verdict about it."""
    assert verify_fraud(data, graph=GRAPH).exit_code == 1
    read = FraudProof.decode(data)
    assert read.encode() == data
    assert verify_fraud(data, graph=read.manifest.graph).exit_code in (0, 1, 6)


def line(data: bytes) -> None:
    """One canonical line: the grammar, the fault finder and the parser agree."""
    accepted = is_canonical(data)
    try:
        check_canonical(data)
        refused = False
    except NotCanonical:
        refused = True
    assert accepted is not refused
    if accepted:
        quad = parse_line(data)
        assert serialize(quad) == data, (serialize(quad), data)


def nquads(data: bytes) -> None:
    """N-Quads as input: whatever is let in becomes canonical lines, and those become themselves."""
    lines = list(canonical_lines(list(read_quads(data, "nq"))))
    assert all(left < right for left, right in pairwise(lines))
    assert all(map(is_canonical, lines))
    again = b"".join(each + b"\n" for each in lines)
    assert list(canonical_lines(list(read_quads(again, "nq")))) == lines


def rlp(data: bytes) -> None:
    """RLP: one spelling, and a stranger's decoder reads the same."""
    try:
        item = decode_rlp(data)
    finally:
        for read in (Header.decode, Receipt.decode):
            try:
                read(data)
            except TriplockError:
                continue
    assert encode_rlp(item) == data
    assert _listed(judge.decode(data, strict=True)) == item


def _listed(item: object) -> object:
    return [_listed(each) for each in item] if isinstance(item, (list, tuple)) else item


def trie(data: bytes) -> None:
    """Nodes of a trie whose root is whatever the first of them hashes to; the key stands before them."""
    size = data[0] % 9 if data else 0
    key, rest = data[1 : 1 + size], data[1 + size :]
    nodes = []
    while rest:
        length = int.from_bytes(rest[:2], "big") % 1_025
        nodes.append(rest[2 : 2 + length])
        rest = rest[2 + length :]
    if nodes:
        assert value_at(keccak(nodes[0]), key, nodes)


def chain_proof(data: bytes) -> None:
    """The chain's part of a bundle, against a version that it cannot be of."""
    proof = ChainProof.of_item(deterministic_cbor.decode(data))
    assert deterministic_cbor.encode(proof.item()) == data
    for part, subject in ((proof.anchor, FIELDS), (proof.head, GRAPH)):
        if part is None:
            continue
        try:
            part.check(subject)
        except TriplockError:
            continue
        raise AssertionError("a proof of what nobody published")


def opening(data: bytes) -> None:
    """An opening, against a root that nobody can open."""
    read = Opening.of_item(deterministic_cbor.decode(data))
    assert deterministic_cbor.encode(read.as_item()) == data
    for quads, blocks in ((1, 1), (100, 3), (2**40, 2**31)):
        try:
            read.check(root=bytes(32), quads=quads, blocks=blocks)
        except TriplockError:
            continue
        raise AssertionError("an opening of a root of zeros")


def cid(data: bytes) -> None:
    """A CID in binary and in text."""
    with suppress(TriplockError):
        assert bytes(Cid.from_bytes(data)) == data
    text = data.decode("latin-1")
    assert str(Cid.parse(text)) == text.removeprefix("ipfs://")


def top_leaf(data: bytes) -> None:
    """The entry of the upper tree."""
    assert TopLeaf.decode(data).encode() == data


TARGETS: dict[str, Callable[[bytes], None]] = {
    "bundle": bundle,
    "car": car,
    "cbor": cbor,
    "chain-proof": chain_proof,
    "cid": cid,
    "dag-pb": dag_pb_node,
    "former-bundle": former,
    "fraud": fraud,
    "line": line,
    "manifest": manifest,
    "nquads": nquads,
    "opening": opening,
    "rlp": rlp,
    "signature": signature_file,
    "top-leaf": top_leaf,
    "trie": trie,
}


def run(name: str, data: bytes) -> bool:
    """Whether the target accepted the bytes; lets through what is a find."""
    try:
        TARGETS[name](data)
    except TriplockError:
        return False
    return True
