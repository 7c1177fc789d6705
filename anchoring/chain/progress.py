"""How far a publication is: the states it goes through, and what is kept of it between two runs.

    pinned → signed → sent → mined → final

`pinned`: its blocks are where they shall be; `signed`: a transaction is kept; `sent`: a node has taken it; `mined`: it
stands in a block; `final`: so deep that it counts. A reorganisation takes it back to `sent` (or to `pinned`, where the
transaction was somebody else's). `overtaken`: another version stands on its parent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import RpcRefused
from anchoring.chain.publish import PreparedPublish
from anchoring.signing.anchor import Anchor

State: TypeAlias = Literal["pinned", "signed", "sent", "mined", "final", "overtaken"]


@dataclass(frozen=True, slots=True)
class Progress:
    """A state, and the transactions signed for it, oldest first: all of one nonce until that is lost.

    `transaction` is the one that counts (32 bytes, empty before one is signed), `block` where it was seen.
    `note` says why this state was entered, where that is not plain.
    """

    state: State
    attempts: tuple[PreparedPublish, ...] = ()
    transaction: bytes = b""
    block_number: int | None = None
    block_hash: bytes = b""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finality:
    """When a block counts as final: after so many `confirmations`, its own counted, or by the `finalized` tag."""

    confirmations: int = 1
    by_tag: bool = False

    def reached(self, endpoint: Endpoint, number: int) -> bool:
        """Whether the block of that number, which is on the chain, is final. Raises RpcRefused without the tag."""
        if not self.by_tag:
            return self.confirmations <= 1 or endpoint.latest().number - number + 1 >= self.confirmations
        try:
            return endpoint.block("finalized").number >= number
        except RpcRefused as refused:
            raise RpcRefused(
                refused.what,
                remedy="this chain may have no finalized tag: let versions be final by confirmations",
                rpc_code=refused.rpc_code,
                data=refused.data,
            ) from refused

    def __str__(self) -> str:
        return "finalized" if self.by_tag else f"{self.confirmations} confirmations"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a publication may take.

    `ceiling`: the most wei a transaction may cost, None for any; `patience`: seconds after which one that is in no
    block is replaced by one that pays more; `attempts`: how many may be signed in all without being told to.
    """

    ceiling: int | None = None
    patience: float = 180.0
    attempts: int = 10
    finality: Finality = Finality()


def seen(progress: Progress, anchor: Anchor, note: str) -> Progress:
    """The progress of a version that stands in a block, with what is to be said of it."""
    return Progress("mined", progress.attempts, anchor.transaction, anchor.block.number, anchor.block.hash, note)
