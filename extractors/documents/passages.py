"""A run of prose, such as a paragraph or an item: its text as read, and where each part of it stands in the source.

What is read and what stands in the source differ where the source escapes: `&amp;` in HTML, `\\u00e9` in JSON.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractors.documents.model import Sentence
from extractors.documents.sentences import sentences


@dataclass(slots=True)
class Passage:
    """`text` as read, under `heading`, the path of headings above it.

    Built by `add`, part by part, and `close`; or by `whole` where the source is read as it stands.
    """

    heading: tuple[str, ...]
    text: str = ""
    _parts: list[str] = field(default_factory=list)
    _at: list[int] = field(default_factory=list)
    """Offsets in `text` at which a part begins."""
    _source: list[tuple[int, int]] = field(default_factory=list)
    """Where the part stands in the source."""
    _length: int = 0

    @classmethod
    def whole(cls, heading: tuple[str, ...], source: str, start: int, end: int) -> Passage:
        """What `source[start:end]` says as it stands.

        >>> Passage.whole((), "# A\\n\\nOne.", 5, 9).source_span(0, 4)
        (5, 9)
        """
        passage = cls(heading)
        passage.add(source[start:end], start, end)
        return passage.close()

    def add(self, words: str, start: int, end: int) -> None:
        """Append what was read from `source[start:end]`: the same text, or what one escape there means."""
        self._parts.append(words)
        self._at.append(self._length)
        self._source.append((start, end))
        self._length += len(words)

    def close(self) -> Passage:
        """Join the parts."""
        self.text = "".join(self._parts)
        self._parts = []
        return self

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the source; an escape counts as a whole."""
        return self._position(start)[0], self._position(end - 1)[1]

    def _position(self, offset: int) -> tuple[int, int]:
        row = bisect_right(self._at, offset) - 1
        first, last = self._source[row]
        length = self._part_end(row) - self._at[row]
        if length != last - first or (length == 1 and last - first == 1):
            return first, last
        at = first + offset - self._at[row]
        return at, at + 1

    def _part_end(self, row: int) -> int:
        return self._at[row + 1] if row + 1 < len(self._at) else self._length

    def _pieces(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """`text[start:end]` cut where its parts are joined."""
        row = bisect_right(self._at, start) - 1
        while row < len(self._at) and self._at[row] < end:
            yield max(start, self._at[row]), min(end, self._part_end(row))
            row += 1

    def part(self, heading: tuple[str, ...], start: int, end: int) -> Passage:
        """`text[start:end]` as a passage of its own."""
        found = Passage(heading)
        for first, last in self._pieces(start, end):
            found.add(self.text[first:last], *self.source_span(first, last))
        return found.close()

    def slice(self, source: str, start: int, end: int) -> Sentence:
        """`text[start:end]` as an exact slice of the source, with the markup inside."""
        first, last = self.source_span(start, end)
        exact, read = source[first:last], self.text[start:end]
        if read == exact:
            return Sentence(first, last, exact)
        return Sentence(first, last, exact, read, self._blanked(start, end))

    def _blanked(self, start: int, end: int) -> str:
        """`text[start:end]` with every character where it stands in the source, and blanks between."""
        first, last = self.source_span(start, end)
        characters = [" "] * (last - first)
        for begin, stop in self._pieces(start, end):
            at = self.source_span(begin, stop)[0] - first
            # An escape is longer than what it means.
            characters[at : at + stop - begin] = self.text[begin:stop]
        return "".join(characters)


def passage_sentences(source: str, passage: Passage) -> list[Sentence]:
    """The sentences of a passage, each as an exact slice of the source."""
    return [passage.slice(source, s.start, s.end) for s in sentences(passage.text)]
