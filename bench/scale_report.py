"""The table of bench/scale.py in a page of the docs, between two marks; rows that were not made again stay."""

from __future__ import annotations

from pathlib import Path

BEGIN, END = "<!-- scale: written by bench/scale.py -->", "<!-- /scale -->"
HEAD = "| quads | touching blank nodes | program | s | × sort | CPU s | × sort | MB |"
RULE = "|--:|--:|---|--:|--:|--:|--:|--:|"


def table_line(row: dict[str, object]) -> str:
    """One row of the table."""
    program = str(row["program"]).replace("|", "\\|")
    start = f"| {row['quads']:,} | {float(str(row['blank'])):.0%} | {program} |"
    if "failed" in row:
        return f"{start} {row['failed']} | | | | |"
    return f"{start} {row['seconds']} | {row['ratio']} | {row['cpu']} | {row['cpuRatio']} | {row['megabytes']:,} |"


def write_report(page: Path, rows: list[dict[str, object]]) -> None:
    """Puts the rows into the page, in place of those of the same program on the same data.

    Raises ValueError where the page has not the marks.
    """
    text = page.read_text("utf-8")
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    lines = {_key(line): line for line in text[start:end].splitlines()[3:] if line.startswith("|")}
    lines |= {_key(line): line for line in map(table_line, rows)}
    ordered = sorted(lines.values(), key=lambda line: _key(line)[:2])  # programs stay in their order
    page.write_text("\n".join([text[:start], HEAD, RULE, *ordered, text[end:]]), "utf-8")


def _key(line: str) -> tuple[int, int, str]:
    quads, share, program = line.split(" | ")[:3]
    return int(quads.strip("| ").replace(",", "")), int(share.strip(" %")), program.strip()
