"""Any RDF syntax in, quads out, and what is wrong with a file said so that it can be mended.

What is read is RDF 1.1. Triple terms, base directions (RDF 1.2) and generalized RDF are refused.
Nothing is fetched: a JSON-LD document with a remote context is refused.
An empty file is an empty dataset in the syntaxes whose grammar allows it (all but RDF/XML and JSON-LD).
"""

from __future__ import annotations

import io
import os
import re
import xml.parsers.expat as expat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

import pyoxigraph as ox

from anchoring.errors import InputRefused, WrongUsage
from anchoring.rdf.formats import JSON_LD, RDF_XML, Format, find_format, format_of_file

Source: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO
"""A path, the bytes themselves, or an open binary stream."""

_NO_BASE = "x-no-base-iri-given:///"
"""Stands in for a missing base, because JSON-LD drops relative IRIs without a word."""

_BOM = b"\xef\xbb\xbf"
_SIGNATURES = (
    (b"\x1f\x8b", "gzip-compressed", "unpack it first: gzip -d"),
    (b"PK\x03\x04", "a ZIP archive", "unpack it first: unzip"),
    (b"BZh", "bzip2-compressed", "unpack it first: bzip2 -d"),
    (b"\xfd7zXZ", "xz-compressed", "unpack it first: xz -d"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed", "unpack it first: zstd -d"),
    (b"%PDF", "a PDF document", "give its text to `triplock ingest`"),
    (b"\xff\xfe", "UTF-16", "convert it first: iconv -f UTF-16 -t UTF-8"),
    (b"\xfe\xff", "UTF-16", "convert it first: iconv -f UTF-16 -t UTF-8"),
)


class RdfSyntaxError(InputRefused):
    """The input does not follow the syntax; `line` and `column` count from 1, and are None where unknown."""

    code = "rdf-syntax"

    def __init__(self, what: str, *, remedy: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(what, remedy=remedy)
        self.line = line
        self.column = column


class RelativeIri(RdfSyntaxError):
    """A relative IRI, and no base to resolve it against."""

    code = "relative-iri"


class RemoteContext(RdfSyntaxError):
    """A JSON-LD context that would have to be fetched."""

    code = "remote-context"


class NotText(RdfSyntaxError):
    """The input is no UTF-8 text."""

    code = "not-utf-8"


class NotRdf11Statement(RdfSyntaxError):
    """A statement that RDF 1.1 does not have: a triple term or a base direction."""

    code = "not-rdf-1-1-statement"


class FileUnreadable(InputRefused):
    """The file cannot be opened or read."""

    code = "file-unreadable"


class BadBase(WrongUsage):
    """The base is no absolute IRI."""

    code = "bad-base-iri"


def read_quads(source: Source, format: str | Format | None = None, base: str | None = None) -> Iterator[ox.Quad]:
    r"""The statements of an RDF document, in its order; blank nodes keep their labels.

    `format` is an extension or a media type; without it the path's extension decides.
    `base` is the IRI that relative ones are resolved against.
    Raises UnknownFormat and BadBase at once, and a leaf of RdfSyntaxError or FileUnreadable while reading.

    >>> [str(quad.object) for quad in read_quads(b"<s> <p> 'x', 1 .", "ttl", base="http://example.org/")]
    ['"x"', '"1"^^<http://www.w3.org/2001/XMLSchema#integer>']
    >>> next(read_quads(b"<s> <p> 'x' .", "ttl"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    anchoring.rdf.rdf_input.RelativeIri: the input:1:1: relative IRI: No scheme found in an absolute IRI; give ...
    """
    found = choose_format(source, format)
    if base is not None:
        try:
            ox.NamedNode(base)
        except ValueError as error:
            raise BadBase(f"the base {base[:200]!r}: {error}", remedy="give an absolute IRI, with its scheme") from None
    return _read(source, found, base)


def choose_format(source: Source, format: str | Format | None) -> Format:
    """The syntax named, or that of the path; raises UnknownFormat."""
    if isinstance(format, Format):
        return format
    if format is not None:
        return find_format(format)
    if isinstance(source, (str, os.PathLike)):
        return format_of_file(source)
    raise WrongUsage("no RDF syntax is named, and the input has no file name", remedy="name it: --format nq")


def place_of(source: Source) -> str:
    """How errors name the source."""
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    return "the input" if isinstance(source, bytes) else str(getattr(source, "name", "the input"))


def open_source(source: Source) -> BinaryIO:
    """The source as a binary stream after its byte order mark, if it has one; raises FileUnreadable."""
    if isinstance(source, bytes):
        return io.BytesIO(source.removeprefix(_BOM))
    if not isinstance(source, (str, os.PathLike)):
        return source
    try:
        stream = Path(source).open("rb")  # noqa: SIM115  # closed by whoever asked for it
        if stream.read(len(_BOM)) != _BOM:
            stream.seek(0)
    except OSError as error:
        raise FileUnreadable(
            f"{os.fspath(source)}: {error.strerror or error}", remedy="check the path and its permissions"
        ) from error
    return stream


def parse_lines(text: bytes, format: Format, place: str, lines_before: int) -> Iterator[ox.Quad]:
    """The statements of a stretch of N-Quads or N-Triples that begins after `lines_before` lines of `place`."""
    return _checked(io.BytesIO(text), format, None, place, lines_before)


def _read(source: Source, format: Format, base: str | None) -> Iterator[ox.Quad]:
    stream = open_source(source)
    try:
        yield from _checked(stream, format, base, place_of(source), 0)
    finally:
        if stream is not source:
            stream.close()


_ENTITY = re.compile(rb"<!ENTITY(?=\s)(?:\s+([^\s%&\"'<>]+)\s+(?:\"([^\"]*)\"|'([^']*)')\s*>)?", re.IGNORECASE)
_ENTITY_GROWTH = 10
_CUT_OFF = 3  # expat's XML_ERROR_NO_ELEMENTS


def _check_entities(document: bytes, place: str) -> None:
    """Refuses XML entities that grow without measure: the parser expands whatever it is told to.

    Entities as OWL files use them (a namespace each) pass; nested, external and huge ones do not.
    """
    grown = 0
    for declared in _ENTITY.finditer(document):
        name, value = declared[1], declared[2] or declared[3] or b""
        if name is None or b"&" in value:
            raise RdfSyntaxError(
                f"{place}: the entity declaration {declared[0][:80]!r} is external or refers to another entity",
                remedy="write the entity's text out",
            )
        grown += len(value) * document.count(b"&" + name + b";")
    if grown > _ENTITY_GROWTH * len(document):
        raise RdfSyntaxError(
            f"{place}: XML entities would make the document more than {_ENTITY_GROWTH} times as long",
            remedy="write the entities' text out",
        )


_XML_DEPTH = 1_000


def _check_elements(document: bytes, place: str) -> RdfSyntaxError | None:
    """Refuses elements in each other without end; gives the error of a document that is cut off, to raise at its end.

    The parser takes what is cut off between two tags for whole. What else is wrong with the XML is left to it.
    """
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _XML_DEPTH:
            raise RdfSyntaxError(
                f"{place}:{parser.CurrentLineNumber}: elements stand in each other more than {_XML_DEPTH} deep",
                remedy="write the nodes beside each other, with rdf:about or rdf:nodeID",
            )

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        if depth and error.code == _CUT_OFF:
            return RdfSyntaxError(
                f"{place}:{error.lineno}: the document ends inside of {depth} elements",
                remedy="fetch or write the file again",
                line=error.lineno,
                column=error.offset + 1,
            )
    return None


def _checked(stream: BinaryIO, format: Format, base: str | None, place: str, lines_before: int) -> Iterator[ox.Quad]:
    cut_off = None
    if format is RDF_XML:  # in one piece, because an entity may be declared anywhere
        document = _read_all(stream, place)
        _check_entities(document, place)
        cut_off = _check_elements(document, place)
        stream = io.BytesIO(document)
    watched = _Watched(stream)
    guard = _NO_BASE if format is JSON_LD and base is None else None
    used = None if format.by_line else (base or guard)
    try:
        for quad in ox.parse(cast("BinaryIO", watched), format=format.parser, base_iri=used):
            if guard:
                _refuse_guarded(quad, place)
            if isinstance(quad.object, ox.Triple) or getattr(quad.object, "direction", None) is not None:
                raise NotRdf11Statement(
                    f"{place}: {str(quad)[:300]} has a triple term or a base direction, which are RDF 1.2",
                    remedy="convert the document to RDF 1.1",
                )
            yield quad
    except SyntaxError as error:
        raise _translated(error, watched, format, place, lines_before) from None
    except OSError as error:
        raise FileUnreadable(f"{place}: {error}", remedy="check the file and its permissions") from error
    if cut_off is not None:
        raise cut_off
    if format is RDF_XML and watched.length == 0:
        raise RdfSyntaxError(f"{place}: empty, and so no XML document", remedy="check that the file was written")


def _read_all(stream: BinaryIO, place: str) -> bytes:
    try:
        return stream.read()
    except OSError as error:
        raise FileUnreadable(f"{place}: {error}", remedy="check the file and its permissions") from error


class _Watched(io.RawIOBase):
    """The stream as the parser reads it; it remembers what an error message needs: first bytes and UTF-8."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.start = b""
        self.length = 0
        self.lines = 0
        self.bad_utf8: tuple[int, int, bytes] | None = None
        self._pending = b""
        self._column = 0  # bytes of the line in which `_pending` begins, before it

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes of the stream."""
        chunk = self._stream.read(size)
        if len(self.start) < 8:
            self.start = (self.start + chunk)[:8]
        self.length += len(chunk)
        if self.bad_utf8 is None:
            self._look(chunk)
        return chunk

    def _look(self, chunk: bytes) -> None:
        text = self._pending + chunk
        try:
            text.decode()
        except UnicodeDecodeError as error:
            if chunk and error.reason == "unexpected end of data" and error.end == len(text):
                self._pass_by(text[: error.start])
                self._pending = text[error.start :]
                return
            good, bad = text[: error.start], text[error.start : error.end]
            self._pass_by(good)
            self.bad_utf8 = (self.lines + 1, self._column + 1, bad)
            return
        self._pending = b""
        self._pass_by(text)

    def _pass_by(self, text: bytes) -> None:
        end = text.rfind(b"\n") + 1
        self.lines += text.count(b"\n")
        self._column = len(text) - end + (0 if end else self._column)


def _refuse_guarded(quad: ox.Quad | ox.Triple, place: str) -> None:
    terms = (quad.subject, quad.predicate, quad.object, getattr(quad, "graph_name", None))
    values = [term.value for term in terms if isinstance(term, ox.NamedNode)]
    values += [term.datatype.value for term in terms if isinstance(term, ox.Literal)]
    for value in values:
        if value.startswith(_NO_BASE[: _NO_BASE.index(":") + 1]):
            relative = value.removeprefix(_NO_BASE)
            raise RelativeIri(f"{place}: relative IRI {relative!r}", remedy=_BASE_REMEDY)


_BASE_REMEDY = "give the document's own address: --base IRI"
_PARSER_SAYS = re.compile(r"(?:Parser error [^:]*: )?(.*)", re.DOTALL)
_TRAILING_LINE = re.compile(r" \(line \d+\)$")


def _translated(error: SyntaxError, watched: _Watched, format: Format, place: str, lines_before: int) -> RdfSyntaxError:
    """The parser's error as a leaf of our tree, with file, line and column."""
    for signature, kind, remedy in _SIGNATURES:
        if watched.start.startswith(signature):
            return NotText(f"{place}: is {kind}, not {format.name}", remedy=remedy)
    if watched.bad_utf8 is not None:
        line, column, bad = watched.bad_utf8
        line += lines_before
        what = f"{place}:{line}:{column}: {bad!r} is not UTF-8"
        return NotText(what, remedy="convert the file: iconv -t UTF-8", line=line, column=column)
    message = _TRAILING_LINE.sub("", str(error))
    said = _PARSER_SAYS.fullmatch(message)
    reason = (said[1] if said else message)[:400]
    place_line = None if error.lineno is None else error.lineno + lines_before
    column_ = error.offset if place_line is not None else None
    where = place if place_line is None else f"{place}:{place_line}:{column_}"
    kind_, what, remedy = RdfSyntaxError, reason, f"correct the {format.name} there ({format.specification})"
    if "LoadDocumentCallback" in reason:
        kind_, what = RemoteContext, "a remote @context, and nothing is fetched"
        remedy = "write the context into the document, or expand it first"
    elif "No scheme found" in reason:
        kind_, what = RelativeIri, f"relative IRI: {reason}"
        remedy = "write the IRI with its scheme: this syntax has no base" if format.by_line else _BASE_REMEDY
    elif "Only UTF-8" in reason:
        kind_, remedy = NotText, "convert the file to UTF-8 and correct its XML declaration"
    return kind_(f"{where}: {what}", remedy=remedy, line=place_line, column=column_)
