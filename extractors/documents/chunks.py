"""From a document to chunks: what a model sees at once.

A chunk is one or a few sentences that follow one another under one heading. Code, tables, comments, contents,
licences and the RFC 2119 paragraph are left out: they state no relation in prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from extractors.documents import html, markdown
from extractors.documents.load import HTML, MARKDOWN, RDF_MEDIA_TYPES
from extractors.documents.model import Chunk, Document, Sentence
from extractors.documents.sentences import sentences

_BOILERPLATE_SECTIONS = frozenset(
    {"copyright", "table of contents", "contents", "toc", "license", "licence", "references", "acknowledgements"}
    | {"acknowledgments", "test vectors", "citation"}
)
_KEYWORDS = re.compile(r"\A(?:The )?key ?words\b.{0,400}\bRFC", re.IGNORECASE | re.DOTALL)
_BLANK = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n)){2,}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{4,}")
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
    path: tuple[str, ...] = ()
    run: list[Sentence] = []

    def end_run() -> None:
        if run:
            found.append(Chunk(document.cid, len(found), path, tuple(run)))
            run.clear()

    for heading, sentence in prose(document):
        keys = {_key(words) for words in heading}
        if (wanted is not None and not keys & wanted) or keys & _BOILERPLATE_SECTIONS or not _says(sentence.text):
            continue
        if heading != path or len(run) >= max_sentences or (run and sentence.end - run[0].start > max_characters):
            end_run()
            path = heading
        run.append(sentence)
    end_run()
    return found


def prose(document: Document) -> Iterator[tuple[tuple[str, ...], Sentence]]:
    """Every sentence of the document with the path of headings above it."""
    text = document.text
    if document.media_type in RDF_MEDIA_TYPES:
        return
    if document.media_type == HTML:
        for passage in html.read_page(text).passages:
            for sentence in html.passage_sentences(text, passage):
                yield passage.heading, sentence
    elif document.media_type == MARKDOWN:
        for block in markdown.blocks(text):
            if block.kind in markdown.PROSE:
                for sentence in sentences(text, block.start, block.end):
                    yield block.heading, sentence
    else:
        start = 0
        for blank in [*_BLANK.finditer(text), None]:
            for sentence in sentences(text, start, blank.start() if blank else len(text)):
                yield (), sentence
            start = blank.end() if blank else len(text)


def _key(heading: str) -> str:
    return heading.strip().strip(":.").casefold()


def _says(text: str) -> bool:
    """Whether a model could read a relation in it: two words at least, or some CJK, and no boilerplate."""
    words = _MARKS.sub(" ", text)
    return (len(_WORD.findall(words)) >= 2 or _CJK.search(words) is not None) and not _KEYWORDS.match(text)
