"""How sentences word a relation: frames, made of the relation's names and of what its comment says.

A frame is a word and the places around it that subject and object fill: of "requires" it is the verb "require" with
subject and object, of "director" the noun (X is the director of Y) and the verb "direct" with both turned round.
Only English is known. Words that say too little by themselves ("has", "is", "in") make no frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extractors.syntax.arguments import IS, OBJECT, SUBJECT, WHEN, of_verb
from extractors.syntax.families import is_agent, related
from extractors.syntax.parse import Parse
from extractors.syntax.parser import Parser
from ontology.label_words import spaced

_WORD = re.compile(r"[^\W\d_]+")
_PREPOSITION_WORDS = """
about after against among as at before behind by during for from in into near of off on onto over to under upon via
with within without
"""
_PREPOSITIONS = frozenset(_PREPOSITION_WORDS.split())
_LIGHT_WORDS = """
be have do make take get give go come put set use hold keep let say see show can may must become include contain
concern relate exist know mean
"""
_LIGHT = frozenset(_LIGHT_WORDS.split())
"""Verbs that say too little of a relation by themselves."""
_DATES = frozenset(("date", "time", "day", "year", "period", "moment"))
_PLACES = frozenset(("place", "location", "site", "venue"))
"""Nouns that say of what kind the object is, not what it is to the subject."""
_LONGEST_NAME = 6
_SMALL = frozenset(("the", "a", "an", "or", "and", "other"))
DATE, PLACE = "date", "place"
_OTHER = frozenset({"other", "one", "another"})
_WHEN, _WHERE = (WHEN, "in", "on", "since"), ("in", "at", "on")


@dataclass(frozen=True, slots=True)
class Frame:
    """A word of the sentence and the places that subject and object of the relation fill around it.

    `lemma` is compared by word family if `family` is set; `pos` is the part of speech that the word has. `beside` are
    lemmas of which one must belong to the word's phrase, none asks for nothing; `wants` is DATE or PLACE where the
    object has to be one. Of several places for the subject the first that is filled counts.
    """

    lemma: str
    pos: str
    subject: tuple[str, ...]
    object: tuple[str, ...]
    family: bool = False
    beside: tuple[str, ...] = ()
    wants: str = ""


class Wording:
    """Makes frames with a parser of labels and comments."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser

    def of_name(self, name: str, subjects: Sequence[str] = (), objects: Sequence[str] = ()) -> tuple[Frame, ...]:
        """The frames of a label; `subjects` and `objects` are the labels of the classes at its ends.

        >>> wording = Wording(Parser())
        >>> [(f.lemma, f.pos, f.subject, f.object) for f in wording.of_name("inspired by")]
        [('inspire', 'VERB', ('object',), ('subject',))]
        >>> [(f.lemma, f.subject, f.object) for f in wording.of_name("capital of")]
        [('capital', ('is',), ('of',))]
        """
        words = [w[0].casefold() for w in _WORD.finditer(spaced(name))]
        while words and words[0] in ("is", "was", "has", "are", "the", "a", "an"):
            words = words[1:]
        if not words or len(words) > _LONGEST_NAME:
            return ()
        last = words[-1] if words[-1] in _PREPOSITIONS and len(words) > 1 else ""
        content = words[: -1 if last else None]
        verbs = tuple(_verbs(self._tagged("It", words, "that."), content, last))
        phrase = _Phrase(self._tagged("The", content, "."), content, last, _words(subjects), _words(objects))
        return tuple(dict.fromkeys((*verbs, *_nouns(phrase, is_verb=bool(verbs)), *map(_action, verbs))))

    def of_comment(self, comment: str, subjects: Sequence[str], objects: Sequence[str]) -> tuple[Frame, ...]:
        """The frames of the first sentence of a comment, of which `subjects` and `objects` are the class labels.

        >>> frames = Wording(Parser()).of_comment("The contract logs the event.", ["Contract"], ["Event"])
        >>> [(f.lemma, f.subject, f.object) for f in frames]
        [('log', ('subject',), ('object',))]
        """
        first = re.split(r"(?<=[.:;])\s", comment, maxsplit=1)[0]
        if not first or len(first) > 300:
            return ()
        parse = self._parser.parse(first)
        mine, others = _lemmas(subjects), _lemmas(objects)
        return tuple(dict.fromkeys(_told(parse, mine, others if mine.isdisjoint(others) else _OTHER)))

    def _tagged(self, before: str, words: Sequence[str], after: str) -> Sequence[tuple[str, str]]:
        """Lemma and tag of each word of a label in a sentence made of it."""
        parse = self._parser.parse(" ".join((before, *words, after)))
        return [(t.lemma, t.tag) for t in parse.tokens[1 : 1 + len(words)]]


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A label as a noun phrase.

    Lemma and tag of its words, the words, the preposition at its end, and the words of the classes at its ends.
    """

    tagged: Sequence[tuple[str, str]]
    words: Sequence[str]
    preposition: str
    subjects: frozenset[str]
    objects: frozenset[str]


def _verbs(tagged: Sequence[tuple[str, str]], words: Sequence[str], preposition: str) -> Iterator[Frame]:
    """The frames of a label that begins with a verb, or with a noun and a participle ("award received")."""
    if len(tagged) < len(words):
        return
    (lemma, tag), word = tagged[0], words[0]
    participle = tag in ("VBN", "VBD") or word.endswith("ed")
    beside = tuple(tagged[n][0] for n in range(1, len(words)) if words[n] not in _PREPOSITIONS)
    if len(words) == 2 and tagged[1][1] in ("VBN", "VBD") and not preposition and not participle:
        yield Frame(tagged[1][0], "VERB", (SUBJECT,), (OBJECT,), beside=(lemma,))
    elif participle and not beside and preposition:
        if preposition == "by":
            yield Frame(lemma, "VERB", (OBJECT,), (SUBJECT,))
        else:
            yield Frame(lemma, "VERB", (OBJECT, SUBJECT), (preposition,))
    elif tag in ("VBZ", "VBP") and not participle and lemma not in _LIGHT and (word.endswith("s") or beside):
        yield Frame(lemma, "VERB", (SUBJECT,), (preposition,) if preposition else (OBJECT,), beside=beside)


def _action(verb: Frame) -> Frame:
    """The noun of what the verb does: who extends something is "an extension of" it."""
    if verb.subject == (SUBJECT,):
        return Frame(
            verb.lemma, "NOUN", (IS,), ("of", "to", "for") if verb.object == (OBJECT,) else verb.object, family=True
        )
    return verb


def _nouns(phrase: _Phrase, *, is_verb: bool) -> Iterator[Frame]:
    """The frames of a label that is a noun phrase or an adjective: itself, and the verb that its noun is of."""
    tagged, words = phrase.tagged, phrase.words
    of = next((n for n, word in enumerate(words) if word in ("of", "for")), len(words))
    if of == 0 or len(tagged) < len(words):
        return
    lemma, tag = tagged[of - 1]
    if tag.startswith("JJ") and phrase.preposition and len(words) == 1:
        yield Frame(lemma, "ADJ", (IS,), (phrase.preposition,))
    if not tag.startswith("NN") or (is_verb and (len(words) > 1 or phrase.preposition)):
        return
    before, behind = (
        tuple(t for w, (t, _) in zip(words[part], tagged[part], strict=True) if w not in _SMALL | _PREPOSITIONS)
        for part in (slice(of - 1), slice(of + 1, None))
    )
    if lemma in _DATES | _PLACES:
        when = lemma in _DATES
        for noun in (*before, *behind):
            yield Frame(
                noun, "VERB", (OBJECT, SUBJECT), _WHEN if when else _WHERE, family=True, wants=DATE if when else PLACE
            )
    elif phrase.preposition:
        yield Frame(lemma, "NOUN", (IS,), (phrase.preposition,), beside=before + behind)
    elif behind and not phrase.objects.isdisjoint(behind):
        yield Frame(lemma, "NOUN", (IS,), ("of", "for"), beside=behind[-1:])
    else:
        yield Frame(lemma, "NOUN", ("of",), (IS,), beside=before + (() if phrase.subjects & set(behind) else behind))
        if not before + behind and not is_verb:
            yield Frame(lemma, "VERB", (OBJECT,), (SUBJECT,), family=True)


def _told(parse: Parse, mine: Iterable[str], others: Iterable[str]) -> Iterator[Frame]:
    """The frames of the verbs around which a comment names both classes."""
    for n, token in enumerate(parse.tokens):
        if token.pos != "VERB" or token.lemma in _LIGHT or any(True for _ in parse.below(n, "neg")):
            continue
        places = of_verb(parse, n)
        at = {
            role: tuple(p for p, fillers in places.items() if any(_names(parse, f, words) for f in fillers))
            for role, words in (("subject", mine), ("object", others))
        }
        for subject in at["subject"]:
            for value in at["object"]:
                if subject != value:
                    yield Frame(token.lemma, "VERB", (subject,), (value,))


def _names(parse: Parse, n: int, words: Iterable[str]) -> bool:
    near = (n, *parse.below(n, "conj", "amod"))
    return any(parse.tokens[m].lemma in words for m in near)


def _lemmas(labels: Sequence[str]) -> frozenset[str]:
    return frozenset(words[-1] for label in labels if (words := label.casefold().split()))


def _words(labels: Sequence[str]) -> frozenset[str]:
    return frozenset(word.removesuffix("s") for label in labels for word in label.casefold().split())


def does(frame: Frame, lemma: str) -> bool:
    """Whether a word is the frame's, or a verb that does what the frame's noun is named for, or the other way round.

    >>> does(Frame("director", "VERB", (), (), family=True), "direct")
    True
    """
    if frame.pos == "NOUN" and frame.family:
        return lemma.endswith("ion") and related(lemma, frame.lemma)
    if lemma == frame.lemma or not frame.family:
        return lemma == frame.lemma
    return related(lemma, frame.lemma) and (bool(frame.wants) or is_agent(frame.lemma, lemma))
