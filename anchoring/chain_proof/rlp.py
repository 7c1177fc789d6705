"""RLP, of which every item has one encoding: byte strings, and lists of items.

Decoding accepts the canonical encoding and no other, which the specification leaves to each reader:
shortest heads, single bytes below 80 for themselves, nothing left over. It is bounded by the input's length and by
depth, and reserves nothing that the input only announces.
Specification: the Yellow Paper, appendix B (https://ethereum.github.io/yellowpaper/paper.pdf).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from anchoring.chain_proof.errors import BadChainProof

Rlp: TypeAlias = "bytes | Sequence[Rlp]"
MAX_DEPTH = 8
"""Lists within lists: a receipt has four, a trie node with the nodes embedded in it no more."""
_SHORT = 55
"""The longest payload, in bytes, whose length stands in the first byte."""


class BadRlp(BadChainProof):
    """The bytes are not the canonical RLP of anything."""

    code = "bad-rlp"


def encode(item: Rlp) -> bytes:
    """The one encoding of an item.

    >>> encode([b"cat", [b"", b"\\x7f"]]).hex()
    'c783636174c2807f'
    """
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _head(0x80, len(item)) + item
    payload = b"".join(map(encode, item))
    return _head(0xC0, len(payload)) + payload


def number(value: int) -> bytes:
    """A whole number as RLP carries it: big-endian without leading zeros, zero as no bytes.

    >>> number(0), number(1024)
    (b'', b'\\x04\\x00')
    """
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def read_number(item: Rlp, name: str, most: int = 8) -> int:
    """The number of a byte string of at most `most` bytes; raises BadRlp for any other item."""
    if not isinstance(item, bytes) or len(item) > most or item[:1] == b"\x00":
        raise BadRlp(f"the {name} is no whole number of at most {most} bytes without leading zeros")
    return int.from_bytes(item, "big")


def decode(encoded: bytes) -> Rlp:
    """The item that these bytes are the canonical encoding of; raises BadRlp for all others.

    >>> decode(bytes.fromhex("c783636174c2807f"))
    [b'cat', [b'', b'\\x7f']]
    """
    item, end = _item(encoded, 0, len(encoded), 0)
    if end != len(encoded):
        raise BadRlp(f"{len(encoded) - end} bytes are left over after the item")
    return item


def _head(kind: int, length: int) -> bytes:
    if length <= _SHORT:
        return bytes([kind + length])
    size = number(length)
    return bytes([kind + _SHORT + len(size)]) + size


def _item(encoded: bytes, at: int, end: int, depth: int) -> tuple[Rlp, int]:
    """The item at a place, and where it ends; nothing is read at or beyond `end`."""
    if at >= end:
        raise BadRlp(f"an item is missing at byte {at}")
    first = encoded[at]
    if first < 0x80:
        return encoded[at : at + 1], at + 1
    start, stop = _payload(encoded, at, end)
    if first < 0xC0:
        if stop - start == 1 and encoded[start] < 0x80:
            raise BadRlp(f"the byte 0x{encoded[start]:02x} at {start} has a head, it stands for itself")
        return encoded[start:stop], stop
    if depth == MAX_DEPTH:
        raise BadRlp(f"lists stand in each other more than {MAX_DEPTH} deep at byte {at}")
    items: list[Rlp] = []
    while start < stop:
        item, start = _item(encoded, start, stop, depth + 1)
        items.append(item)
    return items, stop


def _payload(encoded: bytes, at: int, end: int) -> tuple[int, int]:
    """Where the payload of the string or list at a place begins and ends."""
    length = (encoded[at] - 0x80) & 0x3F
    start = at + 1
    if length > _SHORT:
        size = encoded[start : min(start + length - _SHORT, end)]
        start += length - _SHORT
        length = int.from_bytes(size, "big")
        if size[:1] in (b"", b"\x00") or length <= _SHORT:
            raise BadRlp(f"the head at byte {at} is cut short, or not the shortest for {length} bytes")
    if length > end - start:
        raise BadRlp(f"{length} bytes are announced at {at}, {max(end - start, 0)} are left")
    return start, start + length
