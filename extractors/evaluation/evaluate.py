"""All scores of one system on one labelled data set, with intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

from extractors.evaluation.bootstrap import SAMPLES, Interval, Resampling, Samples, interval
from extractors.evaluation.confidence_scores import ConfidenceScores, Judgement, confidence_scores, judged
from extractors.evaluation.cost import Cost, Price, cost
from extractors.evaluation.counts import Counts, total
from extractors.evaluation.grounding import Grounding, grounding
from extractors.evaluation.mistakes import Kind, Mistake, mistakes
from extractors.evaluation.model import LabelledText, Predicted, paired
from extractors.evaluation.normalise import Normalisation, relation_key
from extractors.evaluation.official import Official, mean_official, official
from extractors.evaluation.partial import partial
from extractors.evaluation.strict import ByTextAndRelation, strict
from extractors.evaluation.thresholds import Threshold, thresholds
from ontology.model import Ontology


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure and its 95 % interval over resampled texts."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """Precision, recall and F1 of one way to score."""

    precision: Measured
    recall: Measured
    f1: Measured


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores; `pairs` are the texts with what was said of them, less what is under `min_confidence`.

    `judgements` and what is made of them (`confidence`, `thresholds`) are of all triples with a confidence, those under
    `min_confidence` too; `confidence` is None where there are none.
    """

    pairs: tuple[tuple[LabelledText, Predicted], ...]
    min_confidence: float
    strict: ByTextAndRelation
    partial: ByTextAndRelation
    official: Official
    rows: dict[str, ScoreRow]
    judgements: tuple[tuple[Judgement, ...], ...]
    confidence: ConfidenceScores | None
    thresholds: tuple[Threshold, ...]
    grounding: Grounding
    cost: Cost
    mistakes: tuple[Mistake, ...]
    settings: tuple[tuple[str, str], ...] = ()
    """What was scored and how, by name: enough to do it again."""

    @property
    def failed(self) -> tuple[Predicted, ...]:
        """The texts for which the system has no answer."""
        return tuple(said for _, said in self.pairs if said.failed)

    @property
    def kinds(self) -> dict[Kind, int]:
        """How many mistakes of each kind there are, in the order of the kinds."""
        found = Counter(m.kind for m in self.mistakes)
        return {kind: found[kind] for kind in Kind if found[kind]}

    @property
    def by_relation(self) -> dict[str, dict[Kind, int]]:
        """How many mistakes of each kind each relation has, by its normalised name."""
        found: dict[str, Counter[Kind]] = {}
        for mistake in self.mistakes:
            found.setdefault(relation_key(mistake.relation), Counter())[mistake.kind] += 1
        return {name: {kind: n[kind] for kind in Kind if n[kind]} for name, n in sorted(found.items())}


def evaluate(
    texts: Sequence[LabelledText],
    predictions: Sequence[Predicted],
    *,
    ontology: Ontology | None = None,
    normalisation: Normalisation | None = None,
    min_confidence: float = 0.0,
    price: Price | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
    settings: Sequence[tuple[str, str]] = (),
) -> Evaluation:
    """Scores the predictions; raises what `paired` raises.

    Triples without a confidence are always taken. Money is reckoned where a `price` is given. `settings` say where the
    predictions come from; those of the scoring are put behind them.
    """
    rules = normalisation or Normalisation()
    own = (("dates", rules.dates.value), ("samples", str(samples)), ("seed", str(seed)))
    judgements = judged(texts, predictions, normalisation)
    taken = [_from(said, min_confidence) for said in predictions]
    exact = strict(texts, taken, normalisation)
    near = partial(texts, taken, normalisation)
    per_text = official(texts, taken, ontology)
    draws = Resampling(len(texts), samples=samples, seed=seed)
    all_judged = [j for text in judgements for j in text]
    return Evaluation(
        paired(texts, taken),
        min_confidence,
        exact,
        near,
        mean_official(per_text),
        {
            "strict": _micro(exact.per_text, draws),
            "partial": _micro(near.per_text, draws),
            "official": _official(per_text, draws),
        },
        judgements,
        confidence_scores(all_judged) if all_judged else None,
        thresholds(all_judged, exact.counts.gold),
        grounding(texts, taken, ontology),
        cost(taken, price),
        mistakes(texts, taken, ontology, normalisation),
        (*settings, *own),
    )


def _from(said: Predicted, least: float) -> Predicted:
    kept = tuple(t for t in said.triples if t.confidence is None or t.confidence >= least)
    return replace(said, triples=kept)


def _micro(per_text: Sequence[Counts], draws: Resampling) -> ScoreRow:
    score = total(per_text).score
    sampled = (draws.precision(per_text), draws.recall(per_text), draws.f1(per_text))
    return ScoreRow(*(_measured(v, s) for v, s in zip(astuple(score), sampled, strict=True)))


def _official(per_text: Sequence[Official], draws: Resampling) -> ScoreRow:
    score = mean_official(per_text)
    columns = ([f.precision for f in per_text], [f.recall for f in per_text], [f.f1 for f in per_text])
    values = (score.precision, score.recall, score.f1)
    return ScoreRow(*(_measured(v, draws.means(c)) for v, c in zip(values, columns, strict=True)))


def _measured(value: float, samples: Samples) -> Measured:
    return Measured(value, interval(samples))
