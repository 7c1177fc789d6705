"""Blocks, logs and quads a second from rows to quads, at two sizes.

    python bench/chain.py

The rows are those of two mainnet blocks that ship in `data/chain`, repeated under other block numbers: real logs, and
as many of them as the size asks for. Reading (parse, check, group) and making claims (decode, quads) are timed apart,
in CPU seconds of this process.
"""

from __future__ import annotations

import json
import tempfile
import time
from gzip import decompress
from pathlib import Path

from extractors.chain.rows import RowsSource, read_rows
from kg.claims.iris import Mint
from kg.claims.quads import claim_quads

ROWS = Path(__file__).parent.parent / "data/chain/mainnet-17173049-17173050"
SIZES = (20, 200)
WIDTHS = (8, 8, 9, 8, 9, 9, 9, 9)


def repeated(folder: Path, blocks: int) -> None:
    """Write the rows of `blocks` blocks, the two that ship again and again."""
    for name in ("blocks", "transactions", "logs"):
        rows = [json.loads(line) for line in decompress((ROWS / f"{name}.jsonl.gz").read_bytes()).splitlines()]
        with (folder / f"{name}.jsonl").open("w") as out:
            for turn in range(blocks // 2):
                for row in rows:
                    key = "number" if name == "blocks" else "block_number"
                    moved = {**row, key: row[key] + 2 * turn}
                    if name == "blocks" and row["number"] % 2 and turn:
                        moved["parent_hash"] = rows[1]["hash"]
                    out.write(json.dumps(moved) + "\n")


def main() -> None:
    mint = Mint("https://graph.example/")
    heads = zip(("blocks", "logs", "quads", "read s", "claims s", "blocks/s", "logs/s", "quads/s"), WIDTHS, strict=True)
    print(" ".join(f"{head:>{width}}" for head, width in heads))
    for blocks in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            repeated(Path(folder), blocks)
            began = time.process_time()
            rows = RowsSource(Path(folder))
            read = time.process_time()
            logs = quads = 0
            for result in read_rows(rows, [], mint):
                made = list(claim_quads(mint, result.claims))
                quads += len(set(made))
                logs += sum(q.predicate.value.endswith("#logIndex") for q in made)
            done = time.process_time()
        total = done - began
        print(
            f"{blocks:8,} {logs:8,} {quads:9,} {read - began:8.2f} {done - read:9.2f}"
            f" {blocks / total:9.1f} {logs / total:9,.0f} {quads / total:9,.0f}"
        )


if __name__ == "__main__":
    main()
