"""Services that are absent, answer nonsense or go away half-way: said clearly, nothing lost, the next run goes on."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flow_places import DOCUMENTS, Chain, configuration, copied, relay, triplock
from quiet_server import QuietHandler, served_quietly

from kg.stores.neo4j import Neo4jStore
from kg.workspace.configuration import read, render
from kg.workspace.workspace import Workspace
from ontology.grammar import EMPTY

DOCUMENT = DOCUMENTS / "erc-4626.md"
SECTIONS = ("--section", "Abstract", "--section", "Backwards Compatibility")
Reply = Callable[[int, dict[str, object]], bytes | None]
"""The body for the nth request, or None to break off in the middle of an answer."""


def reading(_: int, asked: dict[str, object]) -> bytes:
    """A model that takes the first line that the grammar offers."""
    first = re.search(r'^t0 ::= "(.*)"$', str(asked["grammar"]), re.MULTILINE)
    text = first[1].encode("ascii").decode("unicode_escape") if first else EMPTY
    return json.dumps({"choices": [{"message": {"content": text}, "finish_reason": "stop"}], "usage": {}}).encode()


def nonsense(_: int, asked: dict[str, object]) -> bytes:
    return b"<html>a login page</html>"


def stopping_after(count: int) -> Reply:
    return lambda number, asked: reading(number, asked) if number < count else None


@contextmanager
def model_server(reply: Reply, port: int = 0) -> Iterator[tuple[int, list[int]]]:
    """An HTTP server with the chat completions call; its port, and the numbers of the requests it got."""
    asked: list[int] = []

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(len(asked))
            answer = reply(asked[-1], body)
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer) if answer is not None else 1000))
            self.end_headers()
            self.wfile.write(answer if answer is not None else b'{"choices": [')

    with served_quietly(Handler, port) as address:
        yield int(address.rpartition(":")[2]), asked


def ingest(folder: Path, port: int, expect: int) -> dict[str, object]:
    model = f"grammar+http://127.0.0.1:{port}/v1#a-model"
    done = triplock(folder, "--json", "ingest", "--model", model, *SECTIONS, DOCUMENT, expect=expect)
    found: dict[str, object] = done.json
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int]:
    """The root after a model that answers everything, and how often it was asked."""
    folder = tmp_path_factory.mktemp("undisturbed") / "kg"
    Workspace.init(folder, configuration()).close()
    with model_server(reading) as (port, asked):
        report = ingest(folder, port, 0)
    assert report["claimsInferred"]
    return triplock(folder, "--json", "snapshot").json["root"], len(asked)


@pytest.mark.parametrize("failure", ["absent", "nonsense", "half-way"])
def test_a_failing_model_costs_only_what_it_did_not_answer(
    failure: str, undisturbed: tuple[str, int], tmp_path: Path
) -> None:
    root, calls = undisturbed
    assert calls >= 2
    folder = tmp_path / "kg"
    Workspace.init(folder, configuration()).close()
    replies: dict[str, Reply] = {"absent": reading, "nonsense": nonsense, "half-way": stopping_after(1)}
    with model_server(replies[failure]) as (port, _):
        if failure != "absent":
            broken = ingest(folder, port, 5)
    if failure == "absent":
        broken = ingest(folder, port, 5)
    assert isinstance(broken["chunks"], dict)
    assert broken["chunks"]["failed"]
    assert broken["claimsRead"]
    code = "model-answered-wrongly" if failure == "nonsense" else "model-unreachable"
    refused = triplock(folder, "--json", "rejected").json["failed"]
    assert len(refused) == broken["chunks"]["failed"]
    assert all(code in chunk["reason"] for chunk in refused)
    with model_server(reading, port) as (_, asked):
        mended = ingest(folder, port, 0)
    assert len(asked) == (calls - 1 if failure == "half-way" else calls)
    assert mended["chunks"]["failed"] == 0  # type: ignore[index]
    assert triplock(folder, "--json", "rejected").json["failed"] == []
    assert triplock(folder, "--json", "snapshot").json["root"] == root


def test_the_variables_of_the_services_are_no_settings(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "conftest.py").read_text()
    given = dict.fromkeys(re.findall(r'"(TRIPLOCK_\w+)"', text), "7")
    assert "TRIPLOCK_MODEL_PATH" in given
    (tmp_path / "triplock.toml").write_text(render(configuration()))
    assert read(tmp_path / "triplock.toml", given) == read(tmp_path / "triplock.toml", {})


def said(done: object, code: str) -> None:
    """The command ended with this error, and says what to do."""
    error = json.loads(done.out)["error"]  # type: ignore[attr-defined]
    assert error["code"] == code
    assert error["remedy"]


@pytest.mark.kubo
def test_publishing_goes_on_when_the_node_is_back(small: Path, small_root: str, tmp_path: Path, kubo_api: str) -> None:
    with relay(kubo_api) as node:
        folder = copied(small, tmp_path / "kg", configuration(kubo=node.url))
        node.down()
        said(triplock(folder, "--json", "publish", "--yes", expect=4), "kubo-unreachable")
        assert triplock(folder, "--json", "log").json["versions"] == []
        node.up()
        version = triplock(folder, "--json", "publish", "--yes").json
        assert version["root"] == small_root
        triplock(folder, "verify", "1")


@pytest.mark.anvil
def test_publishing_goes_on_when_the_chain_is_back(
    small: Path, small_root: str, tmp_path: Path, anvil_url: str
) -> None:
    with relay(anvil_url) as passing:
        settings = configuration(chain={"endpoint": passing.url}, label=uuid.uuid4().hex)
        folder = copied(small, tmp_path / "kg", settings)
        with Workspace.open(folder) as workspace:
            owner = workspace.signer.address
        Chain(anvil_url).ask("anvil_setBalance", owner, hex(10**20))
        triplock(folder, "chain", "deploy")
        passing.down()
        said(triplock(folder, "--json", "publish", "--yes", expect=4), "endpoint-unreachable")
        said(triplock(folder, "--json", "log", expect=4), "endpoint-unreachable")
        triplock(folder, "query", "SELECT ?s WHERE { ?s std:requires ?o }")
        passing.up()
        version = triplock(folder, "--json", "publish", "--yes").json
        assert version["root"] == small_root
        triplock(folder, "verify", "1")
        assert Chain(anvil_url).nonce(owner) <= 2


@pytest.mark.neo4j
def test_reading_goes_on_when_neo4j_is_back(
    small_root: str, tmp_path: Path, neo4j_url: str, neo4j_auth: tuple[str, str]
) -> None:
    name = f"flow-{uuid.uuid4()}"
    sources = (DOCUMENTS / "erc-20.md", DOCUMENTS / "erc-721.md")
    try:
        with relay(neo4j_url) as passing:
            folder = tmp_path / "kg"
            store = {"kind": "neo4j", "url": passing.url, "name": name}
            Workspace.init(folder, configuration(store=store)).close()
            triplock(folder, "ingest", sources[0])
            passing.down()
            done = triplock(folder, "--json", "ingest", *sources, expect=4)
            said(done, "neo4j-unreachable")
            said(triplock(folder, "--json", "snapshot", expect=4), "neo4j-unreachable")
            passing.up()
            triplock(folder, "ingest", *sources)
            assert triplock(folder, "--json", "snapshot").json["root"] == small_root
    finally:
        with Neo4jStore(neo4j_url, neo4j_auth, name) as store_:
            store_.drop()


@pytest.mark.neo4j
def test_a_copy_goes_on_when_neo4j_is_back(
    small: Path, tmp_path: Path, neo4j_url: str, neo4j_auth: tuple[str, str]
) -> None:
    name = f"flow-{uuid.uuid4()}"
    folder = copied(small, tmp_path / "kg", configuration())
    try:
        with relay(neo4j_url) as passing:
            passing.down()
            said(
                triplock(folder, "--json", "sync", "--neo4j", passing.url, "--name", name, expect=4),
                "neo4j-unreachable",
            )
            passing.up()
            triplock(folder, "sync", "--neo4j", passing.url, "--name", name)
        wrong = triplock(
            folder, "--json", "sync", "--neo4j", neo4j_url, "--name", name, expect=2, TRIPLOCK_NEO4J_PASSWORD="not it"
        )
        assert "not it" not in wrong.words
        with Workspace.open(folder) as workspace, Neo4jStore(neo4j_url, neo4j_auth, name) as store:
            assert list(store.sorted_quads()) == list(workspace.store.sorted_quads())
    finally:
        with Neo4jStore(neo4j_url, neo4j_auth, name) as store:
            store.drop()
