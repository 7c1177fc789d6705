"""A reader of HTML sees what a person reads, and what it names is found at its place in the source."""

from __future__ import annotations

from extractors.documents.chunks import chunks
from extractors.documents.load import load_document
from extractors.documents.model import Chunk
from extractors.reading.reader import Passage
from extractors.reading.resolved import resolved

PAGE = (
    b"""<p>The <b title="ERC-999 requires ERC-777">Caf&eacute; Bank</b> issues ERC-20. <i>It</i> pays&nbsp;Maple.</p>"""
)


def read(chunk: Chunk) -> str:
    document = load_document(PAGE, name="page.html")
    return " ".join(resolved(Passage(document, chunk, chunk.sentences[0])).text.split())


def test_attributes_tags_and_entities_are_not_shown() -> None:
    first, second = chunks(load_document(PAGE, name="page.html"))
    assert read(first) == "The Café Bank issues ERC-20."
    assert read(second).endswith("pays Maple.")
    assert b"ERC-777" in PAGE
    assert "ERC-777" in first.sentences[0].text
