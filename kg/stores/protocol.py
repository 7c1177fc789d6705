"""What a store can do; Oxigraph (embedded) and Neo4j (server) implement it.

A store keeps a set of quads and a generation, which moves with every change in the same transaction.
It keeps a journal of changes: incremental versions, time travel and the sync between stores live on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

Node: TypeAlias = NamedNode | BlankNode


@dataclass(frozen=True, slots=True)
class Change:
    """One step of the journal: what `apply` really added and removed to reach `generation`."""

    generation: int
    added: tuple[Quad, ...]
    removed: tuple[Quad, ...]


class LineChanges(NamedTuple):
    """One step of the journal in canonical lines, each side strictly increasing."""

    generation: int
    added: list[bytes]
    removed: list[bytes]


class Matching(Protocol):
    """Whatever can be asked for quads by their terms."""

    def match(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        value: Node | Literal | None = None,
        graph: Node | None = None,
    ) -> Iterator[Quad]:
        """The quads that fit; None fits everything (all graphs)."""
        ...


class QuadStore(Matching, Protocol):
    """A set of quads with a generation."""

    name: str
    """Shown in errors and `status`: `oxigraph`, `neo4j bolt://127.0.0.1:7687`."""

    @property
    def identity(self) -> str:
        """A name that was made up with the store and that no other store has: what its generations count."""
        ...

    @property
    def generation(self) -> int:
        """How many changes the store has seen; 0 when new."""
        ...

    def apply(self, added: Iterable[Quad], removed: Iterable[Quad], expected_generation: int) -> int:
        """Add and remove in one transaction and return the new generation.

        Quads that are there already are not added twice, and quads that are not there are not removed;
        when nothing changes the generation stays. A quad in both is removed first, then added.
        Raises StaleGeneration when the store is not at `expected_generation`; nothing is changed then.
        """
        ...

    def changes(self, since: int) -> Iterator[Change]:
        """The steps after generation `since`, oldest first; raises JournalTruncated if they are gone."""
        ...

    def changed_lines(self, since: int) -> Iterator[LineChanges]:
        """The same steps in canonical lines, as versions need them; raises JournalTruncated if they are gone."""
        ...

    def sorted_quads(self, start: bytes = b"") -> Iterator[bytes]:
        """Canonical N-Quads lines (without LF), strictly increasing by bytes, from the first one >= `start`."""
        ...

    def __len__(self) -> int:
        """The number of quads."""
        ...

    def close(self) -> None:
        """Release files, locks and connections."""
        ...
