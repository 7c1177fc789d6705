"""The kept results as tables in docs/extraction-benchmark.md: `python -m bench.extraction.report [--datasets FOLDER]`.

Scores need the labelled texts, which stand in the folder --datasets, else $TRIPLOCK_DATASETS; no model is asked.
The page is written between its marks; the words around them stay.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path

from bench.extraction.data.task import DataSet
from bench.extraction.measures import Compared, Interval, Measured, Read, Subset, by_subset, compare, measure, read
from bench.extraction.peers import PEERS
from bench.extraction.results import Results
from bench.extraction.run import DATA, RESULTS, SETTINGS, TERMS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "extraction-benchmark.md"
BEGIN, END = "<!-- results: written by bench/extraction/report.py -->", "<!-- /results -->"
FEWEST = 5
"""Texts; of fewer an interval says nothing."""
QUALITY = (
    ("system, setting", "texts", "triples", "strict F1 (95 %)", "P", "R", "official F1 (95 %)", "partial F1"),
    "|---|--:|--:|--:|--:|--:|--:|--:|",
)
FORM = (
    ("system, setting", "answers parse", "relation known", "classes fit", "grounded", "invented", "lost", "silently"),
    "|---|--:|--:|--:|--:|--:|--:|--:|",
)
COST = (
    ("system, setting", "calls/text", "prompt/text", "answer/text", "CPU s/text", "tokens/correct", "CPU s/correct"),
    "|---|--:|--:|--:|--:|--:|--:|",
)


def tables(data: DataSet, results: Path, seed: int) -> str:
    """What is kept of a data set."""
    every: dict[str, list[Read]] = {}
    for peer in PEERS.values():
        for setting in SETTINGS:
            reads = read(data, Results(results / data.name / f"{peer.name}.{setting}.jsonl").current())
            if reads:
                every[f"{peer.title}, {setting}"] = reads
    found = {name: reads for name, reads in every.items() if len(reads) >= FEWEST}
    if not found:
        return ""
    rows = {name: measure(data, reads) for name, reads in found.items()}
    most = max(m.texts for m in rows.values())
    parts = [f"### {data.name}", "", f"The first texts, at most {most}, of the order that seed {seed} gives."]
    parts.append(_made_with(results / data.name / TERMS))
    if few := [f"{name} ({len(reads)})" for name, reads in every.items() if len(reads) < FEWEST]:
        parts.append(f"Tried on fewer than {FEWEST} texts, and so not shown: {', '.join(few)}.")
    parts += ["", *_table(QUALITY, [_quality(n, m, data) for n, m in rows.items()])]
    parts += ["", *_table(FORM, [_form(n, m, data) for n, m in rows.items()])]
    parts += ["", *_table(COST, [_cost(n, m) for n, m in rows.items()])]
    parts += ["", *_subsets({name: by_subset(data, reads) for name, reads in found.items()})]
    compared = _against_triplock(data, found)
    return "\n".join([*parts, *compared, ""])


def _made_with(path: Path) -> str:
    terms = json.loads(path.read_text("utf-8"))
    model = f"{terms['model']} (SHA-256 {terms['sha256'][:16]}…)"
    return f"Model {model}, {terms['runtime']}, at most {terms['cap']} tokens an answer."


def _subsets(found: dict[str, dict[str, Subset]]) -> list[str]:
    """Strict F1 a part; where texts of it state nothing, the share of those that were given triples."""
    names = sorted({name for parts in found.values() for name in parts})
    rows = []
    for system, parts in found.items():
        cells = [_part(parts[name]) if name in parts else "–" for name in names]
        rows.append([system, *cells])
    return _table((("system, setting", *names), "|---|" + "--:|" * len(names)), rows)


def _part(part: Subset) -> str:
    score = f"{part.counts.score.f1:.2f}" if part.counts.gold else "–"
    alarms = f", {part.quiet} of {part.quiet.whole} empty ones filled" if part.quiet.whole else ""
    return f"{score} ({part.texts}{alarms})"


def _against_triplock(data: DataSet, found: dict[str, list[Read]]) -> list[str]:
    ours = {name: reads for name, reads in found.items() if name.startswith(f"{PEERS['triplock'].title}, ")}
    lines = []
    for name, reads in ours.items():
        rows = []
        for other, theirs in found.items():
            if other not in ours and {r.task.labelled.id for r in reads} & {r.task.labelled.id for r in theirs}:
                rows.append(_compared(other, compare(data, reads, theirs)))
        if rows:
            head = ("system, setting", "texts of both", "strict F1", "(95 %)", "better in", "tokens/correct", "(95 %)")
            lines += ["", f"`{name}` divided by each other system, on the texts that both have read:", ""]
            lines += _table((head, "|---|--:|--:|--:|--:|--:|--:|"), rows)
    return lines


def _table(head: tuple[Sequence[str], str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(head[0])} |", head[1], *(f"| {' | '.join(row)} |" for row in rows)]


def _quality(name: str, m: Measured, data: DataSet) -> list[str]:
    score, others = m.strict.score, ["–", "–"]
    if data.counts is None:
        others = [f"{m.official:.3f} {_bounds(m.official_interval)}", f"{m.partial.score.f1:.3f}"]
    return [
        name, str(m.texts), str(m.triples), f"{score.f1:.3f} {_bounds(m.strict_interval)}", f"{score.precision:.2f}",
        f"{score.recall:.2f}", *others,
    ]  # fmt: skip


def _form(name: str, m: Measured, data: DataSet) -> list[str]:
    silent = f"{m.silent.part} of {m.silent.whole}" if m.silent.whole else "–"
    # A document is often the subject of what it says, and its text does not name it.
    named = ("–", "–") if data.counts is not None else (m.grounded, m.invented)
    return [name, *map(str, (m.parsed, m.known, m.typed, *named, m.lost)), silent]


def _cost(name: str, m: Measured) -> list[str]:
    n = m.texts
    return [
        name, f"{m.calls / n:.1f}", f"{m.tokens_in / n:,.0f}", f"{m.tokens_out / n:,.0f}", f"{m.cpu_seconds / n:.1f}",
        _number(m.tokens_per_correct), _number(m.seconds_per_correct),
    ]  # fmt: skip


def _compared(name: str, c: Compared) -> list[str]:
    return [
        name, str(c.texts), _times(c.f1_ratio), _bounds(c.f1_ratio_interval, _times), f"{c.better:.0%}",
        _times(c.tokens_ratio), _bounds(c.tokens_ratio_interval, _times),
    ]  # fmt: skip


def _number(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) else "nothing right"


def _times(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}" if math.isfinite(value) else "∞"


def _bounds(bounds: Interval, shown: object = None) -> str:
    low, high = (shown(b) if callable(shown) else f"{b:.3f}" for b in (bounds.low, bounds.high))
    return f"({low}–{high})"


def not_installed(results: Path) -> str:
    """The peers that could not be installed, with what was said."""
    path = results / "not_installed.json"
    reasons = json.loads(path.read_text("utf-8")) if path.exists() else {}
    if not reasons:
        return "Every peer of the list installed."
    return "\n".join(f"- {PEERS[name].title} did not install: {reason}" for name, reason in sorted(reasons.items()))


def write(page: Path, datasets: Path, results: Path, seed: int) -> None:
    """Writes the tables into the page; raises ValueError where it has not the marks."""
    parts = [not_installed(results)]
    there = [name for name in DATA if any((results / name).glob("*.jsonl"))]
    loaded = (importlib.import_module(f"bench.extraction.data.{name}").load_data(datasets, seed) for name in there)
    parts += [tables(data, results, seed) for data in loaded]
    text = page.read_text("utf-8")
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    page.write_text("\n".join([text[:start], "", "\n\n".join(p for p in parts if p), text[end:]]), "utf-8")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, default=os.environ.get("TRIPLOCK_DATASETS"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args(arguments)
    if options.datasets is None:
        parser.error("give --datasets, or TRIPLOCK_DATASETS")
    write(options.page, Path(options.datasets), options.results, options.seed)


if __name__ == "__main__":
    main()
