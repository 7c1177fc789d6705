"""A proof with the chain's part in it, checked without an endpoint against the block hashes that a verifier brings."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from test_verification_on_chain import lines, publish_version

from anchoring.blockstores.memory import MemoryStore
from anchoring.chain.chain_proof_maker import make_chain_proof
from anchoring.chain_proof.proof import ChainProof
from anchoring.proofs.bundle import Bundle
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.line_index import LineIndex
from anchoring.proofs.proving import BuiltVersion, prove
from anchoring.verification.check_anchor import Chain
from anchoring.verification.verdict import Outcome
from anchoring.verification.verify_bundle import verify_proof

NEW = b"<http://example.org/new> <http://example.org/p> <http://example.org/o> ."


@pytest.fixture
def published(place, registry):
    """Two versions, and the bundles of both that say what they hold, the chain's part in them."""
    key, store = place.new_key(), MemoryStore()
    first = publish_version(registry, key, store, lines(300))
    old_head = make_chain_proof(registry, registry.anchors(first.manifest.graph)[0]).head
    second = publish_version(registry, key, store, lines(300, [NEW]), first)
    graph = first.manifest.graph
    anchors = registry.anchors(graph)
    built = [
        BuiltVersion(each.manifest, LineIndex(each.dataset, store), each.signature.signature)
        for each in (first, second)
    ]
    chains = [make_chain_proof(registry, anchor) for anchor in anchors]
    of_first = prove(Claim(ClaimKind.PRESENCE, (lines(300)[7],)), built[0], chain=chains[0])
    of_second = prove(Claim(ClaimKind.ADDED, (NEW,)), built[1], parent=built[0], chain=chains[1])
    block = chains[1].head.check(graph).block
    return SimpleNamespace(
        graph=graph,
        first=of_first,
        second=of_second,
        anchors=anchors,
        old_head=old_head,
        latest=block,
        key=place.new_key(),
        registry=registry,
    )


def verdict(published, bundle, hashes=(), **wish):
    return verify_proof(bundle.encode(), graph=published.graph, block_hashes=hashes, **wish)


def names(verdict, outcome):
    return [check.name for check in verdict.of(outcome)]


def hashes(bundle):
    return [part.block_hash for part in (bundle.chain.anchor, bundle.chain.head) if part]


def test_it_holds_offline_where_the_hashes_are_brought(published):
    for bundle in (published.first, published.second):
        assert Bundle.decode(bundle.encode()) == bundle
        found = verdict(published, bundle, hashes(bundle))
        assert found.exit_code == 0, found.as_json()
        assert names(found, Outcome.PASSED)[-4:] == ["block", "anchor", "publisher", "head"]
        anchor = published.anchors[bundle.manifest.version - 1]
        assert found.about["publisher"] == anchor.publisher
        assert found.about["time"] == anchor.block.timestamp
        without_head = replace(bundle, chain=replace(bundle.chain, head=None))
        assert verdict(published, without_head, hashes(bundle)).exit_code == 0


def test_what_is_not_brought_is_unchecked_and_named(published):
    bundle = published.second
    parts = ["block", "anchor", "publisher", "head"]
    assert names(verdict(published, bundle), Outcome.UNCHECKED) == parts
    assert names(verdict(published, bundle, [b"\1" * 32]), Outcome.UNCHECKED) == parts
    alone = replace(bundle, chain=ChainProof())
    assert names(verdict(published, alone, [b"\1" * 32]), Outcome.UNCHECKED) == parts[:3]
    assert names(verdict(published, alone, current=True), Outcome.UNCHECKED) == parts
    head_alone = replace(bundle, chain=replace(bundle.chain, anchor=None))
    found = verdict(published, head_alone, hashes(bundle))
    assert names(found, Outcome.UNCHECKED) == ["anchor", "publisher"]
    of_first = published.first
    if of_first.chain.anchor.block_hash != of_first.chain.head.block_hash:
        found = verdict(published, of_first, [of_first.chain.anchor.block_hash])
        assert names(found, Outcome.UNCHECKED) == ["block", "head"]


def test_no_other_versions_proof_of_the_chain_passes(published):
    first, second = published.first, published.second
    brought = [*hashes(first), *hashes(second)]
    swapped = replace(second, chain=replace(second.chain, anchor=first.chain.anchor))
    for given in ((), brought):
        assert "anchor" in names(verdict(published, swapped, given), Outcome.REFUTED)
    header = second.chain.anchor.header
    changed = replace(second.chain, anchor=replace(second.chain.anchor, header=header[:-1]))
    assert "anchor" in names(verdict(published, replace(second, chain=changed), brought), Outcome.REFUTED)
    changed = replace(second.chain, head=replace(second.chain.head, storage=second.chain.head.storage[::-1] or (b"x",)))
    if changed != second.chain:
        assert "head" in names(verdict(published, replace(second, chain=changed), brought), Outcome.REFUTED)
    changed = replace(second.chain, head=replace(second.chain.head, account=()))
    assert names(verdict(published, replace(second, chain=changed), brought), Outcome.REFUTED) == ["head"]


def test_a_head_from_before_the_version_refutes_it(published):
    bundle = replace(published.second, chain=replace(published.second.chain, head=published.old_head))
    found = verdict(published, bundle, hashes(bundle))
    assert names(found, Outcome.REFUTED) == ["head"]


def test_the_newest_is_current_while_its_block_is_young(published):
    newest, old = published.second, published.first
    now = published.latest.timestamp + 100
    assert verdict(published, newest, hashes(newest), current=True, now=now).exit_code == 0
    assert names(verdict(published, newest, hashes(newest), current=True, now=now, max_age=99), Outcome.UNCHECKED) == [
        "head"
    ]
    late = verdict(published, newest, hashes(newest), current=True, now=now + 3_600)
    assert names(late, Outcome.UNCHECKED) == ["head"]
    assert names(verdict(published, old, hashes(old), current=True, now=now), Outcome.REFUTED) == ["head"]
    assert verdict(published, old, hashes(old)).exit_code == 0


def test_the_event_decides_whose_signature_counts(published):
    bundle = published.second
    other = published.key.sign_digest(bundle.manifest.fields.digest)
    forged = replace(bundle, signature=other)
    assert names(verdict(published, forged, hashes(bundle)), Outcome.REFUTED) == ["signature", "publisher"]
    assert names(verdict(published, forged), Outcome.UNCHECKED)[0] == "signature"
    malformed = replace(bundle, signature=bytes(65))
    assert names(verdict(published, malformed, hashes(bundle)), Outcome.REFUTED) == ["signature", "publisher"]
    assert names(verdict(published, malformed), Outcome.REFUTED) == ["signature"]
    unsigned = replace(bundle, signature=b"")
    assert verdict(published, unsigned, hashes(bundle)).exit_code == 0
    assert names(verdict(published, unsigned), Outcome.UNCHECKED)[0] == "signature"


def test_an_endpoint_decides_alone_and_a_wrong_chain_proof_is_still_refused(published):
    chain = Chain(published.registry)
    for bundle in (published.first, published.second):
        assert verdict(published, bundle, chain=chain).exit_code == 0
    now = published.registry.latest().timestamp + 5
    assert verdict(published, published.second, chain=chain, current=True, now=now).exit_code == 0
    stale = verdict(published, published.second, chain=chain, current=True, now=now + 10_000)
    assert names(stale, Outcome.UNCHECKED) == ["head"]
    assert names(verdict(published, published.first, chain=chain, current=True, now=now), Outcome.REFUTED) == ["head"]
    swapped = replace(published.second, chain=published.first.chain)
    assert names(verdict(published, swapped, chain=chain), Outcome.REFUTED) == ["anchor"]
