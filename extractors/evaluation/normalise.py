"""When two ways of writing a triple are the same triple.

Subject and object: Unicode NFKC (https://www.unicode.org/reports/tr15/), runs of white space are one space, none at
the ends; upper and lower case differ, and so do all other characters. Relations: the same, in lower case, and `_`
is a space. Dates as `Dates` says.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from extractors.evaluation.dates import Dates, normalised_date
from extractors.evaluation.model import Triple
from ontology.model import Ontology


@dataclass(frozen=True, slots=True)
class Normalisation:
    """The rules by which triples are compared; `dates` says what is done to subjects and objects that are dates."""

    dates: Dates = Dates.AS_WRITTEN

    def thing(self, name: str) -> str:
        """The subject or object as it is compared.

        >>> Normalisation(Dates.ISO).thing(" 1 May\\xa02020"), Normalisation().thing("The  Hague")
        ('2020-05-01', 'The Hague')
        """
        return normalised_date(written(name), self.dates)

    def triple(self, triple: Triple) -> Triple:
        """All three."""
        subject, relation, object_ = triple
        return self.thing(subject), relation_key(relation), self.thing(object_)


def relation_key(name: str) -> str:
    """A relation's name as it is compared, which ontologies and systems may write differently.

    >>> relation_key("Country_of  Origin")
    'country of origin'
    """
    return written(name.replace("_", " ")).lower()


def relation_keys(ontology: Ontology | None) -> set[str] | None:
    """The names of an ontology's relations as they are compared, None without an ontology."""
    return None if ontology is None else {relation_key(r.label) for r in ontology.relations.values()}


def written(text: str) -> str:
    """NFKC with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).split())
