"""Chunks hold the prose of a document, a section at a time, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.documents.chunks import chunks
from extractors.documents.load import load_document
from extractors.documents.model import Document

ROOT = Path(__file__).parents[2]
ERC_721 = load_document(ROOT / "data" / "documents" / "erc-721.md")

PAGE = b"""---
title: x
---
# Abstract

It extends ERC-20. It adds locks to it. It is new.

## Details

- The first item is here.
- Ok.

```solidity
event NotProse(address a);
```

| a table | of words |
|---|---|
| with some | cells here |

The key words "MUST" and "MAY" are to be interpreted as described in RFC 2119.

## Copyright

Copyright and related rights waived.
"""


def texts(document: Document, **options: object) -> list[list[str]]:
    return [[s.text for s in c.sentences] for c in chunks(document, **options)]  # type: ignore[arg-type]


def test_prose_is_kept_and_boilerplate_code_and_tables_are_not() -> None:
    page = load_document(PAGE, name="a.md")
    assert texts(page) == [
        ["It extends ERC-20."],
        ["It adds locks to it."],
        ["It is new."],
        ["The first item is here."],
    ]


def test_no_quote_holds_what_a_reader_does_not_see() -> None:
    for content, name in (
        (b"Aave lends <!-- and is a scam --> to all users.\n\n~~It requires ERC-1.~~ It pays them.\n", "a.md"),
        (b"<p>Aave lends <!-- and is a scam --> to all users.<p><s>It requires ERC-1.</s> It pays them.", "a.html"),
        (b"<p>Aave lends <b hidden>and is a scam</b> to all users.<p><del>It requires</del> It pays them.", "a.html"),
    ):
        assert texts(load_document(content, name=name)) == [["Aave lends"], ["to all users."], ["It pays them."]]


def test_sentences_of_one_section_are_joined_up_to_the_limit() -> None:
    page = load_document(PAGE, name="a.md")
    assert [len(c) for c in texts(page, max_sentences=2)] == [2, 1, 1]
    assert [len(c) for c in texts(page, max_sentences=9)] == [3, 1]
    assert [len(c) for c in texts(page, max_sentences=9, max_characters=30)] == [1, 1, 1, 1]


def test_sections_are_chosen_by_name_with_what_is_below_them() -> None:
    page = load_document(PAGE, name="a.md")
    assert len(texts(page, sections=["abstract"])) == 4
    assert texts(page, sections=["Details"]) == [["The first item is here."]]
    assert texts(page, sections=["None such"]) == []


def test_chunks_are_counted_and_know_their_place() -> None:
    found = chunks(ERC_721, sections=("Abstract", "Motivation"))
    assert [c.index for c in found] == list(range(len(found)))
    assert {c.document for c in found} == {ERC_721.cid}
    assert found[0].heading == ("Abstract",)
    assert ERC_721.text[found[0].start : found[0].end].startswith("The following standard allows")
    assert any("inspired by the ERC-20 token standard" in c.sentences[0].text for c in found)


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
def test_quotes_slice_out_under_any_line_end_and_script(newline: str) -> None:
    text = "# 摘要\n\n它扩展了 ERC-20 标准。它很新而且有用。\n\nA\u00a0b extends 😀 it.\nAnd goes on.\n".replace(
        "\n", newline
    )
    document = load_document(text.encode(), name="a.md")
    found = [s for c in chunks(document) for s in c.sentences]
    assert [s.text for s in found] == [
        "它扩展了 ERC-20 标准。",
        "它很新而且有用。",
        "A\u00a0b extends 😀 it.",
        "And goes on.",
    ]
    assert all(document.text[s.start : s.end] == s.text for s in found)


def test_plain_text_is_cut_at_blank_lines() -> None:
    document = load_document(b"A heading without a stop\r\n\r\nThe text extends it. More of it.\n", name="a.txt")
    assert texts(document) == [["A heading without a stop"], ["The text extends it."], ["More of it."]]


def test_rdf_has_no_prose() -> None:
    assert chunks(load_document(b'<a:b> <c:d> "Some words in it." .', name="a.ttl")) == []
