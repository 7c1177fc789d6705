"""SHACL shapes as an ontology: what node and property shapes say of classes, relations and their values.

Read are `sh:NodeShape` with `sh:targetClass` (or a class that is itself a shape), `sh:targetSubjectsOf`,
`sh:targetObjectsOf`, and their `sh:property` with `sh:path` (a property or the inverse of one), `sh:class`, `sh:node`,
`sh:datatype`, `sh:in`, `sh:pattern`, `sh:hasValue`, `sh:name`, `sh:description`, and `sh:or`, `sh:xone`, `sh:and` of
such. Shapes that are deactivated, other paths and all that only counts are left to the validation (`ontology.shacl`).
SHACL: https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode

from ontology.model import Relation

SH = "http://www.w3.org/ns/shacl#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ANY_OF = ("or", "xone", "and")

Term = NamedNode | BlankNode | Literal
Statements = Mapping[Term, Mapping[str, list[Term]]]
"""The statements of a file by subject and predicate."""


@dataclass
class _Said:
    """What shapes say of one property."""

    name: str = ""
    description: str = ""
    domain: set[str] = field(default_factory=set)
    range: set[str] = field(default_factory=set)
    datatypes: set[str] = field(default_factory=set)
    values: list[Term] = field(default_factory=list)
    pattern: str = ""


def shape_relations(statements: Statements, label: Callable[[str], str]) -> dict[str, Relation]:
    """The relations that shapes describe, by IRI; `label` names an IRI that no shape names.

    A property with several datatypes has none; one that takes things and values takes things.
    """
    found: dict[str, _Said] = {}
    for shape, targets in _node_shapes(statements):
        for prop in _properties(statements, shape, set()):
            _read(statements, prop, targets, found)
    relations = {}
    for iri, said in sorted(found.items()):
        datatype = min(said.datatypes) if len(said.datatypes) == 1 and not said.range else None
        values = tuple(
            (v.value, "") if isinstance(v, Literal) else (label(v.value), v.value)
            for v in said.values
            if isinstance(v, Literal | NamedNode)
        )
        if datatype is None and values and all(not iri_of for _, iri_of in values):
            datatype = "http://www.w3.org/2001/XMLSchema#string"
        relations[iri] = Relation(
            iri,
            said.name or label(iri),
            " ".join(said.description.split()),
            tuple(sorted(said.domain)),
            tuple(sorted(said.range)),
            datatype,
            values=values,
            pattern=said.pattern,
        )
    return relations


def _node_shapes(statements: Statements) -> Iterator[tuple[Term, set[str]]]:
    """Node shapes with the classes they are about, in the order of their names."""
    for shape in sorted(statements, key=str):
        said = statements[shape]
        types = {t.value for t in said.get(_RDF + "type", ()) if isinstance(t, NamedNode)}
        targets = {t.value for t in said.get(SH + "targetClass", ()) if isinstance(t, NamedNode)}
        if SH + "NodeShape" not in types and not targets:
            continue
        if any(isinstance(t, Literal) and t.value in ("true", "1") for t in said.get(SH + "deactivated", ())):
            continue
        if isinstance(shape, NamedNode) and any(t.endswith(("#Class", "/Class")) for t in types):
            targets = targets | {shape.value}
        yield shape, targets


def _properties(statements: Statements, shape: Term, seen: set[Term]) -> Iterator[Term]:
    """The property shapes of a shape and of the shapes it is made of."""
    if shape in seen:
        return
    seen.add(shape)
    said = statements.get(shape, {})
    yield from said.get(SH + "property", ())
    for part in _ANY_OF:
        for listed in said.get(SH + part, ()):
            for member in _members(statements, listed):
                yield from _properties(statements, member, seen)


def _read(statements: Statements, prop: Term, targets: set[str], found: dict[str, _Said]) -> None:
    said = statements.get(prop, {})
    if any(isinstance(t, Literal) and t.value in ("true", "1") for t in said.get(SH + "deactivated", ())):
        return
    path, turned = _path(statements, said)
    if path is None:
        return
    of = found.setdefault(path, _Said())
    of.name = of.name or _text(said, "name")
    of.description = of.description or _text(said, "description")
    (of.range if turned else of.domain).update(targets)
    for part in (said, *(statements.get(m, {}) for m in _alternatives(statements, said))):
        classes = {c.value for c in part.get(SH + "class", ()) if isinstance(c, NamedNode)}
        for node in part.get(SH + "node", ()):
            inner = statements.get(node, {})
            classes |= {c.value for c in inner.get(SH + "targetClass", ()) if isinstance(c, NamedNode)}
        (of.domain if turned else of.range).update(classes)
        of.datatypes.update(d.value for d in part.get(SH + "datatype", ()) if isinstance(d, NamedNode))
        for listed in part.get(SH + "in", ()):
            of.values += [v for v in _members(statements, listed) if v not in of.values]
        of.values += [v for v in part.get(SH + "hasValue", ()) if v not in of.values]
        of.pattern = of.pattern or _text(part, "pattern")


def _alternatives(statements: Statements, said: Mapping[str, list[Term]]) -> Iterator[Term]:
    for part in _ANY_OF:
        for listed in said.get(SH + part, ()):
            yield from _members(statements, listed)


def _path(statements: Statements, said: Mapping[str, list[Term]]) -> tuple[str | None, bool]:
    """The property of a path, and whether it is walked backwards; None for a longer path."""
    for term in said.get(SH + "path", ()):
        if isinstance(term, NamedNode):
            return term.value, False
        for inverse in statements.get(term, {}).get(SH + "inversePath", ()):
            if isinstance(inverse, NamedNode):
                return inverse.value, True
    return None, False


def _members(statements: Statements, listed: Term) -> list[Term]:
    """The members of an RDF list; a list that comes back to itself ends there."""
    found: list[Term] = []
    seen: set[Term] = set()
    while listed in statements and listed not in seen:
        seen.add(listed)
        said = statements[listed]
        found += said.get(_RDF + "first", [])[:1]
        listed = next(iter(said.get(_RDF + "rest", ())), NamedNode(_RDF + "nil"))
    return found


def _text(said: Mapping[str, list[Term]], name: str) -> str:
    """English first, then without language, then the first."""
    literals = [t for t in said.get(SH + name, ()) if isinstance(t, Literal)]
    ranked = sorted(literals, key=lambda t: (not (t.language or "").startswith("en"), bool(t.language), t.value))
    return ranked[0].value if ranked else ""
