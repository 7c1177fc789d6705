"""What went wrong, one kind a mistake, so that the same repair can be found for the same kind.

Triples that are right are put aside. Each other stated triple is taken for the first of these kinds that fits, and uses
up the labelled triple that it is compared with; what is then left of the labels is missing. Names are alike as in the
partial score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from extractors.evaluation.model import LabelledText, Predicted, PredictedTriple, Triple, paired
from extractors.evaluation.normalise import Normalisation, relation_keys
from extractors.evaluation.partial import THRESHOLD, matched, word_f1
from ontology.model import Ontology


class Kind(StrEnum):
    """The kinds, in the order in which they are looked for."""

    OFF_ONTOLOGY = "off-ontology"
    """The ontology has no such relation."""
    BOUNDARY = "boundary"
    """Right but for where a name begins or ends."""
    SWAPPED = "swapped arguments"
    """Subject and object have changed places."""
    RELATION = "wrong relation"
    """Subject and object of a labelled triple, another relation."""
    ARGUMENT = "wrong argument"
    """The relation and one of the two of a labelled triple."""
    SPURIOUS = "spurious"
    """Nothing that was labelled is like it."""
    MISSING = "missing"
    """Labelled, and nothing stated is like it."""
    UNANSWERED = "unanswered"
    """Labelled in a text for which the system has no answer."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in the text `id`: what was stated, what is right; None where there is no such thing."""

    kind: Kind
    id: str
    stated: PredictedTriple | None
    expected: Triple | None

    @property
    def relation(self) -> str:
        """The relation it is counted under: the labelled one where there is one."""
        if self.expected is not None:
            return self.expected[1]
        return self.stated.relation if self.stated is not None else ""


def mistakes(
    texts: Sequence[LabelledText],
    predictions: Sequence[Predicted],
    ontology: Ontology | None = None,
    normalisation: Normalisation | None = None,
) -> tuple[Mistake, ...]:
    """The mistakes of all texts, in their order; without an ontology none is off it. Raises what `paired` raises."""
    rules = normalisation or Normalisation()
    known = relation_keys(ontology)
    found: list[Mistake] = []
    for text, said in paired(texts, predictions):
        gold = {rules.triple(t): t for t in reversed(text.triples)}
        stated = {rules.triple(t.triple): t for t in reversed(said.triples)}
        found += _of_text(text, said, gold, stated, known)
    return tuple(found)


def examples(found: Sequence[Mistake], count: int) -> list[Mistake]:
    """Up to `count` mistakes of each kind, in the order of the texts; those of relations not shown yet come first."""
    order = {kind: n for n, kind in enumerate(Kind)}
    chosen: list[Mistake] = []
    shown: Counter[tuple[str, str]] = Counter()
    ranked = []
    for mistake in found:
        ranked.append((shown[mistake.kind, mistake.relation], mistake))
        shown[mistake.kind, mistake.relation] += 1
    taken: Counter[str] = Counter()
    for _, mistake in sorted(ranked, key=lambda pair: pair[0]):
        if taken[mistake.kind] < count:
            taken[mistake.kind] += 1
            chosen.append(mistake)
    return sorted(chosen, key=lambda m: order[m.kind])


def _of_text(
    text: LabelledText,
    said: Predicted,
    gold: dict[Triple, Triple],
    stated: dict[Triple, PredictedTriple],
    known: set[str] | None,
) -> list[Mistake]:
    left = set(gold) - set(stated)
    wrong = set(stated) - set(gold)
    found: list[Mistake] = []
    ordered = sorted(left)

    def take(kind: Kind, key: Triple, partner: Triple | None) -> None:
        wrong.remove(key)
        if partner is not None:
            left.remove(partner)
        found.append(Mistake(kind, text.id, stated[key], None if partner is None else gold[partner]))

    if known is not None:
        for key in sorted(wrong):
            if key[1] not in known:
                same = (g for g in ordered if g in left and _alike(key[0], g[0]) and _alike(key[2], g[2]))
                take(Kind.OFF_ONTOLOGY, key, next(same, None))
    for key, partner in sorted(matched(left, wrong).items()):
        take(Kind.BOUNDARY, key, partner)
    for kind, fits in _FITS:
        for key in sorted(wrong):
            like = next((g for g in ordered if g in left and fits(key, g)), None)
            if like is not None:
                take(kind, key, like)
    for key in sorted(wrong):
        take(Kind.SPURIOUS, key, None)
    missing = Kind.UNANSWERED if said.failed else Kind.MISSING
    return found + [Mistake(missing, text.id, None, gold[key]) for key in ordered if key in left]


def _alike(a: str, b: str) -> bool:
    return word_f1(a, b) >= THRESHOLD


_FITS: tuple[tuple[Kind, Callable[[Triple, Triple], bool]], ...] = (
    (Kind.SWAPPED, lambda s, g: s[1] == g[1] and _alike(s[0], g[2]) and _alike(s[2], g[0])),
    (Kind.RELATION, lambda s, g: _alike(s[0], g[0]) and _alike(s[2], g[2])),
    (Kind.ARGUMENT, lambda s, g: s[1] == g[1] and (_alike(s[0], g[0]) or _alike(s[2], g[2]))),
)
