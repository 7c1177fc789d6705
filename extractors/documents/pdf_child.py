"""The process that a PDF is opened in: reads the bytes, writes the lines of each page (`extractors.documents.pdf`).

PDFium is native code that parses hostile input: a crash, a loop or a hunger for memory ends this process and no other.
The first line of the answer is about the document, each further one about a page: its text as PDFium gives it, with
LF as line end, and for each line of it the box and the size of its font in points, from the top left corner.
"""

from __future__ import annotations

import json
import resource
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

MAX_MEMORY = 2 << 30
MAX_PAGES = 5000
MAX_TEXT = 32 << 20
"""Code points of all pages together."""


def main(request: BinaryIO, answer: BinaryIO) -> None:
    """Answer one request."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import pypdfium2

    content = request.read()
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        _write(answer, {"refused": str(error)[:200].rstrip(".")})
        return
    if len(document) > MAX_PAGES:
        _write(answer, {"refused": f"it has {len(document):,} pages, more than {MAX_PAGES:,}"})
        return
    _write(answer, {"pages": len(document), "title": document.get_metadata_value("Title")[:500]})
    size = 0
    for number in range(len(document)):
        page = document[number]
        read = _page(page, pypdfium2.raw)
        size += len(read["text"])
        if size > MAX_TEXT:
            _write(answer, {"refused": f"its text has more than {MAX_TEXT:,} characters"})
            return
        _write(answer, read)
        page.close()


def _page(page: Any, raw: Any) -> dict[str, Any]:
    textpage = page.get_textpage()
    text = textpage.get_text_range().replace("\r\n", "\n")
    return {"text": text, "lines": list(_lines(textpage, text, page.get_height(), raw))}


def _lines(textpage: Any, text: str, height: float, raw: Any) -> Iterator[list[float]]:
    """Left, top, right and bottom of each line, and the size of its font; zeros where PDFium knows no box."""
    at = 0
    for line in text.split("\n"):
        units = len(line.encode("utf-16-le", "surrogatepass")) // 2
        box = [0.0, 0.0, 0.0, 0.0, 0.0]
        first = raw.FPDFText_GetCharIndexFromTextIndex(textpage.raw, at)
        last = raw.FPDFText_GetCharIndexFromTextIndex(textpage.raw, at + units - 1)
        if units and 0 <= first <= last:
            rects = [textpage.get_rect(row) for row in range(textpage.count_rects(first, last - first + 1))]
            if rects:
                left, right = min(r[0] for r in rects), max(r[2] for r in rects)
                bottom, top = min(r[1] for r in rects), max(r[3] for r in rects)
                size = _size(textpage, first, last, raw)
                box = [round(value, 1) for value in (left, height - top, right, height - bottom, size)]
        yield box
        # PDFium ends a line with two units, CR and LF.
        at += units + 2


def _size(textpage: Any, first: int, last: int, raw: Any) -> float:
    """The commonest size of type among some sixteen characters of a line."""
    step = max(1, (last - first) // 16)
    sizes = Counter(round(raw.FPDFText_GetFontSize(textpage.raw, row), 1) for row in range(first, last + 1, step))
    return float(max(sizes, key=lambda size: (sizes[size], size)))


def _write(answer: BinaryIO, row: dict[str, Any]) -> None:
    answer.write(json.dumps(row).encode() + b"\n")


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
