"""What a data set gives: labelled texts with the ontology that each is about, and labelled sentences to learn from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from extractors.evaluation.counts import Counts
from extractors.evaluation.model import LabelledText, Predicted
from ontology.model import Example, Ontology


@dataclass(frozen=True, slots=True)
class Task:
    """A text to be read.

    `topic` names its ontology, `subsets` the parts of the data set that it belongs to, `about` what a document is
    about where its text does not say it, "" elsewhere.
    """

    labelled: LabelledText
    topic: str
    subsets: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """An ontology and the labelled sentences that systems may learn from, none of which is a test text.

    `path` is the ontology's file, "" where the data set has none and it was made of the labels.
    """

    name: str
    ontology: Ontology
    examples: tuple[Example, ...]
    path: str = ""


@dataclass(frozen=True, slots=True)
class DataSet:
    """The tasks in the order in which they are run: the first n are the sample of n.

    `counts` are those of a text where the data set has rules of its own for when two triples are the same.
    """

    name: str
    tasks: tuple[Task, ...]
    topics: dict[str, Topic]
    counts: Callable[[Task, Predicted], Counts] | None = None


Loader = Callable[[Path, int], DataSet]
"""From the folder of all data sets and a seed."""


def shuffled(ids: Sequence[str], seed: int) -> list[str]:
    """An order that the seed and the ids alone decide, so that it is the same on every machine.

    >>> shuffled(["a", "b", "c"], 1) == shuffled(["c", "b", "a"], 1)
    True
    """
    return sorted(ids, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).hexdigest())


def in_turns(groups: Sequence[Sequence[str]]) -> list[str]:
    """One of each group after the other, until all are used up; what was there before is left out.

    >>> in_turns([["a", "b"], ["x"], ["b", "c"]])
    ['a', 'x', 'b', 'c']
    """
    left = [list(group) for group in groups]
    order: dict[str, None] = {}
    while any(left):
        for group in left:
            while group and group[0] in order:
                group.pop(0)
            if group:
                order[group.pop(0)] = None
    return list(order)
