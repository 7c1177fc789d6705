"""What can go wrong between us and a chain.

::

    Refuted
    ├── StaleParent          the graph's head is another one than the parent given
    ├── NotPublisher         the account is neither the graph's owner nor its delegate in time
    ├── NotOwner             the account does not own the graph, or was not named as its next owner
    ├── RelayRefused         a signature for somebody else's transaction is over, or not the publisher's
    ├── NoRegistry           no registry contract stands at the address
    └── PublishReverted      the chain executed the transaction and undid it
    WrongUsage
    ├── WrongChain           the endpoint serves another chain than the graph's
    ├── BadEndpoint          the URL is none
    ├── BadAddress           the text is no address
    ├── KeyRefused           the key is unusable or badly kept
    └── InsufficientFunds    the publisher cannot pay
    ServiceFailed
    ├── EndpointUnreachable  nobody answers
    │   └── EndpointBusy     the endpoint asks to come back later
    ├── EndpointWrong        the answer is not what the method answers, or contradicts itself
    │   ├── EndpointFailing  the endpoint failed while answering, or broke off
    │   ├── EndpointsDisagree two endpoints of one chain contradict each other
    │   └── RpcRefused       the node answered with a JSON-RPC error
    ├── FeeAboveCeiling      the transaction would cost more than allowed
    ├── SignerFailed         the command that signs failed, or signed something else
    ├── PublishPending       the transaction is sent and not in a block yet
    ├── DevChainBusy         another process has the development chain open
    └── DevChainFailed       the development chain's files cannot be written or read
    InputRefused
    └── DevChainCorrupt      the folder holds no development chain that this release can read
"""

from __future__ import annotations

from anchoring.errors import InputRefused, Refuted, ServiceFailed, WrongUsage


class StaleParent(Refuted):
    """The graph's head is another word than the parent given; `actual` is the head now (32 bytes)."""

    code = "stale-parent"

    def __init__(self, parent: bytes, actual: bytes) -> None:
        super().__init__(
            f"the parent 0x{parent.hex()} is not the graph's head, which is 0x{actual.hex()}",
            remedy="build on top of what was published meanwhile: `triplock snapshot` or `triplock publish --rebase`",
        )
        self.actual = actual


class NotPublisher(Refuted):
    """The account may not publish to the graph: it is neither the owner nor a delegate whose time is not over."""

    code = "not-publisher"

    def __init__(self, graph: bytes, account: str) -> None:
        super().__init__(
            f"{account} may not publish to the graph 0x{graph.hex()}: it is not its owner, and no delegate now",
            remedy="ask the owner for `triplock publisher add`; a former owner needs it too",
        )


class NotOwner(Refuted):
    """The account does not own the graph, or was not named as the one who takes it over."""

    code = "not-owner"


class RelayRefused(Refuted):
    """A signature by which others may publish is over, or is not the publisher's."""

    code = "relay-refused"


class NoRegistry(Refuted):
    """No registry contract stands at the address."""

    code = "no-registry"


class PublishReverted(Refuted):
    """The chain executed the transaction and undid it."""

    code = "publish-reverted"


class WrongChain(WrongUsage):
    """The endpoint serves another chain than the graph's."""

    code = "wrong-chain"


class BadEndpoint(WrongUsage):
    """The URL names no JSON-RPC endpoint."""

    code = "bad-endpoint"


class BadAddress(WrongUsage):
    """The text is no address."""

    code = "bad-address"


class KeyRefused(WrongUsage):
    """The key is unusable, or its file can be read by others. Never says what the key is."""

    code = "key-refused"


class InsufficientFunds(WrongUsage):
    """The publisher's balance does not cover gas limit times fee."""

    code = "insufficient-funds"


class EndpointUnreachable(ServiceFailed):
    """Nobody answers at the endpoint."""

    code = "endpoint-unreachable"


class EndpointBusy(EndpointUnreachable):
    """The endpoint asks to come back later (HTTP 429 or 503); `retry_after` is the seconds it names, if it does."""

    code = "endpoint-busy"

    def __init__(self, what: str, *, remedy: str, retry_after: float | None) -> None:
        super().__init__(what, remedy=remedy)
        self.retry_after = retry_after


class EndpointWrong(ServiceFailed):
    """The endpoint's answer is not what the method answers, or contradicts another of its answers."""

    code = "endpoint-wrong"


class EndpointFailing(EndpointWrong):
    """The endpoint failed while answering (HTTP 5xx), or broke off its answer."""

    code = "endpoint-failing"


class EndpointsDisagree(EndpointWrong):
    """Two endpoints of one chain contradict each other about what both must know."""

    code = "endpoints-disagree"


class RpcRefused(EndpointWrong):
    """The node answered with a JSON-RPC error; `rpc_code` and `data` are its own."""

    code = "rpc-refused"

    def __init__(self, what: str, *, remedy: str, rpc_code: int, data: bytes | None) -> None:
        super().__init__(what, remedy=remedy)
        self.rpc_code = rpc_code
        self.data = data


class FeeAboveCeiling(ServiceFailed):
    """The transaction would cost more than the caller allows."""

    code = "fee-above-ceiling"


class SignerFailed(ServiceFailed):
    """The external signer failed, was late, or answered with anything but the signature asked for."""

    code = "signer-failed"


class PublishPending(ServiceFailed):
    """The transaction is sent and stands in no block yet."""

    code = "publish-pending"


class DevChainBusy(ServiceFailed):
    """Another process has the development chain open; `url` is where it serves it, if it does."""

    code = "devchain-busy"

    def __init__(self, what: str, *, remedy: str, url: str | None) -> None:
        super().__init__(what, remedy=remedy)
        self.url = url


class DevChainFailed(ServiceFailed):
    """The development chain's files cannot be written or read: the disk is full, or permissions are missing."""

    code = "devchain-failed"


class DevChainCorrupt(InputRefused):
    """The folder holds no development chain that this release can read."""

    code = "devchain-corrupt"
