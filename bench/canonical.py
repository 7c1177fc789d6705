"""Canonical lines against pyoxigraph's canonicalize and `sort -u | sha256sum`, at two sizes.

    python bench/canonical.py [SIZE...]        default: 20000 200000 quads

For each size three datasets: ground (no blank node), mixed (10 % of the quads touch one), blank (every one does).
Prints one JSON object a line: seconds of each program, each in a process of its own, and the ratios.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OURS = """
import hashlib, resource, sys
from anchoring.rdf.canonical import canonicalize
print(hashlib.sha256(canonicalize(sys.argv[1])).hexdigest(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
PYOXIGRAPH = """
import hashlib, resource, sys
import pyoxigraph as ox
dataset = ox.Dataset(ox.parse(path=sys.argv[1], format=ox.RdfFormat.N_QUADS))
dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
lines = sorted(ox.serialize(dataset, format=ox.RdfFormat.N_QUADS).splitlines(keepends=True))
print(hashlib.sha256(b"".join(lines)).hexdigest(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
SORT = 'LC_ALL=C sort -u "$1" | sha256sum'


def write_quads(path: Path, count: int, blank_share: float) -> None:
    """Quads of about 150 bytes, in an order that is not the sorted one."""
    with path.open("w") as stream:
        for i in range(count):
            key = hashlib.sha256(str(i).encode()).hexdigest()[:32]
            subject = f"_:n{i}" if i % 1000 < blank_share * 1000 else f"<https://example.org/claims/{key}>"
            graph = f"<https://example.org/graphs/{key[:4]}>"
            stream.write(f'{subject} <https://example.org/vocabulary#states> "statement {i} of {count}" {graph} .\n')


def run(command: list[str]) -> tuple[float, list[str]]:
    """Seconds of wall time, and the words printed."""
    start = time.perf_counter()
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return round(time.perf_counter() - start, 3), printed.split()


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [20_000, 200_000]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.nq"
        for size in sizes:
            for name, share in (("ground", 0.0), ("mixed", 0.1), ("blank", 1.0)):
                write_quads(path, size, share)
                ours, (digest, memory) = run([sys.executable, "-c", OURS, str(path)])
                theirs, (judge, their_memory) = run([sys.executable, "-c", PYOXIGRAPH, str(path)])
                sort, (sorted_digest, _) = run(["sh", "-c", SORT, "sh", str(path)])
                if digest != judge or (share == 0 and digest != sorted_digest):
                    raise SystemExit(f"{name}, {size} quads: the digests differ: {digest} {judge} {sorted_digest}")
                row = {
                    "quads": size,
                    "dataset": name,
                    "triplock_s": ours,
                    "pyoxigraph_s": theirs,
                    "sort_s": sort,
                    "triplock_to_pyoxigraph": round(ours / theirs, 2),
                    "triplock_to_sort": round(ours / sort, 2),
                    "triplock_mb": int(memory),
                    "pyoxigraph_mb": int(their_memory),
                }
                print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
