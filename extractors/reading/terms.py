"""Spans of general text as terms: what they are called, what they may be an instance of, of what they may be the value.

Names of an ontology's values and of labelled sentences are known; patterns of classes and relations are kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.mentions.candidates import Candidate
from extractors.mentions.known import KnownNames
from extractors.mentions.values import compared, datatypes, date
from kg.claims.vocabulary import XSD
from ontology.grammar import Term
from ontology.label_words import spaced
from ontology.model import Example, Ontology, Relation

_TYPED = tuple(
    XSD + name
    for name in (
        "date", "gYear", "integer", "int", "long", "short", "decimal", "double", "float", "nonNegative", "positive",
        "unsigned", "boolean", "anyURI",
    )
)  # fmt: skip
"""Beginnings of the datatypes whose values can be told from other text."""
_NUMBER = re.compile(r"[-+]?(?:US\$|[$€£¥])?\s?\d[\d,.]*\s?%?")
_MEASURE_WORDS = """
date time year day month week hour minute second period century decade epoch era season age interval instant moment
duration timestamp temporal number amount quantity count value price cost rate ratio share percentage score size length
width height weight depth distance speed area volume population money sum version release block slot round index rank
ordinal code id identifier literal string text integer
"""
_SINGULAR = "|".join(word.removesuffix("y") for word in _MEASURE_WORDS.split())
_MEASURES = re.compile(rf"\b(?:{_SINGULAR})(?:e?s|y|ies)?\b", re.IGNORECASE)
"""Words of classes whose instances may be called by a date or a number."""


class Terms:
    """The terms of one ontology's relations; `examples` tell names.

    >>> color = Relation("https://example.org/color", "color", values=(("Red", "https://example.org/red"),))
    >>> terms = Terms(Ontology("https://example.org/", "", {}, {color.iri: color}), ())
    >>> terms.allows("red", color), terms.allows("blue", color)
    (True, False)
    """

    def __init__(self, ontology: Ontology, examples: Sequence[Example]) -> None:
        relations = ontology.extractable
        self.known = KnownNames(examples, {r.label: [name for name, _ in r.values] for r in relations})
        self._values = {r.iri: {compared(name): iri for name, iri in r.values} for r in relations if r.values}
        self._forms = {r.iri: re.compile(r.pattern) for r in relations if _is_pattern(r.pattern)}
        self._classes = frozenset(ontology.classes)
        measures = [iri for iri, cls in ontology.classes.items() if _MEASURES.search(spaced(cls.label))]
        self._measures = frozenset(c for c in ontology.classes if any(ontology.is_a(c, m) for m in measures))
        self._kinds = {compared(form) for cls in ontology.classes.values() for form in (cls.label, f"{cls.label}s")}
        self._of_values = {label for e in examples for _, label, value in e.triples if is_value(value)}
        self._patterns = {
            iri: re.compile(cls.name_pattern) for iri, cls in ontology.classes.items() if _is_pattern(cls.name_pattern)
        }

    def term(self, mention: Candidate, relation: Relation | None = None) -> Term:
        """The mention as a term; as the object of `relation` it is called as labelled sentences call it."""
        key, name, value = compared(mention.text), "", None
        if relation is not None:
            name = self.known.name(relation.label, mention.text)
            value = self._values.get(relation.iri, {}).get(key)
        classes = None  # any
        if self._patterns:
            ruled_out = {iri for iri, form in self._patterns.items() if form.fullmatch(mention.text) is None}
            classes = self._classes - ruled_out
        other = name if name != mention.text else ""
        return Term(mention.text, mention.start, value or f"name:{key}", classes, datatypes(mention.text), other)

    def allows(self, text: str, relation: Relation) -> bool:
        """Whether the relation's listed values and its pattern allow the text as its object."""
        values, form = self._values.get(relation.iri), self._forms.get(relation.iri)
        return (values is None or compared(text) in values) and (form is None or form.search(text) is not None)

    def may_end(self, term: Term, relation: Relation) -> bool:
        """Whether the term may be the object of the relation: by its values, its pattern, its range or its datatype."""
        if not self.allows(term.text, relation):
            return False
        if relation.values:
            return True
        if relation.datatype is None:
            of_kind = may_be(term, relation.range) and (not self._is_kind(term) or self._is_known(term, relation))
            return of_kind and not self._is_but_a_value(term, relation)
        return relation.datatype in term.datatypes or not relation.datatype.startswith(_TYPED)

    def may_start(self, term: Term, relation: Relation) -> bool:
        """Whether the term may be the subject of the relation: by its domain, and as more than the name of a class."""
        return may_be(term, relation.domain) and not self._is_kind(term)

    def _is_kind(self, term: Term) -> bool:
        """Whether it is the name of a class, which is no instance: "token" in "YFI is a token"."""
        return compared(term.text) in self._kinds

    def _is_known(self, term: Term, relation: Relation) -> bool:
        """Whether labelled sentences have it as an object of the relation."""
        return bool(self.known.name(relation.label, term.text))

    def _is_but_a_value(self, term: Term, relation: Relation) -> bool:
        """Whether it is a date or a number, and nothing says that what the relation leads to may be called so.

        That a pattern allows it, that the class is one of measures, or that a labelled object is one says so.
        """
        if not relation.range or not is_value(term.text) or relation.label in self._of_values:
            return False
        return not (relation.pattern or any(c in self._measures or c in self._patterns for c in relation.range))


def is_value(text: str) -> bool:
    """Whether the text is a date or a number and nothing else.

    >>> [is_value(text) for text in ("May 2020", "$2,500", "2 Chainz")]
    [True, True, False]
    """
    return date(text) is not None or _NUMBER.fullmatch(text) is not None


def may_be(term: Term, classes: Sequence[str]) -> bool:
    """Whether the term may be an instance of one of the classes; of none named it may."""
    return not classes or term.classes is None or any(c in term.classes for c in classes)


def _is_pattern(pattern: str) -> bool:
    """Whether Python reads the pattern as it is written in an ontology."""
    try:
        return bool(pattern and re.compile(pattern))
    except re.error:
        return False
