"""The claim: a few statements that one source makes, and how it is known.

A claim is one named graph. It is never edited: it is added, or withdrawn.
Design: the claim's graph holds exactly the claimed statements;
the statements about it stand in the graph of its activity.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode

from anchoring.encoding.cid import Cid

Statement: TypeAlias = tuple[NamedNode, NamedNode, NamedNode | Literal]


class Trust(StrEnum):
    """How a claim is known.

    In documents: READ (fixed code read it there) and INFERRED (a model said so).
    On chains: REPORTED (an endpoint merely says so), HASHED (it re-hashes to the block hash that the endpoint gives),
    PROVEN (it was proven against a block hash that the user brought).
    From somebody else's graph: ADOPTED (a version of it says so, and that version was verified).
    """

    READ = "read"
    INFERRED = "inferred"
    REPORTED = "reported"
    HASHED = "hashed"
    PROVEN = "proven"
    ADOPTED = "adopted"


@dataclass(frozen=True, slots=True)
class Span:
    """Where in a document the evidence stands.

    Offsets are Unicode code points of the decoded original, without newline translation;
    `quote` is exactly `text[start:end]`. `fragment` says where a page shows it, for documents that have pages:
    `page=3&viewrect=72,100,228,27`.
    """

    source: Cid
    start: int
    end: int
    quote: str
    fragment: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or self.end - self.start != len(self.quote):
            raise ValueError(f"span {self.start}..{self.end} does not fit a quote of {len(self.quote)} code points")


@dataclass(frozen=True, slots=True)
class Agent:
    """The software that makes claims: `name` and `version` of the program, and what else decides its answers.

    `parameters` are pairs of short names and values such as ("model", "qwen2.5-coder-1.5b"),
    ("modelDigest", "sha256:…"), ("promptDigest", "sha256:…"), ("ontology", "ipfs://…"), ("temperature", "0").
    """

    name: str
    version: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """One reading of one source by one agent.

    `source` is the document's CID, or the chain's number for what is read from a chain.
    `kind` is a short noun such as `front-matter`, `interface`, `extraction`, `import`, `transfers`.
    """

    kind: str
    source: Cid | int
    agent: Agent
    trust: Trust


@dataclass(frozen=True, slots=True)
class Claim:
    """Statements that one activity found, with the evidence.

    `iri` is None for claims from documents (their IRI is a digest of what they say and where) and given for
    claims from chains (one graph a block, dataset, endpoint set and trust level) and imported named graphs.
    `about` are further statements about the claim, its subject being the claim itself.
    `subject_span` and `object_span` are where the first statement's subject and object are named, by whatever words
    ("This standard"); they may stand outside `span`, where the text names a thing in another sentence.
    """

    statements: tuple[Statement, ...]
    activity: Activity
    span: Span | None = None
    confidence: Decimal | None = None
    derived_from: NamedNode | None = None
    iri: NamedNode | None = None
    about: tuple[tuple[NamedNode, NamedNode | Literal], ...] = field(default=())
    subject_span: Span | None = None
    object_span: Span | None = None

    def __post_init__(self) -> None:
        if not self.statements:
            raise ValueError("a claim has at least one statement")
