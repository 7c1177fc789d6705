"""All mentions of one node taken together: its names, types, identifiers, and what would tell it from another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from extractors.entities.identifiers import Identifier, chain_of, identify
from extractors.entities.model import Mention
from extractors.entities.names import MAX_NAME, Name, read_name, type_word

_SEVERAL = frozenset(("iri",))
"""Schemes of which one thing may have several: they make things one and tell none apart."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name of a node, in one source, with the identifiers that the text around speaks of."""

    name: Name
    source: str
    context: frozenset[str]
    chains: frozenset[str]
    ticker: str = ""
    """The word as it was written, where the name is one word."""


@dataclass(slots=True)
class Node:
    """What is known of a thing before it is compared with others.

    `labels` are what has to be equal where two things both have it: identifiers by scheme, the version in the name,
    the legal form.
    """

    id: str
    home: bool = False
    types: set[str] = field(default_factory=set)
    named: list[Named] = field(default_factory=list)
    identifiers: set[Identifier] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    """The names as they were written."""
    labels: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def on_one_chain(self) -> bool:
        """Whether the texts around its names speak of one chain in all."""
        return len({chain for named in self.named for chain in named.chains}) == 1


def nodes_of(mentions: Iterable[Mention], chains: Mapping[str, str]) -> dict[str, Node]:
    """The nodes of the mentions, by id. `chains` gives the chain (CAIP-2) of a chain's name, by its key.

    >>> nodes = nodes_of([Mention("n", "USDC on Base", "doc")], {"base": "eip155:8453"})
    >>> nodes["n"].named[0].ticker, sorted(nodes["n"].named[0].chains)
    ('USDC', ['eip155:8453'])
    """
    nodes: dict[str, Node] = {}
    for mention in mentions:
        node = nodes.get(mention.node)
        if node is None:
            node = nodes[mention.node] = Node(mention.node)
        _add(node, mention, chains)
    for node in nodes.values():
        node.labels = _labels(node)
    return nodes


def _add(node: Node, mention: Mention, chains: Mapping[str, str]) -> None:
    node.home |= mention.home
    node.types.update(word for iri in mention.types if (word := type_word(iri)))
    node.sources.add(mention.source)
    own = {_identifier(text) for text in mention.identifiers}
    near = {_identifier(text) for text in mention.context}
    text = mention.text
    spoken = {chain for found in (*own, *near) if (chain := chain_of(found))}
    if (found := identify(text)) is not None:
        own.add(_on_chain(found, spoken))
    elif len(text) <= MAX_NAME:
        node.texts.add(text)
        symbol, chain = _symbol_and_chain(text, chains)
        if chain:
            text, spoken = symbol, {chain}
            near = {n for n in near if n.scheme != "caip2"} | {Identifier("caip2", chain)}
        name = read_name(text)
        if name.key or name.deceptive:
            near |= own
            near.update(Identifier("address", f.value[-42:]) for f in own if f.scheme in ("caip10", "caip19"))
            near.update(Identifier("caip2", chain) for chain in spoken)
            ticker = name.words[0] if len(name.tokens) == 1 else ""
            named = Named(name, mention.source, frozenset(map(str, near)), frozenset(spoken), ticker)
            node.named.append(named)
    node.identifiers |= own


def _identifier(text: str) -> Identifier:
    return identify(text) or Identifier("iri", text)


def _on_chain(found: Identifier, chains: set[str]) -> Identifier:
    """A bare address is one of a chain where the text speaks of one chain only."""
    if found.scheme == "address" and len(chains) == 1:
        return Identifier("caip10", f"{next(iter(chains))}:{found.value}")
    return found


def _symbol_and_chain(text: str, chains: Mapping[str, str]) -> tuple[str, str]:
    """`USDC on Arbitrum One`, `USDC (Base)`: the symbol and the chain; "" where no chain is named."""
    before, joint, after = text.partition(" on ")
    if not joint and text.endswith(")"):
        before, joint, after = text[:-1].partition(" (")
    if joint and before and " " not in before.strip() and len(after) < 60:
        return before.strip(), chains.get(read_name(after).key, "")
    return text, ""


def _labels(node: Node) -> dict[str, frozenset[str]]:
    labels: dict[str, set[str]] = {}
    for scheme, value in node.identifiers:
        if scheme not in _SEVERAL:
            labels.setdefault(scheme, set()).add(value)
    for named in node.named:
        if named.name.versions:
            labels.setdefault("version", set()).update(named.name.versions)
        if named.name.form:
            labels.setdefault("legal form", set()).add(" ".join(named.name.form))
    if node.home:
        labels["home"] = {node.id}
    return {scheme: frozenset(values) for scheme, values in labels.items()}


def chain_names(mentions: Iterable[Mention]) -> dict[str, str]:
    """The chains by the keys of their names, from what is known of them; a name of two chains names none.

    >>> chain_names([Mention("eip155:8453", "Base", identifiers=("eip155:8453",), home=True)])
    {'base': 'eip155:8453'}
    """
    found: dict[str, set[str]] = {}
    for mention in mentions:
        if mention.home:
            for text in mention.identifiers:
                identifier = identify(text)
                if identifier is not None and identifier.scheme == "caip2" and (key := read_name(mention.text).key):
                    found.setdefault(key, set()).add(identifier.value)
    return {key: next(iter(values)) for key, values in found.items() if len(values) == 1}
