"""CBOR of which every item has one spelling: whole numbers, bytes, text, lists and maps with text keys.

RFC 8949, section 4.2.1: shortest heads, definite lengths, keys sorted by their encoded bytes.
There are no tags, floats, booleans or null, so nothing a decoder might act upon.
Decoding is bounded by the length of the input, by depth and by the number of items,
and never reserves what the input only announces.
Source: https://www.rfc-editor.org/rfc/rfc8949#section-4.2.1
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from anchoring.errors import InputRefused

Item: TypeAlias = "int | bytes | str | Sequence[Item] | Mapping[str, Item]"
MAX_DEPTH = 8
MAX_ITEMS = 65_536
"""A byte is enough for an item, and an item takes a hundred bytes of memory and a microsecond."""
_INT, _BYTES, _TEXT, _LIST, _MAP = 0, 2, 3, 4, 5


class BadCbor(InputRefused):
    """The bytes are not of the deterministic CBOR that this format uses."""

    code = "bad-cbor"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="fetch the file again; it was cut short or changed")


def encode(item: Item) -> bytes:
    """The one encoding of an item; numbers are below 2^64.

    >>> encode({"b": [1, 24], "a": b"x"}).hex()
    'a261614178616282011818'
    """
    if isinstance(item, int):
        return _head(_INT, item)
    if isinstance(item, bytes):
        return _head(_BYTES, len(item)) + item
    if isinstance(item, str):
        text = item.encode()
        return _head(_TEXT, len(text)) + text
    if isinstance(item, Mapping):
        members = sorted((encode(key), encode(value)) for key, value in item.items())
        return _head(_MAP, len(members)) + b"".join(key + value for key, value in members)
    return _head(_LIST, len(item)) + b"".join(encode(each) for each in item)


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for additional, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * width:
            return bytes([major << 5 | additional]) + number.to_bytes(width, "big")
    raise OverflowError(number)


def decode(encoded: bytes) -> Item:
    """The item that these bytes are the one encoding of; raises BadCbor for all others."""
    decoder = _Decoder(encoded)
    item = decoder.item(0)
    if decoder.at != len(encoded):
        raise BadCbor(f"{len(encoded) - decoder.at} bytes are left over after the item")
    return item


class _Decoder:
    def __init__(self, encoded: bytes) -> None:
        self.encoded = encoded
        self.at = 0
        self.items = 0

    def take(self, length: int) -> bytes:
        taken = self.encoded[self.at : self.at + length]
        if len(taken) != length:
            raise BadCbor(f"the bytes end at {len(self.encoded)}, {length} more are announced at {self.at}")
        self.at += length
        return taken

    def head(self) -> tuple[int, int]:
        start = self.at
        first = self.take(1)[0]
        major, number = first >> 5, first & 31
        if 24 <= number <= 27:
            number = int.from_bytes(self.take(1 << number - 24), "big")
        if major not in (_INT, _BYTES, _TEXT, _LIST, _MAP) or self.encoded[start : self.at] != _head(major, number):
            raise BadCbor(f"byte {start} (0x{first:02x}) begins nothing that this format has, or not its shortest form")
        return major, number

    def item(self, depth: int) -> Item:
        if depth > MAX_DEPTH:
            raise BadCbor(f"items stand in each other more than {MAX_DEPTH} deep at byte {self.at}")
        self.items += 1
        if self.items > MAX_ITEMS:
            raise BadCbor(f"there are more than {MAX_ITEMS} items")
        major, number = self.head()
        if major == _INT:
            return number
        if major == _BYTES:
            return self.take(number)
        if major == _TEXT:
            return self.text(number)
        if major == _LIST:
            return [self.item(depth + 1) for _ in range(number)]
        return self.map(number, depth)

    def text(self, length: int) -> str:
        taken = self.take(length)
        try:
            return taken.decode()
        except UnicodeDecodeError:
            raise BadCbor(f"{taken[:40]!r} is no UTF-8") from None

    def map(self, length: int, depth: int) -> dict[str, Item]:
        members: dict[str, Item] = {}
        previous = b""
        for _ in range(length):
            start = self.at
            key = self.item(depth + 1)
            spelled = self.encoded[start : self.at]
            if not isinstance(key, str) or spelled <= previous:
                raise BadCbor(f"the key {key!r:.60} at byte {start} is no text, repeats, or is out of order")
            previous = spelled
            members[key] = self.item(depth + 1)
        return members
