"""kill -9 at any moment leaves the state before or after a change, and a journal that agrees."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.stores.lines import line_of
from kg.stores.oxigraph import OxigraphStore

WRITER = """
import sys
from pyoxigraph import Literal, NamedNode, Quad
from kg.stores.oxigraph import OxigraphStore
A, G, INT = NamedNode("x:a"), NamedNode("x:g"), NamedNode("http://www.w3.org/2001/XMLSchema#integer")
store = OxigraphStore(sys.argv[1])
step = store.generation
size = int(sys.argv[2])
print("ready", flush=True)
while True:
    # Step n holds exactly the quads of n: whatever else is found is a half.
    old = list(store.match())
    new = [Quad(A, NamedNode(f"x:p{step + 1}"), Literal(f"0{i}", datatype=INT), G) for i in range(size)]
    step = store.apply(new, old, step)
    print(step, flush=True)
"""


@pytest.mark.soak
@pytest.mark.parametrize("size", [20, 6_000], ids=["one atomic index update", "bulk index load"])
def test_kill_leaves_before_or_after(size: int, tmp_path: Path, seed: int, soak_scale: Callable[[int], int]) -> None:
    rng = random.Random(seed)
    for _ in range(soak_scale(100) + 1):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(size)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(rng.random() * 0.5)
        writer.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in writer.stdout.read().splitlines(keepends=True) if line.endswith(b"\n")]
        writer.wait()
        writer.stdout.close()
        with OxigraphStore(tmp_path) as store:
            step = store.generation
            assert step in {acknowledged[-1], acknowledged[-1] + 1} if acknowledged else True
            lines = list(store.sorted_quads())
            assert len(lines) == (size if step else 0)
            assert all(f"<x:p{step}>".encode() in line for line in lines)
            replayed: set[bytes] = set()
            for change in store.changes(0):
                replayed -= set(map(line_of, change.removed))
                replayed |= set(map(line_of, change.added))
            assert sorted(replayed) == lines
            assert {str(q.predicate) for q in store.index()} == ({f"<x:p{step}>"} if step else set())
            assert sorted(map(line_of, store.match())) == lines
