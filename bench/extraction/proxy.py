"""A proxy in front of one model server: every call is counted by its run, every answer kept, none asked twice.

A client's base address is `http://127.0.0.1:PORT/RUN/v1`. The same terms hold for all: temperature 0, one answer, at
most `cap` tokens of answer. One question at a time goes to the server, so that seconds are those of the question.
Answers that a second try may change (no connection, 429, 5xx) are not kept.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import httpx

from bench.extraction.calls import Answer, Call, KeptAnswers, counted, digest_of

LONGEST = 1800.0
"""Seconds for one answer."""


class Proxy:
    """Passes questions on to `upstream` (the address before `/v1`), with its `key`.

    `cpu` tells the processor seconds that the server's process has used so far.
    """

    def __init__(
        self, upstream: str, key: str, answers: KeptAnswers, *, cap: int, cpu: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._answers, self._cap, self._cpu = answers, cap, cpu
        self._calls: dict[str, list[Call]] = defaultdict(list)
        self._one = threading.Lock()
        self._client = httpx.Client(
            base_url=upstream,
            headers={"Authorization": f"Bearer {key}"},
            timeout=httpx.Timeout(LONGEST, connect=10.0),
            trust_env=False,
        )
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._pass(b"")

            def do_POST(self) -> None:
                self._pass(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            def _pass(self, body: bytes) -> None:
                _, run, path = self.path.split("/", 2)
                answer = proxy.ask(run, self.command, f"/{path}", body)
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.media_type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Says nothing: what is counted is in the calls."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def address(self, run: str) -> str:
        """The base address for the clients of a run."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{run}/v1"

    def taken(self, run: str) -> tuple[Call, ...]:
        """The calls of a run since this was asked last."""
        return tuple(self._calls.pop(run, ()))

    def ask(self, run: str, method: str, path: str, body: bytes) -> Answer:
        """The server's answer, or the kept one; counted if it is a completion."""
        if method != "POST":
            return self._forward(method, path, body)
        body = on_the_same_terms(body, self._cap)
        digest = digest_of(path, body)
        with self._one:
            kept = self._answers.get(digest)
            answer = kept or self._forward(method, path, body)
            if kept is None and answer.status < 500 and answer.status not in (408, 409, 425, 429):
                self._answers.put(digest, path, body, answer)
        self._calls[run].append(counted(digest, answer, kept=kept is not None))
        return answer

    def close(self) -> None:
        """Ends the proxy; the server behind it goes on."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._client.close()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _forward(self, method: str, path: str, body: bytes) -> Answer:
        begun, cpu = time.monotonic(), self._cpu()
        try:
            response = self._client.request(
                method, path, content=body or None, headers={"Content-Type": "application/json"}
            )
        except httpx.HTTPError as error:
            said = json.dumps({"error": {"message": f"the model server: {type(error).__name__}"}})
            return Answer(502, "application/json", said.encode(), time.monotonic() - begun, self._cpu() - cpu)
        media_type = response.headers.get("Content-Type", "application/json")
        return Answer(response.status_code, media_type, response.content, time.monotonic() - begun, self._cpu() - cpu)


def on_the_same_terms(body: bytes, cap: int) -> bytes:
    """The question with temperature 0, one answer and at most `cap` tokens of it; what is no JSON object as it is.

    >>> on_the_same_terms(b'{"messages": [], "max_completion_tokens": 16000}', 512)
    b'{"messages": [], "temperature": 0, "max_tokens": 512}'
    """
    try:
        question = json.loads(body)
    except ValueError:
        return body
    if not isinstance(question, dict):
        return body
    asked = [question.pop(name, None) for name in ("max_tokens", "max_completion_tokens")]
    wanted = min([cap, *(n for n in asked if isinstance(n, int) and n > 0)])
    question |= {"temperature": 0, "max_tokens": wanted}
    question.pop("n", None)
    if question.get("stream"):
        question["stream_options"] = {"include_usage": True}
    return json.dumps(question, ensure_ascii=False).encode()
