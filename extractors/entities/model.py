"""What entity resolution takes and gives: mentions in; clusters, a log of merges, what was refused, suspects out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Rule(Enum):
    """Why two nodes are one thing, strongest first; a weaker rule never undoes what a stronger one decided."""

    IDENTIFIER = "identifier"
    """Both have the same identifier: an address, the number of a standard, an LEI."""
    TICKER = "ticker"
    """Both have the same symbol, letter by letter, on the same chain."""
    DEFINITION = "definition"
    """The document itself says that the one is short for the other: "Automated Market Maker (AMM)"."""
    NAME = "name"
    """Both have the same name up to case, punctuation, legal form and type word; type and context agree."""
    PART = "part"
    """In one document, a person by a part of the only full name that it is part of."""
    INITIALS = "initials"
    """In one document, an acronym by the only name of its type with these initials."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A thing named in a text.

    `node` stands for the thing: its IRI in a graph, or any name of the caller's. Mentions of one node are one thing
    from the start. `source` is the CID of the document, where `text` stands at code points `start` to `end`.
    `types` are class IRIs. `identifiers` are the thing's own (`eip155:1/erc20:0x…`, `https://eips.ethereum.org/…`,
    an LEI), `context` those of what the text around speaks of. `home` says that `node` is an IRI that is known
    everywhere: two homes are two things.

    >>> Mention("m1", "USDC", types=("https://example.org/Token",), context=("eip155:1",)).text
    'USDC'
    """

    node: str
    text: str
    source: str = ""
    start: int = 0
    end: int = 0
    types: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    home: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """A document says that `short` is short for `long`."""

    source: str
    short: str
    long: str


@dataclass(frozen=True, slots=True)
class Apart:
    """Somebody said that `node` is none of `others`."""

    node: str
    others: frozenset[str]


@dataclass(frozen=True, slots=True)
class Merge:
    """One line of the log: `node` is `canonical`, because it shares `key` with `via` by `rule`.

    `via` is `canonical` itself or a node of the same cluster that is nearer to it.
    """

    node: str
    canonical: str
    rule: Rule
    key: str
    via: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nodes that share a key and were not merged by it, and why not."""

    rule: Rule
    key: str
    nodes: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """A name that is made to be taken for another: `like` is the node whose name it resembles, if there is one."""

    node: str
    text: str
    reason: str
    like: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Nodes that are one thing, sorted; `canonical` stands for all of them."""

    canonical: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What came of the mentions: clusters of two or more nodes, the log, what was refused, names to look at twice.

    All four are sorted and do not depend on the order of the mentions.
    """

    clusters: tuple[Cluster, ...]
    merges: tuple[Merge, ...]
    refused: tuple[Refusal, ...]
    suspects: tuple[Suspect, ...]
