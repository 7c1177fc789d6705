"""A PDF in the graph: what is recorded of it is enough to read the same text again."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from extractors.documents.load import load_document
from kg.claims import vocabulary as v
from kg.workspace.texts import document_text
from kg.workspace.workspace import Workspace

FILE = Path(__file__).parents[1] / "data" / "documents" / "two-pages.pdf"


def test_the_text_of_a_pdf_is_read_again_by_the_recorded_reader_and_by_no_other(workspace: Workspace) -> None:
    report = workspace.ingest(FILE)
    assert (report.documents, report.failed) == (1, [])
    document = load_document(FILE)
    assert document_text(workspace, document.cid) == document.text
    iri, graph = NamedNode(document.cid.iri), workspace.mint.of_document_itself(document.cid)
    recorded = Quad(iri, v.ENCODING, Literal(document.encoding), graph)
    assert list(workspace.store.match(iri, v.ENCODING)) == [recorded]
    other = Quad(iri, v.ENCODING, Literal("pdf pypdfium2 1.0"), graph)
    workspace.store.apply([other], [recorded], workspace.store.generation)
    assert document_text(workspace, document.cid) is None
