"""The files that stand beside a version's data: the ontology in use, and a VoID and DCAT description.

VoID: https://www.w3.org/TR/void/ . Nothing in them depends on the run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from kg.claims import vocabulary as v
from ontology.loader import read

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace


def ontology_file(workspace: Workspace) -> bytes:
    """The bytes of the ontology that the settings name, as its file has them."""
    return read(ontology_name(workspace))[1]


def ontology_name(workspace: Workspace) -> str:
    """The ontology that the settings name: a packaged name, or a path relative to the workspace."""
    name = workspace.configuration.model.ontology
    beside = workspace.folder / name
    return str(beside) if Path(name).suffix and beside.is_file() else name


def void_file(workspace: Workspace, licence: str, quads: int) -> bytes:
    """The graph described: its base, its licence, the number of its statements, the vocabularies it uses."""
    graph = NamedNode(workspace.mint.base + "#graph")
    count = Literal(str(quads), datatype=v.XSD_INTEGER)
    spdx = licence if ":" in licence else f"https://spdx.org/licenses/{licence}"
    triples = [
        Triple(graph, v.TYPE, NamedNode(v.VOID + "Dataset")),
        Triple(graph, v.TYPE, NamedNode(v.DCAT + "Dataset")),
        Triple(graph, v.TITLE, Literal(workspace.configuration.graph.label)),
        Triple(graph, NamedNode(v.DCTERMS + "license"), NamedNode(spdx)),
        Triple(graph, NamedNode(v.VOID + "triples"), count),
        Triple(graph, NamedNode(v.VOID + "uriSpace"), Literal(workspace.mint.base)),
        *(Triple(graph, NamedNode(v.VOID + "vocabulary"), NamedNode(iri)) for iri in (v.PROV, v.OA, v.TL)),
    ]
    return serialize(triples, format=RdfFormat.TURTLE, prefixes=v.PREFIXES) or b""
