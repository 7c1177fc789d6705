"""From the shape of a span to the classes of an ontology, and to what tells two names of one thing.

A class is matched by the words of its label: "Standard" takes identifiers of standards, "Event" takes events.
A class that no shape is known for (Person, Film) takes names in capitals; in an ontology where no class is matched
by a shape at all, it takes every candidate: then only the model and the text decide.
"""

from __future__ import annotations

from extractors.documents.model import Document
from extractors.mentions.candidates import Candidate, Shape
from kg.claims.iris import eip, eip_number
from kg.claims.vocabulary import XSD
from ontology.grammar import Term
from ontology.model import Ontology

_LABELS: dict[str, tuple[Shape, ...]] = {
    "standard": (Shape.STANDARD, Shape.OWN),
    "specification": (Shape.STANDARD, Shape.OWN),
    "function": (Shape.FUNCTION,),
    "method": (Shape.FUNCTION,),
    "event": (Shape.EVENT,),
    "error": (Shape.ERROR,),
    "interface": (Shape.INTERFACE,),
    "opcode": (Shape.OPCODE,),
    "instruction": (Shape.OPCODE,),
    "fork": (Shape.FORK,),
    "hard fork": (Shape.FORK,),
    "contract": (Shape.CONTRACT,),
    "transaction type": (Shape.TRANSACTION_TYPE,),
}
_DATATYPES = {
    Shape.NUMBER: frozenset(XSD + name for name in ("integer", "decimal", "gYear", "nonNegativeInteger", "double")),
    Shape.DATE: frozenset((XSD + "date", XSD + "gYear")),
}


class Kinds:
    """The classes of one ontology by the shapes of their instances."""

    def __init__(self, ontology: Ontology) -> None:
        shaped: dict[Shape, set[str]] = {}
        for iri, cls in ontology.classes.items():
            for shape in _LABELS.get(" ".join(cls.label.casefold().split()), ()):
                shaped.setdefault(shape, set()).add(iri)
        self._patterned = any(cls.name_pattern for cls in ontology.classes.values())
        known = {iri for found in shaped.values() for iri in found}
        self._shaped = {shape: frozenset(found) for shape, found in shaped.items()}
        self._other = frozenset(
            iri for iri in ontology.classes if not any(ontology.is_a(iri, k) or ontology.is_a(k, iri) for k in known)
        )

    @property
    def by_form(self) -> bool:
        """Whether the ontology's classes are known by the form of their names: it says so by patterns of names."""
        return len(self._shaped) > 1 and self._patterned

    def term(self, candidate: Candidate, document: Document) -> Term:
        """The candidate as a term of the ontology. Two names of one thing have one identity."""
        classes: frozenset[str] | None
        if not self._shaped:
            classes = None
        elif candidate.shape is Shape.NAME:
            # One capital word among identifiers is an acronym far more often than a person.
            classes = self._other if " " in candidate.text else frozenset()
        else:
            classes = self._shaped.get(candidate.shape, frozenset())
        datatypes = _DATATYPES.get(candidate.shape, frozenset())
        return Term(candidate.text, candidate.start, identity(candidate, document), classes, datatypes)

    def class_of(self, candidate: Candidate) -> str | None:
        """The one class that the candidate's shape names in this ontology, as an IRI, or None."""
        classes = self._shaped.get(candidate.shape, frozenset())
        return next(iter(classes)) if len(classes) == 1 else None


def identity(candidate: Candidate, document: Document) -> str:
    """What two names of one thing share: the IRI of what has a home, else shape and name."""
    if candidate.shape is Shape.OWN:
        return document.subject
    number = eip_number(candidate.text) if candidate.shape is Shape.STANDARD else None
    if number is not None:
        return eip(number).value
    return f"{candidate.shape}:{' '.join(candidate.text.split())}"
