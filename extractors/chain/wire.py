"""The encodings of Ethereum's JSON-RPC: quantities, data, hashes, addresses.

What an endpoint sends is checked here field by field, so that nothing malformed goes further.
Source: https://ethereum.org/en/developers/docs/apis/json-rpc/#hex-encoding
Some servers write quantities with leading zeros, which the specification forbids: these are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from extractors.chain.errors import RpcAnsweredWrongly

_HEX = re.compile(r"0x[0-9a-fA-F]*")
_QUANTITY_DIGITS = 64
_SHOWN = 80


def wrong(what: str) -> RpcAnsweredWrongly:
    """The error for an answer that cannot be what was asked for."""
    return RpcAnsweredWrongly(what, remedy="check the endpoint, or use another one")


def _field(answer: Mapping[str, Any], name: str) -> str:
    text = answer.get(name)
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise wrong(f"{name} is {repr(text)[:_SHOWN]}, which is no hexadecimal text")
    return text


def quantity(answer: Mapping[str, Any], name: str) -> int:
    """The number in a field, of at most 256 bits; raises RpcAnsweredWrongly.

    >>> quantity({"number": "0x10"}, "number")
    16
    """
    text = _field(answer, name)
    if not 3 <= len(text) <= 2 + _QUANTITY_DIGITS:
        raise wrong(f"{name} is {text[:_SHOWN]!r}, which is no number of up to 256 bits")
    return int(text, 16)


def octets(answer: Mapping[str, Any], name: str, size: int | None = None) -> bytes:
    """The bytes in a field, exactly `size` of them if it is given; raises RpcAnsweredWrongly.

    >>> octets({"extraData": "0x00ff"}, "extraData")
    b'\\x00\\xff'
    """
    text = _field(answer, name)
    if len(text) % 2 or (size is not None and len(text) != 2 + 2 * size):
        raise wrong(f"{name} is {text[:_SHOWN]!r}, which is not {'whole' if size is None else size} bytes")
    return bytes.fromhex(text[2:])


def hash_text(answer: Mapping[str, Any], name: str) -> str:
    """The 32-byte hash in a field, as lower-case text with 0x; raises RpcAnsweredWrongly."""
    return "0x" + octets(answer, name, 32).hex()


def address_text(answer: Mapping[str, Any], name: str) -> str:
    """The address in a field, as lower-case text with 0x; raises RpcAnsweredWrongly."""
    return "0x" + octets(answer, name, 20).hex()


def mapping(answer: object, what: str) -> Mapping[str, Any]:
    """The answer, if it is a JSON object; raises RpcAnsweredWrongly."""
    if not isinstance(answer, dict):
        raise wrong(f"{what} is {repr(answer)[:_SHOWN]}, not an object")
    return answer


def sequence(answer: object, what: str) -> list[Any]:
    """The answer, if it is a JSON array; raises RpcAnsweredWrongly."""
    if not isinstance(answer, list):
        raise wrong(f"{what} is {repr(answer)[:_SHOWN]}, not an array")
    return answer
