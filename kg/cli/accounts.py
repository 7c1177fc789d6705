"""Addresses and times as people write and read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import click

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


class Address(click.ParamType[str]):
    """An address in lower case; one in mixed case must have the right checksum (EIP-55), so that a slip is seen."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address in lower case."""
        from eth_utils.address import is_checksum_address

        text = str(value)
        if not _ADDRESS.fullmatch(text):
            self.fail(f"{text[:80]!r} is no address: give 0x and 40 hexadecimal digits")
        if text[2:] not in (text[2:].lower(), text[2:].upper()) and not is_checksum_address(text):
            self.fail(f"{text} has a wrong checksum: a letter was mistyped, or its case")
        return text.lower()


ADDRESS = Address()


def moment(second: int) -> str:
    """A second since 1970 as text.

    >>> moment(1_800_000_000)
    '2027-01-15T08:00:00Z'
    """
    from anchoring.chain.ownership import FOREVER

    try:
        return "forever" if second >= FOREVER else f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, ValueError):
        return f"second {second}"
