"""Headers of documents are read with the place of each field; what is no YAML is a warning."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.documents.front_matter import authors, front_matter, numbers

HEADER = """---
eip: 721
title: "A: title"
author: Ann B. (@ann-b), Bo <bo@example.org>, Cy <cy@example.org> (@cy)
created: 2018-01-24
requires: 165, EIP-20
tags:
  - one
  - two
---

Body: text
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_fields_have_their_value_and_place(newline: str, mark: str) -> None:
    text = mark + HEADER.replace("\n", newline)
    header = front_matter(text)
    assert header is not None
    assert header.warnings == ()
    assert header.eip == 721
    assert header.get("title") == "A: title"
    assert header.get("created") == "2018-01-24"
    assert header.fields["tags"].values == ("one", "two")
    quotes = {name: text[f.start : f.end] for name, f in header.fields.items()}
    assert quotes["eip"] == "eip: 721"
    assert quotes["title"] == 'title: "A: title"'
    assert quotes["requires"] == "requires: 165, EIP-20"
    assert quotes["tags"] == newline.join(["tags:", "  - one", "  - two"])


def test_a_document_without_header_has_none() -> None:
    for text in ("", "Text\n---\na: 1\n---\n", "---\nnever closed: 1\n", "----\na: 1\n----\n"):
        assert front_matter(text) is None


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("@bad: [", "is not YAML in line 2"),
        ("a: b: c", "is not YAML in line 2"),
        ("\ta: 1", "is not YAML"),
        ("a: \x07", "is not YAML"),
        ("- 1\n- 2", "no mapping"),
        ("# nothing", "is empty"),
        ("a: &x 1\nb: *x", "anchors"),
        ("a: " + "[" * 50 + "]" * 50, "nested deeper"),
        ("a: " + "x" * 100_000, "100,004 characters"),
        ("a: 1\na: 2", "'a' twice"),
    ],
)
def test_what_we_do_not_read_is_a_warning(body: str, why: str) -> None:
    header = front_matter(f"---\n{body}\n---\nText")
    assert header is not None
    assert len(header.warnings) == 1
    assert why in header.warnings[0]


def test_a_tag_creates_no_object() -> None:
    header = front_matter("---\na: !!python/object/apply:os.system ['true']\nb: !!timestamp 2001-01-01\n---\n")
    assert header is not None
    assert header.get("b") == "2001-01-01"


def test_e_mail_addresses_are_dropped() -> None:
    value = " Ann B. (@ann-b), Bo <bo@example.org>, Cy <cy@example.org> (@cy), dee@example.org, et al., (@solo)"
    found = authors(value)
    assert [(a.name, a.handle) for a in found] == [("Ann B.", "ann-b"), ("Bo", ""), ("Cy", "cy"), ("solo", "solo")]
    quotes = [value[a.start : a.end] for a in found]
    assert quotes == ["Ann B. (@ann-b)", "Bo", "Cy", "solo"]
    assert not any("example.org" in quote for quote in quotes)


def test_numbers_of_standards() -> None:
    assert numbers("20, EIP-721, erc 1155, x, 999999, -1") == [20, 721, 1155]


@settings(max_examples=300)
@given(st.text(alphabet=st.sampled_from(list("ab:-[]{}&*!|>'\"# \n\r\t@%,?.\u00a0😀")), max_size=80))
def test_any_header_is_read_or_warned_about(body: str) -> None:
    text = f"---\n{body}\n---\n"
    header = front_matter(text)
    if header is not None:
        for name, field in header.fields.items():
            assert text[field.start : field.end].strip()
            assert name
