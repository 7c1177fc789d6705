"""Whether a sentence states a relation as a fact, or denies, allows, recommends, supposes or asks it.

Words and where they stand, no parsing: a mark counts where it stands between the two things or shortly before the
first of them in the same clause. Modal words by RFC 2119 (https://www.rfc-editor.org/rfc/rfc2119): MUST and SHALL
state, SHOULD recommends, MAY allows. A relation that is not stated is not offered to the model at all.
"""

from __future__ import annotations

import re

from extractors.mentions.candidates import without_targets

_MARKS = (
    ("denied", r"\b(?:not|never|no longer|nor|neither|cannot|can['’]t|isn['’]t|doesn['’]t|don['’]t|won['’]t)\b|\bno\b"),
    (
        "denied",
        r"\b(?:unlike|without|instead of|rather than|differs? from|differences? between|insufficient|incompatible)\b",
    ),
    ("denied", r"\b(?:missing|lacks?|violates?|remove[ds]?|withdr[ae]wn?|withdraws?|close to|almost|nearly)\b"),
    ("only allowed", r"\b(?:may|might|can|could|would|optional(?:ly)?)\b"),
    ("only recommended", r"\b(?:should|recommended|suggested)\b"),
    ("only supposed", r"\b(?:if|unless|whether|suppose|assuming|imagine|contrived|would be|potential(?:ly)?)\b"),
)
_COMPILED = tuple((reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in _MARKS)
_CLAUSE = re.compile(r"[;:.!?]\s|\s[-–—]\s|\n\s*\n")
_BEFORE = 60
_LISTED = re.compile(
    r"(?>[\s,/&*_`'\"()\[\]]|\b(?:and|or|plus)\b|(?:EIP|ERC)[-\s]?[0-9]+|\b(?:the|standards?|tokens?|interfaces?)\b)*+",
    re.IGNORECASE,
)
_PASSIVE = re.compile(r"\b(?:\w+ed|built|written) (?:\w+ )?by\b", re.IGNORECASE)
_HARMLESS = re.compile(
    r"\bnot only\b|\bcan be (?:used|seen|considered|thought of) as\b|\bwithout (?:breaking|losing)\b", re.IGNORECASE
)


def doubt(sentence: str, first: tuple[int, int], second: tuple[int, int]) -> str | None:
    """Why the sentence does not state what joins two of its spans, with the word that says so; None if it states it.

    The spans are offsets in the sentence, in either order.

    >>> text = "This ERC does not replace ERC-20."
    >>> doubt(text, (0, 8), (26, 32))
    "denied: 'not'"
    >>> doubt("This EIP requires ERC-165.", (0, 8), (18, 25)) is None
    True
    """
    if sentence.rstrip(" *_\"')").endswith("?"):
        return "asked: '?'"
    sentence = without_targets(sentence)
    (left, left_end), (right, _) = sorted((first, second))
    if _LISTED.fullmatch(sentence, left_end, right):
        return f"only listed together: {sentence[left_end:right].strip()!r}"
    clause = max((m.end() for m in _CLAUSE.finditer(sentence, 0, left)), default=0)
    start = max(clause, left - _BEFORE)
    window = _blank(sentence[start:left]) + " " * (left_end - left) + _blank(sentence[left_end:right])
    for reason, pattern in _COMPILED:
        if mark := pattern.search(window):
            return f"{reason}: {mark[0]!r}"
    return None


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


def _blank(text: str) -> str:
    return _HARMLESS.sub(lambda m: " " * len(m[0]), text)
