"""The Porter stemmer with the departures that NLTK makes by default.

Source: M. F. Porter, An algorithm for suffix stripping (1980), https://tartarus.org/martin/PorterStemmer/def.txt;
the departures: https://www.nltk.org/_modules/nltk/stem/porter.html (mode NLTK_EXTENSIONS).
A measure that is defined on it (`official`) needs the same stems; nothing else here does.
"""

from __future__ import annotations

import re
from functools import lru_cache

_IRREGULAR = {
    "sky": "sky", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news",
    "innings": "inning", "inning": "inning", "outings": "outing", "outing": "outing",
    "cannings": "canning", "canning": "canning",
    "howe": "howe", "proceed": "proceed", "exceed": "exceed", "succeed": "succeed",
}  # fmt: skip
_STEP_2 = (
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"),
    ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"),
    ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"),
    ("iviti", "ive"), ("biliti", "ble"), ("fulli", "ful"), ("logi", "log"),
)  # fmt: skip
_STEP_3 = (
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
)  # fmt: skip
_STEP_4 = (
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti",
    "ous", "ive", "ize",
)  # fmt: skip


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The stem of a word, in lower case.

    >>> [stem(w) for w in ("Directed", "director", "publication", "Movies", "sky", "flies", "agreed", "is")]
    ['direct', 'director', 'public', 'movi', 'sky', 'fli', 'agre', 'is']
    """
    word = word.lower()
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 2:
        return word
    word = _past_and_gerund(_plural(word))
    if word.endswith("y") and len(word) > 2 and _consonants(word)[-2] == "c":
        word = word[:-1] + "i"
    word = _suffixes(word)
    for suffix, instead in _STEP_3:
        if word.endswith(suffix):
            word = _replaced(word, suffix, instead, 0)
            break
    for suffix in _STEP_4:
        if word.endswith(suffix):
            base = word.removesuffix(suffix)
            if _measure(base) > 1 and (suffix != "ion" or base.endswith(("s", "t"))):
                word = base
            break
    if word.endswith("e") and (_measure(word[:-1]) > 1 or (_measure(word[:-1]) == 1 and not _ends_short(word[:-1]))):
        word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


def _consonants(word: str) -> str:
    """`c` for each consonant, `v` for each vowel; `y` behind a consonant is a vowel."""
    kinds = ""
    for letter in word:
        vowel = letter in "aeiou" or (letter == "y" and kinds.endswith("c"))
        kinds += "v" if vowel else "c"
    return kinds


def _measure(base: str) -> int:
    return len(re.findall("v+c+", _consonants(base)))


def _ends_short(word: str) -> bool:
    """*o of the definition: consonant, vowel, consonant other than w, x, y; or a vowel and a consonant alone."""
    kinds = _consonants(word)
    return (kinds.endswith("cvc") and word[-1] not in "wxy") or kinds == "vc"


def _replaced(word: str, suffix: str, instead: str, above: int) -> str:
    base = word.removesuffix(suffix)
    return base + instead if _measure(base) > above else word


def _plural(word: str) -> str:
    if word.endswith("ies") and len(word) == 4:
        return word[:-1]
    for suffix, instead in (("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", "")):
        if word.endswith(suffix):
            return word.removesuffix(suffix) + instead
    return word


def _past_and_gerund(word: str) -> str:
    if word.endswith("ied"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("eed"):
        return _replaced(word, "eed", "ee", 0)
    suffix = next((s for s in ("ed", "ing") if word.endswith(s) and "v" in _consonants(word.removesuffix(s))), None)
    if suffix is None:
        return word
    word = word.removesuffix(suffix)
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if len(word) > 1 and word[-1] == word[-2] and _consonants(word)[-1] == "c":
        return word if word[-1] in "lsz" else word[:-1]
    return word + "e" if _measure(word) == 1 and _ends_short(word) else word


def _suffixes(word: str) -> str:
    """Step 2. `alli` is looked at first, and what is left of it is gone through again."""
    if word.endswith("alli") and _measure(word[:-4]) > 0:
        return _suffixes(word[:-2])
    for suffix, instead in _STEP_2:
        if word.endswith(suffix):
            if suffix == "logi":  # measured with its l
                return word[:-1] if _measure(word[:-3]) > 0 else word
            return _replaced(word, suffix, instead, 0)
    return word
