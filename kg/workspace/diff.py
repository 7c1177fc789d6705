"""The difference of two versions for people, programs and stores: signed lines, an RDF Patch, or the counts alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import IO

from anchoring.dataset.difference import LineChange, changes_between
from anchoring.dataset.rdf_patch import PatchHeader, write_patch
from anchoring.encoding.cid import RAW, Cid
from anchoring.encoding.unixfs_reader import Blocks
from kg.workspace.named_version import NamedVersion


@dataclass(frozen=True, slots=True)
class Difference:
    """How many lines are added and removed, and how many data blocks of both versions were read to find them."""

    added: int
    removed: int
    blocks_read: int


class _Counting:
    """Passes blocks on and counts the data blocks among them."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self.read = 0

    def get(self, cid: Cid) -> bytes:
        self.read += cid.codec == RAW
        return self._blocks.get(cid)


def write_difference(before: NamedVersion, after: NamedVersion, form: str, stream: IO[bytes]) -> Difference:
    """Write what turns `before` into `after` as it is found: `signed` lines (`+ ` or `- `), a `patch`, or nothing.

    Raises what `changes_between` raises; what was written until then is no answer.
    """
    counting = _Counting(before.blocks), _Counting(after.blocks)
    sides = [replace(version.side, source=source) for version, source in zip((before, after), counting, strict=True)]
    changes = changes_between(sides[0], sides[1])
    if form == "patch":
        counts = write_patch(stream, patch_header(before, after), changes)  # type: ignore[arg-type]
    else:
        counts = _write_signed(stream if form == "signed" else None, changes)
    return Difference(*counts, sum(each.read for each in counting))


def patch_header(before: NamedVersion, after: NamedVersion) -> PatchHeader:
    """What a patch from one version to the other applies to and leads to."""
    old, new = before.manifest, after.manifest
    return PatchHeader(
        prev_root=old.root,
        root=new.root,
        prev_quads=old.quads,
        quads=new.quads,
        prev=old.block.cid,
        id=new.block.cid,
        prev_head=old.fields.head,
        head=new.fields.head,
    )


def _write_signed(stream: IO[bytes] | None, changes: Iterable[LineChange]) -> tuple[int, int]:
    counts = [0, 0]
    for change in changes:
        if stream:
            stream.write((b"+ " if change.added else b"- ") + change.line + b"\n")
        counts[not change.added] += 1
    return counts[0], counts[1]
