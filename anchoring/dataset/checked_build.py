"""Builds the top leaves of lines that are only claimed to be canonical and in order: every line is checked.

Batches are checked, cut and hashed, the first few megabytes by this process and the rest by workers.
A worker only ever says yes. Where it does not, `anchoring.rdf.lines.checked` looks at that batch's lines one by one
and says what is wrong, so a fault is the same error with the same line number however the work is shared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from anchoring.dataset.stretch import Joiner, Stretch, cut_stretch
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.encoding.cid import Block
from anchoring.rdf.ground_lines import all_canonical
from anchoring.rdf.line_batches import LARGE, SMALL, SMALL_BEFORE, LineBatch
from anchoring.rdf.lines import MAX_LINE_BYTES, checked
from anchoring.rdf.nquads import is_canonical
from anchoring.rdf.sorted_runs import strictly_increasing
from anchoring.rdf.worker_pool import WorkerPool, processes_to_use


def cut_checked(text: bytes, count: int, previous: bytes) -> Stretch | None:
    """The stretch of the `count` lines of a text after the line `previous`; None unless each is as it must be."""
    lines = text[:-1].split(b"\n")
    if len(lines) != count or not previous < lines[0] or not strictly_increasing(lines):
        return None
    if len(max(lines, key=len)) > MAX_LINE_BYTES:
        return None
    if not all_canonical(text) and not all(map(is_canonical, lines)):
        return None
    return cut_stretch(lines)


class _Task(NamedTuple):
    """A batch, and the line before it."""

    batch: LineBatch
    previous: bytes


def build_leaves(
    batches: Callable[[int], Iterable[LineBatch]],
    keep: Callable[[Block], None] | None,
    processes: int | None,
    shared_after: int = SMALL_BEFORE,
) -> tuple[TopLeaf, ...]:
    """The top leaves of all lines, their blocks handed to `keep`; `batches` gives them, of up to so many bytes each.

    The first `shared_after` bytes are not shared among processes.

    Raises NotCanonical, OutOfOrder, LineTooLong, WorkerLost, and what drawing the batches raises.
    """
    workers = processes_to_use(processes)
    joiner = Joiner(keep)
    tasks = _tasks(batches(SMALL if workers == 1 else LARGE))
    done = number = 0

    def take(task: _Task, stretch: Stretch | None) -> None:
        nonlocal done, number
        batch = task.batch
        if stretch is None:
            for _ in checked(batch.lines, after=task.previous, first=number + 1):
                pass
            raise AssertionError("lines were refused that are as they must be")
        joiner.add(stretch, batch.text)
        done += len(batch.text)
        number += batch.count

    for task in tasks:
        take(task, cut_checked(*_call(task)))
        if done >= shared_after:
            break
    with WorkerPool(workers) as pool:
        for task, stretch in pool.pairs(cut_checked, ((task, _call(task)) for task in tasks)):
            take(task, stretch)
    return joiner.finish()


def _call(task: _Task) -> tuple[bytes, int, bytes]:
    return task.batch.text, task.batch.count, task.previous


def _tasks(batches: Iterable[LineBatch]) -> Iterator[_Task]:
    previous = b""
    for batch in batches:
        yield _Task(batch, previous)
        previous = batch.last
