"""What labelled sentences teach of relations: which a sentence states, and which of its spans are their ends.

A log-linear model over hashed observations, trained in seconds where the reader starts: one softmax over relations,
and for each relation one over the spans that may be its subject and one over those that may be its object. "None of
the spans" is always one of the choices, learned from labels whose name the sentence does not have.
Updates are AdaGrad (Duchi, Hazan and Singer, 2011, https://jmlr.org/papers/v12/duchi11a.html), in one fixed order, so
the same sentences give the same numbers.
It costs no tokens. Alone it is a weak reader; a language model is asked about what it leaves open.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from extractors.mentions.candidates import Candidate
from extractors.mentions.known import KnownNames
from extractors.mentions.values import compared
from extractors.reading.features import BITS, Places, Seen, hashed, joined
from ontology.model import Example

FEWEST = 40
"""With fewer labelled sentences nothing is learned."""
MOST = 4000
"""Of more, the first are taken."""
_EPOCHS = 5
_RATE = 0.3
_SUBJECT, _OBJECT = "subject", "object"


@dataclass(frozen=True)
class Likely:
    """Probabilities for one sentence: of relations by label, and of its mentions as their ends.

    `subjects` and `objects` are by relation, in the order of the mentions.
    """

    relations: dict[str, float]
    subjects: dict[str, tuple[float, ...]]
    objects: dict[str, tuple[float, ...]]


class _Block:
    """Observations of some options: their places in one row, and where those of each option begin."""

    def __init__(self, rows: Sequence[Places]) -> None:
        self.places = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
        self.lengths = np.array([len(row) for row in rows], dtype=np.int64)
        self.starts = np.cumsum(self.lengths) - self.lengths

    def joined(self, with_: str) -> _Block:
        """The same observations made of something else."""
        other = object.__new__(_Block)
        other.places, other.lengths, other.starts = joined(self.places, with_), self.lengths, self.starts
        return other


_Options = tuple[_Block, ...]
"""Blocks over the same options; an option's score is the sum over all."""


class _Observed:
    """A sentence and its mentions as places of the table of weights; no row of a block is empty."""

    def __init__(self, text: str, mentions: Sequence[Candidate], offset: int) -> None:
        seen = Seen(text)
        self.sentence = hashed(seen.sentence())
        self.texts = [m.text for m in mentions]
        self.compared = [compared(m.text) for m in mentions]
        self._spans = [hashed(seen.span(m.start - offset, m.end - offset, m.shape.value)) for m in mentions]
        none = self.sentence
        self._all = _Block([none, *self._spans])
        self._roles = {role: self._all.joined(role) for role in (_SUBJECT, _OBJECT)}

    def relations(self, labels: Sequence[str]) -> _Options:
        """One option a relation."""
        return (_Block([joined(self.sentence, label) for label in labels]),)

    def ends(self, relation: str, role: str, times: Sequence[int]) -> _Options:
        """One option for "none of the spans", then one a mention; `times` says how often each is known."""
        known = _Block([hashed(["none"]), *(hashed([f"known {min(t, 3)}"]) for t in times)])
        special = f"{role} {relation}"
        return self._roles[role], self._all.joined(special), known.joined(role), known.joined(special)


class Learned:
    """The model of one set of labelled sentences; `relations` are the labels that it chooses among."""

    def __init__(
        self,
        relations: Sequence[str],
        sentences: Sequence[tuple[Example, Sequence[Candidate]]],
        known: KnownNames,
        *,
        epochs: int = _EPOCHS,
    ) -> None:
        self._relations = tuple(relations)
        self._known = known
        self._weights = np.zeros(1 << BITS, dtype=np.float64)
        self._squares = np.ones(1 << BITS, dtype=np.float64)
        tasks = [list(self._tasks(example, mentions)) for example, mentions in sentences[:MOST]]
        order = random.Random(0)  # noqa: S311 (an order, no secret)
        for _ in range(epochs):
            order.shuffle(tasks)
            for of_sentence in tasks:
                for options, target in of_sentence:
                    self._step(options, target)

    def likely(self, text: str, mentions: Sequence[Candidate], offset: int, *, most: int = 8) -> Likely:
        """What the sentence states, by the model: all relations, and the ends of the `most` likely of them."""
        observed = _Observed(text, mentions, offset)
        p = _softmax(self._scores(observed.relations(self._relations)))
        relations = dict(zip(self._relations, (float(x) for x in p), strict=True))
        best = sorted(self._relations, key=lambda r: (-relations[r], r))[:most]
        ends = {role: {r: self._ends(observed, r, role) for r in best} for role in (_SUBJECT, _OBJECT)}
        return Likely(relations, ends[_SUBJECT], ends[_OBJECT])

    def _ends(self, observed: _Observed, relation: str, role: str) -> tuple[float, ...]:
        options = observed.ends(relation, role, self._times(observed, relation, role))
        return tuple(float(x) for x in _softmax(self._scores(options))[1:])

    def _times(self, observed: _Observed, relation: str, role: str) -> list[int]:
        if role == _SUBJECT:
            return [0] * len(observed.texts)
        return [self._known.seen(relation, text) for text in observed.texts]

    def _tasks(self, example: Example, mentions: Sequence[Candidate]) -> Iterator[tuple[_Options, np.ndarray]]:
        """What there is to learn from a sentence: options, and how likely each should be."""
        stated = [t for t in example.triples if t[1] in self._relations]
        if not stated:
            return
        observed = _Observed(example.text, mentions, 0)
        share = dict.fromkeys(self._relations, 0.0)
        for _, relation, _ in stated:
            share[relation] += 1 / len(stated)
        yield observed.relations(self._relations), np.array(list(share.values()))
        for relation in dict.fromkeys(r for _, r, _ in stated):
            for role, end in ((_SUBJECT, 0), (_OBJECT, 2)):
                labels = {compared(t[end]) for t in stated if t[1] == relation}
                hits = [n for n in range(len(mentions)) if self._is(observed, n, relation, role, labels)]
                times = self._times(observed, relation, role)
                for n in hits:
                    times[n] = max(0, times[n] - 1)  # a label does not count as known by itself
                target = np.zeros(len(mentions) + 1)
                target[[n + 1 for n in hits] or [0]] = 1 / max(len(hits), 1)
                yield observed.ends(relation, role, times), target

    def _is(self, observed: _Observed, n: int, relation: str, role: str, labels: set[str]) -> bool:
        if observed.compared[n] in labels:
            return True
        return role == _OBJECT and compared(self._known.name(relation, observed.texts[n])) in labels

    def _scores(self, options: _Options) -> np.ndarray:
        scores = np.zeros(len(options[0].lengths))
        for block in options:
            scores += np.add.reduceat(self._weights[block.places], block.starts)
        return scores

    def _step(self, options: _Options, target: np.ndarray) -> None:
        gradient = target - _softmax(self._scores(options))
        for block in options:
            each = np.repeat(gradient, block.lengths)
            np.add.at(self._squares, block.places, each * each)
            np.add.at(self._weights, block.places, _RATE * each / np.sqrt(self._squares[block.places]))


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum())
