"""A real HTTP proxy in front of an IPFS node that misbehaves as told, by the call: late, busy, failing, cut, lying."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from quiet_server import QuietHandler, served_quietly

Lie = Callable[[bytes], bytes]


class Node:
    """`faults` names what happens at a call (`dag/import`, or `*` for any); `lies` change the body of its answer.

    `asked` counts the calls. Without either it passes everything on.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream, self.url = upstream, ""
        self.faults: dict[str, str] = {}
        self.lies: dict[str, Lie] = {}
        self.hangs = 0.5
        self.asked: Counter[str] = Counter()
        self.client = httpx.Client(base_url=upstream, timeout=60)


def _handler(node: Node) -> type[QuietHandler]:
    class Handler(QuietHandler):
        def do_POST(self) -> None:
            body = self._body()
            call = self.path.partition("?")[0].removeprefix("/api/v0/")
            node.asked[call] += 1
            fault = node.faults.get(call, node.faults.get("*"))
            if fault == "hang":
                time.sleep(node.hangs)
            if fault in ("hang", "close"):
                self.close_connection = True
                return
            if fault is not None and fault.isdigit():
                self._answer(int(fault), b"oops", "text/plain")
                return
            headers = {"Content-Type": self.headers.get("Content-Type", "")}
            # What is not there is not searched for in the network, which would take a while.
            alone = "&offline=true" if call == "block/get" and "offline=" not in self.path else ""
            found = node.client.post(self.path + alone, content=body, headers=headers)
            content, status = found.content, found.status_code
            if fault == "html":
                content = b"<html>sign in</html>"
            if fault == "empty":
                content = b""
            if call in node.lies:
                content, status = node.lies[call](content), 200
            kind = found.headers.get("Content-Type", "application/json")
            self._answer(status, content, kind, cut=fault == "truncate")

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _answer(self, status: int, content: bytes, kind: str, *, cut: bool = False) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if cut else content)
            if cut:
                self.close_connection = True

    return Handler


@contextmanager
def misbehaving_node(upstream: str) -> Iterator[Node]:
    """A proxy that is up, and honest at first."""
    node = Node(upstream)
    with node.client, served_quietly(_handler(node)) as node.url:
        yield node
