"""A model server that misbehaves: a real one, on a socket."""

import json
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from model_server import model_server

from anchoring.errors import ServiceFailed
from extractors.models import openai_compatible
from extractors.models.constraining import KnownServers
from extractors.models.errors import (
    BadModelName,
    ModelAnsweredWrongly,
    ModelLimited,
    ModelRefusedCall,
    ModelUnreachable,
)
from extractors.models.openai_compatible import KEY_VARIABLE, OpenAiCompatible
from extractors.models.opening import open_model
from extractors.models.protocol import Constraint, Message

CHAT = [Message("user", "hello")]
GOOD = {
    "choices": [{"message": {"content": "none"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 2},
}


def http(body, status="200 OK", headers=""):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n".encode() + body


@contextmanager
def server(*replies):
    """Serves one reply a connection, the last again and again; bytes are sent, a callable is given the socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    requests = []

    def serve():
        count = 0
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                requests.append(_request(connection))
                reply = replies[min(count, len(replies) - 1)]
                count += 1
                with suppress(OSError):
                    reply(connection) if callable(reply) else connection.sendall(reply)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1", requests
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _request(connection):
    connection.settimeout(5)
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length"))
    while len(body) < length:
        body += connection.recv(65536)
    return head.decode(), json.loads(body)


@contextmanager
def client(url, **more):
    model = OpenAiCompatible(url, "m", **{"timeout": 2.0, "tries": 1, "constrain": "grammar", **more})
    try:
        yield model
    finally:
        model.close()


def ask(url, **more):
    with client(url, **more) as model:
        return model.complete(CHAT, Constraint('root ::= "none"\n', {"type": "object"}), max_tokens=5)


def test_a_good_answer_is_read():
    with server(http(GOOD)) as (url, requests):
        completion = ask(url, constrain="grammar")
    assert (completion.text, completion.tokens_in, completion.tokens_out) == ("none", 7, 2)
    body = requests[0][1]
    assert body["temperature"] == 0
    assert body["grammar"] == 'root ::= "none"\n'
    assert "response_format" not in body


def test_a_schema_goes_where_the_server_wants_it():
    with server(http(GOOD)) as (url, requests):
        ask(url, constrain="json_schema")
        ask(url, constrain="none")
    assert requests[0][1]["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert "grammar" not in requests[0][1]
    assert not {"grammar", "response_format"} & set(requests[1][1])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b"[]",
        b"{}",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": null}}]}',
        b'{"choices": [{"message": {"content": 3}}]}',
        b'{"choices": {"0": 1}}',
        b'{"choices": [{"message": {"content": "a"}, "logprobs": {"content": [3]}}]}',
        b'{"choices": [{"message": {"content": "a"}}], "usage": 3}',
        b"[" * 100_000,
    ],
)
def test_nonsense_is_an_answer_that_is_wrong(body):
    with server(http(body)) as (url, _), pytest.raises(ModelAnsweredWrongly) as raised:
        ask(url)
    assert raised.value.exit_code == 4


def test_a_wrong_encoding_is_an_answer_that_is_wrong():
    latin = json.dumps(GOOD, ensure_ascii=False).replace("none", "né").encode("latin-1")
    with server(http(latin)) as (url, _), pytest.raises(ModelAnsweredWrongly):
        ask(url)
    with server(http(b"x", headers="Content-Encoding: gzip\r\n")) as (url, _), pytest.raises(ModelAnsweredWrongly):
        ask(url)


@pytest.mark.parametrize(
    "reply",
    [
        http(GOOD)[:-20],
        b"",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"SSH-2.0-OpenSSH\r\n",
        lambda connection: time.sleep(0.5),
    ],
)
def test_a_server_that_breaks_off_is_unreachable(reply):
    with server(reply) as (url, _), pytest.raises(ModelUnreachable):
        ask(url, timeout=0.3)


def test_no_server_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ModelUnreachable, match="start the server"):
        ask(f"http://127.0.0.1:{port}/v1")


def test_an_endless_answer_is_cut(monkeypatch):
    monkeypatch.setattr(openai_compatible, "MAX_ANSWER_BYTES", 1000)
    with server(http(b"x" * 5000)) as (url, _), pytest.raises(ModelAnsweredWrongly, match="more than 1,000"):
        ask(url)


def test_a_refusal_for_now_is_waited_for_as_long_as_the_server_says():
    pauses = []
    limited = http({"error": {"message": "slow down"}}, "429 Too Many Requests", "Retry-After: 7\r\n")
    with server(limited, http(GOOD)) as (url, requests):
        assert ask(url, tries=2, pause=pauses.append).text == "none"
    assert pauses == [7.0]
    assert len(requests) == 2


def test_without_advice_the_pauses_grow():
    pauses = []
    with server(http({}, "503 Service Unavailable")) as (url, requests), pytest.raises(ModelLimited):
        ask(url, tries=3, pause=pauses.append)
    assert pauses == [1.0, 2.0]
    assert len(requests) == 3


@pytest.mark.parametrize("after", ["86400", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_a_pause_that_is_too_long_fails_the_call(after):
    limited = http({}, "429 Too Many Requests", f"Retry-After: {after}\r\n")
    with server(limited) as (url, requests), pytest.raises(ModelLimited):
        ask(url, tries=5, pause=lambda _: pytest.fail("waited"))
    assert len(requests) == 1


@pytest.mark.parametrize("after", ["soon", "nan", "-5", "", "Wed, 21 Oct 2015 07:28:00 +99999999999999999999"])
def test_advice_that_is_none_is_not_followed(after):
    pauses = []
    with server(http({}, "429 X", f"Retry-After: {after}\r\n"), http(GOOD)) as (url, _):
        ask(url, tries=2, pause=pauses.append)
    assert len(pauses) == 1
    assert 0 <= pauses[0] <= 2


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found"])
def test_a_refusal_for_good_is_not_asked_again(status):
    with server(http({"error": {"message": "no\nsuch\x1bmodel"}}, status)) as (url, requests):
        with pytest.raises(ModelRefusedCall, match="no such model") as raised:
            ask(url, tries=3)
        # What is wrong with a bad request may be that it asks for probabilities.
        assert len(requests) == (2 if status.startswith("400") else 1)
    assert not isinstance(raised.value, ServiceFailed)


def test_a_redirect_is_not_followed():
    moved = http(b"", "302 Found", "Location: http://elsewhere.example/\r\n")
    with server(moved) as (url, requests), pytest.raises(ModelAnsweredWrongly):
        ask(url)
    assert len(requests) == 1


def test_the_key_goes_to_the_server_and_nowhere_else(monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "sk-secret")
    with server(http({"error": "bad key"}, "401 Unauthorized")) as (url, requests), client(url) as model:
        with pytest.raises(ModelRefusedCall) as raised:
            model.complete(CHAT, None, max_tokens=1)
        assert "sk-secret" not in repr(model) + str(raised.value) + repr(raised.value.__context__)
    assert "authorization: bearer sk-secret" in requests[0][0].lower()


@pytest.mark.parametrize(
    "reply",
    [
        http({"error": {"message": "you sent Bearer sk-secret"}}, "401 Unauthorized"),
        http({"error": {"message": "you sent Bearer sk-secret"}}, "429 Slow"),
        http(b"you sent Bearer sk-secret", "302 Found"),
        http(b"you sent Bearer sk-secret"),
        http({"choices": [{"message": {"content": None, "refusal": "not for sk-secret"}}]}),
    ],
)
def test_a_key_that_a_server_says_back_is_not_shown(monkeypatch, reply):
    monkeypatch.setenv(KEY_VARIABLE, "sk-secret")
    with server(reply) as (url, _), client(url) as model:
        with pytest.raises((ModelRefusedCall, ServiceFailed)) as raised:
            model.complete(CHAT, None, max_tokens=1)
        assert "[key]" in str(raised.value)
        assert "sk-secret" not in str(raised.value) + repr(raised.value.__context__)


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "gpt-4",
        "local:",
        "path:",
        "http://127.0.0.1:1/v1",
        "ftp://x/v1#m",
        "http://u:secret@h/v1#m",
        "none+gpt",
        "http://[x#m",
    ],
)
def test_a_name_of_no_model_is_refused(spec):
    with pytest.raises(BadModelName) as raised:
        open_model(spec)
    assert "secret" not in str(raised.value)


def test_a_server_is_named_with_its_model():
    model = open_model("json_schema+http://127.0.0.1:1/v1#qwen")
    assert model.identity.name == "qwen"
    assert "127.0.0.1" in model.identity.runtime
    model.close()


def test_probabilities_are_read_where_there_are_some():
    token = {"token": "none", "logprob": -0.1, "top_logprobs": [{"token": "none", "logprob": -0.1}]}
    answer = json.loads(json.dumps(GOOD))
    answer["choices"][0]["logprobs"] = {"content": [token]}
    with server(http(answer)) as (url, _):
        assert ask(url).tokens[0].logprob == -0.1


def test_how_a_server_constrains_is_asked_once_for_all_runs_and_again_when_it_is_another(tmp_path):
    known = KnownServers(tmp_path / "servers.json")
    chat, constraint = [Message("user", "Sentence: ERC-1 requires ERC-2.")], Constraint('root ::= "a"\n', {})
    with model_server() as served:
        for _ in range(2):
            with client(served.url, known=known, constrain="auto") as model:
                assert model.complete(chat, constraint, max_tokens=9).text == "ERC-1 | requires | ERC-2"
                assert model.constrain == "grammar"
        assert served.greeted == 1
        known.put(f"{served.url}#m", "json_schema")
        served.refuses = "response_format"
        with client(served.url, known=known, constrain="auto") as model:
            assert model.complete(chat, constraint, max_tokens=9).text == "ERC-1 | requires | ERC-2"
        assert known.get(f"{served.url}#m") == "grammar"
    (tmp_path / "servers.json").write_text("[")
    assert known.get("anything") is None
