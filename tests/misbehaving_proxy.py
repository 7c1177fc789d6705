"""A real HTTP proxy in front of a chain's endpoint that misbehaves as told: late, busy, failing, cut, lying, behind."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from quiet_server import QuietHandler, served_quietly

Lie = Callable[[Any], Any]


class Proxy:
    """`faults` are used up, one a request, then it is honest; `lies` change the results of a method.

    With `behind` it answers as a node whose newest block is that number. `asked` counts requests by method.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.url = ""
        self.faults: list[str] = []
        self.always: str | None = None
        self.lies: dict[str, Lie] = {}
        self.behind: int | None = None
        self.asked: Counter[str] = Counter()
        self.times: list[float] = []
        self.hangs = 1.0
        self._client = httpx.Client(timeout=30)

    def fault(self) -> str | None:
        return self.faults.pop(0) if self.faults else self.always

    def result(self, request: dict[str, Any]) -> dict[str, Any]:
        method, params = request["method"], request["params"]
        if self.behind is not None:
            late = self._as_if_behind(method, params)
            if late is not None:
                return {"jsonrpc": "2.0", "id": request["id"], **late}
        answer: dict[str, Any] = self._client.post(self.upstream, json={**request, "params": params}).json()
        if method in self.lies and "result" in answer:
            answer["result"] = self.lies[method](answer["result"])
        return answer

    def _as_if_behind(self, method: str, params: list[Any]) -> dict[str, Any] | None:
        """The answer of a node that has not seen what came after; None where it would answer as the upstream does."""
        assert self.behind is not None
        if method == "eth_blockNumber":
            return {"result": hex(self.behind)}
        if method == "eth_getBlockByNumber":
            if params[0] == "latest":
                params[0] = hex(self.behind)
            elif params[0].startswith("0x") and int(params[0], 16) > self.behind:
                return {"result": None}
        if method in ("eth_call", "eth_getTransactionCount", "eth_getBalance", "eth_getCode"):
            if params[1] == "latest":
                params[1] = hex(self.behind)
            elif params[1].startswith("0x") and int(params[1], 16) > self.behind:
                return {"error": {"code": -32000, "message": "header not found"}}
        if method == "eth_getTransactionReceipt":
            body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            found = self._client.post(self.upstream, json=body).json()["result"]
            return {"result": found if found and int(found["blockNumber"], 16) <= self.behind else None}
        return None


def _handler(proxy: Proxy) -> type[QuietHandler]:
    class Handler(QuietHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            proxy.asked[request["method"]] += 1
            proxy.times.append(time.monotonic())
            fault = proxy.fault()
            if fault == "hang":
                time.sleep(proxy.hangs)
                return
            if fault == "close":
                self.connection.close()
                return
            if fault is not None and fault[:3].isdigit():
                status, _, after = fault.partition(" ")
                self.send_response(int(status))
                if after:
                    self.send_header("Retry-After", after)
                self.send_header("Content-Length", "4")
                self.end_headers()
                self.wfile.write(b"oops")
                return
            body = json.dumps(proxy.result(request)).encode()
            if fault == "html":
                body = b"<html>sign in</html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if fault == "truncate" else body)

    return Handler


@contextmanager
def misbehaving(upstream: str) -> Iterator[Proxy]:
    """A proxy that is up, and honest at first."""
    proxy = Proxy(upstream)
    with proxy._client, served_quietly(_handler(proxy)) as proxy.url:
        yield proxy
