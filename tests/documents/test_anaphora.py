"""What "this proposal", "the token" and "it" may stand for, by rules that only say what they know."""

from __future__ import annotations

import pytest

from extractors.documents.anaphora import Anaphor, antecedents
from extractors.documents.chunks import chunks
from extractors.documents.load import load_document


def explained(text: str, name: str = "a.md") -> dict[str, tuple[list[str], bool]]:
    """The anaphors of the last chunk: what each may stand for, and whether that is certain."""
    document = load_document(text.encode(), name=name)
    last = chunks(document)[-1]
    found: tuple[Anaphor, ...] = antecedents(last.sentences[0], last.context)
    for anaphor in found:
        assert document.text[anaphor.start : anaphor.end] == anaphor.text
        for candidate in anaphor.candidates:
            assert document.text[candidate.start : candidate.end] == candidate.text
    return {a.text: ([c.name for c in a.candidates], a.certain) for a in found}


@pytest.mark.parametrize(
    ("text", "anaphor", "candidates", "certain"),
    [
        ("# Add sUSD\n\nThis proposal adds it all.", "This proposal", ["Add sUSD"], True),
        ("---\neip: 7\ntitle: Locks\n---\nThis standard extends ERC-20.", "This standard", ["EIP-7"], True),
        ("Maker issues the DAI token. The token is on Base.", "The token", ["DAI"], True),
        ("Aave V3 is a lending protocol. The protocol charges fees.", "The protocol", ["Aave V3"], True),
        ("Aave V3 is a lending protocol. It charges fees.", "It", ["Aave V3"], True),
        ("Compound and Aave lend. It charges fees.", "It", ["Compound", "Aave"], False),
        ('Maple Finance (the "Issuer") lends.\n\n## B\n\nThe Issuer pays.', "The Issuer", ["Maple Finance"], True),
        ("Compound and Aave lend. The latter is new.", "The latter", ["Aave"], True),
        ("The USDC token and the DAI token are old. The token pays.", "The token", ["DAI", "USDC"], False),
        ("Ada Lovelace wrote it for Aave V3. She was first.", "She", ["Ada Lovelace"], True),
        ("# 提案甲\n\n本提案扩展了 ERC-20 标准。", "本提案", ["提案甲"], True),
        ("Aave協定很旧也很大。它扩展了标准。", "它", ["Aave"], True),
    ],
)
def test_an_expression_is_explained_by_what_stands_before_it(
    text: str, anaphor: str, candidates: list[str], certain: bool
) -> None:
    assert explained(text)[anaphor] == (candidates, certain)


@pytest.mark.parametrize(
    "text",
    [
        "Aave V3 is a protocol. It is important that fees are paid.",
        "Aave V3 is a protocol. The token contract pays the bill.",
        "# Title\n\nThe users may vote on this matter.",
        "Aave V3 is a protocol.\n\n## Other\n\nThe protocol is good.",
        "Some token is here. The token pays.",
    ],
)
def test_what_no_rule_knows_is_left_alone(text: str) -> None:
    assert explained(text) == {}


def test_names_before_it_in_the_same_sentence_come_first() -> None:
    assert explained("Curve is old. Aave V3 lends and it pays.")["it"] == (["Aave V3", "Curve"], False)


def test_sentences_of_the_same_chunk_are_looked_at() -> None:
    document = load_document(b"Maker issues the DAI token. The token is on Base.", name="a.md")
    (chunk,) = chunks(document, max_sentences=2)
    (anaphor,) = antecedents(chunk.sentences[1], chunk.context, chunk.sentences[:1])
    assert [c.text for c in anaphor.candidates] == ["DAI"]
