"""What "this proposal", "the token" and "it" may stand for: candidates in order, by rules and no model.

Only expressions for which a rule has a candidate are given, and a rule gives only what fits: the document for its own
words for itself, the meaning of a term that it defines, a name that the text calls by the noun ("the USDC token" for
"the token"), the name that the sentence before is about for "it". After Lappin and Leass 1994
(https://aclanthology.org/J94-4002/), of which nearness and the place of the subject are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.documents.context import Context, Mention, spoken
from extractors.documents.mentions import STOP, names, singular
from extractors.documents.model import Sentence

_DOCUMENT_NOUNS_WORDS = (
    "document paper article page report whitepaper post memo memorandum agreement policy guide letter proposal draft "
    "specification note publication"
)
DOCUMENT_NOUNS = frozenset(_DOCUMENT_NOUNS_WORDS.split())
"""What any document may call itself after "this"."""

_DETERMINED = re.compile(
    r"\b(?P<det>this|the|these|those|such|said|the (?:said|same|above|present|aforementioned|new|former|latter))"
    r"\s+(?P<noun>[^\W\d_]{3,30})(?![\w-])(?!['’]s\s+[A-Z])",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?P<word>it|its|itself|they|their|them|he|she|his|her|him)\b", re.IGNORECASE)
_EMPTY_IT = re.compile(
    r"\bit(?:['’]s|\s+(?:is|was|would be|will be|may be|can be|should be|might be|becomes?))\s+"
    r"(?:(?:not|also|only|therefore|generally)\s+)?[a-z]+\s+(?:that|to|for|if|whether|how|when)\b"
    r"|\bit\s+(?:seems|appears|follows|turns out|takes|depends)\b|\bit['’]s\s+(?:up|time|generally)\b",
    re.IGNORECASE,
)
_TWO = re.compile(r"\bthe\s+(?P<which>former|latter)\b", re.IGNORECASE)
_CJK = re.compile(
    r"(?P<own>本(?:提案|标准|標準|规范|規範|文件|文档|文書|仕様|规约|規約|协议|協議))"
    r"|(?P<det>该|該|此|这个|這個|この|その|当該|同)(?P<noun>[\u4e00-\u9fff\u30a1-\u30fa\u30fc]{1,8})|(?P<it>它|其(?!他|中|次))"
)
_PERSONS = frozenset({"he", "she", "his", "her", "him"})
_ORGANISATIONS_WORDS = (
    "protocol lab finance foundation network inc ltd llc corp dao token bank university group council committee court "
    "exchange institute chain company corporation fund capital venture association agency ministry instance"
)
_ORGANISATIONS = frozenset(_ORGANISATIONS_WORDS.split())
_MANY = frozenset({"they", "their", "them"})
_IMPROVEMENT_PROPOSAL = re.compile(r"[A-Z]{1,4}IP|A?RFC|ERC")
_NEXT_CAPITAL = re.compile(r"\s+[A-Z]")
_OBJECTS_WORDS = "it them a an the its their all any each every both no that how whether one two three"
_OBJECTS = frozenset(_OBJECTS_WORDS.split())
_AFTER_HEAD = STOP | {"is", "was", "has", "does", "itself", "themselves"}


@dataclass(frozen=True, slots=True)
class Anaphor:
    """An expression at `start..end` of the document, and what it may stand for, the likeliest first.

    `certain` says that the rules leave one thing only, and for a pronoun that the sentence before is about it.
    """

    text: str
    start: int
    end: int
    candidates: tuple[Mention, ...]
    certain: bool


def antecedents(sentence: Sentence, context: Context, before: Sequence[Sentence] = ()) -> tuple[Anaphor, ...]:
    """The anaphoric expressions of a sentence that something in its context explains, in order.

    `before` are the sentences of the same chunk that stand before it.

    >>> from extractors.documents.chunks import chunks
    >>> from extractors.documents.load import load_document
    >>> text = b"# Add sUSD\\n\\nMaker issues the DAI token. It is the largest. The token is on Base.\\n"
    >>> last = chunks(load_document(text, name="a.md"))[-1]
    >>> [(a.text, [c.text for c in a.candidates], a.certain) for a in antecedents(last.sentences[0], last.context)]
    [('The token', ['DAI'], True)]
    """
    return tuple(_Reader(sentence, context, before).anaphors())


def anaphoric(text: str) -> bool:
    """Whether a text has an expression that something before it may explain.

    >>> anaphoric("It lends."), anaphoric("The token lends."), anaphoric("Aave lends.")
    (True, True, False)
    """
    return any(True for pattern in (_PRONOUN, _DETERMINED, _TWO, _CJK) for _ in pattern.finditer(text))


def asked_nouns(text: str) -> frozenset[str]:
    """The nouns after "the", "this" and the like, in the singular.

    >>> sorted(asked_nouns("The token is in these vaults."))
    ['token', 'vault']
    """
    return frozenset(singular(match["noun"]) for match in _DETERMINED.finditer(text))


def mentions_in(sentence: Sentence) -> list[Mention]:
    """The names in a sentence, with their places in the document."""
    return [
        Mention(
            sentence.text[n.start : n.end],
            sentence.start + n.start,
            sentence.start + n.end,
            spoken(sentence.aligned[n.start : n.end]),
            nouns=n.nouns,
            leads=sentence.aligned[: n.start].strip(' \t\r\n*_`"“[(').lower() in ("", "the", "a", "an"),
        )
        for n in names(sentence.aligned)
    ]


class _Reader:
    def __init__(self, sentence: Sentence, context: Context, before: Sequence[Sentence]) -> None:
        self.sentence, self.context = sentence, context
        self.own = mentions_in(sentence)
        named = [mentions_in(s) for s in before]
        self.before = [m for mentions in named for m in mentions]
        self.last = (named[-1] if named else []) or self.before or list(context.earlier)
        """The names of the nearest stretch of text before the sentence that has any."""

    def anaphors(self) -> Iterator[Anaphor]:
        found = [*self._determined(), *self._pronouns(), *self._two(), *self._cjk()]
        end = -1
        for anaphor in sorted(found, key=lambda a: (a.start, -a.end)):
            if anaphor.start >= end:
                yield anaphor
                end = anaphor.end

    def _anaphor(
        self, match: re.Match[str], candidates: Sequence[Mention], *, certain: bool = True
    ) -> Iterator[Anaphor]:
        different = list({m.name.casefold(): m for m in reversed(candidates)}.values())[::-1]
        if different:
            at, (start, end) = self.sentence.start, match.span()
            yield Anaphor(
                self.sentence.text[start:end], at + start, at + end, tuple(different), certain and len(different) == 1
            )

    def _determined(self) -> Iterator[Anaphor]:
        text = self.sentence.aligned
        for match in _DETERMINED.finditer(text):
            noun, det = singular(match["noun"]), match["det"].lower()
            if (defined := self._defined(match["noun"])) and not _NEXT_CAPITAL.match(text, match.end()):
                yield from self._anaphor(match, defined)
                continue
            if not _is_head(text, match):
                continue
            start = self.sentence.start + match.start()
            near = [m for m in [*self.context.earlier, *self.before, *self.own] if m.end <= start and noun in m.nouns]
            document = self._document() if self._is_document(match["noun"], noun, det) else []
            own_word = det in ("this", "the present") and noun in self.context.nouns
            yield from self._anaphor(match, document if own_word and document else [*reversed(near), *document])

    def _pronouns(self) -> Iterator[Anaphor]:
        text = self.sentence.aligned
        empty = {m.start() for m in _EMPTY_IT.finditer(text)}
        for match in _PRONOUN.finditer(text):
            if match.start() in empty:
                continue
            word, start = match["word"].lower(), self.sentence.start + match.start()
            inside = [m for m in self.own if m.end <= start]
            candidates = [*inside[:1], *self.last] if inside else self.last
            # Sure is only what a sentence is about, carried on by the one that begins with the pronoun.
            carried = (
                len(candidates) == 1 and candidates[0].leads and not self.sentence.aligned[: match.start()].strip()
            )
            if word in _PERSONS:
                candidates = [m for m in candidates if _may_be_person(m)]
                carried = len(candidates) == 1 and candidates[0].leads
            elif word in _MANY and len(candidates) < 2:
                continue
            found = candidates or self._document_for_it(word)
            yield from self._anaphor(match, found, certain=carried and word not in _MANY)

    def _document_for_it(self, word: str) -> list[Mention]:
        """A pronoun with no name before it in a section that begins: what the document is about."""
        return self._document() if word in ("it", "its", "itself") and not self.own else []

    def _two(self) -> Iterator[Anaphor]:
        for match in _TWO.finditer(self.sentence.aligned):
            start = self.sentence.start + match.start()
            two = [m for m in self.own if m.end <= start] or self.last
            if len({m.name.casefold() for m in two}) == 2 and _is_head(self.sentence.aligned, match):
                yield from self._anaphor(match, [two[0] if match["which"].lower() == "former" else two[-1]])

    def _cjk(self) -> Iterator[Anaphor]:
        for match in _CJK.finditer(self.sentence.aligned):
            if match["own"]:
                yield from self._anaphor(match, self._defined(match["own"]) or self._document())
            elif match["it"]:
                yield from self._anaphor(match, self.last, certain=all(m.leads for m in self.last))
            else:
                noun = match["noun"]
                known = [d.meaning for d in self.context.definitions if noun.startswith(d.term.name)]
                near = [
                    m for m in reversed(self.last) if any(m.name.endswith(noun[:k]) for k in range(len(noun), 1, -1))
                ]
                yield from self._anaphor(match, known or near)

    def _defined(self, word: str) -> list[Mention]:
        exact = [d.meaning for d in self.context.definitions if d.term.name == word]
        return exact or [d.meaning for d in self.context.definitions if d.term.name.casefold() == word.casefold()]

    def _is_document(self, written: str, noun: str, det: str) -> bool:
        own = noun in DOCUMENT_NOUNS or _IMPROVEMENT_PROPOSAL.fullmatch(written) is not None
        return noun in self.context.nouns or (own and det in ("this", "the present"))

    def _document(self) -> list[Mention]:
        return [self.context.subject] if self.context.subject else []


def _is_head(text: str, match: re.Match[str]) -> bool:
    """Whether the noun is not followed by another: "the protocol charges a fee", not "the protocol fees"."""
    following = re.match(r"\s+([^\W\d_]+)(?:\s+(\w+))?", text[match.end() : match.end() + 60])
    if following is None:
        return True
    word, then = following[1], following[2] or ""
    if word.lower() in _AFTER_HEAD or word[0].isupper() or word.endswith(("ed", "ly")):
        return True
    if not word.endswith("s") or word.endswith("ss"):
        return False
    # A verb, if something that can be its object follows, or if it ends the sentence that "the token" begins.
    return then.lower() not in STOP - _OBJECTS if then else match.start() == 0


def _may_be_person(mention: Mention) -> bool:
    """Two words at least, without a digit, that do not end like an organisation."""
    words = mention.name.split()
    return len(words) > 1 and singular(words[-1]) not in _ORGANISATIONS and not any(c.isdigit() for c in mention.name)
