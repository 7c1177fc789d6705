"""The saved queries say what they do, run on a graph of claims, and keep to a filter."""

from __future__ import annotations

from decimal import Decimal
from importlib import resources

import pytest
from pyoxigraph import Literal, NamedNode

from anchoring.encoding.cid import Cid
from kg.claims import iris
from kg.claims import vocabulary as v
from kg.claims.model import Activity, Agent, Claim, Span, Trust
from kg.claims.quads import claim_iri, claim_quads
from kg.stores.oxigraph import OxigraphStore
from queries import sparql
from queries.results import Solutions

MINT = iris.Mint("https://graph.example/")
SOURCE = Cid.of(b"event Transfer")
AGENT = Agent("reader", "1")
NAMES = sorted(entry.name for entry in resources.files("queries").joinpath("saved").iterdir() if "rq" in entry.name)
TOKEN, OTHER = "0x" + "1" * 40, "0x" + "2" * 40
TOPIC = "0x" + "d" * 64


def text(name: str) -> str:
    return resources.files("queries").joinpath("saved", name).read_text(encoding="utf-8")


def integer(number: int) -> Literal:
    return Literal(str(number), datatype=v.XSD_INTEGER)


def declaration(number: int, topics: int) -> Claim:
    event = NamedNode(f"{iris.eip(number).value}#event:Transfer")
    return Claim(
        (
            (iris.eip(number), NamedNode(v.STANDARDS + "declares"), event),
            (event, v.TYPE, NamedNode(v.STANDARDS + "Event")),
            (event, NamedNode(v.STANDARDS + "signature"), Literal("Transfer(address,address,uint256)")),
            (event, NamedNode(v.STANDARDS + "topic0"), Literal(TOPIC)),
            (event, NamedNode(v.STANDARDS + "topicCount"), integer(topics)),
        ),
        Activity("interface", SOURCE, AGENT, Trust.READ),
        span=Span(SOURCE, 0, 14, "event Transfer"),
    )


def logs(address: str, topics: int, indices: range) -> Claim:
    statements = []
    for index in indices:
        log = iris.log(1, 7, index)
        statements += [
            (log, NamedNode(v.CHAIN + "topic0"), Literal(TOPIC)),
            (log, NamedNode(v.CHAIN + "topicCount"), integer(topics)),
            (log, NamedNode(v.CHAIN + "emitter"), iris.account(1, address)),
        ]
    activity = Activity("logs", 1, AGENT, Trust.REPORTED)
    return Claim(tuple(statements), activity, iri=MINT.of_block(1, 7, f"logs{address}{topics}", "reported", "rpc"))


def token(address: str, name: str, source: str, confidence: str | None = None) -> Claim:
    asset = iris.asset(1, "erc20", address)
    return Claim(
        (
            (asset, NamedNode(v.CHAIN + "tokenContract"), iris.account(1, address)),
            (asset, NamedNode(v.CHAIN + "name"), Literal(name)),
        ),
        Activity("tokens", 1, Agent(source, "1"), Trust.REPORTED),
        iri=MINT.of_block(1, 7, f"tokens/{address}", "reported", source),
        confidence=None if confidence is None else Decimal(confidence),
    )


@pytest.fixture(scope="module")
def store() -> OxigraphStore:
    made = [
        declaration(20, 3),
        declaration(721, 4),
        logs(TOKEN, 3, range(2, 5)),
        logs(OTHER, 4, range(5, 6)),
        logs("0x" + "3" * 40, 3, range(6, 9)),  # no token
        token(TOKEN, "One", "node"),
        token(TOKEN, "Uno", "list", "0.5"),
        token(OTHER, "Two", "node"),
    ]
    store = OxigraphStore(None)
    store.apply(claim_quads(MINT, made), [], 0)
    return store


def rows(store: OxigraphStore, name: str, **options: object) -> list[dict[str, str]]:
    found = sparql.run(store, text(name), **options)  # type: ignore[arg-type]
    assert isinstance(found, Solutions)
    return [{n: t.value for n, t in zip(found.variables, row, strict=True) if t} for row in found.rows]  # type: ignore[union-attr]


@pytest.mark.parametrize("name", NAMES)
def test_each_begins_with_what_it_answers_and_runs(name: str, store: OxigraphStore) -> None:
    assert text(name).startswith("# ")
    assert isinstance(rows(store, name), list)


def test_event_emitters_tells_standards_with_the_same_topic_apart(store: OxigraphStore) -> None:
    first, second = rows(store, "event-emitters.rq")
    assert first == {
        "standard": "https://eips.ethereum.org/EIPS/eip-20",
        "event": "https://eips.ethereum.org/EIPS/eip-20#event:Transfer",
        "contract": iris.account(1, TOKEN).value,
        "name": "One",
        "logs": "3",
        "example": iris.log(1, 7, 2).value,
        "quote": "event Transfer",
        "claim": claim_iri(MINT, declaration(20, 3)).value,
    }
    assert (second["standard"][-3:], second["contract"], second["logs"]) == ("721", iris.account(1, OTHER).value, "1")


def test_event_emitters_needs_both_sources(store: OxigraphStore) -> None:
    assert rows(store, "event-emitters.rq", trust=["read"]) == []
    assert rows(store, "event-emitters.rq", trust=["reported"]) == []
    assert len(rows(store, "event-emitters.rq", trust=["read", "reported"])) == 2


def test_evidence_shows_the_quote(store: OxigraphStore) -> None:
    quoted = [row for row in rows(store, "evidence.rq") if row.get("quote")]
    assert {row["quote"] for row in quoted} == {"event Transfer"}
    assert {row["trust"] for row in quoted} == {"read"}
    assert len(quoted) == 10


def test_conflicts_stand_side_by_side_until_filtered(store: OxigraphStore) -> None:
    [conflict] = rows(store, "token-conflicts.rq")
    assert (conflict["one"], conflict["other"]) == ("One", "Uno")
    assert rows(store, "token-conflicts.rq", min_confidence="0.9") == []
