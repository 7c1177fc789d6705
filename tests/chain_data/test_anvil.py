"""Contracts deployed and used on a real node, read back as claims and compared with what was done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from eth_typing import ChecksumAddress
from pyoxigraph import Store
from web3 import Web3
from web3.contract import Contract

from extractors.chain import endpoint
from extractors.chain.errors import BlockAbsent
from extractors.chain.ingest import BlockResult, read_blocks
from extractors.chain.model import TokenContract
from extractors.chain.ranges import parse_range
from extractors.chain.rpc import JsonRpc
from extractors.chain.texts import MAX_LENGTH
from extractors.chain.tokens import TokenResult, read_tokens
from kg.claims.iris import Mint
from kg.claims.model import Trust
from kg.claims.quads import claim_quads
from kg.claims.vocabulary import CHAIN

pytestmark = pytest.mark.anvil

CONTRACTS = Path(__file__).parents[1] / "contracts"
HOSTILE = b"\x1b[2J\xffUSDC" + b"A" * 10_000


class Scene:
    """What was done on the chain: the contracts, the accounts, and the blocks from the first to the last."""

    def __init__(self, web3: Web3) -> None:
        self.web3 = web3
        self.alice, self.bob = web3.eth.accounts[:2]
        self.first = web3.eth.block_number + 1
        self.erc20 = self.deploy("TestErc20", "Test Coin", "TST", 10**24)
        self.erc721 = self.deploy("TestErc721", "Test Things", "THING", 1)
        self.bytes32 = self.deploy("Bytes32Token", "Maker", "MKR", 5)
        self.hostile = self.deploy("HostileNameToken", HOSTILE, False, 7)
        self.raw = self.deploy("HostileNameToken", b"\x01\x02\x03", True, 7)
        self.send(self.erc20.functions.transfer(self.bob, 2**70))
        self.send(self.erc721.functions.mint(self.alice, 42))
        self.send(self.erc721.functions.transferFrom(self.alice, self.bob, 42))
        self.last = web3.eth.block_number

    def deploy(self, name: str, *arguments: Any) -> Contract:
        made = json.loads((CONTRACTS / f"{name}.json").read_text())
        bytecode = made["bytecode"]
        contract = self.web3.eth.contract(abi=made["abi"], bytecode=bytecode)
        receipt = self.web3.eth.wait_for_transaction_receipt(
            contract.constructor(*arguments).transact({"from": self.alice})
        )
        address: ChecksumAddress = receipt["contractAddress"]
        return self.web3.eth.contract(address=address, abi=made["abi"])

    def send(self, call: Any) -> None:
        receipt = self.web3.eth.wait_for_transaction_receipt(call.transact({"from": self.alice}))
        assert receipt["status"] == 1


@pytest.fixture(scope="module")
def scene(anvil_url: str) -> Iterator[Scene]:
    with requests.Session() as session:
        yield Scene(Web3(Web3.HTTPProvider(anvil_url, session=session)))


@pytest.fixture(scope="module")
def rpc(anvil_url: str) -> Iterator[JsonRpc]:
    with JsonRpc(anvil_url) as client:
        yield client


@pytest.fixture(scope="module")
def blocks(scene: Scene, rpc: JsonRpc, mint: Mint) -> list[BlockResult]:
    return list(read_blocks(rpc, scene.first, scene.last, [], mint))


@pytest.fixture(scope="module")
def tokens(scene: Scene, rpc: JsonRpc, blocks: list[BlockResult], mint: Mint) -> dict[str, TokenResult]:
    found = {token for block in blocks for token in block.tokens}
    return {result.token.address: result for result in read_tokens(rpc, found, scene.last, mint)}


def test_every_header_of_a_real_node_is_hashed(blocks: list[BlockResult], scene: Scene) -> None:
    assert {block.trust for block in blocks} == {Trust.HASHED}
    assert [block.hash for block in blocks] == [
        Web3.to_hex(scene.web3.eth.get_block(n)["hash"]) for n in range(scene.first, scene.last + 1)
    ]
    assert all(block.warnings == () for block in blocks)


def test_the_logs_are_those_that_the_node_finds_by_filter(blocks: list[BlockResult], scene: Scene, mint: Mint) -> None:
    store = Store()
    for block in blocks:
        store.extend(claim_quads(mint, block.claims))
    rows = store.query(
        f"PREFIX chain: <{CHAIN}> SELECT DISTINCT ?emitter ?topic ?count ?hash {{ ?log chain:emitter ?emitter ;"
        " chain:topic0 ?topic ; chain:topicCount ?count ; chain:inTransaction/chain:transactionHash ?hash }",
        use_default_graph_as_union=True,
    )
    found = sorted(tuple(term.value for term in row) for row in rows)
    chain = scene.web3.eth.chain_id
    logs = scene.web3.eth.get_logs({"fromBlock": scene.first, "toBlock": scene.last})
    assert found == sorted(
        (
            f"eip155:{chain}:{log['address'].lower()}",
            Web3.to_hex(log["topics"][0]),
            str(len(log["topics"])),
            Web3.to_hex(log["transactionHash"]),
        )
        for log in logs
    )
    assert len(found) >= 7


def test_transfers_are_what_was_sent(blocks: list[BlockResult], scene: Scene) -> None:
    chain, said = scene.web3.eth.chain_id, {}
    for block in blocks:
        for claim in block.claims:
            if claim.activity.kind == "transfers":
                for subject, predicate, value in claim.statements:
                    said.setdefault(subject.value, {})[predicate.value.rpartition("#")[2]] = value.value
    transfers = [facts for facts in said.values() if "transferredToken" in facts]
    alice, bob = (f"eip155:{chain}:{a.lower()}" for a in (scene.alice, scene.bob))
    coin = f"eip155:{chain}/erc20:{scene.erc20.address.lower()}"
    thing = f"eip155:{chain}/erc721:{scene.erc721.address.lower()}"
    sent = [{k: v for k, v in t.items() if k != "type"} for t in transfers]
    assert {"transferredToken": coin, "from": alice, "to": bob, "amount": str(2**70)} in sent
    assert {"transferredToken": thing, "from": alice, "to": bob, "tokenId": "42"} in sent
    ours = {a.address.lower() for a in (scene.erc20, scene.erc721, scene.bytes32, scene.hostile, scene.raw)}
    assert len([t for t in sent if t["transferredToken"].rpartition(":")[2] in ours]) == 5 + 3


def said_of(result: TokenResult) -> dict[str, str]:
    return {p.value.rpartition("#")[2]: o.value for _, p, o in result.claim.statements} if result.claim else {}


def test_names_come_from_the_contracts(tokens: dict[str, TokenResult], scene: Scene) -> None:
    coin = said_of(tokens[scene.erc20.address.lower()])
    assert (coin["name"], coin["symbol"], coin["decimals"]) == ("Test Coin", "TST", "18")
    assert said_of(tokens[scene.erc721.address.lower()])["name"] == "Test Things"
    old = said_of(tokens[scene.bytes32.address.lower()])
    assert (old["name"], old["symbol"], old["decimals"]) == ("Maker", "MKR", "18")


def test_a_name_of_10_kb_with_control_characters_is_bounded_and_kept(
    tokens: dict[str, TokenResult], scene: Scene
) -> None:
    result = tokens[scene.hostile.address.lower()]
    facts = said_of(result)
    assert facts["name"] == "�[2J�USDC" + "A" * (MAX_LENGTH - 9)
    assert bytes.fromhex(facts["nameBytes"][2:]) == HOSTILE
    assert [field for field, _ in result.unread] == ["decimals"]


def test_an_answer_that_is_no_string_claims_nothing(tokens: dict[str, TokenResult], scene: Scene) -> None:
    result = tokens[scene.raw.address.lower()]
    assert result.claim is None
    assert {field for field, _ in result.unread} == {"name", "symbol", "decimals"}


def test_an_account_without_code_claims_nothing(rpc: JsonRpc, scene: Scene, mint: Mint) -> None:
    (result,) = read_tokens(rpc, [TokenContract(scene.bob.lower(), "erc20")], scene.last, mint)
    assert result.claim is None
    assert "no contract" in dict(result.unread)["name"]


def test_a_range_to_the_head_and_a_block_beyond_it(rpc: JsonRpc, mint: Mint) -> None:
    newest = endpoint.head(rpc)
    assert endpoint.resolve(rpc, parse_range("-1:")) == (newest, newest)
    with pytest.raises(BlockAbsent, match=str(newest + 1000)):
        list(read_blocks(rpc, newest + 1000, newest + 1000, [], mint))


def test_reading_twice_gives_the_same_quads(blocks: list[BlockResult], scene: Scene, rpc: JsonRpc, mint: Mint) -> None:
    again = read_blocks(rpc, scene.first, scene.last, [], mint)
    for before, after in zip(blocks, again, strict=True):
        assert set(claim_quads(mint, before.claims)) == set(claim_quads(mint, after.claims))
