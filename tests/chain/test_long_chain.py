"""A long chain opens as a short one does: from its head, without executing or reading the blocks below."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth.vm.forks.prague import PragueVM

from anchoring.chain.devchain import CHAIN_ID, DevChain
from anchoring.chain.keys import LocalKey

KEY = LocalKey(b"\x31" * 32)
TOPICS = 20
# LOG2 without data: topics 0xaa and the first word of the call; created by copying it from behind the 12-byte loader.
LOGGER = bytes.fromhex("60003560aa60006000a200")
LOADER = bytes([0x60, len(LOGGER), 0x60, 12, 0x60, 0, 0x39, 0x60, len(LOGGER), 0x60, 0, 0xF3])


def send(chain: DevChain, nonce: int, to: bytes, data: bytes) -> str:
    fields = {"type": 2, "chainId": CHAIN_ID, "nonce": nonce, "gas": 200_000, "value": 0, "to": to, "data": data}
    raw = KEY.sign_transaction({**fields, "maxFeePerGas": 10**10, "maxPriorityFeePerGas": 0})
    sent: str = chain.request("eth_sendRawTransaction", ["0x" + raw.hex()])
    return sent


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


@dataclass(frozen=True)
class LongChain:
    """A closed chain: a block that funds, one that deploys, then `calls` blocks that each leave one log."""

    folder: Path
    calls: int
    head: str
    logger: str

    @property
    def height(self) -> int:
        return self.calls + 2


def grow(folder: Path, calls: int) -> LongChain:
    with DevChain.open(folder) as chain:
        chain.fund(KEY.address)
        deployed = chain.request("eth_getTransactionReceipt", [send(chain, 0, b"", LOADER + LOGGER)])
        logger = bytes.fromhex(deployed["contractAddress"][2:])
        for nonce in range(1, calls + 1):
            send(chain, nonce, logger, word(nonce % TOPICS))
        head = chain.request("eth_getBlockByNumber", ["latest"])
        return LongChain(folder, calls, head["hash"], deployed["contractAddress"])


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory, soak_scale: Callable[[int], int]) -> LongChain:
    return grow(tmp_path_factory.mktemp("long"), soak_scale(10_000))


@dataclass
class Work:
    """What was done since the last reset: statements and steps of SQLite's machine, transactions the VM executed."""

    statements: int = 0
    steps: int = 0
    executions: int = 0

    def count(self, name: str) -> None:
        setattr(self, name, getattr(self, name) + 1)


@pytest.fixture
def work(long: LongChain, monkeypatch: pytest.MonkeyPatch) -> Work:
    done = Work()
    connect, execute = sqlite3.connect, PragueVM.apply_transaction

    def connected(*values: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*values, **named)
        connection.set_trace_callback(lambda _: done.count("statements"))
        connection.set_progress_handler(lambda: done.count("steps"), 1)
        return connection

    def executed(*values: Any) -> Any:
        done.count("executions")
        return execute(*values)

    monkeypatch.setattr(sqlite3, "connect", connected)
    monkeypatch.setattr(PragueVM, "apply_transaction", executed)
    return done


def cost_of_first_answers(made: LongChain, work: Work) -> tuple[int, int]:
    """SQLite's statements to open the chain, and those until its newest block and a call are answered."""
    before = work.statements
    with DevChain.open(made.folder) as chain:
        assert int(chain.request("eth_blockNumber"), 16) == made.height
        opened = work.statements
        block = chain.request("eth_getBlockByNumber", [hex(made.height), True])
        assert block["hash"] == made.head
        assert len(block["transactions"]) == 1
        assert chain.request("eth_call", [{"to": "0x" + "77" * 20}, "latest"]) == "0x"
    return opened - before, work.statements - before


@pytest.mark.soak
def test_opening_costs_the_same_at_any_length(long: LongChain, tmp_path: Path, work: Work) -> None:
    short = grow(tmp_path, 10)
    assert work.executions == 12
    short_open, short_first = cost_of_first_answers(short, work)
    long_open, long_first = cost_of_first_answers(long, work)
    assert work.executions == 12, "nothing was executed again"
    assert 0 < short_open == long_open
    assert abs(long_first - short_first) <= 4, "the nodes of the state trie on the way to an account, nothing else"


@pytest.mark.soak
def test_logs_are_found_by_an_index(long: LongChain, work: Work) -> None:
    """Exact to the block; a query reads what it answers, not the logs or the blocks between."""
    event = "0x" + word(0xAA).hex()
    with DevChain.open(long.folder) as chain:

        def found(**query: Any) -> list[int]:
            logs = chain.request("eth_getLogs", [{"fromBlock": "0x0", **query}])
            return [int(log["blockNumber"], 16) for log in logs]

        for topic in (0, 7, TOPICS - 1):
            blocks = [nonce + 2 for nonce in range(1, long.calls + 1) if nonce % TOPICS == topic]
            assert found(topics=[event, "0x" + word(topic).hex()], address=long.logger) == blocks
            assert found(topics=[None, "0x" + word(topic).hex()]) == blocks
        before = work.steps
        first = long.height - 4
        assert found(fromBlock=hex(first)) == list(range(first, first + 5))
        absent = "0x" + "ff" * 32
        assert found(topics=[absent]) == found(address=absent[:42]) == []
        assert found(topics=[event, absent]) == found(topics=[event, absent], address=long.logger) == []
        assert work.steps - before < 500, "a step a column of each log answered, and some to begin"
    assert work.executions == 0
