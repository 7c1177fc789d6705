"""How long the embedded chain takes to open, by its length, and what a block costs in time and on disk.

    python bench/devchain.py [BLOCKS…]          default 1000 10000; needs the extra [devchain]

Opening is measured in a new process, imports included, until the head and the registry's history can be read.
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
OPEN = """
import sys, time
began = time.perf_counter()
from anchoring.chain.devchain import DevChain
from anchoring.chain.endpoint import Endpoint
with DevChain.open(sys.argv[1]) as chain:
    endpoint = Endpoint.of_devchain(chain)
    number = endpoint.latest().number
    endpoint.request("eth_getLogs", [{"fromBlock": "0x0", "topics": ["0x" + "00" * 32]}])
    print(number, time.perf_counter() - began)
"""


def grow(folder: Path, blocks: int) -> float:
    """Seconds to make the chain `blocks` long."""
    began = time.perf_counter()
    with DevChain.open(folder) as chain:
        chain.fund(KEY.address, 10**25)
        nonce = int(chain.request("eth_getTransactionCount", [KEY.address]), 16)
        for at in range(blocks - int(chain.request("eth_blockNumber"), 16)):
            fields = {"type": 2, "chainId": CHAIN_ID, "nonce": nonce + at, "gas": 21_000, "value": 1, "data": b""}
            fees = {"maxFeePerGas": 10**10, "maxPriorityFeePerGas": 0}
            raw = KEY.sign_transaction({**fields, **fees, "to": at.to_bytes(20, "big")})
            chain.request("eth_sendRawTransaction", ["0x" + raw.hex()])
    return time.perf_counter() - began


def main() -> None:
    lengths = sorted(map(int, sys.argv[1:])) or [1000, 10_000]
    print(f"{'blocks':>8}{'made in s':>12}{'MB on disk':>12}{'opened in s (3 runs)':>24}")
    with tempfile.TemporaryDirectory() as folder:
        for blocks in lengths:
            made = grow(Path(folder), blocks)
            size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
            runs = [subprocess.check_output([sys.executable, "-c", OPEN, folder], text=True).split() for _ in range(3)]
            if {int(run[0]) for run in runs} != {blocks}:
                raise SystemExit(f"the chain has {runs} blocks instead of {blocks}")
            times = " ".join(f"{float(run[1]):.2f}" for run in runs)
            print(f"{blocks:>8}{made:>12.1f}{size:>12.1f}{times:>24}", flush=True)


if __name__ == "__main__":
    main()
