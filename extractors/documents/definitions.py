"""What a document defines: terms in quotes, abbreviations, glossary entries.

Four forms, each with the place of the term and of what it means:
- `the Aave Protocol (the "Protocol")`, `… (hereinafter "Issuer")`, `…（以下「本規約」という）`, `…（以下简称“协议”）`;
- `Decentralized Exchange (DEX)`, `DEX (Decentralized Exchange)`, matched letter by letter:
  Schwartz and Hearst 2003, https://psb.stanford.edu/psb-online/proceedings/psb03/schwartz.pdf ;
- `**Vault**: a contract that …`, `**Vault** - …` at the start of a paragraph or an item;
- `"Issuer" means …`, `"Issuer" refers to …`.
Time is linear in the length of the text: every look back and ahead is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.documents.mentions import STOP
from extractors.documents.scripts import CJK

MAX_TERM = 60
MAX_MEANING = 160
_BACK = 200
"""Code points before a bracket in which the meaning of a term is looked for."""

_OPEN, _CLOSE = '"“‘«「『', '"”’»」』'
_MARK = r"[*_`]{0,3}"
_QUOTED_TERM = re.compile(
    rf"[(（](?:[^()（）{_OPEN}\r\n]{{0,60}}\s|以下[^{_OPEN}]{{0,6}})?"
    rf"{_MARK}[{_OPEN}]{_MARK}([^{_OPEN}{_CLOSE}()\r\n]{{1,{MAX_TERM}}}?)"
    rf"{_MARK}[,.]?[{_CLOSE}][^()（）\r\n]{{0,40}}[)）]"
)
_LEADS = re.compile(
    r"(?:the|hereinafter|hereafter|herein|referred|to|as|collectively|together|each|in short|or|simply|also|known|"
    r"called|a\.k\.a\.|aka|an?|this|these|and|defined|with its [^\s,]{1,30}|,|:|"
    r"以下|简称|簡稱|下称|、|\s)*",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"[(（]([^()（）\r\n]{2,80})[)）]")
_SHORT = re.compile(r"[A-Za-z][A-Za-z0-9.&/-]{1,9}")
_GLOSSARY = re.compile(
    rf"[ \t]*(?:\*\*|__)\s*([^*_\r\n]{{1,{MAX_TERM}}}?)\s*(?::\s*(?:\*\*|__)"
    r"|(?:\*\*|__)\s*(?:[:：]|[-–—](?=\s)))\s*(?=\S)"
)
_MEANS = re.compile(
    rf"[{_OPEN}]{_MARK}([^{_OPEN}{_CLOSE}\r\n]{{1,{MAX_TERM}}}?){_MARK}[{_CLOSE}]\s+"
    r"(?:(?:shall|will)\s+)?(?:means?|refers?\s+to|denotes?)\s+(?=\S)"
)
_WORD = re.compile(r"[^\s]+")
_ENDS = re.compile(r"[.;:!?。；！？](?=\s|\Z)|[。；！？]|\r?\n[ \t]*\r?\n")
_CJK_RUN = re.compile(rf"[{CJK}A-Za-z0-9]{{1,24}}\Z")
_LINK_END = re.compile(r"\]\([^()\s]{0,150}\)\Z")
_COMPANY = re.compile(r",? ?(?:Inc|Ltd|Corp|Co|S\.A|LLC|GmbH|AG)\.?\Z")
_BREAK = re.compile(r"[.;:!?,，。；：！？、()（）\[\]|\r\n“”\"]")


@dataclass(frozen=True, slots=True)
class Defined:
    """A term and its meaning as ranges of some text."""

    term: tuple[int, int]
    meaning: tuple[int, int]


def definitions(text: str) -> list[Defined]:
    """The definitions in a paragraph, in the order of their terms.

    >>> text = 'A Decentralized Exchange (DEX) runs on the Aave Protocol (the "Protocol").'
    >>> [(text[slice(*d.term)], text[slice(*d.meaning)]) for d in definitions(text)]
    [('DEX', 'Decentralized Exchange'), ('Protocol', 'Aave Protocol')]
    """
    found = {d.term: d for d in [*_abbreviations(text), *_glossary(text), *_stated(text), *_quoted(text)]}
    return sorted(found.values(), key=lambda d: d.term)


def _quoted(text: str) -> Iterator[Defined]:
    for match in _QUOTED_TERM.finditer(text):
        before = text[match.start() + 1 : match.start(1)].strip(_OPEN + "*_` ")
        if before and (_LEADS.fullmatch(before) is None):
            continue
        if meaning := _noun_phrase_before(text, match.start()):
            yield Defined(match.span(1), meaning)


def _abbreviations(text: str) -> Iterator[Defined]:
    for match in _BRACKETED.finditer(text):
        inside, start = match[1].strip(), match.start(1) + len(match[1]) - len(match[1].lstrip())
        if _SHORT.fullmatch(inside) and sum(c.isupper() for c in inside) >= 2:
            before = text[max(0, match.start() - _BACK) : match.start()]
            if (first := _long_form(inside, before)) is not None:
                shift = match.start() - len(before)
                last = shift + _bare_end(before, len(before))
                yield Defined((start, start + len(inside)), (shift + first, last))
            elif not before.rstrip().isascii() and (run := _CJK_RUN.search(before)) and not run[0].isascii():
                yield Defined((start, start + len(inside)), (match.start() - len(run[0]), match.start()))
        elif " " in inside:
            word = _last_word(text, match.start())
            if (
                word
                and _SHORT.fullmatch(text[slice(*word)])
                and sum(c.isupper() for c in text[slice(*word)]) >= 2
                and _long_form(text[slice(*word)], inside) == 0
            ):
                yield Defined(word, (start, start + len(inside)))


def _long_form(short: str, before: str) -> int | None:
    """Where the long form of an abbreviation begins in the words before it, by Schwartz and Hearst; None if none fits.

    Each letter of the short form is found in order from the right; the first one must begin a word.
    """
    words = before[: _bare_end(before, len(before))]
    most = min(len(short) + 5, 2 * len(short))
    at = len(words) - 1
    for row in range(len(short) - 1, -1, -1):
        letter = short[row].lower()
        if not letter.isalnum():
            continue
        while at >= 0 and (words[at].lower() != letter or (row == 0 and at > 0 and words[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return None
        at -= 1
    first = at + 1
    long = words[first:]
    if (
        len(long.split()) > most
        or len(long) <= len(short)
        or _ENDS.search(long)
        or short in long.split()
        or set("()") & set(long)
    ):
        return None
    return first


def _glossary(text: str) -> Iterator[Defined]:
    if (match := _GLOSSARY.match(text)) and (meaning := _until_end(text, match.end())):
        yield Defined(match.span(1), meaning)


def _stated(text: str) -> Iterator[Defined]:
    for match in _MEANS.finditer(text):
        if meaning := _until_end(text, match.end()):
            yield Defined(match.span(1), meaning)


def _until_end(text: str, start: int) -> tuple[int, int] | None:
    stop = _ENDS.search(text, start, min(len(text), start + MAX_MEANING))
    if stop:
        last = stop.start()
    else:
        last = min(len(text), start + MAX_MEANING)
        if last < len(text):
            last = max(text.rfind(" ", start, last), start)
    while last > start and text[last - 1].isspace():
        last -= 1
    return (start, last) if last - start >= 2 else None


def _noun_phrase_before(text: str, at: int) -> tuple[int, int] | None:
    """The noun phrase that ends before `at`: back to an article, a function word or a mark, at most eight words."""
    end = _bare_end(text, at)
    # The dot and the comma of "Maple Finance, Inc." end no phrase.
    company = _COMPANY.search(text, max(0, end - 10), end)
    last = company.start() if company else end
    window = max(0, last - _BACK)
    words = [m for m in _WORD.finditer(text, window, last) if m.start() > window or window == 0]
    first = None
    for word in reversed(words[-8:]):
        bare = word[0].strip("*_`")
        if first is not None and (_BREAK.search(bare) or bare.lower() in STOP - {"of", "for"}):
            break
        if first is None and (not bare or bare.lower() in STOP):
            return None
        first = word.start() + len(word[0]) - len(word[0].lstrip("*_`"))
    if first is None or last <= first:
        return None
    phrase = text[first:last]
    if not phrase.isascii() and (run := _CJK_RUN.search(phrase)) and " " not in run[0]:
        first = last - len(run[0])
    for mark in _BREAK.finditer(text, first, last):
        first = mark.end()
    return (first, end) if first < last else None


def _bare_end(text: str, at: int) -> int:
    """Where the words before `at` end, without space, emphasis and the target of a link."""
    last = at
    while last > 0 and (text[last - 1].isspace() or text[last - 1] in "*_`"):
        last -= 1
    link = _LINK_END.search(text, max(0, last - _BACK), last)
    return link.start() if link else last


def _last_word(text: str, at: int) -> tuple[int, int] | None:
    last = at
    while last > 0 and text[last - 1] in " *_`":
        last -= 1
    first = last
    while first > 0 and last - first < 12 and (text[first - 1].isalnum() or text[first - 1] in ".&/-"):
        first -= 1
    return (first, last) if first < last else None
