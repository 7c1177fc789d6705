"""Statements against SHACL shapes, by pySHACL: in-process, nothing fetched.

`owl:imports`, SPARQL constraints, rules and JavaScript are not followed: a shapes file is input like any other.
SHACL: https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias

from pyoxigraph import Literal, NamedNode

from ontology.errors import ShapesRefused
from ontology.loader import OWL, RDF, RDFS, XSD

Statement: TypeAlias = tuple[NamedNode, NamedNode, NamedNode | Literal]

SHACL = "http://www.w3.org/ns/shacl#"
NODE = ""
"""Stands for any node among what statements speak of."""


def shape_violations(
    statements: Sequence[Statement],
    *,
    types: Mapping[str, Iterable[str]] | None = None,
    shapes: str | Path = "packaged",
) -> dict[Statement, str]:
    """The statements that break a SHACL shape, with the shape's message; raises ShapesRefused.

    Where no shape is about what is said, pySHACL is not even loaded.
    A violation names a focus node and perhaps a path and a value: the statements of this node, path and value are
    the broken ones, or all of the node with this path, or all of the node.
    """
    if not statements or _targets(str(shapes)).isdisjoint(_spoken_of(statements, types or {})):
        return {}
    import pyshacl  # half a second that only validation pays
    from rdflib import Graph

    data = Graph()
    for subject, predicate, value in statements:
        data.add((_rdflib(subject), _rdflib(predicate), _rdflib(value)))
    for iri, classes in (types or {}).items():
        for cls in classes:
            data.add((_rdflib(NamedNode(iri)), _rdflib(NamedNode(RDF + "type")), _rdflib(NamedNode(cls))))
    try:
        conforms, report, _ = pyshacl.validate(
            data, shacl_graph=_shapes(str(shapes)), do_owl_imports=False, inference="none", advanced=False, js=False
        )
    except Exception as error:  # pySHACL raises whatever the shapes make it run into
        raise ShapesRefused(
            f"the shapes in {shapes} cannot be used: {str(error)[:200]}", remedy="check them with the pyshacl command"
        ) from error
    return {} if conforms else _broken(statements, report)


def _spoken_of(statements: Sequence[Statement], types: Mapping[str, Iterable[str]]) -> set[str]:
    """The IRIs by which shapes choose what they look at: nodes, their classes, and properties."""
    found: set[str] = {NODE}
    for subject, predicate, value in statements:
        found |= {subject.value, predicate.value}
        if isinstance(value, NamedNode):
            found.add(value.value)
    return found.union(*(types[iri] for iri in found & types.keys()))


@lru_cache(maxsize=8)
def _targets(name: str) -> frozenset[str]:
    """What the shapes of a file are about (section 2.1.3): where that cannot be told, everything."""
    found: set[str] = set()
    graph = _shapes(name)
    for term in ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf"):
        found.update(str(target) for target in graph.objects(None, _iri(SHACL + term)))
    shapes = {*graph.subjects(_iri(RDF + "type"), _iri(SHACL + "NodeShape"))}
    shapes |= {*graph.subjects(_iri(RDF + "type"), _iri(SHACL + "PropertyShape"))}
    classes = {c for kind in (RDFS + "Class", OWL + "Class") for c in graph.subjects(_iri(RDF + "type"), _iri(kind))}
    found.update(str(shape) for shape in shapes & classes)  # a class that is a shape is its own target
    if (None, _iri(SHACL + "target"), None) in graph or (None, _iri(RDFS + "subClassOf"), None) in graph:
        found.add(NODE)
    return frozenset(found)


def _iri(text: str) -> Any:
    from rdflib import URIRef

    return URIRef(text)


def _broken(statements: Sequence[Statement], report: Any) -> dict[Statement, str]:
    from rdflib import URIRef

    broken: dict[Statement, str] = {}
    for result in sorted(report.subjects(URIRef(RDF + "type"), URIRef(SHACL + "ValidationResult"))):
        focus = report.value(result, URIRef(SHACL + "focusNode"))
        path = report.value(result, URIRef(SHACL + "resultPath"))
        value = report.value(result, URIRef(SHACL + "value"))
        messages = sorted(str(m) for m in report.objects(result, URIRef(SHACL + "resultMessage")))
        reason = "; ".join(messages) or "it breaks a shape"
        of_node = [s for s in statements if s[0].value == str(focus)]
        of_path = [s for s in of_node if path is not None and s[1].value == str(path)]
        of_value = [s for s in of_path if value is not None and s[2].value == str(value)]
        for statement in of_value or of_path or of_node:
            broken.setdefault(statement, reason)
    return broken


def _rdflib(term: NamedNode | Literal) -> Any:
    from rdflib import Literal as RdflibLiteral
    from rdflib import URIRef

    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if term.language:
        return RdflibLiteral(term.value, lang=term.language)
    # rdflib still tells a plain literal from an xsd:string, which RDF 1.1 made one.
    datatype = None if term.datatype.value == XSD + "string" else URIRef(term.datatype.value)
    return RdflibLiteral(term.value, datatype=datatype, normalize=False)


@lru_cache(maxsize=8)
def _shapes(name: str) -> Any:
    """The shapes graph, without imports: a shapes file must not make us fetch anything."""
    from rdflib import Graph, URIRef

    if name == "packaged":
        content = resources.files("ontology").joinpath("shapes.ttl").read_bytes()
    else:
        try:
            content = Path(name).read_bytes()
        except OSError as error:
            raise ShapesRefused(f"{name} cannot be read: {error.strerror}", remedy="give a Turtle file") from None
    graph = Graph()
    try:
        graph.parse(data=content, format="turtle")
    except Exception as error:  # rdflib's parsers have no common error
        raise ShapesRefused(f"{name} is no Turtle: {str(error)[:200]}", remedy="give SHACL shapes as Turtle") from error
    graph.remove((None, URIRef(OWL + "imports"), None))
    return graph
