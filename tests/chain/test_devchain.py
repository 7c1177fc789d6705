"""The embedded chain: it persists, it is real, and it belongs to one process."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rlp
from chain_places import Place, contract
from trie import HexaryTrie

from anchoring.chain.devchain import CHAIN_ID, DevChain
from anchoring.chain.devchain.evm import Refusal
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import DevChainBusy, DevChainCorrupt
from anchoring.chain.keys import LocalKey
from anchoring.signing.eip712 import keccak

GENESIS = "0x9e56887a7afd29e64bde43ea8c8d97208936b56439a1491e2921a8186159ccba"
KEY = LocalKey(keccak(b"a key of these tests"))
HEADER = [
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty"),
    *("number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas"),
    *("withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash"),
]
NUMBERS = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"}


def octets(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def number(text: str) -> bytes:
    """An integer as RLP has it: big-endian, no leading zeros."""
    value = int(text, 16)
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def send(chain: DevChain, to: bytes = b"\x22" * 20, data: bytes = b"", key: LocalKey = KEY, **fields: Any) -> str:
    """A transaction of `key`, in a block when this returns; its hash."""
    chain.request("triplock_fund", [key.address])
    raw = key.sign_transaction(
        {
            "type": 2,
            "chainId": CHAIN_ID,
            "nonce": int(chain.request("eth_getTransactionCount", [key.address]), 16),
            "to": to,
            "value": 0,
            "data": data,
            "gas": 20_000_000,
            "maxFeePerGas": 10**10,
            "maxPriorityFeePerGas": 10**9,
            **fields,
        }
    )
    sent: str = chain.request("eth_sendRawTransaction", ["0x" + raw.hex()])
    return sent


def blocks(chain: DevChain, first: int = 0) -> list[dict[str, Any]]:
    newest = int(chain.request("eth_blockNumber"), 16)
    return [chain.request("eth_getBlockByNumber", [hex(n), True]) for n in range(first, newest + 1)]


def test_every_chain_begins_with_the_same_block(devchain: DevChain) -> None:
    assert blocks(devchain)[0]["hash"] == GENESIS
    assert int(devchain.request("eth_chainId"), 16) == CHAIN_ID == int.from_bytes(b"trlk", "big")


def test_blocks_receipts_and_state_survive_a_restart(tmp_path: Path) -> None:
    with DevChain.open(tmp_path) as chain:
        sent = [send(chain, to=bytes([n]) * 20, value=n) for n in range(1, 5)]
        before = blocks(chain), [chain.request("eth_getTransactionReceipt", [hash]) for hash in sent]
    with DevChain.open(tmp_path) as chain:
        assert (blocks(chain), [chain.request("eth_getTransactionReceipt", [hash]) for hash in sent]) == before
        assert int(chain.request("eth_getBalance", ["0x" + "03" * 20]), 16) == 3
        send(chain)
        assert len(blocks(chain)) == len(before[0]) + 1


def test_hashes_are_those_of_the_headers(devchain: DevChain) -> None:
    """Each header hashed again from its fields as the yellow paper says, without py-evm."""
    send(devchain)
    deploy(devchain, "TestErc20", b"")
    parent = bytes(32)
    for block in blocks(devchain):
        fields = [number(block[name]) if name in NUMBERS else octets(block[name]) for name in HEADER]
        assert keccak(rlp.encode(fields)) == octets(block["hash"])
        assert octets(block["parentHash"]) == parent
        parent = octets(block["hash"])


def test_receipts_are_those_that_the_header_commits_to(devchain: DevChain) -> None:
    """The receipts' trie built again from what JSON-RPC answers."""
    deploy(devchain, "TestErc20", b"")
    for block in blocks(devchain)[1:]:
        trie = HexaryTrie({})
        for receipt in devchain.request("eth_getBlockReceipts", [block["number"]]):
            logs = [
                [octets(log["address"]), [octets(topic) for topic in log["topics"]], octets(log["data"])]
                for log in receipt["logs"]
            ]
            fields = [
                number(receipt["status"]),
                number(receipt["cumulativeGasUsed"]),
                octets(receipt["logsBloom"]),
                logs,
            ]
            kind = int(receipt["type"], 16)
            body = rlp.encode(fields)
            trie[rlp.encode(int(receipt["transactionIndex"], 16))] = bytes([kind]) + body if kind else body
        assert trie.root_hash == octets(block["receiptsRoot"])


def deploy(chain: DevChain, name: str, arguments: bytes) -> str:
    from eth_abi.abi import encode

    if not arguments:
        arguments = encode(["string", "string", "uint256"], ["Gold", "GLD", 1000])
    sent = send(chain, to=b"", data=octets(contract(name)["bytecode"]) + arguments)
    receipt = chain.request("eth_getTransactionReceipt", [sent])
    assert receipt["status"] == "0x1"
    address: str = receipt["contractAddress"]
    return address


@pytest.mark.parametrize("name", ["TestErc20", "TestErc721", "Bytes32Token"])
def test_tokens_live_here(devchain: DevChain, name: str) -> None:
    web3 = Endpoint.of_devchain(devchain).web3()
    token = web3.eth.contract(web3.to_checksum_address(deploy(devchain, name, b"")), abi=contract(name)["abi"])
    said = token.functions.name().call()
    assert said == (b"Gold".ljust(32, b"\0") if name == "Bytes32Token" else "Gold")
    send(
        devchain,
        octets(token.address),
        octets(token.encode_abi("transfer", [web3.to_checksum_address("0x" + "33" * 20), 1000])),
    )
    logs = token.events.Transfer().get_logs(from_block=0)
    assert [log["event"] for log in logs] == ["Transfer", "Transfer"]
    assert len(logs[0]["topics"] if "topics" in logs[0] else logs[0]["args"]) >= 3


@pytest.mark.parametrize("raw", [False, True])
def test_a_hostile_name_is_passed_on_as_it_is(devchain: DevChain, raw: bool) -> None:
    from eth_abi.abi import encode

    hostile = b"\x00\x1b[2J\xff\xfe" * 2000
    address = deploy(devchain, "HostileNameToken", encode(["bytes", "bool", "uint256"], [hostile, raw, 1]))
    answer = octets(devchain.request("eth_call", [{"to": address, "data": "0x06fdde03"}, "latest"]))
    assert answer == hostile if raw else hostile in answer


def test_logs_are_found_by_address_topics_and_range(devchain: DevChain) -> None:
    first, second = (deploy(devchain, name, b"") for name in ("TestErc20", "TestErc721"))
    transfer = "0x" + keccak(b"Transfer(address,address,uint256)").hex()

    def found(**query: Any) -> list[tuple[str, int]]:
        logs = devchain.request("eth_getLogs", [{"fromBlock": "earliest", **query}])
        return [(log["address"], int(log["blockNumber"], 16)) for log in logs]

    both = found(topics=[transfer])
    assert [address for address, _ in both] == [first, second]
    assert found(address=first) == both[:1]
    assert found(address=[first, second], topics=[[transfer, "0x" + "00" * 32]]) == both
    assert found(topics=[transfer, None, None, None]) == both[1:], "four topics: the ERC-721 alone"
    assert found(topics=[transfer, "0x" + "11" * 32]) == []
    assert found(fromBlock=hex(both[1][1])) == both[1:]
    assert found(toBlock=hex(both[0][1])) == both[:1]
    block = devchain.request("eth_getBlockByNumber", [hex(both[0][1])])
    assert [log["address"] for log in devchain.request("eth_getLogs", [{"blockHash": block["hash"]}])] == [first]


def test_calls_nest_as_deeply_as_the_evm_allows(devchain: DevChain) -> None:
    """A contract that calls itself with all its gas ends in an answer, and the process keeps its recursion limit."""
    # PUSH1 0 ×5, ADDRESS, GAS, CALL: the code calls itself; created by copying it from behind the 12-byte loader.
    code = bytes.fromhex("60006000600060006000305af100")
    loader = bytes([0x60, len(code), 0x60, 12, 0x60, 0, 0x39, 0x60, len(code), 0x60, 0, 0xF3])
    sent = send(devchain, to=b"", data=loader + code)
    address = devchain.request("eth_getTransactionReceipt", [sent])["contractAddress"]
    assert octets(devchain.request("eth_getCode", [address])) == code
    before = sys.getrecursionlimit()
    assert devchain.request("eth_call", [{"to": address}]) == "0x"
    assert sys.getrecursionlimit() == before


def test_old_state_can_be_asked_for(devchain: DevChain) -> None:
    send(devchain, value=1)
    then = devchain.request("eth_blockNumber")
    send(devchain, value=1)
    balance = ["0x" + "22" * 20]
    assert int(devchain.request("eth_getBalance", [*balance, then]), 16) == 1
    assert int(devchain.request("eth_getBalance", [*balance, "latest"]), 16) == 2
    assert int(devchain.request("eth_getBalance", [*balance, "earliest"]), 16) == 0


def test_time_follows_the_clock_and_never_stands(tmp_path: Path) -> None:
    moments = iter([2_000_000_000, 2_000_000_000, 1_900_000_000, 2_000_000_100] + [2_000_000_100] * 20)
    with DevChain.open(tmp_path, clock=lambda: next(moments)) as chain:
        for _ in range(3):
            chain.request("triplock_fund", ["0x" + os.urandom(20).hex()])
        times = [int(block["timestamp"], 16) for block in blocks(chain)]
    assert times == sorted(set(times))
    assert times[1] == 2_000_000_000


def test_the_faucet_gives_once(devchain: DevChain) -> None:
    address = "0x" + "44" * 20
    devchain.fund(address)
    devchain.fund(address)
    assert len(blocks(devchain)) == 2
    assert int(devchain.request("eth_getBalance", [address]), 16) == 10**21


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"nonce": 7}, "nonce too high"),
        ({"maxFeePerGas": 1, "maxPriorityFeePerGas": 1}, "max fee per gas less than block base fee"),
        ({"value": 10**30}, "insufficient funds"),
        ({"chainId": 1}, "invalid chain id"),
        ({"gas": 20_000}, "invalid transaction"),
        ({"gas": 40_000_000}, "invalid transaction"),
    ],
)
def test_a_transaction_that_no_block_can_hold_is_refused(
    devchain: DevChain, fields: dict[str, int], message: str
) -> None:
    devchain.fund(KEY.address)
    before = blocks(devchain)
    with pytest.raises(Refusal, match=message):
        send(devchain, **fields)
    assert blocks(devchain) == before
    send(devchain)
    assert len(blocks(devchain)) == len(before) + 1


def test_the_same_transaction_is_known_already(devchain: DevChain) -> None:
    send(devchain)
    raw = KEY.sign_transaction(
        {"type": 2, "chainId": CHAIN_ID, "nonce": 1, "to": b"\1" * 20, "value": 0, "data": b"", "gas": 21_000}
        | {"maxFeePerGas": 10**10, "maxPriorityFeePerGas": 0}
    )
    devchain.request("eth_sendRawTransaction", ["0x" + raw.hex()])
    with pytest.raises(Refusal, match="already known"):
        devchain.request("eth_sendRawTransaction", ["0x" + raw.hex()])
    with pytest.raises(Refusal, match="cannot be decoded"):
        devchain.request("eth_sendRawTransaction", ["0x02" + "c0" * 9])


def test_a_second_process_is_told_who_has_the_chain(tmp_path: Path) -> None:
    second = "import sys; from anchoring.chain.devchain import DevChain; DevChain.open(sys.argv[1])"
    with DevChain.open(tmp_path) as chain:
        with pytest.raises(DevChainBusy, match=f"process {os.getpid()}") as busy:
            DevChain.open(tmp_path)
        assert busy.value.url is None
        with chain.serve() as server:
            ran = subprocess.run([sys.executable, "-c", second, str(tmp_path)], capture_output=True, text=True)
            assert ran.returncode != 0
            assert f"--rpc {server.url}" in ran.stderr
    subprocess.run([sys.executable, "-c", second, str(tmp_path)], check=True)


def test_files_that_are_no_chain_are_refused(tmp_path: Path) -> None:
    (tmp_path / "chain.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(DevChainCorrupt):
        DevChain.open(tmp_path)
    (tmp_path / "chain.sqlite").unlink()
    with sqlite3.connect(tmp_path / "chain.sqlite") as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(DevChainCorrupt, match="format 99"):
        DevChain.open(tmp_path)


def write_blocks(folder: str) -> None:
    with DevChain.open(folder) as chain:
        Path(folder, "started").touch()
        while True:
            send(chain, to=b"\x55" * 20, value=1)


@pytest.mark.soak
def test_a_kill_leaves_whole_blocks(tmp_path: Path, seed: int, soak_scale: Callable[[int], int]) -> None:
    """After SIGKILL at a random moment the chain opens, its blocks hang together and its state agrees with them."""
    chance = random.Random(seed)
    spawn = multiprocessing.get_context("spawn")
    with DevChain.open(tmp_path) as chain:
        send(chain)
        known = [block["hash"] for block in blocks(chain)]
    started = tmp_path / "started"
    paid = 0
    for _ in range(soak_scale(200)):
        started.unlink(missing_ok=True)
        writer = spawn.Process(target=write_blocks, args=(str(tmp_path),))
        writer.start()
        while not started.exists() and writer.is_alive():
            writer.join(0.01)
        writer.join(chance.random())
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        with DevChain.open(tmp_path) as chain:
            made = blocks(chain, len(known))
            for block in made:
                assert block["parentHash"] == known[-1]
                assert chain.request("eth_getBlockByHash", [block["parentHash"]])["hash"] == known[-1]
                known.append(block["hash"])
            new = [t["hash"] for block in made for t in block["transactions"] if t["to"] == "0x" + "55" * 20]
            assert all(chain.request("eth_getTransactionReceipt", [hash])["status"] == "0x1" for hash in new)
            paid += len(new)
            assert int(chain.request("eth_getBalance", ["0x" + "55" * 20]), 16) == paid
            assert int(chain.request("eth_getTransactionCount", [KEY.address]), 16) == paid + 1
    with DevChain.open(tmp_path) as chain:
        assert [block["hash"] for block in blocks(chain)] == known, "no later kill changed an earlier block"
    assert paid, "the writer was killed before it wrote anything"


def test_a_place_is_what_the_fixtures_give(place: Place) -> None:
    """Guards the parametrisation: both chains answer to their own ids."""
    assert place.endpoint.chain_id() == (CHAIN_ID if place.name == "devchain" else 31337)
