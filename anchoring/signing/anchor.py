"""What the chain says of a version: the graph's identity, the anchored fields, and who can be asked.

The identity of a graph is what a verifier brings; all else is checked against it.
Format: docs/format.md, sections "Graph" and "Anchor".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from anchoring.errors import WrongUsage

_GRAPH_ID = re.compile(r"eip155:([1-9][0-9]{0,18}):(0x[0-9a-fA-F]{40})/(0x[0-9a-fA-F]{64})")

ZERO_WORD = bytes(32)
"""The head word of a graph that has no version yet, and the parent of version 1."""


class BadGraphId(WrongUsage):
    """The text names no graph."""

    code = "bad-graph-id"


@dataclass(frozen=True, slots=True)
class GraphId:
    """Chain, registry contract and graph: what a verifier must know beforehand.

    `registry` is a lower-case 0x address, `graph` the 32 bytes that key the registry's map.

    >>> text = "eip155:31337:0x" + "ab" * 20 + "/0x" + "01" * 32
    >>> str(GraphId.parse(text)) == text
    True
    """

    chain_id: int
    registry: str
    graph: bytes

    @classmethod
    def parse(cls, text: str) -> GraphId:
        """Of `eip155:CHAIN:REGISTRY/GRAPH`; raises BadGraphId."""
        match = _GRAPH_ID.fullmatch(text)
        if not match:
            raise BadGraphId(
                f"{text[:200]!r} is no graph id",
                remedy="give eip155:CHAIN:0xREGISTRY/0xGRAPH, as `triplock status` prints it",
            )
        return cls(int(match[1]), match[2].lower(), bytes.fromhex(match[3][2:]))

    def __str__(self) -> str:
        return f"eip155:{self.chain_id}:{self.registry}/0x{self.graph.hex()}"


@dataclass(frozen=True, slots=True)
class BlockReference:
    """A block of the chain: its number, hash (32 bytes) and time (seconds since 1970, UTC)."""

    number: int
    hash: bytes
    timestamp: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """One `Version` event of the registry, taken from a receipt whose status is 1.

    `head`, `parent`, `root`, `manifest` and `transaction` are 32 bytes, `publisher` a lower-case 0x address.
    `version` is the first 40 bits of `head`; `manifest` the SHA-256 of the manifest's bytes.
    """

    graph: GraphId
    head: bytes
    parent: bytes
    root: bytes
    quads: int
    blocks: int
    manifest: bytes
    publisher: str
    transaction: bytes
    block: BlockReference
    log_index: int

    @property
    def version(self) -> int:
        """The version number that the head word carries."""
        return int.from_bytes(self.head[:5], "big")


class AnchorSource(Protocol):
    """An endpoint of the chain, as a verifier uses it.

    Every method raises ServiceFailed when the endpoint cannot be reached or answers wrongly.
    """

    def chain_id(self) -> int:
        """The chain's EIP-155 number."""
        ...

    def head(self, graph: GraphId) -> bytes:
        """The registry's head word for the graph, ZERO_WORD where there is none."""
        ...

    def anchors(self, graph: GraphId) -> Sequence[Anchor]:
        """Every version of the graph, oldest first, each from a receipt whose status is 1."""
        ...

    def latest(self) -> BlockReference:
        """The newest block, from which confirmations are counted."""
        ...
