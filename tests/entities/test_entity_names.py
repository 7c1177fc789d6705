"""Names and identifiers: what is one spelling of another, and what is made to look so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.chain.terms import checksummed
from extractors.entities.abbreviations import definitions
from extractors.entities.check_digits import is_isin, is_lei
from extractors.entities.identifiers import BAD_CHECKSUM, identify
from extractors.entities.lookalikes import deceptive
from extractors.entities.names import read_name, type_word


@given(st.binary(min_size=20, max_size=20))
def test_an_address_is_one_in_small_letters_capitals_and_with_checksum(raw: bytes) -> None:
    address = "0x" + raw.hex()
    forms = (address, "0x" + raw.hex().upper(), checksummed(address))
    assert {identify(form) for form in forms} == {identify(address)}
    wrong = "0x" + checksummed(address)[2:].swapcase()
    if wrong[2:] not in (wrong[2:].lower(), wrong[2:].upper()):
        found = identify(wrong)
        assert found is not None
        assert found.scheme == BAD_CHECKSUM


@given(st.integers(1, 99999), st.integers(1, 99999))
def test_standards_are_one_exactly_where_their_numbers_are(one: int, two: int) -> None:
    assert (identify(f"EIP-{one}") == identify(f"ERC{two}")) == (one == two)


@given(st.text(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), min_size=18, max_size=18))
def test_an_lei_holds_for_one_pair_of_check_digits(body: str) -> None:
    assert sum(is_lei(f"{body}{check:02}") for check in range(2, 99)) == 1


@given(st.text(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), min_size=9, max_size=9))
def test_an_isin_holds_for_one_check_digit(body: str) -> None:
    assert sum(is_isin(f"DE{body}{check}") for check in range(10)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "-",
        "v",
        "\u200b",
        "\x00",
        "x" * 100_000,
        "A" + "\u0301" * 500,
        "((((",
        "'s",
        "the",
        "Inc.",
        "=",
        "~",
        "\ud800",
    ],
)
def test_what_is_no_name_is_no_error(text: str) -> None:
    read_name(text)
    identify(text)


@given(st.text(max_size=40))
def test_any_text_has_one_key_that_its_own_spelling_does_not_change(text: str) -> None:
    name = read_name(text)
    assert name == read_name(text)
    if name.key:
        assert read_name(f"  {text}\n").key == name.key or deceptive(f"  {text}\n") != deceptive(text)


@given(st.text(st.characters(codec="utf-8"), max_size=20), st.sampled_from("\u200b\u200d\u202e\u2066\ufeff\u00ad"))
def test_letters_that_cannot_be_seen_take_a_name_out(text: str, unseen: str) -> None:
    assert not read_name(f"Uni{unseen}swap {text}").key


@pytest.mark.parametrize(
    "text", ["Юнисвап", "以太坊", "イーサリアム", "Société Générale", "नमस्ते", "Ethereum基金会", "می‌خواهم", "👩‍🚀"]
)
def test_names_in_other_scripts_are_names(text: str) -> None:
    assert not deceptive(text)


def test_definitions_need_each_letter() -> None:
    text = "The General Data Protection Regulation (GDPR) and the Bank for International Settlements (BIS, Basel)."
    assert [(d.short, d.long) for d in definitions(text, "d")] == [("GDPR", "General Data Protection Regulation")]
    assert [(d.short, d.long) for d in definitions("an AMM (Automated Market Maker)", "d")] == [
        ("AMM", "Automated Market Maker")
    ]
    assert not list(definitions("Apple Bank (AAPL) or Ethereum (ETH) or (USA)", "d"))


def test_type_words() -> None:
    assert type_word("https://w3id.org/triplock/ethereum-chain#Erc20Token") == "token"
    assert type_word("https://schema.org/Organization") == "organization"
    assert type_word("http://www.wikidata.org/entity/Q5") == "q5"
