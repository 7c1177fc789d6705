"""Claims against the ontology, their values and the SHACL shapes, before they get near a store.

What the document's own code declares says of which classes its things are; other documents do not count, so what is
let in depends on no order. SHACL (https://www.w3.org/TR/shacl/) is run where a shape speaks of what is claimed:
a few milliseconds a chunk, beside seconds of a model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from pyoxigraph import NamedNode

from extractors.documents.claims import read_claims
from extractors.documents.model import Document
from kg.claims.iris import Mint
from kg.claims.model import Claim
from kg.claims.vocabulary import TYPE
from ontology.model import Ontology
from ontology.validate import validate

PACKAGED = "packaged"


class Validation:
    """Holds claims against `ontology` and `shapes`: a Turtle file, "packaged", or None for no SHACL."""

    def __init__(self, ontology: Ontology, mint: Mint, *, shapes: str | Path | None = PACKAGED) -> None:
        self._ontology = ontology
        self._mint = mint
        self._shapes = shapes
        self._document = ""
        self._types: dict[str, list[str]] = {}

    @cached_property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """What decides beside the ontology: the shapes, where they are not the packaged ones."""
        if self._shapes in (None, PACKAGED):
            return () if self._shapes else (("shapes", "none"),)
        content = Path(str(self._shapes)).read_bytes()
        return (("shapes", "sha256:" + hashlib.sha256(content).hexdigest()),)

    def refusals(self, document: Document, claims: Sequence[Claim]) -> dict[int, str]:
        """The claims that are refused, by their place in `claims`, each with the reason. Raises ShapesRefused.

        Claims that are made of one chunk are looked at together: what one says of a class counts for the others.
        """
        given = [statement for claim in claims for statement in claim.statements]
        if not given:
            return {}
        refused = validate(self._ontology, given, types=self._types_in(document), shapes=self._shapes).refused
        reasons = {r.statement: r.reason for r in reversed(refused)}
        found: dict[int, str] = {}
        for number, claim in enumerate(claims):
            reason = next((reasons[s] for s in claim.statements if s in reasons), None)
            if reason is not None:
                found[number] = reason
        return found

    def _types_in(self, document: Document) -> Mapping[str, Sequence[str]]:
        """The classes that fixed code reads in the document, by the IRI of the thing."""
        if self._document != str(document.cid):
            self._types = {}
            for claim in read_claims(document, self._mint):
                for subject, predicate, value in claim.statements:
                    if predicate == TYPE and isinstance(value, NamedNode):
                        self._types.setdefault(subject.value, []).append(value.value)
            self._document = str(document.cid)
        return self._types
