"""The canonical line: what it is, what it is not, and that other libraries read it as the same statement."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from anchoring.rdf.nquads import (
    NotCanonical,
    NotRdf11,
    check_canonical,
    is_canonical,
    is_ground_canonical,
    parse_line,
    serialize,
)

XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40) | st.text(
    st.sampled_from(
        '\0\1\x07\b\t\n\x0b\f\r\x0e\x1f\x7f\x80\x85\u2028\ufeff\ufffd\ufffe\uffff\U0001f600\U0010ffff"\\<>@^ ué'
    )
)
IRIS = st.builds(
    lambda scheme, rest: f"{scheme}:{rest}",
    st.sampled_from(["http", "urn", "did", "eip155", "z39.50+x-1"]),
    st.text(st.sampled_from("abz09/-._~:@!$&'()*+,;=éλ字"), min_size=1, max_size=20).map(
        lambda text: "x" + text.replace("//", "/")
    ),
).filter(lambda iri: _is_iri(iri))
LANGUAGES = st.sampled_from(["en", "zh-hans-cn", "de-1996", "x-klingon"])


def _is_iri(iri):
    try:
        ox.NamedNode(iri)
    except ValueError:
        return False
    return True


NODES = st.builds(ox.NamedNode, IRIS)
BLANKS = st.builds(lambda n: ox.BlankNode(f"c14n{n}"), st.integers(0, 10**12))
LITERALS = (
    st.builds(ox.Literal, TEXTS)
    | st.builds(lambda text, language: ox.Literal(text, language=language), TEXTS, LANGUAGES)
    | st.builds(lambda text, datatype: ox.Literal(text, datatype=datatype), TEXTS, NODES)
)
QUADS = st.builds(
    ox.Quad, NODES | BLANKS, NODES, NODES | BLANKS | LITERALS, NODES | BLANKS | st.just(ox.DefaultGraph())
)


@given(QUADS)
def test_a_serialized_quad_is_canonical_and_reads_back(quad):
    line = serialize(quad)
    check_canonical(line)
    assert is_canonical(line)
    assert parse_line(line) == quad
    assert serialize(parse_line(line)) == line


@given(QUADS)
def test_pyoxigraph_writes_and_reads_the_same_line(quad):
    line = serialize(quad)
    assert ox.serialize([quad], format=ox.RdfFormat.N_QUADS).rstrip(b"\n") == line
    assert list(ox.parse(line, format=ox.RdfFormat.N_QUADS)) == [quad]


@given(NODES, TEXTS, LANGUAGES | st.none())
def test_rdflib_reads_the_same_literal(node, text, language):
    line = serialize(ox.Quad(node, node, ox.Literal(text, language=language)))
    graph = rdflib.Graph().parse(data=line + b"\n", format="nt")
    ((subject, _, literal),) = graph
    assert str(subject) == node.value
    assert str(literal) == text
    assert literal.language == language


@pytest.mark.parametrize(
    "code_point", [*range(0x300), 0x2028, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x1FFFE, 0x10FFFF]
)
def test_every_character_has_one_spelling(code_point):
    character = chr(code_point)
    line = serialize(ox.Quad(ox.NamedNode("a:b"), ox.NamedNode("a:b"), ox.Literal(character)))
    spellings = {
        f'<a:b> <a:b> "{spelling}" .'.encode()
        for spelling in (
            character,
            f"\\u{code_point:04X}" if code_point < 0x10000 else character,
            f"\\u{code_point:04x}" if code_point < 0x10000 else character,
            f"\\U{code_point:08X}",
            {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}.get(
                character, character
            ),
        )
    }
    assert [spelling for spelling in spellings if is_canonical(spelling)] == [line]


S = "<http://example.org/s>"
REFUSED = [
    ("", 1),
    ("#", 1),
    (f"{S} {S} {S}", 69),
    (f"{S} {S} {S} . ", 70),
    (f"{S} {S} {S} .\n", 70),
    (f" {S} {S} {S} .", 1),
    (f"{S}  {S} {S} .", 24),
    (f"{S}\t{S} {S} .", 23),
    (f"{S} {S} {S}.", 69),
    (f"<s> {S} {S} .", 1),
    (f"{S} <:p> {S} .", 24),
    (f"{S} <1a:p> {S} .", 24),
    (f"{S} <http://a\\u0041> {S} .", 24),
    (f"{S} <http://a b> {S} .", 24),
    (f'{S} {S} "x"^^<{XSD_STRING}> .', 47),
    (f'{S} {S} "x"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString> .', 47),
    (f'{S} {S} "x"^^<integer> .', 47),
    (f'{S} {S} "x"@EN .', 47),
    (f'{S} {S} "x"@en-US .', 47),
    (f'{S} {S} "x"@ .', 47),
    (f'{S} {S} "x"@en- .', 47),
    (f'{S} {S} "x"@en--ltr .', 47),
    (f'{S} {S} "\\u0041" .', 47),
    (f'{S} {S} "\\u000A" .', 47),
    (f'{S} {S} "\\u000b" .', 47),
    (f'{S} {S} "\\\'" .', 47),
    (f'{S} {S} "\t" .', 47),
    (f"{S} {S} 'x' .", 47),
    (f'"x" {S} {S} .', 1),
    (f"_:c14n0 _:c14n0 {S} .", 9),
    (f'{S} {S} {S} "g" .', 70),
    (f"_:b0 {S} {S} .", 1),
    (f"_:c14n01 {S} {S} .", 8),
    (f"{S} {S} <<( {S} {S} {S} )>> .", 47),
    (f"{S} {S} {S} {S} {S} .", 93),
    (f"{S} {S} {S} . # comment", 70),
]


@pytest.mark.parametrize(("line", "column"), REFUSED)
def test_what_is_not_canonical_is_refused_with_its_column(line, column):
    assert not is_canonical(line.encode())
    with pytest.raises(NotCanonical) as caught:
        check_canonical(line.encode())
    assert caught.value.column == column
    assert caught.value.reason in str(caught.value)


@pytest.mark.parametrize("bad", [b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xe2\x82"])
def test_bytes_that_are_no_utf_8_are_refused(bad):
    line = b'<a:b> <a:b> "' + bad + b'" .'
    assert not is_canonical(line)
    assert not is_ground_canonical(line)
    with pytest.raises(NotCanonical, match="not UTF-8") as caught:
        check_canonical(line)
    assert caught.value.column == 14


@given(QUADS, st.data())
def test_a_changed_line_is_refused_or_says_something_else(quad, data):
    line = serialize(quad)
    at = data.draw(st.integers(0, len(line) - 1))
    changed = line[:at] + data.draw(st.binary(max_size=2)) + line[at + 1 :]
    if is_canonical(changed) and changed != line:
        assert parse_line(changed) != quad
        assert serialize(parse_line(changed)) == changed


@given(st.binary(max_size=80))
def test_refusing_and_explaining_agree(line):
    if not is_canonical(line):
        with pytest.raises(NotCanonical):
            check_canonical(line)


def test_ground_lines_are_told_from_those_with_blank_nodes():
    assert is_ground_canonical(b'<a:b> <a:b> "_:c14n0" <a:g> .')
    assert not is_ground_canonical(b'<a:b> <a:b> "_:c14n0" <a:g> .', graph_name=False)
    for line in (b"_:c14n0 <a:b> <a:b> .", b"<a:b> <a:b> _:c14n0 .", b"<a:b> <a:b> <a:b> _:c14n0 ."):
        assert is_canonical(line)
        assert not is_ground_canonical(line)


def test_language_tags_are_written_in_lower_case():
    (quad,) = ox.parse(b'<a:b> <a:b> "x"@zh-Hans-CN .', format=ox.RdfFormat.N_QUADS)
    assert serialize(quad) == b'<a:b> <a:b> "x"@zh-hans-cn .'


@pytest.mark.parametrize("text", [b"<a:b> <a:b> <<( <a:b> <a:b> <a:b> )>> .", b'<a:b> <a:b> "x"@en--ltr .'])
def test_rdf_1_2_terms_are_refused(text):
    (quad,) = ox.parse(text, format=ox.RdfFormat.N_QUADS)
    with pytest.raises(NotRdf11, match=r"RDF 1\.1"):
        serialize(quad)


def test_long_lines_take_linear_time():
    text = "\\u0007" * 100_000
    assert is_canonical(f'<a:b> <a:b> "{text}" .'.encode())
    assert not is_canonical(f'<a:b> <a:b> "{text}\\x" .'.encode())
    assert not is_canonical(b"<a:b> <a:b> <a:" + b"b" * 1_000_000)
