"""What a reader remembers at each point of a document: gathered in one pass, given to each chunk as its context.

The context of a chunk depends on little, so that an edit elsewhere leaves it alone:
- title, front matter and headings, which belong to all;
- definitions of the terms that the chunk uses, and of no others;
- earlier names only for a chunk that needs some, since it has a pronoun or a "the token", or names nothing itself.
  They are of the nearest sentence before it in its paragraph; the first chunk of a paragraph looks into the paragraph
  before, in the same section, and no further. So an edit of one paragraph reaches one chunk outside it at most,
  unless it changes a definition or a heading.
Memory is bounded by the definitions that are kept, time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from extractors.documents.anaphora import anaphoric, asked_nouns, mentions_in
from extractors.documents.context import (
    MAX_DEFINITIONS,
    MAX_EARLIER,
    Context,
    Definition,
    Mention,
    Referent,
    spoken,
)
from extractors.documents.definitions import definitions
from extractors.documents.model import Chunk, Document, Sentence
from extractors.documents.passages import Passage

MAX_KEPT = 2000
"""Definitions that are kept of one document."""
MAX_SAME = 8
"""Definitions that are kept of terms with one first word."""
MAX_SENTENCES_BACK = 8
"""Sentences of a paragraph that are looked at for the last names."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chunk begins: the headings above, and the sentences before it that it may look back to."""

    heading: tuple[str, ...]
    before: tuple[Sentence, ...]


class Discourse:
    """The state of reading one document: `enter` each paragraph, note the `place` of each chunk in it."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._shared = _shared(document)
        self._heading: tuple[str, ...] | None = None
        self._previous: Sequence[Sentence] = ()
        self._current: Sequence[Sentence] = ()
        self._terms: dict[str, list[Definition]] = {}
        self._unspaced: list[Definition] = []
        self._kept = 0
        self._mentions: dict[int, list[Mention]] = {}

    def enter(self, passage: Passage, prose: Sequence[Sentence]) -> None:
        """Go on to the next paragraph, whose sentences are `prose`."""
        self._previous = self._current if passage.heading == self._heading else ()
        self._current, self._heading = prose, passage.heading
        for found in definitions(passage.text):
            self._keep(
                Definition(
                    self._mention(passage, *found.term, Referent.NAME),
                    self._mention(passage, *found.meaning, Referent.DEFINED),
                )
            )

    def place(self, row: int) -> Place:
        """Where the sentence `row` of the paragraph stands."""
        before = self._current[max(0, row - MAX_SENTENCES_BACK) : row] if row else self._previous[-MAX_SENTENCES_BACK:]
        return Place(self._heading or (), tuple(before))

    def context(self, place: Place, chunk: Sequence[Sentence]) -> Context:
        """The context of a chunk that begins at this place, without its definitions."""
        return replace(self._shared, heading=place.heading, earlier=self._earlier(place.before, chunk))

    def explained(self, chunks: Iterable[Chunk]) -> list[Chunk]:
        """The chunks with the definitions of the terms that they use."""
        return [
            replace(chunk, context=replace(chunk.context, definitions=used)) if (used := self._used(chunk)) else chunk
            for chunk in chunks
        ]

    def _mention(self, passage: Passage, start: int, end: int, referent: Referent) -> Mention:
        exact = passage.slice(self._document.text, start, end)
        return Mention(exact.text, exact.start, exact.end, spoken(passage.text[start:end]), referent)

    def _keep(self, definition: Definition) -> None:
        word = _WORD.search(definition.term.name)
        if word is None or self._kept >= MAX_KEPT:
            return
        same = self._terms.setdefault(word[0], []) if word[0].isascii() else self._unspaced
        if len(same) < (MAX_SAME if word[0].isascii() else 8 * MAX_SAME):
            same.append(definition)
            self._kept += 1

    def _used(self, chunk: Chunk) -> tuple[Definition, ...]:
        found: dict[str, Definition] = {}
        for sentence in chunk.sentences:
            for word in _WORD.finditer(sentence.aligned):
                for definition in self._terms.get(word[0], ()):
                    term = definition.term.name
                    end = word.start() + len(term)
                    if (
                        sentence.aligned.startswith(term, word.start())
                        and not sentence.aligned[end : end + 1].isalnum()
                    ):
                        self._take(found, definition, chunk)
            for definition in self._unspaced:
                if definition.term.name in sentence.words:
                    self._take(found, definition, chunk)
        used = [d for d in found.values() if not chunk.start <= d.term.start < chunk.end]
        return tuple(used[:MAX_DEFINITIONS])

    def _take(self, found: dict[str, Definition], definition: Definition, chunk: Chunk) -> None:
        """Of several definitions of a term the last one before the chunk counts, else the first one after it."""
        if definition.term.name not in found or definition.term.start < chunk.end:
            found[definition.term.name] = definition

    def _earlier(self, before: Sequence[Sentence], chunk: Sequence[Sentence]) -> tuple[Mention, ...]:
        """The names of the nearest sentence that has any, and before it the nearest called what the chunk asks for."""
        if not (any(anaphoric(s.aligned) for s in chunk) or not any(self._named(s) for s in chunk)):
            return ()
        nouns = {noun for sentence in chunk for noun in asked_nouns(sentence.aligned)}
        near: list[Mention] = []
        for sentence in reversed(before):
            mentions = self._named(sentence)
            if near:
                called = [m for m in mentions if nouns & set(m.nouns)]
                near = called[-1:] + near
            else:
                called = near = mentions[:1] + mentions[1:][-MAX_EARLIER + 1 :]
            nouns -= {noun for m in called for noun in m.nouns}
            if near and not nouns:
                break
        return tuple(near[-MAX_EARLIER:])

    def _named(self, sentence: Sentence) -> list[Mention]:
        """The names in a sentence, kept for the sentences after it."""
        if sentence.start not in self._mentions:
            if len(self._mentions) > 4 * MAX_SENTENCES_BACK:
                del self._mentions[next(iter(self._mentions))]
            self._mentions[sentence.start] = mentions_in(sentence)
        return self._mentions[sentence.start]


def _shared(document: Document) -> Context:
    """What all chunks of a document have in common."""
    own = document.subject_names[0] if document.subject_names else ""
    named = own if own and not own.startswith("this ") else ""
    subject = None
    if document.title_span:
        start, end = document.title_span
        text = document.text[start:end]
        subject = Mention(text, start, end, named or spoken(document.title), Referent.DOCUMENT)
    title = spoken(
        f"{named}: {document.title}" if named and document.title not in ("", named) else named or document.title
    )
    nouns = tuple(name[5:].casefold() for name in document.subject_names if name.startswith("this "))
    return Context(title=title, subject=subject, nouns=nouns, about=document.about)
