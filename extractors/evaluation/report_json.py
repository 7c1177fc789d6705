"""An evaluation as one JSON document, for programs."""

from __future__ import annotations

import math
from dataclasses import asdict

from extractors.evaluation.bootstrap import Interval
from extractors.evaluation.comparison import Comparison
from extractors.evaluation.cost import Cost
from extractors.evaluation.counts import Counts
from extractors.evaluation.evaluate import Evaluation, Measured, ScoreRow
from extractors.evaluation.mistakes import Mistake, examples

EXAMPLES = 5
"""Of each kind of mistake."""


def report_json(evaluation: Evaluation) -> dict[str, object]:
    """The document: every figure of the report, and some examples of each kind of mistake."""
    e = evaluation
    exact = e.strict
    return {
        "settings": dict(e.settings),
        "texts": len(e.pairs),
        "failed": [{"id": said.id, "reason": said.failed} for said in e.failed],
        "minConfidence": e.min_confidence,
        "triples": asdict(exact.counts),
        "quietTexts": exact.quiet_texts,
        "falseAlarms": exact.false_alarms,
        "scores": {name: _row(row) for name, row in e.rows.items()},
        "macro": {"strict": asdict(exact.macro), "partial": asdict(e.partial.macro)},
        "official": {
            "conformance": e.official.conformance,
            "relationHallucination": e.official.relation_hallucination,
            "subjectHallucination": e.official.subject_hallucination,
            "objectHallucination": e.official.object_hallucination,
        },
        "relations": {name: _counts(counts) for name, counts in exact.per_relation.items()},
        "grounding": {
            "stated": e.grounding.stated,
            "inText": e.grounding.in_text,
            "withSpans": e.grounding.with_spans,
            "conforming": e.grounding.conforming,
        },
        "confidence": _confidence(evaluation),
        "cost": {
            "total": _cost(e.cost),
            "perText": _cost(e.cost.per(len(e.pairs))),
            "perRelation": _cost(e.cost.per(exact.counts.predicted)),
            "perCorrect": _cost(e.cost.per(exact.counts.correct)),
        },
        "mistakes": {
            "kinds": {kind.value: count for kind, count in e.kinds.items()},
            "byRelation": {
                name: {kind.value: count for kind, count in kinds.items()} for name, kinds in e.by_relation.items()
            },
            "examples": [_mistake(m) for m in examples(e.mistakes, EXAMPLES)],
        },
    }


def comparison_json(comparison: Comparison) -> dict[str, object]:
    """The document of a comparison; an infinite bound is null."""
    c = comparison
    return {
        "f1": c.f1,
        "otherF1": c.other_f1,
        "difference": _bounds(c.difference),
        "ratio": _bounds(c.ratio),
        "better": c.better,
        "tokensRatio": None if c.tokens_ratio is None else _bounds(c.tokens_ratio),
    }


def _row(row: ScoreRow) -> dict[str, object]:
    return {"precision": _measured(row.precision), "recall": _measured(row.recall), "f1": _measured(row.f1)}


def _measured(measured: Measured) -> dict[str, object]:
    return {"value": measured.value, "interval": _bounds(measured.interval)}


def _bounds(interval: Interval) -> list[float | None]:
    return [bound if math.isfinite(bound) else None for bound in (interval.low, interval.high)]


def _counts(counts: Counts) -> dict[str, object]:
    return asdict(counts) | asdict(counts.score)


def _cost(cost: Cost | None) -> dict[str, object] | None:
    if cost is None:
        return None
    tokens = {"prompt": cost.tokens_in, "completion": cost.tokens_out}
    return {"calls": cost.calls, "tokens": tokens, "seconds": cost.seconds, "money": cost.money}


def _confidence(evaluation: Evaluation) -> dict[str, object] | None:
    scores = evaluation.confidence
    if scores is None:
        return None
    return {
        "judged": scores.count,
        "correct": scores.correct,
        "eceEqualWidth": scores.ece_equal_width,
        "eceEqualMass": scores.ece_equal_mass,
        "brier": scores.brier,
        "auroc": scores.auroc,
        "bins": [asdict(b) for b in scores.bins],
        "thresholds": [{"confidence": t.confidence, **_counts(t.counts)} for t in evaluation.thresholds],
    }


def _mistake(mistake: Mistake) -> dict[str, object]:
    stated = mistake.stated
    return {
        "kind": mistake.kind.value,
        "id": mistake.id,
        "stated": None if stated is None else list(stated.triple),
        "confidence": None if stated is None else stated.confidence,
        "expected": None if mistake.expected is None else list(mistake.expected),
    }
