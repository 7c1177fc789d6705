"""What goes into Neo4j comes back byte for byte, and reads naturally in Cypher."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neo4j import GraphDatabase, ManagedTransaction, Transaction
from pyoxigraph import Literal, NamedNode, Quad
from store_strategies import GRAPHS, PREDICATES, RDF_TYPE, SUBJECTS, quad_lists, typed

from anchoring.encoding.cid import Cid
from anchoring.errors import WrongUsage
from kg.claims.iris import Mint
from kg.claims.model import Activity, Agent, Claim, Trust
from kg.claims.quads import claim_iri, claim_quads
from kg.stores.errors import Neo4jRefusedLogin, Neo4jTimedOut, Neo4jUnreachable, StaleGeneration, StatementRefused
from kg.stores.lines import line_of
from kg.stores.neo4j import Neo4jStore
from kg.stores.oxigraph import OxigraphStore

pytestmark = pytest.mark.neo4j

NS = "https://example.org/ns#"
MINT = Mint("https://graph.example/")


def term(name: str) -> NamedNode:
    return NamedNode(NS + name)


@pytest.fixture
def open_store(neo4j_url: str, neo4j_auth: tuple[str, str]) -> Iterator[Callable[[], Neo4jStore]]:
    """Opens stores under fresh names, and drops them at the end."""
    opened: list[Neo4jStore] = []

    def make() -> Neo4jStore:
        opened.append(Neo4jStore(neo4j_url, neo4j_auth, f"test-{uuid.uuid4()}"))
        return opened[-1]

    yield make
    for store in opened:
        store.drop()
        store.close()


@pytest.fixture
def store(open_store: Callable[[], Neo4jStore]) -> Neo4jStore:
    return open_store()


def ask(store: Neo4jStore, query: str, **parameters: Any) -> list[list[Any]]:
    with store.reading() as tx:
        return [record.values() for record in tx.run(query, parameters, kg=store.kg)]


def test_any_sequence_of_changes_agrees_with_a_set_and_with_the_embedded_store(
    open_store: Callable[[], Neo4jStore], soak_scale: Callable[[int], int]
) -> None:
    @settings(max_examples=soak_scale(400))
    @given(st.lists(st.tuples(quad_lists, st.lists(st.integers(0, 30), max_size=8), quad_lists), max_size=4))
    def check(steps: list[tuple[list[Quad], list[int], list[Quad]]]) -> None:
        store, twin = open_store(), OxigraphStore(None)
        expected: set[Quad] = set()
        history = []
        for added, picks, also_removed in steps:
            there = sorted(expected, key=str)
            removed = [there[i % len(there)] for i in picks if there] + also_removed
            before = set(expected)
            expected = (expected - set(removed)) | set(added)
            if expected != before:
                history.append((expected - before, before - expected))
            assert store.apply(added, removed, store.generation) == len(history)
            twin.apply(added, removed, twin.generation)
            assert list(store.sorted_quads()) == sorted(map(line_of, expected)) == list(twin.sorted_quads())
            assert len(store) == len(expected)
        assert [(set(c.added), set(c.removed)) for c in store.changes(0)] == history
        assert list(store.changed_lines(0)) == list(twin.changed_lines(0))
        fresh = open_store()
        fresh.apply(expected, [], 0)
        assert shape(store) == shape(fresh)
        store.apply([], expected, store.generation)
        assert shape(store) == ([], [])

    check()


def shape(store: Neo4jStore) -> tuple[list[Any], list[Any]]:
    """All nodes and relationships as they look in the database, in a fixed order; names given out later may differ."""
    nodes = ask(
        store,
        "MATCH (n {kg: $kg}) WHERE n:Resource OR n:Provenance "
        "RETURN size(labels(n)), n:Claim, n:Resource, n.iri, n.longIri, n.terms, size(keys(n)) "
        "ORDER BY n:Resource, n.iri",
    )
    edges = ask(
        store,
        "MATCH (s {kg: $kg})-[e]->(o) RETURN s.iri, e.predicate, o.iri, e.claims, e.trusts, e.confidences "
        "ORDER BY s.iri, e.predicate, o.iri, toString(s:Resource)",
    )
    return nodes, sorted(edges, key=repr)


@given(pattern=st.tuples(*(st.none() | st.sampled_from(terms) for terms in (SUBJECTS, PREDICATES, SUBJECTS, GRAPHS))))
@settings(max_examples=15)
def test_match_agrees_with_a_scan(matchable: tuple[Neo4jStore, list[Quad]], pattern: tuple[Any, ...]) -> None:
    store, there = matchable
    fits = [q for q in there if all(w is None or w == h for w, h in zip(pattern, q, strict=True))]
    assert sorted(map(str, store.match(*pattern))) == sorted(map(str, fits))


@pytest.fixture(scope="module")
def matchable(neo4j_url: str, neo4j_auth: tuple[str, str]) -> Iterator[tuple[Neo4jStore, list[Quad]]]:
    there = [
        Quad(s, p, o, g)
        for s in SUBJECTS[:3]
        for p in PREDICATES[:4]
        for o in (SUBJECTS[0], Literal("x"), typed("1.10", "decimal"))
        for g in GRAPHS[:4]
    ]
    with Neo4jStore(neo4j_url, neo4j_auth, f"test-{uuid.uuid4()}") as store:
        store.apply(there, [], 0)
        yield store, there
        store.drop()


def test_plain_cypher_works(store: Neo4jStore) -> None:
    uniswap, mainnet, graph = term("uniswap"), term("mainnet"), term("g")
    store.apply(
        [
            Quad(uniswap, RDF_TYPE, term("Protocol"), graph),
            Quad(uniswap, term("name"), Literal("Uniswap"), graph),
            Quad(uniswap, term("launched"), typed("2018-11-02", "date"), graph),
            Quad(uniswap, term("fee"), typed("0.30", "decimal"), graph),
            Quad(uniswap, term("version"), typed("3", "integer"), graph),
            Quad(uniswap, term("audited"), typed("true", "boolean"), graph),
            Quad(uniswap, term("deployedOn"), mainnet, graph),
            Quad(mainnet, RDF_TYPE, term("Chain"), graph),
        ],
        [],
        0,
    )
    query = "MATCH (p:Protocol {kg: $kg, name: $n})-[:DEPLOYED_ON]->(c:Chain) RETURN c.iri, p.fee, p.version, p.audited"
    assert ask(store, query, n="Uniswap") == [[mainnet.value, 0.3, 3, True]]
    assert ask(store, "MATCH (p:Protocol {kg: $kg}) WHERE p.launched < date() RETURN p.launched.year") == [[2018]]


def claims(confidence: str) -> tuple[list[Claim], list[Quad]]:
    cid = Cid.of(b"a document")
    agent = Agent("a", "1")
    read = Claim(((term("a"), term("requires"), term("b")),), Activity("header", cid, agent, Trust.READ))
    said = Claim(
        ((term("a"), term("requires"), term("b")), (term("a"), term("name"), Literal("A"))),
        Activity("extraction", cid, agent, Trust.INFERRED),
        confidence=Decimal(confidence),
    )
    return [read, said], list(claim_quads(MINT, [read, said]))


def test_relationships_carry_who_says_so_and_how_surely(store: Neo4jStore) -> None:
    (read, said), statements = claims("0.80")
    query = "MATCH (:Resource {kg: $kg})-[e:REQUIRES]->() RETURN e.claims, e.trusts, e.confidences"
    by_iri = {claim_iri(MINT, read).value: ("read", 1.0), claim_iri(MINT, said).value: ("inferred", 0.8)}

    def carried() -> dict[str, tuple[str, float]]:
        [lists] = ask(store, query)
        return {iri: (trust, number) for iri, trust, number in zip(*lists, strict=True)}

    # The claimed statements and their evidence may come in either order, or apart.
    own = [quad for quad in statements if "/claim/" in str(quad.graph_name)]
    about = [quad for quad in statements if quad not in own]
    store.apply(own, [], 0)
    assert set(carried().values()) == {("", 1.0)}
    store.apply(about, [], 1)
    assert carried() == by_iri
    store.apply([], [quad for quad in about if "confidence" in str(quad.predicate)], 2)
    assert carried() == by_iri | {claim_iri(MINT, said).value: ("inferred", 1.0)}
    store.apply([], about, 3)
    assert set(carried().values()) == {("", 1.0)}
    evidence = "MATCH (c:Claim {kg: $kg})-[:CLAIMS]->(s:Resource) RETURN c.iri, s.iri ORDER BY c.iri"
    assert ask(store, evidence) == [[iri, NS + "a"] for iri in sorted(by_iri)]


def test_provenance_is_kept_apart_from_resources(store: Neo4jStore) -> None:
    store.apply(claims("0.80")[1], [], 0)
    assert ask(store, "MATCH (n:Resource {kg: $kg}) RETURN n.iri ORDER BY n.iri") == [[NS + "a"], [NS + "b"]]
    query = "MATCH (c:Claim {kg: $kg})-[:WAS_GENERATED_BY]->(a) WHERE a.trust = 'inferred' RETURN c.confidence"
    assert ask(store, query) == [[0.8]]


def test_two_workspaces_in_one_database_do_not_touch_each_other(
    open_store: Callable[[], Neo4jStore], neo4j_auth: tuple[str, str]
) -> None:
    one, two = open_store(), open_store()
    assert one.identity != two.identity
    again = Neo4jStore(one.url, neo4j_auth, one.kg)
    assert again.identity == one.identity
    again.close()
    statements = claims("0.80")[1]
    one.apply(statements, [], 0)
    two.apply(statements[:3], [], 0)
    before = shape(one)
    two.apply([], statements, 1)
    assert shape(one) == before
    assert (len(two), list(two.sorted_quads()), list(one.sorted_quads())) == (
        0,
        [],
        sorted({*map(line_of, statements)}),
    )
    two.drop()
    assert shape(one) == before


HOSTILE = [
    NamedNode("urn:x'-(:HACK)-()"),
    NamedNode("https://a.example/" + "l" * 9_000),
    NamedNode("https://a.example/" + "l" * 8_999 + "k"),
    NamedNode("https://a.example/name"),
    NamedNode("https://b.example/name"),
    NamedNode("https://b.example/Resource"),
    NamedNode("https://b.example/kg"),
    NamedNode("https://b.example/terms"),
    NamedNode("https://b.example/\N{GRINNING FACE}"),
    NamedNode("urn:long"),
]
HOSTILE_LITERALS = [
    Literal("\0\x1b[31m\N{GRINNING FACE}"),
    Literal("x" * 10_000),
    Literal("x" * 100_000, language="en"),
    typed("9" * 40, "integer"),
    typed("9223372036854775808", "integer"),
    typed("-9223372036854775808", "integer"),
    typed("NaN", "double"),
    typed("1.10", "decimal"),
    typed("2020-02-30", "date"),
    typed("0000-01-01T00:00:00Z", "dateTime"),
    typed("2020-01-01T00:00:00+14:30", "dateTime"),
]


def test_a_reading_that_the_server_gives_up_for_a_writer_is_done_again(
    store: Neo4jStore, neo4j_url: str, neo4j_auth: tuple[str, str]
) -> None:
    quads = [Quad(term("a"), term("p"), term(f"o{i}"), term("g")) for i in range(5)]
    store.apply(quads, [], 0)
    took, tries = "MATCH (n:{} {{kg: $kg}}) SET n.taken = true", 0
    with GraphDatabase.driver(neo4j_url, auth=neo4j_auth) as driver, ThreadPoolExecutor(1) as pool:
        for _ in range(10):  # the server chooses which of both it gives up; who asks last, as far as was seen
            tries = 0
            with driver.session() as session:
                other = session.begin_transaction()
                other.run(took.format("Resource"), kg=store.kg).consume()

                def work(tx: ManagedTransaction | Transaction, other: Transaction = other) -> int:
                    nonlocal tries
                    tries += 1
                    if tries == 1:  # we have the graph's node, and the other the resources
                        waiting = pool.submit(lambda: other.run(took.format("TriplockGraph"), kg=store.kg).consume())
                        time.sleep(0.5)
                        assert not waiting.done()
                        try:
                            tx.run(took.format("Resource"), kg=store.kg).consume()
                        finally:
                            waiting.exception(timeout=60)
                            other.close()
                    return len(list(store._lines(tx)))

                assert store.without([], work, expected_generation=1) == 5
            assert len(store) == 5
            if tries == 2:
                return
    pytest.fail("the server never gave ours up")


def test_a_reading_of_a_graph_that_has_moved_on_is_refused(store: Neo4jStore) -> None:
    store.apply([Quad(term("a"), term("p"), term("o"), term("g"))], [], 0)
    with pytest.raises(StaleGeneration):
        store.without([], lambda tx: None, expected_generation=0)


def test_a_reading_that_waits_too_long_for_a_writer_is_ended(
    store: Neo4jStore, neo4j_url: str, neo4j_auth: tuple[str, str]
) -> None:
    store.apply([Quad(term("a"), term("p"), term("o"), term("g"))], [], 0)
    with (
        GraphDatabase.driver(neo4j_url, auth=neo4j_auth) as driver,
        driver.session() as session,
        session.begin_transaction() as other,
    ):
        other.run("MATCH (n:TriplockGraph {kg: $kg}) SET n.taken = true", kg=store.kg).consume()
        with pytest.raises(Neo4jTimedOut):
            store.without([], lambda tx: None, expected_generation=1, timeout=1)


def test_hostile_names_and_values_come_back(store: Neo4jStore) -> None:
    hostile = [Quad(s, p, o, g) for s in HOSTILE for p in HOSTILE for o in HOSTILE[:4] for g in HOSTILE[4:6]]
    hostile += [Quad(HOSTILE[0], p, value, HOSTILE[1]) for p in HOSTILE for value in HOSTILE_LITERALS]
    hostile += [Quad(s, RDF_TYPE, c, HOSTILE[2]) for s in HOSTILE for c in HOSTILE]
    hostile += [Quad(s, RDF_TYPE, value, HOSTILE[2]) for s in HOSTILE[:2] for value in HOSTILE_LITERALS]
    store.apply(hostile, [], 0)
    assert list(store.sorted_quads()) == sorted({*map(line_of, hostile)})
    store.apply([], hostile, 1)
    assert shape(store) == ([], [])


def test_a_stale_change_and_a_blank_node_change_nothing(store: Neo4jStore) -> None:
    from pyoxigraph import BlankNode

    with pytest.raises(StaleGeneration):
        store.apply([Quad(term("a"), term("b"), term("c"), term("g"))], [], 7)
    with pytest.raises(StatementRefused):
        store.apply([Quad(BlankNode(), term("b"), term("c"), term("g"))], [], 0)
    assert (len(store), store.generation) == (0, 0)


def test_a_wrong_password_and_an_absent_server_say_what_to_do(neo4j_url: str, neo4j_auth: tuple[str, str]) -> None:
    with pytest.raises(Neo4jRefusedLogin, match="check user and password") as refused:
        Neo4jStore(neo4j_url, (neo4j_auth[0], "hunter2-wrong"), "x")
    assert "hunter2" not in str(refused.value)
    with pytest.raises(Neo4jUnreachable, match="scripts/services up neo4j"):
        Neo4jStore("bolt://127.0.0.1:1", neo4j_auth, "x")
    with pytest.raises(WrongUsage):
        Neo4jStore("https://127.0.0.1", neo4j_auth, "x")


WRITER = """
import sys
from pyoxigraph import Literal, NamedNode, Quad
from kg.stores.neo4j import Neo4jStore
store = Neo4jStore(sys.argv[1], (sys.argv[2], sys.argv[3]), sys.argv[4])
print("ready", flush=True)
step = store.generation
while True:
    old = list(store.match())
    p, o, g = NamedNode(f"x:p{step + 1}"), NamedNode("x:o"), NamedNode("x:g")
    new = [Quad(NamedNode(f"x:s{i}"), p, o, g) for i in range(300)]
    step = store.apply(new, old, step)
    print(step, flush=True)
"""


def settled(store: Neo4jStore) -> int:
    """The generation, once the server has ended what the killed client left: an empty change waits for its lock."""
    while True:
        generation = store.generation
        try:
            return store.apply([], [], generation)
        except StaleGeneration:  # the last commit of the dead client arrived in between
            continue


@pytest.mark.soak
def test_killing_the_client_leaves_before_or_after(
    store: Neo4jStore, neo4j_url: str, neo4j_auth: tuple[str, str], soak_scale: Callable[[int], int], seed: int
) -> None:
    import random

    rng = random.Random(seed)
    for _ in range(soak_scale(50) + 1):
        command = [sys.executable, "-c", WRITER, neo4j_url, *neo4j_auth, store.kg]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(rng.random() * 2)
        writer.kill()
        said = [int(line) for line in writer.stdout.read().splitlines(keepends=True) if line.endswith(b"\n")]
        writer.wait()
        writer.stdout.close()
        step = settled(store)
        assert not said or step in {said[-1], said[-1] + 1}
        lines = list(store.sorted_quads())
        assert len(lines) == (300 if step else 0)
        assert all(f"<x:p{step}>".encode() in line for line in lines)
        replayed: set[bytes] = set()
        for change in store.changes(0):
            replayed = (replayed - set(map(line_of, change.removed))) | set(map(line_of, change.added))
        assert sorted(replayed) == lines
