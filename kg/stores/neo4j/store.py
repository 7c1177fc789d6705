"""The server store: claims in a Neo4j database that people can query with plain Cypher.

One transaction holds a change, its journal entry and the new generation. When the connection breaks while committing,
nobody knows whether it happened (CommitUnknown): the generation tells, and a change written twice is written once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from anchoring.errors import WrongUsage
from kg.stores.errors import JournalTruncated, StaleGeneration
from kg.stores.lines import line_of, quads_of
from kg.stores.neo4j import schema
from kg.stores.neo4j.connection import connect, mapped
from kg.stores.neo4j.mapping import PROVENANCE, RESOURCE, EdgeKey, NodeKey, edge_lines, index_key, term_lines
from kg.stores.neo4j.writing import Write
from kg.stores.protocol import Change, LineChanges, Node
from ontology.neo4j_names import NeoNames

if TYPE_CHECKING:
    from neo4j import Driver

    from kg.stores.neo4j.schema import AnyTransaction

T = TypeVar("T")
_CHANGE_PART = 5_000
_LONGEST_NAME = 200
_RETRY_SECONDS, _RETRY_PAUSE = 15.0, 0.2
_LEAST_TIMEOUT = 0.05
"""Seconds; of 0 the server would make no limit."""


class Neo4jStore:
    """A QuadStore in the Neo4j database at `url` (`bolt://127.0.0.1:7687`), under the name `workspace`.

    `auth` is (user, password). Workspaces in one database do not see each other through this class.
    Raises MissingExtra, Neo4jUnreachable, Neo4jRefusedLogin, Neo4jTooOld.
    """

    def __init__(self, url: str, auth: tuple[str, str], workspace: str) -> None:
        if not 0 < len(workspace) <= _LONGEST_NAME:
            raise WrongUsage(f"{workspace[:40]!r} is no workspace name", remedy=f"use 1 to {_LONGEST_NAME} characters")
        self.url, self.kg = url, workspace
        self.name = f"neo4j {url} ({workspace})"
        self._driver: Driver = connect(url, auth)
        self._names: tuple[int, NeoNames] | None = None
        try:
            with mapped(url):
                schema.prepare(self._driver, workspace)
        except BaseException:
            self._driver.close()
            raise

    def _write(self, work: Callable[[AnyTransaction], T]) -> T:
        with mapped(self.url), self._driver.session() as session:
            return session.execute_write(work)

    def _read(self, work: Callable[[AnyTransaction], T]) -> T:
        with mapped(self.url), self._driver.session() as session:
            return session.execute_read(work)

    @property
    def identity(self) -> str:
        """A name that no other workspace has, in this database or another."""
        return self._read(lambda tx: schema.identity(tx, self.kg))

    @property
    def generation(self) -> int:
        """How many changes the workspace has seen."""
        return self._read(lambda tx: schema.generation(tx, self.kg)[0])

    def apply(self, added: Iterable[Quad], removed: Iterable[Quad], expected_generation: int) -> int:
        """Add and remove in one transaction; see QuadStore. Raises CommitUnknown if the connection broke at the end."""
        new, old = [line_of(quad) for quad in added], [line_of(quad) for quad in removed]

        def work(tx: AnyTransaction) -> tuple[int, NeoNames]:
            found = schema.lock(tx, self.kg)
            if found != expected_generation:
                raise StaleGeneration(
                    f"{self.name} is at generation {found}, not {expected_generation}", remedy="read it and redo"
                )
            names = self._names[1] if self._names and self._names[0] == found else schema.read_names(tx, self.kg)
            self._names = None  # what a failed transaction gives out was never given out
            known = len(names.given())
            write = Write(tx, self.kg, names)
            if not write.run(new, old):
                return found, schema.read_names(tx, self.kg) if len(names.given()) > known else names
            schema.write_names(tx, self.kg, names, known)
            plus, minus = ([line.decode() for line in side] for side in (write.added, write.removed))
            schema.write_change(tx, self.kg, found + 1, plus, minus, _CHANGE_PART)
            return found + 1, names

        self._names = self._write(work)
        return self._names[0]

    def changes(self, since: int) -> Iterator[Change]:
        """The steps after generation `since`, oldest first; raises JournalTruncated if they are gone."""
        for step in self.changed_lines(since):
            yield Change(step.generation, tuple(quads_of(step.added)), tuple(quads_of(step.removed)))

    def changed_lines(self, since: int) -> Iterator[LineChanges]:
        """The same steps in canonical lines."""
        newest, oldest = self._read(lambda tx: schema.generation(tx, self.kg))
        if since < oldest:
            raise JournalTruncated(f"the journal begins at generation {oldest}, not {since}", remedy="compare in full")
        query = (
            "MATCH (c:TriplockChange {kg: $kg, generation: $number}) "
            "RETURN c.added AS added, c.removed AS removed ORDER BY c.part"
        )
        for number in range(since + 1, newest + 1):
            parts = self._read(lambda tx, n=number: list(tx.run(query, kg=self.kg, number=n)))  # type: ignore[misc]
            added, removed = ([line.encode() for part in parts for line in part[side]] for side in ("added", "removed"))
            yield LineChanges(number, sorted(added), sorted(removed))

    def _lines(
        self, tx: AnyTransaction, subject: str | None = None, predicate: str | None = None, graph: str | None = None
    ) -> Iterator[bytes]:
        """The lines with these terms (IRIs without brackets), in any order."""
        which = "n.iri = $subject" if subject is not None else "n.iri >= ''"
        arguments = {"kg": self.kg, "subject": subject and index_key(subject), "predicate": predicate, "graph": graph}
        for layer in (RESOURCE, PROVENANCE):
            nodes = (
                f"MATCH (n:{layer}) WHERE n.kg = $kg AND {which} AND n.terms IS NOT NULL "
                "RETURN coalesce(n.longIri, n.iri), CASE WHEN $predicate IS NULL THEN n.terms ELSE "
                "[t IN n.terms WHERE t STARTS WITH '<' + $predicate + '> '] END"
            )
            for iri, terms in tx.run(nodes, arguments):
                yield from term_lines(NodeKey(layer, iri), terms)
            edges = (
                f"MATCH (n:{layer})-[e]->(o:{layer}) WHERE n.kg = $kg AND {which} AND e.kg = $kg "
                "AND ($predicate IS NULL OR e.predicate = $predicate) AND ($graph IS NULL OR $graph IN e.claims) "
                "RETURN coalesce(n.longIri, n.iri), e.predicate, coalesce(o.longIri, o.iri), e.claims"
            )
            for s, p, o, claims in tx.run(edges, arguments):
                yield from edge_lines(EdgeKey(layer, s, p, o), claims)

    def _all_lines(self, tx: AnyTransaction) -> list[bytes]:
        before = schema.generation(tx, self.kg)
        lines = sorted(self._lines(tx))
        if schema.generation(tx, self.kg) != before:
            raise StaleGeneration(f"{self.name} changed while it was read", remedy="read it again")
        return lines

    def sorted_quads(self, start: bytes = b"") -> Iterator[bytes]:
        """Canonical N-Quads lines without LF, in order, from the first one >= `start`. Held in memory.

        Raises StaleGeneration if the workspace changed while it was read.
        """
        return (line for line in self._read(self._all_lines) if line >= start)

    def match(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        value: Node | Literal | None = None,
        graph: Node | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """The quads that fit; None fits everything (all graphs). Fast with a subject, a full reading without."""
        if any(isinstance(term, BlankNode) for term in (subject, value, graph)):
            return
        s = subject.value if isinstance(subject, NamedNode) else None
        p = predicate.value if predicate is not None else None
        g = graph.value if isinstance(graph, NamedNode) else "" if graph is not None else None
        for quad in quads_of(self._read(lambda tx: list(self._lines(tx, s, p, g)))):
            if (value is None or quad.object == value) and (graph is None or quad.graph_name == graph):
                yield quad

    def __len__(self) -> int:
        """The number of quads."""
        nodes = "MATCH (n) WHERE (n:Resource OR n:Provenance) AND n.kg = $kg RETURN sum(size(n.terms)) AS c"
        edges = "MATCH ()-[e]->() WHERE e.kg = $kg RETURN sum(size(e.claims)) AS c"

        def work(tx: AnyTransaction) -> int:
            return sum(int(tx.run(query, kg=self.kg).single(strict=True)["c"]) for query in (nodes, edges))

        return self._read(work)

    def without(
        self,
        lines: Iterable[bytes],
        work: Callable[[AnyTransaction], T],
        *,
        expected_generation: int,
        timeout: float | None = None,
    ) -> T:
        """What `work` answers in a transaction in which these lines are gone, rolled back whatever happens in it.

        Others do not see it; writers of the workspace wait for it. Where it stands in another writer's way and the
        server gives it up, it is done again, `work` as well. `timeout` in seconds bounds all of it.
        Raises StaleGeneration where the workspace has moved on, and Neo4jTimedOut.
        """
        from neo4j.exceptions import Neo4jError

        gone, begun = list(lines), time.monotonic()
        while True:
            left = None if timeout is None else max(timeout - (time.monotonic() - begun), _LEAST_TIMEOUT)
            try:
                with mapped(self.url, transient=False):
                    return self._undone(gone, work, expected_generation, left)
            except Neo4jError:
                spent = time.monotonic() - begun
                if spent > _RETRY_SECONDS or (timeout is not None and spent > timeout):
                    with mapped(self.url):
                        raise
                time.sleep(_RETRY_PAUSE)

    def _undone(
        self, lines: Sequence[bytes], work: Callable[[AnyTransaction], T], expected: int, timeout: float | None
    ) -> T:
        with self._driver.session() as session:
            tx = session.begin_transaction(timeout=timeout)
            try:
                if (found := schema.lock(tx, self.kg)) != expected:
                    raise StaleGeneration(
                        f"{self.name} is at generation {found}, not {expected}", remedy="read it and redo"
                    )
                Write(tx, self.kg, schema.read_names(tx, self.kg)).run((), lines)
                return work(tx)
            finally:
                if not tx.closed():
                    tx.rollback()

    @contextmanager
    def reading(self, timeout: float | None = None) -> Iterator[AnyTransaction]:
        """A transaction in which the server refuses to write. `timeout` in seconds bounds it."""
        with (
            mapped(self.url),
            self._driver.session(default_access_mode="READ") as session,
            session.begin_transaction(timeout=timeout) as tx,
        ):
            yield tx

    def drop(self) -> None:
        """Delete the workspace: every quad, name and journal entry. It cannot be undone."""
        with mapped(self.url), self._driver.session() as session:
            batches = "CALL (x) { DELETE x } IN TRANSACTIONS OF 5000 ROWS"
            session.run(f"MATCH (n {{kg: $kg}})-[x]->() {batches}", kg=self.kg).consume()
            session.run(f"MATCH (x {{kg: $kg}}) {batches}", kg=self.kg).consume()
        self._names = None

    def close(self) -> None:
        """Close the connections; calling it again does nothing."""
        self._driver.close()

    def __enter__(self) -> Neo4jStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
