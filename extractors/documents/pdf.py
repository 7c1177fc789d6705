"""The text of a PDF, with the page and the box of every line.

The text is what PDFium reads, page by page in its order, lines ended by LF and pages parted by a form feed: whoever has
the same version of pypdfium2 gets the same text with four lines of Python (docs/documents.md), and every offset counts
its code points. The decoding that is recorded names that version.
PDFium: https://pdfium.googlesource.com/pdfium ; bindings: https://pypdfium2.readthedocs.io
"""

from __future__ import annotations

import subprocess
import sys
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from anchoring.encoding.bounded_json import bounded_json
from anchoring.errors import MissingExtra
from extractors.documents.errors import DocumentEmpty, DocumentPdfRefused

TIMEOUT_S = 120.0
"""A PDF that takes longer is refused."""
PAGE_END = "\f"

_REPLACED = str.maketrans({"\x00": "\ufffd", "\f": "\n"})


@dataclass(frozen=True, slots=True)
class Line:
    """A line: `text[start:end]`, its page from 1 on, its box in points from the page's top left, its font's size."""

    start: int
    end: int
    page: int
    left: float
    top: float
    right: float
    bottom: float
    size: float


@dataclass(frozen=True, slots=True)
class PdfText:
    """What is read of a PDF."""

    text: str
    lines: tuple[Line, ...]
    title: str
    decoding: str


def decoding() -> str:
    """What is recorded as the decoding: the reader and its version, such as `pdf pypdfium2 5.15.2`.

    Raises MissingExtra without pypdfium2.
    """
    from importlib import metadata  # loads the e-mail package, which only a PDF pays

    try:
        return f"pdf pypdfium2 {metadata.version('pypdfium2')}"
    except metadata.PackageNotFoundError:
        raise MissingExtra("reading a PDF", extra="pdf") from None


def read_pdf(content: bytes, name: str = "the document") -> PdfText:
    """The text of a PDF; a child process reads it.

    Raises MissingExtra without pypdfium2, DocumentPdfRefused for one that PDFium does not open or not in time,
    DocumentEmpty for one without text.
    """
    how = decoding()
    try:
        child = subprocess.run(
            [sys.executable, "-m", "extractors.documents.pdf_child"],
            input=content,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DocumentPdfRefused(name, f"it took longer than {TIMEOUT_S:.0f} s") from None
    # A line that was cut off ends without its line end.
    rows: list[dict[str, Any]] = [bounded_json(row) for row in child.stdout.split(b"\n")[:-1]]
    if refused := next((row["refused"] for row in rows if "refused" in row), ""):
        raise DocumentPdfRefused(name, str(refused))
    if child.returncode != 0 or not rows or len(rows) != rows[0]["pages"] + 1:
        raise DocumentPdfRefused(name, f"PDFium ended with {child.returncode} while it read it")
    return _joined(rows, how, name)


def fragment(lines: tuple[Line, ...], start: int, end: int) -> str:
    """The page and the box of `text[start:end]`, as a fragment of the PDF by RFC 8118; "" if no line is there.

    Of a range over several pages it is what stands on the first.
    Source: https://www.rfc-editor.org/rfc/rfc8118#section-3

    >>> fragment((Line(0, 9, 1, 72, 100, 300, 112, 10), Line(10, 15, 1, 72, 115, 200, 127, 10)), 5, 12)
    'page=1&viewrect=72,100,228,27'
    """
    row = max(0, bisect_right(lines, start, key=lambda line: line.start) - 1)
    touched = []
    while row < len(lines) and lines[row].start < end:
        if lines[row].end > start and lines[row].right > lines[row].left:
            touched.append(lines[row])
        row += 1
    if not touched:
        return ""
    here = [line for line in touched if line.page == touched[0].page]
    left, top = min(line.left for line in here), min(line.top for line in here)
    width, height = max(line.right for line in here) - left, max(line.bottom for line in here) - top
    box = ",".join(f"{value:.1f}".removesuffix(".0") for value in (left, top, width, height))
    return f"page={here[0].page}&viewrect={box}"


def _joined(rows: list[dict[str, Any]], how: str, name: str) -> PdfText:
    texts = [row["text"].translate(_REPLACED) for row in rows[1:]]
    text = PAGE_END.join(texts)
    if not text.strip():
        raise DocumentEmpty(
            f"{name} holds no text, only pictures or nothing", remedy="run optical character recognition on it first"
        )
    lines: list[Line] = []
    at = 0
    for number, (row, page) in enumerate(zip(rows[1:], texts, strict=True), 1):
        ends = [-1, *(place for place, character in enumerate(page) if character == "\n"), len(page)]
        for (before, end), box in zip(pairwise(ends), row["lines"], strict=False):
            lines.append(Line(at + before + 1, at + end, number, *box))
        at += len(page) + 1
    return PdfText(text, tuple(lines), str(rows[0]["title"]), how)
