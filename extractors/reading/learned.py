"""What labelled sentences teach of relations: of which a span may be the object, and which span is then the subject.

Log-linear models over hashed observations, trained in seconds at the first question. For each span, one softmax over
the relations of which it may be the object, and none of them; for each relation, one over the spans that may be its
subject, and none of them, which is learned from labels whose name the sentence does not have.
Labelled sentences lack many labels, so a span that is the object of a relation is labelled so only now and then. What
is learned is how often such a span is labelled, and that is divided by how often true ones are (Elkan and Noto, 2008,
https://doi.org/10.1145/1401890.1401920), counted on sentences that were not learned from.
Updates are AdaGrad (Duchi, Hazan and Singer, 2011, https://jmlr.org/papers/v12/duchi11a.html), in one fixed order, so
the same sentences give the same numbers.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from extractors.mentions.candidates import Candidate
from extractors.mentions.known import KnownNames
from extractors.mentions.values import compared
from extractors.reading.features import BITS, Seen, hashed, mixed, salt
from extractors.reading.likely import Likely
from extractors.reading.line_confidence import LineConfidence
from ontology.model import Example

MOST = 4000
"""Of more, the first are taken."""
_EPOCHS, _SIGHTS = 8, 3000
"""Each sentence is gone over so often; of few sentences more often, until so many were seen."""
_RATE = 0.1
_BURNT = 0.3
"""The weights are the mean of those after each epoch but this share of them, the first."""
_PARTS = 2
"""What comes of learning is counted on each of so many parts of the sentences, after learning from the others."""
_PRIOR = 4.0
"""So many labels of a relation count as much as what is counted over all relations."""


class _Weights:
    """A table of weights, with the sums of squares by which AdaGrad slows down."""

    def __init__(self) -> None:
        self.table = np.zeros(1 << BITS)
        self._squares = np.ones(1 << BITS)

    def add(self, places: np.ndarray, steps: np.ndarray) -> None:
        """One step at each of the places."""
        np.add.at(self._squares, places, steps * steps)
        np.add.at(self.table, places, _RATE * steps / np.sqrt(self._squares[places]))


class _Observed:
    """A sentence and its mentions (one at least) as places of the table of weights."""

    def __init__(self, text: str, mentions: Sequence[Candidate]) -> None:
        seen = Seen(text)
        rows = [hashed(seen.span(m.start, m.end, m.shape.value)) for m in mentions]
        self.sentence = hashed(seen.sentence())
        self.spans = np.concatenate(rows)
        self.lengths = np.array([len(row) for row in rows], dtype=np.int64)
        self.starts = np.cumsum(self.lengths) - self.lengths

    def summed(self, values: np.ndarray) -> np.ndarray:
        """Values of the observations of all spans, summed span by span (the last axis)."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=-1))


class _Task:
    """What there is to learn from a labelled sentence."""

    def __init__(
        self, example: Example, mentions: Sequence[Candidate], places: Mapping[str, int], known: KnownNames
    ) -> None:
        self.text, self.mentions = example.text, mentions
        self.observed = _Observed(example.text, mentions)
        self.objects = np.zeros((len(places) + 1, len(mentions)))
        self.subjects: dict[str, np.ndarray] = {}
        self.times = _times(mentions, places, known)
        self.lines: set[tuple[str, int, int]] = set()
        """Relation, place of the subject and of the object, of the labels that the sentence has."""
        texts = [compared(m.text) for m in mentions]
        for subject, relation, value in example.triples:
            if (row := places.get(relation)) is None:
                continue
            named, wanted = compared(subject), compared(value)
            first = [n for n, text in enumerate(texts) if text == named]
            second = [n for n, m in enumerate(mentions) if wanted in (texts[n], compared(known.name(relation, m.text)))]
            self.objects[row + 1, second] = 1.0
            self.times[row, second] = np.maximum(0, self.times[row, second] - 1)  # a label is not known by itself
            target = self.subjects.setdefault(relation, np.zeros(len(mentions) + 1))
            target[[n + 1 for n in first]] = 1.0
            self.lines |= {(relation, n, m) for n in first for m in second}
        several = np.maximum(self.objects.sum(axis=0), 1.0)
        self.objects /= several
        self.objects[0] = 1.0 - self.objects[1:].sum(axis=0)
        unlabelled = _UNLABELLED if example.triples else 1.0
        self.weights = np.where(self.objects[0] == 1.0, unlabelled, 1.0)
        for relation, target in self.subjects.items():
            target[0] = 0.0 if target.any() else 1.0
            self.subjects[relation] = target / target.sum()


class Learned:
    """The model of one set of labelled sentences, for those of `relations` (labels) that have any."""

    def __init__(
        self,
        relations: Sequence[str],
        sentences: Sequence[tuple[Example, Sequence[Candidate]]],
        known: KnownNames,
    ) -> None:
        labelled = {relation for example, _ in sentences[:MOST] for _, relation, _ in example.triples}
        self.relations = tuple(dict.fromkeys(r for r in relations if r in labelled))
        self._places = {relation: n for n, relation in enumerate(self.relations)}
        self._known = known
        salts = [salt(f"object {r}") for r in self.relations]
        self._salts = np.array(salts, dtype=np.int64)[:, None]
        counts = hashed([f"known {n}" for n in range(_TIMES + 1)])
        self._counts = mixed(counts[None, :], self._salts)
        tasks = [_Task(e, mentions, self._places, known) for e, mentions in sentences[:MOST] if mentions]
        epochs = max(_EPOCHS, _SIGHTS // max(len(tasks), 1))
        self._confidence = LineConfidence()
        unseen = list(self._unseen(tasks, epochs))
        self._often = self._labelled_share(unseen)
        self._confidence = LineConfidence(self._labelled_lines(unseen))
        self._weights = self._trained(tasks, epochs)

    def likely(self, text: str, mentions: Sequence[Candidate]) -> Likely:
        """What the sentence states, by the model."""
        if not mentions:
            none: dict[str, tuple[float, ...]] = dict.fromkeys(self.relations, ())
            return Likely(none, none, self._confidence)
        return self._likely(self._weights, _Observed(text, mentions), _times(mentions, self._places, self._known))

    def _likely(self, weights: _Weights, observed: _Observed, times: np.ndarray) -> Likely:
        p = self._objects(weights, observed, times)[1:]
        p = np.minimum(p / self._often[:, None], 1.0)
        subjects = {r: self._subjects(weights, observed, r)[1:] for r in self.relations}
        return Likely(
            {r: tuple(map(float, of)) for r, of in subjects.items()},
            {r: tuple(map(float, p[n])) for n, r in enumerate(self.relations)},
            self._confidence,
        )

    def _unseen(self, tasks: Sequence[_Task], epochs: int) -> Iterator[tuple[_Task, _Weights]]:
        """Each labelled sentence, with what was learned from others."""
        parts = _parts(tasks)
        for part in range(_PARTS):
            others = [task for n, task in zip(parts, tasks, strict=True) if n != part]
            weights = self._trained(others, max(1, epochs - 1))
            yield from ((task, weights) for n, task in zip(parts, tasks, strict=True) if n == part)

    def _labelled_share(self, unseen: Sequence[tuple[_Task, _Weights]]) -> np.ndarray:
        """How likely the model finds the label of a span that is labelled, a relation a place, on unseen sentences."""
        total, count = np.zeros(len(self.relations)), np.zeros(len(self.relations))
        for task, weights in unseen:
            labelled = task.objects[1:]
            if labelled.any():
                p = self._objects(weights, task.observed, task.times)[1:]
                total += (p * labelled).sum(axis=1)
                count += labelled.sum(axis=1)
        mean = total.sum() / max(count.sum(), 1.0)
        return np.asarray(np.clip((total + _PRIOR * mean) / (count + _PRIOR), 0.1, 1.0))

    def _labelled_lines(self, unseen: Sequence[tuple[_Task, _Weights]]) -> Iterator[tuple[str, float, float, bool]]:
        """The lines that unseen sentences make, with how likely their ends are and whether they are labelled."""
        for task, weights in unseen:
            likely = self._likely(weights, task.observed, task.times)
            for relation, n, m in likely.lines(task.mentions):
                yield (
                    relation,
                    likely.subjects[relation][n],
                    likely.objects[relation][m],
                    (relation, n, m) in task.lines,
                )

    def _trained(self, tasks: Sequence[_Task], epochs: int) -> _Weights:
        weights, order = _Weights(), random.Random(0)  # noqa: S311 (an order, no secret)
        todo, total, burnt = list(tasks), np.zeros(1 << BITS), int(epochs * _BURNT)
        for epoch in range(epochs):
            order.shuffle(todo)
            for task in todo:
                self._learn(weights, task)
            if epoch >= burnt:
                total += weights.table
        weights.table = total / (epochs - burnt)
        return weights

    def _learn(self, weights: _Weights, task: _Task) -> None:
        observed = task.observed
        step = (task.objects - self._objects(weights, observed, task.times)) * task.weights
        each = np.repeat(step, observed.lengths, axis=1)
        matter = np.abs(each) > _LEAST
        places = np.concatenate([mixed(observed.spans, _NONE)[None, :], mixed(observed.spans[None, :], self._salts)])
        weights.add(places[matter], each[matter])
        rows, columns = np.nonzero(np.abs(step[1:]) > _LEAST)
        weights.add(self._counts[rows, task.times[rows, columns]], step[1:][rows, columns])
        together = step[1:].sum(axis=1)
        stated = np.abs(together) > _LEAST
        sentence = mixed(observed.sentence[None, :], self._salts[stated] ^ _SENTENCE)
        weights.add(sentence.ravel(), np.repeat(together[stated], len(observed.sentence)))
        for relation, target in task.subjects.items():
            change = target - self._subjects(weights, observed, relation)
            for how in (_SUBJECT, _SUBJECT ^ salt(relation)):
                weights.add(mixed(observed.sentence, how), np.full(len(observed.sentence), change[0]))
                weights.add(mixed(observed.spans, how), np.repeat(change[1:], observed.lengths))

    def _objects(self, weights: _Weights, observed: _Observed, times: np.ndarray) -> np.ndarray:
        """How often each span (column) is labelled as the object of no relation, and of each (rows)."""
        table = weights.table
        none = observed.summed(table[mixed(observed.spans, _NONE)]) + _BIAS
        spans = observed.summed(table[mixed(observed.spans[None, :], self._salts)])
        sentence = table[mixed(observed.sentence[None, :], self._salts ^ _SENTENCE)].sum(axis=1, keepdims=True)
        counts = table[np.take_along_axis(self._counts, times, axis=1)]
        return _softmax(np.concatenate([none[None, :], spans + sentence + counts]))

    def _subjects(self, weights: _Weights, observed: _Observed, relation: str) -> np.ndarray:
        """How often none of the spans, and each of them, is the subject of the relation."""
        scores = np.zeros(len(observed.lengths) + 1)
        for how in (_SUBJECT, _SUBJECT ^ salt(relation)):
            scores[0] += weights.table[mixed(observed.sentence, how)].sum()
            scores[1:] += observed.summed(weights.table[mixed(observed.spans, how)])
        return _softmax(scores)


_LEAST = 0.002
"""A smaller step is left out."""
_UNLABELLED = 0.2
"""The weight of a span without a label where its sentence has others: it may be the object of a relation all the same.
A sentence that is labelled as stating nothing counts in full."""
_BIAS = 1.0
"""What speaks for "no relation" before anything is learned."""
_TIMES = 3
"""A name that is known more often counts as known so often."""
_NONE, _SENTENCE, _SUBJECT = salt("none"), salt("sentence"), salt("subject")


def _parts(tasks: Sequence[_Task]) -> list[int]:
    """To which part of the sentences each belongs, whatever their order.

    Equal texts belong to one part, and each part has as many texts that state nothing.
    """
    texts = sorted(
        {(not task.subjects, zlib.crc32(task.text.encode("utf-8", "surrogatepass")), task.text) for task in tasks}
    )
    part = {text: n % _PARTS for n, (*_, text) in enumerate(texts)}
    return [part[task.text] for task in tasks]


def _times(mentions: Sequence[Candidate], places: Mapping[str, int], known: KnownNames) -> np.ndarray:
    """How often each mention (column) is known as an object of each relation (row)."""
    rows = [[min(_TIMES, known.seen(relation, m.text)) for m in mentions] for relation in places]
    return np.array(rows, dtype=np.int64).reshape(len(places), len(mentions))


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=0))
    return np.asarray(powers / powers.sum(axis=0))
