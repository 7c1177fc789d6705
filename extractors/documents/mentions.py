"""Names and identifiers in prose, and what kind of thing the text calls them; rules, no model.

A mention is an identifier (EIP-20, 0x…, vitalik.eth, did:…, $UNI), a run of words in capitals (Aave V3, Bank of
England), a word with a capital inside (syrupUSDC), or a quoted or katakana name in CJK text. A single capital word
that only begins a sentence counts if a verb in the singular follows it ("Compound lends").
What it is called stands beside it: "the Aave protocol", "token USDC", "Lido is a staking service".
Time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.documents.scripts import CJK

MAX_NOUNS = 4
_MAX_WORDS = 8
_LETTER = rf"[^\W\d_{CJK}]"
_TOKEN = re.compile(
    rf"""(?P<skip>(?:https?|ipfs)://[^\s<>"`)\]]+|\]\([^()\s]{{0,500}}\)|</?[A-Za-z][^<>]{{0,200}}>|!\["""
    r"""|\((?:[^()"“]{0,60}\s)?["“][^()"”]{1,60}["”][^()]{0,20}\))"""
    r"""|(?P<id>0x[0-9A-Fa-f]{40}(?:[0-9A-Fa-f]{24})?(?![0-9A-Za-z])|did:[a-z0-9]{1,30}:[A-Za-z0-9._:%-]{1,200}"""
    r"""|(?<![\w.-])[a-z0-9-]{1,60}(?:\.[a-z0-9-]{1,60}){0,4}\.eth(?![\w-])|\$[A-Z][A-Z0-9]{1,11}(?!\w)"""
    r"""|(?<![\w-])[A-Z]{2,8}[- ]?[0-9]{1,6}(?![\w]|[.,][0-9]))"""
    rf"""|(?P<quoted>[「『《]([^「」『』《》\s]{{2,30}})[」』》])|(?P<kana>[\u30a1-\u30fa\u30fc]{{3,30}})"""
    rf"""|(?P<word>(?:{_LETTER}|[0-9])(?:{_LETTER}|[0-9]|['’&./+-](?={_LETTER}|[0-9]))*)"""
    r"""|(?P<gap>[^\S\r\n]|\r?\n[ \t>]*|[*_`“"”]+)|(?P<other>[^\s])|\s"""
)
_JOINS_WORDS = "of de da del della van von der den du la le el"
_JOINS = frozenset(_JOINS_WORDS.split())
_STOP_WORDS = (
    "a about above according after again against all also although always among an and another any are as at be "
    "because before below besides between both but by can consequently could did do does during each either else every "
    "everything finally first firstly following for from further furthermore given had has have he hence her here "
    "his how however i if in indeed instead into is it its last lastly later let like many may meanwhile might more "
    "moreover most must my neither never nevertheless next no none nor not note nothing notably now of often on once "
    "one only or other others otherwise our out over overall per please previously rather same second secondly see "
    "several shall she should similarly since so some somebody someone something sometimes still such than that the "
    "their them then there thereby therefore these they third this those though three through thus to today together "
    "too towards two under unless unlike until up upon us usually via was we were what whatever when whenever where "
    "whereas whether which while who whoever whom whose why will with within without would yes yet you your "
    "required recommended optional ok etc e.g i.e"
)
STOP = frozenset(_STOP_WORDS.split())
"""Function words: capitals do not make them names."""
_SINGULAR_WORDS = "is was has does will can may must shall should would could had did cannot isn't wasn't"
SINGULAR = frozenset(_SINGULAR_WORDS.split())
_SHOUTED_WORDS = "MUST SHOULD SHALL NOT MAY REQUIRED OPTIONAL RECOMMENDED TODO TBD NOTE ID IDs URI URL AND OR IF THE"
_SHOUTED = frozenset(_SHOUTED_WORDS.split())
_TYPE_WORDS = (
    "token coin stablecoin currency asset protocol standard specification interface contract library chain "
    "blockchain network rollup layer bridge oracle pool vault market exchange wallet client node validator "
    "platform system project product service application app program company firm bank fund foundation "
    "association organization group team dao agency institute university city country state river company film "
    "book band album ship aircraft unit award proposal framework algorithm function event opcode precompile "
    "transaction fork upgrade format language"
)
_TYPES = frozenset(_TYPE_WORDS.split())
"""Nouns that a name before them is an instance of."""
_NO_NOUN = ("ed", "ing", "ly")
_CALLED = re.compile(
    r"(?:[\s*_`“”\"]|\([^()]{0,60}\)){1,8}(?:is|was|,)\s+(?:an?|the|one of the)\s+"
    r"((?:[\w'’/-]+\s+){0,5}?[^\W\d_]{3,30})"
    r"(?=\s*(?:[.,;:()]|\Z|\b(?:that|which|who|whose|for|of|in|on|by|with|to|and|from|at|where|built|based|used)\b))",
)


@dataclass(frozen=True, slots=True)
class Named:
    """A name in some text: `text[start:end]`, and the nouns that stand for it, in lower case and the singular."""

    start: int
    end: int
    nouns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Word:
    kind: str
    text: str
    start: int
    end: int
    joined: bool
    """Whether only one gap stands between the word and the one before."""


def names(text: str) -> list[Named]:
    """The names and identifiers in a sentence, in order and disjoint.

    >>> text = "The USDC token is on Base."
    >>> [(text[n.start : n.end], n.nouns) for n in names(text)]
    [('USDC', ('token',)), ('Base', ())]
    """
    words = list(_words(text))
    found = []
    row = 0
    while row < len(words):
        last = _run(words, row)
        if last > row:
            found.append(Named(words[row].start, words[last - 1].end, _nouns(text, words, row, last)))
            row = last
        else:
            row += 1
    return found


def singular(noun: str) -> str:
    """A noun in lower case and, by the plainest rule, in the singular.

    >>> [singular(n) for n in ("Tokens", "address", "Policies")]
    ['token', 'address', 'policy']
    """
    low = noun.lower()
    if low.endswith("ies") and len(low) > 4:
        return low[:-3] + "y"
    return low[:-1] if low.endswith("s") and not low.endswith(("ss", "us", "is")) and len(low) > 3 else low


def _words(text: str) -> Iterator[_Word]:
    joined, before = False, 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "quoted"
        if kind in ("id", "word", "kana"):
            yield _Word(kind, match[0], match.start(), match.end(), joined and match.start() - before <= 6)
            joined, before = True, match.end()
        elif match["quoted"]:
            yield _Word("quoted", match[3], match.start() + 1, match.end() - 1, joined=False)
            joined, before = False, match.end()
        elif kind in ("skip", "other"):
            if match[0] not in "[(" or match[0] == "(":
                yield _Word("mark", match[0], match.start(), match.end(), joined=False)
            joined = joined and match[0] == "["


def _run(words: Sequence[_Word], row: int) -> int:
    """The row after the name that begins here, or `row` if none does."""
    word = words[row]
    if word.kind in ("id", "quoted", "kana"):
        return row + 1
    if word.kind != "word" or not _capital(word.text) or word.text.lower() in STOP or word.text in _SHOUTED:
        return row
    if row and words[row].joined and words[row - 1].text.lower() in ("this", "these"):
        return row
    last = row + 1
    while last < len(words) and last - row < _MAX_WORDS and words[last].joined:
        here = words[last]
        if here.kind == "id" or (here.kind == "word" and (_capital(here.text) or _version(here.text))):
            if here.text in _SHOUTED or here.text == "I":
                break
            last += 1
        elif (
            here.text in _JOINS and last + 1 < len(words) and words[last + 1].joined and _capital(words[last + 1].text)
        ):
            last += 2
        else:
            break
    if last == row + 1 and _begins(words, row) and not _inner(word.text):
        return last if _goes_on_as_name(words, last) else row
    return last


def _goes_on_as_name(words: Sequence[_Word], row: int) -> bool:
    """Whether what follows the word that begins a sentence shows that it is a name: a verb, "and Aave", or CJK text."""
    if row == len(words):
        return False
    word = words[row]
    if not word.joined:
        return word.kind == "mark" and word.start == words[row - 1].end and word.text.isalpha()
    if word.text in ("and", "or"):
        return row + 1 < len(words) and words[row + 1].joined and _capital(words[row + 1].text)
    verb = word.text.islower() and word.text.endswith("s") and not word.text.endswith("ss") and word.text not in STOP
    return verb or word.text in SINGULAR


def _begins(words: Sequence[_Word], row: int) -> bool:
    return row == 0 or (words[row - 1].kind == "mark" and words[row - 1].text in ".!?:;|>#")


def _capital(word: str) -> bool:
    return word[0].isupper() or _inner(word)


def _inner(word: str) -> bool:
    """Whether there is a capital after the first letter, or a digit behind a capital: syrupUSDC, USDC, V3."""
    return any(c.isupper() for c in word[1:]) or (word[0].isupper() and any(c.isdigit() for c in word[1:]))


def _version(word: str) -> bool:
    return re.fullmatch(r"v?[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}", word) is not None


def _nouns(text: str, words: Sequence[_Word], row: int, last: int) -> tuple[str, ...]:
    """What the name is called: its own last word, the words around it, "is a …"."""
    found = []
    if last > row + 1 and words[last - 1].kind == "word" and words[last - 1].text.isalpha():
        found.append(words[last - 1].text)
    at = last
    while at < len(words) and at < last + 2 and words[at].joined and _common(words[at]):
        # "USDC token" is a token, "SSTORE refund" is no refund that is called SSTORE.
        if singular(words[at].text) in _TYPES:
            found.append(words[at].text)
        at += 1
    if row > 0 and words[row].joined and _common(words[row - 1]):
        found.append(words[row - 1].text)
    if called := _CALLED.match(text, words[last - 1].end, words[last - 1].end + 240):
        found.append(called[1].split()[-1])
    nouns = dict.fromkeys(singular(noun) for noun in found if noun.isalpha() and len(noun) > 2)
    return tuple(nouns)[:MAX_NOUNS]


def _common(word: _Word) -> bool:
    return (
        word.kind == "word"
        and word.text.islower()
        and word.text.isalpha()
        and not word.text.endswith(_NO_NOUN)
        and word.text not in STOP
    )
