"""JSON-RPC over HTTP on loopback, so that other processes can use the embedded chain.

The Host header must name this machine, which keeps web pages that rebind their domain to 127.0.0.1 out; no CORS
header is ever sent, and a browser's preflight is refused.
"""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from anchoring.chain.devchain.json_rpc import Answer, answer_bytes

LARGEST_BODY = 4 * 1024 * 1024
"""Bytes; a transaction that creates a contract needs some 100 kB at most."""

_LOOPBACK_HOST = re.compile(r"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)
_PATIENCE = 30.0
_STOP_POLL = 0.05
"""Seconds between looks at whether to stop, so the longest that `close` waits for an idle server."""


class ChainServer:
    """A server in threads of its own, running from the start; `url` is where. A context manager that stops it."""

    def __init__(self, answer: Answer, host: str, port: int) -> None:
        self._server = _Server((host, port), _Handler)
        self._server.answer = answer
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_STOP_POLL,), name="devchain-rpc", daemon=True
        )
        self._thread.start()
        self.url = f"http://{host}:{self._server.server_address[1]}"

    def wait(self) -> None:
        """Block until the server is stopped from another thread, or the process is interrupted."""
        self._thread.join()

    def close(self) -> None:
        """Stop listening; answers under way are finished."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> ChainServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    answer: Answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "triplock"
    sys_version = ""
    timeout = _PATIENCE
    # Headers and body leave in one packet; two would wait for the client's delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        if not _LOOPBACK_HOST.fullmatch(self.headers.get("Host", "")):
            return self._reply(403, b"the Host header must name the loopback address\n", "text/plain")
        if self.headers.get("Origin") is not None:
            return self._reply(403, b"web pages may not call this chain\n", "text/plain")
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,10}", length):
            return self._reply(411, b"a Content-Length is needed\n", "text/plain")
        if int(length) > LARGEST_BODY:
            return self._reply(413, f"a body may have {LARGEST_BODY} bytes\n".encode(), "text/plain")
        body = self.rfile.read(int(length))
        assert isinstance(self.server, _Server)  # noqa: S101 - for the type checker
        return self._reply(200, answer_bytes(body, self.server.answer), "application/json")

    def do_GET(self) -> None:
        self._reply(405, b"POST JSON-RPC 2.0 here\n", "text/plain")

    do_OPTIONS = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815 - http.server's naming

    def _reply(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status != 200:
            # The request's body was not read, so nothing else can come on this connection.
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *values: Any) -> None:
        """Say nothing: requests are no news."""
