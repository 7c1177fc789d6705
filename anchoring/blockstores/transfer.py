"""What the back ends over HTTP share: a body is read up to a limit and a deadline, and then verified.

Bodies are asked for and read without content coding, so that no few bytes can unpack to many, and piece by piece as
they come, so that a drip is noticed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx

from anchoring.blockstores.errors import BlockCorrupt, BlockTooLarge
from anchoring.encoding.cid import Cid

PLAIN = {"Accept-Encoding": "identity"}
"""Headers of every request for blocks."""

LARGEST_BLOCK = 2 * 1024 * 1024
"""Bytes: what IPFS nodes exchange and Kubo stores at most."""


SLOWEST = 1024
"""Bytes a second: what brings less over a longer time is given up."""


def body(response: httpx.Response, seconds: float) -> Iterator[bytes]:
    """The pieces of a body of any length; raises httpx.ReadTimeout where it drips slower than `SLOWEST` allows.

    The first `seconds` are free, and every 1,024 bytes buy one second more.
    """
    start = time.monotonic()
    length = 0
    for piece in response.iter_raw():
        length += len(piece)
        if time.monotonic() > start + seconds + length / SLOWEST:
            raise httpx.ReadTimeout(f"{length} bytes in more than {seconds} s", request=response.request)
        yield piece


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
    for piece in response.iter_raw():
        length += len(piece)
        if length > LARGEST_BLOCK:
            raise BlockTooLarge(
                f"{place} sends more than {LARGEST_BLOCK} bytes for {cid}", remedy="ask another place for the block"
            )
        if time.monotonic() > until:
            raise httpx.ReadTimeout(f"the body took longer than {seconds} s", request=response.request)
        yield piece


LONGEST_LINE = 1 << 20
"""Bytes of one line of a node's answer, or of an answer that is one document."""


def document(response: httpx.Response, seconds: float) -> str:
    """A short body as text; raises httpx.ReadTimeout as `body` does, and httpx.DecodingError beyond `LONGEST_LINE`."""
    held = bytearray()
    for piece in body(response, seconds):
        held += piece
        if len(held) > LONGEST_LINE:
            raise httpx.DecodingError(f"an answer of more than {LONGEST_LINE} bytes", request=response.request)
    return held.decode(errors="replace")


def lines(response: httpx.Response) -> Iterator[str]:
    """The lines of a body of any length, as they come; raises httpx.DecodingError for one beyond `LONGEST_LINE`.

    How long the next one may take is for the client's read timeout: a node says nothing while it works.
    """
    held = bytearray()
    for piece in response.iter_raw():
        held += piece
        *whole, rest = held.split(b"\n")
        yield from (line.decode(errors="replace") for line in whole)
        held = bytearray(rest)
        if len(held) > LONGEST_LINE:
            raise httpx.DecodingError(f"a line of more than {LONGEST_LINE} bytes", request=response.request)
    if held:
        yield held.decode(errors="replace")
