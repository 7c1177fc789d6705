"""The paragraphs of a PDF, out of the places and sizes of its lines.

A PDF knows no paragraphs: a new one begins after a gap, at another size of type, at a bullet, or at an indented line
behind a sentence that ended. A short run of larger type is a heading. A line that stands at the top or the bottom of
three pages or more, its numbers aside, is a running head and no prose. A word cut by a hyphen at the end of a line
is read as one word; a paragraph may go on over a page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from extractors.documents.passages import Passage
from extractors.documents.pdf import Line

MAX_HEADING = 200
MAX_LEVELS = 4
_LARGER = 1.1
"""A heading's type is larger than that of the text by this."""
_RUNNING = 3
_ENDED = re.compile(r"[.!?:;。！？][\"'”’)\]]*\s*\Z")
_BULLET = re.compile(r"\s*(?:[•◦▪‣∙·–—*-]\s|\(?[0-9a-z]{1,3}[.)]\s)")
_CUT = re.compile(r"[^\ufffe\x02\u00ad]+")
"""Between the marks that PDFium leaves where it has joined a word that was cut at the end of a line."""
_HYPHEN = re.compile(r"(?:(?<=[^\W\d_])-|[\ufffe\x02\u00ad])[ \t]*\Z")


def passages(text: str, lines: Sequence[Line]) -> Iterator[Passage]:
    """The paragraphs of a PDF's text, in order, each under its headings."""
    running = _running(text, lines)
    seen = [line for line in lines if line.start not in running and text[line.start : line.end].strip()]
    levels = _levels(text, seen)
    path: list[tuple[int, str]] = []
    for paragraph in _paragraphs(text, seen):
        passage = _passage(text, paragraph, tuple(words for _, words in path))
        level = levels.get(round(paragraph[0].size), 0)
        words = " ".join(passage.text.split())
        if level and len(words) <= MAX_HEADING and any(character.isalpha() for character in words):
            while path and path[-1][0] >= level:
                path.pop()
            path.append((level, words))
        elif words:
            yield passage


def title(text: str, lines: Sequence[Line], stated: str) -> tuple[str, tuple[int, int] | None]:
    """The title that the PDF states, else the largest type of its first page, and where that stands."""
    first = [line for line in lines if line.page == 1 and text[line.start : line.end].strip()]
    if stated and not re.search(r"\.\w{2,5}\Z|^(?:untitled|microsoft word)", stated, re.IGNORECASE):
        at = text.find(stated, 0, first[-1].end if first else 0)
        return " ".join(stated.split())[:200], (at, at + len(stated)) if at >= 0 else None
    levels = _levels(text, list(lines))
    largest = max((line.size for line in first), default=0.0)
    if levels.get(round(largest), 0) == 0:
        return "", None
    row = next(row for row, line in enumerate(first) if line.size == largest)
    last = row
    while last + 1 < len(first) and first[last + 1].size == largest:
        last += 1
    start, end = first[row].start, first[last].end
    return " ".join(text[start:end].split())[:200], (start, end)


def _passage(text: str, paragraph: Sequence[Line], heading: tuple[str, ...]) -> Passage:
    passage = Passage(heading)
    for row, line in enumerate(paragraph):
        end = line.end
        following = paragraph[row + 1] if row + 1 < len(paragraph) else None
        cut = _HYPHEN.search(text, line.start, line.end) if following else None
        joined = cut is not None and text[following.start : following.start + 1].islower() if following else False
        if cut and joined:
            end = cut.start()
        bullet = _BULLET.match(text, line.start, line.end) if row == 0 else None
        start = bullet.end() if bullet else line.start
        for part in _CUT.finditer(text, start, end):
            passage.add(part[0], part.start(), part.end())
        if following and not joined:
            passage.add("\n", line.end, following.start)
    return passage.close()


def _paragraphs(text: str, lines: Sequence[Line]) -> Iterator[list[Line]]:
    paragraph: list[Line] = []
    for line in lines:
        if paragraph and _begins(text, paragraph, line):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield paragraph


def _begins(text: str, paragraph: Sequence[Line], line: Line) -> bool:
    """Whether a line begins a paragraph of its own."""
    before = paragraph[-1]
    smaller, larger = sorted((line.size, before.size))
    if larger > _LARGER * smaller + 0.1 or _BULLET.match(text, line.start, line.end):
        return True
    ended = _ENDED.search(text, before.start, before.end) is not None
    if line.page != before.page or line.top < before.top:
        # Over a page or a column a sentence goes on in small letters.
        return ended or not text[line.start : line.start + 1].islower()
    size = max(line.size, before.size, 1.0)
    if line.top - before.bottom > 0.75 * size:
        return True
    indented = line.left - before.left > 0.8 * size and len(paragraph) > 1
    short = before.right < line.right - 3 * size
    return ended and (indented or short)


def _levels(text: str, lines: Sequence[Line]) -> dict[int, int]:
    """The level of each size of type that is larger than the text's."""
    weights: Counter[int] = Counter()
    for line in lines:
        weights[round(line.size)] += line.end - line.start
    if not weights:
        return {}
    body = weights.most_common(1)[0][0]
    larger = sorted((size for size in weights if size >= max(body * _LARGER, body + 1)), reverse=True)
    return {size: min(level, MAX_LEVELS) for level, size in enumerate(larger, 1)}


def _running(text: str, lines: Sequence[Line]) -> frozenset[int]:
    """Where the running heads and feet begin."""
    edges: dict[str, list[Line]] = {}
    by_page: dict[int, list[Line]] = {}
    for line in lines:
        if text[line.start : line.end].strip():
            by_page.setdefault(line.page, []).append(line)
    for page in by_page.values():
        for line in {page[0].start: page[0], page[-1].start: page[-1]}.values():
            words = re.sub(r"[0-9ivxlc]+\b", "#", " ".join(text[line.start : line.end].split()))
            edges.setdefault(words[:120], []).append(line)
    return frozenset(
        line.start for found in edges.values() if len({line.page for line in found}) >= _RUNNING for line in found
    )
