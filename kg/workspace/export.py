"""The graph as a file: N-Quads, TriG, Turtle or JSON-LD of what the store holds, or a version as a CAR.

N-Quads are the canonical lines themselves, so `triplock hash` of the export gives the version's root.
Nodes that were blank in an imported file are genid IRIs; `blank_nodes=True` turns them back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, serialize

from anchoring.blockstores.car import car_bytes
from anchoring.cid import Block, Cid
from anchoring.nquads import parse_line
from anchoring.walk import walk
from kg.claims.vocabulary import PREFIXES
from kg.workspace.proving import version_of

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

GRAPH_FORMATS = {"trig": RdfFormat.TRIG, "ttl": RdfFormat.TURTLE, "jsonld": RdfFormat.JSON_LD}


def export_graph(workspace: Workspace, form: str, stream: IO[bytes], *, blank_nodes: bool = False) -> int:
    """Write the graph in `nq`, `trig`, `ttl` or `jsonld`; how many statements were written.

    Turtle has no named graphs: it gets the claimed statements and the provenance in one graph, without the names.
    """
    if form == "nq" and not blank_nodes:
        count = 0
        for line in workspace.store.sorted_quads():
            stream.write(line + b"\n")
            count += 1
        return count
    quads = [parse_line(line) for line in workspace.store.sorted_quads()]
    if blank_nodes:
        quads = list(_unskolemized(quads, workspace.mint.genid("", "").value.rstrip("/")))
    if form == "nq":
        serialize(quads, stream, RdfFormat.N_QUADS)
        return len(quads)
    if form == "ttl":
        triples = dict.fromkeys(Triple(q.subject, q.predicate, q.object) for q in quads)
        serialize(triples, stream, RdfFormat.TURTLE, prefixes=PREFIXES)
        return len(triples)
    serialize(quads, stream, GRAPH_FORMATS[form], prefixes=PREFIXES)
    return len(quads)


def _unskolemized(quads: Iterable[Quad], prefix: str) -> Iterator[Quad]:
    """The quads with genid IRIs under the prefix turned back into blank nodes."""

    def back(term: object) -> object:
        if isinstance(term, NamedNode) and term.value.startswith(prefix):
            return BlankNode("g" + "".join(c for c in term.value[len(prefix) :] if c.isalnum()))
        return term

    for quad in quads:
        yield Quad(back(quad.subject), quad.predicate, back(quad.object), quad.graph_name)  # type: ignore[arg-type]


def export_car(workspace: Workspace, stream: IO[bytes], number: int | None = None) -> int:
    """Write a published version (the newest by default) as a CARv1 file; how many blocks it has."""
    record = version_of(workspace, number)
    root = Cid.parse(record.directory)
    count = 0

    def blocks() -> Iterator[Block]:
        nonlocal count
        for block in walk(root, workspace.blocks):
            count += 1
            yield block

    for piece in car_bytes([root], blocks()):
        stream.write(piece)
    return count
