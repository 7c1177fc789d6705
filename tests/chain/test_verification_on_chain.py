"""Versions on real chains verify from the graph id alone, and the contract judges proofs as we do."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from anchoring.blockstores.memory import MemoryStore
from anchoring.chain import transactions
from anchoring.chain.artifact import creation_code
from anchoring.chain.deploy import created_address
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.publish import Publication, publish
from anchoring.chain.registry import RegistryClient
from anchoring.chain.statement_check import check_on_chain
from anchoring.errors import ServiceFailed
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.line_index import LineIndex
from anchoring.proofs.proof import PresenceRefuted, prove_presence
from anchoring.proofs.proving import BuiltVersion, prove
from anchoring.signing.manifest import Manifest
from anchoring.signing.snapshot import VersionHeader, write_version
from anchoring.verification.check_anchor import Chain
from anchoring.verification.verdict import Outcome
from anchoring.verification.verify import verify_version
from anchoring.verification.verify_bundle import verify_proof

LABEL = b"\x05" * 32


def lines(count, extra=()):
    made = [b"<http://example.org/%06d> <http://example.org/p> <http://example.org/o> ." % i for i in range(count)]
    return sorted({*made, *extra})


def publish_version(registry, key, store, content, parent=None):
    header = VersionHeader(registry.chain_id(), registry.address, key.address, LABEL, "CC-BY-4.0")
    if parent:
        header = replace(
            header,
            version=parent.manifest.version + 1,
            parent=parent.fields.head,
            parent_manifest=parent.cid,
        )
    snapshot = write_version(content, header, {}, key.sign_digest, store)
    fields = snapshot.fields
    publication = Publication(LABEL, fields.parent, fields.root, fields.quads, fields.blocks, fields.manifest)
    publish(registry, key, publication, keep=lambda prepared: None)
    return snapshot


@pytest.fixture
def published(place, registry):
    key, store = place.new_key(), MemoryStore()
    first = publish_version(registry, key, store, lines(700))
    second = publish_version(registry, key, store, lines(700, [b"<a:new> <a:p> <a:o> ."]), first)
    return first, second, store


def test_both_versions_and_a_proof_verify_and_the_contract_agrees(place, registry, published, seed):
    first, second, store = published
    graph, chain = second.manifest.graph, Chain(registry)
    for target in (first.directory, second.directory, second.cid, 1, 2):
        verdict = verify_version(target, graph=graph, readers=[store], chain=chain)
        assert verdict.exit_code == 0, verdict.as_json()
    line = lines(700)[345]
    bundle = prove(
        Claim(ClaimKind.PRESENCE, (line,)),
        BuiltVersion(second.manifest, LineIndex(second.dataset, store), second.signature.signature),
    )
    assert verify_proof(bundle.encode(), graph=graph, chain=chain).exit_code == 0

    rng = random.Random(seed)
    manifest = second.manifest
    for each in rng.sample(lines(700), 5):
        presence = prove_presence(each, second.dataset, store)
        assert check_on_chain(registry, second.fields, presence)
        field = rng.choice(["block", "index", "start", "count", "length", "line", "digest", "line_path", "block_path"])
        old = getattr(presence, field)
        new = old + 1 if isinstance(old, int) else bytes([old[0] ^ 1]) + old[1:]
        changed = replace(presence, **{field: new})
        assert not check_on_chain(registry, second.fields, changed)
        with pytest.raises(PresenceRefuted):
            changed.check(root=manifest.root, quads=manifest.quads, blocks=manifest.blocks)


def another_registry(place):
    """The registry's own code at an address that the verifier has not named."""
    key = place.new_key()
    message = {"from": key.address, "data": f"0x{creation_code().hex()}"}
    signed = transactions.sign(place.endpoint, key, message, ceiling=None, replaces=None)
    transactions.send(place.endpoint, signed.raw)
    transactions.wait(place.endpoint, signed.hash)
    return RegistryClient(place.endpoint, created_address(key.address, signed.nonce))


def test_another_registry_is_refuted(place, registry, published):
    _, second, store = published
    graph, attacker = second.manifest.graph, another_registry(place)
    assert attacker.address != registry.address
    forged = publish_version(attacker, place.new_key(), store, lines(5))
    verdict = verify_version(forged.directory, graph=forged.manifest.graph, readers=[store], chain=Chain(attacker))
    assert verdict.exit_code == 0
    verdict = verify_version(forged.directory, graph=graph, readers=[store], chain=Chain(registry))
    assert [check.name for check in verdict.of(Outcome.REFUTED)] == ["graph"]
    bundle = prove(
        Claim(ClaimKind.PRESENCE, (lines(5)[0],)),
        BuiltVersion(forged.manifest, LineIndex(forged.dataset, store), forged.signature.signature),
    )
    assert verify_proof(bundle.encode(), graph=graph, chain=Chain(registry)).exit_code == 1


def test_a_version_that_was_only_signed_is_refuted(registry, published):
    _, second, store = published
    manifest = Manifest.decode(replace(second.manifest, licence="CC0-1.0").encode())
    store.put([manifest.block], [])
    verdict = verify_version(manifest.block.cid, graph=manifest.graph, readers=[store], chain=Chain(registry))
    assert [check.name for check in verdict.of(Outcome.REFUTED)] == ["anchor"]


@pytest.mark.anvil
def test_an_endpoint_that_is_not_there_is_no_verdict(registry, published):
    _, second, store = published
    gone = RegistryClient(Endpoint("http://127.0.0.1:9"), registry.address)
    with pytest.raises(ServiceFailed):
        verify_version(second.directory, graph=second.manifest.graph, readers=[store], chain=Chain(gone))
