"""The keys of a node: whoever shares one of them is the same thing by its rule, unless something tells them apart.

A key holds all that has to agree (name, type, context), so nodes are compared by looking keys up and never pair by
pair: the cost grows with the number of mentions. A weak rule has carriers, whose full name is the key's meaning, and
dependents, which are no more than a part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from extractors.entities.abbreviations import initials
from extractors.entities.model import Definition, Rule
from extractors.entities.names import Name, loose, read_name, singular
from extractors.entities.nodes import Node

MAX_CONTEXT = 32
"""Identifiers of a mention's context, and types of a node, that are looked at: the first in order."""

_TOKENS = frozenset(("token", "coin", "asset", "cryptocurrency", "currency", "stablecoin"))
_ON_CHAINS = ("caip2 ", "caip10 ", "caip19 ", "address ")
_PERSONS = frozenset(("person", "per", "human", "people", "author"))


class Key(NamedTuple):
    """A form of a name or an identifier, and where it means something."""

    form: str
    where: str = ""
    document: str = ""
    """The document by which the node depends on what others say of the key; "" for a node that carries it."""


def identifier_keys(node: Node) -> Iterator[Key]:
    """Each identifier."""
    return (Key(str(identifier)) for identifier in node.identifiers)


def ticker_keys(node: Node) -> Iterator[Key]:
    """Symbol and chain, of tokens alone: a symbol without a chain says nothing, and with several not which one."""
    if node.on_one_chain and (node.types & _TOKENS or any(i.scheme == "caip19" for i in node.identifiers)):
        for named in node.named:
            if named.ticker:
                for chain in named.chains:
                    yield Key(named.ticker, f"on {chain}")


class Definitions:
    """Short forms by document: (source, key of the short form) to the keys of the long forms."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self._long: dict[tuple[str, str], set[str]] = {}
        for found in definitions:
            short, long = read_name(found.short).key, read_name(found.long).key
            if short and long:
                self._long.setdefault((found.source, short), set()).add(long)
        self._short: dict[tuple[str, str], set[str]] = {}
        for (source, short), longs in self._long.items():
            for long in longs:
                self._short.setdefault((source, long), set()).add(short)

    def keys(self, node: Node) -> Iterator[Key]:
        """The short forms that the node's documents define as it or for it."""
        for named in node.named:
            where = f"in {named.source}"
            if (named.source, named.name.key) in self._long:
                yield Key(named.name.key, where, named.source)
            for form in named.name.forms:
                for short in self._short.get((named.source, form), ()):
                    yield Key(short, where)


def name_keys(node: Node) -> Iterator[Key]:
    """The name in each of its forms: in the document, and with each type beside the document and its identifiers."""
    types = sorted(node.types)[:MAX_CONTEXT]
    of_several_chains = node.types & _TOKENS and not node.on_one_chain
    for named in node.named:
        forms = _forms(named.name, node.types)
        near = sorted(named.context)[:MAX_CONTEXT]
        if of_several_chains:
            near = [context for context in near if not context.startswith(_ON_CHAINS)]
        if named.source:
            near.append(named.source)
            for form in forms | _loose(forms, node.types):
                yield Key(form, f"in {named.source}")
        for kind in types:
            for context in near:
                where = f"(a {kind}) beside {context}"
                for form in forms:
                    yield Key(form, where)


def _forms(name: Name, types: set[str]) -> set[str]:
    forms = set(name.forms)
    if name.headless and (name.head in types or singular(name.head) in types):
        forms.add(name.headless)
    if types and not types & _TOKENS:
        # A long word in capitals is a heading, not a ticker.
        forms.update(
            form[1:].casefold() for form in tuple(forms) if form[:1] == "=" and form.isupper() and len(form) > 5
        )
    return forms - {""}


def _loose(forms: set[str], types: set[str]) -> set[str]:
    """Forms without gaps and accents; none where the case of a ticker may tell it from another."""
    if types & _TOKENS:
        return set()
    return {f"~{found}" for form in forms if (types or form[0] != "=") and (found := loose(form))}


def part_keys(node: Node) -> Iterator[Key]:
    """First and last name of a person, in each document."""
    if not node.types & _PERSONS:
        return
    for named in node.named:
        tokens = named.name.tokens
        if named.source and len(tokens) == 1:
            yield Key(tokens[0], f"in {named.source}", named.source)
        elif named.source:
            for token in {*tokens[:1], *tokens[-1:]}:
                if len(token) > 1:
                    yield Key(token, f"in {named.source}")


def initials_keys(node: Node) -> Iterator[Key]:
    """Acronym, type and document."""
    for named in node.named:
        if not named.source:
            continue
        word = named.ticker
        if len(named.name.tokens) > 1:
            words = tuple(word.casefold() for word in named.name.words)
            letters, document = initials(named.name.tokens) | initials(words), ""
        elif word.isupper() and word.isalpha() and 1 < len(word) < 8:
            letters, document = frozenset((word.casefold(),)), named.source
        else:
            continue
        for kind in node.types:
            for acronym in letters:
                yield Key(acronym, f"(a {kind}) in {named.source}", document)


RULES_WITH_DEPENDENTS = frozenset((Rule.DEFINITION, Rule.PART, Rule.INITIALS))
"""Rules whose keys mean something in one document: a node of several documents needs the same answer from each."""
