"""From a path or bytes to a `Document`, and from paths to the files in them.

Nothing is translated: the text is the bytes decoded, and every offset counts its code points.
RDF files are recognised here and read by whoever imports RDF.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from anchoring.encoding.unixfs import document_blocks
from extractors.documents import html, markdown, pdf_prose
from extractors.documents.decoding import decode
from extractors.documents.errors import (
    DocumentEmpty,
    DocumentNotFound,
    DocumentTooLarge,
    DocumentUnreadable,
)
from extractors.documents.front_matter import FrontMatter, front_matter
from extractors.documents.json_prose import JsonDocument
from extractors.documents.model import Document
from extractors.documents.pdf import read_pdf
from kg.claims import iris

MAX_BYTES = 20 * 1024 * 1024
"""The default limit of a document's size; `--max-bytes` raises it."""

MARKDOWN = "text/markdown"
PLAIN = "text/plain"
HTML = "text/html"
JSON = "application/json"
PDF = "application/pdf"

MEDIA_TYPES = {
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".txt": PLAIN,
    ".text": PLAIN,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".json": JSON,
    ".abi": JSON,
    ".pdf": PDF,
    ".ttl": "text/turtle",
    ".nt": "application/n-triples",
    ".nq": "application/n-quads",
    ".trig": "application/trig",
    ".jsonld": "application/ld+json",
    ".rdf": "application/rdf+xml",
    ".owl": "application/rdf+xml",
}
"""The media type of each extension that `walk` takes."""

RDF_MEDIA_TYPES = frozenset(MEDIA_TYPES.values()) - {MARKDOWN, PLAIN, HTML, JSON, PDF}
"""The media types that are imported as RDF and not read as prose."""

_SUBJECT_FIELDS = (
    *("name", "subject", "project", "protocol", "product", "company", "organization", "token", "asset", "symbol"),
    *("network", "chain", "contract", "shortname"),
)
"""Fields of a header by which it names what the document is about, in this order."""
_PAGE = re.compile(r"\ufeff?\s*(?:<!--|<!doctype\s+html|<html[\s>])", re.IGNORECASE)
_STANDARD_NAMES = ("this standard", "this EIP", "this ERC", "this proposal", "this specification")


@dataclass(frozen=True, slots=True)
class Found:
    """A file that `walk` found.

    `media_type` is "" where only the text can tell, and None for a file that is skipped; `reason` says why.
    """

    path: Path
    media_type: str | None
    reason: str = ""


def media_type_of(name: str, text: str = "") -> str:
    """The media type of a file by its extension, else by how its text begins.

    >>> media_type_of("eip-20.md"), media_type_of("-", "<!DOCTYPE html>"), media_type_of("-", "---\\neip: 1\\n---\\n")
    ('text/markdown', 'text/html', 'text/markdown')
    """
    if known := MEDIA_TYPES.get(Path(name).suffix.lower()):
        return known
    if _PAGE.match(text[:1000]):
        return HTML
    if re.match(r"\ufeff?\s*[{\[]\s*[\"{\[\]}]", text[:1000]) and text.rstrip()[-1:] in ("}", "]"):
        return JSON
    return MARKDOWN if front_matter(text[:100_000]) or re.search(r"^#{1,6} \S", text[:10_000], re.MULTILINE) else PLAIN


def load_document(
    source: Path | str | bytes, *, name: str = "", media_type: str | None = None, max_bytes: int = MAX_BYTES
) -> Document:
    """The document in a file (a path) or in bytes.

    `name` is for messages and, where `media_type` is not given, for its extension. `max_bytes` is the limit of size.
    Raises DocumentNotFound, DocumentUnreadable, DocumentTooLarge, DocumentEmpty, DocumentBinary, DocumentNotJson,
    DocumentPdfRefused, and MissingExtra for a PDF without the extra `pdf`.

    >>> header = b"---\\neip: 20\\ntitle: Token Standard\\ncategory: ERC\\n---\\n"
    >>> document = load_document(header + b"Text.", name="erc-20.md")
    >>> document.subject, document.title, document.subject_names[:2]
    ('https://eips.ethereum.org/EIPS/eip-20', 'Token Standard', ('ERC-20', 'EIP-20'))
    """
    if isinstance(source, bytes):
        content, name = source, name or "the document"
        _check_size(len(content), name, max_bytes)
    else:
        name = name or str(source)
        content = _read(Path(source), max_bytes)
    if not content:
        raise DocumentEmpty(f"{name} is empty", remedy="leave it out or give a file with text in it")
    if PDF in (media_type, MEDIA_TYPES.get(Path(name).suffix.lower())) or content.startswith(b"%PDF-"):
        return _pdf(content, name)
    text, encoding = decode(content, name)
    kind = media_type or media_type_of(name, text)
    cid, _ = document_blocks(content)
    header = front_matter(text) if kind == MARKDOWN else None
    number = header.eip if header else None
    title, title_span = _title(text, kind, header)
    names = _names(number, header) if header and number is not None else ("this document",)
    if kind == JSON:
        scanned = JsonDocument.read(text, name)
        title, title_span = scanned.title or ("", None)
        names = tuple(n for n in (title, *scanned.nouns) if n) if scanned.nouns else names
    return Document(
        cid=cid,
        content=content,
        text=text,
        encoding=encoding,
        media_type=kind,
        title=title,
        subject=iris.eip(number).value if number is not None else cid.iri,
        subject_names=names,
        title_span=title_span,
        about=_about(header) if header and number is None else (),
    )


def _pdf(content: bytes, name: str) -> Document:
    read = read_pdf(content, name)
    cid, _ = document_blocks(content)
    title, span = pdf_prose.title(read.text, read.lines, read.title)
    return Document(
        cid=cid,
        content=content,
        text=read.text,
        encoding=read.decoding,
        media_type=PDF,
        title=title,
        subject=cid.iri,
        subject_names=("this document",),
        title_span=span,
        lines=read.lines,
    )


def walk(paths: Iterable[Path | str]) -> Iterator[Found]:
    """The files of the paths, folders walked in sorted order; each file once.

    In folders, hidden files are left out silently; links that lead out of the folder given, and files of unknown
    extension, come with a reason and no media type. A file named by itself is always taken.
    Raises DocumentNotFound for a path that does not exist.
    """
    seen: set[Path] = set()
    for given in paths:
        path = Path(given)
        if not path.exists():
            raise DocumentNotFound(f"there is no file or folder {str(given)!r}", remedy="check the path")
        for found in _files(path) if path.is_dir() else [_alone(path)]:
            real = found.path.resolve()
            if real not in seen:
                seen.add(real)
                yield found


def _alone(path: Path) -> Found:
    # Its kind may show only in its text, which `load_document` looks at.
    return Found(path, MEDIA_TYPES.get(path.suffix.lower(), ""))


def _files(folder: Path) -> Iterator[Found]:
    root = folder.resolve()
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and not Path(here, f).is_symlink())
        for name in sorted(n for n in names if not n.startswith(".")):
            path = Path(here, name)
            kind = MEDIA_TYPES.get(path.suffix.lower())
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                yield Found(path, None, "it is a link that leads out of the folder")
            elif not path.is_file():
                yield Found(path, None, "it is no regular file")
            elif kind is None:
                yield Found(path, None, f"the extension {path.suffix!r} is unknown; name the file itself to take it")
            else:
                yield Found(path, kind)


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_ISREG(status.st_mode):
                _check_size(status.st_size, str(path), max_bytes)
            content = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise DocumentNotFound(f"there is no file {str(path)!r}", remedy="check the path") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise DocumentUnreadable(f"{path} cannot be read: {why}", remedy="give a readable file") from None
    _check_size(len(content), str(path), max_bytes)
    return content


def _check_size(size: int, name: str, max_bytes: int) -> None:
    if size > max_bytes:
        raise DocumentTooLarge(
            f"{name} has {size:,} bytes, more than the limit of {max_bytes:,}",
            remedy=f"raise the limit with --max-bytes {size} or split the document",
        )


def _title(text: str, kind: str, header: FrontMatter | None) -> tuple[str, tuple[int, int] | None]:
    """The title, and where it stands in the text."""
    if header and header.get("title"):
        field = header.fields["title"]
        start = text.find(field.value, field.start, field.end)
        span = (start, start + len(field.value)) if start >= 0 else (field.start, field.end)
        return " ".join(field.value.split())[:500], span
    if kind == MARKDOWN:
        first = next((b for b in markdown.blocks(text[:200_000]) if b.kind is markdown.Kind.HEADING), None)
        return (markdown.plain(text[first.start : first.end]), (first.start, first.end)) if first else ("", None)
    if kind == HTML:
        page = html.read_page(text[:200_000])
        return page.title, page.title_span
    return "", None


def _about(header: FrontMatter) -> tuple[tuple[str, str], ...]:
    return tuple((name, header.get(name)[:200]) for name in _SUBJECT_FIELDS if header.get(name))


def _names(number: int, header: FrontMatter) -> tuple[str, ...]:
    """What the text may call the standard, the name that its category gives it first."""
    kinds = ("ERC", "EIP") if header.get("category").upper() == "ERC" else ("EIP", "ERC")
    return (*(f"{kind}-{number}" for kind in kinds), *_STANDARD_NAMES)
