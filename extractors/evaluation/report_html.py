"""An evaluation as a page that stands alone: one file, plots within it, no program, nothing fetched.

The page forbids itself everything but its own style (Content Security Policy, https://www.w3.org/TR/CSP3/), and what
it quotes from texts and predictions is escaped, so that a hostile text is shown and does nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from extractors.evaluation.charts import bars, histogram, intervals, meter, precision_and_recall, reliability, shown
from extractors.evaluation.comparison import Comparison
from extractors.evaluation.cost import Cost
from extractors.evaluation.evaluate import Evaluation, Measured
from extractors.evaluation.figures import bounds, figure
from extractors.evaluation.mistakes import Kind, Mistake, examples
from extractors.evaluation.thresholds import best

EXAMPLES = 6
"""Of each kind of mistake."""
_EXCERPT = 600
_FAILED_SHOWN = 20
_STYLE = Path(__file__).with_name("report.css")
_MEANING = {
    Kind.OFF_ONTOLOGY: "the ontology has no such relation",
    Kind.BOUNDARY: "right, but a name begins or ends elsewhere",
    Kind.SWAPPED: "subject and object have changed places",
    Kind.RELATION: "the right two things, another relation",
    Kind.ARGUMENT: "the right relation, and one of the two things",
    Kind.SPURIOUS: "nothing that was labelled is like it",
    Kind.MISSING: "labelled, and nothing stated is like it",
    Kind.UNANSWERED: "labelled in a text that has no answer",
}


def report_html(evaluation: Evaluation, title: str, comparison: Comparison | None = None) -> str:
    """The page; equal arguments give equal pages."""
    style = _STYLE.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    body = "\n".join(_body(evaluation, title, comparison))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Evaluation: {shown(title)}</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _body(e: Evaluation, title: str, comparison: Comparison | None) -> Iterator[str]:
    counts = e.strict.counts
    yield f"<h1>Evaluation: <bdi>{shown(title)}</bdi></h1>"
    yield (
        f'<p class="lead">{len(e.pairs):,} texts, {counts.gold:,} labelled triples, {counts.predicted:,} stated'
        + (f", of those at least {e.min_confidence:.2f} sure" if e.min_confidence else "")
        + ".</p>"
    )
    yield _tiles(e)
    yield "<h2>Scores</h2>"
    yield f"<figure>{intervals([(name, row.f1) for name, row in e.rows.items()])}</figure>"
    yield from _scores(e)
    if comparison is not None:
        yield from _compared(comparison)
    yield from _confidence(e)
    yield from _relations(e)
    yield from _mistakes(e)
    yield from _costs(e)
    yield from _failed(e)
    yield "<h2>How this was made</h2>"
    yield _facts([(name, f"<bdi>{shown(value)}</bdi>") for name, value in e.settings])


def _tiles(e: Evaluation) -> str:
    tiles = [(figure(e.rows["strict"].f1.value), "strict F1"), (figure(e.rows["partial"].f1.value), "partial F1")]
    tiles.append((figure(e.rows["official"].f1.value), "official F1"))
    if e.confidence is not None:
        tiles.append((figure(e.confidence.ece_equal_mass), "calibration error"))
        tiles.append(("–" if e.confidence.auroc is None else figure(e.confidence.auroc), "AUROC"))
    if e.cost.tokens and (per := e.cost.per(e.strict.counts.correct)) is not None:
        tiles.append((f"{per.tokens:,.0f}", "tokens a right triple"))
    if e.failed:
        tiles.append((str(len(e.failed)), "texts without an answer"))
    return (
        '<ul class="tiles">' + "".join(f"<li><b>{value}</b><span>{name}</span></li>" for value, name in tiles) + "</ul>"
    )


def _scores(e: Evaluation) -> Iterator[str]:
    rows = [[name, _measured(row.precision), _measured(row.recall), _measured(row.f1)] for name, row in e.rows.items()]
    macro = e.strict.macro
    rows.append(["strict, mean over relations", figure(macro.precision), figure(macro.recall), figure(macro.f1)])
    yield _table(["", "precision", "recall", "F1"], rows)
    yield '<p class="muted">Brackets hold 95 % intervals over resampled texts.</p>'
    g, o = e.grounding, e.official
    facts = []
    if g.stated:
        facts.append(f"{g.in_text / g.stated:.1%} of what was stated has subject and object as the text has them.")
        facts.append(
            f"By the official rules {o.subject_hallucination:.1%} of subjects and {o.object_hallucination:.1%} of "
            "objects are not in the text."
        )
    if g.stated and g.conforming is not None:
        facts.append(f"{g.conforming / g.stated:.1%} has a relation of the ontology.")
    if e.strict.quiet_texts:
        facts.append(f"Of {e.strict.quiet_texts:,} texts that state nothing, {e.strict.false_alarms:,} got a triple.")
    yield f"<p>{' '.join(facts)}</p>"


def _compared(c: Comparison) -> Iterator[str]:
    yield "<h2>Compared with the other system</h2>"
    rows = [
        ["strict F1, this and the other", f"{figure(c.f1)}, {figure(c.other_f1)}"],
        ["difference", bounds(c.difference)],
        ["ratio", bounds(c.ratio)],
        ["draws in which this one is better", f"{c.better:.1%}"],
    ]
    if c.tokens_ratio is not None:
        rows.append(["ratio of the tokens a right triple", bounds(c.tokens_ratio)])
    yield _table(["", "95 % interval"], rows)


def _confidence(e: Evaluation) -> Iterator[str]:
    c = e.confidence
    if c is None:
        return
    yield "<h2>Confidence</h2>"
    auroc = "none" if c.auroc is None else figure(c.auroc)
    yield (
        f"<p>Of {c.count:,} stated triples with a confidence {c.correct:,} are right. Expected calibration error "
        f"{figure(c.ece_equal_mass)} in bins of equal mass, {figure(c.ece_equal_width)} in bins of equal width; "
        f"AUROC {auroc}; Brier score {figure(c.brier)}.</p>"
    )
    yield '<div class="plots">'
    yield _figure_of(reliability(c.bins), "Below the diagonal the system is surer than it should be.")
    yield _figure_of(histogram([j for text in e.judgements for j in text]), "Right and wrong triples by confidence.")
    top = best(e.thresholds)
    words = f"F1 is highest, {top.score.f1:.3f}, from {top.confidence:.2f} on." if top is not None else ""
    yield _figure_of(precision_and_recall(e.thresholds, e.min_confidence), words)
    yield "</div>"


def _relations(e: Evaluation) -> Iterator[str]:
    if not e.strict.per_relation:
        return
    yield "<h2>Relations</h2>"
    rows = []
    for name, n in e.strict.ranked_relations:
        s = n.score
        rows.append(
            [
                f"<bdi>{shown(name)}</bdi>",
                f"{n.gold:,}",
                f"{n.predicted:,}",
                f"{n.correct:,}",
                figure(s.precision),
                figure(s.recall),
                f"{figure(s.f1)} {meter(s.f1)}",
            ]
        )
    yield _table(["relation", "labelled", "stated", "right", "precision", "recall", "F1"], rows)


def _mistakes(e: Evaluation) -> Iterator[str]:
    if not e.mistakes:
        return
    yield "<h2>Mistakes</h2>"
    yield f"<figure>{bars([(kind.value, count) for kind, count in e.kinds.items()])}</figure>"
    kinds = [kind for kind in Kind if kind in e.kinds]
    rows = [
        [f"<bdi>{shown(name)}</bdi>", *(f"{found[kind]:,}" if kind in found else "" for kind in kinds)]
        for name, found in sorted(e.by_relation.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    ]
    yield _table(["by relation", *(kind.value for kind in kinds)], rows)
    texts = {text.id: text.text for text, _ in e.pairs}
    shown_ones = examples(e.mistakes, EXAMPLES)
    for kind in kinds:
        yield f'<h3>{kind.value.capitalize()} <span class="sure">{e.kinds[kind]:,}: {_MEANING[kind]}</span></h3>'
        for mistake in shown_ones:
            if mistake.kind is kind:
                yield _example(mistake, texts[mistake.id])


def _example(mistake: Mistake, text: str) -> str:
    lines = [
        f'<p class="id"><bdi>{shown(mistake.id)}</bdi></p><p><bdi>{_marked(text, _spans(mistake, text))}</bdi></p>'
    ]
    if mistake.stated is not None:
        t = mistake.stated
        sure = "" if t.confidence is None else f' <span class="sure">{t.confidence:.2f} sure</span>'
        lines.append(f'<p class="said">{_triple(t.triple)}{sure}</p>')
    if mistake.expected is not None:
        lines.append(f'<p class="right">{_triple(mistake.expected)}</p>')
    return f'<div class="mistake">{"".join(lines)}</div>'


def _triple(triple: tuple[str, str, str]) -> str:
    subject, relation, value = (f"<bdi>{shown(part)}</bdi>" for part in triple)
    return f"{subject} <b>{relation}</b> {value}"


def _spans(mistake: Mistake, text: str) -> list[tuple[int, int]]:
    """Where the text names the subject and object: by the spans given, else where the words first stand."""
    stated = mistake.stated
    names = mistake.expected if stated is None else stated.triple
    given = (None, None) if stated is None else (stated.subject_span, stated.object_span)
    found = []
    for name, span in zip((names[0], names[2]) if names else (), given, strict=False):
        start = text.find(name)
        if span is None and start >= 0:
            span = (start, start + len(name))
        if span is not None:
            found.append(span)
    return found


def _marked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text, or what of it is around the spans, with these marked."""
    first, last = (min(s for s, _ in spans), max(e for _, e in spans)) if spans else (0, 0)
    begin = max(0, first - _EXCERPT // 2) if last > _EXCERPT else 0
    end = max(min(len(text), last, begin + 4 * _EXCERPT), begin + _EXCERPT)
    written, at = ["…"] if begin else [], begin
    for start, stop in sorted(spans):
        start, stop = max(start, at), min(stop, end)
        if start < stop:
            written += [shown(text[at:start]), f"<mark>{shown(text[start:stop])}</mark>"]
            at = stop
    return "".join([*written, shown(text[at:end]), "…" if end < len(text) else ""])


def _costs(e: Evaluation) -> Iterator[str]:
    if not (e.cost.calls or e.cost.tokens or e.cost.seconds):
        return
    yield "<h2>Cost</h2>"
    counts = e.strict.counts
    shares: list[tuple[str, Cost | None]] = [
        ("in all", e.cost),
        ("a text", e.cost.per(len(e.pairs))),
        ("a stated triple", e.cost.per(counts.predicted)),
        ("a right triple", e.cost.per(counts.correct)),
    ]
    priced = e.cost.money is not None
    rows = [
        [name, _number(c.calls), _number(c.tokens_in), _number(c.tokens_out), _number(c.seconds)]
        + ([_number(c.money or 0.0)] if priced else [])
        for name, c in shares
        if c is not None
    ]
    yield _table(["", "calls", "prompt tokens", "completion tokens", "seconds", *(["money"] if priced else [])], rows)
    yield '<p class="muted">Answers that were kept from before cost nothing and are not counted.</p>'


def _failed(e: Evaluation) -> Iterator[str]:
    if not e.failed:
        return
    yield "<h2>Texts without an answer</h2>"
    rows = [[f"<bdi>{shown(said.id)}</bdi>", f"<bdi>{shown(said.failed[:200])}</bdi>"] for said in e.failed]
    yield _table(["text", "reason"], rows[:_FAILED_SHOWN])
    if len(rows) > _FAILED_SHOWN:
        yield f"<p>and {len(rows) - _FAILED_SHOWN:,} more</p>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; cells are markup already."""
    top = "".join(f'<th scope="col">{name}</th>' for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _facts(rows: Sequence[tuple[str, str]]) -> str:
    """Names with their values, which are markup already."""
    return "<dl>" + "".join(f"<dt>{shown(name)}</dt><dd>{value}</dd>" for name, value in rows) + "</dl>"


def _figure_of(svg: str, caption: str) -> str:
    return f"<figure>{svg}<figcaption>{caption}</figcaption></figure>"


def _measured(measured: Measured) -> str:
    return f'{figure(measured.value)} <span class="range">{bounds(measured.interval)}</span>'


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 1000 else f"{value:.3g}"
