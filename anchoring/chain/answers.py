"""Reads what an endpoint answers: every value is checked for its exact form before anything uses it.

Specification: https://github.com/ethereum/execution-apis, "base types". Raises EndpointWrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from anchoring.chain.errors import EndpointWrong

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_BYTES = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def wrong(what: str) -> EndpointWrong:
    """The error for an answer that is not what the method answers."""
    return EndpointWrong(what, remedy="check what the endpoint serves, or use another one")


def quantity(value: object, name: str) -> int:
    """A non-negative integer of up to 256 bits.

    >>> quantity("0x1f", "gas")
    31
    """
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise wrong(f"the endpoint answered {_shown(value)} for {name}, which is no quantity")
    return int(value, 16)


def octets(value: object, name: str, length: int | None = None) -> bytes:
    """Bytes, of the length given if one is.

    >>> octets("0x00ff", "data")
    b'\\x00\\xff'
    """
    if not isinstance(value, str) or not _BYTES.fullmatch(value):
        raise wrong(f"the endpoint answered {_shown(value)} for {name}, which is no data")
    found = bytes.fromhex(value[2:])
    if length is not None and len(found) != length:
        raise wrong(f"the endpoint answered {len(found)} bytes for {name}, which has {length}")
    return found


def address(value: object, name: str) -> str:
    """A lower-case 0x address."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise wrong(f"the endpoint answered {_shown(value)} for {name}, which is no address")
    return value.lower()


def members(value: object, name: str) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise wrong(f"the endpoint answered {_shown(value)} for {name}, which is no object")
    return value


def items(value: object, name: str) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise wrong(f"the endpoint answered {_shown(value)} for {name}, which is no list")
    return value


def _shown(value: object) -> str:
    """Some of the value, with control characters escaped."""
    return ascii(value)[:80]
