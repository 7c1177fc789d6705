"""The embedded chain over HTTP: another program uses it, and no byte that arrives breaks it."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anchoring.chain.devchain import ChainServer, DevChain
from anchoring.chain.devchain.json_rpc import LONGEST_BATCH, answer_bytes
from anchoring.chain.devchain.server import LARGEST_BODY
from anchoring.chain.endpoint import Endpoint


@pytest.fixture
def server(devchain: DevChain) -> Iterator[ChainServer]:
    with devchain.serve() as running:
        yield running


def post(url: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def ask(url: str, method: str, *params: Any) -> Any:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return json.loads(post(url, json.dumps(request).encode())[1])


def test_the_same_answers_inside_and_over_http(devchain: DevChain, server: ChainServer) -> None:
    devchain.fund("0x" + "22" * 20)
    outside = Endpoint(server.url)
    hash = devchain.request("eth_getBlockByNumber", ["latest", False])["transactions"][0]
    for method, params in [
        ("eth_chainId", []),
        ("eth_blockNumber", []),
        ("eth_getBlockByNumber", ["latest", True]),
        ("eth_getTransactionByHash", [hash]),
        ("eth_getTransactionReceipt", [hash]),
        ("eth_getBlockReceipts", ["latest"]),
        ("eth_feeHistory", ["0x2", "latest", [50]]),
        ("eth_gasPrice", []),
        ("eth_maxPriorityFeePerGas", []),
        ("eth_getStorageAt", ["0x" + "22" * 20, "0x0", "latest"]),
        ("eth_getTransactionCount", ["0x" + "22" * 20, "pending"]),
        ("net_version", []),
        ("web3_clientVersion", []),
        ("eth_getBlockByHash", ["0x" + "00" * 32, False]),
        ("eth_getTransactionReceipt", ["0x" + "00" * 32]),
    ]:
        assert outside.request(method, params) == devchain.request(method, params), method


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (b"not json", -32700),
        (b"[" * 100_000, -32700),
        (b"{}", -32600),
        (b"[]", -32600),
        (b"1", -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_nothing"}', -32601),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_getBalance"}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":{"a":1}}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x12"]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["0x01",false]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x' + b"22" * 20 + b'","0xffff"]}', -32000),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0xc0"]}', -32000),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_call","params":["0x"]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_getLogs","params":[{"topics":"0x"}]}', -32602),
    ],
)
def test_bad_requests_get_the_standard_codes(server: ChainServer, request_: bytes, code: int) -> None:
    status, body = post(server.url, request_)
    assert status == 200
    assert json.loads(body)["error"]["code"] == code


def test_batches_and_notifications(server: ChainServer) -> None:
    one = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
    quiet = {"jsonrpc": "2.0", "method": "eth_chainId", "params": []}
    answers = json.loads(post(server.url, json.dumps([one, quiet, 5, {**one, "id": "b"}]).encode())[1])
    assert [answer.get("id") for answer in answers] == [1, None, "b"]
    assert answers[1]["error"]["code"] == -32600
    assert post(server.url, json.dumps(quiet).encode())[1] == b""
    too_many = json.loads(post(server.url, json.dumps([one] * (LONGEST_BATCH + 1)).encode())[1])
    assert too_many["error"]["code"] == -32600


def test_web_pages_and_rebound_names_are_kept_out(server: ChainServer) -> None:
    body = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
    assert post(server.url, body)[0] == 200
    assert post(server.url, body, Host="localhost:1")[0] == 200
    assert post(server.url, body, Host="evil.example")[0] == 403
    assert post(server.url, body, Host="127.0.0.1.evil.example")[0] == 403
    assert post(server.url, body, Origin="http://evil.example")[0] == 403


def test_a_body_may_be_neither_endless_nor_huge(server: ChainServer) -> None:
    address = urlsplit(server.url)
    assert address.port is not None
    for head, status in [
        (f"Content-Length: {LARGEST_BODY + 1}", b"413"),
        ("Transfer-Encoding: chunked", b"411"),
        ("Content-Length: -5", b"411"),
    ]:
        with socket.create_connection(("127.0.0.1", address.port), timeout=10) as connection:
            connection.sendall(f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n\r\n".encode())
            assert connection.recv(100).split()[1] == status
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    connection.request("GET", "/")
    assert connection.getresponse().status == 405
    connection.close()


def test_many_threads_may_send_at_once(devchain: DevChain, server: ChainServer) -> None:
    def fund(number: int) -> None:
        assert ask(server.url, "triplock_fund", "0x" + f"{number:02x}" * 20)["result"] is True

    threads = [threading.Thread(target=fund, args=(number,)) for number in range(16, 28)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert int(devchain.request("eth_blockNumber"), 16) == len(threads)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["0x", "0x0", "latest", "0x" + "11" * 20, "0x" + "11" * 32]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["from", "to", "data", "topics", "address", "fromBlock"]), inner, max_size=3)
    ),
    max_leaves=6,
)
METHODS = [
    *("eth_getBlockByNumber", "eth_getBlockByHash", "eth_getTransactionCount", "eth_getBalance", "eth_getCode"),
    *("eth_getStorageAt", "eth_call", "eth_estimateGas", "eth_feeHistory", "eth_sendRawTransaction", "eth_getLogs"),
    *("eth_getTransactionByHash", "eth_getTransactionReceipt", "eth_getBlockReceipts", "triplock_fund"),
]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=st.sampled_from(METHODS), params=st.lists(json_values, max_size=3))
def test_no_parameters_break_it(devchain: DevChain, method: str, params: list[Any]) -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    response = json.loads(answer_bytes(json.dumps(request).encode(), devchain.request))
    assert ("result" in response) != ("error" in response)
    if "error" in response:
        assert response["error"]["code"] in (-32602, -32000, 3), response


@pytest.mark.anvil
def test_cast_can_use_it(devchain: DevChain, server: ChainServer, cast: Path) -> None:
    """Foundry's client, another implementation, reads chain, block, receipt and contract, and sends a transaction."""

    def run(command: str, *arguments: str) -> Any:
        ran = subprocess.run([cast, command, "--rpc-url", server.url, *arguments], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    key = "0x" + "07" * 32
    address = subprocess.check_output([cast, "wallet", "address", "--private-key", key], text=True).strip()
    devchain.fund(address)
    assert int(run("chain-id")) == 0x74726C6B
    code = json.loads((Path(__file__).parent.parent / "contracts" / "TestErc20.json").read_text())["bytecode"]
    created = ("--create", code, "constructor(string,string,uint256)", "Gold", "GLD", "1000")
    sent = json.loads(run("send", "--private-key", key, "--json", *created))
    assert sent["status"] == "0x1"
    token = sent["contractAddress"]
    assert run("call", token, "name()(string)") == '"Gold"'
    assert run("call", token, "balanceOf(address)(uint256)", address).split()[0] == "1000"
    receipt = json.loads(run("receipt", sent["transactionHash"], "--json"))
    assert receipt["blockHash"] == devchain.request("eth_getBlockByNumber", ["latest"])["hash"]
    assert len(receipt["logs"]) == 1
    block = json.loads(run("block", "latest", "--json"))
    assert block["hash"] == receipt["blockHash"]
    assert len(json.loads(run("logs", "--json", "--from-block", "0", "Transfer(address,address,uint256)"))) == 1
    # Without --from the caller is address 0, which owns nothing.
    call = [cast, "call", token, "transfer(address,uint256)", address, "5", "--rpc-url", server.url]
    failed = subprocess.run(call, capture_output=True, text=True)
    assert failed.returncode != 0
    assert "revert" in failed.stderr
