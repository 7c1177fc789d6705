"""Datasets of growing size through triplock and its peers, on the same data in the same run.

    python bench/scale.py [SIZE…] [--large] [--repeat N] [--only ours|peers] [--seconds S] [--megabytes M]
        [--write docs/benchmarks.md]

SIZE is in quads, 10000 100000 1000000 by default; --large adds 10000000. Each size twice: no quad touches a blank
node, or 10 % do. Every program is a process of its own with limits of processor time and memory (bench/watched.py);
a peer that passes them is not tried at a larger size. The ratio is to `LC_ALL=C sort -u FILE | sha256sum` of the same
run. Of N repetitions, taken in turns, the fastest counts. Peers are installed into $TRIPLOCK_CACHE, ~/.cache/triplock.
Digests of all canonical documents and roots are compared: a program that gives another one ends the benchmark.
One JSON object a row goes to standard output; --write puts the rows into the page.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from peer_programs import Peer, install
from scale_data import write_dataset
from scale_report import write_report
from watched import Ran, watch

BENCH = Path(__file__).resolve().parent
SHARES = (0.0, 0.1)
SORT = "sort -u | sha256sum"


@dataclass
class Bench:
    """What all runs share; `stopped` holds the peers that passed a limit, with the size at which."""

    seconds: float
    megabytes: int
    repeat: int
    folder: Path
    only: str | None
    stopped: dict[str, int] = field(default_factory=dict)

    def run(self, *command: str) -> Ran:
        """A command within the limits."""
        environment = {"PYTHONPATH": str(BENCH.parent), "LC_ALL": "C", "TMPDIR": str(self.folder)}
        limits = {"seconds": self.seconds, "megabytes": self.megabytes}
        return watch(command, cwd=self.folder, environment=environment, **limits)  # type: ignore[arg-type]

    def ours(self, *arguments: str) -> Ran:
        """Python with these arguments, which must succeed."""
        ran = self.run(sys.executable, *arguments)
        if ran.failed:
            raise SystemExit(f"{arguments}: {ran.failed}\n{ran.output}")
        return ran


def row(name: str, quads: int, share: float, ran: Ran, sort: Ran) -> dict[str, object]:
    found: dict[str, object] = {"program": name, "quads": quads, "blank": share}
    if ran.failed:
        return {**found, "failed": ran.failed}
    return {
        **found,
        "seconds": round(ran.seconds, 2),
        "cpu": round(ran.cpu, 2),
        "megabytes": ran.megabytes,
        "ratio": round(ran.seconds / sort.seconds, 2),
        "cpuRatio": round(ran.cpu / sort.cpu, 2),
    }


def rows(bench: Bench, quads: int, share: float, peers: list[Peer]) -> Iterator[dict[str, object]]:
    path, car, canonical = (bench.folder / name for name in ("bench.nq", "bench.car", "canonical.nq"))
    write_dataset(path, quads, share)
    sorts, hashes, cars, verified = [], [], [], []
    for _ in range(bench.repeat):
        sorts.append(bench.run("sh", "-c", 'sort -u "$1" | sha256sum', "sh", str(path)))
        if bench.only == "peers":
            continue
        hashes.append(bench.ours("-m", "triplock", "--json", "hash", str(path)))
        cars.append(bench.ours(str(BENCH / "anchored_car.py"), str(path), str(car)))
        made = json.loads(cars[-1].output)
        verified.append(bench.ours(str(BENCH / "verify_car.py"), str(car), made["graph"], made["directory"]))
        outcomes = json.loads(verified[-1].output)
        root = json.loads(hashes[-1].output)["files"][0]["root"]
        if made["root"] != root[2:] or "refuted" in outcomes.values() or outcomes["file"] != "passed":
            raise SystemExit(f"the version is not the dataset: {made} {root} {outcomes}")
        car.unlink()
    sort = fastest(sorts)
    if bench.only != "peers":
        yield row(SORT, quads, share, sort, sort)
        yield row("triplock hash", quads, share, fastest(hashes), sort)
        yield row("anchored CAR", quads, share, fastest(cars), sort)
        yield row("verification of it", quads, share, fastest(verified), sort)
    bench.ours("-m", "triplock", "--quiet", "canonicalize", str(path), "-o", str(canonical))
    digest = bench.run("sha256sum", str(canonical)).output.split()[0]
    if share == 0 and sort.output.split()[0] != digest:
        raise SystemExit("without blank nodes the canonical document is the sorted one, and it is not")
    for peer in peers if bench.only != "ours" else ():
        at = bench.stopped.get(peer.name)
        if at is not None:
            yield {"program": peer.name, "quads": quads, "blank": share, "failed": f"stopped at {at:,}"}
            continue
        ran = bench.run(*peer.command, str(canonical if peer.canonical else path))
        if ran.failed:
            bench.stopped[peer.name] = quads
        elif ran.output.split()[0] != digest:
            raise SystemExit(f"{peer.name} has another canonical document of {quads} quads: {ran.output}")
        yield row(peer.name, quads, share, ran, sort)
    canonical.unlink()
    path.unlink()


def fastest(runs: list[Ran]) -> Ran:
    return min(runs, key=lambda ran: ran.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sizes", nargs="*", type=int)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", choices=["ours", "peers"])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--megabytes", type=int, default=8_000)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    sizes = asked.sizes or [10_000, 100_000, 1_000_000] + [10_000_000] * asked.large
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "triplock"
    cache = Path(os.environ.get("TRIPLOCK_CACHE") or home)
    peers = install(cache, asked.megabytes) if asked.only != "ours" else []
    with tempfile.TemporaryDirectory(prefix="triplock-scale-") as folder:
        bench = Bench(asked.seconds, asked.megabytes, asked.repeat, Path(folder), asked.only)
        found = []
        for quads in sorted(sizes):
            for share in SHARES:
                for each in rows(bench, quads, share, peers):
                    print(json.dumps(each, ensure_ascii=False), flush=True)
                    found.append(each)
    if asked.write:
        write_report(asked.write, found)


if __name__ == "__main__":
    main()
