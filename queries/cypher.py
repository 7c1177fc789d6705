"""Cypher on Neo4j: read-only, with parameters, filtered by trust where that is asked.

The names that a query uses are in kg/stores/neo4j/mapping.py. `$kg` is always given, so that a query can keep to its
workspace: `MATCH (p:Protocol {kg: $kg})`. Without a filter nothing else keeps it there.

A filter cannot be written into somebody's Cypher: it may match, count or walk over what is to be left out. So the rest
is really taken away: in a transaction that no one else sees, everything is removed that no admitted claim supports
(relationships, their list entries, labels, properties; and whatever else lives in the database), the query runs on
what is left, and the transaction is rolled back. That is sound for any query, costs time in proportion to what is
removed, and makes writers wait meanwhile; where both wait for each other and the server gives the reading up, it is
done again. Nodes of provenance stay. docs/decisions/0028-cypher-trust-filter.md
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode

from kg.stores.errors import Neo4jTimedOut, StaleGeneration
from kg.stores.evidence import evidence, is_provenance
from kg.stores.lines import line_of
from kg.stores.neo4j import Neo4jStore
from kg.stores.protocol import QuadStore
from queries.errors import QueryRefused, QueryTimedOut, StoreCannotAnswer
from queries.results import Json, Rows
from queries.sparql import check_filter

if TYPE_CHECKING:
    from neo4j import Record

    from kg.stores.neo4j.schema import AnyTransaction

MOST_FOREIGN = 100_000
"""Nodes of other workspaces that a filtered query is ready to take away for its time."""
_ATTEMPTS = 5
"""So often is found out anew what is to be left out, where the workspace changes meanwhile."""


def run(
    store: QuadStore,
    query: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    trust: Iterable[str] | None = None,
    min_confidence: Decimal | float | str | None = None,
    timeout: float | None = None,
    limit: int | None = None,
) -> Rows:
    """Ask a Neo4j store; `timeout` in seconds, `limit` in rows, the filter as for `queries.sparql.run`.

    Nodes become `{"labels": …, "properties": …}`, relationships `{"type": …, "properties": …}`, paths lists of both in
    turn, dates and times ISO 8601 texts, bytes hexadecimal texts, numbers that JSON lacks `"NaN"`, `"INF"`, `"-INF"`.
    Raises QueryRefused (syntax, writing, LOAD CSV), QueryTimedOut, StoreCannotAnswer, Neo4jUnreachable, Neo4jFailed.
    """
    if not isinstance(store, Neo4jStore):
        raise StoreCannotAnswer(
            f"{store.name} does not speak Cypher", remedy="copy it to Neo4j with sync, or use SPARQL"
        )
    levels, least = check_filter(trust, min_confidence)
    given = {**(parameters or {}), "kg": store.kg}
    if levels is None and least is None:
        with store.reading(timeout) as tx, _explained(timeout):
            return _answer(tx, query, given, limit)
    with store.reading(timeout) as tx, _explained(timeout):
        _check(tx, query, given)

    def alone(tx: AnyTransaction) -> Rows:
        with _explained(timeout):
            _leave_alone(tx, store)
            return _answer(tx, query, given, limit)

    attempts = 0
    while True:
        attempts += 1
        generation = store.generation
        withheld = _withheld(store, levels, least)
        try:
            return store.without(withheld, alone, expected_generation=generation, timeout=timeout)
        except StaleGeneration:
            if attempts == _ATTEMPTS:
                raise
        except Neo4jTimedOut:
            raise _late(timeout) from None


def _withheld(store: Neo4jStore, levels: frozenset[str] | None, least: Decimal | None) -> list[bytes]:
    """The lines that no admitted claim supports."""
    admitted = {claim for claim, found in evidence(lambda p: store.match(predicate=p)) if found.meets(levels, least)}
    return [
        line_of(quad)
        for quad in store.match()
        if quad.graph_name not in admitted
        and not (isinstance(quad.graph_name, NamedNode) and is_provenance(quad.graph_name.value))
    ]


def _leave_alone(tx: AnyTransaction, store: Neo4jStore) -> None:
    foreign = "MATCH (n) WHERE n.kg IS NULL OR n.kg <> $kg"
    count = tx.run(f"{foreign} WITH n LIMIT $most RETURN count(n) AS c", kg=store.kg, most=MOST_FOREIGN + 1)
    if count.single(strict=True)["c"] > MOST_FOREIGN:
        raise StoreCannotAnswer(
            f"{store.url} holds more than {MOST_FOREIGN} nodes of other workspaces, which no trust filter reaches",
            remedy="ask in SPARQL, or give the workspace a database of its own",
        )
    tx.run(f"{foreign} DETACH DELETE n", kg=store.kg).consume()


def _check(tx: AnyTransaction, query: str, parameters: Mapping[str, Any]) -> None:
    """Let the server say what the query would do, and refuse writing and the reading of other addresses."""
    summary = tx.run(f"EXPLAIN {query}", dict(parameters)).consume()
    if summary.query_type != "r":
        raise QueryRefused("the query would change the database", remedy="queries only read")
    if any(name.startswith("LoadCSV") for name in _operators(summary.plan or {})):
        raise QueryRefused("LOAD CSV makes the server read other addresses", remedy="ingest the file instead")


def _operators(plan: Mapping[str, Any]) -> Iterator[str]:
    yield str(plan.get("operatorType", ""))
    for child in plan.get("children", ()):
        yield from _operators(child)


def _answer(tx: AnyTransaction, query: str, parameters: Mapping[str, Any], limit: int | None) -> Rows:
    _check(tx, query, parameters)
    result = tx.run(query, dict(parameters))
    columns = tuple(result.keys())
    records: list[Record] = []
    for record in result:
        if limit is not None and len(records) >= limit:
            return Rows(columns, tuple(map(_row, records)), truncated=True)
        records.append(record)
    return Rows(columns, tuple(map(_row, records)))


@contextmanager
def _explained(timeout: float | None) -> Iterator[None]:
    from neo4j.exceptions import Neo4jError

    try:
        yield
    except Neo4jError as error:
        code = error.code or ""
        if "TransactionTimedOut" in code or ("Terminated" in code and timeout is not None):
            raise _late(timeout) from None
        if code.startswith("Neo.ClientError.Statement"):
            raise QueryRefused(f"Neo4j refuses the query: {error.message}", remedy="mend it") from None
        raise


def _late(timeout: float | None) -> QueryTimedOut:
    return QueryTimedOut(f"the query took longer than {timeout} s", remedy="ask for less")


def _row(record: Record) -> tuple[Json, ...]:
    return tuple(map(json_value, record.values()))


def json_value(value: Any) -> Json:
    """A value of Cypher as JSON; see `run`."""
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple):
        return [json_value(member) for member in value]
    if isinstance(value, dict):
        return {str(key): json_value(member) for key, member in value.items()}
    if isinstance(value, bytes | bytearray):
        return value.hex()
    return _structure(value)


def _structure(value: Any) -> Json:
    from neo4j.graph import Node, Path, Relationship

    if isinstance(value, Node):
        return {"labels": [*sorted(value.labels)], "properties": json_value(dict(value))}
    if isinstance(value, Relationship):
        return {"type": value.type, "properties": json_value(dict(value))}
    if isinstance(value, Path):
        steps: list[Json] = [_structure(value.start_node)]
        for edge, node in zip(value.relationships, value.nodes[1:], strict=True):
            steps += [_structure(edge), _structure(node)]
        return steps
    iso = getattr(value, "iso_format", None) or getattr(value, "isoformat", None)
    return str(iso() if iso else value)
