"""One dataset, one list of lines: whatever the order, the labels, the syntax, the process."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import subprocess
import sys
import time

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from anchoring.rdf.canonical import canonical_lines, canonicalize
from anchoring.rdf.lines import MAX_LINE_BYTES, LineTooLong
from anchoring.rdf.nquads import is_canonical

QUADS = [
    ox.Quad(ox.NamedNode("http://e.org/a"), ox.NamedNode("http://e.org/knows"), ox.BlankNode("x")),
    ox.Quad(ox.BlankNode("x"), ox.NamedNode("http://e.org/name"), ox.Literal("Zoë", language="nl")),
    ox.Quad(ox.BlankNode("x"), ox.NamedNode("http://e.org/knows"), ox.BlankNode("y")),
    ox.Quad(ox.BlankNode("y"), ox.NamedNode("http://e.org/knows"), ox.BlankNode("z")),
    ox.Quad(ox.BlankNode("z"), ox.NamedNode("http://e.org/knows"), ox.BlankNode("y")),
    ox.Quad(ox.BlankNode("p"), ox.NamedNode("http://e.org/in"), ox.BlankNode("q"), ox.BlankNode("g")),
    ox.Quad(ox.BlankNode("q"), ox.NamedNode("http://e.org/in"), ox.BlankNode("p"), ox.BlankNode("g")),
    ox.Quad(ox.NamedNode("http://e.org/a"), ox.NamedNode("http://e.org/age"), ox.Literal(7), ox.NamedNode("urn:g")),
    ox.Quad(ox.NamedNode("http://e.org/a"), ox.NamedNode("http://e.org/says"), ox.Literal('"\n\x07\x7f\ufffe')),
]


def rewritten(quads, generator, repeat=True):
    """The quads in another order, with other labels, some of them twice."""
    labels = {}

    def other(term):
        if isinstance(term, ox.BlankNode):
            return labels.setdefault(term.value, ox.BlankNode(f"r{generator.randrange(10**9)}n{len(labels)}"))
        return term

    changed = [ox.Quad(other(q.subject), q.predicate, other(q.object), other(q.graph_name)) for q in quads]
    if repeat:
        changed += generator.choices(changed, k=3)
    generator.shuffle(changed)
    return changed


@pytest.mark.soak
def test_order_labels_and_repetition_do_not_matter(soak_scale, seed):
    expected = canonical_lines(QUADS)
    assert len(expected) == len(QUADS)
    assert all(map(is_canonical, expected))
    generator = random.Random(seed)
    for _ in range(soak_scale(1_000)):
        changed = rewritten(QUADS, generator)
        assert canonical_lines(changed) == expected
        assert canonical_lines(ox.serialize(changed, format=ox.RdfFormat.N_QUADS), "nq") == expected


@pytest.mark.parametrize("hash_seed", range(8))
def test_the_hash_seed_of_the_process_does_not_matter(hash_seed, tmp_path):
    file = tmp_path / "graph.nq"
    file.write_bytes(ox.serialize(rewritten(QUADS, random.Random(hash_seed)), format=ox.RdfFormat.N_QUADS))
    program = """import sys
from anchoring.rdf.canonical import canonicalize
sys.stdout.buffer.write(canonicalize(sys.argv[1]))
"""
    printed = subprocess.run(
        [sys.executable, "-c", program, str(file)],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
    ).stdout
    assert printed == canonicalize(QUADS)


def test_turtle_json_ld_trig_and_n_quads_give_the_same_lines():
    graph = [quad for quad in QUADS[:5] if isinstance(quad.graph_name, ox.DefaultGraph)] + [QUADS[8]]
    expected = canonical_lines(graph)
    for format in (
        ox.RdfFormat.TURTLE,
        ox.RdfFormat.TRIG,
        ox.RdfFormat.N_TRIPLES,
        ox.RdfFormat.N_QUADS,
        ox.RdfFormat.JSON_LD,
    ):
        statements = [quad.triple for quad in graph] if not format.supports_datasets else graph
        assert canonical_lines(ox.serialize(statements, format=format), format.media_type) == expected
    triples = ox.serialize([quad.triple for quad in graph], format=ox.RdfFormat.N_TRIPLES)
    judge = rdflib.Graph().parse(data=triples, format="nt")
    for format in ("turtle", "nt", "json-ld", "longturtle"):
        extension = {"longturtle": "turtle"}.get(format, format)
        assert canonical_lines(judge.serialize(format=format, encoding="utf-8"), extension) == expected


TERMS = st.sampled_from(["<urn:a>", "<urn:b>", "_:x", "_:y"])
OBJECTS = TERMS | st.sampled_from(
    ['"1"', '"\\u0041"', '"x"@EN', '"x"@en', '"1"^^<http://www.w3.org/2001/XMLSchema#string>']
)
LINES = st.builds(
    lambda s, p, o, g, space: space.join(filter(None, (s, p, o, g, "."))),
    TERMS,
    st.sampled_from(["<urn:p>", "<urn:q>"]),
    OBJECTS,
    TERMS | st.just(""),
    st.sampled_from([" ", "\t", "  "]),
)


@given(st.lists(LINES, max_size=10))
def test_lines_taken_as_they_stand_and_lines_parsed_agree_with_oxigraph(lines):
    document = "\n".join(lines).encode()
    ours = canonical_lines(document, "nq")
    assert ours == canonical_lines(ox.parse(document, format=ox.RdfFormat.N_QUADS))
    judge = ox.Dataset(ox.parse(document, format=ox.RdfFormat.N_QUADS))
    judge.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert ours == sorted(ox.serialize(judge, format=ox.RdfFormat.N_QUADS).splitlines())
    assert all(one < two for one, two in itertools.pairwise(ours))
    assert canonical_lines(b"".join(line + b"\n" for line in ours), "nq") == ours


def test_sorting_is_by_bytes_and_by_code_points_alike():
    texts = ["\ue000", "\U0001f600", "\uffff", "z", "é"]
    lines = canonical_lines(ox.Quad(ox.NamedNode("a:b"), ox.NamedNode("a:b"), ox.Literal(text)) for text in texts)
    assert lines == sorted(lines) == [line.encode() for line in sorted(line.decode() for line in lines)]


def test_windows_line_ends_and_comments_change_nothing():
    plain = b"<a:b> <a:b> <a:c> .\n<a:b> <a:b> _:x .\n"
    dressed = b"# comment\r\n\r\n" + plain.replace(b"\n", b" # why\r\n")
    assert canonical_lines(plain, "nq") == canonical_lines(dressed, "nq")
    assert canonical_lines(plain.rstrip(), "nq") == canonical_lines(plain, "nq")


def test_the_longest_line_is_allowed_and_one_byte_more_is_not():
    frame = len(b'<a:b> <a:b> "" .')
    longest = b'<a:b> <a:b> "' + b"x" * (MAX_LINE_BYTES - frame) + b'" .'
    assert canonical_lines(longest, "nq") == [longest]
    for quad_or_bytes in (longest.replace(b'"x', b'"xx'), longest.replace(b'"x', b'\t"xx')):
        with pytest.raises(LineTooLong, match="1048576 bytes"):
            canonical_lines(quad_or_bytes, "nq")


@pytest.mark.soak
def test_millions_of_ground_lines_are_taken_fast(soak_scale, tmp_path):
    count = soak_scale(1_000_000)
    file = tmp_path / "large.nq"
    with file.open("w") as stream:
        for i in range(count):
            stream.write(f'<http://e.org/{i * 7919 % count}> <http://e.org/p> "value {i}" <urn:g> .\n')
    start = time.process_time()
    lines = canonical_lines(file)
    seconds = time.process_time() - start
    assert len(lines) == count
    ordered = sorted(file.read_bytes().splitlines())
    assert hashlib.sha256(b"\n".join(lines)).digest() == hashlib.sha256(b"\n".join(ordered)).digest()
    assert seconds < 5 + count / 20_000  # about 300,000 lines a second on an idle core
