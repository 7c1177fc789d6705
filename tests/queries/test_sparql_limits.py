"""A query cannot change the graph, call another server or run without end."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kg.stores.oxigraph import OxigraphStore
from queries import sparql
from queries.errors import QueryFailed, QueryRefused, QueryTimedOut
from queries.results import Solutions, Triples

A, P, G = NamedNode("x:a"), NamedNode("x:p"), NamedNode("x:g")


@pytest.fixture
def store(tmp_path: Path) -> OxigraphStore:
    store = OxigraphStore(tmp_path / "store")
    store.apply([Quad(NamedNode(f"x:{i}"), P, Literal(str(i)), G) for i in range(300)], [], 0)
    return store


HIDDEN = [
    "SELECT * { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "SELECT * { service silent<http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "SELECT * { \\u0053ERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "SELECT * { \\U00000053\\u0045RVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "SELECT * { ?s ?p ?o FILTER(?s<?o)SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } FILTER(?o>?s) }",
    'SELECT * { ?s ?p "a\\\\" SERVICE <http://127.0.0.1:PORT/> { ?s ?p "b" } }',
    "SELECT * { ?s ?p '''a\\'''' SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    'SELECT * { ?s ?p "\\u0022 SERVICE <http://127.0.0.1:PORT/> { ?s ?p \\u0022" } }',
    "SELECT * { ?s ?p ?o #\rSERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o }\n }",
    "PREFIX x: <x:> SELECT * { x:a\\'b ?p ?o SERVICE <http://127.0.0.1:PORT/> { ?s ?p 'x' } }",
    "PREFIX x: <x:> SELECT * { x:a\\#b ?p ?o SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "SELECT * { VALUES ?x { <http://127.0.0.1:PORT/> } SERVICE ?x { ?s ?p ?o } }",
    "SELECT * FROM <http://127.0.0.1:PORT/> { ?s ?p ?o }",
    "PREFIX SERVICE: <x:> SELECT * { ?s SERVICE:a ?o . SERVICE SERVICE:a { ?s ?p ?o } }",
]


@pytest.mark.parametrize("query", HIDDEN)
def test_nothing_is_sent_to_another_server(query: str, store: OxigraphStore) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        calls = []
        server.settimeout(0.2)

        def listen() -> None:
            try:
                calls.append(server.accept())
            except TimeoutError:
                return

        listener = threading.Thread(target=listen)
        listener.start()
        with contextlib.suppress(QueryRefused, QueryFailed):
            sparql.run(store, query.replace("PORT", str(server.getsockname()[1])))
        listener.join()
        assert calls == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ('SERVICE <x:>' AS ?x) {} # SERVICE <x:>",
        "PREFIX s: <x:service> SELECT ?service { ?service s:service ?o }",
        'SELECT * { ?s <http://example.org/SERVICE> "SERVICE"@en }',
    ],
)
def test_the_word_alone_is_no_call(query: str, store: OxigraphStore) -> None:
    assert isinstance(sparql.run(store, query), Solutions)


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <x:a> <x:p> 1 }",
        "DELETE WHERE { ?s ?p ?o }",
        "CLEAR ALL",
        "LOAD <http://127.0.0.1:1/>",
        "DROP ALL",
    ],
)
def test_updates_are_refused(update: str, store: OxigraphStore) -> None:
    with pytest.raises(QueryRefused, match="would change the graph"):
        sparql.run(store, update)
    assert len(store) == 300


def test_a_syntax_error_shows_line_and_column(store: OxigraphStore) -> None:
    for timeout in (None, 60):
        with pytest.raises(QueryRefused, match="2:10"):
            sparql.run(store, "SELECT * {\n ?s ?p ??o }", timeout=timeout)


ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . ?g ?t ?h . ?i ?u ?j FILTER(?b + ?d < ?f) }"


def test_an_endless_query_is_ended_and_the_store_goes_on(store: OxigraphStore) -> None:
    begin = time.monotonic()
    with pytest.raises(QueryTimedOut, match="1 s"):
        sparql.run(store, ENDLESS, timeout=1)
    assert time.monotonic() - begin < 15
    assert store.path is not None
    assert not list(store.path.glob("query-*"))
    store.apply([Quad(A, P, A, G)], [], 1)
    found = sparql.run(store, "SELECT * { ?s ?p ?o }", timeout=60)
    assert isinstance(found, Solutions)
    assert len(found.rows) == 301


def test_a_limit_says_that_it_cut(store: OxigraphStore) -> None:
    for timeout in (None, 60):
        cut = sparql.run(store, "SELECT * { ?s ?p ?o }", limit=7, timeout=timeout)
        assert isinstance(cut, Solutions)
        assert (len(cut.rows), cut.truncated) == (7, True)
        whole = sparql.run(store, "CONSTRUCT WHERE { ?s ?p ?o }", limit=300, timeout=timeout)
        assert isinstance(whole, Triples)
        assert (len(whole.triples), whole.truncated) == (300, False)


def test_substitutions_are_terms_and_never_text(store: OxigraphStore) -> None:
    hostile = Literal('7" } UNION { ?s ?p ?o } #')
    for timeout in (None, 60):
        none = sparql.run(store, "SELECT ?s ?o { ?s ?p ?o }", substitutions={"o": hostile}, timeout=timeout)
        one = sparql.run(store, "SELECT ?s ?o { ?s ?p ?o }", substitutions={"o": Literal("7")}, timeout=timeout)
        assert isinstance(none, Solutions)
        assert isinstance(one, Solutions)
        assert (none.rows, one.rows) == ((), ((NamedNode("x:7"), Literal("7")),))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * " + "{" * 100_000,
        "ASK { FILTER(" + "(" * 100_000 + "1" + ")" * 100_000 + ") }",
        "ASK { FILTER(" + "!" * 100_000 + "1) }",
        "ASK { FILTER(1" + "+1" * 100_000 + ") }",
        "ASK { FILTER(1" + " && 1" * 100_000 + ") }",
        "ASK { ?s <x:p>" + "|<x:p>" * 100_000 + " ?o }",
        "ASK { " + "FILTER(1) " * 100_000 + "}",
        "ASK { " + "OPTIONAL {} " * 100_000 + "}",
    ],
    ids=lambda query: query[:20],
)
def test_a_query_that_nests_or_chains_without_end_does_not_end_the_process(query: str, store: OxigraphStore) -> None:
    with pytest.raises(QueryRefused, match="operators"):
        sparql.run(store, query)


def test_a_long_list_of_values_is_no_chain(store: OxigraphStore) -> None:
    values = " ".join(f"<x:{number}>" for number in range(20_000))
    answer = sparql.run(store, f"SELECT ?s {{ VALUES ?s {{ {values} }} ?s <x:p> ?o }}")
    assert isinstance(answer, Solutions)
    assert len(answer.rows) == 300
