"""The table of bench/scale.py in a page of the docs, between two marks; rows of sizes that were not run again stay."""

from __future__ import annotations

from pathlib import Path

BEGIN, END = "<!-- scale: written by bench/scale.py -->", "<!-- /scale -->"
HEAD = "| quads | touching blank nodes | program | s | × sort | CPU s | × sort | MB |"
RULE = "|--:|--:|---|--:|--:|--:|--:|--:|"


def table_line(row: dict[str, object]) -> str:
    """One row of the table."""
    start = f"| {row['quads']:,} | {float(str(row['blank'])):.0%} | {row['program']} |"
    if "failed" in row:
        return f"{start} {row['failed']} | | | | |"
    return f"{start} {row['seconds']} | {row['ratio']} | {row['cpu']} | {row['cpuRatio']} | {row['megabytes']:,} |"


def write_report(page: Path, rows: list[dict[str, object]]) -> None:
    """Puts the rows into the page, which has the marks; raises ValueError where it has not."""
    text = page.read_text("utf-8")
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    made = {_key(table_line(row)) for row in rows}
    kept = [line for line in text[start:end].splitlines()[3:] if line.startswith("|") and _key(line) not in made]
    lines = sorted([*kept, *map(table_line, rows)], key=_key)
    page.write_text("\n".join([text[:start], HEAD, RULE, *lines, text[end:]]), "utf-8")


def _key(line: str) -> tuple[int, int]:
    quads, share = line.split("|")[1:3]
    return int(quads.replace(",", "")), int(share.strip(" %"))
