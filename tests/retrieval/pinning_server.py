"""A pinning service: the IPFS Pinning Service API in front of a Kubo node, which does the fetching and keeping.

https://ipfs.github.io/pinning-services-api-spec/ . Requests live in memory; everything else is real.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import httpx


class PinningServer(ThreadingHTTPServer):
    """`api` is the node's RPC, `token` what clients must show."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, api: str, token: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.node = httpx.Client(base_url=f"{api}/api/v0/", timeout=60, trust_env=False)
        self.token = token
        self.requests: dict[str, dict] = {}
        self.delegates = self.node.post("id").json()["Addresses"]
        self.url = f"http://127.0.0.1:{self.server_port}/psa"

    def work(self, entry: dict) -> None:
        """Connect to the origins, then let the node fetch and pin."""
        entry["status"] = "pinning"
        with httpx.Client(
            base_url=self.node.base_url, timeout=60, trust_env=False
        ) as node:  # it may outlive the service
            for origin in entry["pin"].get("origins", []):
                node.post("swarm/connect", params={"arg": origin})
            try:
                done = node.post("pin/add", params={"arg": entry["pin"]["cid"], "timeout": "20s"})
                entry["status"] = "pinned" if done.status_code == 200 else "failed"
            except httpx.HTTPError:  # the node has ended
                entry["status"] = "failed"


class Handler(BaseHTTPRequestHandler):
    server: PinningServer

    def answer(self, status: int, document: object = None) -> None:
        body = json.dumps(document).encode() if document is not None else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status: int, reason: str, details: str = "") -> None:
        self.answer(status, {"error": {"reason": reason, "details": details}})

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        steps = [unquote(step) for step in parts.path.split("/") if step]
        if self.headers.get("Authorization") != f"Bearer {self.server.token}":
            return self.refuse(401, "UNAUTHORIZED", "the access token is missing or invalid")
        if steps == ["psa", "pins"] and self.command == "POST":
            return self.add(json.loads(body))
        if steps == ["psa", "pins"] and self.command == "GET":
            return self.list({name: values[0] for name, values in parse_qs(parts.query).items()})
        entry = self.server.requests.get(steps[2]) if len(steps) == 3 else None
        if entry is None:
            return self.refuse(404, "NOT_FOUND", "no such request")
        if self.command == "DELETE":
            del self.server.requests[steps[2]]
            self.server.node.post("pin/rm", params={"arg": entry["pin"]["cid"]})
            return self.answer(202)
        return self.answer(200, entry)

    do_GET = do_POST = do_DELETE = handle_request  # noqa: N815

    def add(self, pin: dict) -> None:
        entry = {
            "requestid": f"{uuid.uuid4()}/1",
            "status": "queued",
            "created": datetime.now(UTC).isoformat(),
            "pin": pin,
            "delegates": self.server.delegates,
        }
        self.server.requests[entry["requestid"]] = entry
        self.answer(202, entry)
        threading.Thread(target=self.server.work, args=(entry,), daemon=True).start()

    def list(self, query: dict[str, str]) -> None:
        statuses = query.get("status", "pinned").split(",")
        found = [
            entry
            for entry in self.server.requests.values()
            if entry["status"] in statuses
            and query.get("cid", entry["pin"]["cid"]) == entry["pin"]["cid"]
            and entry["created"] < query.get("before", "9")
        ]
        found.sort(key=lambda entry: entry["created"], reverse=True)
        self.answer(200, {"count": len(found), "results": found[: min(int(query.get("limit", "10")), 3)]})

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def pinning_server(api: str, token: str) -> Iterator[PinningServer]:
    """A service that runs; pages hold 3 requests at most."""
    server = PinningServer(api, token)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        server.node.close()
