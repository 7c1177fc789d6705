"""Token lists stand side by side: each a source of its own, conflicts kept, nothing merged by symbol."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store

from anchoring.encoding.cid import Cid
from extractors.chain.errors import BadTokenList
from extractors.chain.token_lists import TokenList, read_token_list
from kg.claims.iris import Mint
from kg.claims.quads import claim_quads
from kg.claims.vocabulary import CHAIN

WETH = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"


@pytest.fixture(scope="module")
def lists(shipped: Path) -> tuple[TokenList, TokenList]:
    files = ("token-lists/metamask/contract-map.json", "token-lists/ethereum-lists/tokens-eth.jsonl")
    metamask, ethereum = (read_token_list((shipped / file).read_bytes()) for file in files)
    return metamask, ethereum


def values(token_list: TokenList, field: str) -> dict[str, str]:
    """What a list says, by contract."""
    found = {}
    for claim in token_list.claims:
        by = {p.value.rpartition("#")[2]: o.value for _, p, o in claim.statements}
        if field in by:
            found[by["tokenContract"]] = by[field]
    return found


def test_the_shipped_lists_are_read_whole(lists: tuple[TokenList, TokenList]) -> None:
    metamask, ethereum = lists
    assert (metamask.format, len(metamask.claims), metamask.refused) == ("metamask", 662, ())
    assert (ethereum.format, len(ethereum.claims), ethereum.refused) == ("ethereum-lists", 2104, ())
    assert metamask.cid != ethereum.cid


def test_264_tokens_are_in_both_lists_with_10_symbol_and_138_name_conflicts(lists: tuple[TokenList, TokenList]) -> None:
    metamask, ethereum = lists
    both = values(metamask, "tokenContract").keys() & values(ethereum, "tokenContract").keys()
    assert len(both) == 264
    conflicts = {}
    for field in ("symbol", "name"):
        here, there = values(metamask, field), values(ethereum, field)
        conflicts[field] = sum(here.get(contract) != there.get(contract) for contract in both)
    assert conflicts == {"symbol": 10, "name": 138}


def test_both_sides_of_a_conflict_stay_each_with_its_document(lists: tuple[TokenList, TokenList], mint: Mint) -> None:
    store = Store()
    for token_list in lists:
        store.extend(claim_quads(mint, token_list.claims))
    rows = store.query(
        f"PREFIX chain: <{CHAIN}> PREFIX prov: <http://www.w3.org/ns/prov#> "
        "SELECT DISTINCT ?contract ?a ?b { GRAPH ?g { ?t chain:tokenContract ?contract ; chain:symbol ?a }"
        " GRAPH ?h { ?u chain:tokenContract ?contract ; chain:symbol ?b }"
        f" GRAPH ?x {{ ?g prov:wasDerivedFrom <{lists[0].cid.iri}> }}"
        f" GRAPH ?y {{ ?h prov:wasDerivedFrom <{lists[1].cid.iri}> }}"
        " FILTER (?a != ?b) }"
    )
    assert len(list(rows)) == 10


def test_one_symbol_of_many_contracts_stays_many_tokens(lists: tuple[TokenList, TokenList]) -> None:
    owners: dict[str, set[str]] = {}
    for contract, symbol in values(lists[1], "symbol").items():
        owners.setdefault(symbol, set()).add(contract)
    assert sum(len(contracts) > 1 for contracts in owners.values()) == 110


def test_a_uniswap_list_names_its_chains(mint: Mint) -> None:
    content = json.dumps(
        {
            "name": "My list\x1b[2J",
            "tokens": [
                {"chainId": 10, "address": WETH, "name": "Wrapped Ether", "symbol": "WETH", "decimals": 18},
                {"chainId": "1", "address": WETH, "name": "x"},
                {"chainId": 1, "address": "0x12", "name": "x"},
                {"chainId": 1, "address": WETH, "decimals": 300, "name": ""},
            ],
        }
    ).encode()
    found = read_token_list(content)
    assert (found.format, found.title, found.cid) == ("uniswap", "My list�[2J", Cid.of(content))
    (claim,) = found.claims
    assert {s.value for s, _, _ in claim.statements} == {f"eip155:10/erc20:{WETH.lower()}"}
    assert [reason.partition(":")[0] for reason in found.refused] == ["entry 1", "entry 2", "entry 3"]


def test_a_list_can_be_cut_to_the_contracts_that_matter(shipped: Path) -> None:
    content = (shipped / "token-lists/metamask/contract-map.json").read_bytes()
    (claim,) = read_token_list(content, only={WETH.lower()}).claims
    whole = next(c for c in read_token_list(content).claims if c.statements == claim.statements)
    assert claim == whole


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no",
        b"{}",
        b"[]",
        b"7",
        b"[1]",
        b'{"tokens": []}',
        b'{"a": {}}',
        b"\xff",
        b"[" * 10**5,
        b'{"tokens": [null]}',
    ],
)
def test_what_is_no_token_list_is_refused(content: bytes) -> None:
    with pytest.raises(BadTokenList) as raised:
        read_token_list(content)
    assert raised.value.exit_code == 3


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=10)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["address", "name", "symbol", "decimals", "chainId", "type", "erc721"]),
            st.one_of(_JSON, st.just(WETH)),
        ),
        max_size=5,
    )
)
def test_any_json_is_read_or_refused(entries: list[dict[str, object]]) -> None:
    try:
        found = read_token_list(json.dumps({"tokens": entries}).encode())
    except BadTokenList:
        return
    assert len(found.claims) + len(found.refused) == len(entries)
    list(claim_quads(Mint("https://graph.example/"), found.claims))
