"""How long the embedded chain takes to open, by its length, and what a block costs in time and on disk.

    python bench/devchain.py [BLOCKS…]          default 1000 10000; needs the extra [devchain]

Every block holds one call of one contract that leaves one log; its second topic is one of 1,000.
Opening is measured in a new process until the newest block, a call and the registry's history have been read:
processor seconds and seconds, imports included.
`one topic` is eth_getLogs of contract, event and topic over the whole chain, `100 blocks` over its newest hundred.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from anchoring.chain.devchain import CHAIN_ID, DevChain
from anchoring.chain.keys import LocalKey

KEY = LocalKey(b"\x21" * 32)
TOPICS = 1000
# LOG2 without data: topics 0xaa and the first word of the call; created by copying it from behind the 12-byte loader.
LOGGER = bytes.fromhex("60003560aa60006000a200")
LOADER = bytes([0x60, len(LOGGER), 0x60, 12, 0x60, 0, 0x39, 0x60, len(LOGGER), 0x60, 0, 0xF3])
OPEN = """
import sys, time
began = time.perf_counter()
from anchoring.chain.devchain import DevChain
from anchoring.chain.endpoint import Endpoint
with DevChain.open(sys.argv[1]) as chain:
    endpoint = Endpoint.of_devchain(chain)
    number = endpoint.latest().number
    endpoint.request("eth_getBlockByNumber", [hex(number), True])
    endpoint.request("eth_call", [{"to": "0x" + "11" * 20}, "latest"])
    endpoint.request("eth_getLogs", [{"fromBlock": "0x0", "topics": ["0x" + "ff" * 32]}])
    print(number, time.process_time(), time.perf_counter() - began)
"""


def send(chain: DevChain, nonce: int, to: bytes, data: bytes) -> str:
    """The hash of a transaction of KEY, which has its block when this returns."""
    fields = {"type": 2, "chainId": CHAIN_ID, "nonce": nonce, "gas": 200_000, "value": 0, "to": to, "data": data}
    raw = KEY.sign_transaction({**fields, "maxFeePerGas": 10**10, "maxPriorityFeePerGas": 0})
    sent: str = chain.request("eth_sendRawTransaction", ["0x" + raw.hex()])
    return sent


def grow(folder: Path, blocks: int) -> tuple[float, float]:
    """Make the chain `blocks` long: processor milliseconds and milliseconds a block, signing included."""
    with DevChain.open(folder) as chain:
        chain.fund(KEY.address, 10**25)
        nonce = int(chain.request("eth_getTransactionCount", [KEY.address]), 16)
        if nonce == 0:
            send(chain, 0, b"", LOADER + LOGGER)
            nonce = 1
        first = chain.request("eth_getBlockByNumber", ["0x2", True])["transactions"][0]["hash"]
        logger = bytes.fromhex(chain.request("eth_getTransactionReceipt", [first])["contractAddress"][2:])
        missing = blocks - int(chain.request("eth_blockNumber"), 16)
        began = time.process_time(), time.perf_counter()
        for at in range(nonce, nonce + missing):
            send(chain, at, logger, (at % TOPICS).to_bytes(32, "big"))
        ended = time.process_time(), time.perf_counter()
    return (ended[0] - began[0]) / missing * 1000, (ended[1] - began[1]) / missing * 1000


def logs(folder: Path, blocks: int) -> tuple[float, float]:
    """Milliseconds for the logs of one topic over all blocks, and for all logs of the newest hundred blocks."""
    with DevChain.open(folder) as chain:
        logger = chain.request("eth_getLogs", [{}])[0]["address"]
        topics = ["0x" + value.to_bytes(32, "big").hex() for value in (0xAA, 7)]
        filters = {"fromBlock": "0x0", "address": logger, "topics": topics}, {"fromBlock": hex(blocks - 99)}
        times = []
        for query, least in zip(filters, (blocks // TOPICS, 100), strict=True):
            began = time.perf_counter()
            found = len(chain.request("eth_getLogs", [query]))
            times.append((time.perf_counter() - began) * 1000)
            if found < least:
                raise SystemExit(f"{found} logs instead of {least}")
    return times[0], times[1]


def main() -> None:
    lengths = sorted(map(int, sys.argv[1:])) or [1000, 10_000]
    print(
        f"{'blocks':>7}{'CPU ms, ms a block':>20}{'MB':>7}{'one topic ms':>14}{'100 blocks ms':>15}"
        f"{'opened in CPU s, s (3 runs)':>40}"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for blocks in lengths:
            processor, wall = grow(folder, blocks)
            size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
            topic, newest = logs(folder, blocks)
            runs = [subprocess.check_output([sys.executable, "-c", OPEN, name], text=True).split() for _ in range(3)]
            if {int(run[0]) for run in runs} != {blocks}:
                raise SystemExit(f"the chain has {runs} blocks instead of {blocks}")
            opened = "  ".join(f"{float(run[1]):.2f} {float(run[2]):.2f}" for run in runs)
            made = f"{processor:.1f} {wall:.1f}"
            print(f"{blocks:>7}{made:>20}{size:>7.1f}{topic:>14.2f}{newest:>15.2f}{opened:>40}", flush=True)


if __name__ == "__main__":
    main()
