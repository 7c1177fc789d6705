"""A small writer of PDF 1.4: lines of Helvetica at given places, so that a test knows what a reader must find.

Source: PDF Reference 1.4, https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/pdfreference1.4.pdf
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

HEIGHT, WIDTH = 792, 612


class Placed(NamedTuple):
    """A line of text, `top` points below the page's top edge (at its base line)."""

    text: str
    top: float
    left: float = 72
    size: float = 10


def paragraph(words: Sequence[str], top: float, **options: float) -> list[Placed]:
    """Lines under one another, twelve points apart."""
    return [Placed(text, top + 12 * row, **options) for row, text in enumerate(words)]


def pdf(pages: Sequence[Sequence[Placed]], title: str = "") -> bytes:
    """The bytes of a PDF with these lines, in the order given."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        content = b"".join(_shown(line) for line in page)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    objects.append(b"<< /Title (%s) >>" % _escaped(title))
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(out + trailer % (len(objects) + 1, len(objects), table))


def _shown(line: Placed) -> bytes:
    at = f"BT /F1 {line.size} Tf {line.left} {HEIGHT - line.top} Td ".encode()
    return at + b"(" + _escaped(line.text) + b") Tj ET\n"


def _escaped(text: str) -> bytes:
    encoded = text.encode("cp1252")
    return encoded.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
