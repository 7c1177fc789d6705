"""The RDF syntaxes that triplock reads, each with its extensions and media types: the one registry.

>>> find_format("text/turtle; charset=utf-8").name, find_format(".NQ").name, find_format("rdf").name
('Turtle', 'N-Quads', 'RDF/XML')
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePath

import pyoxigraph as ox

from anchoring.errors import WrongUsage


class UnknownFormat(WrongUsage):
    """No RDF syntax has that name, extension or media type."""

    code = "unknown-rdf-format"


@dataclass(frozen=True, slots=True)
class Format:
    """One RDF syntax.

    `extensions` are without the dot, the usual one first; `media_types` likewise.
    `by_line` says that a statement is a line; `named_graphs` that it can hold a dataset, not only a graph.
    """

    name: str
    parser: ox.RdfFormat
    extensions: tuple[str, ...]
    media_types: tuple[str, ...]
    specification: str
    named_graphs: bool
    by_line: bool = False

    @property
    def extension(self) -> str:
        """The usual extension, without the dot."""
        return self.extensions[0]

    @property
    def media_type(self) -> str:
        """The registered media type."""
        return self.media_types[0]


N_QUADS = Format(
    "N-Quads",
    ox.RdfFormat.N_QUADS,
    ("nq", "nquads"),
    ("application/n-quads", "text/x-nquads"),
    "https://www.w3.org/TR/n-quads/",
    named_graphs=True,
    by_line=True,
)
N_TRIPLES = Format(
    "N-Triples",
    ox.RdfFormat.N_TRIPLES,
    ("nt", "ntriples"),
    ("application/n-triples", "text/plain"),
    "https://www.w3.org/TR/n-triples/",
    named_graphs=False,
    by_line=True,
)
TURTLE = Format(
    "Turtle",
    ox.RdfFormat.TURTLE,
    ("ttl", "turtle"),
    ("text/turtle", "application/x-turtle"),
    "https://www.w3.org/TR/turtle/",
    named_graphs=False,
)
TRIG = Format(
    "TriG",
    ox.RdfFormat.TRIG,
    ("trig",),
    ("application/trig", "application/x-trig"),
    "https://www.w3.org/TR/trig/",
    named_graphs=True,
)
RDF_XML = Format(
    "RDF/XML",
    ox.RdfFormat.RDF_XML,
    ("rdf", "owl", "rdfs", "xml"),
    ("application/rdf+xml", "application/xml", "text/xml"),
    "https://www.w3.org/TR/rdf-syntax-grammar/",
    named_graphs=False,
)
JSON_LD = Format(
    "JSON-LD",
    ox.RdfFormat.JSON_LD,
    ("jsonld", "json-ld", "json"),
    ("application/ld+json", "application/json"),
    "https://www.w3.org/TR/json-ld11/",
    named_graphs=True,
)

FORMATS: tuple[Format, ...] = (N_QUADS, N_TRIPLES, TURTLE, TRIG, RDF_XML, JSON_LD)


def find_format(name: str) -> Format:
    """The syntax with that name, extension (with or without dot) or media type; raises UnknownFormat."""
    wanted = name.split(";")[0].strip().lower()
    for format in FORMATS:
        if wanted.removeprefix(".") in format.extensions or wanted in (format.name.lower(), *format.media_types):
            return format
    raise UnknownFormat(
        f"{name[:100]!r} is no RDF syntax that is read here",
        remedy=f"name one of {', '.join(format.extension for format in FORMATS)}, or a media type",
    )


def format_of_file(path: str | os.PathLike[str]) -> Format:
    """The syntax that the file's extension names; raises UnknownFormat."""
    extension = PurePath(path).suffix
    if not extension:
        raise UnknownFormat(f"{os.fspath(path)} has no extension", remedy="name the syntax: --format nq")
    return find_format(extension)
