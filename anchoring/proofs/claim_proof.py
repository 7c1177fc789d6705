"""Makes the openings that show a claim: which lines must be opened, in the version and where needed in its parent.

Reads some log₂(blocks) blocks a statement, and for a prefix the blocks that hold its lines.
Format: docs/format.md, section "Claims".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from anchoring.errors import InputRefused, WrongUsage
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.line_index import MAX_OPENED_LINES, LineIndex, Place, TooManyLines
from anchoring.proofs.opening import Opening
from anchoring.proofs.proof import StatementAbsent


class StatementPresent(InputRefused):
    """The statement stands in the version whose lack of it should be shown."""

    code = "statement-present"


class ParentNeeded(WrongUsage):
    """What a version changes shows only beside its parent, or there is no parent."""

    code = "parent-needed"


class Openings(NamedTuple):
    """The opening of the version, and of its parent where the claim compares the two."""

    version: Opening
    parent: Opening | None


def open_claim(
    claim: Claim, index: LineIndex, *, version: int, parent: LineIndex | None = None, beside: Iterable[bytes] = ()
) -> Openings:
    """The openings that show the claim of `version`, whose lines `index` has; `parent` has those of the one before.

    The lines `beside` are opened too: the provenance of what is claimed, for instance.
    Raises StatementAbsent or StatementPresent where the claim does not hold, ParentNeeded, TooManyLines, and what
    reading blocks raises.
    """
    if claim.kind is ClaimKind.REMOVED and version == 1:
        raise ParentNeeded("version 1 has no parent, so it removes nothing", remedy="name a later version")
    if claim.compares(version) and parent is None:
        raise ParentNeeded(
            f"what version {version} changes shows only beside version {version - 1}",
            remedy="give the parent's lines too",
        )
    places = set(_places(claim, index, version, present=claim.kind in (ClaimKind.PRESENCE, ClaimKind.ADDED)))
    places.update(_present(index, beside, version))
    before = None
    if claim.compares(version) and parent is not None:
        before = parent.open(set(_places(claim, parent, version - 1, present=claim.kind is ClaimKind.REMOVED)))
    return Openings(index.open(places), before)


def _places(claim: Claim, index: LineIndex, version: int, *, present: bool) -> Iterator[Place]:
    if claim.kind is ClaimKind.PREFIX:
        yield from _of_prefix(claim.statements[0], index)
    elif present:
        yield from _present(index, claim.statements, version)
    else:
        yield from _absent(index, claim.statements, version)


def _present(index: LineIndex, lines: Iterable[bytes], version: int) -> Iterator[Place]:
    for line in lines:
        at = index.position(line)
        if at == index.quads or index.line(index.at(at)) != line:
            raise StatementAbsent(
                f"{line[:300].decode(errors='replace')} is not among the {index.quads} statements of version {version}",
                remedy="give the whole statement as `triplock export --format nq` prints it, its graph included",
            )
        yield index.at(at)


def _absent(index: LineIndex, lines: Iterable[bytes], version: int) -> Iterator[Place]:
    for line in lines:
        at = index.position(line)
        if at < index.quads and index.line(index.at(at)) == line:
            raise StatementPresent(
                f"{line[:300].decode(errors='replace')} is among the {index.quads} statements of version {version}",
                remedy="it cannot be shown to be absent; ask for the proof that it is present",
            )
        yield from _around(index, at, at)


def _of_prefix(prefix: bytes, index: LineIndex) -> Iterator[Place]:
    first = index.position(prefix)
    # UTF-8 has no byte ff, so the last byte can be one more: the least bytes that are greater than all lines with it.
    end = index.position(prefix[:-1] + bytes([prefix[-1] + 1]))
    if end - first > MAX_OPENED_LINES:
        raise TooManyLines(
            f"{end - first} lines begin with {prefix[:200].decode(errors='replace')!r}, more than {MAX_OPENED_LINES}",
            remedy="ask for a longer prefix, or give the whole version",
        )
    yield from _around(index, first, end)


def _around(index: LineIndex, first: int, end: int) -> Iterator[Place]:
    """The lines from `first` to before `end`, and the one on either side where there is one."""
    for position in range(max(first - 1, 0), min(end + 1, index.quads)):
        yield index.at(position)
