"""Names of things taken apart, so that two spellings of one name have a key in common.

Case, Unicode compatibility forms (NFKC), punctuation, a legal form, a leading "the" and a word that only repeats the
type ("Uniswap V3 Protocol", a Protocol) do not tell things apart. Everything else does: numbers and versions, and
words such as Foundation, Labs, DAO, Wrapped or Bridged. The case of tickers tells apart, too: aUSDC is no AUSDC.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from extractors.entities.legal_forms import legal_form
from extractors.entities.lookalikes import deceptive

MAX_NAME = 200
"""Characters; what is longer is no name."""

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_QUOTES = dict.fromkeys(map(ord, "‘’‛`´ʼ"), "'") | dict.fromkeys(map(ord, "“”„‟«»"), '"')
_PLAIN = str.maketrans({**_DASHES, **_QUOTES})
_APART = re.compile(r"[\s\-/,;:()\[\]{}\"!?_|*#~]+")
_POSSESSIVE = re.compile(r"['’]s\W*$")
_GAP_IN_DIGITS = re.compile(r"[0-9] [0-9]")
_DOTTED = re.compile(r"(?:\w\.)+\w?\.?")
_VERSION = re.compile(r"v\.?([0-9]+(?:\.[0-9]+)*[a-z]?)")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_GENERAL = frozenset(("thing", "resource", "entity", "concept", "object", "misc", "named individual", "individual"))
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Name:
    """A name in its parts.

    `key` is the whole name, `forms` are those under which it may stand, too: without legal form, without "the".
    `headless` is the name without its last word `head`, for names whose head is their type.
    `words` are the words as they were written, `tokens` those before the legal form in small letters.
    """

    key: str
    forms: frozenset[str] = frozenset()
    headless: str = ""
    head: str = ""
    words: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    form: tuple[str, ...] = ()
    versions: frozenset[str] = frozenset()
    deceptive: str = ""


@lru_cache(maxsize=1 << 16)
def read_name(text: str) -> Name:
    """The parts of a name; one without a key where the text is no name, or one that is made to deceive.

    >>> [read_name(t).key for t in ("Uniswap v3", "UNISWAP  Version 3", "“Uniswap-V3”")]
    ['uniswap v3', 'uniswap v3', 'uniswap v3']
    >>> sorted(read_name("Apple Inc.").forms), sorted(read_name("Apple Bank").forms), read_name("U.S.A.").key
    (['apple', 'apple inc'], ['apple bank'], '=USA')
    >>> [read_name(t).key for t in ("USDC", "USDC.e", "aUSDC", "axlUSDC")]
    ['=USDC', '=USDC.e', '=aUSDC', '=axlUSDC']
    """
    reason = deceptive(text)
    if reason or len(text) > MAX_NAME:
        return Name("", deceptive=reason)
    words = _words(text)
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    if not words or (len(words) == 1 and len(words[0]) < 2):
        return Name("")
    tokens = tuple(_versioned([word.casefold() for word in words]))
    if len(tokens) != len(words):
        words = tokens
    end, form = legal_form(tokens, words)
    key, stem = _key(tokens, words), _key(tokens[:end], words[:end])
    forms = {key, stem}
    if tokens[0] == "the" and end > 2:  # "The Block" is another than "Block", "The United States" is not
        forms |= {form.removeprefix("the ") for form in forms}
    if key.endswith("s") and _POSSESSIVE.search(text):
        forms.add(key[:-1])
    return Name(
        key=key,
        forms=frozenset(forms - {""}),
        headless=_key(tokens[: end - 1], words[: end - 1]) if end > 1 else "",
        head=tokens[end - 1],
        words=words,
        tokens=tokens[:end],
        form=form,
        versions=frozenset(token for token in tokens if _VERSION.fullmatch(token) or _NUMBER.fullmatch(token)),
    )


def loose(form: str) -> str:
    """A form without accents and gaps, for names in one document; "" where the gap stands between digits.

    >>> loose("rocket pool"), loose("nestlé"), loose("plant 1 2")
    ('rocketpool', 'nestle', '')
    """
    if _GAP_IN_DIGITS.search(form):
        return ""
    letters = unicodedata.normalize("NFD", form.removeprefix("=").replace(" ", "").casefold())
    return letters if letters.isascii() else "".join(c for c in letters if not unicodedata.combining(c))


def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", text.replace("™", " ")).translate(_PLAIN).replace("&", " and ")
    words = []
    for word in _APART.split(plain.replace("'", "")):
        if "." in word:
            word = word.replace(".", "") if _DOTTED.fullmatch(word) and not word[0].isdecimal() else word.strip(".")
        word = word.removeprefix("$") if word[1:2].isalpha() else word
        if word:
            words.append(word)
    return tuple(words)


def _versioned(tokens: list[str]) -> list[str]:
    """`version 3`, `ver. 3` and `v.3` as `v3`."""
    found: list[str] = []
    for token in tokens:
        if found and found[-1] in ("version", "ver", "v") and len(found) > 1 and _NUMBER.fullmatch(token):
            found[-1] = f"v{token}"
        else:
            version = _VERSION.fullmatch(token)
            found.append(f"v{version[1]}" if version else token)
    return found


def _key(tokens: tuple[str, ...], words: tuple[str, ...]) -> str:
    """One word that is written like a ticker keeps its case; a name of a letter or none has no key."""
    if len(tokens) == 1:
        return f"={words[0]}" if is_code(words[0]) else (tokens[0] if len(tokens[0]) > 1 else "")
    return " ".join(word if _keeps_case(word) else token for token, word in zip(tokens, words, strict=True))


def _keeps_case(word: str) -> bool:
    """Whether a word among others is a ticker with a prefix: `stETH`, `aUSDC`."""
    return word[:1].islower() and is_code(word)


def is_code(word: str) -> bool:
    """Whether a word is written like a ticker or an acronym, so that its case says something.

    >>> [is_code(w) for w in ("USDC", "aUSDC", "stETH", "Uniswap", "GitHub", "uniswap")]
    [True, True, True, False, False, False]
    """
    upper = sum(c.isupper() for c in word)
    lower = sum(c.islower() for c in word)
    return upper > 1 and lower <= max(3, upper)


@lru_cache(maxsize=4096)
def type_word(iri: str) -> str:
    """The last word of a class's name, in small letters; "" for classes that everything belongs to.

    >>> [type_word(t) for t in ("https://example.org/ns#Erc20Token", "http://www.w3.org/2002/07/owl#Thing", "PER")]
    ['token', '', 'per']
    """
    local = re.split(r"[#/:]", iri.rstrip("#/"))[-1]
    words = [word.casefold() for word in _WORDS.findall(local)]
    if not words or " ".join(words) in _GENERAL:
        return ""
    return words[-1] if not words[-1].isdecimal() else local.casefold()


def singular(word: str) -> str:
    """A word without the ending of the plural, for comparing it with the name of a class."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
