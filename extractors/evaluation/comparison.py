"""Two systems on the same texts: by how much one is better, and how sure that is.

Both are resampled with the same draws of texts, so what makes a text hard for both does not blur the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractors.evaluation.bootstrap import SAMPLES, Interval, Resampling, Samples, interval, quotient, share_better
from extractors.evaluation.counts import Counts, total
from extractors.evaluation.model import LabelledText, Predicted, paired
from extractors.evaluation.normalise import Normalisation
from extractors.evaluation.strict import strict


@dataclass(frozen=True, slots=True)
class Comparison:
    """Strict F1 of this system and of the other, and the 95 % intervals of difference and ratio (this by other).

    `better` is the share of draws in which this system's F1 is the higher one. `tokens_ratio` is that of the tokens a
    right triple, None where a system says nothing of tokens.
    """

    f1: float
    other_f1: float
    difference: Interval
    ratio: Interval
    better: float
    tokens_ratio: Interval | None


def compare(
    texts: Sequence[LabelledText],
    this: Sequence[Predicted],
    other: Sequence[Predicted],
    *,
    normalisation: Normalisation | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
) -> Comparison:
    """Compares predictions of the same texts; raises what `paired` raises."""
    draws = Resampling(len(texts), samples=samples, seed=seed)
    counts = [strict(texts, said, normalisation).per_text for said in (this, other)]
    f1, other_f1 = (draws.f1(c) for c in counts)
    tokens = [[p.tokens_in + p.tokens_out for _, p in paired(texts, said)] for said in (this, other)]
    priced = any(tokens[0]) and any(tokens[1])
    return Comparison(
        total(counts[0]).score.f1,
        total(counts[1]).score.f1,
        interval(f1 - other_f1),
        interval(quotient(f1, other_f1)),
        share_better(f1, other_f1),
        interval(quotient(*(_a_right_one(draws, t, c) for t, c in zip(tokens, counts, strict=True))))
        if priced
        else None,
    )


def _a_right_one(draws: Resampling, tokens: Sequence[int], counts: Sequence[Counts]) -> Samples:
    return quotient(draws.sums(tokens), draws.sums([c.correct for c in counts]))
