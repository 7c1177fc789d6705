"""From a document to chunks: what a model sees at once.

A chunk is one or a few sentences that follow one another under one heading. Code, tables, comments, contents,
licences and the RFC 2119 paragraph are left out: they state no relation in prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from extractors.documents import html, markdown, pdf_prose
from extractors.documents.discourse import Discourse, Place
from extractors.documents.json_prose import JsonDocument
from extractors.documents.load import HTML, JSON, MARKDOWN, PDF, RDF_MEDIA_TYPES
from extractors.documents.model import Chunk, Document, Sentence
from extractors.documents.passages import Passage, passage_sentences
from extractors.documents.scripts import CJK_PROSE

_BOILERPLATE_SECTIONS = frozenset(
    {"copyright", "table of contents", "contents", "toc", "license", "licence", "references", "acknowledgements"}
    | {"acknowledgments", "test vectors", "citation"}
)
_KEYWORDS = re.compile(r"\A(?:The )?key ?words\b.{0,400}\bRFC", re.IGNORECASE | re.DOTALL)
_BLANK = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n)){2,}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_MARKS = re.compile(r"[`*_\[\]()#>|~-]+|https?://\S+")


def chunks(
    document: Document,
    *,
    sections: Iterable[str] | None = None,
    max_sentences: int = 1,
    max_characters: int = 2400,
) -> list[Chunk]:
    """The chunks of a document, in order; RDF documents have none.

    `sections` keeps what stands under a heading of one of these names, in any case ("Abstract"); None keeps all.
    A chunk has at most `max_sentences` sentences, which together stretch over at most `max_characters` code points.

    >>> from extractors.documents.load import load_document
    >>> document = load_document(b"# Abstract\\n\\nIt extends ERC-20. It adds locks.\\n", name="a.md")
    >>> [(c.heading, [s.text for s in c.sentences]) for c in chunks(document)]
    [(('Abstract',), ['It extends ERC-20.']), (('Abstract',), ['It adds locks.'])]
    """
    wanted = None if sections is None else {_key(name) for name in sections}
    found: list[Chunk] = []
    run: list[Sentence] = []
    discourse = Discourse(document)
    place = Place((), ())

    def end_run() -> None:
        if run:
            context = discourse.context(place, run)
            found.append(Chunk(document.cid, len(found), place.heading, tuple(run), context))
            run.clear()

    for passage in passages(document):
        prose = passage_sentences(document.text, passage)
        discourse.enter(passage, prose)
        keys = {_key(words) for words in passage.heading}
        if (wanted is not None and not keys & wanted) or keys & _BOILERPLATE_SECTIONS:
            continue
        for row, sentence in enumerate(prose):
            if not _says(sentence.words):
                continue
            if run and (
                passage.heading != place.heading
                or len(run) >= max_sentences
                or sentence.end - run[0].start > max_characters
            ):
                end_run()
            if not run:
                place = discourse.place(row)
            run.append(sentence)
    end_run()
    return discourse.explained(found)


def passages(document: Document) -> Iterator[Passage]:
    """The paragraphs and items of the document, with the path of headings above each."""
    text = document.text
    if document.media_type in RDF_MEDIA_TYPES:
        return
    if document.media_type == HTML:
        yield from html.read_page(text).passages
    elif document.media_type == MARKDOWN:
        for block in markdown.blocks(text):
            if block.kind in markdown.PROSE:
                for start, end in markdown.visible(text, block):
                    yield Passage.whole(block.heading, text, start, end)
    elif document.media_type == JSON:
        yield from JsonDocument.read(text).passages()
    elif document.media_type == PDF:
        yield from pdf_prose.passages(text, document.lines)
    else:
        start = 0
        for blank in [*_BLANK.finditer(text), None]:
            end = blank.start() if blank else len(text)
            yield Passage.whole((), text, start, end)
            start = blank.end() if blank else len(text)


def _key(heading: str) -> str:
    return heading.strip().strip(":.").casefold()


def _says(text: str) -> bool:
    """Whether a model could read a relation in it: two words at least, or some CJK, and no boilerplate."""
    words = _MARKS.sub(" ", text)
    return (len(_WORD.findall(words)) >= 2 or CJK_PROSE.search(words) is not None) and not _KEYWORDS.match(text)
