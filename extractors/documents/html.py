"""The prose of an HTML page, with offsets into its source.

An own scanner instead of a parser, because every character must know where it came from, and time must stay
linear on any input. Left out are comments, scripts, styles, templates, `pre`, tables, navigation, controls of forms,
deleted text, readings of ruby, and what is hidden by `hidden`, `aria-hidden` or its own style. Entities are decoded in
what is read and stand as they are in the quote. Tag soup is fine.
Source: https://html.spec.whatwg.org/multipage/parsing.html#tokenization (what is left out: everything but text)
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.documents.passages import Passage

_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9-]{0,30})")
_STOP = re.compile("[\"'>]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_RAW = frozenset({"script", "style"})
_SKIPPED = frozenset(
    {"script", "style", "template", "noscript", "svg", "math", "pre", "nav", "select", "datalist", "button", "iframe"}
    | {"object", "canvas", "table", "textarea", "del", "s", "strike"}
)
_SKIPPED_INLINE = frozenset({"rt", "rp"})
_COMMENT = "!--"
"""The name of the token of a comment with words in it."""
_INLINE_WORDS = (
    "a abbr b bdi bdo big cite code data dfn em font i img ins kbd label mark q ruby samp small span strong sub sup "
    "time tt u var wbr"
)
_INLINE = frozenset(_INLINE_WORDS.split())
_VOID_WORDS = "area base br col embed hr img input link meta param source track wbr"
_VOID = frozenset(_VOID_WORDS.split())
_HIDDEN = re.compile(
    r"""\s(?:hidden(?=[\s=/>])(?!\s*=\s*["']?until-found)|aria-hidden\s*=\s*["']?true"""
    r"""|style\s*=\s*(?:"[^"]{0,1000}?|'[^']{0,1000}?|[^\s"'>]{0,200}?)(?<![\w-])"""
    r"""(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|(?:opacity|font-size)\s*:\s*0(?![.\d]*[1-9])))""",
    re.IGNORECASE,
)
_MAX_DEPTH = 100
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says: its title, where that stands in the source, and its passages."""

    title: str
    title_span: tuple[int, int] | None
    passages: tuple[Passage, ...]


def read_page(source: str) -> Page:
    """The title and the passages of an HTML source.

    >>> page = read_page("<title>T</title><h1>Tokens</h1><p>One &amp; <b>two</b>.</p>")
    >>> page.title, [(p.heading, p.text) for p in page.passages]
    ('T', [((), 'Tokens'), (('Tokens',), 'One & two.')])
    """
    reader = _Reader(source)
    passages = tuple(reader.passages())
    return Page(reader.title, reader.title_span, passages)


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.title = ""
        self.title_span: tuple[int, int] | None = None
        self.path: list[tuple[int, str]] = []
        self.skipping: list[str] = []
        """The skipped elements that are open, the outermost first."""
        self.hidden: list[str] = []
        """The hidden element that is open, and those open inside it."""
        self.exhausted = len(source)
        """No tag that opens at or after this place ends."""

    def passages(self) -> Iterator[Passage]:
        current, level, breaks = Passage(()), 0, 0
        for name, closing, start, end in self._tokens():
            if name == "":
                if not self.skipping and not self.hidden:
                    self._text(current, start, end)
                    breaks = breaks if self.source[start:end].isspace() else 0
                continue
            if name == "title" and not closing and not self.title_span and not self.skipping:
                self._read_title(end)
            if self._hides(name, start, end, closing=closing) or name == _COMMENT:
                # A passage ends here, so that no quote holds what is not seen.
                pass
            elif name in _SKIPPED_INLINE:
                self._skip(name, closing=closing)
                continue
            elif name in _SKIPPED or name == "title":
                self._skip(name, closing=closing)
            elif name in _INLINE:
                continue
            elif name == "br" and not breaks:
                if not self.skipping:
                    current.add("\n", start, end)
                breaks = 1
                continue
            done, heading_level = current.close(), level
            level, breaks = _HEADINGS.get(name, 0) if not closing else 0, 0
            if done.text.strip():
                yield done
                if heading_level:
                    self._heading(done, heading_level)
            current = Passage(tuple(words for _, words in self.path))
        if current.close().text.strip():
            yield current

    def _heading(self, passage: Passage, level: int) -> None:
        while self.path and self.path[-1][0] >= level:
            self.path.pop()
        words = " ".join(passage.text.split())[:200]
        self.path.append((level, words))
        if not self.title:
            self.title = words
            bare = passage.text.strip()
            first = passage.text.index(bare)
            self.title_span = passage.source_span(first, first + len(bare))

    def _hides(self, name: str, start: int, end: int, *, closing: bool) -> bool:
        """Whether the tag belongs to a hidden element; keeps what is open inside it."""
        if self.hidden and not closing:
            self._end_by(name)
        if not self.hidden:
            # What ends a hidden element may be hidden itself.
            if closing or name in _VOID or self.skipping or not _HIDDEN.search(self.source, start, end):
                return False
            self.hidden.append(name)
        elif not closing:
            if name not in _VOID and self.source[end - 2] != "/" and len(self.hidden) < _MAX_DEPTH:
                self.hidden.append(name)
        elif name in self.hidden:
            while self.hidden.pop() != name:
                pass
        return True

    def _end_by(self, name: str) -> None:
        """End the paragraph or the item inside the hidden element, or that itself, which this tag ends without a tag.

        Source: https://html.spec.whatwg.org/multipage/syntax.html#optional-tags
        """
        if name not in _INLINE and self.hidden[-1] == "p":
            self.hidden.pop()
        if name in ("li", "dt", "dd"):
            row = len(self.hidden) - 1
            while row >= 0 and self.hidden[row] not in ("ul", "ol", "dl"):
                if self.hidden[row] in ("li", "dt", "dd"):
                    del self.hidden[row:]
                    return
                row -= 1

    def _skip(self, name: str, *, closing: bool) -> None:
        if not closing:
            if len(self.skipping) < _MAX_DEPTH:
                self.skipping.append(name)
        elif name in self.skipping:
            while self.skipping.pop() != name:
                pass

    def _read_title(self, start: int) -> None:
        stop = self.source.find("</", start, start + 2000)
        words = self.source[start : max(start, stop)]
        if bare := words.strip():
            first = start + words.index(bare)
            self.title = " ".join(entities.unescape(bare).split())[:200]
            self.title_span = (first, first + len(bare))

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
                if mark == "-->" and any(character.isalnum() for character in source[opening:at]):
                    yield _COMMENT, False, opening, at
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
