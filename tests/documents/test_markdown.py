"""Blocks of Markdown, with offsets into the original, whatever its line ends are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.documents.markdown import Kind, blocks, plain

PAGE = """---
title: x
---

# One #

A paragraph
of two lines.

Two
---

- first item
  goes on
- [ ] second `- x`
1. third

> quoted
> text

```solidity
event A();
```

~~~~
# no heading
~~~
~~~~

    indented code

| a | b |
|---|---|
| 1 | 2 |

<!-- a comment
# no heading

over lines -->

<details>
markup
</details>

[ref]: https://example.org
### Three
Last.
"""


def parts(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(b.kind.value, text[b.start : b.end].strip(), b.heading) for b in blocks(text)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_page_is_cut_into_its_blocks(newline: str) -> None:
    page = PAGE.replace("\n", newline)
    expected = [
        ("front-matter", "---\ntitle: x\n---", ()),
        ("heading", "One", ()),
        ("paragraph", "A paragraph\nof two lines.", ("One",)),
        ("heading", "Two", ("One",)),
        ("item", "first item\n  goes on", ("One", "Two")),
        ("item", "second `- x`", ("One", "Two")),
        ("item", "third", ("One", "Two")),
        ("paragraph", "quoted\n> text", ("One", "Two")),
        ("code", "event A();", ("One", "Two")),
        ("code", "# no heading\n~~~", ("One", "Two")),
        ("code", "indented code", ("One", "Two")),
        ("table", "| a | b |\n|---|---|\n| 1 | 2 |", ("One", "Two")),
        ("html", "<details>\nmarkup\n</details>", ("One", "Two")),
        ("definition", "[ref]: https://example.org", ("One", "Two")),
        ("heading", "Three", ("One", "Two")),
        ("paragraph", "Last.", ("One", "Two", "Three")),
    ]
    assert parts(page) == [(kind, words.replace("\n", newline), path) for kind, words, path in expected]


def test_the_language_of_code_is_its_first_word_in_lower_case() -> None:
    assert [b.language for b in blocks("``` JS title=x\na\n```\n\n```\nb\n```\n")] == ["js", ""]


def test_an_unclosed_fence_goes_to_the_end() -> None:
    text = "```\nx\n# y\n"
    (block,) = blocks(text)
    assert text[block.start : block.end] == "x\n# y\n"


def test_separators_of_unicode_end_no_line() -> None:
    text = "a\u2028# b\x0b# c\x85# d"
    assert [b.kind for b in blocks(text)] == [Kind.PARAGRAPH]


def test_a_byte_order_mark_hides_nothing() -> None:
    assert [b.kind for b in blocks("\ufeff---\na: 1\n---\n# H\n")] == [Kind.FRONT_MATTER, Kind.HEADING]
    assert [b.kind for b in blocks("\ufeff# H\n")] == [Kind.HEADING]


def test_headings_leave_the_path_at_their_level() -> None:
    text = "# A\n## B\n#### C\n## D\nx\n"
    assert blocks(text)[-1].heading == ("A", "D")


def test_plain_drops_marks() -> None:
    assert plain("**Bold** `code` [link](./x.md) [ref][1]") == "Bold code link ref"


LINES = (
    "# h;text.;- item;```;~~~;---;===;> q;    code;| a |;|---|;<!--;-->;;"
    "<div>;[a]: b;1. x;\ufeff;😀 代币;a\u00a0b;\t;***"
)
MARKDOWN = st.lists(
    st.sampled_from(LINES.split(";")),
    max_size=30,
)


@settings(max_examples=300)
@given(MARKDOWN, st.sampled_from(["\n", "\r\n", "\r"]))
def test_blocks_are_in_order_and_disjoint(lines: list[str], newline: str) -> None:
    text = newline.join(lines)
    end = 0
    for block in blocks(text):
        assert end <= block.start < block.end <= len(text)
        end = block.end
