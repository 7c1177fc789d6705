"""What token contracts answer: strings, bytes32, nonsense. Nothing crashes, nothing unbounded is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay import reply, served

from extractors.chain.abi import Undecodable, decode_text, decode_uint, selector_of, topic_of
from extractors.chain.model import TokenContract
from extractors.chain.rpc import CallFailed, JsonRpc
from extractors.chain.texts import MAX_LENGTH, safe_text
from extractors.chain.tokens import MAX_ANSWER, TokenResult, read_tokens, token_metadata
from kg.claims.iris import Mint
from kg.claims.model import Trust
from kg.claims.quads import claim_quads

Lines = Callable[[Path], list[Any]]
TOKEN = TokenContract("0x" + 40 * "a", "erc20")


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def string(content: bytes) -> bytes:
    """A string as the ABI encodes it."""
    return word(32) + word(len(content)) + content + bytes(-len(content) % 32)


def said(**answers: object) -> dict[str, str]:
    """What is claimed from these answers, by the local name of the property."""
    whole = {"name": "0x", "symbol": "0x", "decimals": "0x", **answers}
    return {p.value.rpartition("#")[2]: o.value for _, p, o in token_metadata(1, TOKEN, whole)[0]}


def reasons(**answers: object) -> dict[str, str]:
    """Why fields were not claimed."""
    return dict(token_metadata(1, TOKEN, {"name": "0x", "symbol": "0x", "decimals": "0x", **answers})[1])


def recorded_result(calls: list[Any], address: str, mint: Mint) -> TokenResult:
    """What a token gives through a server that answers the recorded calls."""
    known = {(call["to"], call["data"]): call["result"] for call in calls if "to" in call}

    def answer(one: dict[str, Any]) -> dict[str, Any]:
        if one["method"] == "eth_chainId":
            return {"jsonrpc": "2.0", "id": one["id"], "result": "0x1"}
        call, block = one["params"]
        assert block == "0x203aea"
        return {"jsonrpc": "2.0", "id": one["id"], "result": known[call["to"], call["data"]]}

    def handle(http: BaseHTTPRequestHandler, body: bytes) -> None:
        asked = json.loads(body)
        reply(http, [answer(one) for one in asked] if isinstance(asked, list) else answer(asked))

    with served(handle) as url, JsonRpc(url) as rpc:
        (found,) = read_tokens(rpc, [TokenContract(address, "erc20")], 0x203AEA, mint)
    return found


@pytest.fixture
def calls(recorded: Path, json_lines: Lines) -> list[Any]:
    return json_lines(recorded / "token-calls.jsonl")


def test_a_token_that_answers_bytes32_is_read(calls: list[Any], mint: Mint) -> None:
    found = recorded_result(calls, "0x86fa049857e0209aa7d9e616f7eb3b3b78ecfdb0", mint)
    assert found.claim is not None
    values = {p.value.rpartition("#")[2]: o.value for _, p, o in found.claim.statements}
    assert (values["symbol"], values["decimals"]) == ("EOS", "18")
    assert found.unread == (("name", "the text is empty"),)
    assert found.claim.activity.trust is Trust.REPORTED
    assert "/000002112234/tokens/erc20/0x86fa0498" in str(found.claim.iri)


def test_a_token_with_invalid_data_is_read_as_far_as_it_goes(calls: list[Any], mint: Mint) -> None:
    found = recorded_result(calls, "0xf763be8b3263c268e9789abfb3934564a7b80054", mint)
    assert found.claim is not None
    values = {p.value.rpartition("#")[2]: o.value for _, p, o in found.claim.statements}
    assert (values["name"], values["symbol"], values["decimals"]) == ("ETH", "ETH", "18")
    assert values["nameBytes"] == "0x455448000000"


def test_a_token_with_empty_texts_claims_only_its_decimals(calls: list[Any], mint: Mint) -> None:
    found = recorded_result(calls, "0xdbdacfc9eb9d42559ac1efbdb40460c728139e6a", mint)
    assert dict(found.unread) == {"name": "the text is empty", "symbol": "the text is empty"}


def test_strings_and_bytes32_read_the_same() -> None:
    name = "0x" + string(b"Maker").hex()
    old = "0x" + b"Maker".ljust(32, b"\0").hex()
    assert said(name=name, symbol=old, decimals="0x" + word(18).hex()) == {
        "name": "Maker",
        "symbol": "Maker",
        "decimals": "18",
    }


def test_what_is_missing_is_not_claimed_and_the_reason_is_given() -> None:
    assert said() == {}
    assert set(reasons()) == {"name", "symbol", "decimals"}
    assert "execution reverted" in reasons(name=CallFailed(3, "execution reverted"))["name"]
    assert "no hexadecimal" in reasons(name=None)["name"]
    assert "no hexadecimal" in reasons(symbol="0xzz")["symbol"]
    assert "uint8" in reasons(decimals="0x" + word(2**256 - 1).hex())["decimals"]
    assert "31 bytes" in reasons(decimals="0x" + bytes(31).hex())["decimals"]
    assert "longer than" in reasons(name="0x" + (MAX_ANSWER + 1) * "00")["name"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"A" * 10_000, "A" * MAX_LENGTH),
        (b"\x1b[2J\x00\r\nPay", "�[2J���Pay"),
        (b"\xff\xfeX", "��X"),
        ("a\u202egnp.exe".encode(), "a�gnp.exe"),
        ("\ufeffUSDC\u2028".encode(), "�USDC�"),
        ("以太坊 🦄".encode(), "以太坊 🦄"),
    ],
)
def test_a_hostile_name_is_bounded_and_made_safe_and_its_bytes_are_kept(raw: bytes, text: str, mint: Mint) -> None:
    values = said(name="0x" + string(raw).hex())
    assert values["name"] == text
    assert values.get("nameBytes") == (None if text.encode() == raw else "0x" + raw.hex())


@pytest.mark.parametrize(
    "answer",
    [
        word(2**256 - 1) + word(1),
        word(32) + word(2**256 - 1),
        word(64) + word(3),
        word(32) + word(5) + b"abc",
        b"abc",
        word(0) + bytes(31),
    ],
)
def test_offsets_and_lengths_outside_the_answer_are_refused(answer: bytes) -> None:
    with pytest.raises(Undecodable):
        decode_text(answer)


@given(
    st.one_of(
        st.binary(max_size=400),
        st.builds(lambda a, b, c: word(a) + word(b) + c, *2 * [st.integers(0, 200)], st.binary(max_size=200)),
    )
)
def test_decoding_any_answer_ends_within_it_or_is_refused(answer: bytes) -> None:
    try:
        text = decode_text(answer)
    except Undecodable:
        return
    assert text in answer


@given(st.binary(max_size=300))
def test_an_encoded_string_decodes_to_itself(content: bytes) -> None:
    assert decode_text(string(content)) == content


@given(st.binary(max_size=31))
def test_a_bytes32_decodes_to_itself_without_padding(content: bytes) -> None:
    assert decode_text(content.ljust(32, b"\0")) == content.rstrip(b"\0")


@given(st.binary(max_size=80))
def test_a_number_is_one_word(answer: bytes) -> None:
    if len(answer) == 32:
        assert word(decode_uint(answer)) == answer
    else:
        with pytest.raises(Undecodable):
            decode_uint(answer)


@given(st.one_of(st.binary(max_size=1000), st.text(st.characters(exclude_categories=()), max_size=500)))
def test_safe_text_is_short_printable_and_stable(content: bytes | str) -> None:
    text, exact = safe_text(content)
    assert len(text) <= MAX_LENGTH
    assert safe_text(text) == (text, True)
    text.encode()
    assert exact == (text == content if isinstance(content, str) else text.encode() == content)


@given(
    st.dictionaries(
        st.sampled_from(["name", "symbol", "decimals"]),
        st.one_of(
            st.none(),
            st.integers(),
            st.text(max_size=20),
            st.lists(st.integers()),
            st.binary(max_size=200).map(lambda b: "0x" + b.hex()),
        ),
    )
)
def test_no_answer_makes_reading_fail(answers: dict[str, object]) -> None:
    statements, unread = token_metadata(1, TOKEN, {"name": "0x", "symbol": "0x", "decimals": "0x", **answers})
    claimed = {p.value.rpartition("#")[2] for _, p, _ in statements}
    assert {"name", "symbol", "decimals"} == (claimed - {"nameBytes", "symbolBytes"}) | {field for field, _ in unread}


def test_selectors_and_topics_are_those_that_everyone_knows() -> None:
    assert [selector_of(f"{f}()") for f in ("name", "symbol", "decimals")] == ["0x06fdde03", "0x95d89b41", "0x313ce567"]
    assert topic_of("Approval(address,address,uint256)").startswith("0x8c5be1e5ebec7d5b")


def test_a_claim_of_a_token_costs_few_quads(calls: list[Any], mint: Mint) -> None:
    found = recorded_result(calls, "0xf763be8b3263c268e9789abfb3934564a7b80054", mint)
    assert found.claim is not None
    assert sum(q.graph_name == found.claim.iri for q in claim_quads(mint, [found.claim])) == 7
