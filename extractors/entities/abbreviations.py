"""Short forms that a text defines: "Automated Market Maker (AMM)", "AMM (Automated Market Maker)".

A strict form of the algorithm of Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in
biomedical text" (PSB 2003, https://psb.stanford.edu/psb-online/proceedings/psb03/schwartz.pdf): the letters are
looked for from right to left in the words before the bracket, and here each of them has to begin a word, with no
words between but small ones. It finds less, and what it finds is right more often.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.entities.model import Definition

_BRACKETS = re.compile(r"\(([^()\n]{2,120})\)")
_SHORT = re.compile(r"[A-Za-z][A-Za-z0-9.&/-]{1,9}")
_WORD = re.compile(r"[^\s\-/]+")
_SMALL = frozenset(
    ("of", "the", "and", "for", "in", "on", "to", "a", "an", "de", "la", "du", "des", "und", "der", "et")
)


def definitions(text: str, source: str) -> Iterator[Definition]:
    """The definitions of short forms in a text, in order.

    >>> [(d.short, d.long) for d in definitions("An Automated Market Maker (AMM) sets prices.", "doc")]
    [('AMM', 'Automated Market Maker')]
    >>> list(definitions("The price (see below) and Uniswap (UNI, the token)", "doc"))
    []
    """
    for found in _BRACKETS.finditer(text):
        inside, before = found[1].strip(), text[max(0, found.start() - 200) : found.start()].rstrip()
        if _SHORT.fullmatch(inside) and sum(c.isupper() for c in inside) > 1:
            if (long := _long_form(inside, before)) is not None:
                yield Definition(source, inside, long)
        else:
            word = before[before.rfind(" ") + 1 :]
            if _SHORT.fullmatch(word) and sum(c.isupper() for c in word) > 1 and _long_form(word, inside) == inside:
                yield Definition(source, word, inside)


def _long_form(short: str, before: str) -> str | None:
    """The shortest end of the text whose words begin with the letters of the short form."""
    letters = [c.casefold() for c in short if c.isalnum()]
    words = list(_WORD.finditer(before))[-2 * len(letters) - 2 :]
    place, start = len(letters) - 1, None
    for word in reversed(words):
        first = word[0].lstrip("\"'“‘([*_").casefold()
        if not first:
            return None
        if first[0] == letters[place]:
            place -= 1
            start = word.start()
            if place < 0:
                break
        elif first not in _SMALL or start is None:
            return None
    if place >= 0 or start is None:
        return None
    return before[start:].strip(" \"'“”‘’*_")


def initials(tokens: tuple[str, ...]) -> frozenset[str]:
    """The acronyms that the words of a name give, with and without small words.

    >>> sorted(initials(("council", "on", "foreign", "relations")))
    ['cfr', 'cofr']
    """
    if len(tokens) < 2 or not all(t[0].isalpha() for t in tokens):
        return frozenset()
    return frozenset(("".join(t[0] for t in tokens), "".join(t[0] for t in tokens if t not in _SMALL)))
