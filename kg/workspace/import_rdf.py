"""RDF files into the graph, each as claims of its own: one for its default graph, one for each named graph.

Names of graphs in a file are only what the file says: they become `tl:graphName` of claims minted under the file's
CID, so no file can write into the graphs of another source.
Each file's blank nodes are canonicalised alone (RDFC-1.0) and become genid IRIs that begin with the file's own root,
so a version of the graph has none, and one poisoned file is refused here and cannot block a snapshot.
Source: https://www.w3.org/TR/rdf11-concepts/#section-skolemization
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import defaultdict
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode

from anchoring.dataset.version import hash_dataset
from anchoring.encoding.cid import Cid
from anchoring.encoding.unixfs import document_blocks
from anchoring.rdf.canonical import canonical_lines
from anchoring.rdf.formats import format_of_file
from anchoring.rdf.nquads import parse_line
from anchoring.rdf.rdf_input import FileUnreadable, read_quads
from kg.claims import vocabulary as v
from kg.claims.iris import document
from kg.claims.model import Activity, Agent, Claim, Statement, Trust
from kg.claims.quads import document_quads
from kg.jobs.sources import SourceRecord
from kg.workspace.intake import IngestReport, add, add_claims, begin
from kg.workspace.revising import replace_whole

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

READER = Agent("triplock-rdf-import", "1")


def import_rdf(workspace: Workspace, path: Path, report: IngestReport, *, again: bool) -> None:
    """Read one RDF file into the graph; raises InputRefused leaves naming file, line and remedy.

    What stood at the path before goes only once the new content has been read whole.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", remedy="check the path and its permissions") from None
    cid, blocks = document_blocks(content)
    syntax = format_of_file(path)
    stream = BytesIO(content.removeprefix(BOM_UTF8))
    stream.name = str(path)  # how errors name it
    claims = _claims(workspace, cid, canonical_lines(read_quads(stream, syntax)))
    if not begin(workspace, path, str(cid), report, again=again):
        return
    report.revised += replace_whole(workspace, str(path.resolve()), str(cid))
    workspace.blocks.put(blocks, [cid])
    media_type = syntax.media_type
    subject = document(cid).value
    known = workspace.sources.get(str(cid))
    if known and known.state == "done":
        report.unchanged += 1
    else:
        report.documents += 1
    workspace.sources.put(SourceRecord(str(cid), str(path.resolve()), media_type, len(content), subject, "reading"))
    add(workspace, document_quads(workspace.mint, cid, size=len(content), media_type=media_type, encoding="", title=""))
    report.claims_read += add_claims(workspace, claims)
    workspace.sources.set_state(str(cid), "done")


def _claims(workspace: Workspace, cid: Cid, lines: list[bytes]) -> list[Claim]:
    """One claim for each graph of the file, its blank nodes named by the root of the file's canonical lines."""
    root = hash_dataset(lines).root.hex()
    graphs: dict[NamedNode | None, list[Statement]] = defaultdict(list)

    def named(term: object) -> NamedNode:
        if isinstance(term, BlankNode):
            return workspace.mint.genid(root, term.value)
        if not isinstance(term, NamedNode):
            raise TypeError(f"{term} cannot stand here in RDF 1.1, and read_quads refuses it")
        return term

    for line in lines:
        quad = parse_line(line)
        name = None if isinstance(quad.graph_name, DefaultGraph) else named(quad.graph_name)
        value = quad.object if isinstance(quad.object, Literal) else named(quad.object)
        graphs[name].append((named(quad.subject), quad.predicate, value))
    activity = Activity("import", cid, READER, Trust.READ)
    return [
        Claim(
            statements=tuple(statements),
            activity=activity,
            derived_from=document(cid),
            iri=workspace.mint.of_document(cid, "graph", (name.value if name else "").encode()),
            about=((v.GRAPH_NAME, name),) if name else (),
        )
        for name, statements in graphs.items()
    ]
