"""How a server holds answers to a form is found out by asking: real servers on loopback, each with its own habits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from quiet_server import QuietHandler, served_quietly

from extractors.models.constraining import CONSTRAINS, members
from extractors.models.errors import BadKeyFile, ModelContextExceeded, ModelRefusedCall
from extractors.models.key import KEY_VARIABLE, read_key
from extractors.models.openai_compatible import OpenAiCompatible
from extractors.models.opening import open_model
from extractors.models.protocol import Constraint, Message

CHAT = [Message("user", "Which words?")]
WORD = Constraint(
    'root ::= "none"\n',
    {"type": "object", "properties": {"word": {"const": "none"}}, "required": ["word"], "additionalProperties": False},
)


def obedient(body, understood):
    """What a server says that knows the members `understood` and ignores all others."""
    if "grammar" in body and "grammar" in understood:
        return {"content": body["grammar"].split('"')[1]}
    if "response_format" in body and "json_schema" in understood:
        schema = body["response_format"]["json_schema"]["schema"]
        return {"content": json.dumps({k: v["const"] for k, v in schema["properties"].items()})}
    if "tools" in body and "tools" in understood:
        function = body["tools"][0]["function"]
        values = {k: v["const"] for k, v in function["parameters"]["properties"].items()}
        call = {"id": "1", "type": "function", "function": {"name": function["name"], "arguments": json.dumps(values)}}
        return {"content": None, "tool_calls": [call]}
    return {"content": "Hello! How can I help you?"}


@contextmanager
def habits(*understood, owner="somebody", strict=False, probabilities=True, status=200) -> Iterator[tuple[str, list]]:
    """A server that understands some members; a `strict` one refuses the others instead of ignoring them."""
    asked = []

    class Handler(QuietHandler):
        def do_GET(self):
            self.say(200, {"data": [{"id": "m", "owned_by": owner}]})

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(body)
            ways = {"grammar": "grammar", "json_schema": "response_format", "tools": "tools"}
            unknown = [member for way, member in ways.items() if way not in understood and member in body]
            if status != 200:
                self.say(status, {"error": {"message": "no", "code": "context_length_exceeded"}})
            elif (strict and unknown) or (not probabilities and "logprobs" in body):
                self.say(400, {"error": {"message": f"unknown member {unknown}"}})
            else:
                choice = {"message": {"role": "assistant", **obedient(body, understood)}, "finish_reason": "tool_calls"}
                self.say(200, {"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 3}})

        def say(self, code, document):
            content = json.dumps(document).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with served_quietly(Handler) as address:
        yield f"{address}/v1", asked


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("understood", "owner", "expected", "calls"),
    [
        (("json_schema", "grammar", "tools"), "vllm", "json_schema", 1),
        (("json_schema", "grammar", "tools"), "llamacpp", "grammar", 1),
        (("grammar", "tools"), "somebody", "grammar", 2),
        (("tools",), "somebody", "tools", 3),
        ((), "somebody", "none", 3),
    ],
)
def test_the_way_that_a_server_follows_is_found_once(understood, owner, expected, calls, strict):
    with habits(*understood, owner=owner, strict=strict) as (url, asked):
        model = OpenAiCompatible(url, "m")
        assert model.constrain == "auto"
        first = model.complete(CHAT, WORD, max_tokens=9)
        assert model.constrain == expected
        assert len(asked) == calls + 1
        model.complete(CHAT, WORD, max_tokens=9)
        assert len(asked) == calls + 2
        model.close()
    sent = members(expected, WORD, anew=True)  # it has few words
    assert {k: asked[-1][k] for k in sent} == sent
    answers = {"json_schema": '{"word": "none"}', "tools": '{"word": "none"}', "grammar": "none"}
    assert first.text == answers.get(expected, "Hello! How can I help you?")
    assert first.finish_reason == "stop"


def test_a_plain_question_probes_nothing():
    with habits("json_schema") as (url, asked):
        model = OpenAiCompatible(url, "m")
        model.complete(CHAT, None, max_tokens=9)
        model.close()
    assert len(asked) == 1
    assert model.constrain == "auto"


def test_a_server_that_tells_no_probabilities_is_asked_without():
    with habits("json_schema", probabilities=False) as (url, asked):
        model = OpenAiCompatible(url, "m")
        for _ in range(2):
            assert model.complete(CHAT, WORD, max_tokens=9).tokens == ()
        model.close()
    assert ["logprobs" in body for body in asked] == [False, True, False, False]


def test_a_wrong_key_ends_the_search_at_once():
    with habits(status=401) as (url, asked):
        model = OpenAiCompatible(url, "m")
        with pytest.raises(ModelRefusedCall, match="key_file"):
            model.complete(CHAT, WORD, max_tokens=9)
        model.close()
    assert len(asked) == 1


def test_a_text_too_long_for_the_context_fails_alone():
    with habits(status=400) as (url, _):
        model = OpenAiCompatible(url, "m", constrain="json_schema")
        with pytest.raises(ModelContextExceeded, match="larger context") as raised:
            model.complete(CHAT, WORD, max_tokens=9)
        model.close()
    assert not raised.value.retryable


@pytest.mark.parametrize("constrain", CONSTRAINS)
def test_every_way_can_be_named(constrain):
    model = open_model(f"{constrain}+http://127.0.0.1:1/v1#qwen")
    assert model.constrain == constrain
    model.close()


@pytest.mark.model
def test_llama_cpp_is_known_by_its_list_of_models_and_takes_the_grammar(local_server):
    base, headers = local_server
    key = headers["Authorization"].removeprefix("Bearer ")
    model = OpenAiCompatible(f"{base}/v1", "m", key=key)
    assert model.complete(CHAT, WORD, max_tokens=9).text == "none"
    assert model.constrain == "grammar"
    model.close()


@pytest.mark.model
def test_llama_cpp_holds_to_a_schema_too(local_server):
    base, headers = local_server
    key = headers["Authorization"].removeprefix("Bearer ")
    model = OpenAiCompatible(f"{base}/v1", "m", key=key, constrain="json_schema")
    assert json.loads(model.complete(CHAT, WORD, max_tokens=40).text) == {"word": "none"}
    model.close()


def test_a_key_comes_from_the_environment_or_from_a_file_of_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    assert read_key() == ""
    file = tmp_path / "key"
    file.write_text("sk-secret\n")
    file.chmod(0o644)
    with pytest.raises(BadKeyFile, match="chmod 600"):
        read_key(file)
    file.chmod(0o600)
    assert read_key(file) == "sk-secret"
    monkeypatch.setenv(KEY_VARIABLE, "sk-other")
    assert read_key(file) == "sk-other"


@pytest.mark.parametrize("content", [b"", b"\n", b"two words", b"sk-\xff", b"k" * 20_000])
def test_a_file_without_a_key_is_refused_and_not_shown(tmp_path, monkeypatch, content):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(BadKeyFile) as raised:
        read_key(file)
    assert "words" not in str(raised.value)
    with pytest.raises(BadKeyFile):
        read_key(tmp_path / "missing")
