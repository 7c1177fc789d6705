"""Which relation is learnt and read: its names in the text, the header's fields that state it, what it is said of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from extractors.document_relations.errors import RelationUnknown
from extractors.document_relations.names import Names, number_of
from extractors.documents.front_matter import FrontMatter, front_matter
from extractors.documents.load import MARKDOWN
from extractors.documents.model import Document
from ontology.model import Ontology, Relation

_LONGEST_NAME = 80


@dataclass(frozen=True)
class Task:
    """`relation` is an IRI; `pattern` matches the names of its objects, `subjects` those of its subjects ("": any).

    `fields` are the names of the header's fields that state it.
    """

    relation: str
    pattern: str
    fields: tuple[str, ...]
    subjects: str = ""

    @cached_property
    def names(self) -> Names:
        """The names of objects in a text."""
        return Names(self.pattern)

    def own(self, document: Document) -> str | None:
        """The identity of what the document is about, if it is a thing of the same kind.

        By what the document calls its subject, else by a field that is named as the kind is, such as `caip: 10`.
        """
        identities = (self.names.identity(name) for name in _names(document))
        return next((identity for identity in identities if identity is not None), None)

    def speaks_of(self, document: Document) -> bool:
        """Whether the document's subject can have the relation: it is known, and its name is one of the domain's."""
        if not self.subjects:
            return True
        return any(re.fullmatch(self.subjects, name, re.IGNORECASE) for name in _names(document))

    def has_header(self, document: Document) -> bool:
        """Whether the document has a header, in which the relation could be stated."""
        return _header(document) is not None

    def stated(self, document: Document) -> Stated | None:
        """What the header states, None where it has none of the fields or says nothing in them."""
        header = _header(document)
        wanted = {_key(name) for name in self.fields}
        values = [
            value.strip()
            for name, field in (header.fields.items() if header else ())
            if _key(name) in wanted
            for part in field.values
            for value in part.split(",")
        ]
        own = self.own(document)
        identities = {self.names.identity(value) for value in values} - {None, own}
        numbers = {int(value) for value in values if re.fullmatch(r"[0-9]{1,18}", value)}
        if own is not None:
            numbers.discard(number_of(own))
        if not identities and not numbers:
            return None
        return Stated(frozenset(i for i in identities if i is not None), frozenset(numbers))


@dataclass(frozen=True, slots=True)
class Stated:
    """The objects that a header gives, by their names or by their numbers alone."""

    identities: frozenset[str]
    numbers: frozenset[int]

    def __len__(self) -> int:
        named = {number_of(identity) for identity in self.identities}
        return len(self.identities) + len(self.numbers - {n for n in named if n is not None})

    def __contains__(self, identity: str) -> bool:
        return identity in self.identities or number_of(identity) in self.numbers


def task_of(ontology: Ontology, name: str, *, fields: Sequence[str] = (), pattern: str | None = None) -> Task:
    """The task for a relation of the ontology, by IRI, label or local name.

    `fields` are by default those with the relation's name; `pattern` is by default that of the relation's range.
    Raises RelationUnknown.

    >>> from ontology.loader import load
    >>> task_of(load("ethereum-standards"), "requires").fields
    ('requires',)
    """
    relation = next((r for r in ontology.relations.values() if name in (r.iri, r.label, _local(r.iri))), None)
    if relation is None:
        known = ", ".join(sorted(r.label for r in ontology.extractable))[:300]
        raise RelationUnknown(f"the ontology has no relation {name!r}", remedy=f"give one of {known}")
    found = _pattern(ontology, relation.range) if pattern is None else pattern
    if not found:
        raise RelationUnknown(
            f"the objects of {name!r} have no pattern by which a text's names of them could be told",
            remedy="give one with --pattern, or as tl:namePattern of the relation's range",
        )
    try:
        re.compile(found)
    except re.error as error:
        raise RelationUnknown(f"{found!r} is no regular expression: {error}", remedy="mend the pattern") from None
    return Task(relation.iri, found, tuple(fields) or _fields(relation), _pattern(ontology, relation.domain))


def _pattern(ontology: Ontology, classes: Sequence[str]) -> str:
    patterns = [ontology.classes[iri].name_pattern for iri in classes if iri in ontology.classes]
    return "|".join(f"(?:{pattern})" for pattern in patterns if pattern)


def _fields(relation: Relation) -> tuple[str, ...]:
    return tuple(dict.fromkeys((relation.label, _local(relation.iri))))


def _local(iri: str) -> str:
    return re.split(r"[#/:]", iri)[-1]


def _key(name: str) -> str:
    """A field's name without what tells `depends-on`, `dependsOn` and `depends on` apart."""
    return re.sub(r"[\W_]+", "", name).casefold()


def _names(document: Document) -> list[str]:
    """What the document's subject is called: as the loader knows it, and by fields such as `caip: 10`."""
    header = _header(document)
    numbered = [f"{name}-{field.value}" for name, field in header.fields.items()] if header else []
    return [*document.subject_names, *(name for name in numbered if len(name) < _LONGEST_NAME)]


def _header(document: Document) -> FrontMatter | None:
    return front_matter(document.text) if document.media_type == MARKDOWN else None
