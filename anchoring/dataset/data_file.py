"""A `data.nq` that lies on the disk as one file, given as the blocks of the version it is the data of.

The file is read and checked once, which tells where each block lies; afterwards blocks are read from it as they are
asked for. Memory holds the place of each block and the nodes that join them.
Format: docs/format.md, sections "Cut" and "UnixFS".
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from anchoring.blockstores.errors import BlockCorrupt, BlockNotFound
from anchoring.dataset.version import Dataset, build_version
from anchoring.encoding.cid import Cid
from anchoring.errors import InputRefused
from anchoring.rdf.lines import MAX_LINE_BYTES


class NotLines(InputRefused):
    """The file holds no canonical lines with a line feed behind each."""

    code = "not-lines"


class DataFile:
    """Blocks of a file of canonical lines; `dataset` is what it commits to. Close it, or use it as a context manager.

    Raises NotLines, NotCanonical, OutOfOrder, LineTooLong, and OSError where the file cannot be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "data.nq")
    ...     _ = path.write_bytes(b'<a:b> <a:p> "1" .\\n')
    ...     with DataFile(path) as file:
    ...         file.get(file.dataset.leaves[0].cid)
    b'<a:b> <a:p> "1" .\\n'
    """

    def __init__(self, path: Path | str) -> None:
        self.name = str(path)
        self._file = Path(path).open("rb")  # noqa: SIM115 - open until `close`
        try:
            self.dataset: Dataset = build_version(self._lines())
        except BaseException:
            self._file.close()
            raise
        self._places: dict[bytes, tuple[int, int]] = {}
        at = 0
        for leaf in self.dataset.leaves:
            self._places[leaf.digest] = (at, leaf.length)
            at += leaf.length
        self._nodes = {node.cid: node.data for node in self.dataset.nodes}

    def _lines(self) -> Iterator[bytes]:
        while line := self._file.readline(MAX_LINE_BYTES + 2):
            if line[-1:] != b"\n":
                raise NotLines(
                    f"{self.name} has a line without an end, or one longer than {MAX_LINE_BYTES} bytes: {line[:80]!r}",
                    remedy="give the data.nq of a version, as `triplock checkout` writes it",
                )
            yield line[:-1]

    def get(self, cid: Cid) -> bytes:
        """The block's bytes; raises BlockNotFound, and BlockCorrupt where the file has changed since it was opened."""
        if cid in self._nodes:
            return self._nodes[cid]
        place = self._places.get(cid.digest)
        if place is None:
            raise BlockNotFound(cid, self.name)
        self._file.seek(place[0])
        content = self._file.read(place[1])
        if not cid.matches(content):
            raise BlockCorrupt(cid, self.name)
        return content

    def has(self, cid: Cid) -> bool:
        """Whether the block is one of the file's."""
        return cid in self._nodes or cid.digest in self._places

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> DataFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
