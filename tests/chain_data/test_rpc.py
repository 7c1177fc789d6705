"""The JSON-RPC client against real servers on loopback that fail in every way that was thought of."""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from replay import Handler, reply, served

from anchoring.errors import TriplockError
from extractors.chain import errors
from extractors.chain.errors import BadEndpoint, RpcAnsweredWrongly, RpcLimited, RpcRefused, RpcUnreachable
from extractors.chain.rpc import Call, CallFailed, JsonRpc

CALLS = [Call("eth_getBlockByNumber", (hex(n), False)) for n in range(5)]


def result(one: dict[str, Any]) -> dict[str, Any]:
    """An honest answer: the parameter comes back."""
    return {"jsonrpc": "2.0", "id": one["id"], "result": one["params"][0] if one["params"] else None}


def honest(http: BaseHTTPRequestHandler, body: bytes) -> None:
    asked = json.loads(body)
    reply(http, [result(one) for one in asked] if isinstance(asked, list) else result(asked))


def first(handler: Handler, then: Handler, times: int = 1) -> Handler:
    """Behave one way a number of times, then another."""
    count = 0

    def handle(http: BaseHTTPRequestHandler, body: bytes) -> None:
        nonlocal count
        count += 1
        (handler if count <= times else then)(http, body)

    return handle


def client(url: str, **options: Any) -> tuple[JsonRpc, list[float]]:
    """A client that notes how long it would have slept."""
    slept: list[float] = []
    return JsonRpc(url, sleep=slept.append, **{"attempts": 3, "timeout": 5, **options}), slept


def test_answers_come_in_the_order_asked_whatever_order_they_arrive_in() -> None:
    def backwards(http: BaseHTTPRequestHandler, body: bytes) -> None:
        reply(http, [result(one) for one in reversed(json.loads(body))])

    with served(backwards) as url, JsonRpc(url) as rpc:
        assert rpc.calls(CALLS) == ["0x0", "0x1", "0x2", "0x3", "0x4"]


def test_batches_are_cut_to_size() -> None:
    sizes: list[int] = []

    def counting(http: BaseHTTPRequestHandler, body: bytes) -> None:
        asked = json.loads(body)
        sizes.append(len(asked) if isinstance(asked, list) else 1)
        honest(http, body)

    with served(counting) as url, JsonRpc(url, batch=2) as rpc:
        assert rpc.calls(CALLS) == ["0x0", "0x1", "0x2", "0x3", "0x4"]
    assert sizes == [2, 2, 1]


def test_an_endpoint_without_batches_is_asked_one_by_one() -> None:
    def single(http: BaseHTTPRequestHandler, body: bytes) -> None:
        if isinstance(json.loads(body), list):
            reply(http, {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "no batches here"}}, 400)
        else:
            honest(http, body)

    with served(single) as url, JsonRpc(url) as rpc:
        assert rpc.calls(CALLS) == ["0x0", "0x1", "0x2", "0x3", "0x4"]


def test_a_batch_whose_answer_is_too_long_is_halved_and_a_single_one_refused() -> None:
    def long(http: BaseHTTPRequestHandler, body: bytes) -> None:
        asked = json.loads(body)
        pad = "x" * 600
        many = asked if isinstance(asked, list) else [asked]
        answers = [{"jsonrpc": "2.0", "id": one["id"], "result": pad} for one in many]
        reply(http, answers if isinstance(asked, list) else answers[0])

    with served(long) as url, JsonRpc(url, max_bytes=1500) as rpc:
        assert rpc.calls(CALLS) == ["x" * 600] * 5
    with (
        served(long) as url,
        JsonRpc(url, max_bytes=500) as rpc,
        pytest.raises(RpcAnsweredWrongly, match="more than 500"),
    ):
        rpc.calls(CALLS)


def test_an_error_of_one_call_is_given_back_and_a_single_one_raised() -> None:
    def refusing(http: BaseHTTPRequestHandler, body: bytes) -> None:
        asked = json.loads(body)
        bad = {"code": 3, "message": "execution reverted\x1b[2J"}
        many = asked if isinstance(asked, list) else [asked]
        answers = [{"jsonrpc": "2.0", "id": one["id"], "error": bad} for one in many]
        reply(http, answers if isinstance(asked, list) else answers[0])

    with served(refusing) as url, JsonRpc(url) as rpc:
        assert rpc.calls(CALLS[:2]) == [CallFailed(3, "execution reverted�[2J")] * 2
        with pytest.raises(RpcRefused, match="execution reverted") as raised:
            rpc.call("eth_call")
        assert not raised.value.retryable


@pytest.mark.parametrize(("retry_after", "waits"), [("7", [7.0]), ("", [0.5]), ("soon", [0.5]), ("999999", [60.0])])
def test_a_busy_endpoint_is_asked_again_after_the_time_it_names(retry_after: str, waits: list[float]) -> None:
    busy = first(lambda http, _: reply(http, {}, 429, Retry_After=retry_after), honest)
    with served(busy) as url:
        rpc, slept = client(url)
        assert rpc.call("a", "0x1") == "0x1"
        rpc.close()
    assert slept == waits


def test_the_code_for_limits_is_waited_out_in_a_batch_and_alone() -> None:
    limit = {"code": -32005, "message": "too many"}

    def whole(http: BaseHTTPRequestHandler, _: bytes) -> None:
        reply(http, {"jsonrpc": "2.0", "id": None, "error": limit})

    def within(http: BaseHTTPRequestHandler, body: bytes) -> None:
        one, *rest = json.loads(body)
        reply(http, [{"jsonrpc": "2.0", "id": one["id"], "error": limit}, *map(result, rest)])

    for handler in (whole, within):
        with served(first(handler, honest)) as url:
            rpc, slept = client(url)
            assert rpc.calls(CALLS)[4] == "0x4"
            assert len(slept) == 1
            rpc.close()
    with served(whole) as url:
        rpc, _ = client(url)
        with pytest.raises(RpcLimited, match="too many, 3 times") as raised:
            rpc.call("a")
        rpc.close()
    assert (raised.value.exit_code, raised.value.retryable) == (4, True)


def half(http: BaseHTTPRequestHandler, body: bytes) -> None:
    http.send_response(200)
    http.send_header("Content-Length", "1000")
    http.end_headers()
    http.wfile.write(b'{"jsonrpc": "2.0", "id": 1, "res')
    http.wfile.flush()
    http.connection.shutdown(socket.SHUT_RDWR)


def test_half_an_answer_is_asked_for_again() -> None:
    with served(first(half, honest)) as url:
        rpc, slept = client(url)
        assert rpc.call("a", "0x1") == "0x1"
        rpc.close()
        assert len(slept) == 1
    with served(half) as url:
        rpc, _ = client(url)
        with pytest.raises(RpcUnreachable, match="RemoteProtocolError"):
            rpc.call("a", "0x1")
        rpc.close()


def test_an_endpoint_that_is_down_is_named_without_its_credentials() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    rpc, slept = client(f"http://user:s3cret@127.0.0.1:{port}/v3/t0ken?key=k3y")
    with pytest.raises(RpcUnreachable, match="loopback could not be reached") as raised:
        rpc.call("eth_chainId")
    rpc.close()
    assert len(slept) == 2
    shown = f"{raised.value} {raised.value.as_json()} {rpc!r} {rpc.name} {raised.value.__cause__}"
    assert not any(secret in shown for secret in ("s3cret", "t0ken", "k3y", "user", str(port)))


def test_credentials_in_the_address_are_sent_to_the_endpoint() -> None:
    seen: list[tuple[str | None, str]] = []

    def noting(http: BaseHTTPRequestHandler, body: bytes) -> None:
        seen.append((http.headers["Authorization"], http.path))
        honest(http, body)

    with served(noting) as url, JsonRpc(url.replace("http://", "http://user:s3cret@") + "/v3/key?a=b") as rpc:
        assert rpc.call("a", "0x1") == "0x1"
    assert seen == [("Basic " + base64.b64encode(b"user:s3cret").decode(), "/v3/key?a=b")]


def test_a_proxy_that_cannot_be_used_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://x")
    with pytest.raises(BadEndpoint, match="ValueError"):
        JsonRpc("http://chain.example")
    JsonRpc("http://127.0.0.1:1").close()


def test_every_error_has_a_code_of_its_own_and_stands_in_the_tree() -> None:
    leaves = [e for e in vars(errors).values() if isinstance(e, type) and e.__module__ == errors.__name__]
    assert len({leaf.code for leaf in leaves}) == len(leaves) >= 12
    assert all(re.search(rf"── {leaf.__name__} ", str(errors.__doc__)) for leaf in leaves)
    assert all(leaf.exit_code in (2, 3, 4) for leaf in leaves)


def test_a_silent_endpoint_is_given_up() -> None:
    done = threading.Event()
    with served(lambda http, _: done.wait(5) and None) as url:
        rpc, _ = client(url, timeout=0.1, attempts=2)
        with pytest.raises(RpcUnreachable, match="ReadTimeout"):
            rpc.call("a")
        rpc.close()
        done.set()


def test_an_endpoint_that_drips_is_given_up() -> None:
    def drip(http: BaseHTTPRequestHandler, _: bytes) -> None:
        http.send_response(200)
        http.send_header("Content-Length", "100000")
        http.end_headers()
        try:
            while True:
                http.wfile.write(b" ")
                http.wfile.flush()
                threading.Event().wait(0.02)
        except OSError:
            return

    with served(drip) as url:
        rpc, _ = client(url, timeout=0.1, attempts=1)
        with pytest.raises(RpcUnreachable, match=r"longer than 0\.4 s"):
            rpc.call("a")
        rpc.close()


def _raw(body: bytes, status: int = 200) -> Handler:
    def handle(http: BaseHTTPRequestHandler, _: bytes) -> None:
        http.send_response(status)
        http.send_header("Content-Length", str(len(body)))
        http.end_headers()
        http.wfile.write(body)

    return handle


def _changed(change: Callable[[list[dict[str, Any]]], object]) -> Handler:
    def handle(http: BaseHTTPRequestHandler, body: bytes) -> None:
        answers = [result(one) for one in json.loads(body)]
        made = change(answers)
        reply(http, answers if made is None else made)

    return handle


@pytest.mark.parametrize(
    ("handler", "says"),
    [
        (_raw(b"<html>hello"), "no JSON"),
        (_raw(b""), "no JSON"),
        (_raw(b"[" * 200_000), "no JSON"),
        (_raw(b"7"), "the id None"),
        (_raw(b"{}"), "single result"),
        (_raw(b"not found", 404), "HTTP status 404"),
        (_raw(b"", 302), "HTTP status 302"),
        (_changed(lambda a: a[0].update(id=99_999)), "the id 99999"),
        (_changed(lambda a: a[0].update(id="1")), "the id '1'"),
        (_changed(lambda a: a[0].update(id=True)), "the id True"),
        (_changed(lambda a: a.append(a[0])), "the id 1"),
        (_changed(lambda a: a[1].update(id=a[0]["id"])), "the id 1"),
        (_changed(lambda a: [a.pop(2), a][1]), "left 1 of 5 calls unanswered, the id 3 first"),
        (_changed(lambda a: a[3].pop("result") and None), "neither result nor error"),
        (_changed(lambda a: a[0]), "single result"),
        (_changed(lambda a: [*a, "more"]), "the id None"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(handler: Handler, says: str) -> None:
    with served(handler) as url:
        rpc, _ = client(url)
        with pytest.raises(RpcAnsweredWrongly, match=says) as raised:
            rpc.calls(CALLS)
        rpc.close()
    assert raised.value.exit_code == 4


@pytest.mark.parametrize("url", ["", "ftp://x/", "localhost:8545", "http://", "http://[::1", "/tmp/geth.ipc"])
def test_an_address_that_is_none_is_wrong_usage(url: str) -> None:
    with pytest.raises(BadEndpoint) as raised:
        JsonRpc(url)
    assert raised.value.exit_code == 2


def test_every_error_of_the_http_library_becomes_one_of_ours() -> None:
    """A server that talks no HTTP at all."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"220 mail.example.org ESMTP\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        rpc, _ = client(f"http://127.0.0.1:{server.getsockname()[1]}", attempts=2)
        with pytest.raises(TriplockError, match="loopback"):
            rpc.call("a")
        rpc.close()
        thread.join()
