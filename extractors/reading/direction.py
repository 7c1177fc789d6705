"""Which end of a relation is the subject, where English says it plainly: "X is the director of Y", "Y's director is X".

A small model turns such a sentence round as often as not. It says nothing of the data: what is read is the grammar of
a sentence in which the relation's label itself stands, as a noun or with its preposition. Other forms of its words say
nothing: an employee is not the employer.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ontology.label_words import PREPOSITIONS, label_words

_BE = r"(?:is|was|are|were|became|remains)"
_ASIDE = r"(?:\s*\([^()]*\))?"
_ARTICLE = r"(?:(?:the|an?|its)\s+)?"
_STOPS = "in|of|on|by|at|to|for|from|with|the|a|an|its|and|or|that|which|who|not|no|never|as|is|was|are|were|be"
_WORDS = rf"(?:(?!(?:{_STOPS})\b)[\w-]+\s+){{0,3}}"
"""At most three words of the noun, none of which joins it to another."""
_OF_KINDS = frozenset(("type", "kind", "sort", "class", "category", "form", "part", "instance", "example", "version"))
"""After these "of" names what the subject is: "Aave is a type of protocol"."""


def first_is_subject(text: str, first: tuple[int, int], second: tuple[int, int], label: str) -> bool | None:
    """Whether the first of two ends (by their places) is the subject of the relation with this label; None: unsaid.

    >>> def asked(text, one, other, label):
    ...     places = [(text.index(name), text.index(name) + len(name)) for name in (one, other)]
    ...     return first_is_subject(text, *places, label)
    >>> asked("COMP is the governance token of Compound.", "COMP", "Compound", "governanceToken")
    False
    >>> asked("The director of Stalker was Andrei Tarkovsky.", "Stalker", "Andrei Tarkovsky", "director")
    True
    >>> asked("Compound and COMP", "Compound", "COMP", "governance token") is None
    True
    """
    words = label_words(label)
    if not words or words[-1] in _OF_KINDS:
        return None
    before, between = text[: first[0]], text[first[1] : second[0]]
    forms = _forms(tuple(words))
    if any(form.fullmatch(between) for form in forms.turned):
        return False
    if any(form.fullmatch(between) for form in forms.straight):
        return True
    if forms.of.search(before) and forms.equals.fullmatch(between):
        return True
    return None


class _Forms:
    """What may stand around the ends, for the words of one label."""

    def __init__(self, words: tuple[str, ...]) -> None:
        noun = r"\s+".join(re.escape(word) for word in words) + ("" if words[-1] in PREPOSITIONS else "s?")
        to_end = rf"\s+{_ARTICLE}{_WORDS}"
        self.of = re.compile(rf"\b{noun}\s+(?:of|for)\s+{_ARTICLE}{_WORDS}$", re.IGNORECASE)
        self.equals = re.compile(rf"{_ASIDE}\s+{_BE}\s+{_ARTICLE}{_WORDS}", re.IGNORECASE)
        if words[-1] in PREPOSITIONS:  # "part of", "written by"
            straight, turned = [rf"{_ASIDE}(?:\s+{_BE}|,)\s+{_ARTICLE}{_WORDS}{noun}{to_end}"], []
        else:
            straight = [rf"['’]s?\s+{_WORDS}{noun}(?:,|\s+{_BE})?{to_end}", rf"\s+{noun}{to_end}"]
            turned = [rf"{_ASIDE}(?:\s+{_BE}|,)\s+{_ARTICLE}{_WORDS}{noun}\s+(?:of|for){to_end}"]
        self.straight, self.turned = (
            [re.compile(form, re.IGNORECASE) for form in forms] for forms in (straight, turned)
        )


_forms = lru_cache(maxsize=1024)(_Forms)
