"""Endpoints that fail are passed over, ones that contradict each other are not believed: a real proxy before anvil."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from misbehaving_proxy import Proxy, misbehaving
from own_anvil import Chain, anvil
from test_publishing import now, version

from anchoring.chain.deploy import deploy_registry
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import (
    EndpointBusy,
    EndpointFailing,
    EndpointsDisagree,
    EndpointUnreachable,
    EndpointWrong,
    WrongChain,
)
from anchoring.chain.keys import LocalKey
from anchoring.chain.registry import RegistryClient
from anchoring.chain.retries import NO_RETRIES, Retries
from anchoring.signing.anchor import Anchor, GraphId
from anchoring.verification.check_anchor import Chain as VerifierChain
from anchoring.verification.check_anchor import check_anchor
from anchoring.verification.check_signature import Signed
from anchoring.verification.verdict import Examination, Outcome

pytestmark = pytest.mark.anvil

QUICK = Retries(first=0.02, most=0.05)
SILENCE = "http://127.0.0.1:9"
"""Nobody listens there."""


@pytest.fixture(scope="module")
def chain(cast: Path) -> Iterator[Chain]:
    with anvil(cast) as running:
        yield running


@pytest.fixture
def proxy(chain: Chain) -> Iterator[Proxy]:
    with misbehaving(chain.url) as one:
        yield one


@pytest.fixture
def other(chain: Chain) -> Iterator[Proxy]:
    with misbehaving(chain.url) as one:
        yield one


@pytest.fixture(scope="module")
def history(chain: Chain) -> tuple[RegistryClient, str, list[Anchor]]:
    """Two versions on the chain, and blocks on top."""
    endpoint, key = Endpoint(chain.url), LocalKey(b"\x31" * 32)
    chain.ask("anvil_setBalance", key.address, hex(10**20))
    client = RegistryClient(endpoint, deploy_registry(endpoint, key))
    first = now(client, key, version("a"))
    chain.mine(5)
    second = now(client, key, version("b", first.head))
    chain.mine(2)
    return client, key.address, [first, second]


def verdict(anchor: Anchor, owner: str, endpoint: Endpoint) -> Outcome:
    """What a verifier with this endpoint says of the newest version."""
    from anchoring.verification.check_anchor import fields_of

    examination = Examination(about={})
    source = RegistryClient(endpoint, anchor.graph.registry)
    check_anchor(examination, fields_of(anchor), Signed(signer=owner), VerifierChain(source))
    return examination.verdict("test").outcome


@pytest.mark.parametrize("fault", ["close", "truncate", "500", "502", "429", "503", "429 0", "hang"])
def test_what_may_pass_is_tried_again(proxy: Proxy, fault: str) -> None:
    proxy.faults = [fault, fault]
    assert Endpoint(proxy.url, retries=QUICK, timeout=0.3).chain_id() == 31337
    assert proxy.asked["eth_chainId"] == 3


@pytest.mark.parametrize(
    ("fault", "error", "tries"),
    [
        ("close", EndpointUnreachable, 4),
        ("truncate", EndpointFailing, 4),
        ("500", EndpointFailing, 4),
        ("429", EndpointBusy, 4),
        ("html", EndpointWrong, 1),
        ("403", EndpointWrong, 1),
        ("429 7200", EndpointBusy, 1),
    ],
)
def test_tries_are_bounded_and_none_is_wasted(
    proxy: Proxy, fault: str, error: type[EndpointWrong | EndpointUnreachable], tries: int
) -> None:
    proxy.always = fault
    with pytest.raises(error):
        Endpoint(proxy.url, retries=QUICK).chain_id()
    assert proxy.asked["eth_chainId"] == tries


def test_a_refusal_is_not_asked_twice(proxy: Proxy) -> None:
    with pytest.raises(EndpointWrong, match="refused no_such_method"):
        Endpoint(proxy.url, retries=QUICK).request("no_such_method")
    assert proxy.asked["no_such_method"] == 1


def test_an_endpoint_that_asks_to_wait_is_left_alone_so_long(proxy: Proxy) -> None:
    proxy.faults = ["429 1"]
    began = time.monotonic()
    assert Endpoint(proxy.url, retries=QUICK).chain_id() == 31337
    assert proxy.times[1] - proxy.times[0] >= 1.0
    assert time.monotonic() - began < 20


def test_the_whole_time_is_bounded(proxy: Proxy) -> None:
    proxy.always, proxy.hangs = "hang", 0.5
    began = time.monotonic()
    with pytest.raises(EndpointUnreachable):
        Endpoint(proxy.url, timeout=0.2, retries=Retries(tries=1000, first=0.01, total=1.0)).chain_id()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("fault", ["close", "truncate", "500", "429 3600", "html", "403", "hang"])
def test_the_next_endpoint_answers_for_one_that_fails(
    proxy: Proxy, chain: Chain, history: tuple[RegistryClient, str, list[Anchor]], fault: str
) -> None:
    client, owner, anchors = history
    proxy.always = fault
    endpoint = Endpoint(SILENCE, proxy.url, chain.url, retries=QUICK, timeout=0.3)
    assert RegistryClient(endpoint, client.address).anchors(anchors[0].graph) == anchors
    assert verdict(anchors[-1], owner, endpoint) is Outcome.PASSED
    assert sum(proxy.asked.values()) <= 3, "it rests after it failed"


def test_all_that_fail_are_named_without_their_secrets(proxy: Proxy) -> None:
    proxy.always = "500"
    endpoint = Endpoint("http://user:s3cr3t@127.0.0.1:9/s3cr3t", proxy.url + "/s3cr3t", retries=NO_RETRIES)
    with pytest.raises(EndpointUnreachable) as raised:
        endpoint.chain_id()
    assert "127.0.0.1:9" in str(raised.value)
    assert proxy.url in str(raised.value)
    assert "s3cr3t" not in str(raised.value)


def test_an_endpoint_of_another_chain_is_dropped_and_said(
    proxy: Proxy, chain: Chain, caplog: pytest.LogCaptureFixture
) -> None:
    proxy.lies["eth_chainId"] = lambda _: "0x1"
    endpoint = Endpoint(proxy.url, chain.url, chain_id=31337)
    assert endpoint.latest().number >= 0
    assert f"{proxy.url} serves chain 1, not 31337" in caplog.text
    assert proxy.asked == {"eth_chainId": 1}
    with pytest.raises(WrongChain, match="serves chain 1, not 31337"):
        Endpoint(proxy.url, chain_id=31337).latest()
    with pytest.raises(WrongChain):
        Endpoint(proxy.url, proxy.url + "/2", chain_id=31337).latest()


def changed(**members: object) -> object:
    return lambda result: result and {**result, **members}


def forged_log(result: dict[str, object] | None) -> object:
    """Another root in the receipt's event."""
    if not result:
        return result
    (log,) = result["logs"]  # type: ignore[misc]
    return {**result, "logs": [{**log, "data": log["data"][:70] + "ff" + log["data"][72:]}]}


LIES = {
    "a receipt that failed": ("eth_getTransactionReceipt", changed(status="0x0")),
    "a receipt in another block": ("eth_getTransactionReceipt", changed(blockHash="0x" + "ab" * 32)),
    "a receipt with another event": ("eth_getTransactionReceipt", forged_log),
    "no receipt": ("eth_getTransactionReceipt", lambda _: None),
    "another block": ("eth_getBlockByNumber", changed(hash="0x" + "cd" * 32)),
    "no events": ("eth_getLogs", lambda _: []),
    "the first event alone": ("eth_getLogs", lambda logs: logs[:1]),
    "another head": ("eth_call", lambda word: word[:-2] + "ff"),
    "no head": ("eth_call", lambda word: "0x" + "00" * 32),
}


@pytest.mark.parametrize("order", ["the liar first", "the liar last"])
@pytest.mark.parametrize("lie", LIES)
def test_a_lie_beside_an_honest_endpoint_is_reported(
    proxy: Proxy, chain: Chain, history: tuple[RegistryClient, str, list[Anchor]], lie: str, order: str
) -> None:
    _, owner, anchors = history
    method, changes = LIES[lie]
    proxy.lies[method] = changes  # type: ignore[assignment]
    urls = [proxy.url, chain.url] if order == "the liar first" else [chain.url, proxy.url]
    endpoint = Endpoint(*urls, retries=QUICK, stuck="refused")
    endpoint._transport._sleep = lambda _: None  # type: ignore[attr-defined] - no need to wait for what will not change
    with pytest.raises(EndpointsDisagree, match="contradict each other"):
        verdict(anchors[-1], owner, endpoint)


def test_one_that_lags_a_little_is_no_contradiction(
    proxy: Proxy, chain: Chain, history: tuple[RegistryClient, str, list[Anchor]]
) -> None:
    _, owner, anchors = history
    newest = Endpoint(chain.url).latest()
    proxy.behind = newest.number - 1
    endpoint = Endpoint(proxy.url, chain.url, retries=QUICK, stuck="refused")
    assert endpoint.latest().number == newest.number - 1, "all of them can witness that one"
    assert verdict(anchors[-1], owner, endpoint) is Outcome.PASSED


def test_a_receipt_that_one_does_not_have_yet_is_taken_from_the_other(
    proxy: Proxy, chain: Chain, history: tuple[RegistryClient, str, list[Anchor]]
) -> None:
    anchor = history[2][-1]
    proxy.behind = anchor.block.number - 1
    endpoint = Endpoint(proxy.url, chain.url, retries=QUICK)
    receipt = endpoint.request("eth_getTransactionReceipt", ["0x" + anchor.transaction.hex()])
    assert receipt["blockHash"] == "0x" + anchor.block.hash.hex()


def test_one_that_does_not_follow_is_left_out_or_refused(
    proxy: Proxy, chain: Chain, history: tuple[RegistryClient, str, list[Anchor]], caplog: pytest.LogCaptureFixture
) -> None:
    _, owner, anchors = history
    proxy.behind = anchors[0].block.number
    chain.ask("evm_increaseTime", 3600)
    chain.mine(4)
    endpoint = Endpoint(proxy.url, chain.url, retries=QUICK)
    assert endpoint.latest().number > anchors[-1].block.number
    assert f"{proxy.url} is left out" in caplog.text
    assert verdict(anchors[-1], owner, endpoint) is Outcome.PASSED
    with pytest.raises(EndpointsDisagree, match="does not follow"):
        verdict(anchors[0], owner, Endpoint(proxy.url, chain.url, retries=QUICK, stuck="refused"))


def test_a_transaction_goes_to_all(proxy: Proxy, other: Proxy, chain: Chain) -> None:
    key = LocalKey(b"\x32" * 32)
    chain.ask("anvil_setBalance", key.address, hex(10**20))
    endpoint = Endpoint(SILENCE, proxy.url, other.url, retries=QUICK)
    client = RegistryClient(endpoint, deploy_registry(endpoint, key))
    anchor = now(client, key, version("to all"))
    assert client.anchors(anchor.graph) == [anchor]
    assert proxy.asked["eth_sendRawTransaction"] >= 1
    assert other.asked["eth_sendRawTransaction"] == proxy.asked["eth_sendRawTransaction"]


@pytest.mark.parametrize("fault", ["close", "truncate", "500", "429", "hang"])
def test_publishing_survives_an_endpoint_that_fails_half_of_the_time(proxy: Proxy, chain: Chain, fault: str) -> None:
    key = LocalKey(b"\x33" * 32)
    chain.ask("anvil_setBalance", key.address, hex(10**20))
    proxy.faults = [fault if turn % 2 else "" for turn in range(40)]
    endpoint = Endpoint(proxy.url, retries=QUICK, timeout=0.3)
    client = RegistryClient(endpoint, deploy_registry(endpoint, key))
    before = chain.nonce(key.address)
    anchor = now(client, key, version(f"half {fault}", label=fault.encode().ljust(32, b"\0")))
    assert RegistryClient(Endpoint(chain.url), client.address).anchors(anchor.graph) == [anchor]
    assert chain.nonce(key.address) == before + 1


def test_a_graph_id_is_needed_for_none_of_it(chain: Chain) -> None:
    """The registry of another chain id is refused before anything is asked of several endpoints."""
    graph = GraphId(1, "0x" + "ab" * 20, bytes(32))
    with pytest.raises(WrongChain):
        RegistryClient(Endpoint(chain.url, chain.url + "/"), graph.registry).head(graph)
