"""From bytes to text without losing anything: `text.encode(encoding)` gives the bytes back.

Order: byte-order mark, UTF-16 and UTF-32 without one, UTF-8, then the charset that a page declares and what the bytes
look like (`extractors.documents.detection`).
A byte-order mark stays in the text as U+FEFF, line ends stay as they are.
"""

from __future__ import annotations

import codecs
import re

from extractors.documents.detection import ranked, unmarked_wide
from extractors.documents.errors import DocumentBinary, DocumentEmpty

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x7fELF", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
)
_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_-]{2,40})"""
    rb"""|\A\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9_.-]{2,40})""",
    re.IGNORECASE,
)
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27}) + b"\x7f"


def decode(content: bytes, name: str) -> tuple[str, str]:
    """The text of `content` and the encoding it was decoded by; `name` is for messages.

    Raises DocumentEmpty and DocumentBinary.

    >>> decode("naïve".encode(), "a.md")
    ('naïve', 'utf-8')
    >>> decode("naïve".encode("utf-16"), "a.md")[1]
    'utf-16-le'
    """
    text, encoding = _decode(content, name)
    if not text.strip("\ufeff \t\r\n\f\v\xa0"):
        raise DocumentEmpty(f"{name} is empty", remedy="leave it out or give a file with text in it")
    if "\x00" in text:
        raise _binary(name, f"it holds a NUL at character {text.index(chr(0)):,}")
    return text, encoding


def _decode(content: bytes, name: str) -> tuple[str, str]:
    for magic, what in _MAGIC:
        if content.startswith(magic):
            raise _binary(name, f"it is {what}")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise _binary(name, f"its byte-order mark says {encoding}, but byte {error.start:,} is not") from None
    if wide := unmarked_wide(content):
        try:
            return content.decode(wide), wide
        except UnicodeDecodeError:
            pass
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        first_bad = error.start
    for encoding in _candidates(content):
        try:
            text = content.decode(encoding)
            if text.encode(encoding) == content:
                return text, encoding
        except (UnicodeError, LookupError):
            continue
    raise _binary(name, f"byte {first_bad:,} is not UTF-8 and no other encoding fits")


def _candidates(content: bytes) -> list[str]:
    """Encodings to try after UTF-8, the likeliest first; none for what is binary."""
    if b"\x00" in content or len(content) - len(content.translate(None, _CONTROL)) > len(content) // 100:
        return []
    declared = _DECLARED.search(content[:2048])
    try:
        said = codecs.lookup((declared[1] or declared[2]).decode("ascii")).name if declared else None
    except LookupError:
        said = None
    return [codecs.lookup(name).name for name in ranked(content, said)]


def _binary(name: str, why: str) -> DocumentBinary:
    return DocumentBinary(f"{name} is no text: {why}", remedy="convert it to UTF-8 text, Markdown or HTML")
