"""Answers are written as the specifications say, and hostile text never steers a terminal."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
import xml.etree.ElementTree as ET

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from queries.errors import QueryRefused, UnknownFormat
from queries.results import FORMATS, Rows, Solutions, Triples, Truth, visible, write

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe\u2066\x7f"
A = NamedNode("x:a")


def written(result: Solutions | Truth | Triples | Rows, format: str, stream: io.StringIO | None = None) -> str:
    out = stream or io.StringIO()
    write(result, format, out)
    return out.getvalue()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


RESULTS = [
    (Solutions(("x",), ((Literal(HOSTILE),),)), ("table", "json", "csv", "tsv")),
    (Triples((Triple(A, A, Literal(HOSTILE)),)), ("table", "ttl", "nt")),
    (Rows((HOSTILE,), ((HOSTILE,), ([HOSTILE],))), ("table", "json", "csv", "tsv")),
]


@pytest.mark.parametrize(("result", "formats"), RESULTS, ids=["solutions", "triples", "rows"])
def test_no_control_character_reaches_a_terminal(result: Solutions, formats: tuple[str, ...]) -> None:
    for format in formats:
        shown = written(result, format, Terminal())
        # Rich's own styling of the header is the only escape, and it holds none of the text.
        shown = shown.replace("\x1b[1m", "").replace("\x1b[0m", "")
        bad = [c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} and c not in "\n\t"]
        assert bad == [], format
        assert "owned" in shown


@given(st.lists(st.tuples(texts, st.none() | texts), min_size=1, max_size=4))
def test_json_csv_and_tsv_give_the_values_back(cells: list[tuple[str, str | None]]) -> None:
    rows = tuple((Literal(a), None if b is None else Literal(b, language="en")) for a, b in cells)
    result = Solutions(("a", "b"), rows)
    bindings = json.loads(written(result, "json"))["results"]["bindings"]
    assert [(b["a"]["value"], b.get("b", {}).get("value")) for b in bindings] == cells
    read = list(csv.reader(io.StringIO(written(result, "csv"), newline="")))
    assert read[1:] == [[a, b or ""] for a, b in cells]
    if all(len(f".{cell}.".splitlines()) == 1 for row in cells for cell in row if cell):  # rdflib splits at U+0085 too
        parsed = rdflib.query.Result.parse(io.BytesIO(written(result, "tsv").encode()), format="tsv")
        assert [str(row[0]) for row in parsed] == [a for a, _ in cells]


def test_xml_is_read_by_another_parser() -> None:
    result = Solutions(("a",), ((Literal("<&>"),), (A,)))
    root = ET.fromstring(written(result, "xml"))
    assert [e.text for e in root.iter() if e.tag.endswith(("literal", "uri"))] == ["<&>", "x:a"]
    assert "<boolean>true</boolean>" in written(Truth(True), "xml")
    with pytest.raises(QueryRefused, match="json"):
        written(Solutions(("a",), ((Literal("\0"),),)), "xml")


def test_triples_are_read_back() -> None:
    triples = Triples((Triple(A, A, Literal("x", language="en")),))
    for format, name in (("ttl", "turtle"), ("nt", "nt")):
        assert len(rdflib.Graph().parse(data=written(triples, format), format=name)) == 1


def test_a_table_cuts_nothing_off_when_it_goes_to_a_file() -> None:
    assert "y" * 5_000 in written(Solutions(("a",), ((Literal("y" * 5_000),),)), "table")
    assert "(cut off after 1 rows)" in written(Solutions(("a",), ((A,),), truncated=True), "table")
    assert "[red]" in written(Solutions(("a",), ((Literal("[red]"),),)), "table")


@pytest.mark.parametrize("names", FORMATS.items(), ids=list(FORMATS))
def test_formats_answer_to_extension_and_media_type(names: tuple[str, tuple[str, ...]]) -> None:
    from queries.results import format_named

    assert {format_named(name) for name in (names[0], "." + names[0].upper(), *names[1])} == {names[0]}


def test_formats_that_do_not_fit_are_refused() -> None:
    for result, format in ((Truth(True), "ttl"), (Triples(()), "csv"), (Rows((), ()), "xml"), (Truth(True), "docx")):
        with pytest.raises(UnknownFormat):
            written(result, format)


@given(st.text())
def test_visible_text_prints(text: str) -> None:
    shown = visible(text.encode("utf-8", "replace").decode())
    assert all(c.isprintable() or c in "\n\t" for c in shown)
