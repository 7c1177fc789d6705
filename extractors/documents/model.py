"""A document as the extractors see it: the decoded original, and the parts of it that are prose."""

from __future__ import annotations

from dataclasses import dataclass

from anchoring.encoding.cid import Cid
from extractors.documents.context import NO_CONTEXT, Context
from extractors.documents.pdf import Line, fragment
from kg.claims.model import Span


@dataclass(frozen=True, slots=True)
class Document:
    """One source document.

    `text` is `content` decoded by `encoding`, with no newline translation and nothing taken away (a byte-order mark is
    part of it); for a PDF `encoding` names the reader that made `text` of it.
    Every offset in triplock is a code point of this text.
    `subject` is the IRI of what the document is about where that is known (an EIP's home), else its own `ipfs://` IRI.
    """

    cid: Cid
    content: bytes
    text: str
    encoding: str
    media_type: str
    title: str
    subject: str
    subject_names: tuple[str, ...] = ()
    """What the text calls its subject: ("ERC-20", "EIP-20", "this standard")."""
    title_span: tuple[int, int] | None = None
    """Where the title stands in the text."""
    about: tuple[tuple[str, str], ...] = ()
    """Fields of the front matter that name the document's subject: (("token", "sUSD"),)."""
    lines: tuple[Line, ...] = ()
    """The lines of a PDF with their pages and boxes."""

    def span(self, start: int, end: int) -> Span:
        """`text[start:end]` as the evidence of a claim; of a PDF with page and box."""
        return Span(self.cid, start, end, self.text[start:end], fragment(self.lines, start, end))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of prose, `text[start:end]` of its document; markup and escapes inside are kept.

    `words` is what it says without tags and escapes, where the document is HTML or JSON.
    """

    start: int
    end: int
    text: str
    read: str = ""
    """What it says, if that is not what stands there."""
    blanked: str = ""
    """The same, each character at its place in `text`, with blanks for the rest."""

    @property
    def words(self) -> str:
        """What the sentence says: of `caf&eacute;` it is `café`."""
        return self.read or self.text

    @property
    def aligned(self) -> str:
        """What the sentence says, as long as `text`: offsets in it are offsets in `text`, tags and escapes are blank.

        A model sees no attribute of a tag and no comment so, and what it names is found at its place.
        """
        return self.blanked or self.text


@dataclass(frozen=True, slots=True)
class Chunk:
    """What the model sees at once: one or a few sentences of one section.

    `index` counts the chunks of the document from 0; `heading` is the path of headings above ("Abstract");
    `context` is what the sentences need of the rest of the document to be understood.
    """

    document: Cid
    index: int
    heading: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    context: Context = NO_CONTEXT

    @property
    def start(self) -> int:
        """Where the first sentence begins."""
        return self.sentences[0].start

    @property
    def end(self) -> int:
        """Where the last sentence ends."""
        return self.sentences[-1].end
