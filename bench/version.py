"""Building a version against what anyone would do without one: `sort -u | sha256sum`, and hashlib over the same bytes.

python bench/version.py [LINES ...]        (100000 and 300000 by default)

Lines are made up, about 165 bytes each, in the shape of claims.
Each figure is processor time, children included, the best of three: wall time says more about who else was at work.
"""

from __future__ import annotations

import hashlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from anchoring.dataset.version import build_version, hash_dataset
from anchoring.rdf.lines import checked


def made_up(count: int, seed: int = 7) -> list[bytes]:
    rng = random.Random(seed)
    lines: set[bytes] = set()
    while len(lines) < count:
        subject, graph = rng.randrange(count // 6 + 1), rng.randrange(count // 8 + 1)
        kind, value = rng.randrange(10), rng.getrandbits(48)
        term = f"<https://kg.example.org/e/{value:012x}>" if kind < 5 else f'"value é {value:x}"@en'
        if kind > 7:
            term = f'"{value}"^^<http://www.w3.org/2001/XMLSchema#integer>'
        predicate = f"<https://schema.example.org/vocab#property{rng.randrange(30):02d}>"
        graph_name = f"<https://kg.example.org/g/{graph:08x}>"
        lines.add(f"<https://kg.example.org/e/{subject:012x}> {predicate} {term} {graph_name} .".encode())
    return sorted(lines)


def processor_seconds() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def best(work: Callable[[], object], times: int = 3) -> float:
    def once() -> float:
        began = processor_seconds()
        work()
        return processor_seconds() - began

    return min(once() for _ in range(times))


def read_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        for line in stream:
            yield line[:-1]


def measure(count: int, folder: Path) -> None:
    path, blocks = folder / "data.nq", folder / "blocks.bin"
    lines = made_up(count)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    size = path.stat().st_size
    environment = {**os.environ, "LC_ALL": "C"}
    script = 'sort -u "$1" | sha256sum'

    def build_and_write() -> None:
        with blocks.open("wb") as stream:
            build_version(read_lines(path), lambda block: stream.write(block.data) and None)

    rows = {
        "sort -u | sha256sum (the file is sorted)": best(
            lambda: subprocess.run(
                ["sh", "-c", script, "sh", str(path)], check=True, capture_output=True, env=environment
            )
        ),
        "hashlib.sha256 over the file": best(lambda: hashlib.sha256(path.read_bytes()).digest()),
        "hashlib.sha256, one digest a line": best(lambda: [hashlib.sha256(line).digest() for line in lines]),
        "grammar and order alone": best(lambda: sum(1 for _ in checked(read_lines(path)))),
        "hash_dataset": best(lambda: hash_dataset(read_lines(path))),
        "build_version, blocks to a file": best(build_and_write),
    }
    base = rows["sort -u | sha256sum (the file is sorted)"]
    print(f"\n{count:,} lines, {size / 1e6:.1f} MB, root {hash_dataset(lines).root.hex()[:16]}")
    print(f"{'':44}{'CPU s':>9}{'µs a line':>11}{'MB/s':>8}{'× sort|sha256sum':>18}")
    for name, seconds in rows.items():
        per_line = 1e6 * seconds / count
        print(f"{name:44}{seconds:9.3f}{per_line:11.2f}{size / 1e6 / seconds:8.0f}{seconds / base:18.2f}")


def main() -> None:
    counts = [int(argument) for argument in sys.argv[1:]] or [100_000, 300_000]
    folder = Path(tempfile.mkdtemp(prefix="triplock-bench-"))
    try:
        for count in counts:
            measure(count, folder)
    finally:
        shutil.rmtree(folder)
    print(f"\npeak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
