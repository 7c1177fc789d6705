"""Lists of chains: names by number, with the file as their source, and what prose says of them links to them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anchoring.encoding.cid import Cid
from extractors.chain.chain_list import read_chain_list
from extractors.chain.errors import BadChainList
from kg.cli.main import run
from kg.workspace.merging import merges_of
from kg.workspace.workspace import Workspace

CHAINS = [
    {"chainId": 42161, "name": "Arbitrum One", "shortName": "arb1", "rpc": ["https://rpc.example/secret"]},
    {"chainId": 42170, "name": "Arbitrum Nova", "shortName": "arb-nova", "title": "Arbitrum Nova"},
    {"chainId": True, "name": "x"},
    {"chainId": "1", "name": "x"},
    {"chainId": 5, "name": "\u202e"},
    {"chainId": 6},
]


def test_names_are_claims_and_nothing_else_is_read() -> None:
    content = json.dumps(CHAINS).encode()
    found = read_chain_list(content)
    assert found.cid == Cid.of(content)
    said = {(s.value, o.value) for claim in found.claims for s, _, o in claim.statements}
    assert {("eip155:42161", "Arbitrum One"), ("eip155:42161", "arb1"), ("eip155:42170", "arb-nova")} <= said
    assert not any("rpc" in value for _, value in said)
    assert [line.partition(":")[0] for line in found.refused][:2] == ["entry 2", "entry 3"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"[1]", b"[" * 10_000, b"\xff"])
def test_what_is_no_list_of_chains_is_refused(content: bytes) -> None:
    with pytest.raises(BadChainList):
        read_chain_list(content)


def test_prose_links_to_the_chain_and_the_token_on_it(tmp_path: Path) -> None:
    """Arbitrum One is no Arbitrum Nova, and `USDC on Arbitrum One` is the contract there."""
    chains, tokens, prose = tmp_path / "chains.json", tmp_path / "tokens.json", tmp_path / "prose.ttl"
    chains.write_text(json.dumps(CHAINS[:2]))
    usdc = {"address": "0x" + "ab" * 20, "symbol": "USDC", "name": "USD Coin"}
    other = {**usdc, "address": "0x" + "cd" * 20, "chainId": 42170}
    tokens.write_text(json.dumps({"tokens": [{**usdc, "chainId": 42161}, other]}))
    prose.write_text(
        """@prefix e: <https://graph.example/entity/> . @prefix ex: <https://example.org/ns#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        e:one a ex:Token ; rdfs:label "USDC on Arbitrum One" . e:two a ex:Token ; rdfs:label "USDC on Arbitrum Nova" .
        e:none a ex:Token ; rdfs:label "USDC" ."""
    )
    folder = str(tmp_path / "kg")
    assert run(["init", folder, "--model", "none"]) == 0
    assert run(["-C", folder, "ingest", str(prose)]) == 0
    assert run(["-C", folder, "ingest-chain", "--chain-list", str(chains), "--token-list", str(tokens)]) == 0
    with Workspace.open(folder) as workspace:
        merges = {m.alias.rpartition("/")[2]: m.canonical for m in merges_of(workspace)}
    assert merges == {
        "one": "eip155:42161/erc20:0x" + "ab" * 20,
        "two": "eip155:42170/erc20:0x" + "cd" * 20,
    }
