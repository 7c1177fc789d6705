"""The change from one version to the next as an RDF Patch, from which a receiver of the first makes the second.

A patch is a header, `TX .`, rows of added (`A`) and deleted (`D`) quads, and `TC .`. Each row is a canonical line of
the version behind its letter, and the rows strictly increase by their lines, so that a change has one patch.
The header names what the patch applies to and what it leads to; the roots in it are checked, so a patch needs no trust.
Written is what any RDF Patch reader takes; read is only what is written here: no prefixes, no aborted transactions.
Source: https://afs.github.io/rdf-delta/rdf-patch.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from anchoring.dataset.difference import LineChange
from anchoring.dataset.first_lines import FirstLines
from anchoring.dataset.incremental import Update, update_version
from anchoring.dataset.version import Dataset, Keep
from anchoring.encoding.cid import BadCid, Cid
from anchoring.encoding.unixfs_reader import Blocks
from anchoring.errors import InputRefused, Refuted
from anchoring.rdf.lines import MAX_LINE_BYTES, checked

MAX_PATCH_BYTES = 1 << 30
_MAX_HEADER_ROWS = 32
_MAX_HEADER_ROW = 1_024
_HEADER = re.compile(rb'H ([A-Za-z][A-Za-z0-9-]{0,31}) (?:<([^<>"\x00-\x20]*)>|"([^"\\\x00-\x1f]*)") \.')
_WORD = re.compile(r"0x[0-9a-f]{64}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")


class BadPatch(InputRefused):
    """The file is no RDF Patch of the kind that is written here, or lacks its end."""

    code = "bad-patch"

    def __init__(self, what: str, *, remedy: str = "ask for the patch again, or for the version itself") -> None:
        super().__init__(what, remedy=remedy)


class PatchRefuted(Refuted):
    """The patch does not lead where its header says."""

    code = "patch-refuted"


@dataclass(frozen=True, slots=True)
class PatchHeader:
    """What a patch applies to and what it leads to.

    `root` and `prev_root` are 32 bytes, `quads` and `prev_quads` the numbers of lines. `id` and `prev` are the CIDs of
    the two manifests, `head` and `prev_head` the head words (32 bytes), None where there is none or it is not known.
    """

    prev_root: bytes
    root: bytes
    prev_quads: int
    quads: int
    prev: Cid | None = None
    id: Cid | None = None
    prev_head: bytes | None = None
    head: bytes | None = None

    def rows(self) -> Iterator[bytes]:
        """The header's rows, without line feeds."""
        if self.id:
            yield f"H id <{self.id.iri}> .".encode()
        if self.prev:
            yield f"H prev <{self.prev.iri}> .".encode()
        for name, word in (("head", self.head), ("prev-head", self.prev_head)):
            if word:
                yield f'H {name} "0x{word.hex()}" .'.encode()
        for name, word in (("root", self.root), ("prev-root", self.prev_root)):
            yield f'H {name} "0x{word.hex()}" .'.encode()
        yield f'H quads "{self.quads}" .'.encode()
        yield f'H prev-quads "{self.prev_quads}" .'.encode()


def write_patch(stream: BinaryIO, header: PatchHeader, changes: Iterable[LineChange]) -> tuple[int, int]:
    """Writes a patch, the changes in the order of their lines; how many lines are added, and how many removed.

    >>> import io
    >>> stream = io.BytesIO()
    >>> header = PatchHeader(bytes(32), bytes(32), 0, 1)
    >>> write_patch(stream, header, [LineChange(True, b'<a:b> <a:p> "1" .')])
    (1, 0)
    >>> stream.getvalue().splitlines()[-3:]
    [b'TX .', b'A <a:b> <a:p> "1" .', b'TC .']
    """
    for row in header.rows():
        stream.write(row + b"\n")
    stream.write(b"TX .\n")
    counts = [0, 0]
    for change in changes:
        stream.write((b"A " if change.added else b"D ") + change.line + b"\n")
        counts[not change.added] += 1
    stream.write(b"TC .\n")
    return counts[0], counts[1]


class PatchReader:
    """A patch as it is read: `header` at once, `changes` once and to the end.

    Raises BadPatch, NotCanonical, OutOfOrder and LineTooLong; at most `at_most` bytes are read.
    """

    def __init__(self, stream: BinaryIO, *, at_most: int = MAX_PATCH_BYTES) -> None:
        self._stream = stream
        self._left = at_most
        self.header = self._read_header()

    def _row(self, longest: int) -> bytes:
        """The next row without its line feed."""
        row = self._stream.readline(longest + 2)
        self._left -= len(row)
        if self._left < 0:
            raise BadPatch("the patch is longer than what is read", remedy="fetch the version itself")
        if not row:
            raise BadPatch("the patch ends without `TC .`")
        if row[-1:] != b"\n":
            raise BadPatch(f"the row {row[:80]!r} is too long, or the patch ends within it")
        return row[:-1]

    def _read_header(self) -> PatchHeader:
        found: dict[str, str] = {}
        while (row := self._row(_MAX_HEADER_ROW)) != b"TX .":
            match = _HEADER.fullmatch(row)
            if match is None or len(found) == _MAX_HEADER_ROWS:
                raise BadPatch(f"{row[:80]!r} stands where a header row or `TX .` must")
            name = match[1].decode()
            if name in found:
                raise BadPatch(f"the header says {name} twice")
            found[name] = (match[2] if match[2] is not None else match[3]).decode(errors="replace")
        return PatchHeader(
            prev_root=_word(found, "prev-root"),
            root=_word(found, "root"),
            prev_quads=_number(found, "prev-quads"),
            quads=_number(found, "quads"),
            prev=_cid(found, "prev"),
            id=_cid(found, "id"),
            prev_head=_word(found, "prev-head") if "prev-head" in found else None,
            head=_word(found, "head") if "head" in found else None,
        )

    def changes(self) -> Iterator[LineChange]:
        """The rows in order, each line canonical and after the one before it; the end is checked when it is reached."""
        letters: list[bool] = []
        for line in checked(self._lines(letters)):
            yield LineChange(letters.pop(), line)

    def _lines(self, letters: list[bool]) -> Iterator[bytes]:
        while (row := self._row(MAX_LINE_BYTES + 2)) != b"TC .":
            if row[:2] not in (b"A ", b"D "):
                raise BadPatch(f"{row[:80]!r} stands where an A or D row or `TC .` must")
            letters.append(row[:1] == b"A")
            yield row[2:]
        if self._stream.read(1):
            raise BadPatch("something follows `TC .`")


def apply_patch(
    parent: Dataset,
    blocks: Blocks,
    patch: PatchReader,
    *,
    first_lines: FirstLines | None = None,
    keep: Keep | None = None,
) -> Update:
    """The version that the patch leads to, its root and number of lines checked; `keep` as for `update_version`.

    Memory holds the change. Raises BadPatch where it is for another version, PatchRefuted where it leads elsewhere
    than its header says, BadChange, and what reading and building raise; blocks handed out by then mean nothing.
    """
    header = patch.header
    have = parent.commitment
    if (have.root, have.quads) != (header.prev_root, header.prev_quads):
        raise BadPatch(
            f"the patch applies to {header.prev_quads} lines with the root 0x{header.prev_root.hex()}, these are"
            f" {have.quads} with 0x{have.root.hex()}",
            remedy="give the patch of this version, or the version of this patch",
        )
    added: list[bytes] = []
    removed: list[bytes] = []
    for change in patch.changes():
        (added if change.added else removed).append(change.line)
    update = update_version(parent, blocks, added, removed, first_lines=first_lines, keep=keep)
    made = update.dataset.commitment
    if (made.root, made.quads) != (header.root, header.quads):
        raise PatchRefuted(
            f"the patch leads to {made.quads} lines with the root 0x{made.root.hex()}, its header says {header.quads}"
            f" with 0x{header.root.hex()}",
            remedy="do not rely on the patch; fetch the version itself",
        )
    return update


def _word(found: dict[str, str], name: str) -> bytes:
    text = found.get(name, "")
    if not _WORD.fullmatch(text):
        raise BadPatch(f"the header's {name} is {text[:80]!r} and not 0x and 64 hexadecimal digits in lower case")
    return bytes.fromhex(text[2:])


def _number(found: dict[str, str], name: str) -> int:
    text = found.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise BadPatch(f"the header's {name} is {text[:80]!r} and no number")
    return int(text)


def _cid(found: dict[str, str], name: str) -> Cid | None:
    if name not in found:
        return None
    try:
        return Cid.parse(found[name])
    except BadCid as error:
        raise BadPatch(f"the header's {name} is refused: {error.what}") from None
