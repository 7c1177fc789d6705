"""What is measured of a system's results on a data set: forms, conformance, groundedness, cost, and the two F1 scores.

Every figure is of the texts that the system has read; a comparison of two is of those that both have read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.extraction.adapter_process import VALUE, label
from bench.extraction.data.task import DataSet, Task
from bench.extraction.results import Result
from extractors.evaluation.bootstrap import Interval, Resampling, interval, quotient, share_better
from extractors.evaluation.counts import Counts
from extractors.evaluation.model import Predicted, PredictedTriple
from extractors.evaluation.official import mean_official, official
from extractors.evaluation.partial import partial
from extractors.evaluation.strict import strict
from ontology.model import Ontology


@dataclass(frozen=True, slots=True)
class Read:
    """A task with a system's result and the triples in it, their relations written as the ontology writes them."""

    task: Task
    result: Result
    predicted: Predicted


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `whole`; no rate where there is nothing to take it of."""

    part: int
    whole: int

    def __str__(self) -> str:
        return f"{self.part / self.whole:.0%}" if self.whole else "–"


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one system in one setting.

    Rates: `parsed` of the model's answers; `known` and `typed` of the triples (relation in the ontology; and the
    classes that the system gave within domain and range); `grounded` of the triples (subject and object both stand in
    the text, whatever the case of letters); `invented` (a part is not in the text or the relation not in the
    ontology); `lost` of the texts (an answer that is broken or an error), `silent` of those.
    `per_correct` is in tokens and in processor seconds of the model, infinite where nothing is right.
    """

    texts: int
    triples: int
    parsed: Rate
    known: Rate
    typed: Rate
    grounded: Rate
    invented: Rate
    lost: Rate
    silent: Rate
    tokens_in: int
    tokens_out: int
    calls: int
    cpu_seconds: float
    strict: Counts
    strict_interval: Interval
    partial: Counts
    official: float
    official_interval: Interval

    @property
    def tokens_per_correct(self) -> float:
        """Of prompts and answers."""
        return (self.tokens_in + self.tokens_out) / self.strict.correct if self.strict.correct else float("inf")

    @property
    def seconds_per_correct(self) -> float:
        """Processor seconds of the model."""
        return self.cpu_seconds / self.strict.correct if self.strict.correct else float("inf")


def read(data: DataSet, results: Sequence[Result]) -> list[Read]:
    """The tasks that were read, in the order of the data set."""
    by_id = {kept.id: kept for kept in results}
    return [
        Read(task, kept, _in_words_of(data.topics[task.topic].ontology, kept.predicted(task.labelled.text)))
        for task in data.tasks
        if (kept := by_id.get(task.labelled.id)) is not None
    ]


def measure(data: DataSet, reads: Sequence[Read]) -> Measured:
    """The figures of what one system read."""
    triples = [(r, t, kept) for r in reads for t, kept in zip(r.predicted.triples, r.result.triples, strict=True)]
    known = [_known(data.topics[r.task.topic].ontology, t.relation) for r, t, _ in triples]
    grounded = [_grounded(r.task.labelled.text, t) for r, t, _ in triples]
    typed = [
        _typed(data.topics[r.task.topic].ontology, t.relation, kept[3], kept[4]) for r, t, kept in triples if kept[3]
    ]
    calls = [row for r in reads for row in r.result.calls]
    lost = [r.result for r in reads if r.result.failed]
    counts, scores = strict_counts(data, reads), official_f1(data, reads)
    draws = Resampling(len(reads))
    return Measured(
        texts=len(reads),
        triples=len(triples),
        parsed=Rate(sum(row[0] == 200 and row[1] != "length" and row[2] for row in calls), len(calls)),
        known=Rate(sum(known), len(known)),
        typed=Rate(sum(typed), len(typed)),
        grounded=Rate(sum(grounded), len(grounded)),
        invented=Rate(sum(not (k and g) for k, g in zip(known, grounded, strict=True)), len(triples)),
        lost=Rate(len(lost), len(reads)),
        silent=Rate(sum(kept.silent for kept in lost), len(lost)),
        tokens_in=sum(row[3] for row in calls),
        tokens_out=sum(row[5] for row in calls),
        calls=len(calls),
        cpu_seconds=sum(row[7] for row in calls),
        strict=sum(counts, Counts()),
        strict_interval=interval(draws.f1(counts)),
        partial=partial([r.task.labelled for r in reads], [r.predicted for r in reads]).counts,
        official=sum(scores) / len(scores) if scores else 0.0,
        official_interval=interval(draws.means(scores)),
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """Two systems on the texts that both have read: the ratio of A's strict F1 to B's, and of tokens per correct one.

    `better` is the share of resamples in which A's F1 is above B's. A ratio of two nothings is nan, in a resample 1.
    """

    texts: int
    f1_ratio: float
    f1_ratio_interval: Interval
    tokens_ratio: float
    tokens_ratio_interval: Interval
    better: float


def compare(data: DataSet, first: Sequence[Read], second: Sequence[Read]) -> Compared:
    """A and B, paired."""
    both = {r.task.labelled.id for r in first} & {r.task.labelled.id for r in second}
    pair = [[r for r in reads if r.task.labelled.id in both] for reads in (first, second)]
    draws = Resampling(len(both))
    counts = [strict_counts(data, reads) for reads in pair]
    f1 = [draws.f1(c) for c in counts]
    tokens = [[float(r.predicted.tokens_in + r.predicted.tokens_out) for r in reads] for reads in pair]
    per_correct = [
        quotient(draws.sums(t), draws.sums([float(one.correct) for one in c]), none=float("inf"))
        for t, c in zip(tokens, counts, strict=True)
    ]
    totals = [sum(c, Counts()) for c in counts]
    costs = [sum(t) / n.correct if n.correct else float("inf") for t, n in zip(tokens, totals, strict=True)]
    return Compared(
        len(both),
        _ratio(totals[0].score.f1, totals[1].score.f1),
        interval(quotient(f1[0], f1[1])),
        _ratio(costs[0], costs[1]),
        interval(np.nan_to_num(quotient(per_correct[0], per_correct[1]), nan=1.0, posinf=np.inf)),
        share_better(f1[0], f1[1]),
    )


@dataclass(frozen=True, slots=True)
class Subset:
    """A part of the texts: how many, their strict counts, and how many of its `quiet` ones were given triples."""

    texts: int
    counts: Counts
    quiet: Rate


def by_subset(data: DataSet, reads: Sequence[Read]) -> dict[str, Subset]:
    """The ontologies and the subsets of the data set, by name; texts of no subset are `others`."""
    parts: dict[str, list[Read]] = {}
    for one in reads:
        for name in (one.task.topic, *(one.task.subsets or ("others",))):
            parts.setdefault(name, []).append(one)
    found = {}
    for name in sorted(parts):
        counts = strict_counts(data, parts[name])
        quiet = [c for c in counts if not c.gold]
        alarms = Rate(sum(c.predicted > 0 for c in quiet), len(quiet))
        found[name] = Subset(len(counts), sum(counts, Counts()), alarms)
    return found


def strict_counts(data: DataSet, reads: Sequence[Read]) -> tuple[Counts, ...]:
    """The strict counts, a text each, or those of the data set's own rules."""
    if data.counts is not None:
        return tuple(data.counts(r.task, r.predicted) for r in reads)
    return strict([r.task.labelled for r in reads], [r.predicted for r in reads]).per_text


def official_f1(data: DataSet, reads: Sequence[Read]) -> list[float]:
    """Text2KGBench's F1, a text each, each with its own ontology."""
    return [
        mean_official(official([r.task.labelled], [r.predicted], data.topics[r.task.topic].ontology)).f1 for r in reads
    ]


def _in_words_of(ontology: Ontology, said: Predicted) -> Predicted:
    """The relations under the ontology's own names, whichever way their words were joined: `CAST_MEMBER`."""
    names = {_key(r.label): r.label.strip() for r in ontology.relations.values()}
    triples = tuple(
        PredictedTriple(
            t.subject, names.get(_key(t.relation), t.relation), t.object, None, None, t.subject_span, t.object_span
        )
        for t in said.triples
    )
    return Predicted(said.id, triples, said.tokens_in, said.tokens_out, said.seconds, said.calls, said.failed)


def _key(name: str) -> str:
    """A name without what joins its words.

    >>> _key("CAST_MEMBER") == _key("cast member") == _key("castMember")
    True
    """
    return re.sub(r"[^0-9a-z]+", "", name.casefold())


def _known(ontology: Ontology, relation: str) -> bool:
    return any(r.label.strip() == relation for r in ontology.relations.values())


def _typed(ontology: Ontology, relation: str, subject: str, thing: str) -> bool:
    """Whether the classes that a system gave are among the relation's; a relation without any takes all."""
    for r in ontology.relations.values():
        if r.label.strip() == relation:
            ends = ((r.domain, subject), (r.range, thing))
            allowed = [[label(ontology.classes[iri]) for iri in classes] for classes, _ in ends]
            if r.datatype:
                allowed[1] = [VALUE]
            if all(not a or _key(said) in {_key(c) for c in a} for a, (_, said) in zip(allowed, ends, strict=True)):
                return True
    return False


def _grounded(text: str, triple: PredictedTriple) -> bool:
    lower = text.casefold()
    return all(part and part.casefold() in lower for part in (triple.subject, triple.object))


def _ratio(a: float, b: float) -> float:
    """A to B; none (nan) where both are 0 or both infinite, for then there is nothing to compare."""
    if a == b and (a == 0 or math.isinf(a)):
        return float("nan")
    return a / b if b else float("inf")
