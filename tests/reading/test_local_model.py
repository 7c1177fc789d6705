"""The local model in its child process: it answers, dies and comes back, and refuses what is no model."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from scripted import document_of

from anchoring.errors import MissingExtra
from extractors.models.answers import AnswerCache
from extractors.models.errors import BadModelFile, ModelRefusedCall
from extractors.models.local_gguf import LocalGguf
from extractors.models.protocol import Constraint, Message
from extractors.models.weights_digest import file_digest
from extractors.reading.chat_reader import ChatReader
from extractors.reading.extractor import Extractor
from kg.claims.iris import Mint, eip
from ontology.loader import load

CHAT = [Message("user", "Answer none.")]
NONE = Constraint('root ::= "none"\n', {"const": "none"})

pytest.importorskip("xllamacpp")


def gone(pid):
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.model
def test_the_model_answers_under_the_grammar_and_comes_back_after_a_crash(small_model):
    first = small_model.complete(CHAT, NONE, max_tokens=8)
    assert first.text == "none"
    assert first.tokens_in > 0
    assert "".join(t.text for t in first.tokens).startswith("none")
    pid = small_model.process_id
    os.kill(pid, signal.SIGKILL)
    assert small_model.complete(CHAT, NONE, max_tokens=8).text == "none"
    assert small_model.process_id != pid


@pytest.mark.model
def test_a_grammar_that_does_not_parse_is_refused(small_model):
    with pytest.raises(ModelRefusedCall):
        small_model.complete(CHAT, Constraint("root ::= missing", {}), max_tokens=4)


@pytest.mark.model
def test_the_child_wants_its_key(local_server):
    import httpx

    url, headers = local_server
    body = {"messages": [{"role": "user", "content": "a"}], "max_tokens": 1}
    assert httpx.post(f"{url}/v1/chat/completions", json=body).status_code == 401
    assert httpx.post(f"{url}/v1/chat/completions", json=body, headers=headers, timeout=60).status_code == 200


@pytest.mark.model
def test_an_extraction_is_on_the_grammar_and_free_the_second_time(small_model, tmp_path):
    document, chunk = document_of("This standard is an extension of [ERC-721](./eip-721.md).", number=5007)
    answers = AnswerCache(tmp_path / "answers.sqlite")
    standards = load("ethereum-standards")
    ontology = replace(standards, examples=standards.examples[3:10])  # a short prompt
    extractor = Extractor(ChatReader(small_model, ontology, answers=answers), ontology, Mint("https://graph.example/"))
    first = extractor.extract(document, chunk)
    assert first.usage.calls == 1
    assert not [why for _, why in first.rejected if "none of the lines" in why]
    for claim in first.claims:
        subject, predicate, value = claim.statements[0]
        assert {subject, value} == {eip(5007), eip(721)}
        assert predicate.value in ontology.relations
        assert 0 < claim.confidence <= 1
    second = extractor.extract(document, chunk)
    assert (second.usage.calls, second.usage.kept, second.claims) == (0, 1, first.claims)
    answers.close()


@pytest.mark.model
def test_the_child_ends_with_its_caller(model_path):
    program = (
        "import sys; from pathlib import Path; from extractors.models.local_gguf import LocalGguf\n"
        "m = LocalGguf(Path(sys.argv[1])); m._running(); print(m.process_id, flush=True); sys.stdin.read()"
    )
    caller = subprocess.Popen(
        [sys.executable, "-c", program, str(model_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    pid = int(caller.stdout.readline())
    caller.kill()
    caller.wait()
    caller.stdin.close()
    caller.stdout.close()
    assert gone(pid)


@pytest.mark.parametrize("content", [b"", b"GGU", b"no model"])
def test_a_file_that_is_no_gguf_is_refused(tmp_path, content):
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(BadModelFile, match="no GGUF file"):
        LocalGguf(path, cache=tmp_path)
    with pytest.raises(BadModelFile, match="cannot be read"):
        LocalGguf(tmp_path / "absent.gguf", cache=tmp_path)


def test_a_damaged_gguf_is_refused_when_it_is_loaded(tmp_path):
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF" + b"\x00" * 5000)
    with LocalGguf(path, cache=tmp_path) as model, pytest.raises(BadModelFile, match="cannot be loaded"):
        model.complete(CHAT, None, max_tokens=1)
    assert model.process_id is None


def test_a_digest_is_taken_again_only_when_the_file_changed(tmp_path):
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF one")
    first = file_digest(path, tmp_path)
    (kept,) = (tmp_path / "digests").iterdir()
    kept.write_text(kept.read_text().replace(first, "f" * 64))
    assert file_digest(path, tmp_path) == "f" * 64
    path.write_bytes(b"GGUF other")
    assert file_digest(path, tmp_path) != first
    kept.write_text("{")
    assert len(file_digest(path, tmp_path)) == 64


def test_without_the_runtime_the_extra_is_named(tmp_path, monkeypatch):
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingExtra, match=r"triplock\[llm\]"):
        LocalGguf(path, cache=tmp_path)


LONG = Message("system", "You list relations. " + " ".join(f"Relation {n} joins things." for n in range(20)))


def questions(model, *sentences):
    return [model.complete([LONG, Message("user", s)], NONE, max_tokens=8) for s in sentences]


@pytest.mark.model
def test_the_prompt_is_kept_for_the_next_process_and_answers_are_the_same(model_path, tmp_path):
    with LocalGguf(model_path, prompts=tmp_path / "prompts") as model:
        first, second = questions(model, "Alan is a brother of the other Ben.", "Carl is the father of another Dan.")
    assert first.cached > 100
    assert second.cached > 100
    (kept,) = (tmp_path / "prompts").iterdir()
    with LocalGguf(model_path, prompts=tmp_path / "prompts") as model:
        (again,) = questions(model, "Carl is the father of another Dan.")
    assert again.cached > 100
    assert (again.text, again.tokens) == (second.text, second.tokens)
    assert list((tmp_path / "prompts").iterdir()) == [kept]
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    kept.write_bytes(content)
    with LocalGguf(model_path, prompts=tmp_path / "prompts") as model:
        (anew,) = questions(model, "Carl is the father of another Dan.")
    assert (anew.text, anew.tokens) == (second.text, second.tokens)
    assert not kept.exists() or kept.read_bytes() != content


FREE = Constraint('root ::= [a-z ]+ "."\n', {"type": "string"})


@pytest.mark.model
def test_an_answer_does_not_depend_on_what_was_asked_before(model_path, tmp_path):
    """Equal to the last bit: a run that was killed and goes on asks in another order than one that was not."""
    first, second = (
        [LONG, Message("user", f"Say something of {thing}.")]
        for thing in ("a wide and very slow river", "the seven old ships that lie in this port")
    )

    def ask(model, chat):
        answer = model.complete(chat, FREE, max_tokens=12)
        return answer.text, answer.tokens

    with LocalGguf(model_path) as model:
        expected = ask(model, first)
        assert ask(model, first) == expected
        other = ask(model, second)
        assert ask(model, first) == expected
        more = [*first, Message("assistant", expected[0]), Message("user", "And more?")]
        going_on = ask(model, more)
        assert ask(model, second) == other
    with LocalGguf(model_path, prompts=tmp_path / "prompts") as model:
        assert ask(model, more) == going_on
    with LocalGguf(model_path, prompts=tmp_path / "prompts") as model:
        assert ask(model, more) == going_on
        assert ask(model, second) == other
    with LocalGguf(model_path, prompts=tmp_path / "prompts") as model:
        assert ask(model, first) == expected
