"""Blocks in a folder, one file each: the store that needs no other program.

Layout, format version 1::

    PATH/format             "triplock-blocks/1\\n"
    PATH/blocks/XY/CID      the block's bytes; XY are the last but two and last but one characters of the CID
    PATH/pins/CID           an empty file for each pinned root

A block is written under a temporary name, flushed to the disk, renamed, and its folder flushed too:
after `put` returns, a power cut loses nothing; after a crash within it, what stands under a CID is whole.
The shard is taken from the CID's end, where it is uniform, as Kubo's flatfs does (`next-to-last/2`).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from anchoring.blockstores.errors import BlockCorrupt, BlockNotFound
from anchoring.blockstores.protocol import LARGEST_SECTION
from anchoring.encoding.cid import BadCid, Block, Cid
from anchoring.errors import InputRefused, WrongUsage

FORMAT = b"triplock-blocks/1\n"
_TEMPORARY = ".new-"
_BLOCKS_A_TIME = 256
_FLUSHES_AT_ONCE = 16
"""A file system commits flushes that wait together at once: 16 at a time are some 10 times as fast as one by one."""


class NotABlockFolder(WrongUsage):
    """The path is no block folder of a format version that this program knows."""

    code = "not-a-block-folder"


class FolderUnusable(InputRefused):
    """The operating system refused to read or write in the folder."""

    code = "block-folder-unusable"
    retryable = True


class FolderStore:
    """A block store in the folder `path`, which is made if it is not there.

    Several processes may use one folder at once: a block's file is only ever replaced by the same bytes.
    Raises NotABlockFolder when `path` holds something else, FolderUnusable when the disk refuses.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.name = f"folder {self.path}"
        self._blocks = self.path / "blocks"
        self._pins = self.path / "pins"
        with self._disk():
            if (self.path / "format").exists():
                self._check_format()
            elif self.path.is_dir() and any(not self._ours(entry) for entry in self.path.iterdir()):
                raise NotABlockFolder(f"{self.path} holds other files", remedy="name an empty or a new folder")
            else:
                self._blocks.mkdir(parents=True, exist_ok=True)
                self._pins.mkdir(exist_ok=True)
                write_durably(self.path / "format", FORMAT)

    @staticmethod
    def _ours(entry: Path) -> bool:
        """Whether a creation that was interrupted, or runs right now, left the entry."""
        return entry.name in {"blocks", "pins", "format"} or entry.name.startswith(_TEMPORARY)

    def _check_format(self) -> None:
        found = (self.path / "format").read_bytes()
        if found != FORMAT:
            raise NotABlockFolder(
                f"{self.path} has the format {found[:40]!r}", remedy=f"use a triplock that knows it, not {FORMAT!r}"
            )

    def _file(self, cid: Cid) -> Path:
        text = str(cid)
        return self._blocks / text[-3:-1] / text

    def has(self, cid: Cid) -> bool:
        """Whether the block's file is here; its bytes are not read."""
        return self._file(cid).exists()

    def get(self, cid: Cid) -> bytes:
        """The block's bytes, their hash checked; raises BlockNotFound or BlockCorrupt (naming the file)."""
        file = self._file(cid)
        with self._disk():
            try:
                data = _content(file)
            except FileNotFoundError:
                raise BlockNotFound(cid, self.name) from None
        if not cid.matches(data):
            raise BlockCorrupt(cid, str(file), remedy="delete that file and put the block again")
        return data

    def put(self, blocks: Iterable[Block], roots: Sequence[Cid]) -> None:
        """Keep all the blocks durably, then pin the roots.

        A block whose file is here and whole is not written again; a damaged one is mended.
        Raises BlockCorrupt for bytes that do not match their CID, BlockNotFound for a root that is not here.
        """
        waiting = iter(blocks)
        touched: set[Path] = set()
        with self._disk(), ThreadPoolExecutor(_FLUSHES_AT_ONCE) as pool:
            while batch := list(islice(waiting, _BLOCKS_A_TIME)):
                touched.update(*pool.map(self._keep, batch))
            list(pool.map(flush_folder, touched))
            for root in roots:
                if not self.has(root):
                    raise BlockNotFound(root, self.name, remedy="put the root's block together with the pin")
                if not (self._pins / str(root)).exists():
                    _write_and_rename(self._pins / str(root), b"")
            if roots:
                flush_folder(self._pins)

    def _keep(self, block: Block) -> tuple[Path, ...]:
        """Writes the block unless it is here; returns the folders to flush."""
        cid, data = block
        if not cid.matches(data):
            raise BlockCorrupt(cid, "the blocks handed in", remedy="build the block's CID from its bytes")
        file = self._file(cid)
        if not _holds(file, data):
            file.parent.mkdir(exist_ok=True)
            _write_and_rename(file, data)
        # also where the file was here: whoever renamed it may have been killed before flushing the folders
        return file.parent, self._blocks

    def unpin(self, root: Cid) -> bool:
        """Take a pin away; whether there was one. The blocks stay until `remove` is called."""
        with self._disk():
            try:
                (self._pins / str(root)).unlink()
            except FileNotFoundError:
                return False
            flush_folder(self._pins)
        return True

    def remove(self, cid: Cid) -> int:
        """Delete a block, if it is here; how many bytes it had. Whoever calls has seen to it that nothing needs it."""
        file = self._file(cid)
        with self._disk():
            try:
                size = file.stat().st_size
                file.unlink()
            except FileNotFoundError:
                return 0
        return size

    def size(self, cid: Cid) -> int:
        """How many bytes the block's file has; raises BlockNotFound."""
        with self._disk():
            try:
                return self._file(cid).stat().st_size
            except FileNotFoundError:
                raise BlockNotFound(cid, self.name) from None

    def remove_unfinished(self, *, older_than: float) -> int:
        """Delete the temporary files that crashes left behind, if they are so many seconds old; how many."""
        before, count = time.time() - older_than, 0
        with self._disk():
            for folder in (self.path, self._pins, *self._blocks.iterdir()):
                for file in folder.glob(f"{_TEMPORARY}*"):
                    if file.stat().st_mtime < before:
                        file.unlink(missing_ok=True)
                        count += 1
        return count

    def pins(self) -> Iterator[Cid]:
        """The pinned roots, in the order of their text."""
        return self._cids(self._pins)

    def __iter__(self) -> Iterator[Cid]:
        """Every CID kept here, shard by shard; what a crash left unfinished is passed over."""
        for shard in sorted(self._blocks.iterdir()):
            yield from self._cids(shard)

    def _cids(self, folder: Path) -> Iterator[Cid]:
        for file in sorted(folder.iterdir()):
            with contextlib.suppress(BadCid):
                yield Cid.parse(file.name)

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FolderUnusable(
                f"{self.name}: {error}", remedy="look at the folder's permissions and the free space"
            ) from error


def _content(file: Path) -> bytes:
    """The bytes of a regular file, up to one more than a block may have; nothing of a device or a pipe."""
    if not stat.S_ISREG(file.stat().st_mode):
        return b""
    with file.open("rb") as stream:
        return stream.read(LARGEST_SECTION + 1)


def _holds(file: Path, data: bytes) -> bool:
    try:
        return file.stat().st_size == len(data) and file.read_bytes() == data
    except FileNotFoundError:
        return False


def _write_and_rename(file: Path, data: bytes) -> None:
    """The file is either as it was or whole; its folder is still to be flushed."""
    temporary = file.with_name(f"{_TEMPORARY}{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def write_durably(file: Path, data: bytes) -> None:
    """The file is either as it was or whole, and on the disk when this returns."""
    _write_and_rename(file, data)
    flush_folder(file.parent)


def flush_folder(folder: Path) -> None:
    """A rename survives a power cut only once its folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
