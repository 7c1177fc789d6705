"""Whether statements fit an ontology and its SHACL shapes, with the reason where they do not.

Domain and range are read as constraints, not as RDFS inference: a statement whose subject is known to be of other
classes only is refused. A thing of unknown class fits anything, since a text need not say what it is.
SHACL stands in `ontology.shacl`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from ontology.loader import RDF, RDFS, XSD
from ontology.model import Ontology, Relation
from ontology.shacl import Statement, shape_violations

_LEXICAL: dict[str, re.Pattern[str]] = {
    "integer": re.compile(r"[+-]?[0-9]+"),
    "nonNegativeInteger": re.compile(r"\+?[0-9]+|-0+"),
    "decimal": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"),
    "double": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN"),
    "boolean": re.compile(r"true|false|0|1"),
    "date": re.compile(r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})?"),
    "anyURI": re.compile(r"\S+"),
}
_ANY_LITERAL = frozenset({RDFS + "Literal"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement that does not fit, and why, in words."""

    statement: Statement
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What fits and what does not, each in the order given."""

    accepted: tuple[Statement, ...]
    refused: tuple[Refused, ...]


def validate(
    ontology: Ontology,
    statements: Iterable[Statement],
    *,
    types: Mapping[str, Iterable[str]] | None = None,
    shapes: str | Path | None = "packaged",
) -> Verdict:
    """Check statements against domain, range and datatype, and what is left against SHACL shapes.

    `types` gives classes of things beside those that the statements' own `rdf:type` give, by IRI.
    `shapes` is a Turtle file, "packaged" for ontology/shapes.ttl, or None for no SHACL.
    Statements whose predicate the ontology does not know are accepted as they are. Raises ShapesRefused.

    >>> from ontology.loader import load
    >>> standards = load("ethereum-standards")
    >>> std = "https://w3id.org/triplock/ethereum-standards#"
    >>> erc20, push0 = (NamedNode(f"https://example.org/{n}") for n in ("erc20", "push0"))
    >>> wrong = (erc20, NamedNode(std + "requires"), push0)
    >>> verdict = validate(standards, [wrong], types={push0.value: [std + "Opcode"]}, shapes=None)
    >>> verdict.refused[0].reason
    'https://example.org/push0 is Opcode, but the range of "requires" is Standard'
    """
    given = list(statements)
    known: dict[str, set[str]] = defaultdict(set)
    for iri, classes in (types or {}).items():
        known[iri].update(classes)
    for subject, predicate, value in given:
        if predicate.value == RDF + "type" and isinstance(value, NamedNode):
            known[subject.value].add(value.value)
    reasons: list[str | None] = [_misfit(ontology, statement, known) for statement in given]
    if shapes is not None:
        fitting = [statement for statement, reason in zip(given, reasons, strict=True) if reason is None]
        broken = shape_violations(fitting, types=known, shapes=shapes)
        reasons = [reason or broken.get(statement) for statement, reason in zip(given, reasons, strict=True)]
    return Verdict(
        tuple(s for s, reason in zip(given, reasons, strict=True) if reason is None),
        tuple(Refused(s, reason) for s, reason in zip(given, reasons, strict=True) if reason is not None),
    )


def _misfit(ontology: Ontology, statement: Statement, known: Mapping[str, set[str]]) -> str | None:
    subject, predicate, value = statement
    relation = ontology.relations.get(predicate.value)
    if relation is None:
        return None
    if not _fits(ontology, known.get(subject.value, ()), relation.domain):
        return _said(ontology, subject, known, relation, "domain", relation.domain)
    if relation.datatype is not None:
        return _literal_misfit(relation, relation.datatype, value)
    if isinstance(value, Literal):
        if relation.range:
            wanted = _names(ontology, relation.range)
            return f'"{value.value[:60]}" is a literal, but the range of "{relation.label}" is {wanted}'
        return None
    if not _fits(ontology, known.get(value.value, ()), relation.range):
        return _said(ontology, value, known, relation, "range", relation.range)
    return None


def _literal_misfit(relation: Relation, datatype: str, value: NamedNode | Literal) -> str | None:
    name = datatype.rsplit("#", 1)[-1]
    if isinstance(value, NamedNode):
        return f'{value.value} is an IRI, but the range of "{relation.label}" is {name}'
    if datatype in _ANY_LITERAL:
        return None
    text_like = {XSD + "string", RDF + "langString"}
    if value.datatype.value != datatype and not {value.datatype.value, datatype} <= text_like:
        given = value.datatype.value.rsplit("#", 1)[-1]
        return f'"{value.value[:60]}" is {given}, but the range of "{relation.label}" is {name}'
    pattern = _LEXICAL.get(name)
    if (pattern and not pattern.fullmatch(value.value)) or (name == "date" and not _is_day(value.value)):
        return f'"{value.value[:60]}" is no {name}, the range of "{relation.label}"'
    return None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _fits(ontology: Ontology, classes: Iterable[str], wanted: Sequence[str]) -> bool:
    """Whether one of the classes is one of those wanted; nothing known or nothing wanted fits."""
    found = [cls for cls in classes if cls in ontology.classes]
    return not wanted or not found or any(ontology.is_a(cls, target) for cls in found for target in wanted)


def _said(
    ontology: Ontology,
    thing: NamedNode,
    known: Mapping[str, set[str]],
    relation: Relation,
    side: str,
    wanted: Sequence[str],
) -> str:
    classes = _names(ontology, sorted(c for c in known[thing.value] if c in ontology.classes))
    return f'{thing.value} is {classes}, but the {side} of "{relation.label}" is {_names(ontology, wanted)}'


def _names(ontology: Ontology, classes: Sequence[str]) -> str:
    return " or ".join(ontology.classes[c].label if c in ontology.classes else c for c in classes)
