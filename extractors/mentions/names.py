"""Spans of general text that may be subject or object: names, titles in quotes, dates, numbers, noun phrases.

Rules over words and punctuation, no model. Spans may overlap: of "The Hague" both "The Hague" and "Hague" are offered,
of "Procter and Gamble" the whole and the two names. What a decoder may choose from is listed here, so the rules decide
for being complete; which span is meant is the model's to say.
Scripts without blanks between words are cut at punctuation, quotes and grammatical particles.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from extractors.documents.scripts import CJK
from extractors.mentions.candidates import SMALL_WORDS, Candidate, Shape, without_targets

MAX_WORDS = 9
"""A longer span is taken for no name, except between quotes."""

_DASHES = "-‐‑–"
_WORD = re.compile(r"[^\W_]+(?:[.'’·&/_+#" + _DASHES + r"]+[^\W_]+)*(?:\.(?=\s+[A-Z])(?<=\b[A-Z]\.)|[+#]+)?")
_QUOTED = re.compile(
    r"\"([^\"\n]{1,120})\"|“([^”\n]{1,120})”|«\s?([^»\n]{1,120}?)\s?»|„([^“”\n]{1,120})[“”]|「([^」\n]{1,120})」"
    r"|『([^』\n]{1,120})』|《([^》\n]{1,120})》|(?<!\w)‘([^’\n]{1,120})’(?!\w)|(?<![\w'])'([A-Z][^'\n]{1,80})'(?!\w)"
)
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DATE = re.compile(
    rf"(?<![\w-])(?:[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH},?\s[0-9]{{3,4}}"
    rf"|{_MONTH}\s[0-9]{{1,2}}(?:st|nd|rd|th)?,?\s[0-9]{{3,4}}|{_MONTH},?\s[0-9]{{4}})"
    r"(?![\w])"
)
_DATE_IN_SIGNS = re.compile(r"[0-9]{4}年(?:[0-9]{1,2}月(?:[0-9]{1,2}日)?)?")
_YEAR = re.compile(r"(?<![\w.,$€£-])(?:1[0-9]{3}|20[0-9]{2})(?![\w,]|\.[0-9])")
_UNIT = (
    r"(?:%|percent|million|billion|trillion|thousand|km²?|m|cm|mm|ft|feet|miles?|met(?:re|er)s?|kilomet(?:re|er)s?|kg|g|"
    r"tonnes?|tons?|lb|GHz|MHz|GB|MB|KB|seconds?|minutes?|hours?|days?|weeks?|months?|years?|wei|gwei|gas|ETH|ether|bytes?|bits?)"
)
_NUMBER = re.compile(
    rf"(?<![\w.,])(?:[$€£¥]|US\$)?\s?[0-9]+(?:[,.][0-9]+)*(?:[\s-]?{_UNIT}(?![\w]))*(?![\w])", re.IGNORECASE
)
_HEX = re.compile(
    r"(?<!\w)(?:eip155:[0-9]+(?::0x[0-9a-fA-F]{40}|/[a-z0-9]+:0x[0-9a-fA-F]{40})?|0x[0-9a-fA-F]{4,64})(?!\w)"
)
_OPEN_WORDS = """
of the de la le les du des del della di da do dos das van von der den zu zur af al el bin ibn ben y e et und i
a an on in at for to from with & vs
"""
_OPEN = frozenset(_OPEN_WORDS.split())
"""Small words that stand inside names."""
_CUT_WORDS = """
and or & in on at for from with to by of y et und / as
"""
_CUTS = frozenset(_CUT_WORDS.split())
"""Words at which a name may also be two."""
_INSIDE = _OPEN | _CUTS
_MORE_SMALL_WORDS = """
upon until since near along per via him them us me himself herself itself themselves
"""
_NEVER = SMALL_WORDS | frozenset(_MORE_SMALL_WORDS.split())
_VERB_WORDS = """
is are was were be been being has have had do does did will would can could may might must shall should became
becomes become remains remained
"""
_VERBS = frozenset(_VERB_WORDS.split())
_CJK = re.compile(rf"[{CJK}\uf900-\ufaff]+")
_PARTICLES = re.compile(r"[的了是在于和与及由被]|によって|として|から|まで|です|ます|した|する|[はがをにのともで]")
_SUBPIECE = 10
"""Signs; a longer piece is not looked into."""


def mentions(text: str, offset: int = 0, *, known: Sequence[tuple[int, int]] = ()) -> tuple[Candidate, ...]:
    """The spans of a sentence, by start and end, each once; `offset` is added to their offsets.

    `known` are spans that the caller knows to be names.

    >>> [c.text for c in mentions("Alien is a film by Ridley Scott.")]
    ['Alien', 'film', 'Ridley', 'Ridley Scott', 'Scott']
    """
    seen = without_targets(text)
    found: dict[tuple[int, int], Shape] = {}
    for start, end, shape in [*((s, e, Shape.NAME) for s, e in known), *_spans(seen)]:
        start, end = _trimmed(text, start, end)
        if start < end:
            found.setdefault((start, end), shape)
    return tuple(
        Candidate(start + offset, end + offset, text[start:end], shape) for (start, end), shape in sorted(found.items())
    )


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in ",;:()[]"):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in ",;:([]"):
        end -= 1
    if text[start:end].endswith(")") and "(" not in text[start:end]:
        end -= 1
    return start, end


def _spans(text: str) -> Iterator[tuple[int, int, Shape]]:
    for pattern in (_DATE, _DATE_IN_SIGNS):
        for m in pattern.finditer(text):
            yield *m.span(), Shape.DATE
    for m in _YEAR.finditer(text):
        yield *m.span(), Shape.DATE
    for m in _HEX.finditer(text):
        yield *m.span(), Shape.CODE
    for m in _NUMBER.finditer(text):
        yield *m.span(), Shape.NUMBER
    for m in _QUOTED.finditer(text):
        start, end = m.span(m.lastindex or 0)
        yield start, end, Shape.NAME
        if text[end - 1 : end] in (",", "."):
            yield start, end - 1, Shape.NAME
    words = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    words = [w for s, e in words for w in _without_possessive(text, s, e)]
    yield from _names(text, words)
    yield from _head(text, words)
    yield from _phrases(text, words)
    for m in _CJK.finditer(text):
        yield from _unspaced(text, m.start(), m.end())


def _without_possessive(text: str, start: int, end: int) -> list[tuple[int, int]]:
    word = text[start:end]
    for mark in ("'s", "’s"):
        if word.endswith(mark) and len(word) > 3:
            return [(start, end - 2)]
    return [(start, end)]


def _is_name(text: str, word: tuple[int, int]) -> bool:
    first = text[word[0]]
    return first.isupper() or first.isdigit() or any(c.isupper() for c in text[word[0] : word[1]])


_GAPS = re.compile(r"\s+|\s*,\s+|\s*[:–-]\s+|\s*[&!]\s*|[.]\s+|\s*/\s*")


def _names(text: str, words: list[tuple[int, int]]) -> Iterator[tuple[int, int, Shape]]:
    """Runs of words in capitals with the small words inside, and the names that a run is made of."""
    n = 0
    while n < len(words):
        if not _is_name(text, words[n]):
            n += 1
            continue
        last, m = n, n + 1
        while m < len(words) and m - n < 14:
            gap = text[words[m - 1][1] : words[m][0]]
            if _GAPS.fullmatch(gap) is None or ("." in gap and words[m - 1][1] - words[m - 1][0] > 2):
                break
            if _is_name(text, words[m]):
                last = m
            elif text[words[m][0] : words[m][1]] not in _INSIDE or m - last > 2:
                break
            m += 1
        yield from _run(text, words[n : last + 1])
        n = last + 1


def _run(text: str, run: list[tuple[int, int]]) -> Iterator[tuple[int, int, Shape]]:
    """The parts of a run between the places where it may be cut, each and joined with its neighbours."""
    cuts = [0]
    for i in range(1, len(run)):
        gap = text[run[i - 1][1] : run[i][0]].strip()
        if gap or (text[run[i][0] : run[i][1]] in _CUTS and i + 1 < len(run)):
            cuts.append(i)
    cuts.append(len(run))
    pieces = list(itertools.pairwise(cuts))
    for i in range(len(pieces)):
        for j in range(i, min(i + 4, len(pieces))):
            a, b = pieces[i][0], pieces[j][1]
            while a < b and text[run[a][0] : run[a][1]] in _INSIDE:
                a += 1
            if a < b and b - a <= MAX_WORDS:
                yield run[a][0], run[b - 1][1], Shape.NAME
                if b - a > 1 and i < j and text[run[a][0] : run[a][1]].casefold() in _NEVER:
                    yield run[a + 1][0], run[b - 1][1], Shape.NAME
                if i == j and b - a > 1:
                    yield from _inside(text, run[a:b])


def _inside(text: str, run: list[tuple[int, int]]) -> Iterator[tuple[int, int, Shape]]:
    """A name without its first words, or without its last: "President Castelo Branco" is about Castelo Branco."""
    for a in range(1, len(run)):
        if _is_name(text, run[a]):
            yield run[a][0], run[-1][1], Shape.NAME
    for b in range(1, len(run)):
        if _is_name(text, run[b - 1]) and text[run[0][0] : run[b - 1][1]].casefold() not in _NEVER:
            yield run[0][0], run[b - 1][1], Shape.NAME


def _head(text: str, words: list[tuple[int, int]]) -> Iterator[tuple[int, int, Shape]]:
    """What stands before the first verb, bracket or comma: encyclopedias begin with the name of their subject."""
    for i, (start, end) in enumerate(words[: MAX_WORDS + 3]):
        gap = text[words[i - 1][1] : start] if i else ""
        if i and (text[start:end] in _VERBS or re.search(r"[(,;]", gap)):
            yield words[0][0], words[i - 1][1], Shape.NAME
            if text[words[0][0] : words[0][1]].casefold() in _NEVER and i > 1:
                yield words[1][0], words[i - 1][1], Shape.NAME
            if text[start:end] in _VERBS:
                return


def _phrases(text: str, words: list[tuple[int, int]]) -> Iterator[tuple[int, int, Shape]]:
    """Runs of words that are no small words, up to four, and what is left of them without the first or the last."""
    run: list[tuple[int, int]] = []
    for i, word in enumerate([*words, (len(text) + 1, len(text) + 1)]):
        gap = text[words[i - 1][1] : word[0]] if i and word[0] <= len(text) else "."
        small = word[0] > len(text) or _is_small(text[word[0] : word[1]])
        if small or (run and gap.strip() != "") or _CJK.search(text, *word):
            yield from _parts(text, run)
            run = [] if small else [word]
        else:
            run.append(word)


def _is_small(word: str) -> bool:
    return word.casefold() in _NEVER or (len(word) == 1 and word.islower())


def _parts(text: str, run: list[tuple[int, int]]) -> Iterator[tuple[int, int, Shape]]:
    for length in range(min(4, len(run)), 0, -1):
        for i in range(len(run) - length + 1):
            words = [text[s:e] for s, e in run[i : i + length]]
            if any(word.islower() for word in words) and not _predicate(words):
                yield run[i][0], run[i + length - 1][1], Shape.PHRASE


def _predicate(words: list[str]) -> bool:
    """Whether the words end in a verb's form or run from one into a name: "directed", "directed Army"."""
    if len(words) > 1 and words[-1].islower() and words[-1].endswith(("ed", "ly")):
        return True
    return any(a.islower() and a.endswith(("ed", "ly")) and not b.islower() for a, b in itertools.pairwise(words))


def _unspaced(text: str, start: int, end: int) -> Iterator[tuple[int, int, Shape]]:
    """Pieces of a run of a script without blanks, cut at particles, up to three joined."""
    edges, at = [], start
    for m in _PARTICLES.finditer(text, start, end):
        edges.append((at, m.start()))
        at = m.end()
    edges.append((at, end))
    pieces = [(a, b) for a, b in edges if a < b]
    for i in range(len(pieces)):
        for j in range(i, min(i + 3, len(pieces))):
            if pieces[j][1] - pieces[i][0] <= 24:
                yield pieces[i][0], pieces[j][1], Shape.NAME
    for a, b in pieces:
        if b - a <= _SUBPIECE:
            for n in range(2, b - a):
                yield a, a + n, Shape.NAME
                yield b - n, b, Shape.NAME
