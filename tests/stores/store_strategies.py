"""Quads that try a store: few names so that things collide, and values that lose something in careless hands."""

from __future__ import annotations

from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")

SUBJECTS = [NamedNode(f"https://graph.example/{name}") for name in ("a", "b", "é/ü", "%20", "a#b")]
PREDICATES = [
    RDF_TYPE,
    NamedNode("https://one.example/name"),
    NamedNode("https://two.example/name"),
    NamedNode("https://one.example/Name"),
    NamedNode("https://one.example/deployedOn"),
    NamedNode("https://one.example/kg"),
    NamedNode("https://one.example/iri"),
    NamedNode("urn:')-(:HACK)-()//'"),
    NamedNode("https://one.example/名前"),
    NamedNode("https://one.example/1"),
]
GRAPHS = [
    DefaultGraph(),
    NamedNode("https://graph.example/doc/bafk/claim/a"),
    NamedNode("https://graph.example/doc/bafk/claim/b"),
    NamedNode("https://graph.example/doc/bafk/activity/" + "a" * 32),
    NamedNode("https://graph.example/a"),
]
NUMBERS = ["1", "01", "+1", "1.0", "1.10", "1.1", "-0", ".5", "1e0", "NaN", "INF", "9" * 30, "9223372036854775808"]
TYPES = ["integer", "decimal", "double", "float", "int", "boolean", "unsignedByte"]
DATES = ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000Z", "2020-01-01T24:00:00Z", "2020-01-01T00:00:00+00:00", "x"]


def typed(text: str, name: str) -> Literal:
    """A literal of an XML Schema datatype, valid or not."""
    return Literal(text, datatype=NamedNode(XSD + name))


characters = st.characters(codec="utf-8", categories=None)
texts = st.one_of(
    st.sampled_from(
        ["", "a", "\0", "\x1b[31m", "😀", "é", "e\u0301", '"', "\\", "\r\n", "\u2028", "\ufffe", "'); DROP"]
    ),
    st.text(characters, max_size=12),
    st.integers(1, 2).map(lambda n: "long" * 2_500 * n),
)
literals = st.one_of(
    texts.map(Literal),
    st.builds(typed, st.sampled_from(NUMBERS), st.sampled_from(TYPES)),
    st.builds(
        lambda v, t: Literal(v, datatype=NamedNode(XSD + t)),
        st.sampled_from(DATES),
        st.sampled_from(["dateTime", "date"]),
    ),
    st.builds(lambda v, t: Literal(v, language=t), texts, st.sampled_from(["en", "en-GB", "zh-Hant", "x-y"])),
    st.builds(lambda v: Literal(v, datatype=NamedNode("https://types.example/t")), texts),
    st.sampled_from(["true", "1", "yes"]).map(lambda v: typed(v, "boolean")),
)
quads = st.builds(
    Quad,
    st.sampled_from(SUBJECTS),
    st.sampled_from(PREDICATES),
    st.one_of(st.sampled_from(SUBJECTS), literals),
    st.sampled_from(GRAPHS),
)
quad_lists = st.lists(quads, max_size=12)
