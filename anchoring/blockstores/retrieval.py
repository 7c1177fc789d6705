"""DAGs from several places at once into a store of one's own, believing none of the places.

Each source is asked by a few threads; what comes is verified, written to the store in small batches, and what it
links to is wanted next. So what is held in memory is a few blocks, and a transfer that was cut off goes on where it
stopped: what the store has is not asked for again.
A source that sends other bytes than were asked for is dropped at once; one that fails or is too slow, after a few
times. Whatever was dropped is named with the reason in the report, and the others go on.
Limits keep a hostile DAG from filling the disk: see `Limits`.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from anchoring.blockstores.errors import BlockCorrupt, BlockNotFound, BlockUnasked
from anchoring.blockstores.frontier import Frontier, Order, Want
from anchoring.blockstores.protocol import BlockReader, BlockStore
from anchoring.encoding.cid import DAG_PB, Block, Cid
from anchoring.encoding.dag_pb import decode
from anchoring.errors import InputRefused, ServiceFailed, TriplockError, WrongUsage

STRIKES = 3
"""A source is dropped after so many failures in a row."""
_BATCH_BLOCKS = 256
_BATCH_BYTES = 8 * 1024 * 1024
_REPEATS = 1024
"""Blocks of one answer, beyond those known of, that may be of no use."""
_UNREAD = 32
"""Verified blocks that wait to be written; the threads pause beyond."""


class TooMuch(InputRefused):
    """The DAG has more blocks, bytes or levels than it may have."""

    code = "dag-too-large"


class BlocksMissing(ServiceFailed):
    """Some blocks could be had from no source; what came is kept."""

    code = "blocks-missing"


class TransferTooSlow(ServiceFailed):
    """The whole transfer took longer than it may; what came is kept."""

    code = "transfer-too-slow"


@runtime_checkable
class Streaming(Protocol):
    """A reader that can send the blocks below one in one answer."""

    def stream(self, cid: Cid) -> Iterator[Block]:
        """The blocks of the DAG below `cid`, verified."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What a transfer may take: blocks, their bytes, levels below a root, and seconds.

    `patience` is the time after which another source is asked for a block that one owes;
    `answer` the time after which a source that owes an answer is dropped; `transfer` is for all of it, None for no
    limit.
    """

    blocks: int = 1 << 24
    bytes: int = 1 << 40
    depth: int = 16
    patience: float = 5.0
    answer: float = 60.0
    transfer: float | None = None


@dataclass(slots=True)
class SourceReport:
    """What came from one source, and why it was dropped (empty: it was not)."""

    name: str
    blocks: int = 0
    bytes: int = 0
    dropped: str = ""


@dataclass(slots=True)
class Retrieved:
    """How a transfer went: `blocks` and `bytes` that came, `here` blocks that were in the store before."""

    blocks: int = 0
    bytes: int = 0
    here: int = 0
    sources: list[SourceReport] = field(default_factory=list)
    missing: tuple[Cid, ...] = ()

    @property
    def dropped(self) -> Mapping[str, str]:
        """The reasons by name."""
        return {source.name: source.dropped for source in self.sources if source.dropped}

    def as_json(self) -> dict[str, object]:
        """The document for `--json`."""
        return {
            "blocks": self.blocks,
            "bytes": self.bytes,
            "alreadyHere": self.here,
            "sources": [
                {"name": source.name, "blocks": source.blocks, "bytes": source.bytes, "dropped": source.dropped or None}
                for source in self.sources
            ],
            "missing": [str(cid) for cid in self.missing],
        }


Progress = Callable[[int, int], None]
"""Called with the blocks that are here and those known of so far."""


def _no_progress(done: int, known: int) -> None:
    """Nobody looks."""


def retrieve(
    roots: Sequence[Cid],
    sources: Sequence[BlockReader],
    into: BlockStore,
    *,
    limits: Limits | None = None,
    have: Collection[Cid] = (),
    progress: Progress = _no_progress,
    at_once: int = 4,
    require: bool = True,
) -> Retrieved:
    """Bring all blocks of the DAGs below `roots` into the store; nothing is pinned.

    `have` are blocks known to be in the store with all below them; `at_once` requests go to each source at a time.
    Raises TooMuch, BadNode (a hash that matches a malformed node), TransferTooSlow, what the store raises,
    and BlocksMissing unless `require` is false, when the report names what is missing.

    >>> from anchoring.blockstores.memory import MemoryStore
    >>> from anchoring.encoding.unixfs import document_blocks
    >>> root, made = document_blocks(bytes(3 << 20))
    >>> here, there = MemoryStore(), MemoryStore()
    >>> there.put(made, [root])
    >>> retrieve([root], [there], here).blocks == len(set(made))
    True
    """
    if at_once < 1:
        raise WrongUsage(f"{at_once} requests at once", remedy="give 1 or more")
    transfer = _Transfer(sources, into, limits or Limits(), frozenset(have), progress)
    try:
        transfer.run(roots, at_once)
    finally:
        transfer.stop()
    report = transfer.report
    if report.missing and require:
        reasons = "; ".join(f"{name} was dropped: {reason}" for name, reason in report.dropped.items())
        raise BlocksMissing(
            f"{len(report.missing)} blocks could not be had, {report.missing[0]} among them"
            + (f" ({reasons})" if reasons else "")
            + ("" if sources else ", and no source was named"),
            remedy="name another source; what came is kept, and the same call goes on from there",
        )
    return report


@dataclass(frozen=True, slots=True)
class _Came:
    source: int
    want: Want
    data: bytes


@dataclass(frozen=True, slots=True)
class _Failed:
    source: int
    order: Order
    error: Exception


class _Transfer:
    def __init__(
        self,
        sources: Sequence[BlockReader],
        into: BlockStore,
        limits: Limits,
        have: frozenset[Cid],
        progress: Progress,
    ) -> None:
        self._readers, self._into, self._limits, self._have = tuple(sources), into, limits, have
        self._progress = progress
        self._frontier = Frontier(len(self._readers), patience=limits.patience)
        self._events: queue.Queue[_Came | _Failed] = queue.Queue(_UNREAD)
        self._over = threading.Event()
        self._single: set[int] = set()
        self._strikes = [0] * len(self._readers)
        self._batch: list[Block] = []
        self._batch_bytes = 0
        self._seen: set[Cid] = set()
        self._known_bytes = 0
        self._until = time.monotonic() + limits.transfer if limits.transfer is not None else None
        self._looked = time.monotonic()
        self.report = Retrieved(sources=[SourceReport(reader.name) for reader in self._readers])

    # -- the caller's thread: decides and writes -------------------------------------------------------------------

    def run(self, roots: Sequence[Cid], at_once: int) -> None:
        self._want(roots, 0, None)
        for number in range(len(self._readers)):
            for _ in range(at_once):
                threading.Thread(target=self._work, args=(number,), daemon=True, name="triplock-retrieval").start()
        while self._frontier.open:
            self._check_time()
            try:
                event = self._events.get(timeout=0.2)
            except queue.Empty:
                self._flush()
                continue
            if isinstance(event, _Came):
                self._come(event)
            else:
                self._fail(event)
        self._flush()
        self.report.missing = tuple(want.cid for want in self._frontier.missing)

    def stop(self) -> None:
        """Let the threads go; those in the middle of a request end by its own limits."""
        self._over.set()
        self._frontier.finish()

    def _check_time(self) -> None:
        now = time.monotonic()
        if self._until is not None and now > self._until:
            self._flush()
            raise TransferTooSlow(
                f"{self.report.blocks} blocks came in {self._limits.transfer} s,"
                f" {self._frontier.open} are still wanted",
                remedy="name faster sources; what came is kept, and the same call goes on from there",
            )
        if now - self._looked > 1.0:
            self._looked = now
            for source in self._frontier.stuck(self._limits.answer):
                self._drop(source, f"it owed an answer for {self._limits.answer:g} s")

    def _want(self, cids: Sequence[Cid], depth: int, parent: Cid | None) -> None:
        """Want what the store lacks of these, and of all that hangs below what it has of them."""
        waiting = [(tuple(cids), depth, parent)]
        while waiting:
            level, depth, parent = waiting.pop()
            fresh = [cid for cid in dict.fromkeys(level) if cid not in self._seen and cid not in self._have]
            if fresh and depth > self._limits.depth:
                raise TooMuch(f"{fresh[0]} stands {depth} levels below its root", remedy="do not rely on its publisher")
            self._seen.update(fresh)
            if len(self._seen) > self._limits.blocks:
                raise TooMuch(
                    f"the DAG has more than the {self._limits.blocks} blocks that it may have",
                    remedy="do not rely on its publisher",
                )
            lacking = []
            for cid in fresh:
                data = self._here(cid)
                if data is None:
                    lacking.append(cid)
                    continue
                self.report.here += 1
                self._count(data)
                if below := _links(cid, data):
                    waiting.append((tuple(below), depth + 1, cid))
            if lacking:
                self._frontier.add(lacking, depth=depth, parent=parent)

    def _here(self, cid: Cid) -> bytes | None:
        if not self._into.has(cid):
            return None
        try:
            return self._into.get(cid)
        except (BlockNotFound, BlockCorrupt):
            return None  # damaged: putting it again mends it

    def _count(self, data: bytes) -> None:
        self._known_bytes += len(data)
        if self._known_bytes > self._limits.bytes:
            raise TooMuch(
                f"the DAG has more than the {self._limits.bytes} bytes that it may have",
                remedy="do not rely on its publisher",
            )

    def _come(self, event: _Came) -> None:
        want, report = event.want, self.report.sources[event.source]
        first, slow = self._frontier.come(want)
        self._strikes[event.source] = 0
        if not first:
            return
        report.blocks += 1
        report.bytes += len(event.data)
        self.report.blocks += 1
        self.report.bytes += len(event.data)
        self._count(event.data)
        self._keep(Block(want.cid, event.data))
        self._want(_links(want.cid, event.data), want.depth + 1, want.cid)
        for source in slow:
            if source != event.source:
                self._strike(
                    source, f"too slow: {self.report.sources[event.source].name} was asked later and came first"
                )
        self._progress(self.report.here + self.report.blocks, len(self._seen))

    def _fail(self, event: _Failed) -> None:
        absent = isinstance(event.error, BlockNotFound)
        for want in event.order.wants:
            self._frontier.failed(event.source, want, absent=absent and event.order.under is None)
        if absent:
            return
        if event.order.under is not None and isinstance(event.error, ServiceFailed):
            self._single.add(event.source)  # not every gateway sends CARs
            return
        said = event.error.what if isinstance(event.error, TriplockError) else repr(event.error)[:200]
        if isinstance(event.error, ServiceFailed):
            self._strike(event.source, said)
        else:
            self._drop(event.source, said)  # a lie, or no answer of the kind that was asked for

    def _strike(self, source: int, reason: str) -> None:
        self._strikes[source] += 1
        if self._strikes[source] >= STRIKES:
            self._drop(source, reason)

    def _drop(self, source: int, reason: str) -> None:
        if not self.report.sources[source].dropped:
            self.report.sources[source].dropped = reason
            self._frontier.drop(source)

    def _keep(self, block: Block) -> None:
        self._batch.append(block)
        self._batch_bytes += len(block.data)
        if len(self._batch) >= _BATCH_BLOCKS or self._batch_bytes >= _BATCH_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._batch:
            self._into.put(self._batch, ())
            self._batch.clear()
            self._batch_bytes = 0

    # -- the sources' threads: ask and verify ----------------------------------------------------------------------

    def _work(self, source: int) -> None:
        reader = self._readers[source]
        streaming = isinstance(reader, Streaming)
        while order := self._frontier.take(source, together=streaming and source not in self._single):
            try:
                if order.under is None:
                    self._ask_one(source, reader, order.wants[0])
                elif isinstance(reader, Streaming):
                    self._ask_many(source, reader, order)
            except Exception as error:  # noqa: BLE001 - whatever a source does, the others go on
                if not self._tell(_Failed(source, order, error)):
                    return

    def _ask_one(self, source: int, reader: BlockReader, want: Want) -> None:
        data = reader.get(want.cid)
        if not want.cid.matches(data):
            raise BlockCorrupt(want.cid, reader.name)
        self._tell(_Came(source, want, data))

    def _ask_many(self, source: int, reader: Streaming, order: Order) -> None:
        left = {want.cid: want for want in order.wants}
        assert order.under is not None  # noqa: S101 - the caller has seen to it
        useless = 0
        for cid, data in reader.stream(order.under):
            want = left.pop(cid, None)
            useless += want is None
            if self._over.is_set() or self.report.sources[source].dropped:
                return
            if useless > len(self._seen) + len(self._have) + _REPEATS:
                raise BlockUnasked(
                    f"{self._readers[source].name} sends the same blocks over and over", remedy="name another source"
                )
            if want is not None:
                self._frontier.alive(source, order)
                if not self._tell(_Came(source, want, data)) or not left:
                    return
            elif cid != order.under and cid not in self._seen and cid not in self._have:
                raise BlockUnasked(
                    f"{self._readers[source].name} sends the block {cid}, which nobody asked for",
                    remedy="name another source",
                )
        if left:
            raise BlockNotFound(next(iter(left)), self._readers[source].name)

    def _tell(self, event: _Came | _Failed) -> bool:
        """Hand an event over; false when nobody wants it any more."""
        while not self._over.is_set():
            try:
                self._events.put(event, timeout=0.5)
            except queue.Full:
                continue
            return True
        return False


def _links(cid: Cid, data: bytes) -> list[Cid]:
    return [link.cid for link in decode(data)[0]] if cid.codec == DAG_PB else []
