"""The W3C suites for RDFC-1.0, N-Quads, N-Triples, TriG and Turtle, run from their own manifests.

There are no exceptions: every entry of every manifest runs and must come out as it says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pytest

from anchoring.rdf.canonical import canonical_lines
from anchoring.rdf.nquads import is_canonical, write_statement
from anchoring.rdf.rdf_input import RdfSyntaxError, read_quads
from anchoring.rdf.rdfc10 import PoisonedGraph, issue_names

SUITES = Path(__file__).parent.parent / "conformance"
CANON = SUITES / "rdf-canon" / "tests"
CANON_ENTRIES = json.loads((CANON / "manifest.jsonld").read_text())["entries"]

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


class SyntaxEntry(NamedTuple):
    """One entry of a syntax manifest; `result` is None where there is nothing to compare."""

    name: str
    kind: str
    action: Path
    result: Path | None
    base: str


def syntax_entries(folder: Path) -> list[SyntaxEntry]:
    base = f"https://w3c.github.io/rdf-tests/rdf/rdf11/{folder.name}/"
    store = ox.Store()
    store.extend(read_quads(folder / "manifest.ttl", base=f"{base}manifest.ttl"))

    def value(subject, predicate):
        return next((quad.object for quad in store.quads_for_pattern(subject, ox.NamedNode(predicate), None)), None)

    def local(iri):
        return None if iri is None else folder / iri.value.removeprefix(base)

    entries = []
    node = value(None, f"{MF}entries")
    while node != ox.NamedNode(f"{RDF}nil"):
        test = value(node, f"{RDF}first")
        action, result = value(test, f"{MF}action"), value(test, f"{MF}result")
        kind = value(test, f"{RDF}type").value.rpartition("#")[2]
        name = test.value.rpartition("#")[2]
        entries.append(SyntaxEntry(f"{folder.name}:{name}", kind, local(action), local(result), action.value))
        node = value(node, f"{RDF}rest")
    return entries


SYNTAX_ENTRIES = [
    entry for folder in sorted((SUITES / "rdf-tests" / "rdf" / "rdf11").iterdir()) for entry in syntax_entries(folder)
]


def test_the_manifests_are_whole():
    assert len(CANON_ENTRIES) == 86
    count = {}
    for entry in SYNTAX_ENTRIES:
        folder = entry.name.partition(":")[0]
        count[folder] = count.get(folder, 0) + 1
    assert count == {"rdf-n-quads": 87, "rdf-n-triples": 70, "rdf-trig": 356, "rdf-turtle": 313}


@pytest.mark.parametrize("entry", CANON_ENTRIES, ids=lambda entry: entry["id"])
def test_rdfc10(entry):
    action = CANON / entry["action"]
    hash_name = (entry.get("hashAlgorithm") or "SHA256").lower()
    if entry["type"] == "rdfc:RDFC10NegativeEvalTest":
        with pytest.raises(PoisonedGraph):
            canonical_lines(action)
        return
    expected = CANON / entry["result"]
    if entry["type"] == "rdfc:RDFC10MapTest":
        names = issue_names([write_statement(quad) for quad in read_quads(action)], hash_name).names
        bare = {label.removeprefix("_:"): name.removeprefix("_:") for label, name in names.items()}
        assert bare == json.loads(expected.read_text())
        return
    assert entry["type"] == "rdfc:RDFC10EvalTest"
    lines = canonical_lines(action, hash_name=hash_name)
    assert b"".join(line + b"\n" for line in lines) == expected.read_bytes()
    assert all(map(is_canonical, lines))


@pytest.mark.parametrize("entry", SYNTAX_ENTRIES, ids=lambda entry: entry.name)
def test_rdf_syntax(entry):
    if "Negative" in entry.kind:
        with pytest.raises(RdfSyntaxError):
            list(read_quads(entry.action, base=entry.base))
        with pytest.raises(RdfSyntaxError):
            canonical_lines(entry.action, base=entry.base)
        return
    lines = canonical_lines(entry.action, base=entry.base)
    assert lines == canonical_lines(read_quads(entry.action, base=entry.base))
    assert all(map(is_canonical, lines))
    if entry.result is not None:
        assert lines == canonical_lines(entry.result)
