"""Whether a sentence states a relation as a fact, or denies, allows, recommends, supposes, doubts or asks it.

Words and how far they reach, no parsing (the tables are `extractors.reading.doubtful_words`). A word counts from where
it stands to where a new clause begins; "except", "unlike" and the like count for the next name only; a remark between
commas counts for what is named inside it; what introduces a list counts for its items. Modal words by RFC 2119
(https://www.rfc-editor.org/rfc/rfc2119): MUST and SHALL state, SHOULD recommends, MAY allows.
A relation that is not stated is not offered to the model at all.
"""

from __future__ import annotations

import re

from extractors.mentions.candidates import without_targets
from extractors.reading.doubtful_words import (
    AFTER,
    CLAUSE,
    COMPLEMENT,
    HARMLESS,
    INSERTION,
    LEAD_IN,
    NEW_CLAUSE,
    SENTENCE,
    Cues,
)
from kg.claims.iris import eip_number

_CLAUSE_END = re.compile(r"[;:.!?]\s|\s[-–—]\s|\n\s*\n")
_BEFORE = 80
_BRACKETS = re.compile(r"\([^()]*\)")
_LISTED = re.compile(
    r"(?>[\s,/&*_`'\"()\[\]]|\b(?:and|or|plus)\b|(?:EIP|ERC)[-\s]?[0-9]+|\b(?:the|standards?|tokens?|interfaces?)\b)*+",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\b(?:and|or|plus)\b|[/&]", re.IGNORECASE)
_GOES_ON = re.compile(r"[\s`*_\]]*,?\s*(?:and|or|&)\s", re.IGNORECASE)
_WENT_BEFORE = re.compile(r"(?:,|\b(?:and|or))\s+[\s`*_\[]*\Z", re.IGNORECASE)
_PASSIVE = re.compile(r"\b(?:\w+ed|built|written|bought|sold|made|led|held|run|won|known) (?:\w+ )?by\b", re.IGNORECASE)
_NEXT_PHRASE = re.compile(r"[,;:]|\b(?:that|which|who|whose|to|and|or|but|is|was|were|are|has|had|will|for)\b")
_RELATIVE = re.compile(r",\s+(?:which|who|whose)\b")
"""What stands behind it is said of the name itself, whatever is said before."""
_USED_TO = re.compile(r"\A\s+used to \w|\b(?:it|he|she|they|who|which) used to \w", re.IGNORECASE)


def doubt(
    sentence: str, first: tuple[int, int], second: tuple[int, int], *, lead_in: str = "", label: str = ""
) -> str | None:
    """Why the sentence does not state what joins two of its spans, with the word that says so; None if it states it.

    The spans are offsets in the sentence, in either order. `lead_in` is what introduces the list that the sentence is
    an item of. A word of the relation's own `label` is no doubt: "A | rejected | B".

    >>> text = "This ERC does not replace ERC-20."
    >>> doubt(text, (0, 8), (26, 32))
    "denied: 'not'"
    >>> doubt("This EIP requires ERC-165.", (0, 8), (18, 25)) is None
    True
    >>> text = "Aave, unlike Compound, runs on Base."
    >>> doubt(text, (0, 4), (31, 35)) is None, doubt(text, (13, 21), (31, 35))
    (True, "denied: 'unlike'")
    >>> doubt("- Polygon, by Aave", (2, 9), (14, 18), lead_in="The following are not supported:")
    "introduced as denied: 'not'"
    """
    if sentence.rstrip(" *_\"')”’").endswith("?"):
        return "asked: '?'"
    if lead_in and (why := _first(LEAD_IN, lead_in.replace("’", "'"), label)):
        return f"introduced as {why}"
    text = without_targets(sentence).replace("’", "'")
    left, right = sorted((first, second))
    if _only_listed(text, left, right):
        return f"only listed together: {text[left[1] : right[0]].strip()!r}"
    text = HARMLESS.sub(_blank, _names_blanked(text, left, right))
    text = _remarks_blanked(text, left, right)
    begin = max((m.end() for m in _CLAUSE_END.finditer(text, 0, left[0])), default=0)
    if why := _first(SENTENCE, text[begin : left[0]], label):
        return why
    before = "" if _RELATIVE.match(text, left[1]) else text[max(begin, left[0] - _BEFORE) : left[0]]
    return _before(before, label) or _between(text[left[1] : right[0]], label) or _first(AFTER, text[right[1] :], label)


def backwards(sentence: str, first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether the sentence names the object before the subject: "A is extended by B".

    English names the subject of a relation first, but in the passive.

    >>> backwards("ERC-20 is extended by ERC-777", (0, 6), (22, 29))
    True
    >>> backwards("ERC-777 extends ERC-20", (0, 7), (16, 22))
    False
    """
    (_, left_end), (right, _) = sorted((first, second))
    return _PASSIVE.search(sentence, left_end, right) is not None


def _only_listed(text: str, left: tuple[int, int], right: tuple[int, int]) -> bool:
    """Whether the two are items of one enumeration; a name beside another ("By Ann Lee, Night Train is") is none."""
    if not _LISTED.fullmatch(text, left[1], right[0]):
        return False
    if _JOINED.search(text, left[1], right[0]) or eip_number(text[slice(*right)]) is not None:
        return True
    between = text[left[1] : right[0]].strip()
    return "," in between and bool(_GOES_ON.match(text, right[1]) or _WENT_BEFORE.search(text[: left[0]]))


def _before(text: str, label: str) -> str | None:
    """What stands before the first name: in its own part of the clause, or right before it."""
    near = text[max(text.rfind(","), max((m.start() for m in NEW_CLAUSE.finditer(text)), default=-1)) + 1 :]
    return _first(CLAUSE, near, label) or _of_next_name(near, label)


def _between(text: str, label: str) -> str | None:
    """What stands between the names, since the last clause began."""
    if _USED_TO.search(text):
        return "ended: 'used to'"
    text = _phrases_blanked(text)
    last = text[max((m.end() for m in NEW_CLAUSE.finditer(text)), default=0) :]
    return _first(CLAUSE, last, label) or _of_next_name(last, label)


def _of_next_name(text: str, label: str) -> str | None:
    """A word that counts for the next name, where that is the one at the end of the text."""
    for reason, pattern in COMPLEMENT:
        for mark in pattern.finditer(text):
            if _is_cue(mark, text, label) and not _NEXT_PHRASE.search(text, mark.end()):
                return f"{reason}: {mark[0]!r}"
    return None


def _phrases_blanked(text: str) -> str:
    """The text without "rather than B that", "unlike B," and the like, where another name follows."""
    for _, pattern in COMPLEMENT:
        for mark in pattern.finditer(text):
            if following := _NEXT_PHRASE.search(text, mark.end()):
                text = text[: mark.start()] + " " * (following.start() - mark.start()) + text[following.start() :]
    return text


def _remarks_blanked(text: str, left: tuple[int, int], right: tuple[int, int]) -> str:
    """The text without remarks between commas or in brackets in which neither name stands."""
    for pattern in (_BRACKETS, INSERTION):
        for remark in pattern.finditer(text):
            start, end = remark.span()
            if not any(start < b and a < end for a, b in (left, right)):
                text = text[:start] + " " * (end - start) + text[end:]
    return text


def _names_blanked(text: str, left: tuple[int, int], right: tuple[int, int]) -> str:
    for start, end in (left, right):
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _first(cues: Cues, text: str, label: str) -> str | None:
    for reason, pattern in cues:
        for mark in pattern.finditer(text):
            if _is_cue(mark, text, label):
                return f"{reason}: {mark[0].strip()!r}"
    return None


def _is_cue(mark: re.Match[str], text: str, label: str) -> bool:
    """Whether the word is no name and no word of the relation: a name has a capital, and does not begin the text."""
    word = mark[0].strip()
    if word.split()[0].casefold()[:5] in label.casefold():
        return False
    return not word[:1].isupper() or word.isupper() or not text[: mark.start()].strip(" *_\"'“‘(-")


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
