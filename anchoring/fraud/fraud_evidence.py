"""What shows that a version cannot be: six kinds of evidence, each checked against nothing but the manifest.

An honest version gives none: its lines increase and are canonical, its entries are those of its blocks and agree with
each other and with the manifest, and its blocks end where the rules cut.
Format: docs/format.md, section "Fraud proof".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from anchoring.dataset.cut import GREATEST, first_end
from anchoring.dataset.merkle import leaf_hash, tree_root
from anchoring.dataset.multipath import root_from_multipath
from anchoring.dataset.top_leaf import TOP_LEAF_BYTES, BadTopLeaf, TopLeaf, entries_of
from anchoring.encoding.cbor_map import CborMap
from anchoring.encoding.deterministic_cbor import Item
from anchoring.encoding.unixfs import content_file
from anchoring.errors import Refuted
from anchoring.proofs.opening import OpenedLines, Opening
from anchoring.rdf.lines import MAX_LINE_BYTES
from anchoring.rdf.nquads import is_canonical
from anchoring.signing.manifest import Manifest


class FraudKind(StrEnum):
    """The six ways in which what was signed can be shown to be no version."""

    F1 = "F1"
    F2 = "F2"
    F3 = "F3"
    F4 = "F4"
    F5 = "F5"
    F6 = "F6"


class NotConvicted(Refuted):
    """The evidence shows nothing that an honest publisher could not have signed."""

    code = "not-convicted"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="do not accuse anybody with it")


class Evidence(Protocol):
    """One kind of evidence."""

    def convicts(self, manifest: Manifest) -> str:
        """What it shows of the version of this manifest; raises NotConvicted or another Refuted where it does not."""
        ...

    def as_item(self) -> Item:
        """Its map in the file."""
        ...


@dataclass(frozen=True, slots=True)
class OutOfOrderLines:
    """F1: two lines, the one at the smaller position not before the other."""

    opening: Opening

    def convicts(self, manifest: Manifest) -> str:
        """As `Evidence`."""
        opened = _places(self.opening, manifest)
        _demand(len(opened.lines) == 2, f"{len(opened.lines)} lines are opened, not two")
        first, second = opened.lines
        _demand(first >= second, "the two lines are in order")
        before, after = (position + 1 for position in opened.positions)
        how = "is repeated as" if first == second else "stands before"
        return f"statement {before} {how} statement {after}: {first[:120]!r}, {second[:120]!r}"

    def as_item(self) -> Item:
        """As `Evidence`."""
        return {"opening": self.opening.as_item()}


@dataclass(frozen=True, slots=True)
class NotALine:
    """F2: one line that is none."""

    opening: Opening

    def convicts(self, manifest: Manifest) -> str:
        """As `Evidence`."""
        opened = _places(self.opening, manifest)
        _demand(len(opened.lines) == 1, f"{len(opened.lines)} lines are opened, not one")
        line = opened.lines[0]
        _demand(len(line) > MAX_LINE_BYTES or not is_canonical(line), "the line is canonical")
        return f"statement {opened.positions[0] + 1} is no canonical line: {line[:120]!r} ({len(line)} bytes)"

    def as_item(self) -> Item:
        """As `Evidence`."""
        return {"opening": self.opening.as_item()}


@dataclass(frozen=True, slots=True)
class BlockContent:
    """An entry (81 bytes) at its place in the upper tree, and the bytes of its block."""

    block: int
    entry: bytes
    path: bytes
    content: bytes

    def stands(self, manifest: Manifest) -> TopLeaf:
        """The entry, shown to stand there for these bytes; raises NotConvicted and BadPath."""
        _stand(manifest, self.block, [self.entry], self.path)
        leaf = _entry(self.entry)
        if leaf is None:
            raise NotConvicted("the entry is none, which is to be shown as F4")
        _demand(leaf.digest == sha256(self.content).digest(), "the content is not that of the entry")
        return leaf

    @property
    def lines(self) -> list[bytes]:
        """The lines of the content, without line feeds; the bytes behind the last line feed are one, too."""
        lines = self.content.split(b"\n")
        return lines if lines[-1] else lines[:-1]

    def as_item(self) -> dict[str, Item]:
        """Its members in the file."""
        return {"block": self.block, "entry": self.entry, "path": self.path, "content": self.content}


@dataclass(frozen=True, slots=True)
class OtherContent:
    """F3: a block that is not what its entry says."""

    shown: BlockContent

    def convicts(self, manifest: Manifest) -> str:
        """As `Evidence`."""
        shown, leaf = self.shown, self.shown.stands(manifest)
        if shown.content[-1:] != b"\n":
            return f"block {shown.block} ends with {shown.content[-20:]!r} and not with a line feed"
        if len(shown.content) > GREATEST and len(shown.lines) > 1:
            raise NotConvicted("a block of several lines is longer than any, which is to be shown as F6")
        found = (len(shown.lines), len(shown.content), tree_root([leaf_hash(line) for line in shown.lines]))
        _demand(found != (leaf.count, leaf.length, leaf.line_root), "the block is what its entry says")
        return (
            f"block {shown.block} has {found[0]} lines in {found[1]} bytes with the root 0x{found[2].hex()}, its entry"
            f" says {leaf.count}, {leaf.length} and 0x{leaf.line_root.hex()}"
        )

    def as_item(self) -> Item:
        """As `Evidence`."""
        return self.shown.as_item()


@dataclass(frozen=True, slots=True)
class DisagreeingEntries:
    """F4: one or two entries, from `block` on, that are none, or do not agree."""

    block: int
    entries: tuple[bytes, ...]
    path: bytes

    def convicts(self, manifest: Manifest) -> str:
        """As `Evidence`."""
        _demand(len(self.entries) in (1, 2), f"{len(self.entries)} entries are given, not one or two")
        _stand(manifest, self.block, self.entries, self.path)
        leaves = [_entry(entry) for entry in self.entries]
        found = []
        for number, leaf in enumerate(leaves, self.block):
            if leaf is None:
                return f"the entry of block {number} is none: {self.entries[number - self.block][:17].hex()}…"
            found.append(leaf)
        first, last = found[0], found[-1]
        end = last.start + last.count
        if self.block == 0 and first.start != 0:
            return f"block 0 starts at line {first.start}"
        if len(found) == 2 and first.start + first.count != last.start:
            return f"block {self.block} ends at line {first.start + first.count}, the next starts at {last.start}"
        is_last = self.block + len(found) == manifest.blocks
        _demand(is_last and end != manifest.quads, "the entries agree with each other and with the manifest")
        return f"the last block ends at line {end}, the manifest has {manifest.quads}"

    def as_item(self) -> Item:
        """As `Evidence`."""
        return {"block": self.block, "entries": list(self.entries), "path": self.path}


@dataclass(frozen=True, slots=True)
class OtherFile:
    """F5: all entries, whose file is not the manifest's."""

    index: bytes

    def convicts(self, manifest: Manifest) -> str:
        """As `Evidence`."""
        count = manifest.blocks
        _demand(len(self.index) == TOP_LEAF_BYTES * count, f"{len(self.index)} bytes are not {count} entries")
        entries = entries_of(self.index)
        root = tree_root([leaf_hash(entry) for entry in entries])
        _demand(root == manifest.root, f"the entries have the root 0x{root.hex()}, not the version's")
        try:
            leaves = [TopLeaf.decode(entry) for entry in entries]
        except BadTopLeaf as error:
            raise NotConvicted(f"{error.what}, which is to be shown as F4") from None
        file, stated = content_file((leaf.digest, leaf.length) for leaf in leaves).root, manifest.data
        _demand((file.cid, file.size) != (stated.cid, stated.size), "the file of the entries is the manifest's")
        return f"the entries give {file.cid} of {file.size} bytes, the manifest {stated.cid} of {stated.size}"

    def as_item(self) -> Item:
        """As `Evidence`."""
        return {"index": self.index}


@dataclass(frozen=True, slots=True)
class OtherCut:
    """F6: a block that ends where the rules do not; `next` opens the next block's first line where that decides."""

    shown: BlockContent
    next: Opening | None = None

    def convicts(self, manifest: Manifest) -> str:
        """As `Evidence`."""
        shown = self.shown
        shown.stands(manifest)
        _demand(shown.content[-1:] == b"\n", "the content ends within a line, which is to be shown as F3")
        lines = shown.lines
        end = first_end(lines)
        if end is None and shown.block + 1 < manifest.blocks:
            end = first_end([*lines, self._first_line(manifest)]) or len(lines) + 1
        else:
            _demand(self.next is None, "the next block does not decide here")
        _demand(end is not None and end != len(lines), f"block {shown.block} ends where the rules cut")
        where = f"after {end} lines" if end is not None and end < len(lines) else "not yet"
        return f"block {shown.block} ends after {len(lines)} lines, the rules cut {where}"

    def _first_line(self, manifest: Manifest) -> bytes:
        if self.next is None:
            raise NotConvicted("whether the block ends here depends on the next block's first line, which is not shown")
        opened = self.next.check(root=manifest.root, quads=manifest.quads, blocks=manifest.blocks)
        only = self.next.blocks[0] if self.next.blocks else None
        _demand(
            only is not None and len(opened.lines) == 1 and (only.block, only.indexes) == (self.shown.block + 1, (0,)),
            "what is shown is not the first line of the next block",
        )
        return opened.lines[0]

    def as_item(self) -> Item:
        """As `Evidence`."""
        return {**self.shown.as_item(), "next": self.next.as_item() if self.next else {}}


def evidence_of(kind: FraudKind, item: Item) -> Evidence:
    """Of its map; raises BadMap. Nothing is checked but the kinds of values."""
    match kind:
        case FraudKind.F1:
            return OutOfOrderLines(Opening.of_item(CborMap(item, "opening", "the evidence")["opening"]))
        case FraudKind.F2:
            return NotALine(Opening.of_item(CborMap(item, "opening", "the evidence")["opening"]))
        case FraudKind.F3:
            return OtherContent(_shown(CborMap(item, "block content entry path", "the evidence")))
        case FraudKind.F4:
            members = CborMap(item, "block entries path", "the evidence")
            return DisagreeingEntries(members.number("block"), members.all_bytes("entries"), members.bytes("path"))
        case FraudKind.F5:
            return OtherFile(CborMap(item, "index", "the evidence").bytes("index"))
        case FraudKind.F6:
            members = CborMap(item, "block content entry next path", "the evidence")
            following = members["next"]
            return OtherCut(_shown(members), Opening.of_item(following) if following != {} else None)


KIND_OF: dict[type, FraudKind] = {
    OutOfOrderLines: FraudKind.F1,
    NotALine: FraudKind.F2,
    OtherContent: FraudKind.F3,
    DisagreeingEntries: FraudKind.F4,
    OtherFile: FraudKind.F5,
    OtherCut: FraudKind.F6,
}


def _shown(members: CborMap) -> BlockContent:
    return BlockContent(
        members.number("block"), members.bytes("entry"), members.bytes("path"), members.bytes("content")
    )


def _places(opening: Opening, manifest: Manifest) -> OpenedLines:
    return opening.check_places(root=manifest.root, quads=manifest.quads, blocks=manifest.blocks)


def _stand(manifest: Manifest, block: int, entries: Sequence[bytes], path: bytes) -> None:
    """Raises NotConvicted or BadPath unless the entries stand from `block` on in the upper tree."""
    known = [(number, leaf_hash(entry)) for number, entry in enumerate(entries, block)]
    _demand(block + len(entries) <= manifest.blocks, f"block {block} is none of {manifest.blocks}")
    root = root_from_multipath(known, manifest.blocks, path)
    _demand(root == manifest.root, f"the path leads to the root 0x{root.hex()}, not to the version's")


def _entry(entry: bytes) -> TopLeaf | None:
    try:
        return TopLeaf.decode(entry)
    except BadTopLeaf:
        return None


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotConvicted(otherwise)
