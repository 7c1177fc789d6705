"""Causal models of Hugging Face transformers: on the grammar, the same whatever was asked before, and never fetched."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from gbnf_matcher import Grammar

from anchoring.errors import MissingExtra
from extractors.models.errors import (
    BadModelFile,
    BadModelName,
    ModelAnsweredWrongly,
    ModelContextExceeded,
    ModelRefusedCall,
)
from extractors.models.opening import open_model
from extractors.models.protocol import Constraint, Message
from extractors.models.transformers_causal import TransformersCausal

CHAT = [Message("system", "Answer in lines."), Message("user", "This standard requires ERC-20.")]
LONG = Message("system", "The ship sails to the port of Kiel. " * 40)
LINES = 'root ::= "none" | line ("\\n" line)?\nline ::= subject " | requires | " ("ERC-20" | "ERC-721")\n'
GRAMMARS = (
    LINES + 'subject ::= "this" (" standard")?\n',
    LINES + 'subject ::= "\\u6807\\u51C6" | "\\U0001F6A2 a-ship" | "\\xE9t\\xE9"\n',
    'root ::= "\\"quoted\\" \\\\ " rest-of\nrest-of ::= ("a" | "b\\t")? "c"\n',
)


@pytest.fixture(scope="session")
def python():
    """The Python that has transformers."""
    return os.environ["TRIPLOCK_TRANSFORMERS_PYTHON"]


@pytest.fixture(scope="session")
def tiny_folder(python, tmp_path_factory):
    """A model of random weights."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    made = subprocess.run(
        [python, "-I", Path(__file__).with_name("tiny_causal.py"), folder], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr[-2000:]
    return folder


@pytest.fixture(scope="session")
def tiny(tiny_folder, tmp_path_factory):
    with TransformersCausal(tiny_folder, cache=tmp_path_factory.mktemp("cache")) as model:
        yield model


def asked(model, chat, grammar=None, max_tokens=60):
    return model.complete(chat, Constraint(grammar, {}) if grammar else None, max_tokens=max_tokens)


@pytest.mark.transformers
@pytest.mark.parametrize("grammar", GRAMMARS)
def test_even_random_weights_answer_on_the_grammar(tiny, grammar):
    for word in ("one", "two", "three"):
        answer = asked(tiny, [*CHAT, Message("user", word)], grammar)
        assert answer.finish_reason == "stop"
        assert Grammar(grammar).accepts(answer.text)
        assert "".join(token.text for token in answer.tokens) == answer.text
        assert answer.tokens_out == len(answer.tokens) + 1


@pytest.mark.transformers
def test_probabilities_are_those_before_the_grammar(tiny):
    free = asked(tiny, CHAT, max_tokens=1).tokens[0]
    held = asked(tiny, CHAT, GRAMMARS[0], max_tokens=1).tokens[0]
    assert free.others == held.others
    assert free.logprob == max(value for _, value in free.others)
    assert held.logprob < free.logprob <= 0


@pytest.mark.transformers
def test_an_answer_that_the_limit_cuts_says_so(tiny):
    answer = asked(tiny, CHAT, GRAMMARS[0], max_tokens=2)
    assert (answer.finish_reason, answer.tokens_out, len(answer.tokens)) == ("length", 2, 2)


@pytest.mark.transformers
def test_an_answer_does_not_depend_on_what_was_asked_before_or_in_which_process(tiny):
    chats = [[LONG, Message("user", text)] for text in ("Read this.", "Read that, and then read this.", "Read this.")]
    first, _, again = (asked(tiny, chat, GRAMMARS[0]) for chat in chats)
    assert again.cached > 0
    pid = tiny.process_id
    os.kill(pid, signal.SIGKILL)
    alone = asked(tiny, chats[0], GRAMMARS[0])
    assert tiny.process_id != pid
    assert alone.cached == 0
    assert alone.tokens == first.tokens == again.tokens
    assert tiny.count_tokens(chats[0]) == alone.tokens_in > 500


@pytest.mark.transformers
def test_what_cannot_be_asked_is_refused_and_the_next_question_answered(tiny):
    with pytest.raises(ModelRefusedCall, match="grammar does not parse"):
        asked(tiny, CHAT, "root ::= missing\n")
    with pytest.raises(ModelContextExceeded, match="context 700"):
        asked(tiny, [LONG, LONG, LONG])
    before = asked(tiny, [LONG, *CHAT], GRAMMARS[0])
    with pytest.raises(ModelAnsweredWrongly, match="failed: IndexError"):
        asked(tiny, [LONG, Message("user", "<|far4|>")])
    assert asked(tiny, [LONG, *CHAT], GRAMMARS[0]).tokens == before.tokens
    assert asked(tiny, CHAT, GRAMMARS[0]).finish_reason == "stop"


@pytest.mark.transformers
def test_a_models_own_code_is_not_run(tiny_folder, tmp_path):
    folder = shutil.copytree(tiny_folder, tmp_path / "hostile")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Own", "AutoModelForCausalLM": "own.Own"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    with TransformersCausal(folder, cache=tmp_path) as model, pytest.raises(BadModelFile, match="cannot be loaded"):
        asked(model, CHAT)
    assert not (tmp_path / "ran").exists()


@pytest.mark.transformers
def test_the_name_of_a_model_is_its_weights_and_what_runs_it(tiny, tiny_folder, tmp_path):
    assert tiny.identity.name == "tiny"
    assert "transformers " in tiny.identity.runtime
    assert tiny.identity.runtime.endswith(", cpu")
    other = shutil.copytree(tiny_folder, tmp_path / "tiny-0.5b")
    assert open_model(f"transformers:{other}", cache=tmp_path).identity.name == "tiny-0.5b"
    other = other.rename(tmp_path / "tiny")
    assert open_model(f"transformers:{other}", cache=tmp_path).identity == tiny.identity
    assert open_model(f"cuda+transformers:{other}", cache=tmp_path).identity != tiny.identity
    (other / "tokenizer.json").write_text((other / "tokenizer.json").read_text() + "\n")
    assert open_model(f"transformers:{other}", cache=tmp_path).identity.digest != tiny.identity.digest


def test_a_folder_without_safetensors_is_no_model(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(BadModelFile, match="no folder of a model with safetensors"):
        open_model(f"transformers:{tmp_path}", cache=tmp_path)
    with pytest.raises(BadModelFile, match="cannot be read"):
        open_model(f"transformers:{tmp_path / 'absent'}", cache=tmp_path)


def test_a_python_without_the_extra_is_named(tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"")
    monkeypatch.setenv("TRIPLOCK_TRANSFORMERS_PYTHON", str(tmp_path / "nowhere"))
    with pytest.raises(BadModelName, match="cannot be run"):
        TransformersCausal(tmp_path, cache=tmp_path)
    monkeypatch.setattr("extractors.models.transformers_python._PACKAGES", ("a-package-that-nobody-has",))
    monkeypatch.delenv("TRIPLOCK_TRANSFORMERS_PYTHON")
    with pytest.raises(MissingExtra, match="transformers"):
        TransformersCausal(tmp_path, cache=tmp_path)


@pytest.mark.model
@pytest.mark.transformers
def test_the_same_weights_answer_as_in_llama_cpp(small_model, model_path):
    with TransformersCausal(model_path, "qwen2.5-coder-0.5b") as model:
        assert model.identity.digest == small_model.identity.digest
        here = asked(model, CHAT, GRAMMARS[0], max_tokens=16)
        there = asked(small_model, CHAT, GRAMMARS[0], max_tokens=16)
    assert (here.text, here.tokens_in) == (there.text, there.tokens_in)
    likeliest = [dict(answer.tokens[0].others) for answer in (here, there)]
    shared = set(likeliest[0]) & set(likeliest[1])
    assert len(shared) >= 5
    assert all(abs(likeliest[0][text] - likeliest[1][text]) < 0.7 for text in shared)
