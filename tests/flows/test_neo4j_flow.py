"""Neo4j beside and instead of the embedded store: the same quads, the same root, and Cypher that people would write."""

from __future__ import annotations

import csv
import io
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flow_places import DOCUMENTS, configuration, copied, triplock

from anchoring.dataset.version import hash_dataset
from anchoring.rdf.canonical import canonical_lines
from kg.stores.neo4j import Neo4jStore
from kg.workspace.workspace import Workspace

pytestmark = pytest.mark.neo4j

REQUIRES = "MATCH (s:Standard)-[:REQUIRES]->(n) RETURN s.iri AS standard, n.iri AS needs ORDER BY standard, needs"


def names(url: str, auth: tuple[str, str], count: int) -> Iterator[list[str]]:
    """Names of graphs of our own in the database, dropped at the end."""
    given = [f"flow-{uuid.uuid4()}" for _ in range(count)]
    yield given
    for name in given:
        with Neo4jStore(url, auth, name) as store:
            store.drop()


@pytest.fixture(scope="module")
def synced(demo: Path, neo4j_url: str, neo4j_auth: tuple[str, str]) -> Iterator[tuple[str, float]]:
    """The demo's graph copied by `triplock sync`: its name in Neo4j, and how many seconds that took."""
    for [name] in names(neo4j_url, neo4j_auth, 1):
        began = time.monotonic()
        copy = triplock(demo, "--json", "sync", "--neo4j", neo4j_url, "--name", name).json
        took = time.monotonic() - began
        print(f"\nsync of {copy['statements']} statements: {took:.1f} s")
        assert copy["added"] == copy["statements"] > 10_000
        yield name, took


def test_what_neo4j_gives_back_is_byte_identical(
    synced: tuple[str, float], demo: Path, neo4j_url: str, neo4j_auth: tuple[str, str]
) -> None:
    with Workspace.open(demo) as workspace, Neo4jStore(neo4j_url, neo4j_auth, synced[0]) as copy:
        mine, theirs = list(workspace.store.sorted_quads()), list(copy.sorted_quads())
    assert theirs == mine
    assert list(canonical_lines(b"".join(line + b"\n" for line in theirs), "nq")) == mine
    assert hash_dataset(theirs) == hash_dataset(mine)


def test_a_second_copy_sends_nothing(synced: tuple[str, float], demo: Path, neo4j_url: str) -> None:
    copy = triplock(demo, "--json", "sync", "--neo4j", neo4j_url, "--name", synced[0]).json
    assert (copy["added"], copy["removed"]) == (0, 0)


def test_people_ask_in_cypher(synced: tuple[str, float], demo: Path, neo4j_url: str) -> None:
    where = ("--neo4j", neo4j_url, "--name", synced[0])
    rows = triplock(demo, "cypher", *where, "--format", "json", REQUIRES).json
    pairs = {(row["standard"].rpartition("/")[2], row["needs"].rpartition("/")[2]) for row in rows}
    assert ("eip-721", "eip-165") in pairs
    sparql = triplock(
        demo, "query", "--format", "json", "SELECT DISTINCT ?s ?n WHERE { ?s a std:Standard ; std:requires ?n }"
    ).json["results"]["bindings"]
    asked = {(row["s"]["value"].rpartition("/")[2], row["n"]["value"].rpartition("/")[2]) for row in sparql}
    # Others may have graphs in this database; `$kg` keeps a question to one.
    assert asked <= pairs
    own = REQUIRES.replace("(s:Standard)", "(s:Standard {kg: $kg})")
    rows = triplock(demo, "cypher", *where, "--format", "json", own).json
    assert {(row["standard"].rpartition("/")[2], row["needs"].rpartition("/")[2]) for row in rows} == asked
    assert len(rows) == len(asked)

    text = triplock(demo, "cypher", *where, "--format", "csv", own).out
    assert [(row["standard"], row["needs"]) for row in csv.DictReader(io.StringIO(text))] == [
        (row["standard"], row["needs"]) for row in rows
    ]
    iri = "https://eips.ethereum.org/EIPS/eip-721"
    named = "MATCH (s {kg: $kg, iri: $iri})-[:REQUIRES]->(n) RETURN n.iri"
    found = triplock(demo, "cypher", *where, "--format", "json", "--param", f"iri={iri}", named).json
    assert [row["n.iri"] for row in found] == ["https://eips.ethereum.org/EIPS/eip-165"]


def test_trust_and_confidence_filter_cypher(synced: tuple[str, float], demo: Path, neo4j_url: str) -> None:
    where = ("--neo4j", neo4j_url, "--name", synced[0], "--format", "json")
    count = "MATCH (:Standard {kg: $kg})-[r:REQUIRES]->() RETURN count(r) AS c"
    everything = triplock(demo, "cypher", *where, count).json[0]["c"]
    assert everything > 0
    assert triplock(demo, "cypher", *where, "--trust", "read", count).json[0]["c"] == everything
    assert triplock(demo, "cypher", *where, "--trust", "inferred", count).json[0]["c"] == 0
    assert triplock(demo, "cypher", *where, "--min-confidence", "0.9", count).json[0]["c"] == everything


def test_a_workspace_in_neo4j_has_the_same_root(
    small_root: str, tmp_path: Path, neo4j_url: str, neo4j_auth: tuple[str, str]
) -> None:
    for mine, other in names(neo4j_url, neo4j_auth, 2):
        settings = configuration(store={"kind": "neo4j", "url": neo4j_url, "name": mine})
        folder = tmp_path / "kg"
        with (
            Workspace.init(folder, settings) as workspace,
            Workspace.init(
                tmp_path / "other", configuration(store={"kind": "neo4j", "url": neo4j_url, "name": other})
            ) as neighbour,
        ):
            neighbour.ingest(DOCUMENTS / "erc-1155.md")
            before = list(neighbour.store.sorted_quads())
            assert workspace.ingest(DOCUMENTS / "erc-20.md", DOCUMENTS / "erc-721.md").complete
            assert workspace.snapshot().root == small_root
            assert workspace.publish().record.root == small_root
            assert workspace.verify("1").exit_code == 0
            assert list(neighbour.store.sorted_quads()) == before
            workspace.withdraw(str(DOCUMENTS / "erc-721.md"), "a test")
            second = workspace.publish()
            assert second.record.number == 2
            assert workspace.verify("2").exit_code == 0
            assert list(neighbour.store.sorted_quads()) == before
        rows = triplock(folder, "cypher", "--format", "json", "MATCH (s:Standard {kg: $kg}) RETURN s.iri").json
        assert {row["s.iri"] for row in rows} >= {"https://eips.ethereum.org/EIPS/eip-20"}


def test_a_copy_of_another_workspace_stays(
    small: Path, synced: tuple[str, float], demo: Path, tmp_path: Path, neo4j_url: str, neo4j_auth: tuple[str, str]
) -> None:
    for [name] in names(neo4j_url, neo4j_auth, 1):
        folder = copied(small, tmp_path / "kg", configuration())
        triplock(folder, "sync", "--neo4j", neo4j_url, "--name", name)
        triplock(folder, "withdraw", DOCUMENTS / "erc-20.md", "--reason", "a test")
        copy = triplock(folder, "--json", "sync", "--neo4j", neo4j_url, "--name", name).json
        assert copy["removed"] > 0
        assert copy["added"] == 0
        with Workspace.open(folder) as workspace, Neo4jStore(neo4j_url, neo4j_auth, name) as store:
            assert list(store.sorted_quads()) == list(workspace.store.sorted_quads())
        with Workspace.open(demo) as workspace, Neo4jStore(neo4j_url, neo4j_auth, synced[0]) as store:
            assert len(store) == len(workspace.store)
