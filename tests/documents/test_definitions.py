"""Definitions, abbreviations and names are found where the text has them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.documents.definitions import definitions
from extractors.documents.mentions import names


def defined(text: str) -> list[tuple[str, str]]:
    return [(text[slice(*d.term)], text[slice(*d.meaning)]) for d in definitions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A Decentralized Exchange (DEX) runs.", [("DEX", "Decentralized Exchange")]),
        ("LTV (Loan To Value) is low.", [("LTV", "Loan To Value")]),
        ("The [Aave Chan Initiative](https://x.y/z) (ACI) asks.", [("ACI", "Aave Chan Initiative")]),
        ('The **Aave Protocol** (the "Protocol") lends.', [("Protocol", "Aave Protocol")]),
        ("The lender (hereinafter the “Issuer”) pays.", [("Issuer", "lender")]),
        ('Maple Finance, Inc. (together with its affiliates, "Maple") is.', [("Maple", "Maple Finance, Inc.")]),
        ("**Vault**: a contract that holds tokens. More.", [("Vault", "a contract that holds tokens")]),
        ("**Vault:** a contract", [("Vault", "a contract")]),
        ('"Issuer" means the company of v1.2 tokens.', [("Issuer", "the company of v1.2 tokens")]),
        ("去中心化交易所（DEX）是新的。Aave协议（以下简称“协议”）", [("DEX", "去中心化交易所"), ("协议", "Aave协议")]),
        ("本規約（以下「規約」という）は", [("規約", "本規約")]),
    ],
)
def test_a_definition_gives_its_term_and_meaning(text: str, expected: list[tuple[str, str]]) -> None:
    assert defined(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        'The function (see "Transfer") is called.',
        "ERC-20 (Token Standard) is old.",
        "It pays (USD) fees.",
        "(DEX)",
        '("x")',
        "**Bold words** are no term.",
        "A (B) C (AB) D.",
    ],
)
def test_other_brackets_and_bold_words_define_nothing(text: str) -> None:
    assert defined(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The USDC token is on Base.", ["USDC", "Base"]),
        ("This EIP requires EIP-20 and ERC165, and it MUST NOT fail.", ["EIP-20", "ERC165"]),
        ("Tokens are here. Users vote. However, Compound lends.", ["Compound"]),
        ("Compound lends. Curve is old.", ["Compound", "Curve"]),
        ("Uniswap v2, Arbitrum One and the Bank of England", ["Uniswap v2", "Arbitrum One", "Bank of England"]),
        ("we onboard **syrupUSDC**, see [Aave](https://Aave.com/Docs)", ["syrupUSDC", "Aave"]),
        (f"vitalik.eth at 0x{'aB' * 20} holds $UNI", ["vitalik.eth", f"0x{'aB' * 20}", "$UNI"]),
        ("「東京トークン」はユニスワップ。", ["東京トークン", "ユニスワップ"]),
    ],
)
def test_names_and_identifiers_are_mentions(text: str, expected: list[str]) -> None:
    assert [text[n.start : n.end] for n in names(text)] == expected


PIECES = st.lists(
    st.sampled_from(
        [
            '(the "',
            '")',
            "(",
            ")",
            "DEX",
            "Deep Ex",
            "**",
            ": ",
            " means ",
            '"',
            "（",
            "）",
            "“",
            "”",
            "、",
            "代币",
            ". ",
        ]
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(PIECES)
def test_whatever_is_found_is_a_range_that_says_something(pieces: list[str]) -> None:
    text = "".join(pieces)
    for found in definitions(text):
        for start, end in (found.term, found.meaning):
            assert 0 <= start < end <= len(text)
            assert text[start:end].strip()
    end = 0
    for name in names(text):
        assert end <= name.start < name.end <= len(text)
        end = name.end
