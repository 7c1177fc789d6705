"""What the store keeps in the database about itself: constraints, the graph's generation, its names.

(:TriplockGraph {kg, format, identity, generation, oldest})   one a workspace; writers queue up on it
(:TriplockName {kg, kind, key, iri, name})              the names given out (ontology.neo4j_names)
(:TriplockChange {kg, generation, part, added, removed})   the journal, in lines
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from kg.claims import vocabulary as v
from kg.stores.errors import StoreTooNew
from kg.stores.neo4j.mapping import index_key
from ontology.neo4j_names import NameKind, NeoNames

if TYPE_CHECKING:
    from neo4j import Driver, ManagedTransaction, Transaction

    AnyTransaction = ManagedTransaction | Transaction

FORMAT = 1
CONSTRAINTS = (
    "CREATE CONSTRAINT triplock_resource IF NOT EXISTS FOR (n:Resource) REQUIRE (n.kg, n.iri) IS UNIQUE",
    "CREATE CONSTRAINT triplock_provenance IF NOT EXISTS FOR (n:Provenance) REQUIRE (n.kg, n.iri) IS UNIQUE",
    "CREATE CONSTRAINT triplock_graph IF NOT EXISTS FOR (n:TriplockGraph) REQUIRE n.kg IS UNIQUE",
    "CREATE CONSTRAINT triplock_name IF NOT EXISTS FOR (n:TriplockName) REQUIRE (n.kg, n.kind, n.key) IS UNIQUE",
    "CREATE CONSTRAINT tl_step IF NOT EXISTS FOR (n:TriplockChange) REQUIRE (n.kg, n.generation, n.part) IS UNIQUE",
)
FIXED_NAMES = (
    (NameKind.RELATIONSHIP, v.GENERATED_BY.value, "WAS_GENERATED_BY"),
    (NameKind.PROPERTY, v.TRUST.value, "trust"),
    (NameKind.PROPERTY, v.CONFIDENCE.value, "confidence"),
    (NameKind.PROPERTY, v.LABEL.value, "label"),
)
"""Names that queries on evidence rely on, so that no other predicate can take them first."""


def prepare(driver: Driver, kg: str) -> None:
    """Make the constraints and the workspace's own node; doing it again changes nothing. Raises StoreTooNew."""
    for constraint in CONSTRAINTS:
        driver.execute_query(constraint)
    made = driver.execute_query(
        "MERGE (m:TriplockGraph {kg: $kg}) "
        "ON CREATE SET m.format = $format, m.generation = 0, m.oldest = 0 "
        "SET m.identity = coalesce(m.identity, $identity) RETURN m.format AS format",
        kg=kg,
        format=FORMAT,
        identity=secrets.token_hex(8),
    )
    if (found := made.records[0]["format"]) > FORMAT:
        raise StoreTooNew(f"workspace {kg!r} has format {found}, not {FORMAT}", remedy="upgrade triplock")


def lock(tx: AnyTransaction, kg: str) -> int:
    """Take the workspace's write lock until the transaction ends; its generation."""
    record = tx.run("MATCH (m:TriplockGraph {kg: $kg}) SET m.writing = true RETURN m.generation AS g", kg=kg).single()
    return int(record["g"]) if record else 0


def identity(tx: AnyTransaction, kg: str) -> str:
    """What was made up with the workspace, to tell its generations from another's."""
    return str(tx.run("MATCH (m:TriplockGraph {kg: $kg}) RETURN m.identity AS i", kg=kg).single(strict=True)["i"])


def generation(tx: AnyTransaction, kg: str) -> tuple[int, int]:
    """The workspace's generation and the oldest one that the journal can go on from."""
    record = tx.run("MATCH (m:TriplockGraph {kg: $kg}) RETURN m.generation AS g, m.oldest AS o", kg=kg).single()
    return (int(record["g"]), int(record["o"])) if record else (0, 0)


def read_names(tx: AnyTransaction, kg: str) -> NeoNames:
    """All names given out in the workspace."""
    found = tx.run("MATCH (n:TriplockName {kg: $kg}) RETURN n.kind AS kind, n.iri AS iri, n.name AS name", kg=kg)
    return NeoNames([*FIXED_NAMES, *((NameKind(r["kind"]), r["iri"], r["name"]) for r in found)])


def write_names(tx: AnyTransaction, kg: str, names: NeoNames, known: int) -> None:
    """Keep the names given out after the first `known` of them."""
    rows = [{"kind": k.value, "iri": i, "key": index_key(i), "name": n} for k, i, n in names.given()[known:]]
    query = "UNWIND $rows AS r CREATE (n:TriplockName {kg: $kg}) SET n += r"
    if rows:
        tx.run(query, rows=rows, kg=kg).consume()


def write_change(tx: AnyTransaction, kg: str, number: int, added: list[str], removed: list[str], size: int) -> None:
    """Journal the change that leads to generation `number`, and move the generation."""
    rows = [
        {"part": part, "added": added[i : i + size], "removed": removed[i : i + size]}
        for part, i in enumerate(range(0, max(len(added), len(removed)), size))
    ]
    tx.run(
        "UNWIND $rows AS r CREATE (c:TriplockChange {kg: $kg, generation: $number}) SET c += r",
        rows=rows,
        kg=kg,
        number=number,
    ).consume()
    tx.run("MATCH (m:TriplockGraph {kg: $kg}) SET m.generation = $number", kg=kg, number=number).consume()
