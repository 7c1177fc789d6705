"""An evaluation in lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from extractors.evaluation.comparison import Comparison
from extractors.evaluation.cost import Cost
from extractors.evaluation.evaluate import Evaluation, Measured
from extractors.evaluation.figures import bounds, figure
from extractors.evaluation.mistakes import examples

SHOWN = 20
"""Relations that are listed; the report files have all."""
_EXAMPLES = 2
_EXCERPT = 160


def report_text(evaluation: Evaluation) -> str:
    """The report; what it quotes from texts is as hostile as they are, so print it through a filter."""
    return "\n".join(_lines(evaluation))


def comparison_text(comparison: Comparison) -> str:
    """The comparison in words."""
    c = comparison
    lines = [
        f"compared    strict F1 {figure(c.f1)} against {figure(c.other_f1)}",
        f"            ratio {bounds(c.ratio)}, difference {bounds(c.difference)}",
        f"            better in {c.better:.1%} of the draws",
    ]
    if c.tokens_ratio is not None:
        lines.append(f"            tokens a right triple: ratio {bounds(c.tokens_ratio)}")
    return "\n".join(lines)


def _lines(e: Evaluation) -> Iterator[str]:
    counts = e.strict.counts
    yield f"texts       {len(e.pairs)}, {len(e.failed)} without an answer"
    yield f"triples     {counts.gold} labelled, {counts.predicted} stated, {counts.correct} right"
    if e.strict.quiet_texts:
        yield f"quiet texts {e.strict.quiet_texts} state nothing; of {e.strict.false_alarms} something was stated"
    yield ""
    yield f"{'':<12}{'precision':<22}{'recall':<22}F1"
    for name, row in e.rows.items():
        yield f"{name:<12}{_measured(row.precision):<22}{_measured(row.recall):<22}{_measured(row.f1)}"
    macro = e.strict.macro
    yield f"{'by relation':<12}{figure(macro.precision):<22}{figure(macro.recall):<22}{figure(macro.f1)}"
    yield ""
    g = e.grounding
    if g.stated:
        yield f"in the text {_share(g.in_text, g.stated)} have subject and object as the text has them"
    if g.stated and g.conforming is not None:
        yield f"conforming  {_share(g.conforming, g.stated)} have a relation of the ontology"
    if e.confidence is not None:
        c = e.confidence
        auroc = "none" if c.auroc is None else figure(c.auroc)
        yield (
            f"confidence  calibration error {figure(c.ece_equal_mass)} (equal mass), {figure(c.ece_equal_width)} "
            f"(equal width); AUROC {auroc}; Brier {figure(c.brier)}; {c.count} triples"
        )
    yield from _costs(e)
    if e.strict.per_relation:
        yield ""
        yield f"{'relation':<32}{'labelled':>9}{'stated':>9}{'right':>9}{'F1':>9}"
        ranked = e.strict.ranked_relations
        for name, n in ranked[:SHOWN]:
            yield f"{name[:31]:<32}{n.gold:>9}{n.predicted:>9}{n.correct:>9}{figure(n.score.f1):>9}"
        if len(ranked) > SHOWN:
            yield f"and {len(ranked) - SHOWN} more"
    yield from _mistakes(e)


def _costs(e: Evaluation) -> Iterator[str]:
    if not (e.cost.calls or e.cost.tokens or e.cost.seconds):
        return
    counts = e.strict.counts
    yield f"{'cost':<12}{'calls':>10}{'prompt':>12}{'completion':>12}{'seconds':>10}{_money_head(e.cost)}"
    rows = (
        ("in all", e.cost),
        ("a text", e.cost.per(len(e.pairs))),
        ("a relation", e.cost.per(counts.predicted)),
        ("a right one", e.cost.per(counts.correct)),
    )
    for name, cost in rows:
        if cost is not None:
            money = "" if cost.money is None else f"{cost.money:>12.4g}"
            yield (
                f"{name:<12}{cost.calls:>10.4g}{cost.tokens_in:>12.6g}{cost.tokens_out:>12.6g}"
                f"{cost.seconds:>10.4g}{money}"
            )


def _money_head(cost: Cost) -> str:
    return "" if cost.money is None else f"{'money':>12}"


def _mistakes(e: Evaluation) -> Iterator[str]:
    texts = {text.id: text.text for text, _ in e.pairs}
    shown = examples(e.mistakes, _EXAMPLES)
    for kind, count in e.kinds.items():
        yield ""
        yield f"{kind} {count}"
        for mistake in shown:
            if mistake.kind is not kind:
                continue
            said = "" if mistake.stated is None else " | ".join(mistake.stated.triple)
            right = "" if mistake.expected is None else " | ".join(mistake.expected)
            yield f"  {mistake.id}: {_one_line(texts[mistake.id])}"
            if said:
                yield f"    stated   {_one_line(said)}"
            if right:
                yield f"    labelled {_one_line(right)}"


def _measured(measured: Measured) -> str:
    return f"{figure(measured.value)} {bounds(measured.interval)}"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})"


def _one_line(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _EXCERPT else flat[: _EXCERPT - 1] + "…"
