"""Presences and the first format's bundle of them, excerpts, and the encoding: refused with a reason if changed."""

from __future__ import annotations

import random
from dataclasses import replace

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published import DOCUMENT, DOCUMENT_BLOCKS, DOCUMENT_CID, QUOTE, OneQuote, publish_two, signer

from anchoring.blockstores.memory import MemoryStore
from anchoring.dataset.version import Dataset, build_version
from anchoring.encoding.deterministic_cbor import MAX_DEPTH, BadCbor, decode, encode
from anchoring.encoding.unixfs import document_blocks
from anchoring.proofs.bundle import BadBundle
from anchoring.proofs.excerpt import BadExcerpt, ExcerptRefuted, Said, make_excerpt
from anchoring.proofs.former_bundle import MAX_ATTACHMENTS, FormerBundle
from anchoring.proofs.proof import PresenceRefuted, StatementAbsent, prove_presence
from anchoring.verification.check_anchor import Chain
from anchoring.verification.verdict import Outcome
from anchoring.verification.verify_bundle import decode_bundle, verify_proof


@pytest.fixture(scope="module")
def published():
    return publish_two()


@pytest.fixture(scope="module")
def bundle(published):
    second = published.second
    where = DOCUMENT.index(QUOTE.encode())
    excerpt = make_excerpt(DOCUMENT_CID, where, where + len(QUOTE.encode()), QUOTE, published.store)
    about = [line for line in published.lines if b"ipfs://" in line]
    return FormerBundle(
        manifest=second.manifest,
        signature=second.signature.signature,
        presence=prove_presence(published.lines[100], second.dataset, published.store),
        attachments=tuple(prove_presence(line, second.dataset, published.store) for line in about),
        excerpts=(excerpt,),
    )


def test_a_bundle_verifies_against_graph_and_chain(published, bundle):
    content = bundle.encode()
    assert FormerBundle.decode(content) == decode_bundle(content) == bundle
    verdict = verify_proof(content, graph=published.graph, chain=Chain(published.chain))
    assert verdict.exit_code == 0, verdict.as_json()
    assert {"statement", "attachment 1", "attachment 2", "excerpt 1"} < {check.name for check in verdict.checks}
    assert verdict.about["statements"] == [published.lines[100].decode()]
    verdict = verify_proof(content, graph=published.graph)
    assert verdict.exit_code == 6


def test_every_changed_byte_is_refuted(published, bundle):
    content = bundle.encode()
    for at in range(len(content)):
        changed = content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :]
        verdict = verify_proof(changed, graph=published.graph, chain=Chain(published.chain))
        assert verdict.exit_code == 1, (at, verdict.as_json())
        assert verdict.of(Outcome.REFUTED)[0].detail


@pytest.mark.soak
def test_random_mutations_are_refuted(published, bundle, seed, soak_scale):
    rng, content = random.Random(seed), bundle.encode()
    for _ in range(soak_scale(50_000)):
        start, length = rng.randrange(len(content)), rng.choice([0, 1, 1, 2, 8, 32])
        changed = content[:start] + rng.randbytes(rng.choice([0, 1, 1, 2, 32])) + content[start + length :]
        if changed == content:
            continue
        verdict = verify_proof(changed, graph=published.graph, chain=Chain(published.chain))
        assert verdict.exit_code == 1, (start, length, verdict.as_json())


def test_cut_short_anywhere_is_refuted(published, bundle):
    content = bundle.encode()
    for length in range(0, len(content), 7):
        assert verify_proof(content[:length], graph=published.graph).exit_code == 1
    assert verify_proof(content + b"\0", graph=published.graph).exit_code == 1


def test_an_attackers_registry_is_refuted(published, bundle):
    for attacker in (replace(published.graph, registry="0x" + "66" * 20), replace(published.graph, graph=b"\1" * 32)):
        verdict = verify_proof(bundle.encode(), graph=attacker, chain=Chain(published.chain))
        assert [check.name for check in verdict.of(Outcome.REFUTED)] == ["graph"]


def test_a_signature_of_somebody_else_is_refuted(published, bundle):
    other = signer("0x" + "77" * 32)(bundle.manifest.fields.digest)
    verdict = verify_proof(replace(bundle, signature=other).encode(), graph=published.graph)
    assert "signature" in [check.name for check in verdict.of(Outcome.UNCHECKED)]
    verdict = verify_proof(
        replace(bundle, signature=other).encode(), graph=published.graph, chain=Chain(published.chain)
    )
    assert [check.name for check in verdict.of(Outcome.REFUTED)] == ["signature", "publisher"]


def test_a_version_that_was_never_anchored_is_refuted(published, bundle):
    unanchored = replace(published.first.manifest, licence="CC0-1.0")
    signature = signer()(unanchored.fields.digest)
    presence = prove_presence(published.lines[100], published.first.dataset, published.store)
    forged = FormerBundle(unanchored, signature, presence)
    verdict = verify_proof(forged.encode(), graph=published.graph, chain=Chain(published.chain))
    assert [check.name for check in verdict.of(Outcome.REFUTED)] == ["anchor"]
    assert verify_proof(forged.encode(), graph=published.graph).exit_code == 6


class Kept(dict):
    def keep(self, block):
        self[block.cid] = block.data

    def get(self, cid):
        return self[cid]


@pytest.mark.parametrize("count", [1, 2, 100, 5_000])
def test_every_statement_has_a_proof_and_others_have_none(count):
    lines = [b"<http://example.org/%06d> <http://example.org/p> <http://example.org/o> ." % i for i in range(count)]
    kept = Kept()
    dataset = build_version(lines, kept.keep)
    root, quads, blocks = dataset.commitment.root, dataset.commitment.quads, dataset.commitment.blocks
    for position in {0, count - 1, *range(0, count, max(1, count // 50))}:
        presence = prove_presence(lines[position], dataset, kept)
        presence.check(root=root, quads=quads, blocks=blocks)
        assert presence.position == position
    for absent in (b"", b"<a:a> <a:p> <a:o> .", lines[0][:-1], lines[-1] + b"x", b"\xff"):
        with pytest.raises(StatementAbsent):
            prove_presence(absent, dataset, kept)


def test_the_empty_version_proves_nothing():
    with pytest.raises(StatementAbsent):
        prove_presence(b"<a:a> <a:p> <a:o> .", Dataset(()), Kept())


FIELDS = ["block", "index", "start", "count", "length"]


@settings(max_examples=200)
@given(
    field=st.sampled_from([*FIELDS, "line", "digest", "line_path", "block_path"]),
    number=st.integers(0, 2**64 - 1),
    delta=st.integers(-3, 3),
    at=st.integers(0, 10**6),
)
def test_a_presence_holds_in_one_place_only(bundle, field, number, delta, at):
    presence, manifest = bundle.presence, bundle.manifest
    old = getattr(presence, field)
    if isinstance(old, int):
        new = max(0, old + delta) if at % 2 else number
    else:
        at %= len(old)
        new = old[:at] + bytes([old[at] ^ (number % 255 + 1)]) + old[at + 1 :]
    if new == old:
        return
    with pytest.raises(PresenceRefuted):
        replace(presence, **{field: new}).check(root=manifest.root, quads=manifest.quads, blocks=manifest.blocks)


def test_an_inner_node_or_a_block_is_no_statement(published, bundle):
    manifest = bundle.manifest
    path = bundle.presence.line_path
    for line in (path[:32] + path[32:64], published.second.dataset.leaves[0].encode(), b"", b"x" * 1_048_576):
        with pytest.raises(PresenceRefuted):
            replace(bundle.presence, line=line).check(root=manifest.root, quads=manifest.quads, blocks=manifest.blocks)


# --- excerpts ---


def test_an_excerpt_of_a_long_document_needs_a_few_blocks_only():
    content = b"".join(b"sentence number %d. " % i for i in range(300_000))
    cid, blocks = document_blocks(content)
    store = MemoryStore()
    store.put(blocks, [])
    quote = "sentence number 123456."
    start = content.index(quote.encode())
    excerpt = make_excerpt(cid, start, start + len(quote), quote, store)
    assert sum(map(len, excerpt.blocks)) < 600_000
    said = Said.by(OneQuote(cid, quote).lines)
    excerpt.check(said)
    for other in (
        replace(excerpt, start=start + 1),
        replace(excerpt, end=excerpt.end - 1),
        replace(excerpt, start=start + 1, end=excerpt.end + 1),
        replace(excerpt, quote=quote + " "),
        replace(excerpt, document=DOCUMENT_CID),
        replace(excerpt, blocks=excerpt.blocks[:-1]),
        replace(excerpt, blocks=(*excerpt.blocks, b"more")),
        replace(excerpt, blocks=excerpt.blocks[::-1]),
        replace(excerpt, end=start),
        replace(excerpt, end=2**63),
        replace(excerpt, start=2**62, end=2**62 + 5),
    ):
        with pytest.raises(ExcerptRefuted):
            other.check(said)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "windows-1252", "gb18030"])
def test_documents_in_other_encodings_can_be_quoted(encoding):
    quote = {"gb18030": "以太坊", "windows-1252": "“café”"}.get(encoding, "以太坊 🎉 «é»")
    content = f"before {quote} after".encode(encoding)
    cid, blocks = document_blocks(content)
    store = MemoryStore()
    store.put(blocks, [])
    start = len("before ".encode(encoding))
    excerpt = make_excerpt(cid, start, start + len(quote.encode(encoding)), quote, store)
    excerpt.check(Said.by(OneQuote(cid, quote).lines))


def test_an_excerpt_that_no_proven_statement_makes_is_refuted(published, bundle):
    (excerpt,) = bundle.excerpts
    for lines in ([], OneQuote(DOCUMENT_CID, "other words").lines, OneQuote(document_blocks(b"x")[0], QUOTE).lines):
        with pytest.raises(ExcerptRefuted, match="no proven statement"):
            excerpt.check(Said.by(lines))
    alone = replace(bundle, attachments=()).encode()
    verdict = verify_proof(alone, graph=published.graph, chain=Chain(published.chain))
    assert [check.name for check in verdict.of(Outcome.REFUTED)] == ["excerpt 1"]


def test_an_excerpt_with_wrong_offsets_cannot_be_made():
    store = MemoryStore()
    store.put(DOCUMENT_BLOCKS, [])
    for start, end in ((0, 5), (0, 0)):
        with pytest.raises(BadExcerpt):
            make_excerpt(DOCUMENT_CID, start, end, QUOTE, store)


# --- the encoding ---

items = st.recursive(
    st.one_of(st.integers(0, 2**64 - 1), st.binary(max_size=40), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=30), inner, max_size=4)),
    max_leaves=12,
)


def depth(item):
    inner = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    return max((1 + depth(each) for each in inner), default=0) if inner else 0


@given(items)
def test_cbor2_reads_and_writes_the_same(item):
    encoded = encode(item)
    assert cbor2.loads(encoded) == item
    if depth(item) > MAX_DEPTH:
        with pytest.raises(BadCbor, match="deep"):
            decode(encoded)
    else:
        assert decode(encoded) == item


@settings(max_examples=500)
@given(st.binary(max_size=60))
def test_junk_is_refused_or_is_the_one_encoding(junk):
    try:
        item = decode(junk)
    except BadCbor:
        return
    assert encode(item) == junk


@pytest.mark.parametrize(
    "encoded",
    [
        "1800",  # 0 in two bytes
        "5f4101ff",  # indefinite length
        "c11a514b67b0",  # a tag
        "f5",  # true
        "f6",  # null
        "f93c00",  # a float
        "20",  # -1
        "a2616201616101",  # keys out of order
        "a2616101616102",  # a key twice
        "a10101",  # a key that is a number
        "61ff",  # no UTF-8
        "9bffffffffffffffff",  # a list that only announces its length
        "81" * 20 + "01",  # too deep
        "0000",  # something after the item
        "",
    ],
)
def test_other_cbor_is_refused(encoded):
    with pytest.raises(BadCbor):
        decode(bytes.fromhex(encoded))


def test_more_items_than_any_bundle_has_are_refused_at_once():
    assert decode(encode([0] * 65_535)) == [0] * 65_535
    with pytest.raises(BadCbor, match="more than 65536 items"):
        decode(encode([0] * 300_000))


def test_a_bundle_with_other_members_is_refused(bundle):
    document = decode(bundle.encode())
    for change in (
        {"ext": {"more": 1}},
        {"ext": []},
        {"format": "triplock-proof/3"},
        {"attachments": [document["presence"]] * (MAX_ATTACHMENTS + 1)},
        {"attachments": {}},
        {"excerpts": [{}]},
        {"excerpts": [{**document["excerpts"][0], "blocks": [1]}]},
        {"excerpts": [{**document["excerpts"][0], "document": b"\x12\x20" + bytes(32)}]},
        {"presence": {**document["presence"], "digest": b""}},
        {"presence": {**document["presence"], "index": b""}},
        {"signature": bytes(64)},
        {"manifest": b"{}"},
        {"more": 1},
    ):
        with pytest.raises(BadBundle):
            decode_bundle(encode({**document, **change}))
    with pytest.raises(BadBundle):
        decode_bundle(bytes(16 * 1024 * 1024 + 1))
