"""The prose of HTML pages, each sentence an exact slice of the source."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.documents.chunks import chunks
from extractors.documents.html import read_page
from extractors.documents.load import load_document

PAGE = """<!DOCTYPE html>
<html><head><title>Token &amp; more</title><style>p { x: "</p>" }</style>
<script>document.write("<p>Never read this.</p>")</script></head>
<body><nav>Menu. Home.</nav>
<h1>Tokens</h1>
<p>The <em>ERC&#45;20</em> standard extends&nbsp;nothing. It has <a title="a > b" href='x.html'>a link</a>.</p>
<!-- <p>A comment.</p> -->
<h2>Later</h2><ul><li>First item of the list.<li>Second &lt;item&gt; of it.</ul>
<pre>event Transfer();</pre>
<p>Caf&eacute; 😀 costs more. AT&T stays.</p>
"""


def test_text_is_read_and_quoted_exactly() -> None:
    document = load_document(PAGE.encode(), name="page.html")
    found = [(c.heading, c.sentences[0]) for c in chunks(document)]
    for _, sentence in found:
        assert document.text[sentence.start : sentence.end] == sentence.text
    assert [(heading, " ".join(s.words.split())) for heading, s in found] == [
        (("Tokens",), "The ERC-20 standard extends nothing."),
        (("Tokens",), "It has a link."),
        (("Tokens", "Later"), "First item of the list."),
        (("Tokens", "Later"), "Second <item> of it."),
        (("Tokens", "Later"), "Café 😀 costs more."),
        (("Tokens", "Later"), "AT&T stays."),
    ]
    assert found[0][1].text == "The <em>ERC&#45;20</em> standard extends&nbsp;nothing."
    assert document.title == "Token & more"


@pytest.mark.parametrize(
    "source",
    [
        "<p>a < b and c > d.",
        "<p",
        "<!-- open",
        "<script>x",
        "<p title='x>y",
        "a &amp",
        "&#x110000;",
        "</",
        "<>",
        "<p/>x y.",
    ],
)
def test_tag_soup_is_read_without_an_error(source: str) -> None:
    for passage in read_page(source).passages:
        start, end = passage.source_span(0, len(passage.text))
        assert 0 <= start < end <= len(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>Seen one. <span hidden>Not read.</span> Seen two.</p>", ["Seen one.", "Seen two."]),
        ('<div style="color:red; display : none"><div>Not</div> read</div><p>Seen.', ["Seen."]),
        ("<div aria-hidden='true'><p>Not<ul><li>read</ul></div>Seen.", ["Seen."]),
        ("<p hidden>Not read<p>Seen.", ["Seen."]),
        ("<ul><li hidden>Not<ul><li>read</ul> here<li>Seen.</ul>", ["Seen."]),
        ("<ul><li hidden>Not<li hidden>read<li>Seen.</ul>", ["Seen."]),
        ("<div hidden><br><img src=x><p>Not</div><p>Seen.", ["Seen."]),
        ('<p style="opacity:0.5">Seen.</p><p style="opacity:0">Not.</p>', ["Seen."]),
        ("<p data-hidden='x' title='display:none'>Seen.</p>", ["Seen."]),
        ("<template><p>Not</p></template><noscript>Not</noscript><p>Seen.", ["Seen."]),
        (
            "<head><meta charset=utf-8><title>T</title><p>Seen without an end.",
            ["Seen without an end."],
        ),
        ("<p>It costs <del>one</del><ins>two</ins>. <s>Never.</s></p>", ["It costs", "two."]),
        ("<p>One line<br>goes on.<br><br>Another.", ["One line goes on.", "Another."]),
        ("<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>です。", ["漢字です。"]),
        (
            "<ul><li>Outer<ul><li>Inner one<li>Inner two</ul></li><li>Last</ul>",
            ["Outer", "Inner one", "Inner two", "Last"],
        ),
        ("<table><tr><td>Not<table><tr><td>read</table></table><p>Seen.", ["Seen."]),
        ("<p>One<!-- --> <!-- --->sentence.", ["One sentence."]),
        ("<p>A&nbsp;&lt;b&gt;&#x41;&#66;&amp;amp; AT&T &copy &unknown;", ["A <b>AB&amp; AT&T © &unknown;"]),
        ("<!-- <p>Not</p> --><p>Seen<!-- not --> too.", ["Seen", "too."]),
    ],
)
def test_what_a_reader_does_not_see_is_not_read(source: str, expected: list[str]) -> None:
    assert [" ".join(p.text.split()) for p in read_page(source).passages] == expected


def test_the_title_is_the_first_heading_where_a_page_has_none_and_no_other_text() -> None:
    assert read_page("<p>Some words.</p><h2>A heading</h2>").title == "A heading"
    assert read_page("<p>Some words.</p>").title == ""


HIDDEN = ["<p hidden>", "<li>", "<div aria-hidden=true>", "</div>", "<del>"]
TAGS = "<p> </p> <b> </b> <br> <h2> </h2> <script> </script> <!-- --> &amp; &#128512; &nope; & < > \" ' <pre> </pre> 😀"
PIECES = st.lists(
    st.sampled_from([*TAGS.split(), *HIDDEN, "One. ", "Two! ", "代币。", "\r\n", "<a href='x'>"]),
    max_size=30,
)


@settings(max_examples=300)
@given(PIECES)
def test_every_sentence_of_any_soup_is_a_slice_of_its_source(pieces: list[str]) -> None:
    source = "x y. " + "".join(pieces)
    document = load_document(source.encode(), media_type="text/html")
    end = 0
    for chunk in chunks(document):
        for sentence in chunk.sentences:
            assert end <= sentence.start
            assert source[sentence.start : sentence.end] == sentence.text
            assert len(sentence.aligned) == len(sentence.text)
            assert "".join(sentence.aligned.split()) == "".join(sentence.words.split())
            end = sentence.end


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(["<p>", "<b>", "</b>", "<i class='x'>", "</p>", "a ", "b&amp;c ", "&lt;d", " é ", "1"]),
        max_size=20,
    )
)
def test_well_formed_text_is_what_the_standard_library_reads(pieces: list[str]) -> None:
    source = "".join(pieces)
    judge = _Words()
    judge.feed(source)
    judge.close()
    assert "".join("".join(p.text for p in read_page(source).passages).split()) == "".join("".join(judge.words).split())
