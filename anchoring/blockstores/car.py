"""CAR files: a version, or any set of blocks, as one file.

Source: https://ipld.io/specs/transport/car/carv1/ (written and read) and carv2 (read only).

A CARv1 is a header (dag-cbor: `{"roots": [CID...], "version": 1}`) and sections (CID and bytes),
each behind its length as an unsigned LEB128 number. A CARv2 wraps a CARv1 and may end in an index, passed over here.
What is written depends on the roots and blocks alone, so the same version gives the same file.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import cbor2

from anchoring.blockstores.errors import BadCar, BlockCorrupt, BlockNotFound
from anchoring.blockstores.protocol import LARGEST_SECTION
from anchoring.encoding.cid import BadCid, Block, Cid
from anchoring.encoding.dag_pb import varint

_CBOR_CID = 42
_V2_PRAGMA = bytes.fromhex("0aa16776657273696f6e02")
_CID_LENGTH = 36
MOST_ROOTS = 1024
MOST_BLOCKS = 1 << 21
"""Of one file that is read: each takes some 300 bytes of memory, and may be 40 bytes of the file."""

_HEADER_START = b"\xa2\x65roots"
_HEADER_END = b"\x67version\x01"


def car_bytes(roots: Sequence[Cid], blocks: Iterable[Block]) -> Iterator[bytes]:
    """A CARv1, piece by piece: the header, then one piece a block, in the order given."""
    tags = [cbor2.CBORTag(_CBOR_CID, b"\x00" + bytes(root)) for root in roots]
    header = cbor2.dumps({"roots": tags, "version": 1}, canonical=True)
    yield varint(len(header)) + header
    for cid, data in blocks:
        binary = bytes(cid)
        yield varint(len(binary) + len(data)) + binary + data


def header_roots(raw: bytes) -> list[bytes]:
    """The binary CIDs that a CARv1 header names, whatever their format; raises ValueError for any other bytes.

    A header has one encoding in DAG-CBOR, so its few heads are read as they must stand and nothing is decoded
    that could nest, repeat or announce more than there is.
    """
    if not raw.startswith(_HEADER_START):
        raise ValueError("no map of roots and version")
    count, at = _cbor_length(raw, len(_HEADER_START), 4)
    if count > MOST_ROOTS:
        raise ValueError(f"{count} roots")
    roots = []
    for _ in range(count):
        if raw[at : at + 2] != b"\xd8\x2a":
            raise ValueError("a root that is no CID")
        length, at = _cbor_length(raw, at + 2, 2)
        root = raw[at : at + length]
        if len(root) != length or root[:1] != b"\x00":
            raise ValueError("a root that is no CID")
        roots.append(root[1:])
        at += length
    if raw[at:] != _HEADER_END:
        raise ValueError("no version 1")
    return roots


def _cbor_length(raw: bytes, at: int, major: int) -> tuple[int, int]:
    """The length in a CBOR head of this major type, and where what follows stands."""
    if at >= len(raw) or raw[at] >> 5 != major:
        raise ValueError(f"no head of type {major} at byte {at}")
    number = raw[at] & 0x1F
    if number < 24:
        return number, at + 1
    width = {24: 1, 25: 2}.get(number, 0)
    if not width or at + 1 + width > len(raw):
        raise ValueError(f"a length of another form at byte {at}")
    return int.from_bytes(raw[at + 1 : at + 1 + width], "big"), at + 1 + width


def write_car(target: str | os.PathLike[str] | BinaryIO, roots: Sequence[Cid], blocks: Iterable[Block]) -> int:
    """Writes a CARv1; returns its length in bytes.

    A path is written whole or not at all (a temporary file, flushed to the disk and renamed).

    >>> import io
    >>> stream = io.BytesIO()
    >>> block = Block(Cid.of(b"hello world"), b"hello world")
    >>> write_car(stream, [block.cid], [block])
    107
    """
    if not isinstance(target, (str, os.PathLike)):
        return _write_pieces(target, roots, blocks)
    path = Path(target)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with temporary.open("xb") as stream:
            length = _write_pieces(stream, roots, blocks)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return length


def _write_pieces(stream: BinaryIO, roots: Sequence[Cid], blocks: Iterable[Block]) -> int:
    length = 0
    for piece in car_bytes(roots, blocks):
        stream.write(piece)
        length += len(piece)
    return length


class _Section(NamedTuple):
    """Where a block's bytes stand in the file."""

    offset: int
    length: int


class CarReader:
    """The blocks of a CARv1 or CARv2 file; the file is indexed once and each block verified when it is read.

    Blocks of other codecs or hashes than this format's are passed over and named in `foreign` (a count).
    Raises BadCar when the file is no CAR, is cut short or damaged.
    Use it as a context manager, or `close` it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.name = f"car {self.path}"
        self.foreign = 0
        try:
            self._file = self.path.open("rb")
        except OSError as error:
            raise BadCar(f"{self.path}: {error.strerror or error}", remedy="check the path") from error
        self._sections: dict[Cid, _Section] = {}
        try:
            self.roots: tuple[Cid, ...] = self._index()
        except BaseException:
            self._file.close()
            raise

    def _index(self) -> tuple[Cid, ...]:
        end = os.fstat(self._file.fileno()).st_size
        if self._file.read(len(_V2_PRAGMA)) == _V2_PRAGMA:
            end = self._enter_v2(end)
        else:
            self._file.seek(0)
        roots = self._header(end)
        while (at := self._file.tell()) < end:
            length = self._length(end)
            start = self._file.tell()
            if len(self._sections) >= MOST_BLOCKS:
                raise self._bad(at, f"more than {MOST_BLOCKS} blocks")
            binary = self._file.read(min(_CID_LENGTH, length))
            try:
                self._sections.setdefault(Cid.from_bytes(binary), _Section(start + 36, length - 36))
            except BadCid:
                if length == 0 or binary[:1] not in (b"\x01", b"\x12"):
                    raise self._bad(at, "a section that starts with no CID") from None
                self.foreign += 1
            self._file.seek(start + length)
        return roots

    def _enter_v2(self, end: int) -> int:
        """Goes to the inner CARv1 and returns where it ends."""
        header = self._file.read(40)
        offset, size = (int.from_bytes(header[at : at + 8], "little") for at in (16, 24))
        if len(header) < 40 or offset < 51 or offset + size > end:
            raise self._bad(11, "a CARv2 header that points outside the file")
        self._file.seek(offset)
        return offset + size

    def _header(self, end: int) -> tuple[Cid, ...]:
        if not end:
            raise self._bad(0, "an empty file")
        at = self._file.tell()
        try:
            binaries = header_roots(self._file.read(self._length(end)))
        except ValueError as error:
            raise self._bad(at, "no CARv1 header") from error
        try:
            return tuple(Cid.from_bytes(binary) for binary in binaries)
        except BadCid as error:
            raise self._bad(at, f"a root that is not of this format ({error.what})") from None

    def _length(self, end: int) -> int:
        """The length that stands here, checked against the file's end."""
        at = self._file.tell()
        number = shift = 0
        while True:
            byte = self._file.read(1)
            if not byte or shift > 56:
                raise self._bad(at, "a length that does not end")
            number |= (byte[0] & 0x7F) << shift
            shift += 7
            if byte[0] < 0x80:
                break
        if not byte[0] and shift > 7:
            raise self._bad(at, "a length that is not in its shortest form")
        if number > LARGEST_SECTION:
            raise self._bad(at, f"a section of {number} bytes, more than {LARGEST_SECTION}")
        if self._file.tell() + number > end:
            missing = self._file.tell() + number - end
            raise self._bad(at, f"a section that lacks its last {missing} bytes")
        return number

    def _bad(self, at: int, found: str) -> BadCar:
        return BadCar(f"{self.path}: {found} at byte {at}", remedy="fetch or write the CAR file again")

    def has(self, cid: Cid) -> bool:
        """Whether the file has the block."""
        return cid in self._sections

    def get(self, cid: Cid) -> bytes:
        """The block's bytes, their hash checked; raises BlockNotFound or BlockCorrupt."""
        section = self._sections.get(cid)
        if section is None:
            raise BlockNotFound(cid, self.name)
        data = os.pread(self._file.fileno(), section.length, section.offset)
        if not cid.matches(data):
            raise BlockCorrupt(cid, f"{self.path} at byte {section.offset}", remedy="fetch or write the CAR file again")
        return data

    def __iter__(self) -> Iterator[Cid]:
        """Every CID of the file, in its order, repetitions left out."""
        return iter(self._sections)

    def __len__(self) -> int:
        return len(self._sections)

    def blocks(self) -> Iterator[Block]:
        """Every block, verified, in the order of the file."""
        for cid in self._sections:
            yield Block(cid, self.get(cid))

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def __enter__(self) -> CarReader:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
