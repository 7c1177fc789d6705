"""Prose split into sentences, each an exact slice of the document.

A sentence ends at `.`, `!`, `?` or `…` before white space, or at a CJK full stop, but not after an abbreviation,
an initial or a list number, before a lower-case letter, or inside a code span, a link or a URL. In CJK text a stop
inside quotation marks or brackets ends nothing; the closing one ends the sentence if a stop stands before it and the
sentence does not go on (「…。」と). What is too long is cut where a clause ends.
No model is needed; time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from extractors.documents.model import Sentence
from extractors.documents.scripts import CJK

MAX_SENTENCE = 1200
"""Longer runs without a full stop are cut at the end of a clause or at white space: no model reads a megabyte."""
MAX_UNSPACED = 400
"""The same where most is CJK text, in which a character says more."""

_CJK = f"\u3005-\u3007{CJK}\uff66-\uff9d"
_END = re.compile(
    r"""(?<![.!?…])[.!?…]++["'”’»)\]*_`]*+(?=\s|\Z)"""
    r"""|(?<![。！？｡])[。！？｡]++["'”’」』）】*_]*+"""
    rf"""|(?<=[{_CJK}])(?:．|[.!?]++)(?=[{_CJK}「『“])"""
)
_QUOTES = re.compile("「[^「」]{1,200}」|『[^『』]{1,200}』|（[^（）]{1,200}）|【[^【】]{1,200}】|“[^“”]{1,200}”")
_WIDE_STOP = re.compile("[。！？｡]")
_AFTER_QUOTE = re.compile("(?:と|って|という|の|は|が|を|に|で|も|や|、|，|的)")
_UNSPACED = re.compile(f"[{_CJK}]")
_CLAUSES = ("；;", "，、,：:")
_SHORTENED = (
    "e.g i.e eg ie cf vs viz al fig figs sec secs eq eqs no nos resp approx ca incl esp dept ed eds vol pp ch art "
    "mr mrs ms dr prof st jr sr inc ltd co corp a.k.a aka w.r.t wrt ex def"
)
_ABBREVIATIONS = frozenset(_SHORTENED.split())
_LAST_WORD = re.compile(r"[\w.@-]{1,40}\Z")
_URL = re.compile(r"(?:https?|ipfs|ftp)://[^\s<>\"`)\]]+")
_TICKS = re.compile(r"`+")
_MAX_ADDRESS = 500


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Sentence]:
    """The sentences of `text[start:end]`: disjoint, in order, without white space at either end.

    >>> [s.text for s in sentences("Use it, e.g. for EIP-20. It needs v1.2. 代币。事件！")]
    ['Use it, e.g. for EIP-20.', 'It needs v1.2.', '代币。', '事件！']
    """
    stop = len(text) if end is None else end
    return [
        Sentence(a, b, text[a:b])
        for first, last in _bounds(text[start:stop])
        for a, b in _cut(text, start + first, start + last)
    ]


def _bounds(prose: str) -> Iterator[tuple[int, int]]:
    hidden = _hidden(prose)
    row, begin = 0, 0
    for match in _END.finditer(prose):
        while row < len(hidden) and hidden[row][1] <= match.start():
            row += 1
        if row < len(hidden) and hidden[row][0] <= match.start():
            continue
        if _goes_on(prose, begin, match):
            continue
        yield begin, match.end()
        begin = match.end()
    yield begin, len(prose)


def _goes_on(prose: str, begin: int, match: re.Match[str]) -> bool:
    """Whether the sentence goes on after this mark."""
    mark = match[0]
    if mark[0] in "。！？｡":
        return mark[-1] in "」』）】”" and _AFTER_QUOTE.match(prose, match.end()) is not None
    if not mark[-1].isascii() or _UNSPACED.match(prose, match.end()):
        return False
    following = _next_character(prose, match.end())
    if following.islower():
        return True
    if mark[0] != "." or mark.startswith(".."):
        return False
    word = _LAST_WORD.search(prose, max(begin, match.start() - 40), match.start())
    if word is None:
        return False
    last = word[0].lower().strip(".")
    if word.start() == begin + _indent(prose, begin) and word[0].isdigit():
        return True
    if last in _ABBREVIATIONS:
        return last not in ("no", "co", "art", "def", "ex", "st", "inc", "ltd", "corp") or following.isdigit()
    return len(last) == 1 and last.isalpha() and word[0].isupper() and following.isupper()


def _indent(prose: str, begin: int) -> int:
    at = begin
    while at < len(prose) and prose[at].isspace():
        at += 1
    return at - begin


def _next_character(prose: str, at: int) -> str:
    """The first character after white space, past the marks that may open a sentence; bounded."""
    for character in prose[at : at + 40]:
        if not character.isspace() and character not in "\"'“‘«([*_":
            return character
    return ""


def _hidden(prose: str) -> list[tuple[int, int]]:
    """The code spans, links and URLs, in order and disjoint: a full stop there ends nothing."""
    spans = sorted([*_code_spans(prose), *_links(prose), *_urls(prose), *_quotes(prose)])
    merged: list[tuple[int, int]] = []
    for first, last in spans:
        if merged and first < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _code_spans(prose: str) -> Iterator[tuple[int, int]]:
    """Runs of backticks, each closed by the next run of the same length (CommonMark 6.1)."""
    runs = [(m.start(), m.end()) for m in _TICKS.finditer(prose)]
    later: dict[int, list[int]] = defaultdict(list)
    for index in range(len(runs) - 1, -1, -1):
        later[runs[index][1] - runs[index][0]].append(index)
    index = 0
    while index < len(runs):
        same = later[runs[index][1] - runs[index][0]]
        while same and same[-1] <= index:
            same.pop()
        if same:
            yield runs[index][0], runs[same[-1]][1]
            index = same[-1]
        index += 1


def _links(prose: str) -> Iterator[tuple[int, int]]:
    """Links and pictures with their text, as far as both are of a sane length."""
    at, done = prose.find("]("), 0
    while at >= 0:
        stop = prose.find(")", at, at + _MAX_ADDRESS)
        if stop > 0 and not re.search(r"\s\S+\s", prose[at:stop]):
            label = prose.rfind("[", max(done, at - _MAX_ADDRESS), at)
            done = stop + 1
            yield label if label >= 0 else at + 1, done
            at = prose.find("](", stop)
        else:
            at = prose.find("](", at + 2)


def _quotes(prose: str) -> Iterator[tuple[int, int]]:
    """What stands in quotation marks or brackets of CJK text, up to a stop before the closing one."""
    for match in _QUOTES.finditer(prose):
        if _WIDE_STOP.search(match[0]):
            inside = match[0][:-1].rstrip("。！？｡")
            yield match.start(), match.start() + len(inside)


def _urls(prose: str) -> Iterator[tuple[int, int]]:
    for match in _URL.finditer(prose):
        yield match.start(), match.start() + len(match[0].rstrip(".,;:!?'*_"))


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The range without white space at its ends, in pieces of at most MAX_SENTENCE."""
    while start < end:
        while start < end and (text[start].isspace() or text[start] == "\ufeff"):
            start += 1
        stop = _clause_end(text, start, end)
        last = stop
        while last > start and (text[last - 1].isspace() or text[last - 1] == "\ufeff"):
            last -= 1
        if last > start:
            yield start, last
        start = stop


def _clause_end(text: str, start: int, end: int) -> int:
    """Where a piece that begins at `start` ends: at the end if it is short enough, else behind a clause or a word."""
    if end - start <= MAX_UNSPACED:
        return end
    head = text[start : start + MAX_UNSPACED]
    limit = MAX_UNSPACED if len(_UNSPACED.findall(head)) > MAX_UNSPACED // 2 else MAX_SENTENCE
    stop = start + limit
    if stop >= end:
        return end
    for marks in _CLAUSES:
        behind = max(text.rfind(mark, start + limit // 2, stop) for mark in marks) + 1
        if behind > 0:
            return behind
    space = max(text.rfind(" ", start, stop), text.rfind("\n", start, stop))
    return space if space > start else stop
