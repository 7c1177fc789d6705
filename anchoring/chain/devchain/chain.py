"""The embedded chain as its users see it: open a folder, ask JSON-RPC, serve it, fund an account."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from eth_account import Account

from anchoring.chain.devchain.database import Database
from anchoring.chain.devchain.evm import Evm, Refusal
from anchoring.chain.devchain.genesis import CHAIN_ID, FAUCET_KEY
from anchoring.chain.devchain.lock import WriterLock
from anchoring.chain.devchain.methods import Methods
from anchoring.chain.devchain.server import ChainServer
from anchoring.chain.errors import DevChainFailed
from anchoring.chain.faucet import FUND_METHOD

CLIENT_VERSION = "triplock-devchain/1/py-evm"
GIFT = 10**21
"""Wei, 1,000 ether: some ten million publications at the fees of this chain."""


def _wall_clock() -> int:
    return int(time.time())


def _failed(folder: Path, problem: object) -> DevChainFailed:
    return DevChainFailed(
        f"the development chain in {folder}: {problem}",
        remedy="make room, or mend the permissions of the folder and its files",
    )


class DevChain:
    """A chain of its own in a folder, for one process at a time.

    Everything that happened is on disk when a call returns. Block hashes survive restarts and kills.
    Use `DevChain.open`; close it or use it as a context manager.
    """

    def __init__(self, folder: Path, lock: WriterLock, database: Database, clock: Callable[[], int]) -> None:
        self.folder = folder
        self._lock = lock
        self._database = database
        self._evm = Evm(database, clock)
        self._methods = Methods(self._evm, database, CLIENT_VERSION)
        self._turn = threading.RLock()

    @classmethod
    def open(cls, path: Path | str, *, clock: Callable[[], int] = _wall_clock) -> DevChain:
        """Open the chain in the folder `path`, created with its genesis block where there is none.

        `clock` gives whole seconds since 1970 for new blocks.
        Raises DevChainBusy when another process has it open, DevChainCorrupt when the files are no such chain, and
        DevChainFailed when the disk refuses.
        """
        folder = Path(path)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = WriterLock(folder)
        except OSError as problem:
            raise _failed(folder, problem.strerror) from problem
        try:
            database = Database(folder / "chain.sqlite")
            try:
                return cls(folder, lock, database, clock)
            except BaseException:
                database.close()
                raise
        except sqlite3.OperationalError as problem:
            lock.release()
            raise _failed(folder, problem) from problem
        except BaseException:
            lock.release()
            raise

    def close(self) -> None:
        """Let go of files and lock."""
        with self._turn:
            self._database.close()
            self._lock.release()

    def __enter__(self) -> DevChain:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"DevChain({os.fspath(self.folder)!r})"

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        """The result of a JSON-RPC method; raises Refusal with a node's error code, DevChainFailed for a full disk.

        Beside the standard ones there is `triplock_fund` with an address, see `fund`.
        """
        with self._turn:
            if method != FUND_METHOD:
                try:
                    return self._methods.answer(method, list(params))
                except sqlite3.OperationalError as problem:
                    raise _failed(self.folder, problem) from problem
            if len(params) != 1:
                raise Refusal(-32602, f"invalid params: {FUND_METHOD} takes an address")
            self._methods.answer("eth_getBalance", [params[0]])  # refuses what is no address
            self.fund(params[0])
            return True

    def fund(self, address: str, least: int = GIFT // 2) -> None:
        """See that `address` (0x…) owns at least `least` wei: the faucet sends GIFT, or `least` if that is more.

        Does nothing when the balance suffices, so it may be called before every transaction.
        """
        with self._turn:
            if int(self.request("eth_getBalance", [address, "latest"]), 16) >= least:
                return
            faucet = Account.from_key(FAUCET_KEY)
            signed = faucet.sign_transaction(
                {
                    "type": 2,
                    "chainId": CHAIN_ID,
                    "nonce": int(self.request("eth_getTransactionCount", [faucet.address, "latest"]), 16),
                    "to": bytes.fromhex(address[2:]),
                    "value": max(GIFT, least),
                    "gas": 100_000,  # enough for an account with code as well
                    "maxFeePerGas": 10**12,
                    "maxPriorityFeePerGas": 0,
                }
            )
            self.request("eth_sendRawTransaction", ["0x" + bytes(signed.raw_transaction).hex()])

    def serve(self, host: str = "127.0.0.1", port: int = 0) -> ChainServer:
        """Serve JSON-RPC over HTTP on a loopback address from threads of this process; port 0 takes a free one.

        Raises OSError when the address is taken.
        """
        server = ChainServer(self.request, host, port)
        self._lock.announce(server.url)
        return server
