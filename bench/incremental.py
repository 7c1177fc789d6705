"""A version built on its parent against one built from all lines: new bytes, time, and the patch a receiver needs.

python bench/incremental.py [QUADS ...]        (100000 and 1000000 by default)

Three changes of 1 % of the quads, each in one graph of claims with their provenance as `kg.claims` mints them
(half from documents, half from blocks of a chain):

- clustered: the lines of one stretch are replaced;
- realistic: new documents and the blocks that follow the last one, what they repeat left out;
- random: lines anywhere, half removed and half added.

New bytes are those of the data blocks and nodes that the parent has not, by the bytes of a whole version.
The change is at hand, sorted, as a journal gives it; blocks are kept in memory on both sides.
Times are wall time, the best of three; the peer in the same run is the full build, with all processes that it takes.
"""

from __future__ import annotations

import io
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from anchoring.blockstores.memory import MemoryStore
from anchoring.cid import Block, Cid
from anchoring.difference import Side, changes_between
from anchoring.first_lines import FirstLines
from anchoring.incremental import Update, update_version
from anchoring.rdf_patch import PatchHeader, PatchReader, apply_patch, write_patch
from anchoring.version import Dataset, build_version
from extractors.chain.datasets import select
from extractors.chain.ingest import results
from extractors.chain.model import BlockRecord, HeaderRecord, LogRecord, TransactionRecord
from extractors.chain.transfers import TRANSFER_TOPIC
from kg.claims import iris
from kg.claims.iris import Mint
from kg.claims.model import Activity, Agent, Claim, Span, Trust
from kg.claims.quads import claim_quads, document_quads
from kg.stores.lines import line_of

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


def best(work: Callable[[], object], times: int = 3) -> float:
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return min(spent)


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
    print(
        f"{'':11}{'new bytes':>11}{'new blocks':>12}{'build s':>9}{'full s':>8}{'of full':>9}{'patch':>8}{'apply s':>9}"
    )
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
        f"{name:11}{new_bytes / size:11.2%}{len(made):12,}{took:9.3f}{whole:8.2f}{took / whole:9.1%}"
        f"{len(text) / size:8.2%}{applied:9.3f}"
    )


def main() -> None:
    for argument in sys.argv[1:] or ["100000", "1000000"]:
        measure(int(argument))
    print(f"\npeak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
