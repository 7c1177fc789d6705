"""JSON-RPC endpoints of a chain: over HTTP, or the embedded chain in this process.

An endpoint is not trusted: it can be slow, wrong, endless or lying. This module answers for the first three;
what an answer means is checked by whoever asked. A URL may hold credentials, so no error, repr or log of ours
shows more of it than scheme, host and port.
"""

from __future__ import annotations

import json
import time
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import requests

from anchoring.anchor import BlockReference
from anchoring.bounded_json import bounded_json
from anchoring.chain import answers
from anchoring.chain.errors import BadEndpoint, EndpointUnreachable, RpcRefused
from anchoring.chain.recursion import kept_recursion_limit

if TYPE_CHECKING:
    from web3 import Web3

    from anchoring.chain.devchain import DevChain

CONNECT_TIMEOUT = 5.0
"""Seconds until a machine that does not answer counts as unreachable."""

ANSWER_TIMEOUT = 60.0
"""Seconds for one whole answer."""

LARGEST_ANSWER = 256 * 1024 * 1024
"""Bytes of one answer; a block with all receipts has some 10 MB."""


class Transport(Protocol):
    """Carries one request; what web3 calls a provider answers to this as well."""

    def make_request(self, method: Any, params: Any) -> Any:
        """The JSON-RPC response object, with `result` or `error`."""
        ...


class Endpoint:
    """An endpoint by its http(s) URL; of the embedded chain with `of_devchain`. Raises BadEndpoint.

    With a `transport`, which a web3 provider is too, `url` is only the name it goes by.

    `name` is fit for messages: it leaves out user, password, path and query of the URL.

    >>> Endpoint("https://user:secret@node.example/v3/KEY")
    Endpoint('https://node.example')
    """

    def __init__(
        self,
        url: str,
        *,
        connect_timeout: float = CONNECT_TIMEOUT,
        timeout: float = ANSWER_TIMEOUT,
        transport: Transport | None = None,
    ) -> None:
        self.name = url if transport else _public_name(url)
        self._transport = transport or _HttpTransport(url, self.name, connect_timeout, timeout)

    @classmethod
    def of_devchain(cls, chain: DevChain) -> Endpoint:
        """The embedded chain, in this process and without a socket."""
        return cls(f"development chain {chain.folder}", transport=_DevChainTransport(chain))

    def __repr__(self) -> str:
        return f"Endpoint({self.name!r})"

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        """The result of a JSON-RPC method.

        Raises EndpointUnreachable, RpcRefused (the node's own error), or EndpointWrong (no JSON-RPC answer).
        """
        response = self._transport.make_request(method, list(params))
        if not isinstance(response, dict):
            raise answers.wrong(f"{self.name} answered {method} with no JSON-RPC object")
        error = response.get("error")
        if error is not None:
            raise self._refused(method, error)
        if "result" not in response:
            raise answers.wrong(f"{self.name} answered {method} with neither result nor error")
        return response["result"]

    def chain_id(self) -> int:
        """The chain's EIP-155 number."""
        return answers.quantity(self.request("eth_chainId"), "eth_chainId")

    def latest(self) -> BlockReference:
        """The newest block."""
        return self.block("latest")

    def block(self, number: int | str) -> BlockReference:
        """The block with that number, or `latest`, `safe`, `finalized`."""
        asked = hex(number) if isinstance(number, int) else number
        found = answers.members(self.request("eth_getBlockByNumber", [asked, False]), f"block {asked}")
        return BlockReference(
            number=answers.quantity(found.get("number"), "the block's number"),
            hash=answers.octets(found.get("hash"), "the block's hash", 32),
            timestamp=answers.quantity(found.get("timestamp"), "the block's time"),
        )

    def call(self, to: str, data: bytes, *, block: int | str = "latest", sender: str | None = None) -> bytes:
        """What a contract answers to the call data after a block."""
        message = {"to": to, "data": "0x" + data.hex()} | ({"from": sender} if sender else {})
        at = hex(block) if isinstance(block, int) else block
        return answers.octets(self.request("eth_call", [message, at]), "eth_call")

    def code(self, address: str) -> bytes:
        """The contract's code, empty where there is none."""
        return answers.octets(self.request("eth_getCode", [address, "latest"]), "eth_getCode")

    def balance(self, address: str) -> int:
        """Wei."""
        return answers.quantity(self.request("eth_getBalance", [address, "latest"]), "eth_getBalance")

    def nonce(self, address: str, block: str = "latest") -> int:
        """How many transactions the account has sent; with `pending`, those in the node's pool too."""
        return answers.quantity(self.request("eth_getTransactionCount", [address, block]), "eth_getTransactionCount")

    def web3(self) -> Web3:
        """web3's own objects over this endpoint, for whoever wants contracts, middleware or ENS."""
        with kept_recursion_limit():
            from web3 import Web3
            from web3.providers import BaseProvider

        transport = self._transport

        class Provider(BaseProvider):
            def make_request(self, method: Any, params: Any) -> Any:
                return transport.make_request(method, params)

        return Web3(Provider())

    def _refused(self, method: str, error: object) -> RpcRefused:
        said = error if isinstance(error, dict) else {"message": str(error)}
        code = said.get("code")
        message = str(said.get("message", "no message"))[:300]
        return RpcRefused(
            f"{self.name} refused {method}: {ascii(message)[1:-1]} (code {code})",
            remedy="see what the node's message asks for",
            rpc_code=code if isinstance(code, int) else 0,
            data=_error_data(said.get("data")),
        )


def _error_data(data: object) -> bytes | None:
    """The bytes a contract reverted with; some nodes wrap them in an object."""
    if isinstance(data, dict):
        data = data.get("data", data.get("result"))
    if not isinstance(data, str) or not data.startswith("0x"):
        return None
    try:
        return bytes.fromhex(data[2:])
    except ValueError:
        return None


def _public_name(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme not in ("http", "https") or not host:
        # The text is not shown: it may be a key in the wrong place.
        raise BadEndpoint("the endpoint is no http or https URL", remedy="give --rpc http://HOST:PORT")
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


class _HttpTransport:
    """Requests over one kept connection, with a limit on the size and on the whole time of an answer.

    Not web3's HTTPProvider: it takes two seconds to import, logs the URL, and knows neither limit.
    """

    def __init__(self, url: str, name: str, connect_timeout: float, timeout: float) -> None:
        self._name = name
        self._timeouts = (connect_timeout, timeout)
        self._url = url
        self._session = requests.Session()
        # The connection is closed with the endpoint, which nobody has to remember to close.
        weakref.finalize(self, self._session.close)

    def make_request(self, method: Any, params: Any) -> Any:
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        try:
            content = self._post(json.dumps(request).encode())
        except (requests.ConnectionError, requests.Timeout) as problem:
            # `from None` everywhere: the cause's text holds the URL.
            raise EndpointUnreachable(
                f"{self._name} cannot be reached ({type(problem).__name__})",
                remedy="check the address and that the node runs",
            ) from None
        except requests.RequestException as problem:
            raise answers.wrong(f"{self._name} broke off its answer ({type(problem).__name__})") from None
        try:
            return bounded_json(content)
        except ValueError:
            raise answers.wrong(f"{self._name} answered {method} with something that is not JSON") from None

    def _post(self, body: bytes) -> bytes:
        end = time.monotonic() + self._timeouts[1]
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "triplock"}
        with self._session.post(
            self._url, data=body, headers=headers, timeout=self._timeouts, stream=True, allow_redirects=False
        ) as response:
            content = bytearray()
            for piece in response.iter_content(1 << 16):
                content += piece
                if len(content) > LARGEST_ANSWER:
                    raise answers.wrong(f"{self._name} answers with more than {LARGEST_ANSWER} bytes")
                if time.monotonic() > end:
                    raise EndpointUnreachable(
                        f"{self._name} did not finish its answer within {self._timeouts[1]:g} s",
                        remedy="ask for less at once, or use a faster endpoint",
                    )
            # Several nodes send the JSON-RPC error with a status of its own.
            if response.status_code != 200 and not content.lstrip().startswith(b"{"):
                raise answers.wrong(f"{self._name} answered with HTTP status {response.status_code}")
            return bytes(content)


class _DevChainTransport:
    def __init__(self, chain: DevChain) -> None:
        self._chain = chain

    def make_request(self, method: Any, params: Any) -> Any:
        from anchoring.chain.devchain.json_rpc import answer_request

        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        # Through JSON, so that tuples and the like are here what they are over a socket.
        return answer_request(json.loads(json.dumps(request)), self._chain.request)
