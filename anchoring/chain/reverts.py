"""What the registry's refusals mean: each error of the contract as one of ours.

Contract errors are four bytes and words (https://docs.soliditylang.org/en/latest/abi-spec.html#errors); nodes hand
them on as the data of a JSON-RPC error. What is not one of the contract's stays as the node said it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from anchoring.chain.artifact import selector
from anchoring.chain.errors import NotPublisher, RelayRefused, RpcRefused, StaleParent
from anchoring.errors import TriplockError
from anchoring.signing.anchor import ZERO_WORD

_STALE = selector("Stale(bytes32)")
_NOT_ALLOWED = selector("NotAllowed(bytes32,address)")
_EXPIRED = selector("Expired(uint256)")
_BAD_SIGNATURE = selector("BadSignature(address)")


@contextmanager
def understood(parent: bytes = ZERO_WORD) -> Iterator[None]:
    """Turns a refusal of the registry into an error that says what it means; `parent` is the head word given."""
    try:
        yield
    except RpcRefused as refused:
        meaning = _meaning(refused.data or b"", parent)
        if meaning is None:
            raise
        raise meaning from refused


def expired(deadline: int) -> RelayRefused:
    """What is said of a signature whose last second, `deadline`, is over."""
    return RelayRefused(
        f"the signature could be used up to the second {deadline}, which is over",
        remedy="ask the publisher to sign again, with a later deadline",
    )


def _meaning(data: bytes, parent: bytes) -> TriplockError | None:
    kind, words = data[:4], [data[at : at + 32] for at in range(4, len(data), 32)]
    if kind == _STALE and len(data) == 36:
        return StaleParent(parent, words[0])
    if kind == _NOT_ALLOWED and len(data) == 68:
        return NotPublisher(words[0], f"0x{words[1][12:].hex()}")
    if kind == _EXPIRED and len(data) == 36:
        return expired(int.from_bytes(words[0], "big"))
    if kind == _BAD_SIGNATURE and len(data) == 36:
        return RelayRefused(
            f"the signature is not 0x{words[0][12:].hex()}'s for this version, graph, registry, chain and deadline",
            remedy="ask the publisher for the file as it was made",
        )
    return None
