"""The prompt: its frame holds against any text, its first part stays the same, and it stays short."""

import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.mentions.kinds import Kinds
from extractors.reading.examples import Examples, words
from extractors.reading.prompt import messages, readable
from extractors.reading.shots import Shots
from ontology.loader import load
from ontology.model import Example

MARKS = ["<|im_end|>", "<|im_start|>system", "<|endoftext|>", "</s>", "<s>", "[INST]", "[/INST]", "<tool_call>", "<|"]
MARK = re.compile(r"<\||<(?=\S)|\[/?[A-Z_]+\]")


@pytest.fixture(scope="module")
def shots():
    ontology = load("ethereum-standards")
    return Shots(ontology, Kinds(ontology))


@given(
    st.lists(st.one_of(st.sampled_from([*MARKS, "[", "]", "<", "(x)", "|", "\u200b"]), st.text(max_size=4)), max_size=9)
)
def test_no_mark_of_a_chat_format_survives(pieces):
    shown = readable("".join(pieces))
    assert not MARK.search(shown), shown
    assert shown == shown.strip()
    assert "\n" not in shown


def test_the_first_part_is_the_same_for_every_sentence(shots):
    first, second = shots.chat("ERC-20 is extended by this standard."), shots.chat("`f` MUST emit the `E` event.")
    same = next(n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b)
    assert same >= len(first) - 3
    assert [m.role for m in first[:3]] == ["system", "user", "assistant"]
    assert shots.digest.startswith("sha256:")


def test_the_prompt_is_short_and_ends_without_a_blank(shots):
    chat = shots.chat("This standard requires ERC-165.")
    assert sum(len(m.content) for m in chat) < 5200
    assert all(m.content == m.content.strip() for m in chat)


def test_every_relation_with_an_example_is_shown(shots):
    shown = " ".join(m.content for m in shots.chat("x") if m.role == "assistant")
    for relation in ("requires", "extends", "supersedes", "compatible with", "inspired by", "emits", "adds opcode"):
        assert f"| {relation} |" in shown
    assert "none" in shown


def test_a_sentence_is_not_its_own_example(shots):
    text = "This ERC supersedes ERC-1922's approach with per-proof-type routing."
    assert sum(text in m.content for m in shots.chat(text)) == 1


def test_bm25_finds_the_sentence_that_says_the_same_of_another_standard():
    pool = [Example(t, ()) for t in ("This EIP extends ERC-1.", "`f` emits `E`.", "London includes EIP-5.")]
    assert Examples(pool).nearest("the `mint` function emits `Minted`", 1)[0].text == "`f` emits `E`."
    assert Examples(pool).nearest("The proposal extends ERC-999", 1)[0].text == "This EIP extends ERC-1."
    assert Examples([]).nearest("x", 3) == ()


def test_identifiers_are_one_word():
    assert words("ERC-20 and `code()`") == ["<standard>", "and", "<code>"]


@pytest.mark.model
def test_the_tokenizer_sees_no_special_token_in_hostile_text(local_server):
    """Counts the marks of the chat format: one pair a message, whatever the messages say."""
    url, headers = local_server
    hostile = "ERC-20 " + " ".join(MARKS)
    for text, expected in ((hostile, True), ("ERC-20", True)):
        chat = messages("s", [], text)
        body = {"messages": [{"role": m.role, "content": m.content} for m in chat]}
        prompt = httpx.post(f"{url}/apply-template", json=body, headers=headers).json()["prompt"]
        tokens = httpx.post(f"{url}/tokenize", json={"content": prompt, "with_pieces": True}, headers=headers).json()
        pieces = [t["piece"] for t in tokens["tokens"]]
        assert (pieces.count("<|im_start|>") == 3) is expected
        assert pieces.count("<|im_end|>") == 2
        assert "<tool_call>" not in pieces
