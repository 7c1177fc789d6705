"""Proofs of presence: siblings, bytes, and the time to make, verify and build again what they are made from.

python bench/proof.py [LINES ...]          (100000 by default; the lines of bench/version.py)
"""

from __future__ import annotations

import random
import statistics
import sys
import time

from version import made_up

from anchoring.blockstores.memory import MemoryStore
from anchoring.deterministic_cbor import encode
from anchoring.proof import Presence, prove_presence
from anchoring.version import build_version, load_dataset


def milliseconds(began: float) -> float:
    return 1e3 * (time.perf_counter() - began)


def size(presence: Presence) -> int:
    numbers = [presence.block, presence.index, presence.start, presence.count, presence.length]
    texts = [presence.line, presence.digest, presence.line_path, presence.block_path]
    return len(encode([*numbers, *texts]))


def measure(count: int) -> None:
    lines, store = made_up(count), MemoryStore()
    dataset = build_version(lines, lambda block: store.put([block], ()))
    promised = dataset.commitment
    siblings, sizes, made, verified = [], [], [], []
    for line in random.Random(1).sample(lines, 300):
        began = time.perf_counter()
        presence = prove_presence(line, dataset, store)
        made.append(milliseconds(began))
        began = time.perf_counter()
        presence.check(root=promised.root, quads=promised.quads, blocks=promised.blocks)
        verified.append(milliseconds(began))
        siblings.append((len(presence.line_path) + len(presence.block_path)) // 32)
        sizes.append(size(presence))
    began = time.perf_counter()
    assert load_dataset(promised.file, store, size=promised.size) == dataset
    rebuilt = milliseconds(began) / 1e3
    print(f"{count:,} lines in {promised.blocks:,} blocks")
    print(f"  siblings           median {statistics.median(siblings):.0f}, most {max(siblings)}")
    print(f"  bytes with line    median {statistics.median(sizes):.0f}, most {max(sizes)}")
    print(f"  made in            {statistics.median(made):.2f} ms, verified in {statistics.median(verified):.3f} ms")
    print(f"  read back, rebuilt {rebuilt:.2f} s, {1e6 * rebuilt / count:.1f} µs a line")


if __name__ == "__main__":
    for argument in sys.argv[1:] or ["100000"]:
        measure(int(argument))
