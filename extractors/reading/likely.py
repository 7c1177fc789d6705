"""What labelled sentences make likely of one sentence: the ends of relations, and the lines that these make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.mentions.candidates import SMALL_WORDS, VALUES, Candidate
from extractors.mentions.values import compared
from extractors.reading.line_confidence import LineConfidence

_LEAST = 0.02
"""An object less likely makes no line by what is learned alone."""


@dataclass(frozen=True)
class Likely:
    """Probabilities for one sentence, by relation, in the order of its mentions.

    `objects` says how likely the sentence states the relation with that mention as the object, `subjects` how likely
    a mention is the subject of the relation if the sentence states it; `confidence` is that of a line made of both.
    """

    subjects: dict[str, tuple[float, ...]]
    objects: dict[str, tuple[float, ...]]
    confidence: LineConfidence

    def sure(self, relation: str, subject: int, value: int) -> float:
        """How likely the sentence states the relation of the two mentions."""
        return self.confidence.of(relation, self.subjects[relation][subject], self.objects[relation][value])

    def lines(self, found: Sequence[Candidate]) -> Iterator[tuple[str, int, int]]:
        """For each relation and object the likeliest subject; of objects that overlap the likeliest.

        Relation, place of the subject among the mentions `found`, and that of the object.
        """
        names = [compared(m.text) for m in found]
        nameable = [n for n, m in enumerate(found) if m.shape not in VALUES and m.text.casefold() not in SMALL_WORDS]
        for label, objects in self.objects.items():
            subjects = self.subjects[label]
            taken: list[Candidate] = []
            for m in sorted(range(len(found)), key=lambda m: (-objects[m], m)):
                if objects[m] < _LEAST:
                    break
                others = [n for n in nameable if names[n] != names[m]]
                if others and all(found[m].end <= t.start or t.end <= found[m].start for t in taken):
                    taken.append(found[m])
                    yield label, max(others, key=lambda n: (subjects[n], -n)), m
