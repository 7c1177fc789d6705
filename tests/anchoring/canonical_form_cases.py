"""The vectors of the format section "Canonical form": what a dataset becomes, its steps, and what is refused."""

from __future__ import annotations

from symmetric_graphs import both_ways, chain, clique, copies, cycle, grid, random_regular, rdf_list, stars, tree, twins

from anchoring.dataset.version import hash_dataset
from anchoring.rdf.canonical import canonical_lines
from anchoring.rdf.nquads import join, write_statement
from anchoring.rdf.rdf_input import NotRdf11Statement, read_quads
from anchoring.rdf.rdfc10 import PoisonedGraph, issue_names

SPELLINGS = """<http://example.org/\\u0061> <http://example.org/p> "1"^^<http://www.w3.org/2001/XMLSchema#string> .
<http://example.org/a> <http://example.org/p> "1" .
<http://example.org/a> <http://example.org/p> "chat"@FR-be .
<http://example.org/a> <http://example.org/p> "1.10"^^<http://www.w3.org/2001/XMLSchema#decimal> .
<http://example.org/a> <http://example.org/p> "e\\u0301 \\u00e9 \\u0007\\t" <http://example.org/g> .
"""
GRAPHS = """_:g <http://example.org/by> _:who .
_:who <http://example.org/name> "A" _:g .
<http://example.org/s> <http://example.org/p> _:o _:g .
_:o <http://example.org/p> _:o _:g .
"""
SYMMETRIC = {
    "two pairs": twins(2),
    "five triangles": copies(5, clique(3)),
    "a complete digraph of 5": clique(5),
    "a complete digraph of 6": clique(6),
    "a complete digraph of 7": clique(7),
    "a cycle of 10": cycle(10),
    "a cycle of 147": cycle(147),
    "a cycle of 148": cycle(148),
    "a chain of 148": chain(148),
    "a chain of 149": chain(149),
    "a grid of 4 x 4": grid(4),
    "a grid of 4 x 4, both ways": both_ways(grid(4)),
    "a grid of 6 x 6": grid(6),
    "a random 3-regular graph of 10": random_regular(10, 3, 1),
    "a random 3-regular graph of 30": random_regular(30, 3, 1),
    "a tree of depth 4": tree(4),
    "two hubs of 6": stars(2, 6),
    "two hubs of 7": stars(2, 7),
    "a list of ten equal items": rdf_list(10, lambda i: 0),
    "a list of three values in turn": rdf_list(30, lambda i: i % 3),
    "one neighbour in three graphs, twice": [
        (f"_:{hub}", "<urn:p>", f"_:{hub}.{leaf}", f"<urn:g{graph}>")
        for hub in range(2)
        for leaf in range(2)
        for graph in range(3)
    ],
}
UNKNOWN = {
    "a triple term": "<urn:a> <urn:b> <<( <urn:a> <urn:b> <urn:c> )>> .\n",
    "a base direction": '<urn:a> <urn:b> "x"@ar--rtl .\n',
}


def _case(name: str, text: str) -> dict[str, object]:
    case: dict[str, object] = {"name": name, "input": text}
    try:
        lines = canonical_lines(text.encode(), "nq")
    except PoisonedGraph:
        return {**case, "refused": "steps"}
    except NotRdf11Statement:
        return {**case, "refused": "RDF 1.2"}
    issued = issue_names([write_statement(quad) for quad in read_quads(text.encode(), "nq")])
    return {
        **case,
        "canonical": "".join(f"{line.decode()}\n" for line in lines),
        "root": f"0x{hash_dataset(lines).root.hex()}",
        "steps": issued.steps,
        "sharedSteps": issued.shared_steps,
    }


def canonical_form() -> dict[str, object]:
    """The document."""
    texts = {"spellings": SPELLINGS, "graphs named by blank nodes": GRAPHS, **UNKNOWN}
    texts |= {name: "".join(f"{join(statement)}\n" for statement in each) for name, each in SYMMETRIC.items()}
    return {
        "about": "input as N-Quads; canonical document, root and steps, or why it is refused",
        "freeSteps": 64,
        "mostSharedSteps": 100_000,
        "cases": [_case(name, text) for name, text in texts.items()],
    }
