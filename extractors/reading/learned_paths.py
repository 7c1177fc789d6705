"""What labelled sentences teach of how relations are worded: the paths of the tree between subject and object.

The shortest path between two words of a dependency tree holds most of what says how they are related (Bunescu and
Mooney, 2005, https://aclanthology.org/H05-1091). A path is kept for a relation if, learned from some of the labelled
sentences, it was right often enough in the others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from extractors.mentions.values import compared
from extractors.reading.ends import Ends
from extractors.reading.spans import Spans
from extractors.syntax.parse import Parse
from ontology.model import Example, Relation

MOST = 4000
"""Of more labelled sentences the first are taken."""
_FOLDS = 4
_LEAST = 0.5
"""A path is kept from this share of right ones on, of those that were not learned from."""
_SEEN = 2
_UNLABELLED = 0.1
"""What a path without a label counts in sentences that have no label of the relation: labelled sentences lack many."""
_LONGEST = 8
"""Words on a path."""
_HEADS = 16
"""So many ends a sentence are looked at, from its beginning."""

Pair = tuple[int, int]


@dataclass(frozen=True)
class Labelled:
    """A labelled sentence with its tree and mentions."""

    example: Example
    parse: Parse
    spans: Spans


class LearnedPaths:
    """The paths of the relations of one set of labelled sentences, each with its share of right ones."""

    def __init__(self, relations: Sequence[Relation], sentences: Sequence[Labelled], ends: Ends) -> None:
        self._relations = {r.label: r for r in relations}
        self._ends = ends
        counts = [_Counts() for _ in range(_FOLDS)]
        for n, sentence in enumerate(sentences[:MOST]):
            self._count(sentence, counts[n % _FOLDS])
        self._kept = _kept(counts)

    def stated(self, parse: Parse, spans: Spans) -> Iterator[tuple[Relation, int, int, Decimal]]:
        """What paths say: relation, heads of subject and object, and how often such a path is right."""
        for s, o in _pairs(spans):
            best: dict[str, float] = {}
            for form in _forms(parse, s, o):
                for label, share in self._kept.get(form, ()):
                    best[label] = max(share, best.get(label, 0.0))
            for label, share in sorted(best.items()):
                yield self._relations[label], s, o, Decimal(f"{min(share, 0.99):.2f}")

    def _count(self, sentence: Labelled, counts: _Counts) -> None:
        wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
        for subject, label, value in sentence.example.triples:
            if label in self._relations:
                wanted[compared(subject), label].add(compared(value))
        told = {label for _, label in wanted}
        for s, o in _pairs(sentence.spans):
            forms = _forms(sentence.parse, s, o)
            counts.seen.update(forms)
            counts.where_labelled.update((form, label) for form in forms for label in told)
            subjects = [compared(m.text) for m in sentence.spans.subjects(s)[:1]]
            for (subject, label), values in wanted.items():
                names = (compared(self._ends.known.name(label, m.text) or m.text) for m in sentence.spans.objects(o))
                if subject in subjects and not values.isdisjoint(names):
                    counts.right.update((form, label) for form in forms)


class _Counts:
    """How often forms of paths were seen, and were the path of a labelled relation."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.where_labelled: Counter[tuple[str, str]] = Counter()
        self.right: Counter[tuple[str, str]] = Counter()

    def tries(self, form: str, label: str) -> float:
        """How often the form could have been right: fully where the relation is labelled, elsewhere a little."""
        labelled = self.where_labelled[form, label]
        return labelled + _UNLABELLED * (self.seen[form] - labelled)


def _kept(counts: Sequence[_Counts]) -> Mapping[str, tuple[tuple[str, float], ...]]:
    """The forms that hold on the folds that they were not learned from."""
    right = Counter[tuple[str, str]]()
    for fold in counts:
        right.update(fold.right)
    kept: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (form, label), times in sorted(right.items()):
        all_tries = [fold.tries(form, label) for fold in counts]
        tries, hits = 0.0, 0
        for fold, of in zip(counts, all_tries, strict=True):
            others = times - fold.right[form, label]
            if others >= 1 and others >= _LEAST * (sum(all_tries) - of):
                tries += of
                hits += fold.right[form, label]
        if times >= _SEEN and hits and hits >= _LEAST * tries:
            kept[form].append((label, (hits + 1) / (tries + 2)))
    return {form: tuple(labels) for form, labels in kept.items()}


def _pairs(spans: Spans) -> Iterator[Pair]:
    for s in spans.subject_heads[:_HEADS]:
        for o in spans.object_heads[: 2 * _HEADS]:
            if s != o:
                yield s, o


def _forms(parse: Parse, s: int, o: int) -> tuple[str, ...]:
    """The path from one token to the other: with the words on it, with verbs and prepositions alone, with its end.

    What is joined to a name by "and" has the name's path.
    """
    path = parse.path(s, _first_joined(parse, o))
    if path is None or len(path[0]) + len(path[1]) > _LONGEST:
        return ()
    up, down = path
    is_worded = any(parse.tokens[n].pos == "VERB" for n in (*up[1:], *down[1:]))
    end = parse.tokens[o]
    forms = [_form(parse, up, down, with_nouns=True)]
    if is_worded:
        forms.append(_form(parse, up, down, with_nouns=False))
    return tuple(f"{form}{kind}" for form in forms for kind in ("", f" {end.name or end.pos}"))


def _first_joined(parse: Parse, n: int) -> int:
    for _ in range(_LONGEST):
        token = parse.tokens[n]
        if token.dep != "conj" or parse.tokens[token.head].pos not in ("PROPN", "NOUN", "ADJ"):
            break
        n = token.head
    return n


def _form(parse: Parse, up: Sequence[int], down: Sequence[int], *, with_nouns: bool) -> str:
    ends = up[0], down[0]
    steps = [f"{_word(parse, n, ends, with_nouns=with_nouns)}<{parse.tokens[n].dep}" for n in up[:-1]]
    steps.append(_word(parse, up[-1], ends, with_nouns=with_nouns))
    steps += [f"{parse.tokens[n].dep}>{_word(parse, n, ends, with_nouns=with_nouns)}" for n in reversed(down[:-1])]
    return " ".join(steps)


def _word(parse: Parse, n: int, ends: Pair, *, with_nouns: bool) -> str:
    """What a word on a path is: its lemma, but of names only that they are one; nothing of the ends."""
    token = parse.tokens[n]
    if n in ends:
        return ""
    return token.pos if token.pos in ("PROPN", "NUM") or (token.pos == "NOUN" and not with_nouns) else token.lemma
