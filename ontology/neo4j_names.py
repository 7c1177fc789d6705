"""Names of Neo4j labels, relationship types and property keys from IRIs, as people write them in Cypher.

    https://w3id.org/triplock/ethereum-standards#Event        label          Event
    https://w3id.org/triplock/ethereum-standards#deployedOn   relationship   DEPLOYED_ON
    http://www.w3.org/2000/01/rdf-schema#label                property       label

Naming conventions: https://neo4j.com/docs/cypher-manual/current/syntax/naming/
A name is letters, digits and underscores only and begins with a letter, so it needs no quoting in Cypher and
nothing can be smuggled into a query through it. Two IRIs never share a name of one kind: the first keeps the plain
name, the next gets a digest of its IRI behind it. What is given out once stays, so `NeoNames` is kept with the data.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum

MAX_NAME = 60
_LOCAL = re.compile(r"[#/:]([^#/:]+)[#/:]*$")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|[0-9]+|[^\W\d_]+")


class NameKind(StrEnum):
    """What a name is for; names of different kinds may be equal."""

    LABEL = "label"
    RELATIONSHIP = "relationship"
    PROPERTY = "property"


RESERVED: Mapping[NameKind, frozenset[str]] = {
    NameKind.LABEL: frozenset({"Resource", "Provenance", "Claim"}),
    NameKind.RELATIONSHIP: frozenset({"CLAIMS"}),
    NameKind.PROPERTY: frozenset({"kg", "iri", "longIri", "terms", "trust", "confidence", "activity"}),
}
"""Names that the mapping itself uses. Names that begin with `Triplock` are its own too."""


def plain_name(iri: str, kind: NameKind) -> str:
    """The name that an IRI would like: its local part in CamelCase, UPPER_SNAKE or camelCase.

    >>> plain_name("https://example.org/ns#isERC20TokenOf", NameKind.RELATIONSHIP)
    'IS_ERC20_TOKEN_OF'
    >>> plain_name("https://example.org/token_contract", NameKind.LABEL)
    'TokenContract'
    >>> plain_name("https://example.org/totalSupply", NameKind.PROPERTY)
    'totalSupply'
    """
    found = _LOCAL.search(iri)
    text = unicodedata.normalize("NFKC", found[1] if found else iri)
    words = _join_digits(_WORDS.findall(text))
    match kind:
        case NameKind.LABEL:
            name = "".join(word[:1].upper() + word[1:] for word in words)
        case NameKind.RELATIONSHIP:
            name = "_".join(word.upper() for word in words)
        case NameKind.PROPERTY:
            name = "".join(word[:1].upper() + word[1:] if i else _lower_first(word) for i, word in enumerate(words))
    name = re.sub(r"\W", "", name)[:MAX_NAME]
    if not name or not name[0].isalpha():
        name = {NameKind.LABEL: "N", NameKind.RELATIONSHIP: "N_", NameKind.PROPERTY: "n"}[kind] + name
    return name


def _join_digits(words: list[str]) -> list[str]:
    """Digits belong to the word before them: ERC20, topic0."""
    joined: list[str] = []
    for word in words:
        if joined and word.isdigit() and not joined[-1][-1].isdigit():
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _lower_first(word: str) -> str:
    return word.lower() if word.isupper() else word[:1].lower() + word[1:]


class NeoNames:
    """The names given out so far, and new ones on demand.

    >>> names = NeoNames()
    >>> names.name("https://a.example/name", NameKind.PROPERTY)
    'name'
    >>> names.name("https://b.example/name", NameKind.PROPERTY)
    'name_d441ae0d'
    >>> names.iri("name", NameKind.PROPERTY)
    'https://a.example/name'
    """

    def __init__(self, given: Iterable[tuple[NameKind, str, str]] = ()) -> None:
        """`given` are (kind, iri, name) from earlier."""
        self._names: dict[tuple[NameKind, str], str] = {}
        self._iris: dict[tuple[NameKind, str], str] = {}
        for kind, iri, name in given:
            self._remember(iri, kind, name)

    def _remember(self, iri: str, kind: NameKind, name: str) -> None:
        self._names[kind, iri] = name
        self._iris[kind, name] = iri

    def name(self, iri: str, kind: NameKind) -> str:
        """The name of the IRI, given out now if it has none."""
        known = self._names.get((kind, iri))
        if known is not None:
            return known
        plain = name = plain_name(iri, kind)
        digest, length = hashlib.sha256(iri.encode()).hexdigest(), 8
        while name in RESERVED[kind] or name.startswith("Triplock") or (kind, name) in self._iris:
            name = f"{plain}_{digest[:length]}"
            length += 8
        self._remember(iri, kind, name)
        return name

    def iri(self, name: str, kind: NameKind) -> str | None:
        """The IRI that has the name, or None."""
        return self._iris.get((kind, name))

    def given(self) -> list[tuple[NameKind, str, str]]:
        """All that was given out: (kind, iri, name), in order of giving."""
        return [(kind, iri, name) for (kind, iri), name in self._names.items()]
