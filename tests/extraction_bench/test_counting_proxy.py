"""The proxy counts what a server says, keeps every answer, and asks nothing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from quiet_server import QuietHandler, served_quietly

from bench.extraction.calls import KeptAnswers, digest_of
from bench.extraction.proxy import Proxy

CHAT = "/chat/completions"


class Server:
    """Answers with what is in `replies`, the last one again and again; `asked` are the questions."""

    def __init__(self) -> None:
        self.replies: list[tuple[int, str, bytes]] = [(200, "application/json", completion("hello"))]
        self.asked: list[dict[str, object]] = []
        self.keys: set[str | None] = set()
        self.url = ""


def completion(text: str, *, finish: str = "stop") -> bytes:
    usage = {"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 5}}
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": finish}
    return json.dumps({"choices": [choice], "usage": usage}).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            found.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            found.keys.add(self.headers["Authorization"])
            status, media_type, body = found.replies.pop(0) if len(found.replies) > 1 else found.replies[0]
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with served_quietly(Handler) as url:
        found.url = url
        yield found


@pytest.fixture
def proxy(server: Server, tmp_path: Path) -> Iterator[Proxy]:
    with Proxy(server.url, "secret", KeptAnswers(tmp_path), cap=64) as found:
        yield found


def ask(address: str, text: str, **more: object) -> httpx.Response:
    question = {"messages": [{"role": "user", "content": text}], **more}
    return httpx.post(address + CHAT, json=question, trust_env=False)


def test_one_question_is_asked_once_and_counted_each_time(server: Server, proxy: Proxy) -> None:
    first, second = ask(proxy.address("a"), "hi"), ask(proxy.address("a"), "hi")
    assert first.json() == second.json()
    assert len(server.asked) == 1
    calls = proxy.taken("a")
    assert [(c.tokens_in, c.tokens_cached, c.tokens_out, c.content, c.kept) for c in calls] == [
        (7, 5, 2, "hello", False),
        (7, 5, 2, "hello", True),
    ]
    assert calls[0].seconds == calls[1].seconds  # what it took when it was asked
    assert proxy.taken("a") == ()


def test_answers_outlive_the_proxy(server: Server, tmp_path: Path) -> None:
    for _ in range(2):
        with Proxy(server.url, "secret", KeptAnswers(tmp_path), cap=64) as proxy:
            ask(proxy.address("a"), "hi")
    assert len(server.asked) == 1


def test_the_question_and_the_answer_can_be_read_on_disk(server: Server, proxy: Proxy, tmp_path: Path) -> None:
    ask(proxy.address("a"), "what is said in English")
    kept = next(tmp_path.glob("*/*.json"))
    assert "what is said in English" in json.loads(kept.read_text("utf-8"))["question"]
    assert "secret" not in kept.read_text("utf-8")
    assert server.keys == {"Bearer secret"}


def test_runs_are_counted_apart(proxy: Proxy) -> None:
    ask(proxy.address("a"), "hi")
    ask(proxy.address("b.best"), "hi")
    ask(proxy.address("b.best"), "ho")
    assert [len(proxy.taken(run)) for run in ("a", "b.best", "c")] == [1, 2, 0]


def test_the_same_terms_hold_for_all(server: Server, proxy: Proxy) -> None:
    ask(proxy.address("a"), "hi", temperature=0.7, max_completion_tokens=16000, n=3)
    ask(proxy.address("a"), "hi", max_tokens=8)
    assert [(q["temperature"], q["max_tokens"], q.get("n")) for q in server.asked] == [(0, 64, None), (0, 8, None)]


def test_what_another_try_may_change_is_not_kept(server: Server, proxy: Proxy) -> None:
    busy = (429, "application/json", b'{"error": {"message": "later"}}')
    server.replies = [busy, (200, "application/json", completion("now"))]
    assert [ask(proxy.address("a"), "hi").status_code for _ in range(3)] == [429, 200, 200]
    assert len(server.asked) == 2
    assert [(c.status, c.error) for c in proxy.taken("a")] == [(429, "later"), (200, ""), (200, "")]


def test_a_refusal_is_an_answer(server: Server, proxy: Proxy) -> None:
    server.replies = [(400, "application/json", b'{"error": {"message": "bad grammar"}}')]
    assert [ask(proxy.address("a"), "hi").status_code for _ in range(2)] == [400, 400]
    assert len(server.asked) == 1


def test_a_streamed_answer_is_counted(server: Server, proxy: Proxy) -> None:
    pieces = [
        {"choices": [{"delta": {"content": "a "}}]},
        {"choices": [{"delta": {"content": "b"}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
    ]
    body = "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces) + "data: [DONE]\n\n"
    server.replies = [(200, "text/event-stream", body.encode())]
    answer = ask(proxy.address("a"), "hi", stream=True)
    assert answer.text == body
    assert server.asked[0]["stream_options"] == {"include_usage": True}
    call = proxy.taken("a")[0]
    assert (call.content, call.finish, call.tokens_in, call.tokens_out) == ("a b", "stop", 3, 2)


def test_the_arguments_of_a_tool_call_are_the_answer(server: Server, proxy: Proxy) -> None:
    message = {"content": None, "tool_calls": [{"function": {"name": "graph", "arguments": '{"nodes": []}'}}]}
    body = json.dumps({"choices": [{"message": message, "finish_reason": "tool_calls"}]}).encode()
    server.replies = [(200, "application/json", body)]
    ask(proxy.address("a"), "hi")
    assert proxy.taken("a")[0].content == '{"nodes": []}'


def test_a_server_that_is_gone_is_an_answer_and_not_kept(tmp_path: Path) -> None:
    answers = KeptAnswers(tmp_path)
    with Proxy("http://127.0.0.1:9", "k", answers, cap=64) as proxy:
        assert ask(proxy.address("a"), "hi").status_code == 502
        assert proxy.taken("a")[0].status == 502
    assert not list(tmp_path.iterdir())


def test_questions_differ_by_path_and_by_body() -> None:
    assert len({digest_of("/v1/a", b"x"), digest_of("/v1/b", b"x"), digest_of("/v1/a", b"y")}) == 3
