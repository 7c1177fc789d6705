"""Cypher reads only, keeps to the trust that was asked, and gives values that are JSON."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator
from decimal import Decimal

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from anchoring.encoding.cid import Cid
from kg.claims import vocabulary as v
from kg.claims.iris import Mint
from kg.claims.model import Activity, Agent, Claim, Trust
from kg.claims.quads import claim_quads
from kg.stores.neo4j import Neo4jStore
from kg.stores.oxigraph import OxigraphStore
from queries import cypher, results
from queries.errors import QueryRefused, QueryTimedOut, StoreCannotAnswer

pytestmark = pytest.mark.neo4j

NS = "https://example.org/ns#"
MINT = Mint("https://graph.example/")
SOURCE = Cid.of(b"a document")


def term(name: str) -> NamedNode:
    return NamedNode(NS + name)


def claim(
    subject: str, predicate: str, value: NamedNode | Literal, trust: Trust, confidence: str | None = None
) -> Claim:
    number = None if confidence is None else Decimal(confidence)
    return Claim(
        ((term(subject), NamedNode(NS + predicate) if predicate != "a" else v.TYPE, value),),
        Activity("test", SOURCE, Agent("agent", "1"), trust),
        confidence=number,
    )


CLAIMS = [
    claim("a", "requires", term("b"), Trust.READ),
    claim("a", "requires", term("b"), Trust.INFERRED, "0.40"),
    claim("b", "requires", term("c"), Trust.INFERRED, "0.90"),
    claim("c", "requires", term("d"), Trust.INFERRED, "0.40"),
    claim("a", "a", term("Standard"), Trust.READ),
    claim("b", "a", term("Standard"), Trust.INFERRED, "0.40"),
    claim("a", "name", Literal("A"), Trust.READ),
    claim("a", "name", Literal("Ah"), Trust.INFERRED, "0.90"),
]


@pytest.fixture(scope="module")
def store(neo4j_url: str, neo4j_auth: tuple[str, str]) -> Iterator[Neo4jStore]:
    with (
        Neo4jStore(neo4j_url, neo4j_auth, f"test-{uuid.uuid4()}") as store,
        Neo4jStore(neo4j_url, neo4j_auth, f"test-{uuid.uuid4()}") as other,
    ):
        store.apply([*claim_quads(MINT, CLAIMS), Quad(term("x"), term("requires"), term("y"), term("g"))], [], 0)
        other.apply(claim_quads(MINT, CLAIMS[3:]), [], 0)
        yield store
        other.drop()
        store.drop()


@pytest.mark.parametrize(
    ("trust", "least", "pairs"),
    [
        (None, None, ["ab", "bc", "cd", "cd", "xy"]),
        (["read"], None, ["ab"]),
        (["inferred"], None, ["ab", "bc", "cd"]),
        (["inferred"], "0.5", ["bc"]),
        (None, "0.5", ["ab", "bc"]),
        (["proven"], None, []),
    ],
)
def test_no_row_rests_on_what_was_not_asked_for(
    store: Neo4jStore, trust: list[str] | None, least: str | None, pairs: list[str]
) -> None:
    before = list(store.sorted_quads())
    query = "MATCH (s)-[:REQUIRES]->(o) RETURN s.iri, o.iri ORDER BY s.iri"
    found = cypher.run(store, query, trust=trust, min_confidence=least)
    assert [f"{s[-1]}{o[-1]}" for s, o in found.rows] == pairs  # type: ignore[index]
    count = cypher.run(store, "MATCH ()-[r:REQUIRES]->() RETURN count(r)", trust=trust, min_confidence=least)
    assert count.rows == ((len(pairs),),)
    assert list(store.sorted_quads()) == before


def test_labels_properties_and_lists_are_filtered_too(store: Neo4jStore) -> None:
    assert cypher.run(store, "MATCH (n:Standard) RETURN n.iri", trust=["read"]).rows == ((NS + "a",),)
    assert cypher.run(store, "MATCH (n {iri: $i}) RETURN n.name", parameters={"i": NS + "a"}, trust=["read"]).rows == (
        ("A",),
    )
    found = cypher.run(store, "MATCH ()-[r:REQUIRES]->() RETURN r.trusts, r.confidences", trust=["read"])
    assert found.rows == ((["read"], [1.0]),)


@pytest.mark.parametrize(
    "query",
    [
        "CREATE (n:Resource)",
        "MATCH (n) DETACH DELETE n",
        "MATCH (n) SET n.x = 1 RETURN n",
        "CREATE INDEX FOR (n:X) ON (n.y)",
        "LOAD CSV FROM 'http://127.0.0.1:1/' AS line RETURN line",
        "MATCH (n) CALL (n) { LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line } RETURN line",
        "CALL db.createLabel('x')",
        "MATCH (n) RETURN",
        "RETURN $missing",
    ],
)
@pytest.mark.parametrize("trust", [None, ["read"]])
def test_writing_reading_elsewhere_and_nonsense_are_refused(
    store: Neo4jStore, query: str, trust: list[str] | None
) -> None:
    before = list(store.sorted_quads())
    with pytest.raises(QueryRefused):
        cypher.run(store, query, trust=trust)
    assert list(store.sorted_quads()) == before


@pytest.mark.parametrize("trust", [None, ["read"]])
def test_a_long_query_is_ended(store: Neo4jStore, trust: list[str] | None) -> None:
    endless = "UNWIND range(1, 1000000000) AS x UNWIND range(1, 1000000000) AS y RETURN sum(x * y % 7)"
    with pytest.raises(QueryTimedOut):
        cypher.run(store, endless, timeout=1, trust=trust)


def test_what_is_claimed_while_a_filter_is_made_is_filtered_too(
    store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between finding what to leave out and leaving it out, another writer adds what is not admitted."""
    count = "MATCH (:Resource {kg: $kg})-[r:REQUIRES]->() RETURN count(r)"
    before = cypher.run(store, count, trust=["read"]).rows
    honest, times = cypher._withheld, 0

    def meanwhile(asked: Neo4jStore, levels: frozenset[str] | None, least: Decimal | None) -> list[bytes]:
        nonlocal times
        times += 1
        found = honest(asked, levels, least)
        if times == 1:
            asked.apply([Quad(term("y"), term("requires"), term("z"), term("unknown"))], [], asked.generation)
        return found

    monkeypatch.setattr(cypher, "_withheld", meanwhile)
    assert cypher.run(store, count, trust=["read"]).rows == before
    assert times == 2
    monkeypatch.undo()
    assert cypher.run(store, count).rows != before


def test_values_are_json(store: Neo4jStore) -> None:
    query = (
        "MATCH p = (s {kg: $kg, iri: $iri})-[:REQUIRES]->() RETURN p, s, 0.0/0.0 AS nan, date('2020-01-01') AS day, "
        "datetime('2020-01-01T00:00:00Z') AS time, duration('P1D') AS length, point({x: 1, y: 2}) AS point, "
        "[1, null] AS list"
    )
    found = cypher.run(store, query, parameters={"iri": NS + "a"})
    out = io.StringIO()
    results.write(found, "json", out)
    [row] = json.loads(out.getvalue())
    assert row["nan"] == "NaN"
    assert row["day"] == "2020-01-01"
    assert row["s"]["labels"] == ["Resource", "Standard"]
    assert row["p"][1]["type"] == "REQUIRES"
    for format in ("table", "csv", "tsv"):
        results.write(found, format, io.StringIO())


def test_a_limit_says_that_it_cut(store: Neo4jStore) -> None:
    found = cypher.run(store, "UNWIND range(1, 10) AS x RETURN x", limit=3)
    assert (found.rows, found.truncated) == (((1,), (2,), (3,)), True)


def test_the_embedded_store_says_that_it_speaks_no_cypher() -> None:
    with pytest.raises(StoreCannotAnswer, match="SPARQL"):
        cypher.run(OxigraphStore(None), "RETURN 1")
