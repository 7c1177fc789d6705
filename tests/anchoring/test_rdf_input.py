"""Reading RDF: every syntax, and errors that say where and what to do."""

from __future__ import annotations

import gzip
import io

import pyoxigraph as ox
import pytest

from anchoring.errors import TriplockError, WrongUsage
from anchoring.rdf.canonical import canonical_lines
from anchoring.rdf.formats import FORMATS, UnknownFormat, find_format, format_of_file
from anchoring.rdf.rdf_input import (
    BadBase,
    FileUnreadable,
    NotRdf11Statement,
    NotText,
    RdfSyntaxError,
    RelativeIri,
    RemoteContext,
    read_quads,
)

SAME = {
    "nq": b'<http://e.org/s> <http://e.org/p> "x"@en .\n'
    b'<http://e.org/s> <http://e.org/p> _:b .\n_:b <http://e.org/p> "1" .',
    "nt": b'<http://e.org/s> <http://e.org/p> "x"@en .\n'
    b'<http://e.org/s> <http://e.org/p> _:z .\n_:z <http://e.org/p> "1" .',
    "ttl": b'@base <http://e.org/> . <s> <p> "x"@EN, [ <p> "1" ] .',
    "trig": b'@base <http://e.org/> . { <s> <p> "x"@en, [ <p> "1" ] }',
    "rdf": b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://e.org/">
      <rdf:Description rdf:about="http://e.org/s"><p xml:lang="en">x</p><p rdf:parseType="Resource"><p>1</p></p>
      </rdf:Description></rdf:RDF>""",
    "jsonld": b"""{"@context": {"@vocab": "http://e.org/"}, "@id": "http://e.org/s",
      "p": [{"@value": "x", "@language": "en"}, {"p": "1"}]}""",
}


@pytest.mark.parametrize("extension", SAME)
def test_every_syntax_gives_the_same_lines(extension, tmp_path):
    expected = canonical_lines(SAME["nq"], "nq")
    assert len(expected) == 3
    file = tmp_path / f"graph.{extension}"
    file.write_bytes(SAME[extension])
    assert canonical_lines(file) == canonical_lines(str(file)) == expected
    assert canonical_lines(SAME[extension], find_format(extension).media_type) == expected
    assert canonical_lines(io.BytesIO(SAME[extension]), extension) == expected
    file.write_bytes(b"\xef\xbb\xbf" + SAME[extension])
    assert canonical_lines(file) == expected


def test_formats_are_told_apart_by_name_extension_and_media_type():
    names = [name for format in FORMATS for name in (format.name.lower(), *format.extensions, *format.media_types)]
    assert len(names) - len(set(names)) == 3  # "turtle", "trig" and "json-ld" are name and extension
    for format in FORMATS:
        for name in (format.name, f".{format.extension}", f"{format.media_type}; charset=utf-8"):
            assert find_format(name) is format
        assert format_of_file(f"folder.x/file.{format.extension.upper()}") is format
        assert format.parser.media_type == format.media_type


@pytest.mark.parametrize("name", ["n3", "", "text/html", "ttl.gz"])
def test_other_formats_are_refused(name):
    with pytest.raises(UnknownFormat, match="nq, nt, ttl"):
        find_format(name)


def refusal(data, format, **options):
    with pytest.raises(TriplockError) as caught:
        list(read_quads(data, format, **options))
    return caught.value


@pytest.mark.parametrize(
    ("format", "data", "line", "column", "kind"),
    [
        ("nq", b'<a:b> <a:b> "x" .\n<a:b> "x" <a:b> .\n', 2, 7, RdfSyntaxError),
        ("nq", b'"x" <a:b> <a:b> .', 1, 1, RdfSyntaxError),
        ("nq", b"<a:b> _:b <a:b> .", 1, 7, RdfSyntaxError),
        ("nt", b'\n\n<a:b> <a:b> "x" <a:g> .', 3, 17, RdfSyntaxError),
        ("nq", b"<a:b> <a:b> <c> .", 1, 13, RelativeIri),
        ("ttl", b"<a:b> a\n  <c> .", 2, 3, RelativeIri),
        ("ttl", b'<a:b> <a:b> "caf\xe9" .', 1, 17, NotText),
        ("nq", b'<a:b> <a:b> "x" .\n<a:b> <a:b> "\xff" .\n', 2, 14, NotText),
        ("ttl", b"<a:b> <a:b> x:y .", 1, 13, RdfSyntaxError),
        ("ttl", b"<a:b> <a:b> <a:b>", 1, 18, RdfSyntaxError),
        ("jsonld", b'{"@id":', 1, 8, RdfSyntaxError),
        ("jsonld", b"", 1, 1, RdfSyntaxError),
    ],
)
def test_errors_name_line_and_column(format, data, line, column, kind, tmp_path):
    error = refusal(data, format)
    assert type(error) is kind
    assert (error.line, error.column) == (line, column)
    file = tmp_path / f"graph.{format}"
    file.write_bytes(data)
    assert f"{file}:{line}:{column}: " in str(refusal(file, None))
    with pytest.raises(kind, match=f":{line}:{column}: "):
        canonical_lines(file)


def test_line_numbers_stay_right_in_long_files(tmp_path):
    file = tmp_path / "long.nq"
    file.write_bytes(b"<a:b> <a:b> <a:b> .\n" * 45_000 + b"<a:b> <a:b> .\n")
    with pytest.raises(RdfSyntaxError, match=r"long\.nq:45001:13: "):
        canonical_lines(file)


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (b"<s> <p> <o> .", "ttl"),
        (b'{"@id": "s", "http://e.org/p": 1}', "jsonld"),
        (b'{"@id": "http://e.org/s", "http://e.org/p": {"@id": "//host/o"}}', "jsonld"),
        (b'{"@id": "http://e.org/s", "@type": "T"}', "jsonld"),
        (SAME["rdf"].replace(b"http://e.org/s", b"s"), "rdf"),
    ],
)
def test_relative_iris_need_a_base(data, format):
    error = refusal(data, format)
    assert type(error) is RelativeIri
    assert "--base" in error.remedy
    quads = list(read_quads(data, format, base="http://e.org/"))
    assert all(str(quad.subject).startswith(("<http://e.org/", "_:")) for quad in quads)
    assert quads


@pytest.mark.parametrize("base", ["relative", "", "http://a b/"])
def test_a_base_that_is_no_iri_is_refused_at_once(base):
    with pytest.raises(BadBase):
        read_quads(b"", "ttl", base=base)


@pytest.mark.parametrize(
    "context",
    [
        '"http://127.0.0.1:9/c"',
        '["http://127.0.0.1:9/c"]',
        '{"@import": "http://127.0.0.1:9/c"}',
        '{"a": {"@id": "http://e.org/a", "@context": "http://127.0.0.1:9/c"}}',
    ],
)
def test_remote_contexts_are_never_fetched(context):
    error = refusal(f'{{"@context": {context}, "@id": "a:b", "a": {{"a": 1}}}}'.encode(), "jsonld")
    assert type(error) is RemoteContext
    assert "into the document" in error.remedy


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (gzip.compress(b"<a:b> <a:b> <a:b> .", mtime=0), "gzip"),
        ("<a:b> <a:b> <a:b> .".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"%PDF-1.7", "PDF"),
        (bytes(range(256)), "not"),
    ],
)
@pytest.mark.parametrize("format", [format.extension for format in FORMATS])
def test_what_is_no_text_is_refused_by_its_kind(data, word, format):
    error = refusal(data, format)
    assert isinstance(error, RdfSyntaxError)
    if word != "not":
        assert word in error.what


class _InPieces(io.RawIOBase):
    """A stream that gives a few bytes at a time."""

    def __init__(self, content, size):
        self._rest, self._size = content, size

    def readable(self):
        return True

    def read(self, size=-1, /):
        piece, self._rest = self._rest[: self._size], self._rest[self._size :]
        return piece


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 20, 1000])
def test_the_place_of_bad_utf_8_does_not_depend_on_how_the_bytes_come(size):
    content = '<a:b> <a:p> "é" .\n<a:b> <a:p> "éé'.encode() + b"\xff" + b'" .\n'
    with pytest.raises(NotText) as caught:
        list(read_quads(_InPieces(content, size), "nq"))
    assert (caught.value.line, caught.value.column) == (2, 18)


@pytest.mark.parametrize("text", [b"<a:b> <a:b> <<( <a:b> <a:b> <a:b> )>> .", b'<a:b> <a:b> "x"@en--ltr .'])
@pytest.mark.parametrize("format", ["nq", "nt", "ttl", "trig"])
def test_rdf_1_2_is_refused(text, format):
    error = refusal(text, format)
    assert type(error) is NotRdf11Statement
    with pytest.raises(NotRdf11Statement):
        canonical_lines(text, format)


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ('<a:b> <a:p> <a:c> {| <a:q> "x" |} .', "ttl"),
        ("<a:b> <a:p> <a:c> ~ <a:r> .", "trig"),
        ("<< <a:b> <a:p> <a:c> >> <a:q> <a:d> .", "ttl"),
        ("<< <a:b> <a:p> <a:c> ~ <a:r> >> <a:q> <a:d> .", "trig"),
        ('{"@id": "a:b", "a:p": {"@value": "x", "@direction": "rtl", "@language": "ar"}}', "jsonld"),
        (
            (
                '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="a:" rdf:version="1.2">'
                '<rdf:Description rdf:about="a:b"><e:p rdf:annotation="a:r">x</e:p></rdf:Description></rdf:RDF>'
            ),
            "rdf",
        ),
    ],
)
def test_what_stands_for_a_triple_term_is_refused_too(text, format):
    assert type(refusal(text.encode(), format)) is NotRdf11Statement


@pytest.mark.parametrize("format", ["nq", "nt", "ttl", "trig"])
def test_an_empty_document_is_an_empty_dataset_where_the_grammar_says_so(format):
    assert canonical_lines(b"", format) == canonical_lines(b"# nothing\n\n", format) == []


@pytest.mark.parametrize("format", ["rdf", "jsonld"])
def test_an_empty_document_is_refused_where_the_grammar_wants_one(format):
    assert isinstance(refusal(b"", format), RdfSyntaxError)


def with_entities(declarations, value):
    return f"<!DOCTYPE r [{declarations}]>".encode() + SAME["rdf"].replace(b">x<", f">{value}<".encode())


@pytest.mark.parametrize(
    "data",
    [
        with_entities('<!ENTITY a "lol"><!ENTITY b "&a;&a;">', "&b;"),
        with_entities('<!ENTITY a "lol"><!ENTITY b "&#38;a;&#38;a;">', "&b;"),
        with_entities('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
        with_entities('<!ENTITY % a "lol">', "x"),
        with_entities(f'<!ENTITY a "{"x" * 5000}">', "&a;" * 5000),
    ],
)
def test_xml_entities_that_grow_are_refused(data):
    assert "entit" in refusal(data, "rdf").what


def test_xml_entities_for_namespaces_are_read():
    data = with_entities('<!ENTITY e "http://e.org/">', "x").replace(b'"http://e.org/s"', b'"&e;s"')
    assert canonical_lines(data, "rdf") == canonical_lines(SAME["rdf"], "rdf")


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    assert isinstance(refusal(tmp_path / "none.nq", None), FileUnreadable)
    assert str(tmp_path) in str(refusal(tmp_path, "nq"))
    with pytest.raises(FileUnreadable):
        canonical_lines(tmp_path / "none.nq")


def test_bytes_without_a_format_are_wrong_usage():
    with pytest.raises(WrongUsage, match="--format"):
        read_quads(b"")
    with pytest.raises(UnknownFormat, match="no extension"):
        read_quads("README")


def test_blank_nodes_keep_their_labels():
    (quad,) = read_quads(b"_:a <a:b> _:c .", "ttl")
    assert (quad.subject, quad.object) == (ox.BlankNode("a"), ox.BlankNode("c"))


XML = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="urn:x:">'


def test_rdf_xml_that_is_cut_off_is_refused() -> None:
    whole = XML + b'<rdf:Description rdf:about="urn:a"><x:p>v</x:p></rdf:Description></rdf:RDF>'
    assert len(list(read_quads(whole, "rdf"))) == 1
    for length in range(1, len(whole)):
        with pytest.raises(RdfSyntaxError):
            list(read_quads(whole[:length], "rdf"))


def test_rdf_xml_that_nests_without_end_is_refused() -> None:
    deep = XML + b"<x:a><x:b>" * 100_000
    with pytest.raises(RdfSyntaxError, match="deep"):
        list(read_quads(deep, "rdf"))
