r"""Answers, and how they are written: tables for people, the SPARQL 1.1 formats for programs.

JSON: https://www.w3.org/TR/sparql11-results-json/ ; XML: https://www.w3.org/TR/rdf-sparql-XMLres/ ;
CSV and TSV: https://www.w3.org/TR/sparql11-results-csv-tsv/

Literals are hostile text. On a terminal, and always in tables, control characters, bidirectional overrides and
everything else that does not print is shown as an escape. CSV holds values as they are, as its specification says: a
spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, so open untrusted CSV as text.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TextIO, TypeAlias

import pyoxigraph
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, RdfFormat, Triple

from kg.claims.vocabulary import PREFIXES
from queries.errors import QueryRefused, UnknownFormat

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Solutions:
    """The answer of SELECT: one term, or None where unbound, for each variable of each row."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    truncated: bool = False
    """Whether the row limit cut it off."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The answer of ASK."""

    value: bool


@dataclass(frozen=True, slots=True)
class Triples:
    """The answer of CONSTRUCT and DESCRIBE."""

    triples: tuple[Triple, ...]
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """The answer of a Cypher query: JSON values for each column of each row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Json, ...], ...]
    truncated: bool = False


Result: TypeAlias = Solutions | Truth | Triples | Rows

FORMATS: dict[str, tuple[str, ...]] = {
    "table": (),
    "csv": ("text/csv",),
    "tsv": ("text/tab-separated-values",),
    "json": ("srj", "application/sparql-results+json", "application/json"),
    "xml": ("srx", "application/sparql-results+xml"),
    "ttl": ("turtle", "text/turtle"),
    "nt": ("ntriples", "application/n-triples"),
}
"""The formats, with the other names (extensions and media types) that each answers to."""

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_C1 = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def format_named(name: str) -> str:
    """The format with this extension or media type; raises UnknownFormat.

    >>> format_named("application/sparql-results+json"), format_named(".TSV")
    ('json', 'tsv')
    """
    wanted = name.lower().lstrip(".").partition(";")[0].strip()
    for known, others in FORMATS.items():
        if wanted == known or wanted in others:
            return known
    raise UnknownFormat(f"{name!r} is no format of answers", remedy=f"use one of {', '.join(FORMATS)}")


def write(result: Result, format: str, stream: TextIO) -> None:
    """Write an answer, in text, to `stream`; raises UnknownFormat where kind of answer and format do not fit.

    Tables fit all. Triples are written as ttl, nt or json (JSON-LD);
    the rest as csv, tsv, json or xml (Cypher rows: not xml).
    """
    known = format_named(format)
    if known == "table":
        _write_table(result, stream)
        return
    text = _text(result, known)
    stream.write(visible(text.replace("\r\n", "\n")) if stream.isatty() else text)


def visible(text: str) -> str:
    r"""Text with everything that does not print shown as an escape; line feeds and tabs stay.

    >>> visible("a\x1b[2J\u202e\x9b")
    'a\\x1b[2J\\u202e\\x9b'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode("ascii") for c in text)


def _text(result: Result, known: str) -> str:
    if isinstance(result, Triples):
        formats = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "json": RdfFormat.JSON_LD}
        if known not in formats:
            raise UnknownFormat(f"triples cannot be written as {known}", remedy="use ttl, nt, json or table")
        prefixes = None if known == "nt" else PREFIXES
        text = str(pyoxigraph.serialize(result.triples, format=formats[known], prefixes=prefixes) or b"", "utf-8")
        return _without_controls(text) + "\n" if known == "json" else text
    if known in {"ttl", "nt"} or (known == "xml" and isinstance(result, Rows)):
        raise UnknownFormat(f"rows cannot be written as {known}", remedy="use json, csv, tsv or table")
    if isinstance(result, Rows):
        return _rows_text(result, known)
    document = sparql_json(result)
    text = _without_controls(json.dumps(document, ensure_ascii=False, indent=2))
    if known == "json":
        return text + "\n"
    if known == "xml" and isinstance(result, Solutions) and _NO_XML.search("".join(map(str, _values(result)))):
        raise QueryRefused("XML cannot hold the control characters in this answer", remedy="use json")
    if isinstance(result, Truth) and known != "xml":
        return f"{str(result.value).lower()}\n"
    parsed: Any = pyoxigraph.parse_query_results(text.encode(), format=QueryResultsFormat.JSON)
    formats_of = {"csv": QueryResultsFormat.CSV, "tsv": QueryResultsFormat.TSV, "xml": QueryResultsFormat.XML}
    serialized = parsed.serialize(format=formats_of[known])
    return str(serialized, "utf-8") + ("\n" if known == "xml" else "")


def _without_controls(text: str) -> str:
    """JSON in which the controls that JSON allows as they are stand as escapes."""
    return _C1.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def _values(result: Solutions) -> list[str]:
    return [term.value for row in result.rows for term in row if isinstance(term, Literal)]


def sparql_json(result: Solutions | Truth) -> dict[str, Json]:
    """The document of the SPARQL 1.1 Query Results JSON Format."""
    if isinstance(result, Truth):
        return {"head": {}, "boolean": result.value}
    bindings: list[Json] = [
        {name: term_json(term) for name, term in zip(result.variables, row, strict=True) if term is not None}
        for row in result.rows
    ]
    return {"head": {"vars": list(result.variables)}, "results": {"bindings": bindings}}


def term_json(term: Term) -> dict[str, Json]:
    """A term in the SPARQL 1.1 Query Results JSON Format (triples as RDF 1.2 has them)."""
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, Triple):
        members = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: term_json(member) for name, member in members.items()}}
    found: dict[str, Json] = {"type": "literal", "value": term.value}
    if term.language is not None:
        found["xml:lang"] = term.language
    elif not term.datatype.value.endswith("#string"):
        found["datatype"] = term.datatype.value
    return found


def _rows_text(result: Rows, known: str) -> str:
    if known == "json":
        document = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
        text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
        return _without_controls(text) + "\n"
    out = io.StringIO()
    writer = csv.writer(out, dialect="excel" if known == "csv" else "excel-tab", lineterminator="\n")
    writer.writerow(result.columns)
    writer.writerows([_cell(value) for value in row] for row in result.rows)
    return out.getvalue()


def _cell(value: Json) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def _write_table(result: Result, stream: TextIO) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if isinstance(result, Truth):
        stream.write("yes\n" if result.value else "no\n")
        return
    columns, rows = _plain_table(result)
    # Elsewhere than on a terminal nothing is wrapped or cut off.
    width = None if stream.isatty() else 1_000_000
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(Text(visible(column)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(cell).replace("\n", "\\n").replace("\t", "\\t")) for cell in row))
    Console(file=stream, width=width, highlight=False, markup=False).print(table)
    if result.truncated:
        stream.write(f"(cut off after {len(rows)} rows)\n")


def _plain_table(result: Solutions | Triples | Rows) -> tuple[Sequence[str], list[list[str]]]:
    if isinstance(result, Rows):
        return result.columns, [[_cell(value) for value in row] for row in result.rows]
    if isinstance(result, Triples):
        return ("subject", "predicate", "object"), [
            [short(t.subject), short(t.predicate), short(t.object)] for t in result.triples
        ]
    return result.variables, [[short(term) for term in row] for row in result.rows]


def short(term: Term | None) -> str:
    """A term as a person reads it: prefixed where a prefix is known, literals without quotes.

    >>> short(NamedNode("http://www.w3.org/ns/prov#used")), short(Literal("x", language="en")), short(None)
    ('prov:used', 'x', '')
    """
    if term is None:
        return ""
    if isinstance(term, Literal):
        return term.value
    if isinstance(term, NamedNode):
        for prefix, namespace in PREFIXES.items():
            local = term.value.removeprefix(namespace)
            if local != term.value and re.fullmatch(r"[A-Za-z0-9_-]+", local):
                return f"{prefix}:{local}"
        return term.value
    return str(term)
