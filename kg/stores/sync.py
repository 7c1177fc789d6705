"""Bring one store to the state of another, sending only what differs.

Two ways, with the same end. When the caller brings the mark of an earlier copy, and the target has not moved since,
the source's journal tells what to do. Otherwise both are read in order and compared line by line.
Each step is one change of the target, so a copy that breaks off goes on where it stopped when it is called again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kg.stores.errors import JournalTruncated
from kg.stores.lines import line_of, quads_of
from kg.stores.protocol import QuadStore

STEP = 20_000
"""Lines in one change of the target."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Generations at which source and target held the same."""

    source: int
    target: int


@dataclass(frozen=True, slots=True)
class Synced:
    """What a copy did: quads added to and removed from the target, and the mark for the next one."""

    added: int
    removed: int
    mark: Mark


def sync(source: QuadStore, target: QuadStore, *, since: Mark | None = None, step: int = STEP) -> Synced:
    """Make `target` hold exactly the quads of `source`.

    `since` is the mark that an earlier call returned; it only saves work.
    Raises StaleGeneration if the target changes meanwhile; what was copied by then stays.
    """
    reached = source.generation
    differences = None
    if since is not None and since.target == target.generation and since.source <= reached:
        differences = _from_journal(source, since.source)
    if differences is None:
        differences = _from_comparison(source.sorted_quads(), target.sorted_quads())
    added = removed = 0
    generation = target.generation
    for plus, minus in _steps(differences, step):
        generation = target.apply(quads_of(plus), quads_of(minus), generation)
        added, removed = added + len(plus), removed + len(minus)
    return Synced(added, removed, Mark(reached, generation))


def _from_journal(source: QuadStore, since: int) -> Iterator[tuple[bool, bytes]] | None:
    """(is it to be added, line) for what the journal did in total; None when it does not reach back."""
    last: dict[bytes, bool] = {}
    first: dict[bytes, bool] = {}
    try:
        for change in source.changes(since):
            for adds, quads in ((False, change.removed), (True, change.added)):
                for quad in quads:
                    line = line_of(quad)
                    first.setdefault(line, adds)
                    last[line] = adds
    except JournalTruncated:
        return None
    # A line first removed and last added was there before and is there now.
    return ((adds, line) for line, adds in last.items() if first[line] == adds)


def _from_comparison(wanted: Iterable[bytes], there: Iterable[bytes]) -> Iterator[tuple[bool, bytes]]:
    """(is it to be added, line) for two sorted sequences."""
    left, right = iter(wanted), iter(there)
    mine, theirs = next(left, None), next(right, None)
    while mine is not None or theirs is not None:
        if theirs is None or (mine is not None and mine < theirs):
            assert mine is not None  # noqa: S101 - one of the two is there
            yield True, mine
            mine = next(left, None)
        elif mine is None or theirs < mine:
            yield False, theirs
            theirs = next(right, None)
        else:
            mine, theirs = next(left, None), next(right, None)


def _steps(differences: Iterator[tuple[bool, bytes]], size: int) -> Iterator[tuple[list[bytes], list[bytes]]]:
    plus: list[bytes] = []
    minus: list[bytes] = []
    for adds, line in differences:
        (plus if adds else minus).append(line)
        if len(plus) + len(minus) >= size:
            yield plus, minus
            plus, minus = [], []
    if plus or minus:
        yield plus, minus
