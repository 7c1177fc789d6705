"""Headers of every fork re-hash to the hash that the endpoint claims; anything else is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rlp

from extractors.chain.errors import HeaderIncomplete, HeaderMismatch, RpcAnsweredWrongly
from extractors.chain.headers import check_header, header_record

Lines = Callable[[Path], list[Any]]


def test_all_recorded_mainnet_headers_rehash(recorded: Path, json_lines: Lines) -> None:
    answers = [line["result"] for line in json_lines(recorded / "mainnet-headers.jsonl")]
    assert len(answers) == 11
    assert [check_header(a).hash for a in answers] == [a["hash"] for a in answers]


def test_devnet_headers_of_every_fork_rehash(recorded: Path, json_lines: Lines) -> None:
    answers = [line["result"] for line in json_lines(recorded / "devnet-headers.jsonl")]
    assert len(answers) == 10
    assert {check_header(a).fork for a in answers} == {"Frontier", "London", "Shanghai", "Cancun", "Prague"}
    assert [check_header(a).hash for a in answers] == [a["hash"] for a in answers]


def test_every_single_field_of_a_header_is_covered_by_its_hash(recorded: Path, json_lines: Lines) -> None:
    newest = next(
        line["result"] for line in json_lines(recorded / "devnet-headers.jsonl") if "requestsHash" in line["result"]
    )
    header = check_header(newest)
    assert len(rlp.decode(header.rlp)) == len(header.items) == 21
    unhashed = {"hash", "size", "transactions", "uncles", "withdrawals", "totalDifficulty"}
    fields = set(newest) - unhashed
    assert len(fields) == 21
    for field in sorted(fields):
        value = newest[field]
        other = (
            "0x1"
            if value == "0x0"
            else value + "00"
            if value == "0x"
            else value[:-1] + ("1" if value[-1] == "0" else "0")
        )
        with pytest.raises(HeaderMismatch):
            check_header({**newest, field: other})


def test_the_facts_of_a_header_come_from_its_hashed_fields(recorded: Path, json_lines: Lines) -> None:
    answer = json_lines(recorded / "mainnet-headers.jsonl")[0]["result"]
    record = header_record(answer)
    assert (record.number, record.timestamp) == (0x76250, int(answer["timestamp"], 16))
    assert record.base_fee is None


@pytest.mark.parametrize("field", ["mixHash", "nonce", "logsBloom", "sha3Uncles", "withdrawalsRoot", "baseFeePerGas"])
def test_a_header_that_lacks_a_field_is_incomplete_and_not_lying(recorded: Path, json_lines: Lines, field: str) -> None:
    answer = next(
        line["result"] for line in json_lines(recorded / "devnet-headers.jsonl") if "requestsHash" in line["result"]
    )
    with pytest.raises(HeaderIncomplete, match=field):
        check_header({name: value for name, value in answer.items() if name != field})


@pytest.mark.parametrize(
    ("field", "value"),
    [("number", "12"), ("number", "0x"), ("gasUsed", 7), ("miner", "0x12"), ("extraData", "0x0"), ("nonce", "0xzz")],
)
def test_a_malformed_field_is_named(recorded: Path, json_lines: Lines, field: str, value: object) -> None:
    answer = json_lines(recorded / "mainnet-headers.jsonl")[0]["result"]
    with pytest.raises(RpcAnsweredWrongly, match=field):
        check_header({**answer, field: value})
