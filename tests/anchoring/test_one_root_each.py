"""Datasets that differ have different roots, and one dataset has one root however it is written.

Every mutant differs from its original by one edit: a character of two, three or four bytes at each byte offset from 0
to 63 (a boundary at which other formats' roots collide), a datatype, a language, a lexical form, a graph name, an edge
between blank nodes. The invariance runs through every input syntax, order, label, repetition and escape.
"""

from __future__ import annotations

import random
import re

import pyoxigraph as ox
import pytest

from anchoring.dataset.version import hash_dataset
from anchoring.rdf import formats
from anchoring.rdf.canonical import canonical_lines

EXAMPLE = "http://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
CHARACTERS = "éèüßñ" + "€中文한 字" + "😀𝄞𐍈"
DATATYPES = [None, f"{XSD}integer", f"{XSD}decimal", f"{XSD}token", f"{XSD}double", f"{EXAMPLE}type"]
LANGUAGES = ["en", "en-gb", "de", "zh-hant"]
FORMATS = {
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "ttl": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}


def root(quads) -> bytes:
    return hash_dataset(canonical_lines(quads)).root


def node(name: object) -> ox.NamedNode:
    return ox.NamedNode(f"{EXAMPLE}{name}")


def mutants(generator: random.Random):
    """A dataset and one that differs by one edit, without end; each kind of edit in its turn."""
    while True:
        here = [ox.Quad(node("a"), node("p"), ox.Literal(str(generator.random())), node("g"))]
        for offset in range(64):
            one, other = generator.sample(CHARACTERS, 2)
            before, after = "x" * offset, "y" * generator.randrange(40)
            for make in (
                lambda text: ox.Quad(node("s"), node("p"), ox.Literal(text), node("g")),
                lambda text: ox.Quad(node(f"s/{text.replace(' ', '_')}"), node("p"), node("o"), node("g")),
                lambda text: ox.Quad(node("s"), node("p"), node("o"), node(f"g/{text.replace(' ', '_')}")),
            ):
                yield [*here, make(before + one + after)], [*here, make(before + other + after)]
        text = str(generator.randrange(10**6))
        yield tuple(
            [*here, ox.Quad(node("s"), node("p"), typed(text, each))] for each in generator.sample(DATATYPES, 2)
        )
        yield tuple(
            [*here, ox.Quad(node("s"), node("p"), ox.Literal(text, language=each))]
            for each in generator.sample(LANGUAGES, 2)
        )
        integer = ox.NamedNode(f"{XSD}integer")
        yield tuple(
            [*here, ox.Quad(node("s"), node("p"), ox.Literal(form, datatype=integer))] for form in (text, f"0{text}")
        )
        yield tuple([*here, ox.Quad(node("s"), node("p"), node("o"), g)] for g in (ox.DefaultGraph(), node(f"g{text}")))
        yield tuple(edges(generator, here))


def typed(text: str, datatype: str | None) -> ox.Literal:
    return ox.Literal(text) if datatype is None else ox.Literal(text, datatype=ox.NamedNode(datatype))


def edges(generator: random.Random, here):
    """Blank nodes that each have a name of their own, and the same with one edge ended elsewhere."""
    count = generator.randrange(3, 9)
    named = [ox.Quad(ox.BlankNode(f"n{i}"), node("name"), ox.Literal(str(i))) for i in range(count)]
    drawn = {(generator.randrange(count), generator.randrange(count)) for _ in range(count)}
    start, end = generator.choice(sorted(drawn))
    free = [(start, other) for other in range(count) if (start, other) not in drawn]
    moved = (drawn - {(start, end)}) | {generator.choice(free)} if free else drawn - {(start, end)}
    for each in (drawn, moved):
        yield [*here, *named, *(ox.Quad(ox.BlankNode(f"n{i}"), node("to"), ox.BlankNode(f"n{j}")) for i, j in each)]


@pytest.mark.soak
def test_no_two_of_the_mutants_have_one_root(seed, soak_scale):
    pairs = mutants(random.Random(seed))
    found: dict[bytes, frozenset[bytes]] = {}
    for _ in range(soak_scale(100_000)):
        original, mutant = next(pairs)
        roots = [root(each) for each in (original, mutant)]
        assert roots[0] != roots[1], (original, mutant)
        for each, quads in zip(roots, (original, mutant), strict=True):
            lines = frozenset(canonical_lines(quads))
            assert found.setdefault(each, lines) == lines


def dataset(generator: random.Random) -> list[ox.Quad]:
    """A few triples in the default graph, so that every syntax can say them, some between blank nodes."""
    names = [ox.BlankNode(f"b{i}") for i in range(3)] + [node(f"é{i}") for i in range(2)] + [node("x/y#z")]
    texts = [
        "",
        "plain",
        'a "quoted" \\ text',
        "line\nfeed",
        "tab\tand 😀",
        "中文",
        "e\u0301 and \u00e9",
        "<b>&amp;</b>",
    ]
    literals = [ox.Literal(text) for text in texts]
    literals += [ox.Literal("1.10", datatype=ox.NamedNode(f"{XSD}decimal")), ox.Literal("Zoë", language="nl-be")]
    triples = []
    for _ in range(generator.randrange(1, 9)):
        value = generator.choice(names if generator.random() < 0.4 else literals)
        triples.append(ox.Quad(generator.choice(names), node(f"p{generator.randrange(3)}"), value))
    return triples


def rewritten(quads: list[ox.Quad], generator: random.Random) -> list[ox.Quad]:
    """In another order, under other labels, some of them twice."""
    labels: dict[str, ox.BlankNode] = {}

    def other(term):
        if isinstance(term, ox.BlankNode):
            return labels.setdefault(term.value, ox.BlankNode(f"z{generator.randrange(10**9)}q{len(labels)}"))
        return term

    changed = [ox.Quad(other(q.subject), q.predicate, other(q.object), other(q.graph_name)) for q in quads]
    changed += generator.choices(changed, k=2)
    generator.shuffle(changed)
    return changed


def escaped(document: bytes, generator: random.Random) -> bytes:
    """N-Quads with some characters of its literals and IRIs written as `\\u` and `\\U`, which the syntax allows."""

    def other(match: re.Match[str]) -> str:
        if generator.random() < 0.5:
            return match[0]
        code = ord(match[0])
        return f"\\U{code:08X}" if code > 0xFFFF or generator.random() < 0.5 else f"\\u{code:04x}"

    return re.sub(r"[^\x00-\x7f]|(?<=[a-z])[a-z](?=[a-z])", other, document.decode()).encode()


def in_graphs(quads: list[ox.Quad], generator: random.Random) -> list[ox.Quad]:
    """The triples spread over the default graph, named graphs, and one whose name is a blank node of the data."""
    graphs = [ox.DefaultGraph(), node("g"), node("é"), ox.BlankNode("b0")]
    return [ox.Quad(q.subject, q.predicate, q.object, generator.choice(graphs)) for q in quads]


@pytest.mark.soak
def test_one_dataset_has_one_root_in_every_syntax(seed, soak_scale):
    generator = random.Random(seed)
    for number in range(soak_scale(10_000)):
        quads = dataset(generator)
        if number % 2:
            quads = in_graphs(quads, generator)
        expected = root(quads)
        for name, format in FORMATS.items():
            if number % 2 and not format.supports_datasets:
                continue
            again = rewritten(quads, generator)
            document = ox.serialize(again if format.supports_datasets else [q.triple for q in again], format=format)
            if name in ("nt", "nq"):
                document = escaped(document, generator)
            assert hash_dataset(canonical_lines(document, name)).root == expected, (name, document)


def test_every_syntax_that_is_read_is_among_them():
    assert {format.parser for format in formats.FORMATS} == set(FORMATS.values())
