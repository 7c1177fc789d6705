"""Bring one store to the state of another, sending only what differs.

Two ways, with the same end. When the caller brings the mark of an earlier copy, and the target has not moved since,
the source's journal tells what to do. Otherwise both are read in order and compared line by line.
Each step is one change of the target, so a copy that breaks off goes on where it stopped when it is called again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from anchoring.dataset.difference import LineChange, compare
from kg.stores.errors import JournalTruncated
from kg.stores.lines import quads_of
from kg.stores.net_change import net_change
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
        differences = compare(target.sorted_quads(), source.sorted_quads())
    added = removed = 0
    generation = target.generation
    for plus, minus in _steps(differences, step):
        generation = target.apply(quads_of(plus), quads_of(minus), generation)
        added, removed = added + len(plus), removed + len(minus)
    return Synced(added, removed, Mark(reached, generation))


def _from_journal(source: QuadStore, since: int) -> Iterator[LineChange] | None:
    """What the journal did in total; None when it does not reach back."""
    try:
        change = net_change(source.changed_lines(since))
    except JournalTruncated:
        return None
    return (LineChange(adds, line) for adds, lines in ((False, change.removed), (True, change.added)) for line in lines)


def _steps(differences: Iterator[LineChange], size: int) -> Iterator[tuple[list[bytes], list[bytes]]]:
    plus: list[bytes] = []
    minus: list[bytes] = []
    for adds, line in differences:
        (plus if adds else minus).append(line)
        if len(plus) + len(minus) >= size:
            yield plus, minus
            plus, minus = [], []
    if plus or minus:
        yield plus, minus
