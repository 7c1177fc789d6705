"""What spans of general text may be at the ends of a relation: domain, range, values and datatypes as term by term."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.mentions.candidates import VALUES, Candidate, Shape
from extractors.reading.terms import Terms
from extractors.syntax.name_kinds import FIGURES, NO_WORK, PLACE, kinds_of
from extractors.syntax.wording import DATE
from ontology.grammar import Term, possible_triples
from ontology.model import Example, Ontology, Relation


class Ends:
    """The ends of one ontology's relations; `examples` tell names."""

    def __init__(self, ontology: Ontology, examples: Sequence[Example]) -> None:
        self._ontology = ontology
        self.terms = Terms(ontology, examples)
        self.known = self.terms.known
        self._kinds = {r.iri: (self._of(r.domain), self._of(r.range)) for r in ontology.extractable}

    def subject(self, mention: Candidate, relation: Relation, kind: str) -> Term | None:
        """The mention as the subject of the relation, None if it cannot be.

        `kind` is the kind of name that it is, "" where that is not to be relied on.
        """
        if mention.shape in (Shape.PHRASE, *VALUES) or kind in FIGURES:
            return None
        wanted = self._kinds[relation.iri][0]
        if kind and (kind in NO_WORK if wanted is None and relation.domain else wanted and kind not in wanted):
            return None
        return self.terms.term(mention)

    def object(self, mention: Candidate, relation: Relation, kind: str, wants: str = "") -> Term | None:
        """The mention as the object of the relation, None if it cannot be; `wants` as of a frame."""
        is_listed = bool(self.known.name(relation.label, mention.text))
        if not is_listed and (mention.shape is Shape.PHRASE or mention.text.islower()):
            return None
        if not self.terms.allows(mention.text, relation):
            return None
        if wants and (mention.shape is Shape.DATE) != (wants == DATE):
            return None
        kinds = self._kinds[relation.iri][1] if wants in ("", DATE) else PLACE
        if not is_listed and relation.datatype is None and (mention.shape in VALUES or kind in FIGURES):
            return None
        if not is_listed and kinds is not None and kind not in kinds:
            return None
        return self.terms.term(mention, relation)

    def fit(self, subject: Term, relation: Relation, value: Term) -> bool:
        """Whether domain, range and datatype allow the two."""
        alone = Ontology(self._ontology.iri, "", self._ontology.classes, {relation.iri: relation})
        return any(t.subject == subject and t.object == value for t in possible_triples(alone, (subject, value)))

    def _of(self, classes: Sequence[str]) -> frozenset[str] | None:
        return kinds_of([self._ontology.classes[c].label for c in classes if c in self._ontology.classes])
