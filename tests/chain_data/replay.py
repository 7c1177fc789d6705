"""A small JSON-RPC server that answers from recorded exchanges and from ethereum-etl rows.

    python tests/chain_data/replay.py [--port N] FILE-OR-FOLDER…

Exchanges are JSON lines `{"method", "params", "result"}`. From rows it makes what they hold and no more: a block made
from rows lacks mixHash, so it cannot be re-hashed, and a reader has to notice.
What was not recorded is answered with an error, as by a node that does not have it.
`served` runs any handler behind a real socket, for the tests of endpoints that misbehave.
"""

from __future__ import annotations

import argparse
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Handler = Callable[[BaseHTTPRequestHandler, bytes], None]


class Replay:
    """Answers single requests; `record` and `rows` tell it what it knows."""

    def __init__(self, chain_id: int = 1) -> None:
        self.answers: dict[tuple[str, str], Any] = {("eth_chainId", "[]"): hex(chain_id)}
        self.asked: list[tuple[str, list[Any]]] = []

    def add(self, path: Path) -> Replay:
        """Everything in a file, or in the files of a folder."""
        for file in sorted(path.rglob("*.json*")) if path.is_dir() else [path]:
            content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
            lines = [json.loads(line) for line in content.splitlines() if line.strip()]
            for line in lines:
                if "method" in line and "params" in line:
                    self.record(line["method"], line["params"], line["result"])
            self.rows([line for line in lines if "type" in line and "method" not in line])
        return self

    def record(self, method: str, params: list[Any], result: Any) -> None:
        """One exchange."""
        self.answers[method, json.dumps(params)] = result

    def rows(self, rows: list[dict[str, Any]]) -> None:
        """Blocks, and the receipts that transactions and logs make; in the order in which the files are sorted."""
        for row in rows:
            if row["type"] == "block":
                block = _block(row)
                known = self.answers.setdefault(("eth_getBlockByNumber", json.dumps([block["number"], True])), block)
                known.update(block, transactions=known.get("transactions", []))
                self.answers["eth_getBlockByNumber", json.dumps([block["number"], False])] = block
                self.answers.setdefault(("eth_getBlockReceipts", json.dumps([block["number"]])), [])
            elif row["type"] == "transaction":
                number = hex(row["block_number"])
                whole = self.answers.setdefault(("eth_getBlockByNumber", json.dumps([number, True])), {})
                whole.setdefault("transactions", []).append(
                    {"hash": row["hash"], "from": row["from_address"], "to": row["to_address"]}
                )
                receipts = self.answers.setdefault(("eth_getBlockReceipts", json.dumps([number])), [])
                receipt = next((r for r in receipts if r["transactionHash"] == row["hash"]), None)
                if receipt is None:
                    receipt = {"transactionHash": row["hash"], "logs": []}
                    receipts.append(receipt)
                receipt.update(
                    transactionIndex=hex(row["transaction_index"]),
                    blockHash=row["block_hash"],
                    contractAddress=row["receipt_contract_address"],
                    status=hex(row["receipt_status"]),
                )
                receipts.sort(key=lambda r: int(r.get("transactionIndex", "0x0"), 16))
            elif row["type"] == "log":
                receipts = self.answers.setdefault(("eth_getBlockReceipts", json.dumps([hex(row["block_number"])])), [])
                receipt = next((r for r in receipts if r["transactionHash"] == row["transaction_hash"]), None)
                if receipt is None:
                    receipt = {"transactionHash": row["transaction_hash"], "logs": []}
                    receipts.append(receipt)
                receipt["logs"].append(
                    {
                        "address": row["address"],
                        "topics": row["topics"],
                        "data": row["data"],
                        "logIndex": hex(row["log_index"]),
                        "blockHash": row["block_hash"],
                    }
                )

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to one request."""
        key = request["method"], json.dumps(request["params"])
        self.asked.append((request["method"], request["params"]))
        if key in self.answers:
            return {"jsonrpc": "2.0", "id": request["id"], "result": self.answers[key]}
        if any(method == request["method"] for method, _ in self.answers) and request["method"] != "eth_call":
            return {"jsonrpc": "2.0", "id": request["id"], "result": None}
        return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": "was not recorded"}}

    def __call__(self, http: BaseHTTPRequestHandler, body: bytes) -> None:
        """Answer a request or a batch over HTTP."""
        asked = json.loads(body)
        reply(http, [self.answer(one) for one in asked] if isinstance(asked, list) else self.answer(asked))


def _block(row: dict[str, Any]) -> dict[str, Any]:
    names = {
        "hash": "hash",
        "parent_hash": "parentHash",
        "nonce": "nonce",
        "sha3_uncles": "sha3Uncles",
        "logs_bloom": "logsBloom",
        "transactions_root": "transactionsRoot",
        "state_root": "stateRoot",
        "receipts_root": "receiptsRoot",
        "miner": "miner",
        "extra_data": "extraData",
        "withdrawals_root": "withdrawalsRoot",
    }
    numbers = {
        "number": "number",
        "difficulty": "difficulty",
        "gas_limit": "gasLimit",
        "gas_used": "gasUsed",
        "timestamp": "timestamp",
        "base_fee_per_gas": "baseFeePerGas",
    }
    block = {name: row[key] for key, name in names.items() if row.get(key) is not None}
    return block | {name: hex(row[key]) for key, name in numbers.items() if row.get(key) is not None}


def reply(http: BaseHTTPRequestHandler, document: object, status: int = 200, **headers: str) -> None:
    """Send a document as JSON."""
    body = json.dumps(document).encode()
    http.send_response(status)
    http.send_header("Content-Type", "application/json")
    http.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        http.send_header(name.replace("_", "-"), value)
    http.end_headers()
    http.wfile.write(body)


@contextmanager
def served(handler: Handler, port: int = 0) -> Iterator[str]:
    """A server on loopback that gives each POST to `handler`; the address is yielded."""

    class Http(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            handler(self, self.rfile.read(int(self.headers["Content-Length"])))

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Http)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Answers JSON-RPC from recorded exchanges and ethereum-etl rows.")
    parser.add_argument("--port", type=int, default=8545)
    parser.add_argument("--chain-id", type=int, default=1)
    parser.add_argument("place", type=Path, nargs="+")
    options = parser.parse_args()
    replay = Replay(options.chain_id)
    for place in options.place:
        replay.add(place)
    with served(replay, options.port) as address:
        print(address, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
