"""What goes wrong between a reader of blocks and the place that keeps them.

Each error names the CID and the place, so that a message alone says what to look at::

    InputRefused
    ├── BlockNotFound        block-not-found       the place has no such block
    ├── BlockTooLarge        block-too-large       more bytes than any block may have
    └── BadCar               bad-car               the CAR file is cut short or is none
    Refuted
    ├── BlockCorrupt         block-corrupt         other bytes under that CID
    └── BlockUnasked         block-unasked         a block that nobody asked for
    ServiceFailed
    ├── KuboUnreachable      kubo-unreachable      no answer from the node, or too late
    ├── KuboRefused          kubo-refused          the node answered and said no
    ├── KuboUnfinished       kubo-unfinished       the node answered 200 and did less than asked
    ├── GatewayUnreachable   gateway-unreachable   no answer from the gateway, or too late
    └── GatewayRefused       gateway-refused       the gateway answered with an error or a redirect
"""

from __future__ import annotations

from anchoring.encoding.cid import Cid
from anchoring.errors import InputRefused, Refuted, ServiceFailed


class BlockNotFound(InputRefused):
    """No place that was asked has the block; `cid` is what was asked for, `place` who was asked."""

    code = "block-not-found"

    def __init__(self, cid: Cid, place: str, *, remedy: str = "ask another store, or put the block there") -> None:
        super().__init__(f"{place} has no block {cid}", remedy=remedy)
        self.cid = cid
        self.place = place


class BlockCorrupt(Refuted):
    """The bytes kept under a CID are not what the CID names."""

    code = "block-corrupt"

    def __init__(self, cid: Cid, place: str, *, remedy: str = "remove that copy and fetch the block again") -> None:
        super().__init__(f"{place} holds other bytes under {cid}", remedy=remedy)
        self.cid = cid
        self.place = place


class BlockUnasked(Refuted):
    """A place sends blocks that were not asked for, which could go on without end."""

    code = "block-unasked"


class BlockTooLarge(InputRefused):
    """A block that is larger than what IPFS nodes exchange."""

    code = "block-too-large"


class BadCar(InputRefused):
    """The bytes are no CAR file, or one that is cut short or damaged."""

    code = "bad-car"


class KuboUnreachable(ServiceFailed):
    """The node did not answer, or not in time."""

    code = "kubo-unreachable"


class KuboRefused(ServiceFailed):
    """The node answered and refused: its own words are in the message."""

    code = "kubo-refused"


class KuboUnfinished(ServiceFailed):
    """The node answered 200 and yet did not do, or did not confirm, all that was asked."""

    code = "kubo-unfinished"


class GatewayUnreachable(ServiceFailed):
    """The gateway did not answer, or not in time."""

    code = "gateway-unreachable"


class GatewayRefused(ServiceFailed):
    """The gateway answered with an error, or with a redirect to a host that was not allowed."""

    code = "gateway-refused"
