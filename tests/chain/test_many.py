"""Many graphs in one transaction, and batches by their root, beside a recursive tree as the oracle."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from chain_places import Place, registry_abi
from hypothesis import given, settings
from hypothesis import strategies as st
from test_publishing import now, version

from anchoring.chain.errors import NotPublisher, StaleParent
from anchoring.chain.keys import LocalKey
from anchoring.chain.many import BadMany, batch_call, find_batch, many_call, publish_batch, publish_many
from anchoring.chain.ownership import FOREVER, OwnedGraph
from anchoring.chain.publish import Publication
from anchoring.chain.registry import RegistryClient
from anchoring.signing.anchor import GraphId
from anchoring.signing.batch import BadBatch, Batch, BatchProof, BatchRefuted, entry_of
from anchoring.signing.eip712 import VersionFields


def label(n: int) -> bytes:
    return n.to_bytes(32, "big")


def next_of(registry: RegistryClient, key: LocalKey, count: int) -> list[Publication]:
    made = (version(f"graph {n}", label=label(n)) for n in range(count))
    return [replace(each, parent=registry.head(each.graph(registry, key.address))) for each in made]


def test_a_batch_publishes_each_graph_on_its_parent(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    first = publish_many(registry, key, next_of(registry, key, 5))
    assert [anchor.version for anchor in first] == [1] * 5
    assert len({anchor.transaction for anchor in first}) == 1
    publications = next_of(registry, key, 5)
    second = publish_many(registry, key, publications)
    assert [registry.anchors(after.graph) for after in second] == [
        [before, after] for before, after in zip(first, second, strict=True)
    ]
    sent = registry.endpoint.nonce(key.address)
    assert publish_many(registry, key, publications) == second, "what is there is not sent again"
    assert registry.endpoint.nonce(key.address) == sent


def test_one_stale_graph_leaves_all_out(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    late = next_of(registry, key, 3)
    other = now(registry, key, version("elsewhere", label=label(1)))
    with pytest.raises(StaleParent) as stale:
        publish_many(registry, key, late)
    assert stale.value.actual == other.head
    assert [registry.head(each.graph(registry, key.address))[:5] for each in late] == [
        bytes(5),
        b"\0\0\0\0\1",
        bytes(5),
    ]


def test_graphs_of_several_owners_go_together_if_all_let_the_sender(place: Place, registry: RegistryClient) -> None:
    helper, owners = place.new_key(), [place.new_key() for _ in range(2)]
    publications = [replace(version("a"), creator=owner.address) for owner in owners]
    with pytest.raises(NotPublisher):
        publish_many(registry, helper, publications)
    for owner in owners:
        OwnedGraph(registry, owner.address, version("a").label).delegate(owner, helper.address, FOREVER)
    anchors = publish_many(registry, helper, publications)
    assert [anchor.publisher for anchor in anchors] == [helper.address] * 2


def test_none_and_twice_are_refused(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    for publications in ([], [version("a"), version("b")]):
        with pytest.raises(BadMany):
            publish_many(registry, key, publications)


def test_the_calls_are_those_of_the_standard_abi(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    web3 = registry.endpoint.web3()
    contract = web3.eth.contract(abi=registry_abi())
    publications = next_of(registry, key, 3)
    creator = web3.to_checksum_address(key.address)
    tuples = [(creator, p.label, p.parent, p.root, p.quads << 32 | p.blocks, p.manifest) for p in publications]
    assert many_call(key.address, publications).hex() == contract.encode_abi("publishMany", (tuples,))[2:]
    batch = Batch.of([p.fields(registry, key.address) for p in publications])
    assert batch_call(batch).hex() == contract.encode_abi("publishBatch", (batch.root, 3))[2:]


def test_a_batchs_root_is_an_event_and_moves_no_head(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    versions = [each.fields(registry, key.address) for each in next_of(registry, key, 7)]
    batch = Batch.of(versions)
    anchor = publish_batch(registry, key, batch)
    assert (anchor.publisher, anchor.root, anchor.count) == (key.address, batch.root, 7)
    assert find_batch(registry, key.address, batch.root) == anchor
    assert find_batch(registry, place.new_key().address, batch.root) is None
    assert find_batch(registry, key.address, bytes(32)) is None
    for each in versions:
        assert registry.head(each.graph) == bytes(32)
        batch.prove(each).check(each, anchor.root)


words = st.binary(min_size=32, max_size=32)
some_versions = st.builds(
    VersionFields,
    st.builds(GraphId, st.just(1), st.just("0x" + "11" * 20), words),
    st.integers(1, 2**40 - 1),
    words,
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**32 - 1),
    words,
    words,
)


def slow_root(entries: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, as it stands there."""
    if len(entries) == 1:
        return sha256(b"\0" + entries[0]).digest()
    k = 1
    while 2 * k < len(entries):
        k *= 2
    return sha256(b"\1" + slow_root(entries[:k]) + slow_root(entries[k:])).digest()


@settings(max_examples=60)
@given(st.lists(some_versions, min_size=1, max_size=20, unique_by=entry_of), some_versions, st.data())
def test_every_version_of_a_batch_is_shown_and_no_other(
    versions: list[VersionFields], other: VersionFields, data: st.DataObject
) -> None:
    batch = Batch.of(versions)
    assert batch.root == slow_root(sorted(map(entry_of, versions)))
    for each in versions:
        proof = batch.prove(each)
        proof.check(each, batch.root)
        for wrong in (
            replace(proof, index=proof.index + 1),
            replace(proof, count=proof.count + data.draw(st.integers(64, 99))),
            replace(proof, path=proof.path + bytes(32)),
            replace(proof, path=proof.path[:-32] if proof.path else bytes(32)),
        ):
            with pytest.raises(BatchRefuted):
                wrong.check(each, batch.root)
        if other not in versions:
            with pytest.raises(BatchRefuted):
                proof.check(other, batch.root)
    if entry_of(other) not in batch.entries:
        with pytest.raises(BadBatch):
            batch.prove(other)


def test_a_batch_has_each_version_once_and_at_least_one() -> None:
    one = VersionFields(GraphId(1, "0x" + "11" * 20, bytes(32)), 1, bytes(32), 0, 0, bytes(32), bytes(32))
    for versions in ([], [one, one]):
        with pytest.raises(BadBatch):
            Batch.of(versions)
    with pytest.raises(BatchRefuted):
        BatchProof(0, 0, b"").check(one, Batch.of([one]).root)
