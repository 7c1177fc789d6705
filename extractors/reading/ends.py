"""What spans of general text may be at the ends of a relation: domain, range, values and datatypes as term by term."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.mentions.candidates import Candidate, Shape
from extractors.mentions.known import KnownNames
from extractors.mentions.values import compared, datatypes
from extractors.syntax.name_kinds import FIGURES, NO_WORK, PLACE, kinds_of
from extractors.syntax.wording import DATE
from ontology.grammar import Term, possible_triples
from ontology.model import Example, Ontology, Relation

_VALUES = (Shape.DATE, Shape.NUMBER)


class Ends:
    """The ends of one ontology's relations; `examples` tell names."""

    def __init__(self, ontology: Ontology, examples: Sequence[Example]) -> None:
        self._ontology = ontology
        self._values = {r.iri: {compared(name): iri for name, iri in r.values} for r in ontology.extractable}
        listed = {r.label: [name for name, _ in r.values] for r in ontology.extractable}
        self.known = KnownNames(examples, listed)
        self._patterns = {
            iri: re.compile(cls.name_pattern) for iri, cls in ontology.classes.items() if _is_pattern(cls.name_pattern)
        }
        self._forms = {r.iri: re.compile(r.pattern) for r in ontology.extractable if _is_pattern(r.pattern)}
        self._kinds = {r.iri: (self._of(r.domain), self._of(r.range)) for r in ontology.extractable}

    def subject(self, mention: Candidate, relation: Relation, kind: str) -> Term | None:
        """The mention as the subject of the relation, None if it cannot be.

        `kind` is the kind of name that it is, "" where that is not to be relied on.
        """
        if mention.shape in (Shape.PHRASE, *_VALUES) or kind in FIGURES:
            return None
        wanted = self._kinds[relation.iri][0]
        if kind and (kind in NO_WORK if wanted is None and relation.domain else wanted and kind not in wanted):
            return None
        return self.term(mention, "", f"name:{compared(mention.text)}")

    def object(self, mention: Candidate, relation: Relation, kind: str, wants: str = "") -> Term | None:
        """The mention as the object of the relation, None if it cannot be; `wants` as of a frame."""
        values, form = self._values[relation.iri], self._forms.get(relation.iri)
        is_listed = bool(self.known.name(relation.label, mention.text))
        if not is_listed and (mention.shape is Shape.PHRASE or mention.text.islower()):
            return None
        if (values and compared(mention.text) not in values) or (form and form.search(mention.text) is None):
            return None
        if wants and (mention.shape is Shape.DATE) != (wants == DATE):
            return None
        kinds = self._kinds[relation.iri][1] if wants in ("", DATE) else PLACE
        if not is_listed and relation.datatype is None and (mention.shape in _VALUES or kind in FIGURES):
            return None
        if not is_listed and kinds is not None and kind not in kinds:
            return None
        return self.term(
            mention, relation.label, values.get(compared(mention.text)) or f"name:{compared(mention.text)}"
        )

    def fit(self, subject: Term, relation: Relation, value: Term) -> bool:
        """Whether domain, range and datatype allow the two."""
        alone = Ontology(self._ontology.iri, "", self._ontology.classes, {relation.iri: relation})
        return any(t.subject == subject and t.object == value for t in possible_triples(alone, (subject, value)))

    def _of(self, classes: Sequence[str]) -> frozenset[str] | None:
        return kinds_of([self._ontology.classes[c].label for c in classes if c in self._ontology.classes])

    def term(self, mention: Candidate, relation: str, identity: str) -> Term:
        """The mention as a term; `relation` is the label of that whose object it is, "" for a subject."""
        name = self.known.name(relation, mention.text) if relation else ""
        classes = None  # any
        if self._patterns:
            ruled_out = {iri for iri, form in self._patterns.items() if form.fullmatch(mention.text) is None}
            classes = frozenset(self._ontology.classes.keys() - ruled_out)
        other = name if name != mention.text else ""
        return Term(mention.text, mention.start, identity, classes, datatypes(mention.text), other)


def _is_pattern(pattern: str) -> bool:
    """Whether Python reads the pattern as it is written in an ontology."""
    try:
        return bool(pattern and re.compile(pattern))
    except re.error:
        return False
