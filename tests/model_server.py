"""A real HTTP server with the chat completions API that reads by rule, counts its calls, and misbehaves as told.

It stands in for a model where a test is about everything around one, or before a real one, as a counting proxy.
`ERC-1 requires ERC-2` in the sentence makes the line `ERC-1 | requires | ERC-2`; every other sentence makes `none`.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from quiet_server import QuietHandler, served_quietly

_STATED = re.compile(r"\b(ERC-\d+) (requires|extends|replaces) (ERC-\d+)")


def answer_to(sentence: str) -> str:
    """The lines that the sentence states, by the one rule."""
    return "\n".join(" | ".join(found) for found in _STATED.findall(sentence)) or "none"


def prompt_of(body: dict[str, list[dict[str, str]]]) -> str:
    """The chat by a template of its own."""
    return "".join(f"<{message['role']}>{message['content']}\n" for message in body["messages"])


def tokens_of(text: str) -> int:
    """How many tokens a text is."""
    return -(-len(text) // 4)


def completion(text: str, *, finish_reason: str = "stop", prompt_tokens: int = 100) -> bytes:
    """A chat completion as servers send it."""
    pieces = [text[at : at + 4] for at in range(0, len(text), 4)]
    tokens = [{"token": piece, "logprob": -0.01, "top_logprobs": []} for piece in pieces]
    choice = {
        "message": {"role": "assistant", "content": text},
        "finish_reason": finish_reason,
        "logprobs": {"content": tokens},
    }
    return json.dumps(
        {"choices": [choice], "usage": {"prompt_tokens": prompt_tokens, "completion_tokens": len(pieces)}}
    ).encode()


@dataclass
class Reply:
    """What goes over the wire.

    Cut: only half of the body is sent. Late: after so many seconds. Drip: so many seconds before each byte.
    """

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    late: float = 0.0
    drip: float = 0.0


class ModelServer:
    """`url` ends in `/v1`. `fault` is given a call's number, from 0, and its sentence: a Reply in place of the answer.

    `asked` are the sentences in order, once a call. `when_asked` is called before an answer is given.
    It counts tokens as llama.cpp does, unless `counts` is off; `counted` are the times it was asked to. A token is four
    characters, of prompts too. With an `upstream` (address without `/v1`, key) all calls are passed on to it.
    """

    def __init__(self, upstream: tuple[str, str] | None = None) -> None:
        self.url = ""
        self.upstream = upstream
        self.asked: list[str] = []
        self.fault: Callable[[int, str], Reply | None] = lambda number, sentence: None
        self.when_asked: Callable[[int], None] = lambda number: None
        self.counts, self.counted = True, 0
        self.refuses = ""
        """A member of requests that it refuses."""
        self.greeted = 0
        """How often it was asked how it constrains answers, which is no question about a sentence."""
        self.lock = threading.Lock()

    @property
    def model(self) -> str:
        """The model's name as settings give it."""
        return f"{self.url}#by-rule"


def _handler(server: ModelServer) -> type[QuietHandler]:
    class Handler(QuietHandler):
        def do_GET(self) -> None:
            self._send(Reply(b'{"data": [{"id": "by-rule", "owned_by": "llamacpp"}]}'))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if server.upstream and self.path != "/v1/chat/completions":
                self._send(self._passed_on(body))
                return
            if self.path == "/apply-template" and server.counts:
                self._send(Reply(json.dumps({"prompt": prompt_of(body)}).encode()))
                return
            if self.path == "/tokenize" and server.counts:
                server.counted += 1
                self._send(Reply(json.dumps({"tokens": [0] * tokens_of(body["content"])}).encode()))
                return
            if self.path != "/v1/chat/completions":
                self._send(Reply(b'{"error": "no such path"}', 404))
                return
            sentence = body["messages"][-1]["content"].removeprefix("Sentence: ")
            if server.refuses in body:
                self._send(Reply(b'{"error": {"message": "unknown member"}}', 400))
                return
            if sentence == "Say hello.":
                server.greeted += 1
                held = "qz7" if "qz7" in body.get("grammar", "") else "Hello!"
                self._send(self._passed_on(body) if server.upstream else Reply(completion(held)))
                return
            with server.lock:
                number = len(server.asked)
                server.asked.append(sentence)
            server.when_asked(number)
            if server.upstream:
                self._send(server.fault(number, sentence) or self._passed_on(body))
                return
            tokens = tokens_of(prompt_of(body))
            self._send(server.fault(number, sentence) or Reply(completion(answer_to(sentence), prompt_tokens=tokens)))

        def _passed_on(self, body: dict[str, object]) -> Reply:
            assert server.upstream is not None
            root, key = server.upstream
            answer = httpx.post(root + self.path, json=body, headers={"Authorization": f"Bearer {key}"}, timeout=300)
            return Reply(answer.content, answer.status_code)

        def _send(self, reply: Reply) -> None:
            time.sleep(reply.late)
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            body = reply.body[: len(reply.body) // 2] if reply.cut else reply.body
            for piece in [body] if not reply.drip else [body[at : at + 1] for at in range(len(body))]:
                time.sleep(reply.drip)
                self.wfile.write(piece)
            self.close_connection = reply.cut

    return Handler


@contextmanager
def model_server(upstream: tuple[str, str] | None = None) -> Iterator[ModelServer]:
    """A server that is up, and honest at first."""
    server = ModelServer(upstream)
    with served_quietly(_handler(server)) as address:
        server.url = f"{address}/v1"
        yield server
