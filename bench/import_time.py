"""Import time of each package in a fresh process: the median of eleven, in milliseconds.

python bench/import_time.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

STATEMENTS = (
    "pass",
    "import anchoring",
    "import anchoring.dataset.version, anchoring.proofs.bundle",
    "import ontology",
    "import kg",
    "import triplock",
    "from kg.cli.main import main",
)


def milliseconds(statement: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    print(f"Python {sys.version.split()[0]}, a fresh process each, median of 11\n")
    print("| statement | ms |\n|---|---|")
    for statement in STATEMENTS:
        print(f"| `{statement}` | {statistics.median(milliseconds(statement) for _ in range(11)):.0f} |")


if __name__ == "__main__":
    main()
