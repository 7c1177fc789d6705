"""What the back ends over HTTP share: a body is read up to a limit and a deadline, and then verified."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx

from anchoring.blockstores.errors import BlockCorrupt, BlockTooLarge
from anchoring.cid import Cid

LARGEST_BLOCK = 2 * 1024 * 1024
"""Bytes: what IPFS nodes exchange and Kubo stores at most."""


def read_block(response: httpx.Response, cid: Cid, place: str, seconds: float) -> bytes:
    """The block in the body of a streamed response, its hash checked.

    Raises BlockTooLarge beyond 2 MiB, BlockCorrupt for other bytes,
    and httpx.ReadTimeout if the whole body has not come after `seconds`, however steadily it drips.
    """
    data = b"".join(_pieces(response, cid, place, seconds))
    if not cid.matches(data):
        raise BlockCorrupt(cid, place, remedy="ask another place: what this one sends is not what was asked for")
    return data


def _pieces(response: httpx.Response, cid: Cid, place: str, seconds: float) -> Iterator[bytes]:
    until = time.monotonic() + seconds
    length = 0
    for piece in response.iter_bytes(65_536):
        length += len(piece)
        if length > LARGEST_BLOCK:
            raise BlockTooLarge(
                f"{place} sends more than {LARGEST_BLOCK} bytes for {cid}", remedy="ask another place for the block"
            )
        if time.monotonic() > until:
            raise httpx.ReadTimeout(f"the body took longer than {seconds} s", request=response.request)
        yield piece
