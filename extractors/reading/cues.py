"""Which relations a sentence can be about: those of whose words it has one.

A relation's words come from the ontology alone: its label, its comment, and what stands between subject and object in
its labelled sentences (words in small letters only: the others are names). A relation that has no word in the sentence
is not asked for: that saves the call, and keeps a small model from choosing a relation only because two standards are
named side by side. A relation of which the ontology tells no more than its label is asked for always.
Words are compared by their first five letters, so that "extends" and "extension" are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ontology.model import Example, Ontology, Relation

_WORD = re.compile(r"[^\W\d_]{3,}")
_LETTERS = re.compile(r"[^\W\d_]+")
_SMALL = re.compile(r"\b[a-z]{3,}\b")
_ENGLISH_WORDS = """
the of by and to is with for from has are that this which when its was were in at on an who what
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
"""Nearly every English sentence has one of these words."""
_ELSEWHERE = tuple(
    frozenset(words.split())
    for words in (
        "is of was in at",  # Dutch
        "in an was",  # German
        "for by at an on",  # Danish, Norwegian, Swedish
        "to on",  # Czech, Polish
        "has on",  # Spanish, French
        "are in an",  # Romanian
        "to of in an on",  # Italian, Irish, Croatian, Icelandic
    )
)
"""Those that other languages have, too."""
_COMMON_WORDS = """
the and for with that this which its his her other one ones has have had not but also any all each every from
into where what who whom when while than then new same such may can could should must shall will would does did
been being are was were use used uses using more most between without cannot goes takes take place idea
existing fully smart chain simple specifies specified demands expected kind well two provide basic net already
functions vaults hold holds eip erc eips ercs proposal
"""
_COMMON = frozenset(_COMMON_WORDS.split())


class Cues:
    """The words of each relation of an ontology."""

    def __init__(self, ontology: Ontology) -> None:
        names = {stem for cls in ontology.classes.values() for stem in stems(cls.label)}
        self._stems = {
            relation.iri: frozenset(
                stem
                for text in _texts(relation, ontology.examples)
                for stem in stems(" ".join(_SMALL.findall(text)))
                if stem not in names
            )
            | frozenset(stems(relation.label))
            for relation in ontology.extractable
        }
        told = {label for example in ontology.examples for _, label, _ in example.triples}
        self._always = {r.iri for r in ontology.extractable if not r.comment and r.label not in told}

    def of(self, relation: Relation) -> frozenset[str]:
        """The stems of the relation's words."""
        return self._stems.get(relation.iri, frozenset())

    def speaks_of(self, sentence: str, relation: Relation) -> bool:
        """Whether the sentence has one of the relation's words."""
        return relation.iri in self._always or not self.of(relation).isdisjoint(stems(sentence))

    def has_word_of(self, sentence: str, relation: Relation) -> bool | None:
        """Whether an English sentence has a word of the relation; None of other sentences, where words do not tell."""
        words = self.of(relation)
        if not words or not english(sentence):
            return None
        return not words.isdisjoint(stems(sentence))


def english(sentence: str) -> bool:
    """Whether it is surely English: it has words that, taken together, no other language has.

    >>> english("Aave is governed by its holders."), english("Aave is een protocol"), english("London er en stor by")
    (True, False, False)
    """
    words = _LETTERS.findall(unicodedata.normalize("NFC", sentence))
    named = [word[0].isupper() for word in words]
    beside = zip(words, named, [*named[1:], False], strict=True)
    # "The Beatles waren eine Band": what may belong to a name says nothing of the sentence.
    seen = {
        word.casefold() for n, (word, of_name, before_one) in enumerate(beside) if not (of_name and (n or before_one))
    }
    seen &= _ENGLISH
    return bool(seen) and not any(seen <= words for words in _ELSEWHERE)


def stems(text: str) -> frozenset[str]:
    """The first five letters of the words that tell something.

    >>> sorted(stems("is an extension of it, extends it, and emits that"))
    ['emit', 'exten']
    """
    found = (word.casefold() for word in _WORD.findall(text))
    return frozenset((w[:5] if len(w) > 5 else w.removesuffix("s")) for w in found if w not in _COMMON)


def _texts(relation: Relation, examples: tuple[Example, ...]) -> Iterator[str]:
    yield relation.label
    yield relation.comment
    yield from relation.other_names
    yield from (name for name, _ in relation.values)
    for example in examples:
        for subject, label, value in example.triples:
            if label == relation.label:
                left, right = sorted((_span(example.text, subject), _span(example.text, value)))
                yield example.text[left[1] : right[0]]


def _span(text: str, part: str) -> tuple[int, int]:
    start = max(text.find(part), 0)
    return start, start + len(part)
