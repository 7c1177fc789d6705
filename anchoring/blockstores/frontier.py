"""What is still wanted of a DAG, and who is to be asked for what next.

Every block that a verified node links to is wanted once. A source takes the wanted blocks in turn; one that is being
asked for is left alone until it is overdue, and then a second source may be asked, too. A source that can send many
blocks in one answer takes the leaves of a node together.
All of it is bookkeeping: nothing here reads a block or asks a source.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from anchoring.encoding.cid import RAW, Cid

GROUP = 8
"""So many missing leaves under one node are asked for in one answer, where a source can give them."""


@dataclass(eq=False, slots=True)
class Want:
    """A block that is wanted: how deep it stands below its root, and whom it was asked of."""

    cid: Cid
    depth: int
    parent: Cid | None
    asking: dict[int, float] = field(default_factory=dict)
    """Sources that are being asked, and since when."""
    absent: set[int] = field(default_factory=set)
    """Sources that do not have it."""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What one source is to be asked for at once: one block, or leaves of the node `under` in one answer."""

    wants: tuple[Want, ...]
    under: Cid | None = None


class Frontier:
    """The wanted blocks of one transfer; `sources` is their number, `patience` seconds until a block is overdue.

    Several threads may use it at once.
    """

    def __init__(self, sources: int, *, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._changed = threading.Condition()
        self._wants: dict[Cid, Want] = {}
        self._live = set(range(sources))
        self._open = 0
        self._finished = False
        self._queues: list[deque[Want]] = [deque() for _ in range(sources)]
        self._overdue: list[deque[Want]] = [deque() for _ in range(sources)]
        self._groups: list[deque[tuple[Cid, tuple[Want, ...]]]] = [deque() for _ in range(sources)]
        self.missing: list[Want] = []

    @property
    def open(self) -> int:
        """How many wanted blocks are neither here nor given up."""
        return self._open

    def add(self, cids: Iterable[Cid], *, depth: int, parent: Cid | None) -> None:
        """Want these blocks, but for those that are or were wanted already."""
        with self._changed:
            fresh = [Want(cid, depth, parent) for cid in dict.fromkeys(cids) if cid not in self._wants]
            for want in fresh:
                self._wants[want.cid] = want
                self._open += 1
            leaves = tuple(want for want in fresh if want.cid.codec == RAW)
            for source in self._live:
                self._queues[source].extend(fresh)
                if parent is not None and len(leaves) >= GROUP:
                    self._groups[source].append((parent, leaves))
            for want in fresh:
                self._give_up_if_hopeless(want)
            self._changed.notify_all()

    def take(self, source: int, *, together: bool) -> Order | None:
        """The next order for a source; waits for one, and is None when there will be none."""
        with self._changed:
            while source in self._live and not self._finished:
                order = (together and self._next_group(source)) or self._next(source)
                if order:
                    now = self._clock()
                    for want in order.wants:
                        want.asking[source] = now
                    return order
                self._changed.wait(0.2 if self._overdue[source] else 1.0)
            return None

    def _next_group(self, source: int) -> Order | None:
        while self._groups[source]:
            parent, leaves = self._groups[source].popleft()
            left = tuple(want for want in leaves if not (want.done or want.asking or source in want.absent))
            if len(left) >= GROUP:
                return Order(left, parent)
        return None

    def _next(self, source: int) -> Order | None:
        queue, overdue = self._queues[source], self._overdue[source]
        while queue:
            want = queue.popleft()
            if want.done or source in want.absent or source in want.asking:
                continue
            if not want.asking:
                return Order((want,))
            overdue.append(want)
        late = self._clock() - self._patience
        for _ in range(len(overdue)):
            want = overdue.popleft()
            if want.done or source in want.absent or source in want.asking:
                continue
            if not want.asking or max(want.asking.values()) < late:
                return Order((want,))
            overdue.append(want)
            if min(want.asking.values()) >= late:
                break  # what follows was asked for later still
        return None

    def alive(self, source: int, order: Order) -> None:
        """Note that the answer to an order goes on, so that what is left of it is not overdue."""
        now = self._clock()
        with self._changed:
            for want in order.wants:
                if source in want.asking:
                    want.asking[source] = now

    def stuck(self, seconds: float) -> list[int]:
        """The sources that have owed an answer for so long."""
        before = self._clock() - seconds
        with self._changed:
            waited = (want.asking.items() for want in self._wants.values() if not want.done and want.asking)
            return sorted({source for asking in waited for source, since in asking if since < before} & self._live)

    def come(self, want: Want) -> tuple[bool, tuple[int, ...]]:
        """Note that a block is here: whether it is the first time, and the sources that are overdue with it."""
        with self._changed:
            first = not want.done
            late = self._clock() - self._patience
            slow = tuple(source for source, since in want.asking.items() if since < late) if first else ()
            if first:
                want.done = True
                self._open -= 1
                want.asking.clear()
            return first, slow

    def failed(self, source: int, want: Want, *, absent: bool) -> None:
        """Note that a source did not give a block; it goes to the others, and to the same one if it only failed."""
        with self._changed:
            want.asking.pop(source, None)
            if want.done:
                return
            if absent:
                want.absent.add(source)
            for other in self._live - want.absent:
                self._queues[other].append(want)
            self._give_up_if_hopeless(want)
            self._changed.notify_all()

    def drop(self, source: int) -> None:
        """Ask a source no more; what it was asked for goes to the others."""
        with self._changed:
            self._live.discard(source)
            for want in list(self._wants.values()):
                if not want.done:
                    if want.asking.pop(source, None) is not None:
                        for other in self._live - want.absent:
                            self._queues[other].append(want)
                    self._give_up_if_hopeless(want)
            self._changed.notify_all()

    def _give_up_if_hopeless(self, want: Want) -> None:
        if not want.done and not want.asking and not self._live - want.absent:
            want.done = True
            self._open -= 1
            self.missing.append(want)

    def finish(self) -> None:
        """Wake everyone: there is nothing more to do."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()
