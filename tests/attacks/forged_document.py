"""Documents as a forger may build them, and versions that quote them."""

from __future__ import annotations

from collections.abc import Sequence

import dishonest_owner
from world import World

from anchoring.encoding.cid import DAG_PB, Cid
from anchoring.encoding.dag_pb import field, varint


def node(links: Sequence[tuple[bytes, int]], data: bytes, names: Sequence[bytes] = ()) -> bytes:
    """A dag-pb node of these binary CIDs and Tsizes, whatever they are."""
    named = [*names, *[b""] * (len(links) - len(names))]
    parts = [
        field(0x12, field(0x0A, cid) + field(0x12, name) + b"\x18" + varint(tsize))
        for (cid, tsize), name in zip(links, named, strict=True)
    ]
    return b"".join(parts) + field(0x0A, data)


def file_data(size: int, sizes: Sequence[int], kind: int = 2) -> bytes:
    """The UnixFS data of a file of these sizes, whether they add up or not."""
    return b"\x08" + varint(kind) + b"\x18" + varint(size) + b"".join(b"\x20" + varint(each) for each in sizes)


def raw(content: bytes) -> tuple[bytes, bytes]:
    """A raw block: its binary CID and its bytes."""
    return bytes(Cid.of(content)), content


def dag(content: bytes) -> tuple[bytes, bytes]:
    """A dag-pb block: its binary CID and its bytes."""
    return bytes(Cid.of(content, DAG_PB)), content


def quoting(world: World, document: bytes, iri: str, start: int, end: int, quote: str, blocks: Sequence[bytes]) -> dict:
    """The item of a bundle about a version that quotes the document: everything true but the document's blocks."""
    lines = sorted(
        {
            f"<a:claim> <http://www.w3.org/ns/prov#wasDerivedFrom> <{iri}#char=0,5> .".encode(),
            f'<{iri}#char=0,5> <http://www.w3.org/ns/oa#exact> "{quote}" .'.encode(),
        }
    )
    published = dishonest_owner.publish_lines(world, lines)
    excerpt = {"document": document, "start": start, "end": end, "quote": quote, "blocks": list(blocks)}
    return published.item("presence", lines, [0, 1], excerpts=[excerpt])
