"""An anvil of one's own, so that mining, reorganising and stopping disturb nobody."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx


class Chain:
    """A JSON-RPC endpoint of anvil."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, method: str, *parameters: object) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        answer = httpx.post(self.url, json=body, timeout=30).json()
        assert "error" not in answer, answer
        return answer["result"]

    def mine(self, blocks: int = 1) -> None:
        self.ask("anvil_mine", hex(blocks))

    def nonce(self, address: str, at: str = "latest") -> int:
        return int(self.ask("eth_getTransactionCount", address, at), 16)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def anvil(cast: Path, *options: str) -> Iterator[Chain]:
    """An anvil of our own, so that mining can be stopped without disturbing anybody."""
    program = Path(str(cast).replace("cast", "anvil"))
    port = free_port()
    process = subprocess.Popen(
        [str(program), "--host", "127.0.0.1", "--port", str(port), "--silent", *options], stdout=subprocess.DEVNULL
    )
    chain = Chain(f"http://127.0.0.1:{port}")
    try:
        end = time.monotonic() + 30
        while True:
            with contextlib.suppress(httpx.HTTPError):
                chain.ask("eth_chainId")
                break
            assert time.monotonic() < end, "anvil does not start"
            time.sleep(0.1)
        yield chain
    finally:
        process.kill()
        process.wait()
