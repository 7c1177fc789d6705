"""What the registry costs: the gas of whole transactions, from their receipts.

    python bench/gas.py            print the page docs/gas.md
    python bench/gas.py --write    write it
    python bench/gas.py --check    exit 1 where it is out of date

Measured on the embedded chain and, where TRIPLOCK_CAST names Foundry's cast, on an anvil beside it too, which must
agree within 1 %: its chain id makes other digests, with more or fewer zero bytes. Keys and contents are fixed, so the
figures are.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from eth_abi.abi import encode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from gas_page import page  # noqa: E402
from own_anvil import anvil  # noqa: E402

from anchoring.blockstores.memory import MemoryStore  # noqa: E402
from anchoring.chain import transactions  # noqa: E402
from anchoring.chain.answers import quantity  # noqa: E402
from anchoring.chain.artifact import creation_code, runtime_code  # noqa: E402
from anchoring.chain.deploy import created_address, deploy_registry  # noqa: E402
from anchoring.chain.devchain import DevChain  # noqa: E402
from anchoring.chain.endpoint import Endpoint  # noqa: E402
from anchoring.chain.keys import LocalKey  # noqa: E402
from anchoring.chain.many import batch_call, many_call  # noqa: E402
from anchoring.chain.ownership import OwnedGraph  # noqa: E402
from anchoring.chain.publish import Publication, publish  # noqa: E402
from anchoring.chain.registry import RegistryClient  # noqa: E402
from anchoring.chain.registry_call import call_registry  # noqa: E402
from anchoring.chain.relay import relay_call, sign_relay  # noqa: E402
from anchoring.chain.statement_check import check_call  # noqa: E402
from anchoring.dataset.version import Dataset, build_version  # noqa: E402
from anchoring.proofs.proof import prove_presence  # noqa: E402
from anchoring.signing.anchor import ZERO_WORD  # noqa: E402
from anchoring.signing.batch import Batch  # noqa: E402

PAGE = ROOT / "docs" / "gas.md"
LABEL = b"bench".ljust(32)
DEADLINE = 1 << 40
BATCHES = (10, 100)
SIZES = (1_000, 100_000)


def digest(*words: object) -> bytes:
    return hashlib.sha256(repr(words).encode()).digest()


def line(n: int) -> bytes:
    return f'<http://example.org/documents/{n:06}> <http://example.org/terms#says> "{"x" * 100}" .'.encode()


@cache
def built(quads: int) -> tuple[list[bytes], MemoryStore, Dataset]:
    """So many lines, and their version with its blocks."""
    lines, store = [line(n) for n in range(quads)], MemoryStore()
    return lines, store, build_version(lines, lambda block: store.put([block], []))


class Bench:
    """The registry on a fresh chain, an owner, and others."""

    def __init__(self, endpoint: Endpoint, fund: Callable[[str], object]) -> None:
        self.endpoint = endpoint
        self.owner, self.other, self.sender = (LocalKey(digest(name)) for name in ("owner", "other", "sender"))
        for key in (self.owner, self.other, self.sender):
            fund(key.address)
        self.client = RegistryClient(endpoint, deploy_registry(endpoint, self.sender))

    def used(self, transaction: bytes) -> int:
        """Gas of a transaction, once it is in a block."""
        return quantity(transactions.wait(self.endpoint, transaction)["gasUsed"], "gasUsed")

    def next(self, seed: str, creator: str, label: bytes = LABEL) -> Publication:
        """A graph's next version, its digests made from `seed`."""
        made = Publication(label, ZERO_WORD, digest(seed, "root"), 100_000, 640, digest(seed, "manifest"), creator)
        return replace(made, parent=self.client.head(made.graph(self.client, creator)))

    def publish(self, key: LocalKey, publication: Publication) -> int:
        """Gas of publishing with a key."""
        return self.used(publish(self.client, key, publication, keep=lambda _: None).transaction)

    def call(self, key: LocalKey, data: bytes) -> int:
        """Gas of one transaction to the registry."""
        return quantity(call_registry(self.client, key, data)["gasUsed"], "gasUsed")

    def deploy(self, code: bytes) -> tuple[int, str]:
        """Gas of creating a contract, and its address."""
        message = {"from": self.sender.address, "data": "0x" + code.hex()}
        made = transactions.sign(self.endpoint, self.sender, message, ceiling=None, replaces=None)
        transactions.send(self.endpoint, made.raw)
        return self.used(made.hash), created_address(self.sender.address, made.nonce)

    def rows(self) -> Iterator[tuple[str, int, str]]:
        """What was done, whole gas, and the gas of one graph or a remark."""
        owner, other, sender = self.owner, self.other, self.sender
        own = OwnedGraph(self.client, owner.address, LABEL)
        yield "the first version of a graph, by its owner", self.publish(owner, self.next("a", owner.address)), ""
        yield (
            "a later version, by its owner, on the parent given",
            self.publish(owner, self.next("b", owner.address)),
            "",
        )
        yield "naming a delegate", self.used(own.delegate(owner, other.address, DEADLINE)), ""
        yield "a later version, by a delegate", self.publish(other, self.next("c", owner.address)), ""
        relay = sign_relay(self.client, owner, self.next("d", owner.address), DEADLINE)
        yield "a later version, signed by the owner, sent by another", self.call(sender, relay_call(relay)), ""
        yield from self.by_wallet()
        yield "offering a graph to its next owner", self.used(own.transfer(owner, other.address)), ""
        yield "taking it over", self.used(own.accept(other)), ""
        yield "a later version, by the next owner", self.publish(other, self.next("e", owner.address)), ""
        for count in BATCHES:
            yield from self.batch(count)
        for quads in SIZES:
            yield from self.checks(quads)

    def by_wallet(self) -> Iterator[tuple[str, int, str]]:
        """A version of a graph that a contract account owns."""
        code = json.loads((ROOT / "tests/contracts/TestWallet.json").read_text())["bytecode"]
        _, wallet = self.deploy(bytes.fromhex(code[2:]) + encode(["address"], [self.owner.address]))
        for seed, name in (("first", ""), ("second", "a later version, of a contract account (EIP-1271)")):
            relay = sign_relay(self.client, self.owner, self.next(seed, wallet), DEADLINE, account=wallet)
            used = self.call(self.sender, relay_call(relay))
            if name:
                yield name, used, ""

    def batch(self, count: int) -> Iterator[tuple[str, int, str]]:
        """Many graphs at once, twice, and their root alone."""
        labels = [digest("label", count, n) for n in range(count)]
        for seed, kind in (("first", "first"), ("second", "later")):
            all_ = [self.next(f"{seed} {n}", self.owner.address, label) for n, label in enumerate(labels)]
            used = self.call(self.owner, many_call(self.owner.address, all_))
            yield f"{kind} versions of {count} graphs at once, each on its parent", used, f"{used / count:,.0f} a graph"
        batch = Batch.of([each.fields(self.client, self.owner.address) for each in all_])
        used = self.call(self.owner, batch_call(batch))
        yield f"the root of a batch of {count} graphs, as an event", used, f"{used / count:,.0f} a graph"

    def checks(self, quads: int) -> Iterator[tuple[str, int, str]]:
        """Checks of a statement as transactions."""
        lines, store, dataset = built(quads)
        made = dataset.commitment
        publication = Publication(
            digest("checks", quads), ZERO_WORD, made.root, made.quads, made.blocks, digest("manifest")
        )
        self.publish(self.owner, publication)
        fields = publication.fields(self.client, self.owner.address)
        lengths = path_lengths(dataset)
        middle, most = quads // 2, max(lengths)
        share = f"; {100 * lengths.count(most) / quads:.1f} % of the statements have so many"
        cases = (("one in the middle", middle, ""), ("one with the longest path", lengths.index(most), share))
        for name, index, remark in cases:
            presence = prove_presence(lines[index], dataset, store)
            assert (len(presence.line_path) + len(presence.block_path)) // 32 == lengths[index]
            data = check_call(fields, presence)
            assert any(self.endpoint.call(self.client.address, data)), "the contract finds it"
            what = f"{lengths[index]} siblings, a line of {len(presence.line)} bytes{remark}"
            yield f"a statement of {quads:,} as a transaction: {name}", self.call(self.sender, data), what


def path_lengths(dataset: Dataset) -> list[int]:
    """How many siblings the proof of each line has, in both trees."""
    count = len(dataset.leaves)
    return [
        siblings(index, leaf.count) + siblings(block, count)
        for block, leaf in enumerate(dataset.leaves)
        for index in range(leaf.count)
    ]


def siblings(index: int, count: int) -> int:
    """How many levels of a tree of `count` leaves give the leaf at `index` a sibling."""
    found = 0
    while count > 1:
        found += index ^ 1 < count
        index, count = index // 2, (count + 1) // 2
    return found


def measured() -> list[tuple[str, int, str]]:
    """The rows of the embedded chain; the same as anvil's where that is at hand."""
    with tempfile.TemporaryDirectory() as folder, DevChain.open(Path(folder)) as chain:
        here = Endpoint.of_devchain(chain)
        bench = Bench(here, lambda address: here.request("triplock_fund", [address]))
        rows = list(bench.rows())
        # Last, since it moves the sender's nonce and nothing else.
        rows.append(
            ("putting the registry on a chain", bench.deploy(creation_code())[0], f"{len(runtime_code()):,} bytes")
        )
    cast = os.environ.get("TRIPLOCK_CAST")
    if not cast:
        print("without TRIPLOCK_CAST: measured on the embedded chain alone", file=sys.stderr)
        return rows
    with anvil(Path(cast)) as running:
        there = Endpoint(running.url)
        again = list(Bench(there, lambda address: there.request("anvil_setBalance", [address, hex(10**21)])).rows())
    for ours, theirs in zip(rows, again, strict=False):
        if abs(ours[1] - theirs[1]) * 100 > ours[1]:
            sys.exit(f"the chains differ: {ours} on the embedded one, {theirs} on anvil")
    return rows


def main(arguments: list[str]) -> int:
    text = page(measured())
    if "--check" in arguments:
        current = PAGE.is_file() and PAGE.read_text("utf-8") == text
        print("current" if current else f"{PAGE}: out of date", file=sys.stderr)
        return int(not current)
    if "--write" in arguments:
        PAGE.write_text(text, "utf-8")
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
