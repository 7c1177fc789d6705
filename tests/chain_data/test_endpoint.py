"""Blocks from an endpoint: what re-hashes is hashed, what does not is refused, the rest is reported."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from replay import Replay, served

from anchoring.errors import ServiceFailed
from extractors.chain import endpoint
from extractors.chain.errors import BlockAbsent, HeaderMismatch, ParentMismatch, RpcAnsweredWrongly, UnknownDataset
from extractors.chain.ingest import BlockResult, read_blocks
from extractors.chain.ranges import parse_range
from extractors.chain.rpc import JsonRpc
from kg.claims.iris import Mint
from kg.claims.model import Trust

Lines = Callable[[Path], list[Any]]
Change = Callable[[dict[tuple[str, str], Any]], None]


def read(
    replay: Replay, first: int, last: int, mint: Mint, datasets: tuple[str, ...] = (), **options: Any
) -> list[BlockResult]:
    with served(replay) as url, JsonRpc(url, attempts=1) as rpc:
        return list(read_blocks(rpc, first, last, datasets, mint, **options))


def test_a_recorded_block_is_hashed_in_its_header_and_reported_in_its_body(recorded: Path, mint: Mint) -> None:
    empty, full = read(Replay().add(recorded / "blocks-1755634-1755635.jsonl"), 1755634, 1755635, mint)
    trusts = {claim.activity.kind: claim.activity.trust for claim in full.claims}
    assert trusts == {
        "blocks": Trust.HASHED,
        "transactions": Trust.REPORTED,
        "logs": Trust.REPORTED,
        "transfers": Trust.REPORTED,
    }
    assert [claim.activity.kind for claim in empty.claims] == ["blocks"]
    assert full.warnings == ()


def test_receipts_one_by_one_give_the_recorded_transfer(recorded: Path, mint: Mint, json_lines: Lines) -> None:
    _, full = read(Replay().add(recorded / "blocks-1755634-1755635.jsonl"), 1755634, 1755635, mint, ("transfers",))
    (expected,) = json_lines(recorded / "token_transfers-1755634-1755635.jsonl.gz")
    (claim,) = full.claims
    said = {predicate.value.rpartition("#")[2]: value.value for _, predicate, value in claim.statements[:5]}
    assert said["amount"] == str(expected["value"])
    assert said["from"] == f"eip155:1:{expected['from_address']}"
    assert said["transferredToken"] == f"eip155:1/erc20:{expected['token_address']}"


def test_blocks_of_the_devnet_through_prague_are_read_with_their_receipts(recorded: Path, mint: Mint) -> None:
    replay = Replay().add(recorded / "devnet-exchanges.jsonl")
    for number in (0, 1, 0x36):
        (result,) = read(replay, number, number, mint)
        assert result.trust is Trust.HASHED
    with served(replay) as url, JsonRpc(url) as rpc:
        assert endpoint.resolve(rpc, parse_range("-2:")) == (0x35, 0x36)
        assert endpoint.chain_id(rpc) == 3503995874084926


def test_headers_alone_need_no_receipts(recorded: Path, mint: Mint) -> None:
    replay = Replay().add(recorded / "devnet-exchanges.jsonl")
    (result,) = read(replay, 0x2D, 0x2D, mint, ("blocks",))
    assert result.trust is Trust.HASHED
    assert [method for method, _ in replay.asked] == ["eth_chainId", "eth_getBlockByNumber"]


def _block(answers: dict[tuple[str, str], Any]) -> Any:
    return answers["eth_getBlockByNumber", '["0x1ac9f3", true]']


def _receipt(answers: dict[tuple[str, str], Any]) -> Any:
    return next(a for (method, _), a in answers.items() if method == "eth_getTransactionReceipt" and a["logs"])


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda a: _block(a).update(hash="0x" + 64 * "3"), HeaderMismatch, "its header hashes to 0x1dec87ec1ba8"),
        (lambda a: _block(a).update(timestamp="0x576bb000"), HeaderMismatch, "claims the hash 0x1dec87ec1ba8"),
        (lambda a: _block(a).update(number="0x1ac9f4"), RpcAnsweredWrongly, "1755636 when asked for 1755635"),
        (lambda a: _block(a).update(transactions=None), RpcAnsweredWrongly, "not an array"),
        (lambda a: _receipt(a).update(blockHash="0x" + 64 * "4"), RpcAnsweredWrongly, "reorganised"),
        (lambda a: _receipt(a).update(transactionHash="0x" + 64 * "5"), RpcAnsweredWrongly, "is not of transaction"),
        (lambda a: _receipt(a)["logs"].pop(0), RpcAnsweredWrongly, "log 0"),
        (lambda a: _receipt(a)["logs"][0].update(topics=["0xdd"]), RpcAnsweredWrongly, "topic"),
        (lambda a: _receipt(a).update(logs=[7]), RpcAnsweredWrongly, "not an object"),
        (lambda a: a.update({("eth_getBlockByNumber", '["0x1ac9f3", true]'): None}), BlockAbsent, "1755635"),
        (
            lambda a: a.update({("eth_getBlockByNumber", '["0x1ac9f3", true]'): "no"}),
            RpcAnsweredWrongly,
            "not an object",
        ),
        (lambda a: a.update({("eth_chainId", "[]"): "one"}), RpcAnsweredWrongly, "chain id"),
    ],
)
def test_an_endpoint_that_lies_is_refused(
    recorded: Path, mint: Mint, change: Change, error: type[ServiceFailed], says: str
) -> None:
    replay = Replay().add(recorded / "blocks-1755634-1755635.jsonl")
    replay.answers = copy.deepcopy(replay.answers)
    change(replay.answers)
    with pytest.raises(error, match=says) as raised:
        read(replay, 1755635, 1755635, mint)
    assert raised.value.exit_code == 4


def test_a_block_with_more_receipts_than_transactions_is_refused(recorded: Path, mint: Mint) -> None:
    replay = Replay().add(recorded / "devnet-exchanges.jsonl")
    replay.answers["eth_getBlockByNumber", '["0x1", true]']["transactions"].pop()
    with pytest.raises(RpcAnsweredWrongly, match="3 transactions and 4 receipts"):
        read(replay, 1, 1, mint)


def test_a_parent_that_is_not_the_block_read_before_is_refused(recorded: Path, mint: Mint) -> None:
    replay = Replay().add(recorded / "blocks-1755634-1755635.jsonl")
    with pytest.raises(ParentMismatch, match="1755635"):
        read(replay, 1755635, 1755635, mint, parent_hash="0x" + 64 * "6")
    assert len(read(replay, 1755635, 1755635, mint, parent_hash=_block(replay.answers)["parentHash"])) == 1


def test_a_dataset_that_does_not_exist_is_refused_before_anything_is_asked(mint: Mint) -> None:
    with JsonRpc("http://127.0.0.1:9") as rpc, pytest.raises(UnknownDataset, match="choose from blocks, transactions"):
        next(read_blocks(rpc, 0, 0, ["traces"], mint))


def test_a_source_has_the_name_that_it_is_given(recorded: Path, mint: Mint) -> None:
    replay = Replay().add(recorded / "blocks-1755634-1755635.jsonl")
    (result,) = read(replay, 1755635, 1755635, mint, source="my node")
    claim = result.claims[0]
    assert str(claim.iri).endswith("/000001755635/blocks/hashed/my-node>")
    assert claim.activity.agent.parameters == (("endpoint", "my node"),)
