"""Reads a CBOR map whose keys are all known beforehand, each value as the kind it must be.

What has other keys, or a value of another kind, is refused: a reader that passed over it would carry along
what nobody checked.
"""

from __future__ import annotations

import builtins
from typing import cast

from anchoring.encoding.deterministic_cbor import Item
from anchoring.errors import InputRefused


class BadMap(InputRefused):
    """A map of the file has other keys than the format gives it, or a value of another kind."""

    code = "bad-map"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="ask for the file again; it was cut short, changed or made by another program")


class CborMap:
    """The members of a map with exactly these keys (separated by spaces); `what` names it in errors.

    Raises BadMap, as every method does for a value of another kind.

    >>> members = CborMap({"start": 3, "path": b"x"}, "path start", "an example")
    >>> members.number("start"), members.bytes("path")
    (3, b'x')
    """

    def __init__(self, item: Item, keys: str, what: str) -> None:
        if not isinstance(item, dict) or sorted(item) != sorted(keys.split()):
            raise BadMap(f"{what} has other members than {keys}: {str(item)[:120]}")
        self._item = item
        self._what = what

    def __getitem__(self, key: str) -> Item:
        return cast("Item", self._item[key])

    def number(self, key: str) -> int:
        """The number at a key."""
        value = self[key]
        if not isinstance(value, int):
            raise self._bad(key, "no number")
        return value

    def bytes(self, key: str, *lengths: int) -> builtins.bytes:
        """The byte string at a key, of one of these lengths where any is given."""
        value = self[key]
        if not isinstance(value, bytes) or (lengths and len(value) not in lengths):
            raise self._bad(key, f"no byte string, or not of {' or '.join(map(str, lengths)) or 'any'} bytes")
        return value

    def text(self, key: str) -> str:
        """The text at a key."""
        value = self[key]
        if not isinstance(value, str):
            raise self._bad(key, "no text")
        return value

    def list(self, key: str, at_most: int | None = None) -> builtins.list[Item]:
        """The list at a key, of at most so many items."""
        value = self[key]
        if not isinstance(value, list) or (at_most is not None and len(value) > at_most):
            raise self._bad(key, f"no list, or one of more than {at_most}")
        return value

    def all_bytes(self, key: str, at_most: int | None = None) -> tuple[builtins.bytes, ...]:
        """The list of byte strings at a key."""
        items = self.list(key, at_most)
        if not all(isinstance(item, bytes) for item in items):
            raise self._bad(key, "no list of byte strings")
        return tuple(cast("builtins.list[builtins.bytes]", items))

    def numbers(self, key: str) -> tuple[int, ...]:
        """The list of numbers at a key."""
        items = self.list(key)
        if not all(isinstance(item, int) for item in items):
            raise self._bad(key, "no list of numbers")
        return tuple(cast("builtins.list[int]", items))

    def empty(self, key: str) -> None:
        """Only lets the empty map pass."""
        CborMap(self[key], "", key)

    def _bad(self, key: str, what: str) -> BadMap:
        return BadMap(f"{key} of {self._what} is {what}: {str(self[key])[:80]}")
