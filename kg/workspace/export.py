"""The graph as a file: N-Quads, TriG, Turtle or JSON-LD of what the store holds, or a version as a CAR.

N-Quads are the canonical lines themselves, so `triplock hash` of the export gives the version's root.
Nodes that were blank in an imported file are genid IRIs; `blank_nodes=True` turns them back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, serialize

from anchoring.blockstores.car import car_bytes
from anchoring.dataset.walk import walk
from anchoring.encoding.cid import Block, Cid
from anchoring.encoding.unixfs_reader import Blocks
from anchoring.rdf.nquads import parse_line
from anchoring.verification.fetch_version import cids_below
from kg.claims.vocabulary import PREFIXES
from kg.workspace.named_version import NamedVersion, named_version
from kg.workspace.places import Places
from kg.workspace.proving import version_of

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

GRAPH_FORMATS = {"trig": RdfFormat.TRIG, "ttl": RdfFormat.TURTLE, "jsonld": RdfFormat.JSON_LD}


def export_graph(workspace: Workspace, form: str, stream: IO[bytes], *, blank_nodes: bool = False) -> int:
    """Write the graph in `nq`, `trig`, `ttl` or `jsonld`; how many statements were written.

    Turtle has no named graphs: it gets the claimed statements and the provenance in one graph, without the names.
    """
    return _export_lines(workspace, workspace.store.sorted_quads(), form, stream, blank_nodes=blank_nodes)


def export_version(
    workspace: Workspace,
    version: str,
    form: str,
    stream: IO[bytes],
    *,
    blank_nodes: bool = False,
    since: str | None = None,
) -> int:
    """Write a version, by any of its names, in one of the formats or as `car`; how many statements or blocks.

    A CAR leaves out what the version `since` has: whoever has that one can put them together again.
    Raises what `named_version` and reading raise; what was written by then is to be thrown away.
    """
    with (
        Places.of(workspace.configuration.ipfs).open() as readers,
        named_version(version, workspace=workspace, readers=readers) as named,
    ):
        if form != "car":
            return _export_lines(workspace, named.lines(), form, stream, blank_nodes=blank_nodes)
        had: set[Cid] = set()
        if since is not None:
            with named_version(since, workspace=workspace, readers=readers) as before:
                had.update(cids_below(_roots(before), before.blocks))
        return _write_car(_roots(named), named.blocks, stream, had)


def _roots(named: NamedVersion) -> list[Cid]:
    roots = [named.directory] if named.directory else [named.manifest.block.cid, *named.files().values()]
    return list(dict.fromkeys(roots))


def _export_lines(
    workspace: Workspace, lines: Iterable[bytes], form: str, stream: IO[bytes], *, blank_nodes: bool
) -> int:
    if form == "nq" and not blank_nodes:
        count = 0
        for line in lines:
            stream.write(line + b"\n")
            count += 1
        return count
    quads = [parse_line(line) for line in lines]
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
    return _write_car([Cid.parse(record.directory)], workspace.blocks, stream)


def _write_car(roots: Sequence[Cid], source: Blocks, stream: IO[bytes], had: Collection[Cid] = ()) -> int:
    """A CARv1 of what hangs below the roots, parents first, without what is in `had` and below it."""
    count = 0
    seen: set[Cid] = set(had)

    def blocks() -> Iterator[Block]:
        nonlocal count
        for root in roots:
            for block in walk(root, source, without=seen):
                seen.add(block.cid)
                count += 1
                yield block

    for piece in car_bytes(roots, blocks()):
        stream.write(piece)
    return count
