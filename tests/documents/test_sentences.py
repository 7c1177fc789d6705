"""Sentences are exact, disjoint slices in order, and end where a reader would end them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.documents.sentences import MAX_SENTENCE, MAX_UNSPACED, sentences


@pytest.mark.parametrize(
    "expected",
    [
        ["It extends EIP-20.", "It requires ERC-165."],
        ["Use e.g. the `name` function.", "Done."],
        ["Returns the name, i.e. “MyToken”, etc.", "Next one."],
        ["Solidity 0.4.17 (or above) is needed.", "Version 1.2.3 is not."],
        ["See https://example.org/a.b.c?x=1.", "It says so."],
        ["Call `a.b. C.d` first.", "Then stop!", "Really?", "Yes."],
        ["Read [the spec. And more](./eip-1.md#a.B).", "Then go on."],
        ["J. R. Smith wrote it.", "We read it."],
        ["1. First comes this.", "Then that."],
        ["He waits... and goes on.", "He stops…", "New one."],
        ["代币标准定义了接口。", "它扩展了 ERC-20！", "好吗？", "是。"],
        ["トークンは「移転」される。", "次の文。"],
        ["**Bold sentence.**", "*Next one.*"],
        ['He said "stop."', "Then he left."],
        ["A\u00a0space that does not break.", "B."],
        ["Emoji 😀 in it.", "👩‍👩‍👧 family."],
        ["See Fig. 3 and Sec. 2.", "No. 5 is alive."],
        ["Is it final?", "It is!"],
        ["彼は「行く。すぐに。」と言った。", "次の文。"],
        ["「行く。」", "彼は言った。"],
        ["他说：“代币已发行。”", "随后上市。"],
        ["（詳細は仕様書。第二版を参照。）が公開された。", "終わり。"],
        ["Aave V3 协议（简称 V3）收取 0.09% 的费用！", "它用 USDC.e 支付吗？", "是。"],
        ["数量是1.5。", "版本为v2.0。"],
    ],
)
def test_text_is_cut_where_sentences_end(expected: list[str]) -> None:
    joined = " ".join(expected)
    assert [s.text for s in sentences(joined)] == expected
    crlf = "\r\n".join(expected)
    assert [s.text for s in sentences(crlf)] == expected


def test_a_range_of_the_text_gives_offsets_of_the_whole() -> None:
    text = "# H\r\n\r\n One. Two. \r\n"
    found = sentences(text, 7, len(text))
    assert [(s.start, s.end, s.text) for s in found] == [(8, 12, "One."), (13, 17, "Two.")]


def test_a_line_without_an_end_is_cut_at_white_space() -> None:
    text = "word " * 1000
    found = sentences(text)
    assert all(len(s.text) <= MAX_SENTENCE for s in found)
    assert " ".join(s.text for s in found).split() == text.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("トークンである．次の文である．", ["トークンである．", "次の文である．"]),
        ("本当ですか?はい.そうです", ["本当ですか?", "はい.", "そうです"]),
        ("它用ERC-20.很好", ["它用ERC-20.很好"]),
        ("図１．２を見る。", ["図１．２を見る。"]),
    ],
)
def test_stops_without_space_end_a_sentence_between_cjk_characters(text: str, expected: list[str]) -> None:
    assert [s.text for s in sentences(text)] == expected


def test_long_sentences_are_cut_at_clauses() -> None:
    chinese = "该协议对每笔交易收取固定的费用，" * 60 + "完。"
    found = [s.text for s in sentences(chinese)]
    assert "".join(found) == chinese
    assert len(found) > 2
    assert all(len(s) <= MAX_UNSPACED and s.endswith(("，", "完。")) for s in found)
    english = "the protocol charges a fee for it, " * 60 + "done."
    found = [s.text for s in sentences(english)]
    assert all(s.endswith((",", "done.")) and MAX_UNSPACED < len(s) <= MAX_SENTENCE for s in found[:-1])


MARKS = (
    'EIP-20. |e.g. |. |! |?\r\n|。|…|...|`|``|](|)|[|\u00a0|\r\n|\n\n|😀|代币|0.4.1|https://a.b/c. |*|\ufeff|A|"|”| '
)
PIECES = st.lists(
    st.one_of(
        st.sampled_from([*MARKS.split("|"), *"「」“”（）．，と"]),
        st.text(max_size=8),
    ),
    max_size=40,
)


@settings(max_examples=400)
@given(PIECES, st.integers(0, 20))
def test_sentences_are_exact_slices_in_order_and_lose_no_word(pieces: list[str], start: int) -> None:
    text = "".join(pieces)
    start = min(start, len(text))
    end, kept = start, []
    for sentence in sentences(text, start):
        assert end <= sentence.start < sentence.end <= len(text)
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.text == sentence.text.strip()
        assert not text[end : sentence.start].strip("\ufeff").strip().strip("\ufeff \r\n\u00a0")
        end = sentence.end
        kept.append(sentence.text)
    assert "".join("".join(kept).replace("\ufeff", "").split()) == "".join(text[start:].replace("\ufeff", "").split())
