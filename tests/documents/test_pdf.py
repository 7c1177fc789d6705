"""The prose of PDFs, each sentence an exact slice of the text that PDFium reads, with page and box."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pypdfium2
import pytest
from pdf_writer import Placed, paragraph, pdf

from anchoring.errors import MissingExtra
from extractors.documents.chunks import chunks
from extractors.documents.errors import DocumentEmpty, DocumentPdfRefused, DocumentRefused
from extractors.documents.load import load_document, walk
from extractors.documents.pdf import Line, fragment, read_pdf
from kg.claims import vocabulary as v
from kg.claims.iris import Mint
from kg.claims.model import Activity, Agent, Claim, Trust
from kg.claims.quads import claim_quads


def head(number: int) -> list[Placed]:
    return [Placed(f"A report of tokens, page {number}", 40)]


REPORT = pdf(
    [
        [
            *head(1),
            Placed("Café Tokens", 100, size=24),
            Placed("1 Summary", 140, size=16),
            *paragraph(
                ["Maple Finance issues the sUSD token and lends it to mar-", "kets on Base. It pays fees."], 170
            ),
            *paragraph(["• It extends ERC-20 in two ways.", "• It requires ERC-165."], 220),
        ],
        [
            *head(2),
            Placed("2 Details", 100, size=16),
            *paragraph(["The vault holds tokens, which are", "locked for as long as the rules of"], 130),
        ],
        [*head(3), *paragraph(["the issuer say so. Then they are free.", "Nothing more is said (yet)."], 100)],
    ]
)


def test_paragraphs_headings_and_items_are_found_and_running_heads_are_not_prose() -> None:
    document = load_document(REPORT, name="report.pdf")
    found = [(c.heading, " ".join(c.sentences[0].words.split())) for c in chunks(document)]
    summary, details = ("Café Tokens", "1 Summary"), ("Café Tokens", "2 Details")
    assert found == [
        (summary, "Maple Finance issues the sUSD token and lends it to markets on Base."),
        (summary, "It pays fees."),
        (summary, "It extends ERC-20 in two ways."),
        (summary, "It requires ERC-165."),
        (details, "The vault holds tokens, which are locked for as long as the rules of the issuer say so."),
        (details, "Then they are free."),
        (details, "Nothing more is said (yet)."),
    ]
    assert document.title == "Café Tokens"
    for chunk in chunks(document):
        assert document.text[chunk.start : chunk.end] == chunk.sentences[0].text


def test_a_stranger_with_the_same_reader_gets_the_same_text() -> None:
    document = load_document(REPORT, name="report.pdf")
    assert document.encoding == f"pdf pypdfium2 {metadata.version('pypdfium2')}"
    pages = pypdfium2.PdfDocument(REPORT)
    text = "\f".join(page.get_textpage().get_text_range().replace("\r\n", "\n") for page in pages)
    assert text == document.text


def test_a_span_says_on_which_page_and_where_it_stands() -> None:
    document = load_document(REPORT, name="report.pdf")
    item = next(c for c in chunks(document) if "ERC-165" in c.sentences[0].text)
    span = document.span(item.start, item.end)
    page, box = span.fragment.split("&")
    left, top, width, height = (float(part) for part in box.removeprefix("viewrect=").split(","))
    assert page == "page=1"
    assert 70 < left < 75
    assert 220 < top < 232 < top + height < 236
    assert 80 < width < 140
    claim = Claim(
        ((v.TYPE, v.TYPE, v.TYPE),),
        Activity("extraction", document.cid, Agent("a", "1"), Trust.INFERRED),
        span,
    )
    said = {quad.object.value for quad in claim_quads(Mint("https://g.example/"), [claim]) if quad.predicate == v.VALUE}
    assert said == {span.fragment}


def test_a_range_over_two_pages_is_shown_on_the_first() -> None:
    lines = (Line(0, 5, 1, 10, 10, 50, 20, 9), Line(6, 9, 2, 10, 10, 50, 20, 9), Line(10, 12, 2, 0, 0, 0, 0, 0))
    assert fragment(lines, 2, 8) == "page=1&viewrect=10,10,40,10"
    assert fragment(lines, 10, 12) == ""
    assert fragment((), 0, 3) == ""


def test_the_title_that_the_file_states_is_taken_unless_it_is_a_file_name() -> None:
    page = [Placed("Vault Rules", 80, size=20), Placed("The words of the text are here.", 120)]
    assert load_document(pdf([page], "Vault Rules"), name="a.pdf").title_span == (0, 11)
    assert load_document(pdf([page], "draft_3.docx"), name="a.pdf").title == "Vault Rules"
    plain = [Placed("The words of the text are here.", 120)]
    assert load_document(pdf([plain]), name="a.pdf").title == ""


@pytest.mark.parametrize("content", [b"%PDF-1.4\nnothing", REPORT[:400], b"%PDF-" + bytes(2000)])
def test_a_broken_pdf_is_refused_with_the_reason(content: bytes) -> None:
    with pytest.raises(DocumentPdfRefused, match="cannot be read as PDF"):
        load_document(content, name="a.pdf")


def test_a_pdf_without_text_says_what_to_do() -> None:
    with pytest.raises(DocumentEmpty, match="optical character recognition"):
        load_document(pdf([[]]), name="scan.pdf")


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    with pytest.raises(MissingExtra, match=r"triplock\[pdf\]"):
        load_document(REPORT, name="a.pdf")


def test_a_reader_that_does_not_answer_in_time_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.documents.pdf.TIMEOUT_S", 0.001)
    with pytest.raises(DocumentPdfRefused, match="longer than"):
        read_pdf(REPORT)


@pytest.mark.parametrize("at", range(100, len(REPORT), 997))
def test_damaged_bytes_are_read_or_refused(at: int) -> None:
    damaged = REPORT[:at] + b"\xff<<[(" + REPORT[at + 5 :]
    try:
        document = load_document(damaged, name="a.pdf")
    except DocumentRefused:
        return
    for chunk in chunks(document):
        assert document.span(chunk.start, chunk.end).quote == chunk.sentences[0].text


def test_folders_give_their_pdfs(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(REPORT)
    (found,) = walk([tmp_path])
    assert found.media_type == "application/pdf"
    assert load_document(found.path).media_type == "application/pdf"
    (tmp_path / "b").write_bytes(REPORT)
    assert load_document(tmp_path / "b").media_type == "application/pdf"
