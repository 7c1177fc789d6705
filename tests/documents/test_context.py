"""The context of a chunk explains it, is bounded, and stays as it is when text elsewhere changes."""

from __future__ import annotations

from random import Random

import pytest

from extractors.documents.chunks import chunks
from extractors.documents.context import MAX_RENDERED, Context, Definition, Mention
from extractors.documents.load import load_document
from extractors.documents.model import Chunk, Document

PROPOSAL = b"""---
title: "Onboard syrupUSDC on Base"
author: Maple
network: Base
---

## Simple Summary

This AIP proposes to onboard syrupUSDC.

## Motivation

Maple Finance issues the syrupUSDC token (the "Token"). It is a lender on a Decentralized Exchange (DEX).

The token pays a yield.

Nothing is named here at all.

## Specification

The DEX lists the Token.
"""


def read(content: bytes | str, name: str = "a.md", **options: int) -> tuple[Document, list[Chunk]]:
    document = load_document(content.encode() if isinstance(content, str) else content, name=name)
    return document, chunks(document, **options)


def rendered(found: list[Chunk]) -> list[tuple[str, str]]:
    return [(" ".join(s.text for s in c.sentences), c.context.rendered) for c in found]


def test_a_chunk_brings_title_field_headings_definitions_and_the_names_before_it() -> None:
    _, found = read(PROPOSAL)
    said = {text.split(" (")[0]: lines.splitlines() for text, lines in rendered(found)}
    head = ["Document: Onboard syrupUSDC on Base", "Network: Base"]
    assert said["This AIP proposes to onboard syrupUSDC."] == [*head, "Section: Simple Summary"]
    assert said["It is a lender on a Decentralized Exchange"] == [
        *head,
        "Section: Motivation",
        "Before: Maple Finance, syrupUSDC",
    ]
    assert said["The token pays a yield."][-1] == "Before: syrupUSDC, Decentralized Exchange, DEX"
    assert said["Nothing is named here at all."] == [*head, "Section: Motivation"]
    assert said["The DEX lists the Token."] == [
        *head,
        "Section: Specification",
        "Defined: DEX = Decentralized Exchange; Token = syrupUSDC token",
    ]


def test_every_part_of_a_context_stands_in_the_document_where_it_says() -> None:
    for content, name in (
        (PROPOSAL, "a.md"),
        (PROPOSAL.replace(b"\n", b"\r\n"), "a.md"),
        ("\ufeff# 去中心化交易所\n\n去中心化交易所（DEX）用 ERC-20。它是新的标准。\n", "a.md"),
        ("<title>The &amp; Title</title><p>Caf&eacute; Bank issues it. It is a <b>bank</b>.</p>", "a.html"),
    ):
        document, found = read(content, name)
        assert found
        for chunk in found:
            context = chunk.context
            mentions = [*context.earlier, *(m for d in context.definitions for m in (d.term, d.meaning))]
            for mention in [*mentions, *([context.subject] if context.subject else [])]:
                assert document.text[mention.start : mention.end] == mention.text


def test_the_title_of_a_page_is_where_it_stands() -> None:
    document, found = read("<title> The &amp; Title</title><p>It is new and good.</p>", "a.html")
    assert document.title == "The & Title"
    assert found[0].context.subject is not None
    assert found[0].context.subject.text == "The &amp; Title"
    assert found[0].context.subject.name == "The & Title"


def test_of_two_definitions_the_last_one_before_the_chunk_counts() -> None:
    bank = 'The {} Bank (the "Bank") is here.\n\nThe Bank pays.\n\n'
    text = bank.format("Aave") + bank.format("Curve")
    _, found = read(text)
    assert [c.context.definitions[0].meaning.name for c in found if c.context.definitions] == [
        "Aave Bank",
        "Curve Bank",
    ]


def test_rendered_contexts_are_bounded_however_long_their_parts_are() -> None:
    long = Mention("x" * 5000, 0, 5000, "x" * 5000)
    context = Context(
        title="t" * 5000,
        about=tuple((f"{'f' * 12}{i}", "v" * 999) for i in range(9)),
        heading=("h" * 999,) * 9,
        definitions=(Definition(long, long),) * 9,
        earlier=tuple(Mention(c * 999, 0, 999, c * 999) for c in "abcdefgh"),
    )
    assert len(context.rendered) <= MAX_RENDERED
    assert [line.split(":")[0] for line in context.rendered.splitlines()][-2:] == ["Defined", "Before"]


def test_what_cannot_be_printed_is_not_rendered() -> None:
    assert Context(title="a\u202eb\u200bc\nDefined: x").rendered == "Document: a b c Defined: x"


WORDS = [
    "The",
    "It",
    "token",
    "protocol",
    "Aave",
    "V3",
    "USDC",
    "lends",
    "pays",
    "requires",
    "EIP-20",
    "Maple",
    "(DeFi)",
]
WORDS += ["holds", "Base", "vault", "this", "These", "it", "new"]


def written(random: Random, most: int) -> str:
    """A paragraph of one to `most` sentences of random words, each of which a model could be asked about."""
    return " ".join(
        " ".join(["Some words", *random.choices(WORDS, k=random.randint(2, 8))]) + "."
        for _ in range(random.randint(1, most))
    )


@pytest.mark.parametrize("seed", range(25))
def test_an_edit_of_one_paragraph_of_fifty_changes_its_chunk_and_one_other_at_most(seed: int) -> None:
    random = Random(seed)
    paragraphs = [written(random, 1) for _ in range(50)]
    at = random.randrange(50)
    edited = [*paragraphs[:at], written(random, 1), *paragraphs[at + 1 :]]

    def asked(parts: list[str]) -> list[tuple[str, str]]:
        sections = ["## H\n\n" if row % 10 == 5 else "" for row in range(50)]
        text = "# T\n\n" + "\n\n".join(head + part for head, part in zip(sections, parts, strict=True))
        return rendered(read(text)[1])

    assert sum(a != b for a, b in zip(asked(paragraphs), asked(edited), strict=True)) <= 2


@pytest.mark.parametrize("seed", range(25))
def test_an_edit_reaches_one_chunk_outside_its_paragraph_at_most(seed: int) -> None:
    random = Random(seed)
    paragraphs = [written(random, 4) for _ in range(12)]
    at = random.randrange(12)
    edited = [*paragraphs[:at], written(random, 4), *paragraphs[at + 1 :]]

    def outside(parts: list[str]) -> list[tuple[str, str]]:
        start = len("\n\n".join([*parts[:at], ""]))
        _, found = read("\n\n".join(parts))
        return rendered([c for c in found if c.end <= start or c.start > start + len(parts[at])])

    assert sum(a != b for a, b in zip(outside(paragraphs), outside(edited), strict=True)) <= 1


def test_an_edited_definition_changes_only_the_chunks_that_use_the_term() -> None:
    text = 'Maple (the "Issuer") lends to all.\n\n' + "Aave is a market here.\n\n" * 10 + "The Issuer pays.\n\n" * 3
    before, after = rendered(read(text)[1]), rendered(read(text.replace("Maple", "Curve"))[1])
    changed = [a[0] for a, b in zip(before, after, strict=True) if a != b]
    assert changed == ['Maple (the "Issuer") lends to all.', *["The Issuer pays."] * 3]


def test_text_that_only_moves_changes_no_context() -> None:
    _, found = read(PROPOSAL)
    _, moved = read(PROPOSAL.replace(b"This AIP", b"\n\n\n  This AIP"))
    assert rendered(moved) == rendered(found)
