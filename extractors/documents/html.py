"""The prose of an HTML page, with offsets into its source.

An own scanner instead of a parser, because every character must know where it came from, and time must stay
linear on any input. Comments, scripts, styles, `pre`, navigation and forms are left out; entities are decoded in
what is read and stand as they are in the quote. Tag soup is fine: only the names of tags count.
Source: https://html.spec.whatwg.org/multipage/parsing.html#tokenization (what is left out: everything but text)
"""

from __future__ import annotations

import html as entities
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractors.documents.model import Sentence
from extractors.documents.sentences import sentences

_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9-]{0,30})")
_STOP = re.compile("[\"'>]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_RAW = frozenset({"script", "style"})
_SKIPPED = frozenset(
    {"script", "style", "template", "noscript", "svg", "math", "pre", "nav", "form", "select", "button", "iframe"}
    | {"object", "canvas", "head", "table", "textarea"}
)
_INLINE_NAMES = (
    "a abbr b bdi bdo cite code data del dfn em font i ins kbd label mark q s samp small span strong sub sup time tt "
    "u var wbr"
)
_INLINE = frozenset(_INLINE_NAMES.split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass(slots=True)
class Passage:
    """A run of text between block tags: `text` as read, and where each part of it stands in the source."""

    heading: tuple[str, ...]
    text: str = ""
    _parts: list[str] = field(default_factory=list)
    _at: list[int] = field(default_factory=list)
    """Offsets in `text` at which a part begins."""
    _source: list[tuple[int, int]] = field(default_factory=list)
    """Where the part stands in the source."""
    _length: int = 0

    def add(self, words: str, start: int, end: int) -> None:
        """Append what was read from `source[start:end]`."""
        self._parts.append(words)
        self._at.append(self._length)
        self._source.append((start, end))
        self._length += len(words)

    def close(self) -> Passage:
        """Join the parts."""
        self.text = "".join(self._parts)
        return self

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the source; an entity counts as a whole."""
        return self._position(start)[0], self._position(end - 1)[1]

    def _position(self, offset: int) -> tuple[int, int]:
        row = bisect_right(self._at, offset) - 1
        first, last = self._source[row]
        length = (self._at[row + 1] if row + 1 < len(self._at) else self._length) - self._at[row]
        if length != last - first or (length == 1 and last - first == 1):
            return first, last
        at = first + offset - self._at[row]
        return at, at + 1


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says: its title and its passages."""

    title: str
    passages: tuple[Passage, ...]


def read_page(source: str) -> Page:
    """The title and the passages of an HTML source.

    >>> page = read_page("<title>T</title><h1>Tokens</h1><p>One &amp; <b>two</b>.</p>")
    >>> page.title, [(p.heading, p.text) for p in page.passages]
    ('T', [((), 'Tokens'), (('Tokens',), 'One & two.')])
    """
    reader = _Reader(source)
    passages = tuple(reader.passages())
    return Page(reader.title or next((p.text.strip() for p in passages if p.text.strip()), "")[:200], passages)


def passage_sentences(source: str, passage: Passage) -> list[Sentence]:
    """The sentences of a passage, each as an exact slice of the source, markup inside kept."""
    found = []
    for sentence in sentences(passage.text):
        start, end = passage.source_span(sentence.start, sentence.end)
        found.append(Sentence(start, end, source[start:end]))
    return found


def plain(markup: str) -> str:
    """The text of a slice of HTML: tags left out, entities decoded, white space collapsed.

    >>> plain("ERC&#45;20 <em>extends</em>\\n it")
    'ERC-20 extends it'
    """
    return " ".join(" ".join(p.text for p in _Reader(markup).passages()).split())


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.title = ""
        self.path: list[tuple[int, str]] = []
        self.skipping: list[str] = []
        self.exhausted = len(source)
        """No tag that opens at or after this place ends."""

    def passages(self) -> Iterator[Passage]:
        current, level = Passage(()), 0
        for name, closing, start, end in self._tokens():
            if name == "":
                if not self.skipping:
                    self._text(current, start, end)
                continue
            if name == "title" and not closing:
                self.title = self.title or self._title(end)
            if name in _SKIPPED or name == "title":
                self._skip(name, closing=closing)
            elif name in _INLINE:
                continue
            done, heading_level = current.close(), level
            level = _HEADINGS.get(name, 0) if not closing else 0
            if done.text.strip():
                yield done
                if heading_level:
                    while self.path and self.path[-1][0] >= heading_level:
                        self.path.pop()
                    self.path.append((heading_level, " ".join(done.text.split())[:200]))
            current = Passage(tuple(words for _, words in self.path))
        if current.close().text.strip():
            yield current

    def _skip(self, name: str, *, closing: bool) -> None:
        if not closing:
            if len(self.skipping) < 100:
                self.skipping.append(name)
        elif name in self.skipping:
            while self.skipping.pop() != name:
                pass

    def _title(self, start: int) -> str:
        stop = self.source.find("</", start, start + 2000)
        return " ".join(entities.unescape(self.source[start : stop if stop > 0 else start]).split())[:200]

    def _text(self, passage: Passage, start: int, end: int) -> None:
        at = start
        for match in _ENTITY.finditer(self.source, start, end):
            decoded = entities.unescape(match[0])
            if decoded != match[0]:
                if match.start() > at:
                    passage.add(self.source[at : match.start()], at, match.start())
                passage.add(decoded, match.start(), match.end())
                at = match.end()
        if end > at:
            passage.add(self.source[at:end], at, end)

    def _tokens(self) -> Iterator[tuple[str, bool, int, int]]:
        """Tags as (name, closing, start, end) and text as ("", False, start, end)."""
        source, at = self.source, 0
        while at < len(source):
            opening = source.find("<", at)
            if opening < 0:
                yield "", False, at, len(source)
                return
            if opening > at:
                yield "", False, at, opening
            name = _NAME.match(source, opening)
            if name:
                end = self._tag_end(opening)
                if end == 0:
                    yield "", False, opening, opening + 1
                    at = opening + 1
                    continue
                tag, closing = name[1].lower(), source[opening + 1] == "/"
                void = source[end - 2] == "/" and tag not in _RAW
                if not (void and tag in _SKIPPED):
                    yield tag, closing, opening, end
                at = end
                if tag in _RAW and not closing:
                    stop = re.compile(rf"</{tag}(?![A-Za-z0-9-])", re.IGNORECASE).search(source, at)
                    at = stop.start() if stop else len(source)
            elif source.startswith(("<!", "<?", "</"), opening):
                mark = "-->" if source.startswith("<!--", opening) else ">"
                stop_at = source.find(mark, opening + 2)
                at = stop_at + len(mark) if stop_at >= 0 else len(source)
            else:
                yield "", False, opening, opening + 1
                at = opening + 1

    def _tag_end(self, opening: int) -> int:
        """Where the tag that opens here ends, quoted attributes heeded; 0 if it does not."""
        if opening >= self.exhausted:
            return 0
        at = opening + 1
        while stop := _STOP.search(self.source, at):
            if stop[0] == ">":
                return stop.end()
            close = self.source.find(stop[0], stop.end())
            if close < 0:
                # An unclosed quote, the last of its kind: the tag ends at the next `>` all the same.
                end = self.source.find(">", stop.end())
                if end >= 0:
                    return end + 1
                break
            at = close + 1
        self.exhausted = min(self.exhausted, opening)
        return 0
