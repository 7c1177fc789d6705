"""Spans of general text as terms: what they are called, what they may be an instance of, of what they may be the value.

Names of an ontology's values and of labelled sentences are known; patterns of classes and relations are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

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
_MEASURES = re.compile(
    r"\b(?:dates?|times?|years?|days?|months?|period|century|interval|numbers?|amount|quantity|count|value|price|rate"
    r"|integer|height|version|block|id|identifier|literal|string|text)\b",
    re.IGNORECASE,
)
"""Words of classes whose instances may be called by a date or a number."""


class Terms:
    """The terms of one ontology's relations; `examples` tell names.

    >>> color = Relation("https://example.org/color", "color", values=(("Red", "https://example.org/red"),))
    >>> terms = Terms(Ontology("https://example.org/", "", {}, {color.iri: color}), ())
    >>> terms.allows("red", color), terms.allows("blue", color)
    (True, False)
    """

    def __init__(self, ontology: Ontology, examples: Iterable[Example]) -> None:
        relations = ontology.extractable
        self.known = KnownNames(examples, {r.label: [name for name, _ in r.values] for r in relations})
        self._values = {r.iri: {compared(name): iri for name, iri in r.values} for r in relations if r.values}
        self._forms = {r.iri: re.compile(r.pattern) for r in relations if _is_pattern(r.pattern)}
        self._classes = frozenset(ontology.classes)
        self._measures = frozenset(iri for iri, cls in ontology.classes.items() if _MEASURES.search(spaced(cls.label)))
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
            return may_be(term, relation.range) and not self._is_but_a_value(term, relation)
        return relation.datatype in term.datatypes or not relation.datatype.startswith(_TYPED)

    def _is_but_a_value(self, term: Term, relation: Relation) -> bool:
        """Whether it is a date or a number where the relation leads to things and none is known to be called so."""
        things = relation.range and self._measures.isdisjoint(relation.range)
        if not things or not (date(term.text) is not None or _NUMBER.fullmatch(term.text)):
            return False
        return not self.known.name(relation.label, term.text)


def may_be(term: Term, classes: Sequence[str]) -> bool:
    """Whether the term may be an instance of one of the classes; of none named it may."""
    return not classes or term.classes is None or any(c in term.classes for c in classes)


def _is_pattern(pattern: str) -> bool:
    """Whether Python reads the pattern as it is written in an ontology."""
    try:
        return bool(pattern and re.compile(pattern))
    except re.error:
        return False
