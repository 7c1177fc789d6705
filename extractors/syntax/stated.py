"""What a sentence states by its syntax: the frames of relations that its words fill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from extractors.syntax.arguments import named_by, of_noun, of_verb
from extractors.syntax.parse import Parse
from extractors.syntax.wording import Frame, does

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Stated(Generic[Key]):
    """A frame that is filled: by the tokens `subject` and `object`, around the token `word`."""

    key: Key
    frame: Frame
    word: int
    subject: int
    object: int


def stated(parse: Parse, frames: Mapping[Key, Sequence[Frame]], *, each: bool = True) -> Iterator[Stated[Key]]:
    """What the sentence states of the relations, each of which has frames.

    Without `each`, subjects joined by "and" are not taken one by one: they may be one title; nor is a name inside a
    subject: "a Bugs Bunny cartoon" is not about Bugs Bunny.

    >>> from extractors.syntax.parser import Parser
    >>> from extractors.syntax.wording import Wording
    >>> parser = Parser()
    >>> frames = {"director": Wording(parser).of_name("director")}
    >>> parse = parser.parse("Alien is a film directed by Ridley Scott.")
    >>> [(parse.tokens[s.subject].text, s.key, parse.tokens[s.object].text) for s in stated(parse, frames)]
    [('film', 'director', 'Scott'), ('Alien', 'director', 'Scott')]
    """
    for n, token in enumerate(parse.tokens):
        if token.pos not in ("VERB", "NOUN", "ADJ") or any(True for _ in parse.below(n, "neg")):
            continue
        fitting = [(key, frame) for key, of in frames.items() for frame in of if _fits(parse, n, frame)]
        if not fitting:
            continue
        places = of_verb(parse, n) if token.pos == "VERB" else of_noun(parse, n)
        for key, frame in fitting:
            subjects = next((places[place] for place in frame.subject if places.get(place)), ())
            for value in (f for place in frame.object for f in places.get(place, ())):
                for subject in subjects:
                    yield from (
                        Stated(key, frame, n, s, o)
                        for s in named_by(parse, subject, each=each)
                        for o in named_by(parse, value, each=True)
                        if s != o and n not in (s, o) and max(parse.depth[s], parse.depth[o]) <= parse.depth[n]
                    )


def _fits(parse: Parse, n: int, frame: Frame) -> bool:
    token = parse.tokens[n]
    if token.pos != frame.pos or not does(frame, token.lemma):
        return False
    return not frame.beside or any(parse.tokens[m].lemma in frame.beside for m in _near(parse, n))


def _near(parse: Parse, n: int) -> Iterator[int]:
    """The words that belong to the phrase of a word: below it, and below its objects and prepositions."""
    for child in parse.children[n]:
        yield child
        if parse.tokens[child].dep in ("dobj", "prep", "amod", "compound", "pobj"):
            for below in parse.children[child]:
                yield below
                yield from parse.below(below, "compound", "amod")
