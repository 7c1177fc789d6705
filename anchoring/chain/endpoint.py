"""JSON-RPC endpoints of a chain: what can be asked of them, and each answer in its exact form.

An endpoint is not trusted: it can be slow, wrong, endless or lying. How a request is carried stands in transport.py,
what happens when it fails or when several endpoints contradict each other in failover.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from anchoring.chain import answers
from anchoring.chain.errors import BadEndpoint, RpcRefused
from anchoring.chain.failover import FailoverTransport, Stuck
from anchoring.chain.recursion import kept_recursion_limit
from anchoring.chain.retries import Retries
from anchoring.chain.transport import ANSWER_TIMEOUT, CONNECT_TIMEOUT, DevChainTransport, HttpTransport, Transport
from anchoring.signing.anchor import BlockReference

if TYPE_CHECKING:
    from web3 import Web3

    from anchoring.chain.devchain import DevChain


class Endpoint:
    """The endpoint at an http(s) URL, or at several of one chain; of the embedded chain with `of_devchain`.

    With several, one that fails is replaced by the next, and what is bound to a block is believed only where those
    that have the block agree. `chain_id` is the chain that must be served, `stuck` what becomes of one that is far
    behind the others: left out, or refused (EndpointsDisagree), which whoever verifies should choose.
    With a `transport`, which a web3 provider is too, the URL is only the name it goes by.
    Raises BadEndpoint.

    `name` is fit for messages: it leaves out user, password, path and query of the URL.

    >>> Endpoint("https://user:secret@node.example/v3/KEY", "http://127.0.0.1:8545")
    Endpoint('https://node.example, http://127.0.0.1:8545')
    """

    def __init__(
        self,
        *urls: str,
        chain_id: int | None = None,
        connect_timeout: float = CONNECT_TIMEOUT,
        timeout: float = ANSWER_TIMEOUT,
        retries: Retries | None = None,
        stuck: Stuck = "left out",
        transport: Transport | None = None,
    ) -> None:
        if not urls:
            raise BadEndpoint("no endpoint is named", remedy="give --rpc http://HOST:PORT")
        if transport is not None:
            self.name, self._transport = ", ".join(urls), transport
            return
        over_http = [
            HttpTransport(url, connect_timeout=connect_timeout, timeout=timeout) for url in dict.fromkeys(urls)
        ]
        several = FailoverTransport(over_http, chain_id=chain_id, retries=retries, stuck=stuck)
        self.name, self._transport = several.name, several

    @classmethod
    def of_devchain(cls, chain: DevChain) -> Endpoint:
        """The embedded chain, in this process and without a socket."""
        transport = DevChainTransport(chain)
        return cls(transport.name, transport=transport)

    def __repr__(self) -> str:
        return f"Endpoint({self.name!r})"

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        """The result of a JSON-RPC method.

        Raises EndpointUnreachable, RpcRefused (the node's own error), EndpointWrong (no JSON-RPC answer, or two
        endpoints that contradict each other), or WrongChain.
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
