"""Recursion and bombs: what is small and would unfold without bound is refused before it does.

Each must end in a refusal, not in an exhausted stack or memory; the suite as a whole has the memory of a small machine.
"""

from __future__ import annotations

import resource
from dataclasses import fields

import dishonest_owner
import pytest
from forged_document import dag, file_data, node, quoting, raw

from anchoring.blockstores.car import CarReader
from anchoring.blockstores.car_stream import blocks_of_car
from anchoring.blockstores.memory import MemoryStore
from anchoring.encoding.cid import Block, Cid
from anchoring.encoding.dag_pb import varint
from anchoring.encoding.strict_json import BadJson
from anchoring.encoding.unixfs_reader import read_file
from anchoring.errors import TriplockError
from anchoring.signing.manifest import FileEntry, Manifest

ALLOWANCE = 256 * 1024
"""KiB by which a forgery may raise the greatest memory of this process."""


@pytest.fixture(autouse=True)
def bounded():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < ALLOWANCE


def announced(major, source):
    """A head that announces more than there is."""
    number = source.choice((2**16, 2**24, 2**31, 2**32 - 1, 2**53, 2**63, 2**64 - 1))
    return bytes([major << 5 | 27]) + number.to_bytes(8, "big")


def cbor_bomb(source):
    kind = source.randrange(8)
    many = source.choice((9, 100, 1_000, 10_000, 300_000))
    if kind == 0:
        return b"\x81" * many + b"\x00"
    if kind == 1:
        return b"\xa1\x61a" * many + b"\x00"
    if kind == 2:
        return announced(source.choice((2, 3, 4, 5)), source) + source.randbytes(source.randrange(40))
    if kind == 3:
        return b"\xb9\xff\xff" + b"".join(b"\x63%03x\x00" % number for number in range(min(many, 4_095)))
    if kind == 4:
        return b"\x9f" * many
    if kind == 5 and source.random() < 0.1:
        return b"\x9a" + (70_000).to_bytes(4, "big") + b"\x00" * 70_000
    if kind == 6:
        return b"\xc1" * many + b"\x00"
    return b"\x98\x40" + (b"\x98\x40" + b"\x80" * 64) * 64


def within_a_bundle(item, source):
    """A bomb in the place of some member, encoded as it should be as far as it goes."""
    many = source.choice((9, 12, 100, 200))
    nested = 0
    for _ in range(many):
        nested = [nested] if source.random() < 0.5 else {"a": nested}
    key = source.choice(("ext", "claim", "parent", "chain", "excerpts"))
    item[key] = nested if source.random() < 0.95 else source.choice(([0] * 65_536, {"a": [0] * 70_000}))


@pytest.mark.soak
def test_cbor_does_not_unfold(court, source, rounds):
    for _ in rounds:
        if source.random() < 0.5:
            court.refuses(cbor_bomb(source))
        else:
            item = court.world.item("presence")
            within_a_bundle(item, source)
            court.refuses(item)


def deep_document(source):
    """Nodes above nodes: deeper than any file is, of any width."""
    cid, content = raw(b"It requires ERC-165.")
    blocks, size = [content], len(content)
    for _ in range(source.choice((13, 14, 40, 60))):
        cid, content = dag(node([(cid, size)], file_data(size, [size])))
        blocks.append(content)
    return cid, blocks[::-1], size


def folded_document(source):
    """Each node has the one below several times: a few blocks that hold more bytes than there are."""
    cid, content = raw(b"It requires ERC-165.")
    blocks, size, width = [content], len(content), source.choice((2, 10, 170))
    for _ in range(source.choice((3, 8, 11, 30))):
        sizes = [size] * width
        if sum(sizes) >= 2**63:
            break
        cid, content = dag(node([(cid, size)] * width, file_data(sum(sizes), sizes)))
        blocks.append(content)
        size = sum(sizes)
    return cid, blocks[::-1], size


@pytest.mark.soak
def test_documents_do_not_unfold(court, source, rounds):
    """Too deep, or too much of it wanted."""
    world = court.world
    for _ in rounds:
        if source.random() < 0.4:
            cid, blocks, size = deep_document(source)
            start, end, quote = 3, 19, "requires ERC-165"
        else:
            cid, blocks, size = folded_document(source)
            start = source.randrange(2)
            end = source.choice((start, start + 65_537, start + 10**6, size + 1, 2**64 - 1))
            quote = "requires ERC-165" * 1_000
        item = quoting(world, cid, f"ipfs://{Cid.from_bytes(cid)}", start, end, "x", blocks[:64])
        item["excerpts"][0]["quote"] = quote
        court.refuses(item, **dishonest_owner.brought(item, world.graph))


@pytest.mark.soak
def test_files_beside_the_data_do_not_unfold(court, source, rounds):
    """A version names a file of petabytes in ten blocks: it is read to the size that the manifest states."""
    published = dishonest_owner.publish_lines(court.world, [b'<a:b> <a:p> "1" .'])
    for _ in rounds:
        folded = source.random() < 0.7
        cid, blocks, size = folded_document(source) if folded else deep_document(source)
        binary = Cid.from_bytes(cid)
        for content in blocks:
            for codec in (0x55, 0x70):
                published.store.put([Block(Cid.of(content, codec), content)], [])
        stated = source.choice((0, 1, size - 1) if size <= 1_000 and folded else (0, 1, 20, 1_000))
        files = (*published.manifest.files, FileEntry("zip.bin", binary, stated))
        verdict = published.verify(Manifest(**_members(published.manifest, files)))
        assert verdict.exit_code == 1
        assert [check.name for check in verdict.checks if check.outcome == "refuted"] == ["files"]


def _members(manifest, files):
    return {field.name: getattr(manifest, field.name) for field in fields(manifest)} | {"files": files}


def test_a_block_that_contains_itself_cannot_be_made_and_a_reader_that_hands_out_one_is_stopped():
    class Same:
        """A careless reader: whatever is asked for is a node above itself."""

        def get(self, cid):
            return node([(bytes(cid), 5)], file_data(5, [5]))

    with pytest.raises(TriplockError):
        read_file(Cid.of(b"any", 0x70), Same(), at_most=100)


def car_bomb(source):
    """A CAR that announces more than it holds, or whose header or sections are none."""
    header = b"\xa2eroots\x81\xd8\x2aX\x25\x00" + bytes(Cid.of(b"x")) + b"gversion\x01"
    whole = varint(len(header)) + header
    section = bytes(Cid.of(b"x")) + b"x"
    kind = source.randrange(9)
    if kind == 0:
        return source.choice((b"\xff" * 9 + b"\x01", b"\xff" * 100, b"\x80" * 50 + b"\x01", varint(2**62))) + header
    if kind == 1:
        return whole + source.choice((varint(2**40), varint(2**63), b"\xff" * 20)) + section
    if kind == 2:
        return varint(60_000) + b"\x81" * 60_000
    if kind == 3:
        bomb = b"\xa2eroots" + announced(4, source) + b"gversion\x01"
        return varint(len(bomb)) + bomb
    if kind == 4:
        return whole + varint(0) * 1_000
    if kind == 5:
        return whole + varint(len(section)) + section[:-1] + b"y"
    if kind == 6:
        return whole + varint(20) + section
    if kind == 7:
        return whole + varint(len(section) + 3) + section
    return bytes.fromhex("0aa16776657273696f6e02") + source.randbytes(40)


@pytest.mark.soak
def test_cars_do_not_unfold(tmp_path, source, rounds):
    path = tmp_path / "bomb.car"
    for _ in rounds:
        bomb = car_bomb(source)
        path.write_bytes(bomb)
        with pytest.raises(TriplockError), CarReader(path) as reader:
            list(reader.blocks())
        pieces = (bomb[at : at + 1_000] for at in range(0, len(bomb), 1_000))
        with pytest.raises(TriplockError):
            list(blocks_of_car(pieces, "a gateway"))


@pytest.mark.parametrize("bomb", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 30_000 + b"]" * 30_000, b"9" * 60_000])
def test_json_does_not_unfold(bomb):
    with pytest.raises((BadJson, TriplockError)):
        Manifest.decode(bomb)


def test_blocks_are_kept_only_under_what_they_hash_to():
    store = MemoryStore()
    with pytest.raises(TriplockError):
        store.put([Block(Cid.of(b"one"), b"other")], [])
