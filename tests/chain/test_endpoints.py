"""Endpoints that are absent, wrong, endless or lying: each ends in an error of ours that shows no credentials."""

from __future__ import annotations

import copy
import json
import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from chain_places import Place
from hypothesis import given, settings
from hypothesis import strategies as st
from test_publishing import now, version

from anchoring.chain import transport
from anchoring.chain.devchain import DevChain
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import (
    BadAddress,
    BadEndpoint,
    EndpointBusy,
    EndpointFailing,
    EndpointUnreachable,
    EndpointWrong,
    NoRegistry,
    RpcRefused,
)
from anchoring.chain.registry import RegistryClient
from anchoring.chain.retries import NO_RETRIES, Retries
from anchoring.errors import TriplockError

SECRET = "s3cr3t"


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server whose answers the test writes; its address, credentials in it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://user:{SECRET}@127.0.0.1:{server.server_address[1]}/v3/{SECRET}?key={SECRET}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reply(body: bytes, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def result(value: object) -> Callable[[BaseHTTPRequestHandler], None]:
    return reply(json.dumps({"jsonrpc": "2.0", "id": 1, "result": value}).encode())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(b"<html>"), EndpointWrong),
        (reply(b"[" * 200_000), EndpointWrong),
        (reply(b"[]"), EndpointWrong),
        (reply(b"{}"), EndpointWrong),
        (reply(b"\xff\xfe"), EndpointWrong),
        (reply(b"busy", status=429), EndpointBusy),
        (reply(b"oops", status=500), EndpointFailing),
        (reply(b"", status=301, Location="http://127.0.0.1:1/"), EndpointWrong),
        (reply(b'{"result": "0x1"'), EndpointWrong),
        (reply(b'{"error": {"code": -32005, "message": "slow \\u001b[2J down"}}', status=400), RpcRefused),
        (reply(b'{"error": "text"}'), RpcRefused),
        (result("1"), EndpointWrong),
        (result("0x"), EndpointWrong),
        (result(None), EndpointWrong),
        (result({"number": "0x1"}), EndpointWrong),
    ],
)
def test_a_wrong_answer_is_an_error_of_ours(
    answer: Callable[[BaseHTTPRequestHandler], None], error: type[TriplockError], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with serving(answer) as url:
        endpoint = Endpoint(url, retries=Retries(first=0.01))
        with pytest.raises(error) as raised:
            endpoint.chain_id()
    assert raised.value.exit_code == 4
    assert raised.value.retryable
    # Nothing a person or a log sees holds the credentials or a control character of the node's.
    for text in (str(raised.value), json.dumps(raised.value.as_json()), repr(endpoint), endpoint.name, caplog.text):
        assert SECRET not in text
        assert "\x1b" not in text
    assert raised.value.__cause__ is None


def test_nobody_at_the_address_is_said_soon() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(EndpointUnreachable, match=f"http://127.0.0.1:{port}") as raised:
        Endpoint(f"http://user:{SECRET}@127.0.0.1:{port}/{SECRET}").chain_id()
    assert SECRET not in str(raised.value)


def test_an_endless_answer_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 1 << 20)

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b" " * 65536)
        except OSError:
            pass

    with serving(endless) as url, pytest.raises(EndpointWrong, match="more than 1048576 bytes"):
        Endpoint(url).chain_id()


def test_a_dripping_answer_ends() -> None:
    stop = threading.Event()

    def dripping(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while not stop.wait(0.05):
                handler.wfile.write(b" " * 70_000)
        except OSError:
            pass

    with serving(dripping) as url, pytest.raises(EndpointUnreachable, match=r"within 0\.5 s"):
        Endpoint(url, timeout=0.5, retries=NO_RETRIES).chain_id()
    stop.set()


@pytest.mark.parametrize("url", ["", "127.0.0.1:8545", "file:///etc/passwd", "http://", "http://[", f"{SECRET}"])
def test_what_is_no_url_is_refused_unseen(url: str) -> None:
    with pytest.raises(BadEndpoint) as raised:
        Endpoint(url)
    assert SECRET not in str(raised.value)


def test_what_is_no_address_is_refused(devchain: DevChain) -> None:
    with pytest.raises(BadAddress):
        RegistryClient(Endpoint.of_devchain(devchain), "0x1234")


class Lying:
    """A transport that changes what an honest one answers to one method."""

    def __init__(self, endpoint: Endpoint, method: str, lie: Callable[[Any], Any]) -> None:
        self.endpoint, self.method, self.lie = endpoint, method, lie

    def make_request(self, method: Any, params: Any) -> Any:
        found = self.endpoint.request(method, params)
        return {"result": self.lie(copy.deepcopy(found)) if method == self.method else found}


def changed(path: list[Any], change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def lie(answer: Any) -> Any:
        inner = answer
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = change(inner[path[-1]])
        return answer

    return lie


def flipped(text: str) -> str:
    return text[:-1] + ("1" if text[-1] == "0" else "0")


LIES = {
    "a failed receipt": ("eth_getTransactionReceipt", changed(["status"], lambda _: "0x0")),
    "another transaction's receipt": ("eth_getTransactionReceipt", changed(["transactionHash"], flipped)),
    "a receipt without the log": ("eth_getTransactionReceipt", changed(["logs"], lambda _: [])),
    "a receipt of another contract": ("eth_getTransactionReceipt", changed(["logs", 0, "address"], flipped)),
    "a receipt with another root": ("eth_getTransactionReceipt", changed(["logs", 0, "data"], flipped)),
    "a receipt in another block": ("eth_getTransactionReceipt", changed(["blockHash"], flipped)),
    "no receipt": ("eth_getTransactionReceipt", lambda _: None),
    "the last event left out": ("eth_getLogs", lambda logs: logs[:-1]),
    "the first event left out": ("eth_getLogs", lambda logs: logs[1:]),
    "an event twice": ("eth_getLogs", lambda logs: logs + logs[-1:]),
    "events in another order": ("eth_getLogs", lambda logs: logs[::-1]),
    "no events": ("eth_getLogs", lambda _: []),
    "an event with another root": ("eth_getLogs", changed([0, "data"], lambda d: d[:70] + flipped(d[70:72]) + d[72:])),
    "another head": ("eth_call", flipped),
    "a short head": ("eth_call", lambda _: "0x01"),
    "a block with another number": ("eth_getBlockByNumber", changed(["number"], lambda n: hex(int(n, 16) + 1))),
}


@pytest.mark.parametrize("name", LIES)
def test_an_endpoint_that_contradicts_itself_is_refused(place: Place, registry: RegistryClient, name: str) -> None:
    key = place.new_key()
    first = now(registry, key, version("a"))
    now(registry, key, version("b", first.head))
    since = first.block.number - 1
    assert len(RegistryClient(registry.endpoint, registry.address, first_block=since).anchors(first.graph)) == 2
    liar = Endpoint("liar", transport=Lying(registry.endpoint, *LIES[name]))
    with pytest.raises(EndpointWrong):
        RegistryClient(liar, registry.address, first_block=since).anchors(first.graph)


def test_a_registry_that_answers_nothing_is_none(devchain: DevChain) -> None:
    place = Place(Endpoint.of_devchain(devchain), "devchain")
    registry = place.registry()
    graph = version("a").graph(registry, place.new_key().address)
    silent = Endpoint("silent", transport=Lying(registry.endpoint, "eth_call", lambda _: "0x"))
    with pytest.raises(NoRegistry):
        RegistryClient(silent, registry.address).head(graph)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(["0x", "0x1", "0x" + "00" * 32]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["logs", "status"]), inner, max_size=2),
    max_leaves=5,
)


METHODS = ["eth_getLogs", "eth_getTransactionReceipt", "eth_getBlockByNumber", "eth_call", "eth_chainId"]
FIELDS = [None, "number", "hash", "timestamp", "logs", "status", "blockNumber", "blockHash"]


def test_no_answer_ends_in_anything_but_our_errors(devchain: DevChain) -> None:
    place = Place(Endpoint.of_devchain(devchain), "devchain")
    registry = place.registry()
    anchor = now(registry, place.new_key(), version("a"))

    @settings(max_examples=300)
    @given(method=st.sampled_from(METHODS), field=st.sampled_from(FIELDS), value=values)
    def every_answer(method: str, field: str | None, value: Any) -> None:
        def lie(answer: Any) -> Any:
            return {**answer, field: value} if field and isinstance(answer, dict) else value

        client = RegistryClient(Endpoint("liar", transport=Lying(registry.endpoint, method, lie)), registry.address)
        try:
            found = client.anchors(anchor.graph)
        except TriplockError as error:
            assert re.fullmatch(r"[ -~]+", str(error))  # noqa: PT017 - some answers raise, others do not
        else:
            assert found[0].head == anchor.head

    every_answer()
