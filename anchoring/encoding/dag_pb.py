"""dag-pb: the node format of IPFS files and directories, in its one canonical encoding.

A node is a list of links (Hash, Name, Tsize) and a piece of UnixFS data.
`decode` accepts only what `encode` would have written: links before data, all three fields in order, shortest varints.
Source: https://ipld.io/specs/codecs/dag-pb/spec/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from anchoring.encoding.cid import BadCid, Cid
from anchoring.errors import InputRefused

MAX_NODE_BYTES = 2 * 1024 * 1024
"""The largest block that Bitswap carries; a longer one is refused unread."""


class BadNode(InputRefused):
    """The block is no canonical dag-pb node, or no UnixFS file or directory of the kind expected."""

    code = "bad-node"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="fetch the block elsewhere, or ask its publisher for a well-formed one")


class Link(NamedTuple):
    """An edge of the graph: what it points at, under which name, and the total size of all blocks below."""

    cid: Cid
    name: str
    tsize: int


def varint(number: int) -> bytes:
    """The unsigned LEB128 form of `number`.

    >>> varint(300).hex()
    'ac02'
    """
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(tag: int, content: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return bytes([tag]) + varint(len(content)) + content


def encode(links: Sequence[Link], data: bytes) -> bytes:
    """The node's block."""
    parts = [
        field(0x12, field(0x0A, bytes(link.cid)) + field(0x12, link.name.encode()) + b"\x18" + varint(link.tsize))
        for link in links
    ]
    return b"".join(parts) + field(0x0A, data)


def decode(block: bytes) -> tuple[list[Link], bytes]:
    """The links and the data of a node; raises BadNode for anything that `encode` does not write."""
    if len(block) > MAX_NODE_BYTES:
        raise BadNode(f"a node of {len(block)} bytes is longer than {MAX_NODE_BYTES}")
    reader = Fields(block)
    links = []
    while reader.more() and reader.peek() == 0x12:
        inner = Fields(reader.content(0x12))
        try:
            cid = Cid.from_bytes(inner.content(0x0A))
            name = inner.content(0x12).decode()
        except (BadCid, UnicodeDecodeError) as error:
            raise BadNode(f"a link of the node is refused: {error}") from error
        links.append(Link(cid, name, inner.number(0x18)))
        inner.finish()
    data = reader.content(0x0A)
    reader.finish()
    return links, data


class Fields:
    """Reads protobuf fields in a known order; raises BadNode where the bytes say otherwise."""

    def __init__(self, encoded: bytes) -> None:
        self._encoded = encoded
        self._at = 0

    def more(self) -> bool:
        """Whether bytes are left."""
        return self._at < len(self._encoded)

    def peek(self) -> int:
        """The next tag, left unread."""
        return self._encoded[self._at]

    def content(self, tag: int) -> bytes:
        """The bytes of a length-delimited field."""
        length = self.number(tag)
        content = self._encoded[self._at : self._at + length]
        if len(content) != length:
            raise BadNode(f"a field of {length} bytes ends after {len(content)}")
        self._at += length
        return content

    def number(self, tag: int) -> int:
        """The value of a varint field below 2^63, in its shortest form."""
        if not self.more() or self._encoded[self._at] != tag:
            raise BadNode(f"byte {self._at} of {self._encoded[:24].hex()}… is not the expected field 0x{tag:02x}")
        start = self._at = self._at + 1
        value = shift = 0
        while True:
            if not self.more() or shift > 56:
                raise BadNode(f"the number at byte {start} has no end")
            byte = self._encoded[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if varint(value) != self._encoded[start : self._at]:
            raise BadNode(f"the number at byte {start} is not in its shortest form")
        return value

    def finish(self) -> None:
        """Raises BadNode unless all is read."""
        if self.more():
            raise BadNode(f"{len(self._encoded) - self._at} bytes are left over in a node")
