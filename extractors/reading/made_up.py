"""Sentences made up of the names of relations, which show the form of an answer where no labelled sentence does.

Without any example a small model answers `none` to nearly everything. What these sentences say is plain and their names
are invented, so that nothing but the form can be taken from them; one of them states two relations.
"""

from __future__ import annotations

from collections.abc import Sequence

from ontology.grammar import SEPARATOR, one_line
from ontology.label_words import AFTER_PARTICIPLES, label_words
from ontology.model import Relation


def made_up(relations: Sequence[Relation]) -> list[tuple[str, str]]:
    """(text, answer) of at most two sentences, of the first three relations.

    >>> relations = [Relation(f"https://e.example/{n}", label) for n, label in enumerate(("director", "cut by"))]
    >>> [text for text, _ in made_up(relations)]
    ['The director of Zamora is Kelbin.', 'Ardent Vale was cut by Oskan Morrow.']
    >>> made_up(relations)[0][1]
    'Zamora | director | Kelbin'
    """
    labels = [label for relation in relations if label_words(label := one_line(relation.label).strip())][:3]
    shots = [[("Zamora", label, "Kelbin")] for label in labels[:1]]
    rest = zip(labels[1:], ("Oskan Morrow", "Tessaly"), strict=False)
    if lines := [("Ardent Vale", label, value) for label, value in rest]:
        shots.append(lines)
    return [(_sentence(lines), "\n".join(SEPARATOR.join(line) for line in lines)) for lines in shots]


def _sentence(lines: Sequence[tuple[str, str, str]]) -> str:
    text = ", and ".join(_clause(*line) for line in lines) + "."
    return text[0].upper() + text[1:]


def _clause(subject: str, label: str, value: str) -> str:
    words = label_words(label)
    said = " ".join(words)
    if words[-1] in AFTER_PARTICIPLES:
        return f"{subject} was {said} {value}"
    return f"{subject} is {said} {value}" if words[-1] == "of" else f"the {said} of {subject} is {value}"
