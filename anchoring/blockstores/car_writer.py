"""A CARv1 that is written block by block, before its roots are known: a version of any size in one file.

A CAR begins with its roots, and a version's root is known last. Every CID is as long as every other, so the header
is left open and filled in at the end. Blocks stand in the order in which they came, which is children first;
a CAR may do so (https://ipld.io/specs/transport/car/carv1/#determinism), `triplock export` writes parents first.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from anchoring.blockstores.car import car_bytes
from anchoring.blockstores.errors import BlockCorrupt, BlockNotFound
from anchoring.blockstores.folder import flush_folder
from anchoring.encoding.cid import Block, Cid
from anchoring.encoding.dag_pb import varint
from anchoring.errors import WrongUsage


class CarUnfinished(WrongUsage):
    """A CAR has the number of roots that was said when it was begun."""

    code = "car-unfinished"


class CarWriter:
    """A block store that is a CAR file with `roots` roots; a context manager.

    The file is there, flushed to the disk, once the context ends after the roots were put; it is not there at all
    where the context ends with an exception. Raises OSError, and at the end CarUnfinished without the roots.

    >>> import tempfile
    >>> from anchoring.blockstores.car import CarReader
    >>> block = Block(Cid.of(b"hello world"), b"hello world")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with CarWriter(f"{folder}/a.car") as car:
    ...         car.put([block], roots=[block.cid])
    ...     with CarReader(f"{folder}/a.car") as written:
    ...         written.roots == (block.cid,), written.get(block.cid)
    (True, b'hello world')
    """

    def __init__(self, path: str | os.PathLike[str], *, roots: int = 1) -> None:
        self.path = Path(path)
        self.name = f"CAR {self.path}"
        self._temporary = self.path.with_name(f".{self.path.name}.{secrets.token_hex(6)}")
        self._stream = self._temporary.open("x+b")
        self._expected = roots
        self._roots: dict[Cid, None] = {}
        self._places: dict[bytes, tuple[int, int]] = {}
        self._end = self._stream.write(_header([Cid.of(b"")] * roots))

    def has(self, cid: Cid) -> bool:
        """Whether the block is here."""
        return bytes(cid) in self._places

    def get(self, cid: Cid) -> bytes:
        """The block's bytes; raises BlockNotFound."""
        if not self.has(cid):
            raise BlockNotFound(cid, self.name)
        start, length = self._places[bytes(cid)]
        self._stream.flush()
        return os.pread(self._stream.fileno(), length, start)

    def put(self, blocks: Iterable[Block], roots: Sequence[Cid]) -> None:
        """Appends the blocks that are not here yet, and notes the roots.

        Raises BlockCorrupt for bytes that do not match their CID, BlockNotFound for a root that is not here.
        """
        for cid, data in blocks:
            if not cid.matches(data):
                raise BlockCorrupt(cid, "the blocks handed in", remedy="build the block's CID from its bytes")
            binary = bytes(cid)
            if binary in self._places:
                continue
            head = varint(len(binary) + len(data)) + binary
            with self._named():
                self._stream.write(head + data)
            self._places[binary] = (self._end + len(head), len(data))
            self._end += len(head) + len(data)
        for root in roots:
            if not self.has(root):
                raise BlockNotFound(root, self.name, remedy="put the root's block together with the pin")
            self._roots[root] = None

    def __iter__(self) -> Iterator[Cid]:
        """Every CID kept here, in the order in which they came."""
        return map(Cid.from_bytes, tuple(self._places))

    def __len__(self) -> int:
        return len(self._places)

    def _finish(self) -> None:
        if len(self._roots) != self._expected:
            raise CarUnfinished(
                f"{len(self._roots)} roots were put into a CAR that was begun for {self._expected}",
                remedy="say the number of roots when it is begun, and put them before it ends",
            )
        with self._named():
            self._stream.seek(0)
            self._stream.write(_header(list(self._roots)))
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
        self._temporary.replace(self.path)
        flush_folder(self.path.parent)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Says which file it was that could not be written: the system does not, of a stream."""
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from error

    def __enter__(self) -> CarWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            with contextlib.suppress(OSError):  # a full disk, which was reported when it was met
                self._stream.close()
            self._temporary.unlink(missing_ok=True)


def _header(roots: list[Cid]) -> bytes:
    return next(car_bytes(roots, ()))
