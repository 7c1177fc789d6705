"""All of dag-pb, slowly: optional fields and CIDs of every kind. The oracle of `anchoring.encoding.dag_pb`.

https://ipld.io/specs/codecs/dag-pb/spec/ . A node is {"Links": [{"Hash", "Name"?, "Tsize"?}], "Data"?}; a CID is its
bytes.
"""

from __future__ import annotations


class NoDagPb(Exception):
    """The bytes are no dag-pb node."""


def varint_at(raw: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        if at >= len(raw) or shift > 63:
            raise NoDagPb("a number that does not end")
        number |= (raw[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if raw[at - 1] < 0x80:
            return number, at


def to_varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def fields(raw: bytes) -> list[tuple[int, int, int | bytes]]:
    """(number, wire type, value) of each field."""
    found, at = [], 0
    while at < len(raw):
        tag, at = varint_at(raw, at)
        if tag & 7 == 0:
            value, at = varint_at(raw, at)
            found.append((tag >> 3, 0, value))
        elif tag & 7 == 2:
            length, at = varint_at(raw, at)
            if at + length > len(raw):
                raise NoDagPb("cut short")
            found.append((tag >> 3, 2, raw[at : at + length]))
            at += length
        else:
            raise NoDagPb("a field of another wire type")
    return found


def cid_parts(binary: bytes) -> tuple[int, int, int, bytes]:
    """(version, codec, hash function, digest)."""
    if binary[:2] == b"\x12\x20" and len(binary) == 34:
        return 0, 0x70, 0x12, binary[2:]
    version, at = varint_at(binary, 0)
    codec, at = varint_at(binary, at)
    function, at = varint_at(binary, at)
    length, at = varint_at(binary, at)
    if version != 1 or len(binary) - at != length:
        raise NoDagPb("no CID")
    return version, codec, function, binary[at:]


def decode(raw: bytes) -> dict:
    links, data, ended = [], None, False
    for number, wire, value in fields(raw):
        if (number, wire) == (2, 2):
            if ended:
                raise NoDagPb("links in two places")
            links.append(link(value))
        elif (number, wire) == (1, 2) and data is None:
            data = value
            ended = bool(links)
        else:
            raise NoDagPb("an unknown or repeated field")
    return {"Links": links, **({} if data is None else {"Data": data})}


def link(raw: bytes) -> dict:
    found: dict = {}
    order = 0
    for number, wire, value in fields(raw):
        name = {(1, 2): "Hash", (2, 2): "Name", (3, 0): "Tsize"}.get((number, wire))
        if name is None or number <= order:
            raise NoDagPb("an unknown field of a link, or one out of order")
        order = number
        if name == "Name":
            try:
                value = value.decode()
            except UnicodeDecodeError:
                raise NoDagPb("a name that is no text") from None
        found[name] = value
    if not found.get("Hash"):
        raise NoDagPb("a link without a CID")
    cid_parts(found["Hash"])
    return found


def encode(node: dict) -> bytes:
    out = b""
    for each in node["Links"]:
        inner = b"\x0a" + to_varint(len(each["Hash"])) + each["Hash"]
        if "Name" in each:
            name = each["Name"].encode()
            inner += b"\x12" + to_varint(len(name)) + name
        if "Tsize" in each:
            inner += b"\x18" + to_varint(each["Tsize"])
        out += b"\x12" + to_varint(len(inner)) + inner
    return out + (b"\x0a" + to_varint(len(node["Data"])) + node["Data"] if "Data" in node else b"")
