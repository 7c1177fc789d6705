"""Publishing, on the embedded chain and on anvil, through the same client."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from chain_places import Place, registry_abi

from anchoring.chain import transactions
from anchoring.chain.artifact import runtime_code
from anchoring.chain.deploy import deploy_registry, find_registry, registry_address
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import (
    FeeAboveCeiling,
    InsufficientFunds,
    NoRegistry,
    PublishPending,
    RpcRefused,
    StaleParent,
    WrongChain,
)
from anchoring.chain.keys import LocalKey, Signer
from anchoring.chain.publish import (
    BadPrepared,
    PreparedPublish,
    Publication,
    estimate,
    prepare,
    publish,
    published,
    send,
    settle,
)
from anchoring.chain.registry import RegistryClient
from anchoring.signing.anchor import ZERO_WORD, Anchor
from anchoring.signing.eip712 import keccak

LABEL = b"main".ljust(32, b"\0")


def version(text: str, parent: bytes = ZERO_WORD, label: bytes = LABEL) -> Publication:
    """A publication whose digests follow from `text`."""
    root, manifest = (hashlib.sha256(f"{what} {text}".encode()).digest() for what in ("root", "manifest"))
    return Publication(label, parent, root, 1000 + len(text), 7, manifest)


def now(client: RegistryClient, key: Signer, publication: Publication) -> Anchor:
    return publish(client, key, publication, keep=lambda _: None)


def transactions_of(client: RegistryClient, key: LocalKey) -> int:
    return client.endpoint.nonce(key.address)


def test_two_versions_make_a_history(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    first = now(registry, key, version("a"))
    second = now(registry, key, version("b", first.head))
    graph = version("a").graph(registry, key.address)
    assert registry.anchors(graph) == [first, second]
    assert registry.head(graph) == second.head
    assert (first.version, second.version) == (1, 2)
    assert (first.parent, second.parent) == (ZERO_WORD, first.head)
    assert first.head == version("a").fields(registry, key.address).head
    assert first.publisher == key.address
    assert (first.quads, first.blocks) == (1001, 7)
    assert second.block.number > first.block.number
    assert registry.endpoint.block(second.block.number) == second.block
    assert registry.latest().number >= second.block.number


def test_a_parent_that_is_not_the_head_is_refused_before_paying(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    first = now(registry, key, version("a"))
    sent = transactions_of(registry, key)
    with pytest.raises(StaleParent) as refusal:
        prepare(registry, key, version("other"))
    assert refusal.value.actual == first.head
    with pytest.raises(StaleParent):
        now(registry, key, version("other"))
    with pytest.raises(StaleParent):
        estimate(registry, key.address, version("other"))
    assert transactions_of(registry, key) == sent


def test_the_contract_itself_refuses_a_stale_parent(place: Place, registry: RegistryClient) -> None:
    """Two that were prepared on the same head: one gets in, the other is told the new head."""
    key = place.new_key()
    late = prepare(registry, key, version("late"))
    message = {
        "to": "0x" + bytes.fromhex(registry.address[2:]).hex(),
        "data": late_data(registry, key, version("late")),
        "from": key.address,
    }
    winner = now(registry, key, version("early"))
    with pytest.raises(RpcRefused) as refusal:
        registry.endpoint.request("eth_call", [message, "latest"])
    assert refusal.value.data is not None
    assert refusal.value.data[4:] == winner.head
    # On the chain too, with gas enough that no estimate is asked.
    raw = key.sign_transaction(
        {
            "type": 2,
            "chainId": registry.chain_id(),
            "nonce": transactions_of(registry, key),
            "to": bytes.fromhex(registry.address[2:]),
            "value": 0,
            "data": message["data"],
            "gas": 200_000,
            "maxFeePerGas": 10**11,
            "maxPriorityFeePerGas": 1,
        }
    )
    transactions.send(registry.endpoint, raw)
    signed = replace(late.transaction, raw=raw, hash=keccak(raw))
    with pytest.raises(StaleParent) as undone:
        settle(registry, replace(late, transaction=signed))
    assert undone.value.actual == winner.head


def late_data(registry: RegistryClient, key: LocalKey, publication: Publication) -> str:
    contract = registry.endpoint.web3().eth.contract(abi=registry_abi())
    size = publication.quads << 32 | publication.blocks
    arguments = (publication.label, publication.parent, publication.root, size, publication.manifest)
    return str(contract.encode_abi("publish", arguments))


def test_another_signer_publishes_another_graph(place: Place, registry: RegistryClient) -> None:
    key, stranger = place.new_key(), place.new_key()
    first = now(registry, key, version("a"))
    with pytest.raises(StaleParent):
        now(registry, stranger, version("b", first.head))
    other = now(registry, stranger, version("b"))
    assert other.graph != first.graph
    assert registry.head(first.graph) == first.head


def test_publishing_again_sends_nothing(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    first = now(registry, key, version("a"))
    second = now(registry, key, version("b", first.head))
    sent = transactions_of(registry, key)
    assert now(registry, key, version("b", first.head)) == second
    assert now(registry, key, version("a")) == first, "an older version is found below the head"
    assert published(registry, key.address, version("c", second.head)) is None
    assert transactions_of(registry, key) == sent


@pytest.mark.parametrize("died", ["before keeping", "before sending", "after sending", "after the block"])
def test_a_run_that_died_is_finished_by_the_next(place: Place, registry: RegistryClient, died: str) -> None:
    key = place.new_key()
    kept: list[PreparedPublish] = []
    prepared = prepare(registry, key, version("a"))
    if died != "before keeping":
        kept.append(PreparedPublish.from_json(prepared.as_json()))
    if died in ("after sending", "after the block"):
        send(registry, prepared)
    if died == "after the block":
        settle(registry, prepared)
    anchor = publish(registry, key, version("a"), keep=kept.append, kept=kept[0] if kept else None)
    assert registry.anchors(anchor.graph) == [anchor]
    assert transactions_of(registry, key) == 1, "one transaction in all"
    assert len(kept) == 1


def test_a_kept_transaction_whose_nonce_is_used_is_replaced(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    prepared = prepare(registry, key, version("a"))
    now(registry, key, version("elsewhere", label=bytes(32)))
    anchor = publish(registry, key, version("a"), keep=lambda _: None, kept=prepared)
    assert registry.anchors(anchor.graph) == [anchor]


def test_the_cost_is_known_before_sending(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    foreseen = estimate(registry, key.address, version("a"))
    prepared = prepare(registry, key, version("a"))
    assert foreseen.gas == prepared.cost.gas
    assert prepared.cost.expected <= prepared.cost.most
    before = registry.endpoint.balance(key.address)
    send(registry, prepared)
    settle(registry, prepared)
    paid = before - registry.endpoint.balance(key.address)
    assert 0 < paid <= prepared.cost.most


def test_a_ceiling_is_kept(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    with pytest.raises(FeeAboveCeiling) as refusal:
        prepare(registry, key, version("a"), ceiling=1000)
    assert refusal.value.retryable
    enough = prepare(registry, key, version("a")).cost.expected + 1
    # On anvil others send at the same time, so the fee can rise a little meanwhile.
    assert prepare(registry, key, version("a"), ceiling=enough * 3 // 2).cost.most <= enough * 3 // 2


@pytest.mark.anvil
def test_an_empty_account_is_told_what_it_lacks(anvil_url: str) -> None:
    place = Place(Endpoint(anvil_url), "anvil")
    registry = place.registry()
    with pytest.raises(InsufficientFunds, match="has 0 wei"):
        prepare(registry, LocalKey(hashlib.sha256(b"poor").digest()), version("a"))


def test_a_transaction_that_gets_into_no_block_is_pending(place: Place, registry: RegistryClient) -> None:
    prepared = prepare(registry, place.new_key(), version("a"))
    with pytest.raises(PublishPending) as pending:
        settle(registry, prepared, patience=0.1)
    assert pending.value.retryable


def test_a_replacement_pays_more_for_the_same_nonce(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    first = prepare(registry, key, version("a"))
    second = prepare(registry, key, version("a"), replaces=first)
    assert second.transaction.nonce == first.transaction.nonce
    assert second.transaction.fees.most * 8 >= first.transaction.fees.most * 9
    assert second.transaction.hash != first.transaction.hash
    send(registry, second)
    assert settle(registry, second).head == first.head


def test_the_registry_is_deployed_once_at_the_same_address(place: Place) -> None:
    key = place.new_key()
    address = deploy_registry(place.endpoint, key)
    assert address == registry_address() == find_registry(place.endpoint)
    assert place.endpoint.code(address) == runtime_code()
    assert RegistryClient(place.endpoint, address).runs_known_code()
    sent = place.endpoint.nonce(key.address)
    assert deploy_registry(place.endpoint, key) == address
    assert place.endpoint.nonce(key.address) == sent


def test_a_client_refuses_the_wrong_chain_and_the_wrong_registry(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    graph = version("a").graph(registry, key.address)
    with pytest.raises(WrongChain):
        registry.head(replace(graph, chain_id=1))
    with pytest.raises(WrongChain):
        registry.anchors(replace(graph, registry="0x" + "ab" * 20))
    nowhere = RegistryClient(place.endpoint, "0x" + "ab" * 20)
    with pytest.raises(NoRegistry):
        nowhere.head(replace(graph, registry=nowhere.address))
    with pytest.raises(NoRegistry):
        nowhere.anchors(replace(graph, registry=nowhere.address))


def test_a_graph_without_versions_has_none(place: Place, registry: RegistryClient) -> None:
    graph = version("a").graph(registry, place.new_key().address)
    assert registry.head(graph) == ZERO_WORD
    assert registry.anchors(graph) == []
    assert registry.anchor(graph, b"\1" * 32) is None


def test_sizes_beyond_the_format_are_refused_by_the_contract(place: Place, registry: RegistryClient) -> None:
    contract = registry.endpoint.web3().eth.contract(abi=registry_abi())
    data = contract.encode_abi("publish", (LABEL, bytes(32), bytes(32), 1 << 96, bytes(32)))
    with pytest.raises(RpcRefused) as refusal:
        registry.endpoint.call(registry.address, bytes.fromhex(data[2:]))
    assert refusal.value.data is not None
    assert int.from_bytes(refusal.value.data[4:], "big") == 1 << 96


def test_what_was_kept_can_be_damaged() -> None:
    with pytest.raises(BadPrepared):
        PreparedPublish.from_json({"head": "zz"})


class Narrow:
    """A transport that refuses wide log ranges, as public nodes do."""

    def __init__(self, endpoint: Endpoint, most: int) -> None:
        self.endpoint, self.most, self.asked = endpoint, most, 0

    def make_request(self, method: Any, params: Any) -> Any:
        if method == "eth_getLogs":
            self.asked += 1
            width = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1
            if width > self.most:
                return {"error": {"code": -32005, "message": "block range too large"}}
        try:
            return {"result": self.endpoint.request(method, params)}
        except RpcRefused as refused:
            return {"error": {"code": refused.rpc_code, "message": refused.what}}


def test_log_ranges_that_a_node_refuses_are_halved(place: Place, registry: RegistryClient) -> None:
    key = place.new_key()
    first = now(registry, key, version("a"))
    second = now(registry, key, version("b", first.head))
    narrow = Narrow(registry.endpoint, 3)
    since = max(0, first.block.number - 20)
    client = RegistryClient(Endpoint("narrow", transport=narrow), registry.address, first_block=since)
    assert client.anchors(first.graph) == [first, second]
    assert narrow.asked > 1
    closed = Endpoint("closed", transport=Narrow(registry.endpoint, 0))
    with pytest.raises(RpcRefused):
        RegistryClient(closed, registry.address, first_block=since).anchors(first.graph)
