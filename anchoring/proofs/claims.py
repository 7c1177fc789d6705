"""What a proof claims of a version, given the lines that it opens: five kinds.

Presence holds for its bytes without condition. The others hold if the list of lines is strictly increasing, because
a line that stands out of order is not found where order says it must be; `condition` says so in words.
Making the openings is in `anchoring.proofs.claim_proof`. Format: docs/format.md, section "Claims".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from anchoring.encoding.cbor_map import CborMap
from anchoring.encoding.deterministic_cbor import Item
from anchoring.errors import InputRefused, Refuted
from anchoring.proofs.opening import OpenedLines
from anchoring.rdf.lines import MAX_LINE_BYTES
from anchoring.rdf.nquads import is_canonical, is_ground_canonical


class BadClaim(InputRefused):
    """The claim is none that format 1 knows, or its statements are not what such a claim has."""

    code = "bad-claim"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="claim canonical lines, as `triplock export --format nq` prints them")


class ClaimRefuted(Refuted):
    """The opened lines do not show what is claimed."""

    code = "claim-refuted"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="do not believe the claim; ask for a new proof")


class ClaimKind(StrEnum):
    """What is said of the statements."""

    PRESENCE = "presence"
    ABSENCE = "absence"
    PREFIX = "prefix"
    ADDED = "added"
    REMOVED = "removed"


_CONDITIONS = {
    ClaimKind.PRESENCE: None,
    ClaimKind.ABSENCE: "if the version's list of lines is strictly increasing",
    ClaimKind.PREFIX: "if the version's list of lines is strictly increasing",
    ClaimKind.ADDED: "if the lists of lines of both versions are strictly increasing",
    ClaimKind.REMOVED: "if the lists of lines of both versions are strictly increasing",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A kind and its statements, strictly increasing: canonical lines, or for `prefix` one byte string.

    Raises BadClaim.

    >>> Claim(ClaimKind.ABSENCE, (b'<a:b> <a:p> "1" .',)).condition
    "if the version's list of lines is strictly increasing"
    """

    kind: ClaimKind
    statements: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not self.statements:
            raise BadClaim(f"a claim of {self.kind} without statements")
        if self.kind is ClaimKind.PREFIX:
            _check_prefix(self.statements)
            return
        if any(left >= right for left, right in pairwise(self.statements)):
            raise BadClaim(f"the statements of the {self.kind} do not strictly increase")
        canonical = is_canonical if self.kind is ClaimKind.PRESENCE else is_ground_canonical
        for line in self.statements:
            if len(line) > MAX_LINE_BYTES or not canonical(line):
                raise BadClaim(f"{line[:200]!r} is no canonical line that a claim of {self.kind} can name")

    @property
    def condition(self) -> str | None:
        """On what condition the claim holds, in words; None for presence, which has none."""
        return _CONDITIONS[self.kind]

    def compares(self, version: int) -> bool:
        """Whether the claim is about the parent of this version too."""
        return self.kind in (ClaimKind.ADDED, ClaimKind.REMOVED) and version > 1

    def check(self, opened: OpenedLines, parent: OpenedLines | None, *, version: int) -> str:
        """What is shown, in words; `opened` is of this version, `parent` of the one before where it compares the two.

        Raises ClaimRefuted with the reason.
        """
        if self.kind is ClaimKind.PREFIX:
            return _prefix_holds(self.statements[0], opened)
        if self.kind is ClaimKind.REMOVED and version == 1:
            raise ClaimRefuted("version 1 has no parent, so it removes nothing")
        if self.compares(version) and parent is None:
            raise ClaimRefuted(f"what version {version} changes is not shown: its parent's lines are missing")
        if self.kind in (ClaimKind.PRESENCE, ClaimKind.ADDED):
            _all_present(self.statements, opened, f"version {version}")
        else:
            _all_absent(self.statements, opened, f"version {version}")
        if self.kind is ClaimKind.ADDED and parent is not None:
            _all_absent(self.statements, parent, f"version {version - 1}")
        if self.kind is ClaimKind.REMOVED and parent is not None:
            _all_present(self.statements, parent, f"version {version - 1}")
        return f"{_counted(len(self.statements))} {_SAID[self.kind].format(version=version)}"

    def as_item(self) -> Item:
        """The map of a claim."""
        return {"kind": str(self.kind), "statements": list(self.statements)}

    @classmethod
    def of_item(cls, item: Item) -> Claim:
        """Of its map; raises BadMap or BadClaim."""
        members = CborMap(item, "kind statements", "the claim")
        kind = members.text("kind")
        if kind not in tuple(ClaimKind):
            raise BadClaim(f"{kind[:40]!r} is no kind of claim: {', '.join(ClaimKind)}")
        return cls(ClaimKind(kind), members.all_bytes("statements"))


_SAID = {
    ClaimKind.PRESENCE: "in version {version}",
    ClaimKind.ABSENCE: "not in version {version}",
    ClaimKind.ADDED: "added by version {version}",
    ClaimKind.REMOVED: "removed by version {version}",
}


def _counted(number: int) -> str:
    return "1 statement" if number == 1 else f"{number} statements"


def _check_prefix(statements: Sequence[bytes]) -> None:
    if len(statements) != 1 or not statements[0]:
        raise BadClaim(f"a claim of prefix has one prefix of at least one byte, not {len(statements)}")
    try:
        statements[0].decode()
    except UnicodeDecodeError:
        raise BadClaim(f"the prefix {statements[0][:80]!r} is not UTF-8") from None


def _all_present(lines: Sequence[bytes], opened: OpenedLines, where: str) -> None:
    for line in lines:
        if not opened.holds(line):
            raise ClaimRefuted(f"{line[:200]!r} is not among the lines shown of {where}")


def _all_absent(lines: Sequence[bytes], opened: OpenedLines, where: str) -> None:
    for line in lines:
        if opened.holds(line):
            raise ClaimRefuted(f"{line[:200]!r} is in {where}")
        if not _nothing_at(opened.find(line), opened):
            raise ClaimRefuted(f"{line[:200]!r} is not shown to be absent: its neighbours in {where} are not")


def _nothing_at(at: int, opened: OpenedLines) -> bool:
    """Whether no line of the version can stand between the opened lines `at` - 1 and `at`, by order."""
    if not opened.lines:
        return opened.empty
    if at == 0:
        return opened.begins(0)
    if at == len(opened.lines):
        return opened.ends(at - 1)
    return opened.touches[at - 1]


def _prefix_holds(prefix: bytes, opened: OpenedLines) -> str:
    first = opened.find(prefix)
    end = first
    while end < len(opened.lines) and opened.lines[end].startswith(prefix):
        end += 1
    # Nothing stands before, between and after the lines that begin with the prefix; of none, at its own place.
    gaps = range(first, end + 1)
    if not all(_nothing_at(at, opened) for at in gaps):
        raise ClaimRefuted(f"not all that begins with {prefix[:200]!r} is shown: a neighbour is missing")
    return f"{_counted(end - first)}, and no other, that begin with {prefix[:200].decode(errors='replace')!r}"
