"""Owners, delegates and transfers, on the embedded chain and on anvil: who is taken a version from, and who is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from chain_places import Place
from test_publishing import LABEL, now, version

from anchoring.chain.errors import BadAddress, EndpointWrong, NoRegistry, NotOwner, NotPublisher
from anchoring.chain.keys import LocalKey
from anchoring.chain.ownership import FOREVER, Delegate, OwnedGraph
from anchoring.chain.publish import Publication, estimate
from anchoring.chain.registry import RegistryClient
from anchoring.signing.anchor import GraphId

NOBODY = "0x" + "00" * 20


@pytest.fixture
def owner(place: Place) -> LocalKey:
    return place.new_key()


@pytest.fixture
def graph(registry: RegistryClient, owner: LocalKey) -> OwnedGraph:
    return OwnedGraph(registry, owner.address, LABEL)


def to(graph: OwnedGraph, text: str) -> Publication:
    """The next version of the graph, for whoever publishes it."""
    return replace(version(text, graph.client.head(graph.id)), creator=graph.creator)


def soon(graph: OwnedGraph) -> int:
    return graph.client.latest().timestamp + 100_000


def test_a_graph_belongs_to_its_creator_at_first(graph: OwnedGraph, owner: LocalKey) -> None:
    found = graph.ownership()
    assert (found.owner, found.pending, found.transfers, found.delegates) == (owner.address, "", (), ())
    assert found.may_publish(owner.address)
    assert not found.may_publish(NOBODY)


def test_a_transfer_in_two_steps_after_which_the_former_owner_is_refused(
    place: Place, graph: OwnedGraph, owner: LocalKey
) -> None:
    heir, client = place.new_key(), graph.client
    first = now(client, owner, to(graph, "a"))
    graph.transfer(owner, heir.address)
    assert graph.ownership().pending == heir.address
    second = now(client, owner, to(graph, "b"))
    with pytest.raises(NotPublisher, match=heir.address):
        now(client, heir, to(graph, "c"))

    graph.accept(heir)
    found = graph.ownership()
    assert (found.owner, found.pending) == (heir.address, "")
    assert [(each.from_, each.to) for each in found.transfers] == [(owner.address, heir.address)]
    with pytest.raises(NotPublisher, match=owner.address):
        now(client, owner, to(graph, "c"))
    with pytest.raises(NotPublisher):
        estimate(client, owner.address, to(graph, "c"))
    with pytest.raises(NotOwner):
        graph.transfer(owner, owner.address)
    with pytest.raises(NotOwner):
        graph.accept(owner)
    with pytest.raises(NotOwner):
        graph.delegate(owner, owner.address, soon(graph))
    third = now(client, heir, to(graph, "c"))
    assert [each.publisher for each in client.anchors(graph.id)] == [owner.address, owner.address, heir.address]
    assert client.anchors(graph.id) == [first, second, third]


def test_only_who_was_named_takes_over_and_an_offer_can_be_taken_back(
    place: Place, graph: OwnedGraph, owner: LocalKey
) -> None:
    heir, thief = place.new_key(), place.new_key()
    with pytest.raises(NotOwner):
        graph.transfer(thief, thief.address)
    graph.transfer(owner, heir.address)
    with pytest.raises(NotOwner):
        graph.accept(thief)
    graph.transfer(owner, NOBODY)
    assert graph.ownership().pending == ""
    with pytest.raises(NotOwner):
        graph.accept(heir)


def test_a_delegate_publishes_until_its_time_is_over(place: Place, graph: OwnedGraph, owner: LocalKey) -> None:
    helper, client = place.new_key(), graph.client
    until = soon(graph)
    graph.delegate(owner, helper.address, until)
    assert graph.ownership().delegates == (Delegate(helper.address, until),)
    anchor = now(client, helper, to(graph, "a"))
    assert (anchor.publisher, anchor.graph) == (helper.address, graph.id)
    with pytest.raises(NotOwner):
        graph.delegate(helper, helper.address, FOREVER)

    graph.delegate(owner, helper.address, client.latest().timestamp - 60)
    now(client, owner, to(graph, "b"))
    assert graph.ownership().delegates == ()
    with pytest.raises(NotPublisher, match=helper.address):
        now(client, helper, to(graph, "c"))
    graph.delegate(owner, helper.address, 2**300)
    assert graph.ownership().delegates == (Delegate(helper.address, FOREVER),)
    graph.delegate(owner, helper.address, 0)
    assert not graph.ownership().may_publish(helper.address)


def test_delegates_lapse_at_a_transfer(place: Place, graph: OwnedGraph, owner: LocalKey) -> None:
    helper, heir = place.new_key(), place.new_key()
    graph.delegate(owner, helper.address, FOREVER)
    graph.transfer(owner, heir.address)
    graph.accept(heir)
    assert graph.ownership().delegates == ()
    with pytest.raises(NotPublisher):
        now(graph.client, helper, to(graph, "a"))
    graph.delegate(heir, owner.address, FOREVER)
    assert now(graph.client, owner, to(graph, "a")).publisher == owner.address


def test_other_graphs_of_the_owner_are_not_touched(place: Place, graph: OwnedGraph, owner: LocalKey) -> None:
    heir, other = place.new_key(), replace(graph, label=b"other".ljust(32, b"\0"))
    graph.transfer(owner, heir.address)
    graph.accept(heir)
    assert other.ownership().owner == owner.address
    assert now(graph.client, owner, version("a", label=other.label)).publisher == owner.address


@pytest.mark.parametrize("address", ["", "0x12", "0x" + "zz" * 20, "11" * 20])
def test_what_is_no_address_is_refused(graph: OwnedGraph, owner: LocalKey, address: str) -> None:
    with pytest.raises(BadAddress):
        graph.transfer(owner, address)


def test_nothing_is_sent_where_no_registry_stands(place: Place, graph: OwnedGraph, owner: LocalKey) -> None:
    elsewhere = replace(graph, client=RegistryClient(place.endpoint, "0x" + "ab" * 20))
    for asked in (elsewhere.ownership, lambda: elsewhere.transfer(owner, owner.address)):
        with pytest.raises(NoRegistry):
            asked()
    assert place.endpoint.nonce(owner.address) == 0


class Forgetful(RegistryClient):
    """A registry whose endpoint leaves out every event but versions."""

    def logs(self, graph: GraphId, topic: bytes, last: int) -> Iterator[Mapping[str, Any]]:
        return iter(())


def test_events_that_contradict_storage_are_told(place: Place, graph: OwnedGraph, owner: LocalKey) -> None:
    heir = place.new_key()
    graph.transfer(owner, heir.address)
    graph.accept(heir)
    lying = replace(graph, client=Forgetful(place.endpoint, graph.client.address))
    with pytest.raises(EndpointWrong, match="1 transfers"):
        lying.ownership()
