"""The blocks of a Markdown document, with offsets into the original.

A line scanner for what extraction needs of CommonMark 0.31 (https://spec.commonmark.org/0.31.2/#leaf-blocks):
front matter, headings, fenced and indented code, lists, quotes, tables (GitHub's), comments, HTML, definitions.
Lines end at LF, CR or CRLF and nowhere else. Left out: nesting of containers, since only the prose and its
section matter. Time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]++|(?=[\r\n]|\Z))")
_FENCE = re.compile(r"[ \t>]*+(`{3,}+|~{3,}+)[ \t]*+([^\r\n]*)")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*[\r\n]*\Z")
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*+\1){2,}[ \t]*[\r\n]*\Z")
_ITEM = re.compile(r"[ \t>]*+(?:[-*+]|[0-9]{1,9}[.)])(?:[ \t]++(?:\[[ xX]\][ \t]++)?|(?=[\r\n]|\Z))")
_TABLE_RULE = re.compile(r"(?=[^\r\n]*\|)(?=[^\r\n]*-)[ \t|:-]+[\r\n]*\Z")
_QUOTE = re.compile(r" {0,3}(?:>[ \t]?)+")
_HTML = re.compile(r" {0,3}<(?:[A-Za-z][A-Za-z0-9-]*+(?=[\s/>])|/[A-Za-z]|!--|!|\?)")
_DEFINITION = re.compile(r" {0,3}\[[^\]\r\n]+\]:[ \t]*\S")
_OUT = re.compile(r"<!--|~~(?![~\s])[^~\r\n]{1,500}~~")
_INDENTED = re.compile(r"(?: {4}|\t| {1,3}\t)")
_MARK = "\ufeff"


class Kind(StrEnum):
    """What a block is."""

    FRONT_MATTER = "front-matter"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CODE = "code"
    TABLE = "table"
    HTML = "html"
    DEFINITION = "definition"


PROSE = (Kind.PARAGRAPH, Kind.ITEM)
"""The kinds of block that hold sentences."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block: `text[start:end]` of the document, and `heading`, the path of headings above it.

    For code `start..end` is what stands between the fences and `language` the first word after the opening one;
    for headings and items it is what stands after the marker; `level` is a heading's.
    """

    kind: Kind
    start: int
    end: int
    heading: tuple[str, ...] = ()
    level: int = 0
    language: str = ""


def blocks(text: str) -> list[Block]:
    """The blocks of `text` in order; they do not overlap.

    >>> [(b.kind.value, b.heading) for b in blocks("# A\\n\\nOne.\\n\\n```js\\nf()\\n```\\n")]
    [('heading', ()), ('paragraph', ('A',)), ('code', ('A',))]
    """
    return list(_Scanner(text).blocks())


def visible(text: str, block: Block) -> Iterator[tuple[int, int]]:
    """The parts of a block of prose that are no comment and not struck through; no sentence goes over one of these.

    >>> text = "It lends. <!-- It is a scam. --> ~~It requires ERC-1.~~ It pays."
    >>> [text[a:b].strip() for a, b in visible(text, blocks(text)[0])]
    ['It lends.', 'It pays.']
    """
    at = block.start
    while out := _OUT.search(text, at, block.end):
        end = out.end()
        if out[0] == "<!--":
            close = text.find("-->", end, block.end)
            if close < 0:
                break
            end = close + 3
        if text[at : out.start()].strip():
            yield at, out.start()
        at = end
    if text[at : block.end].strip():
        yield at, block.end


def plain(inline: str) -> str:
    """Inline Markdown without its emphasis, code and link marks.

    >>> plain("The `Transfer` *event* of [ERC-20](./eip-20.md)")
    'The Transfer event of ERC-20'
    """
    without_links = re.sub(r"\[([^\[\]]{0,500})\](?:\([^()\s]{0,500}\)|\[[^\[\]]{0,100}\])", r"\1", inline)
    return " ".join(re.sub(r"[`*]+", "", without_links).split())


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = [(m.start(), m.end()) for m in _LINE.finditer(text) if m.end() > m.start()]
        self.path: list[tuple[int, str]] = []
        self.in_list = False

    def blocks(self) -> Iterator[Block]:
        row = self._front_matter()
        if row:
            # The mark and the dashes belong to the block: nothing else may be read there.
            yield Block(Kind.FRONT_MATTER, 0, self.lines[row - 1][1])
        blank_before = True
        while row < len(self.lines):
            line = self._line(row)
            if not line.strip():
                blank_before, row = True, row + 1
                continue
            block, row = self._block(row, line, blank_before=blank_before)
            blank_before = False
            if block is None or block.start >= block.end:
                continue
            if block.kind is Kind.HEADING:
                while self.path and self.path[-1][0] >= block.level:
                    self.path.pop()
                yield self._placed(block)
                self.path.append((block.level, plain(self.text[block.start : block.end])[:200]))
            else:
                yield self._placed(block)

    def _placed(self, block: Block) -> Block:
        heading = tuple(words for _, words in self.path)
        return Block(block.kind, block.start, block.end, heading, block.level, block.language)

    def _line(self, row: int) -> str:
        start, end = self.lines[row]
        return self.text[start:end].removeprefix(_MARK) if start == 0 else self.text[start:end]

    def _front_matter(self) -> int:
        """The row after the front matter, or 0."""
        if not self.lines or self._line(0).rstrip() != "---":
            return 0
        for row in range(1, len(self.lines)):
            if self._line(row).rstrip() in ("---", "..."):
                return row + 1
        return 0

    def _block(self, row: int, line: str, *, blank_before: bool) -> tuple[Block | None, int]:
        if (fence := _FENCE.match(line)) and not (fence[1][0] == "`" and "`" in fence[2]):
            return self._fenced(row, fence[1], fence[2])
        if _INDENTED.match(line) and blank_before and not self.in_list:
            return self._while(row, Kind.CODE, lambda words: not words.strip() or bool(_INDENTED.match(words)))
        if heading := _ATX.match(line):
            self.in_list = False
            return self._heading(row, heading.end(), len(heading[1]))
        if _RULE.match(line):
            self.in_list = False
            return None, row + 1
        if line.lstrip(" ").startswith("<!--"):
            return self._comment(row)
        if _HTML.match(line):
            self.in_list = False
            return self._while(row, Kind.HTML, lambda words: bool(words.strip()))
        if _DEFINITION.match(line):
            return self._span(Kind.DEFINITION, row, row + 1), row + 1
        if "|" in line and row + 1 < len(self.lines) and _TABLE_RULE.match(self._line(row + 1)):
            return self._while(row, Kind.TABLE, lambda words: bool(words.strip()))
        if item := _ITEM.match(line):
            self.in_list = True
            return self._prose(row, Kind.ITEM, item.end())
        if not line[0].isspace():
            self.in_list = False
        quote = _QUOTE.match(line)
        return self._prose(row, Kind.PARAGRAPH, quote.end() if quote else 0)

    def _fenced(self, row: int, fence: str, info: str) -> tuple[Block, int]:
        end = row + 1
        while end < len(self.lines):
            closing = self._line(end).strip(" \t>\r\n")
            if len(closing) >= len(fence) and closing.strip(fence[0]) == "":
                break
            end += 1
        start = self.lines[row][1]
        stop = self.lines[end - 1][1]
        language = info.strip().split(maxsplit=1)[0].lower() if info.strip() else ""
        return Block(Kind.CODE, start, max(start, stop), language=language), min(end + 1, len(self.lines))

    def _comment(self, row: int) -> tuple[None, int]:
        stop = self.text.find("-->", self.lines[row][0])
        if stop < 0:
            return None, len(self.lines)
        while row < len(self.lines) and self.lines[row][1] <= stop:
            row += 1
        return None, row + 1

    def _heading(self, row: int, marker: int, level: int) -> tuple[Block, int]:
        start, end = self._trimmed(self.lines[row][1] - len(self._line(row)) + marker, self.lines[row][1])
        words = self.text[start:end]
        bare = words.rstrip("#")
        if bare != words and (not bare or bare[-1] in " \t"):
            end = start + len(bare.rstrip())
        return Block(Kind.HEADING, start, end, level=level), row + 1

    def _prose(self, row: int, kind: Kind, marker: int) -> tuple[Block, int]:
        """A paragraph or item, to the line before a blank one or another block; a setext heading if underlined."""
        start = self.lines[row][1] - len(self._line(row)) + marker
        end = row + 1
        while end < len(self.lines):
            line = self._line(end)
            if not line.strip():
                break
            if kind is Kind.PARAGRAPH and (underline := _SETEXT.match(line)):
                start, stop = self._trimmed(start, self.lines[end - 1][1])
                return Block(Kind.HEADING, start, stop, level=1 if underline[1][0] == "=" else 2), end + 1
            if self._interrupts(line):
                break
            end += 1
        start, stop = self._trimmed(start, self.lines[end - 1][1])
        return Block(kind, start, stop), end

    def _interrupts(self, line: str) -> bool:
        return bool(
            _ATX.match(line)
            or _FENCE.match(line)
            or _ITEM.match(line)
            or _RULE.match(line)
            or line.lstrip(" ").startswith("<!--")
        )

    def _while(self, row: int, kind: Kind, goes_on: Callable[[str], bool]) -> tuple[Block, int]:
        end = row + 1
        while end < len(self.lines) and goes_on(self._line(end)):
            end += 1
        while not self._line(end - 1).strip():
            end -= 1
        return self._span(kind, row, end), end

    def _span(self, kind: Kind, row: int, end: int) -> Block:
        return Block(kind, self.lines[row][0], self.lines[end - 1][1])

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        words = self.text[start:end]
        return start + len(words) - len(words.lstrip()), max(start, start + len(words.rstrip()))
