"""A sentence with what its "it" and "the token" stand for in their place, as the model reads it.

Only what the rules of `extractors.documents.anaphora` are certain of is put in. What is found in the read text leads
back to the document: a name that was put in to where the document has it, all else to its own place.
"""

from __future__ import annotations

from dataclasses import dataclass

from extractors.documents.anaphora import anaphoric, antecedents
from extractors.documents.context import Mention, Referent
from extractors.documents.model import Document, Sentence
from extractors.mentions.candidates import Candidate, Shape
from extractors.reading.reader import Passage

_POSSESSIVE = frozenset({"its", "their", "his", "her"})
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Place:
    """A span found in the read text: the mention in the document that it names, and where the sentence speaks of it.

    `start` and `end` are offsets of the sentence's text; `subject` is the document's subject if the span names that.
    """

    mention: Candidate
    start: int
    end: int
    subject: str = ""


@dataclass(frozen=True)
class Resolved:
    """The text that is read, and what was put into it: (start, end, start and end in the sentence, what)."""

    document: Document
    sentence: Sentence
    text: str
    put: tuple[tuple[int, int, int, int, Mention], ...] = ()

    def place(self, found: Candidate) -> Place | None:
        """Where a span of the read text leads; None for one that is partly put in."""
        shift = 0
        for start, end, first, last, mention in self.put:
            if found.end <= start:
                break
            if found.start < end:
                if (found.start, found.end) != (start, start + len(mention.text)):
                    return None
                subject = self.document.subject if mention.referent is Referent.DOCUMENT else ""
                return Place(Candidate(mention.start, mention.end, mention.text, Shape.NAME), first, last, subject)
            shift = last - end
        start, end = found.start + shift, found.end + shift
        base = self.sentence.start
        return Place(Candidate(base + start, base + end, found.text, found.shape), start, end)


def resolved(passage: Passage) -> Resolved:
    """The passage's sentence as it is read.

    >>> from extractors.documents.chunks import chunks
    >>> from extractors.documents.load import load_document
    >>> document = load_document(b"Maker issues the DAI token. It is the largest. The token is on Base.", name="a.md")
    >>> last = chunks(document)[-1]
    >>> resolved(Passage(document, last, last.sentences[-1])).text
    'DAI is on Base.'
    """
    sentence, chunk = passage.sentence, passage.chunk
    if not anaphoric(sentence.aligned):
        return Resolved(passage.document, sentence, sentence.aligned)
    before = tuple(s for s in chunk.sentences if s.start < sentence.start)
    text, put, at = "", [], 0
    for anaphor in antecedents(sentence, chunk.context, before):
        first, last = anaphor.start - sentence.start, anaphor.end - sentence.start
        if not anaphor.certain or first < at or not _plain(anaphor.candidates[0], passage.document):
            continue
        text += sentence.aligned[at:first]
        name = anaphor.candidates[0].text + ("'s" if anaphor.text.casefold() in _POSSESSIVE else "")
        put.append((len(text), len(text) + len(name), first, last, anaphor.candidates[0]))
        text, at = text + name, last
    return Resolved(passage.document, sentence, text + sentence.aligned[at:], tuple(put))


def _plain(mention: Mention, document: Document) -> bool:
    """Whether the mention can be read as it stands."""
    stands = document.text[mention.start : mention.end] == mention.text
    return stands and mention.text == mention.name and "\n" not in mention.text and len(mention.text) <= _LONGEST
