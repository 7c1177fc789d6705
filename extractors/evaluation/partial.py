"""The partial score: the relation is right, and subject and object share most of their words with those labelled.

Two names are alike if the F1 of their words is at least `THRESHOLD`: twice the words they share, counted with
repetition, over the words of both. Words are runs of letters and digits, in lower case; names without any are compared
as they are. Each labelled triple is matched with one stated triple at most, and so that as many as possible are.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Sequence
from functools import lru_cache

from extractors.evaluation.model import LabelledText, Predicted, Triple, paired
from extractors.evaluation.normalise import Normalisation
from extractors.evaluation.strict import ByTextAndRelation, counted

THRESHOLD = 0.5
_WORD = re.compile(r"[^\W_]+")


def partial(
    texts: Sequence[LabelledText],
    predictions: Sequence[Predicted],
    normalisation: Normalisation | None = None,
    *,
    threshold: float = THRESHOLD,
) -> ByTextAndRelation:
    """The partial counts of the predictions; raises what `paired` raises.

    >>> from extractors.evaluation.model import PredictedTriple
    >>> text = LabelledText("1", "Ann Lee wrote X.", (("X", "author", "Ann Lee"),))
    >>> partial([text], [Predicted("1", (PredictedTriple("X", "author", "Ann"),))]).micro.f1
    1.0
    """
    rules = normalisation or Normalisation()
    rows = []
    for text, said in paired(texts, predictions):
        gold = {rules.triple(t) for t in text.triples}
        stated = {rules.triple(t.triple) for t in said.triples}
        rows.append((gold, stated, matched(gold, stated, threshold)))
    return counted(rows)


def word_f1(a: str, b: str) -> float:
    """How much two names have in common, from 0 to 1.

    >>> word_f1("01 January 1987", "1987"), word_f1("the Hague", "The Hague"), word_f1("ERC-20", "ERC-721")
    (0.5, 1.0, 0.5)
    """
    words_a, words_b = _words(a), _words(b)
    if not words_a or not words_b:
        return float(a == b)
    return 2 * (words_a & words_b).total() / (words_a.total() + words_b.total())


@lru_cache(maxsize=65536)
def _words(name: str) -> Counter[str]:
    return Counter(_WORD.findall(name.lower()))


def matched(gold: set[Triple], stated: set[Triple], threshold: float = THRESHOLD) -> dict[Triple, Triple]:
    """Stated triples and the labelled ones they are taken for: a largest matching, equal triples first.

    Augmenting paths (Kuhn, https://doi.org/10.1002/nav.3800020109): a triple whose partner is taken may take it if the
    one that has it finds another.
    """
    taken: dict[Triple, Triple] = {t: t for t in gold & stated}
    fits = {said: _alike(said, gold, threshold) for said in sorted(stated)}
    for said in fits:
        if said not in gold:
            _place(said, fits, taken)
    return {said: g for g, said in taken.items()}


def _place(said: Triple, fits: dict[Triple, list[Triple]], taken: dict[Triple, Triple]) -> None:
    """Give `said` a labelled triple if others can make room for it."""
    reached: dict[Triple, Triple] = {}  # a labelled triple → the stated one from which it was reached first
    waiting = deque([said])
    while waiting:
        current = waiting.popleft()
        for g in fits[current]:
            if g in reached:
                continue
            reached[g] = current
            if g in taken:
                waiting.append(taken[g])
                continue
            held = {stated: labelled for labelled, stated in taken.items()}
            free: Triple | None = g
            while free is not None:
                taken[free] = reached[free]
                free = held.get(reached[free])
            return


def _alike(said: Triple, gold: set[Triple], threshold: float) -> list[Triple]:
    """The labelled triples that `said` may be taken for, the most alike first."""
    alike = [
        (-likeness_of_subjects - likeness_of_objects, g)
        for g in gold
        if g[1] == said[1]
        and (likeness_of_subjects := word_f1(g[0], said[0])) >= threshold
        and (likeness_of_objects := word_f1(g[2], said[2])) >= threshold
    ]
    return [g for _, g in sorted(alike)]
