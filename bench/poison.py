"""How long a graph whose blank nodes look alike takes until it is named or refused; pyoxigraph beside it.

    python bench/poison.py [--seconds LIMIT]        pyoxigraph is ended after LIMIT seconds, 5 by default

Each is a process of its own, reading the same N-Quads file; processor time is of the whole process, start and reading
included, as is its memory.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests" / "anchoring"))

from symmetric_graphs import (  # noqa: E402
    bipartite,
    chain,
    clique,
    copies,
    cycle,
    grid,
    hypercube,
    random_regular,
    rdf_list,
    stars,
    tree,
    twins,
)

from anchoring.rdf.nquads import join  # noqa: E402

GRAPHS = {
    **{f"complete digraph of {n}": clique(n) for n in (6, 8, 30, 100)},
    **{f"cycle of {n:,}": cycle(n) for n in (100, 400, 10_000)},
    **{f"chain of {n:,}": chain(n) for n in (100, 1_000, 10_000)},
    **{f"grid of {n} x {n}": grid(n) for n in (5, 20, 60)},
    **{f"random 3-regular of {n:,}": random_regular(n, 3, 1) for n in (10, 50, 2_000)},
    "hypercube of 2^6": hypercube(6),
    "10 with 10": bipartite(10),
    "tree of depth 10": tree(10),
    "two hubs of 1,000": stars(2, 1_000),
    "2,000 triangles": copies(2_000, clique(3)),
    "10,000 twins": twins(10_000),
    "list of 1,000 equal items": rdf_list(1_000, lambda i: 0),
    "list of 100,000 distinct items": rdf_list(100_000, lambda i: i),
}
OURS = """
import sys
from anchoring.rdf.canonical import canonical_lines
from anchoring.errors import InputRefused
try:
    canonical_lines(sys.argv[1]); print("named", end=" ")
except InputRefused:
    print("refused", end=" ")
"""
PYOXIGRAPH = """
import sys
import pyoxigraph as ox
dataset = ox.Dataset(ox.parse(path=sys.argv[1], format=ox.RdfFormat.N_QUADS))
dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
print("named", end=" ")
"""
# ru_maxrss would begin with the memory of this process
MEMORY = """
print(next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


LIMITED = ("sh", "-c", 'ulimit -t "$1"; shift; exec "$@"', "sh")


def run(program: str, path: Path, limit: int) -> str:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [
            "sh",
            "-c",
            'ulimit -t "$1"; shift; exec "$@"',
            "sh",
            str(limit),
            sys.executable,
            "-c",
            program + MEMORY,
            path,
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode:
        return f"ended after {spent:.0f} s"
    outcome, memory = done.stdout.split()
    return f"{outcome} in {spent:.2f} s, {memory} MB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=5)
    limit = parser.parse_args().seconds
    print("| graph | quads | triplock | pyoxigraph |\n|---|--:|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "graph.nq")
        for name, statements in GRAPHS.items():
            path.write_text("".join(f"{join(statement)}\n" for statement in statements))
            ours, theirs = run(OURS, path, 60), run(PYOXIGRAPH, path, limit)
            print(f"| {name} | {len(statements):,} | {ours} | {theirs} |", flush=True)


if __name__ == "__main__":
    main()
