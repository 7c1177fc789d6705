"""A version built on its parent against one built from all lines: new bytes, time, and the patch a receiver needs.

python bench/incremental.py [QUADS ...]        (100000 and 1000000 by default)

Three changes of 1 % of the quads, each in one graph of claims with their provenance as `kg.claims` mints them
(half from documents, half from blocks of a chain):

- clustered: the lines of one stretch are replaced;
- realistic: new documents and the blocks that follow the last one, what they repeat left out;
- random: lines anywhere, half removed and half added.

New bytes are those of the data blocks and nodes that the parent has not, by the bytes of a whole version.
The change is at hand, sorted, as a journal gives it; blocks are kept in memory on both sides.
The peer in the same run is the full build, with all processes that it takes. Times are wall time, the best of three,
and the ratio of both builds also in processor time, which says more where others are at work.
Then the same in a workspace, from the store's journal and from every statement, blocks kept on the disk: with the
embedded store, and with Neo4j where TRIPLOCK_NEO4J_URL names one.
"""

from __future__ import annotations

import io
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from anchoring.blockstores.memory import MemoryStore
from anchoring.dataset.difference import Side, changes_between
from anchoring.dataset.first_lines import FirstLines
from anchoring.dataset.incremental import Update, update_version
from anchoring.dataset.rdf_patch import PatchHeader, PatchReader, apply_patch, write_patch
from anchoring.dataset.version import Dataset, build_version
from anchoring.encoding.cid import Block, Cid
from extractors.chain.datasets import select
from extractors.chain.ingest import results
from extractors.chain.model import BlockRecord, HeaderRecord, LogRecord, TransactionRecord
from extractors.chain.transfers import TRANSFER_TOPIC
from kg.claims import iris
from kg.claims.iris import Mint
from kg.claims.model import Activity, Agent, Claim, Span, Trust
from kg.claims.quads import claim_quads, document_quads
from kg.stores.lines import line_of, quads_of
from kg.workspace.configuration import Configuration, StoreSettings
from kg.workspace.snapshot import Work, snapshot
from kg.workspace.workspace import Workspace

MINT = Mint("https://graph.example/")
MODEL = Agent("triplock-llm", "1", (("model", "qwen2.5-coder-1.5b"), ("temperature", "0")))
FIRST_BLOCK = 17_000_000


class World:
    """What documents and blocks speak of: the same entities and accounts again and again, some much more often."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.entities = [MINT.entity(f"Name {self.rng.getrandbits(40):010x}") for _ in range(4_000)]
        self.accounts = [f"0x{self.rng.getrandbits(160):040x}" for _ in range(20_000)]
        self.block = FIRST_BLOCK

    def often(self, things: list) -> object:
        """One of them, the first ones more often."""
        return things[int(len(things) * self.rng.random() ** 3)]

    def document(self) -> Iterator[Quad]:
        """A document of some twenty claims."""
        rng = self.rng
        cid = Cid.of(rng.randbytes(40))
        yield from document_quads(
            MINT, cid, size=rng.randrange(5_000, 90_000), media_type="text/markdown", encoding="utf-8", title="A title"
        )
        activity, home = Activity("extraction", cid, MODEL, Trust.READ), iris.eip(rng.randrange(9_999))
        claims = []
        at = 0
        for _ in range(rng.randrange(10, 30)):
            at += rng.randrange(200, 2_000)
            quote = "".join(rng.choices("abcdefghij klmnopqrst", k=rng.randrange(40, 160)))
            subject = home if rng.random() < 0.5 else self.often(self.entities)
            value = self.often(self.entities) if rng.random() < 0.6 else Literal(quote[:20])
            predicate = NamedNode(f"https://w3id.org/triplock/ethereum-standards#p{rng.randrange(25)}")
            claims.append(
                Claim(
                    statements=((subject, predicate, value),),  # type: ignore[arg-type]
                    activity=activity,
                    span=Span(cid, at, at + len(quote), quote),
                    confidence=Decimal(rng.randrange(50, 100)) / 100,
                )
            )
        yield from claim_quads(MINT, claims)

    def next_block(self) -> Iterator[Quad]:
        """The next block of the chain, of some forty transactions with their transfers."""
        rng, number = self.rng, self.block
        self.block += 1

        def word() -> str:
            return f"0x{rng.getrandbits(256):064x}"

        transactions, logs = [], []
        for index in range(rng.randrange(20, 60)):
            sender, recipient = str(self.often(self.accounts)), str(self.often(self.accounts))
            transactions.append(TransactionRecord(index, word(), sender, recipient, None, True))
            if rng.random() < 0.7:
                parties = tuple(f"0x{str(self.often(self.accounts))[2:]:0>64}" for _ in range(2))
                amount = rng.getrandbits(80).to_bytes(32, "big")
                logs.append(LogRecord(len(logs), index, recipient, (TRANSFER_TOPIC, *parties), amount))
        header = HeaderRecord(
            number, word(), word(), 1_680_000_000 + 12 * number, str(self.often(self.accounts)), 30_000_000,
            rng.randrange(30_000_000), 20_000_000_000, word(), word(), word(),
        )  # fmt: skip
        record = BlockRecord(1, header, Trust.HASHED, tuple(transactions), tuple(logs))
        for result in results([record], select(), MINT, "rpc.example"):
            yield from claim_quads(MINT, result.claims)

    def lines(self, count: int, known: set[bytes]) -> set[bytes]:
        """At least so many lines that are not known, half from documents, half from blocks."""
        made: set[bytes] = set()
        for source, until in ((self.document, count // 2), (self.next_block, count)):
            while len(made) < until:
                made.update(line for line in map(line_of, source()) if line not in known)
        return made


class Change(NamedTuple):
    """Lines added and removed."""

    added: set[bytes]
    removed: set[bytes]


def clustered(lines: list[bytes], count: int) -> Change:
    """One stretch replaced: half of `count` goes, as many come that stand where they stood."""
    start, half = len(lines) // 3, count // 2
    stretch = lines[start : start + half]
    return Change({_other(line) for line in stretch}, set(stretch))


def _other(line: bytes) -> bytes:
    """A line that stands beside this one: the graph name is another."""
    head, _, graph = line[:-3].rpartition(b"<")
    return head + b"<" + graph + b"/changed> ."


def at_random(lines: list[bytes], count: int) -> Change:
    """Half removed and half added, anywhere."""
    rng = random.Random(11)
    chosen = rng.sample(lines, count)
    return Change({_other(line) for line in chosen[: count // 2]}, set(chosen[count // 2 :]))


class Spent(NamedTuple):
    """Seconds of wall time and of processor time, children included."""

    wall: float
    processor: float


def _processor_seconds() -> float:
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in spent)


def best(work: Callable[[], object], times: int = 3) -> Spent:
    """The least of each in several runs."""
    spent = []
    for _ in range(times):
        began, used = time.perf_counter(), _processor_seconds()
        work()
        spent.append(Spent(time.perf_counter() - began, _processor_seconds() - used))
    return Spent(min(each.wall for each in spent), min(each.processor for each in spent))


def measure(count: int) -> None:
    world = World(count)
    known = world.lines(count, set())
    lines = sorted(known)
    one = len(lines) // 100
    changes = {
        "clustered": clustered(lines, one),
        "realistic": Change(world.lines(one, known), set()),
        "random": at_random(lines, one),
    }
    store, first = MemoryStore(), FirstLines()
    parent = build_version(lines, first.noting(lambda block: store.put([block], ())))
    size = parent.commitment.size + sum(len(node.data) for node in parent.nodes)
    print(f"\n{len(lines):,} quads, {size / 1e6:.1f} MB in {parent.commitment.blocks:,} blocks; a change of {one:,}")
    heads = {"new bytes": 11, "new blocks": 12, "build s": 9, "full s": 8, "of full": 9, "in CPU": 8, "patch": 8}
    print(" " * 11 + "".join(f"{head:>{width}}" for head, width in heads.items()) + "  apply s")
    for name, change in changes.items():
        _row(name, change, lines, parent, first, store, size)


def _row(
    name: str,
    change: Change,
    lines: list[bytes],
    parent: Dataset,
    first: FirstLines,
    store: MemoryStore,
    size: int,
) -> None:
    added, removed = sorted(change.added), sorted(change.removed)
    after = sorted((set(lines) - change.removed) | change.added)
    made: dict[Cid, Block] = {}

    def update() -> Update:
        made.clear()
        return update_version(
            parent, store, added, removed, first_lines=first, keep=lambda block: made.__setitem__(block.cid, block)
        )

    def full() -> Dataset:
        kept: list[Block] = []
        return build_version(after, kept.append)

    took, whole = best(update), best(full)
    dataset = update().dataset
    assert dataset == full(), "the two builds differ"
    both = MemoryStore()
    both.put((Block(cid, store.get(cid)) for cid in store), ())
    both.put(made.values(), ())
    sides = [
        Side(each.commitment.file, each.commitment.blocks, each.commitment.quads, both) for each in (parent, dataset)
    ]
    patch = io.BytesIO()
    old, new = parent.commitment, dataset.commitment
    write_patch(patch, PatchHeader(old.root, new.root, old.quads, new.quads), changes_between(*sides))
    text = patch.getvalue()
    applied = best(lambda: apply_patch(parent, store, PatchReader(io.BytesIO(text)), first_lines=first), 1)
    new_bytes = sum(len(block.data) for block in made.values())
    print(
        f"{name:11}{new_bytes / size:11.2%}{len(made):12,}{took.wall:9.3f}{whole.wall:8.2f}"
        f"{took.wall / whole.wall:9.1%}{took.processor / whole.processor:8.1%}"
        f"{len(text) / size:8.2%}{applied.wall:9.3f}"
    )


def in_workspace(count: int, store: StoreSettings) -> None:
    """The realistic change of one workspace after another, a snapshot from the journal against one in full."""
    world = World(count)
    known = world.lines(count, set())
    plain = Configuration()
    settings = replace(
        plain, graph=replace(plain.graph, licence="CC0-1.0"), model=replace(plain.model, use="none"), store=store
    )
    folder = Path(tempfile.mkdtemp(prefix="triplock-bench-"))
    try:
        with Workspace.init(folder / "kg", settings) as workspace:
            _ = workspace.chain
            workspace.store.apply(quads_of(sorted(known)), [], 0)
            print(f"  {store.kind}")
            _snapshot(workspace, "the first")
            for _ in range(2):
                more = world.lines(len(known) // 100, known)
                known |= more
                workspace.store.apply(quads_of(sorted(more)), [], workspace.store.generation)
                part = _snapshot(workspace, f"{len(more):,} more")
            for base in (workspace.state / "versions").glob("*.base"):
                base.unlink()
            whole = _snapshot(workspace, "the same in full")
            print(f"    {part / whole:.1%} of the time")
            if store.kind == "neo4j":
                workspace.store.drop()  # type: ignore[attr-defined]
    finally:
        shutil.rmtree(folder)


def _snapshot(workspace: Workspace, what: str) -> float:
    told: list[Work] = []
    began = time.perf_counter()
    snapshot(workspace, tell=told.append)
    spent = time.perf_counter() - began
    how = f"in full, {told[0].reason}" if told[0].reason else "from the journal"
    print(f"    {what:18}{spent:8.2f} s, {told[0].new_blocks:,} blocks of {told[0].new_bytes / 1e6:.2f} MB, {how}")
    return spent


def main() -> None:
    counts = [int(argument) for argument in sys.argv[1:]] or [100_000, 1_000_000]
    for count in counts:
        measure(count)
    print(f"\na snapshot of a workspace with {counts[0]:,} quads and 1 % more of them, twice")
    in_workspace(counts[0], Configuration().store)
    if url := os.environ.get("TRIPLOCK_NEO4J_URL"):
        user = os.environ["TRIPLOCK_NEO4J_USER"]
        in_workspace(counts[0], StoreSettings(kind="neo4j", url=url, user=user, name=f"bench-{uuid.uuid4()}"))
    print(f"\npeak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
