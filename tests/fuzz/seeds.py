"""What the fuzzer begins with: true input of every kind, from the published vectors and small cases of one's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from anchoring.blockstores.car import car_bytes
from anchoring.chain_proof.build_trie import BuiltTrie
from anchoring.chain_proof.rlp import encode as encode_rlp
from anchoring.chain_proof.rlp import number
from anchoring.encoding.cid import Block, Cid
from anchoring.encoding.deterministic_cbor import BadCbor, decode, encode

TESTS = Path(__file__).resolve().parent.parent
VECTORS = TESTS / "vectors"


def vector(name: str) -> dict:
    """A file of vectors."""
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def seeds(target: str) -> Iterator[bytes]:
    """True input of a target, and some that is nearly so."""
    version = vector("version")
    blocks = {text: bytes.fromhex(content) for text, content in version["blocks"].items()}
    bundles = [bytes.fromhex(case["bundle"]) for case in vector("bundles")["cases"]]
    if target in ("bundle", "cbor"):
        yield from (each for each in bundles if len(each) < 8_192)
    if target in ("former-bundle", "cbor"):
        yield bytes.fromhex(version["bundle"])
    if target in ("chain-proof", "opening"):
        for each in bundles:
            yield from parts(each, target)
    if target in ("fraud", "cbor"):
        yield from (
            bytes.fromhex(case["file"].removeprefix("0x"))
            for case in vector("fraud")["cases"]
            if len(case["file"]) < 16_384
        )
    if target == "dag-pb":
        yield from (content for text, content in blocks.items() if text.startswith("bafybei"))
        yield bytes.fromhex("0a0408021800")
    if target == "car":
        held = [Block(Cid.parse(text), content) for text, content in blocks.items()]
        yield b"".join(car_bytes([held[0].cid], held[:3]))
        yield b"".join(car_bytes([Cid.of(b"a")], [Block(Cid.of(b"a"), b"a")]))
        yield from (
            path.read_bytes() for path in sorted(TESTS.glob("conformance/car/**/*.car")) if path.stat().st_size < 8_192
        )
    if target == "manifest":
        yield blocks[version["manifest"]]
    if target == "signature":
        yield from (content for content in blocks.values() if b"triplock-signature" in content)
    if target in ("line", "nquads"):
        yield from lines(target)
    if target == "rlp":
        suite = json.loads((TESTS / "conformance/ethereum-tests/RLPTests/rlptest.json").read_text())
        yield from (
            bytes.fromhex(case["out"].removeprefix("0x")) for case in suite.values() if len(case["out"]) < 4_096
        )
        for each in bundles:
            yield from headers(each)
    if target == "trie":
        entries = {encode_rlp(number(place)): b"receipt %d " % place * 4 for place in range(20)}
        trie = BuiltTrie(entries)
        for key in list(entries)[:3]:
            nodes = b"".join(len(node).to_bytes(2, "big") + node for node in trie.path(key))
            yield bytes([len(key)]) + key + nodes
    if target == "cid":
        yield from (str(Cid.of(b"a", codec)).encode() for codec in (0x55, 0x70))
        yield bytes(Cid.of(b"a"))
    if target == "top-leaf":
        yield b"\x01" + bytes(8) + (3).to_bytes(4, "big") + (80).to_bytes(4, "big") + bytes(64)


def item_of(content: bytes) -> dict:
    """What a bundle's bytes say, empty where they are none."""
    try:
        item = decode(content)
    except BadCbor:
        return {}
    return item if isinstance(item, dict) else {}


def parts(content: bytes, target: str) -> Iterator[bytes]:
    """The chain's part or the opening of a bundle."""
    item = item_of(content)
    version = item.get("version")
    part = item.get("chain") if target == "chain-proof" else isinstance(version, dict) and version.get("opening")
    if part:
        yield encode(part)


def headers(content: bytes) -> Iterator[bytes]:
    """The RLP within the chain's part of a bundle."""
    chain = item_of(content).get("chain")
    part = chain.get("anchor") if isinstance(chain, dict) else None
    if isinstance(part, dict):
        yield from (each for each in (part.get("header"), *(part.get("receipt") or [])) if isinstance(each, bytes))


def lines(target: str) -> Iterator[bytes]:
    """Statements of every kind of term."""
    made = [
        b'<a:b> <a:p> "text" .',
        b"_:c14n0 <a:p> _:c14n1 <a:g> .",
        '<a:é> <a:p> "\\"\\\\\\t\\u0001é😀"@en-gb <a:g> .'.encode(),
        b'<a:b> <a:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> _:c14n2 .',
    ]
    if target == "line":
        yield from made
        return
    yield b"\n".join(made) + b"\n"
    suite = TESTS / "conformance/rdf-tests/rdf/rdf11/rdf-n-quads"
    yield from (path.read_bytes() for path in sorted(suite.glob("*.nq")))
