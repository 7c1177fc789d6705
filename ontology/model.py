"""An ontology as the extractor needs it: classes, relations with domain and range, labels and examples.

Loaded from OWL or RDFS by `ontology.loader`, from Text2KGBench JSON by `ontology.text2kgbench`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Class:
    """A class: `iri`, `label` (English if there is one), `comment`, and the IRIs of its direct superclasses.

    `name_pattern` is a regular expression that the names of its members match in a text, "" where there is none.
    """

    iri: str
    label: str
    comment: str = ""
    superclasses: tuple[str, ...] = ()
    name_pattern: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled sentence: the text and the (subject, relation label, object) triples it states, as text spans."""

    text: str
    triples: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A property: `domain` and `range` are class IRIs (any of them fits; empty means anything).

    `datatype` is the XSD datatype IRI where the object is a literal, else None.
    `extractable` is false for terms that code fills in and the model is not asked for.
    `other_names` are what else it is called in English (`skos:altLabel`).
    `values` are the only objects where there is a list of them: (name, IRI or "" for a literal); `pattern` is a
    regular expression that the object's text matches somewhere, "" for any.
    """

    iri: str
    label: str
    comment: str = ""
    domain: tuple[str, ...] = ()
    range: tuple[str, ...] = ()
    datatype: str | None = None
    extractable: bool = True
    values: tuple[tuple[str, str], ...] = ()
    pattern: str = ""
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ontology:
    """A set of classes and relations. `iri` names it, `digest` is the CID text of the file it came from."""

    iri: str
    digest: str
    classes: dict[str, Class]
    relations: dict[str, Relation]
    examples: tuple[Example, ...] = field(default=())

    @cached_property
    def extractable(self) -> tuple[Relation, ...]:
        """The relations that a model may be asked for, by label."""
        return tuple(sorted((r for r in self.relations.values() if r.extractable), key=lambda r: r.label))

    def is_a(self, cls: str, ancestor: str) -> bool:
        """Whether `cls` is `ancestor` or below it (cycles are harmless)."""
        seen: set[str] = set()
        todo = [cls]
        while todo:
            current = todo.pop()
            if current == ancestor:
                return True
            if current not in seen:
                seen.add(current)
                todo.extend(self.classes[current].superclasses if current in self.classes else ())
        return False
