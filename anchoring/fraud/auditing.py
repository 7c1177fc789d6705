"""Reads a version in full and finds what convicts whoever signed it, one piece of evidence of each kind.

The entries of the upper tree are not published: they are taken from the blocks as they are served, from the lines cut
anew, from a list of entries that somebody kept, or from proofs that somebody was given, whichever lead to the root.
Where none does, nothing can be shown, and the version is merely refuted.
Format: docs/format.md, section "Fraud proof".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from anchoring.dataset.cut import cut, first_end
from anchoring.dataset.merkle import leaf_hash, tree_root
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.encoding.cid import RAW, Cid
from anchoring.encoding.unixfs_reader import Blocks, read_leaves
from anchoring.errors import InputRefused, Refuted, TriplockError
from anchoring.fraud.contradiction import out_of_order
from anchoring.fraud.fraud_evidence import (
    KIND_OF,
    BlockContent,
    DisagreeingEntries,
    Evidence,
    FraudKind,
    NotALine,
    OtherContent,
    OtherCut,
    OtherFile,
    OutOfOrderLines,
)
from anchoring.fraud.known_tree import KnownTree
from anchoring.proofs.line_index import Place
from anchoring.proofs.opening import Opening
from anchoring.rdf.lines import MAX_LINE_BYTES
from anchoring.rdf.nquads import is_canonical
from anchoring.signing.manifest import Manifest

_READ_BEYOND = 1 << 24
"""A file may be so much longer than the manifest says before reading it stops."""

_LONGEST_READ = 4 * MAX_LINE_BYTES

Contents = Iterator[tuple[int, bytes]]
"""Blocks by number, and their bytes."""


@dataclass(slots=True)
class Audit:
    """What was found: evidence by kind, where the entries came from, and what could not be read.

    `entries` is "served", "cut anew", "list", "proofs", or empty where nothing leads to the root.
    """

    found: dict[FraudKind, Evidence] = field(default_factory=dict)
    entries: str = ""
    unread: str = ""

    @property
    def explained(self) -> bool:
        """Whether all entries behind the root are known; if not, and all was read, the version is none."""
        return self.entries not in ("", "proofs")

    def note(self, evidence: Evidence, manifest: Manifest) -> None:
        """Keep the first evidence of a kind that convicts."""
        kind = KIND_OF[type(evidence)]
        if kind not in self.found:
            with suppress(TriplockError):
                evidence.convicts(manifest)
                self.found[kind] = evidence


Pieces = Callable[[], Iterator[bytes]]
"""Gives the bytes of a `data.nq` from its start, in pieces of any length."""


def audit_version(
    manifest: Manifest,
    blocks: Blocks,
    *,
    index: bytes = b"",
    openings: Sequence[Opening] = (),
    data: Pieces | None = None,
) -> Audit:
    """The audit of a signed version whose blocks `blocks` gives; `index` and `openings` are whatever else is at hand.

    With `data` the version's `data.nq` is read from there and not from blocks.
    Memory holds 81 bytes a block and what is opened. Raises ServiceFailed where blocks cannot be asked for.
    """
    result = Audit()
    tree = KnownTree(manifest)
    served = _served(manifest, blocks, result) if data is None else None
    pieces: Pieces = data or (lambda: _leaves(manifest, blocks))
    contents: Callable[[], Contents] = lambda: _by_digest(tree, blocks)  # noqa: E731 - chosen below
    if served is not None and tree.take_entries([entry.encode() for entry in served]):
        result.entries = "served"
    elif index and tree.take_index(index):
        result.entries = "list"
    elif not result.unread and tree.take_entries([entry.encode() for entry, _ in _cut_anew(pieces)]):
        result.entries = "cut anew"
        contents = lambda: ((at, text) for at, (_, text) in enumerate(_cut_anew(pieces)))  # noqa: E731
    for opening in openings:
        if tree.take_opening(opening):
            result.entries = result.entries or "proofs"
    _examine(tree, contents(), result)
    if tree.complete:
        result.note(OtherFile(b"".join(tree.entries[number] for number in range(manifest.blocks))), manifest)
    if FraudKind.F1 not in result.found and (shown := out_of_order(tree)):
        result.note(shown, manifest)
    return result


def _leaves(manifest: Manifest, blocks: Blocks) -> Iterator[bytes]:
    return read_leaves(manifest.data.cid, blocks, at_most=manifest.data.size + _READ_BEYOND)


def _served(manifest: Manifest, blocks: Blocks, result: Audit) -> list[TopLeaf]:
    """The entries of the blocks as they are served, as far as they can be read."""
    found: list[TopLeaf] = []
    start = 0
    try:
        for content in _leaves(manifest, blocks):
            lines = content.split(b"\n")
            lines = lines if lines[-1] else lines[:-1]
            root = tree_root([leaf_hash(line) for line in lines])
            found.append(TopLeaf(start, len(lines), len(content), root, sha256(content).digest()))
            start += len(lines)
            if len(found) > manifest.blocks:
                break  # none of these can be the entries, and there may be no end to them
    except (Refuted, InputRefused) as error:
        result.unread = error.what
    return found


def _cut_anew(pieces: Pieces) -> Iterator[tuple[TopLeaf, bytes]]:
    """The entries and blocks of the lines as the rules cut them, whatever their order and grammar."""

    def lines() -> Iterator[bytes]:
        rest = b""
        for content in pieces():
            *whole, rest = (rest + content).split(b"\n")
            yield from whole
            if len(rest) > _LONGEST_READ:
                return  # it is no list of lines, however it was cut
        if rest:
            yield rest

    start = 0
    for block in cut(lines()):
        content = b"\n".join([*block.lines, b""])
        yield (
            TopLeaf(start, len(block.lines), len(content), tree_root(block.hashes), sha256(content).digest()),
            content,
        )
        start += len(block.lines)


def _by_digest(tree: KnownTree, blocks: Blocks) -> Contents:
    """The blocks that the known entries name, as far as they are to be had."""
    for number in sorted(tree.entries):
        leaf = tree.leaf(number)
        if leaf is not None:
            with suppress(Refuted, InputRefused):
                yield number, blocks.get(Cid(RAW, leaf.digest))


def _examine(tree: KnownTree, contents: Contents, result: Audit) -> None:
    """Notes what single entries, neighbouring ones, and blocks show."""
    for number in sorted(tree.entries):
        entries = tuple(tree.entries[at] for at in (number, number + 1) if at in tree.entries)
        if _disagree(tree, number, entries):
            with suppress(TriplockError):
                path = tree.path(range(number, number + len(entries)))
                result.note(DisagreeingEntries(number, entries, path), tree.manifest)
                break
    walk = _Walk(tree, result)
    for number, content in contents:
        walk.take(number, content)


def _disagree(tree: KnownTree, number: int, entries: Sequence[bytes]) -> bool:
    """Whether one or two neighbouring entries show something by themselves."""
    first, last = tree.leaf(number), tree.leaf(number + len(entries) - 1)
    if first is None or last is None:
        return True
    apart = len(entries) == 2 and first.start + first.count != last.start
    ends_wrong = number + len(entries) == tree.manifest.blocks and last.start + last.count != tree.manifest.quads
    return apart or ends_wrong or (number == 0 and first.start != 0)


class _Block(NamedTuple):
    """A block that is what its entry says."""

    number: int
    content: bytes
    lines: list[bytes]


class _Walk:
    """Goes through blocks in their order, the one before at hand."""

    def __init__(self, tree: KnownTree, result: Audit) -> None:
        self._tree = tree
        self._result = result
        self._before: _Block | None = None
        self._left_open = False
        """Whether the lines of the block that was looked at last do not say where it ends."""

    def take(self, number: int, content: bytes) -> None:
        """Looks at a block and at how it follows the one before."""
        block = _Block(number, content, content.split(b"\n")[:-1])
        if not self._is_as_said(block):
            self._before = None
            self._note(lambda: OtherContent(self._shown(block)))
            return
        before = self._before if self._before and self._before.number == number - 1 else None
        if FraudKind.F2 not in self._result.found:
            self._look_for_what_is_no_line(block)
        if FraudKind.F1 not in self._result.found:
            self._look_for_disorder(before, block)
        if FraudKind.F6 not in self._result.found:
            self._look_at_the_cut(before, block)
        self._before = block

    def _is_as_said(self, block: _Block) -> bool:
        leaf = self._tree.leaf(block.number)
        return (
            leaf is not None
            and block.content[-1:] == b"\n"
            and (leaf.count, leaf.length) == (len(block.lines), len(block.content))
            and leaf.line_root == tree_root([leaf_hash(line) for line in block.lines])
        )

    def _look_for_what_is_no_line(self, block: _Block) -> None:
        bad = next((at for at, line in enumerate(block.lines) if not _is_line(line)), None)
        if bad is not None:
            self._note(lambda: NotALine(self._tree.open_in({block.number: block.lines}, [Place(block.number, bad)])))

    def _look_for_disorder(self, before: _Block | None, block: _Block) -> None:
        places = [Place(block.number, at) for at in range(len(block.lines))]
        lines, blocks = block.lines, {block.number: block.lines}
        if before:
            places = [Place(before.number, len(before.lines) - 1), *places]
            lines, blocks = [before.lines[-1], *lines], blocks | {before.number: before.lines}
        bad = next((at for at, (left, right) in enumerate(pairwise(lines)) if left >= right), None)
        if bad is not None:
            self._note(lambda: OutOfOrderLines(self._tree.open_in(blocks, places[bad : bad + 2])))

    def _look_at_the_cut(self, before: _Block | None, block: _Block) -> None:
        end = first_end(block.lines)
        if end is not None and end != len(block.lines):
            self._note(lambda: OtherCut(self._shown(block)))
        elif before and self._left_open and first_end([*before.lines, block.lines[0]]) is None:
            # Only the line behind the block before can say that it had to end there, and it does not.
            places = [Place(block.number, 0)]
            self._note(lambda: OtherCut(self._shown(before), self._tree.open_in({block.number: block.lines}, places)))
        self._left_open = end is None

    def _shown(self, block: _Block) -> BlockContent:
        number = block.number
        return BlockContent(number, self._tree.entries[number], self._tree.path([number]), block.content)

    def _note(self, make: Callable[[], Evidence]) -> None:
        with suppress(TriplockError):
            self._result.note(make(), self._tree.manifest)


def _is_line(line: bytes) -> bool:
    return len(line) <= MAX_LINE_BYTES and is_canonical(line)
