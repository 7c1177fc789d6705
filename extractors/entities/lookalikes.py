"""Names made to be taken for other names: look-alike letters, letters that cannot be seen, styled alphabets.

A name that `deceptive` gives a reason for takes no part in rules on names. `skeleton` finds the name it resembles.
Look-alikes are those of Unicode's list; which scripts may stand together follows its "highly restrictive" level.
UTS #39: https://www.unicode.org/reports/tr39/#Confusable_Detection
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from confusable_homoglyphs import categories, confusables

_TOGETHER = (
    frozenset(("LATIN",)),
    frozenset(("LATIN", "HAN", "HIRAGANA", "KATAKANA")),
    frozenset(("LATIN", "HAN", "BOPOMOFO")),
    frozenset(("LATIN", "HAN", "HANGUL")),
)
"""Scripts that one word may mix."""
_EVERYWHERE = frozenset(("COMMON", "INHERITED", "UNKNOWN"))
_STYLED = frozenset(("<font>", "<circle>", "<square>", "<super>", "<sub>"))
"""Compatibility forms that a person chooses for their looks. Full-width letters are how CJK text is typed."""
_JOINERS = "\u200c\u200d"
_OF_ASCII = {"0": "O", "1": "l", "I": "l", "|": "l"}


def deceptive(text: str) -> str:
    """Why no name is written like this, or "".

    >>> deceptive("Uni\u0455wap"), deceptive("Uniswap"), deceptive("Юнисвап")
    ("'Uniѕwap' mixes CYRILLIC and LATIN", '', '')
    >>> deceptive("Uni\u200bswap")
    'U+200B cannot be seen'
    """
    if text.isascii():
        control = next((c for c in text if ord(c) < 32 and c not in "\t\n\r\f\v"), None)
        return f"U+{ord(control):04X} cannot be seen" if control else ""
    for place, character in enumerate(text):
        if _unseen(character) and not _joins(text, place):
            return f"U+{ord(character):04X} cannot be seen"
        if _styled(character):
            return f"{character!r} is a styled letter"
    for word in unicodedata.normalize("NFKC", text).split():
        scripts = {_script(c) for c in word} - _EVERYWHERE
        if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
            return f"{word[:60]!r} mixes {' and '.join(sorted(scripts))}"
    return ""


def skeleton(text: str) -> str:
    """What the text looks like, in small letters: equal for two texts that a reader may take for one another.

    A capital L stays one, since it does not look like the capital I that looks like its small form.

    >>> skeleton("Uni\u0455wap") == skeleton("Uniswap"), skeleton("PayPaI") == skeleton("PayPal")
    (True, True)
    >>> skeleton("YFI") == skeleton("YFL")
    False
    """
    seen = (c for c in unicodedata.normalize("NFKC", text) if not _unseen(c))
    return "".join(c if c == "L" else _prototype(c).casefold() for c in seen)


@lru_cache(maxsize=4096)
def _styled(character: str) -> bool:
    kind = unicodedata.decomposition(character).partition(" ")[0]
    if kind == "<compat>":  # Roman numerals; ligatures are how some programs print two letters
        return not "\ufb00" <= character <= "\ufb06" and unicodedata.normalize("NFKC", character).isalnum()
    return kind in _STYLED and character != "™"


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    return str(categories.aliases_categories(character)[0]) if not character.isascii() else _ascii_script(character)


def _ascii_script(character: str) -> str:
    return "LATIN" if character.isalpha() else "COMMON"


@lru_cache(maxsize=4096)
def _unseen(character: str) -> bool:
    """Controls, directions, joiners, tags and fillers; white space is seen as a gap."""
    if unicodedata.category(character) in ("Cf", "Cc", "Co", "Cs", "Cn"):
        return not character.isspace()
    return character in "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0" or "VARIATION SELECTOR" in _name(character)


def _name(character: str) -> str:
    return unicodedata.name(character, "")


def _joins(text: str, place: int) -> bool:
    """Whether this is a joiner between letters of a script that is written with joiners, or in an emoji."""
    if text[place] not in _JOINERS + "\ufe0f" or place == 0:
        return False
    return _script(text[place - 1]) not in ("LATIN", "CYRILLIC", "GREEK") and not text[place - 1].isascii()


@lru_cache(maxsize=4096)
def _prototype(character: str) -> str:
    if character.isascii():
        return _OF_ASCII.get(character, character)
    for entry in confusables.confusables_data.get(character, ()):
        like = str(entry["c"])
        if like.isascii() and like.isalnum():
            return "".join(_OF_ASCII.get(c, c) for c in like)
    return character
