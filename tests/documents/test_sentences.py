"""Sentences are exact, disjoint slices in order, and end where a reader would end them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.documents.sentences import MAX_SENTENCE, sentences


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


MARKS = (
    'EIP-20. |e.g. |. |! |?\r\n|。|…|...|`|``|](|)|[|\u00a0|\r\n|\n\n|😀|代币|0.4.1|https://a.b/c. |*|\ufeff|A|"|”| '
)
PIECES = st.lists(
    st.one_of(
        st.sampled_from(MARKS.split("|")),
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
