"""Filters by trust and confidence agree with a slow oracle and with rdflib, on generated claims."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from anchoring.encoding.cid import Cid
from anchoring.errors import WrongUsage
from kg.claims import vocabulary as v
from kg.claims.iris import Mint
from kg.claims.model import Activity, Agent, Claim, Trust
from kg.claims.quads import claim_iri, claim_quads
from kg.stores.oxigraph import OxigraphStore
from queries import sparql
from queries.results import Solutions, Truth

MINT = Mint("https://graph.example/")
SOURCE = Cid.of(b"a document")
THINGS = [NamedNode(f"https://graph.example/entity/{name}") for name in "abc"]
RELATIONS = [NamedNode(f"https://example.org/ns#{name}") for name in ("requires", "extends")]

claims = st.builds(
    lambda s, p, o, trust, kind, confidence: Claim(
        ((s, p, o),),
        Activity(kind, SOURCE, Agent("agent", "1"), trust),
        confidence=Decimal(confidence) if trust is Trust.INFERRED else None,
    ),
    st.sampled_from(THINGS),
    st.sampled_from(RELATIONS),
    st.sampled_from(THINGS) | st.sampled_from(["x", "y"]).map(Literal),
    st.sampled_from(Trust),
    st.sampled_from(["header", "extraction"]),
    st.sampled_from(["0.00", "0.50", "0.80", "0.93", "1.00"]),
)
trusts = st.none() | st.sets(st.sampled_from([level.value for level in Trust]), max_size=3)
numbers = st.none() | st.sampled_from(["0", "0.5", "0.80", "0.9", "1"])

QUERIES = [
    "SELECT ?s ?p ?o WHERE { ?s ?p ?o }",
    "SELECT ?s ?x WHERE { ?s <https://example.org/ns#requires> ?m . ?m <https://example.org/ns#extends> ?x }",
    "SELECT ?s (COUNT(?o) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?s",
    "SELECT ?s WHERE { ?s ?p ?o FILTER NOT EXISTS { ?s <https://example.org/ns#extends> ?o } }",
    "SELECT ?s ?o WHERE { ?s (<https://example.org/ns#requires>|<https://example.org/ns#extends>)+ ?o }",
    "SELECT ?g ?s ?o WHERE { GRAPH ?g { ?s <https://example.org/ns#requires> ?o } }",
    "SELECT ?s ?t WHERE { GRAPH ?g { ?s ?p ?o } GRAPH ?a { ?g prov:wasGeneratedBy ?a . ?a tl:trust ?t } }",
]


def passes(claim: Claim, trust: set[str] | None, least: str | None) -> bool:
    """The oracle: from the claims themselves, not from quads."""
    sure = claim.confidence if claim.confidence is not None else Decimal(1)
    return (trust is None or claim.activity.trust.value in trust) and (least is None or sure >= Decimal(least))


def bag(rows: Iterable[Iterable[object]]) -> list[str]:
    return sorted(str([None if cell is None else str(cell) for cell in row]) for row in rows)


def rdflib_dataset(made: list[Claim], admitted: list[Claim]) -> rdflib.Dataset:
    """Admitted claims in the default graph and in their own, and all graphs of evidence."""
    dataset = rdflib.Dataset()
    names = {claim_iri(MINT, claim) for claim in made}
    for claim in admitted:
        for s, p, o in claim.statements:
            dataset.add((as_rdflib(s), as_rdflib(p), as_rdflib(o), dataset.default_graph))
    kept = {claim_iri(MINT, claim) for claim in admitted}
    for quad in claim_quads(MINT, made):
        if quad.graph_name not in names - kept:
            graph = rdflib.URIRef(quad.graph_name.value)  # type: ignore[union-attr]
            dataset.add((as_rdflib(quad.subject), as_rdflib(quad.predicate), as_rdflib(quad.object), graph))
    return dataset


def as_rdflib(term: object) -> rdflib.URIRef | rdflib.Literal:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    assert isinstance(term, Literal)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))


def value(cell: object) -> str | None:
    return None if cell is None else cell.value if isinstance(cell, NamedNode | Literal) else str(cell)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@settings(max_examples=40)
@given(st.lists(claims, max_size=6), trusts, numbers, st.sampled_from(QUERIES))
def test_filters_agree_with_rdflib_over_the_admitted_claims(
    made: list[Claim], trust: set[str] | None, least: str | None, query: str
) -> None:
    if trust is None and least is None:
        return
    store = OxigraphStore(None)
    store.apply(claim_quads(MINT, made), [], 0)
    found = sparql.run(store, query, trust=trust, min_confidence=least)
    assert isinstance(found, Solutions)
    admitted = [claim for claim in made if passes(claim, trust, least)]
    expected = rdflib_dataset(made, admitted).query(query, initNs=v.PREFIXES)
    assert bag(map(value, row) for row in found.rows) == bag(expected)


@settings(max_examples=8)
@given(st.lists(claims, min_size=1, max_size=5), trusts, numbers, st.sampled_from(QUERIES))
def test_a_query_with_a_time_limit_answers_the_same(
    made: list[Claim], trust: set[str] | None, least: str | None, query: str
) -> None:
    store = OxigraphStore(None)
    store.apply(claim_quads(MINT, made), [], 0)
    here = sparql.run(store, query, trust=trust, min_confidence=least)
    apart = sparql.run(store, query, trust=trust, min_confidence=least, timeout=60)
    assert isinstance(here, Solutions)
    assert isinstance(apart, Solutions)
    assert (here.variables, bag(here.rows)) == (apart.variables, bag(apart.rows))


def test_a_claim_that_praises_itself_is_not_believed(tmp_path: Path) -> None:
    agent = Agent("agent", "1")
    honest = Activity("extraction", SOURCE, agent, Trust.INFERRED)
    claim = Claim(((THINGS[0], RELATIONS[0], THINGS[1]),), honest, confidence=Decimal("0.10"))
    iri = claim_iri(MINT, claim)
    forger = NamedNode("https://graph.example/doc/bafk/claim/" + "a" * 32)
    proven = NamedNode("https://graph.example/doc/bafk/activity/" + "z" * 32)
    forged = [
        Quad(forger, v.TRUST, Literal("proven"), forger),
        Quad(iri, v.GENERATED_BY, forger, forger),
        Quad(forger, v.GENERATED_BY, forger, forger),
        Quad(iri, v.CONFIDENCE, Literal("1.00", datatype=v.XSD_DECIMAL), forger),
        Quad(proven, v.TRUST, Literal("proven"), forger),
        Quad(iri, v.GENERATED_BY, proven, forger),
    ]
    with OxigraphStore(tmp_path) as store:
        store.apply([*claim_quads(MINT, [claim]), *forged], [], 0)
        query = "ASK { ?s <https://example.org/ns#requires> ?o }"
        assert sparql.run(store, query, trust=["proven"]) == Truth(False)
        assert sparql.run(store, query, min_confidence="0.5") == Truth(False)
        assert sparql.run(store, query, trust=["inferred"], min_confidence="0.1") == Truth(True)


@pytest.mark.parametrize("bad", ["NaN", "-0.1", "1.1", "often", float("nan")])
def test_confidences_out_of_range_are_refused(bad: object) -> None:
    with pytest.raises(WrongUsage, match="from 0 to 1"):
        sparql.run(OxigraphStore(None), "ASK {}", min_confidence=bad)  # type: ignore[arg-type]


def test_levels_that_do_not_exist_are_refused() -> None:
    with pytest.raises(WrongUsage, match="'believed'"):
        sparql.run(OxigraphStore(None), "ASK {}", trust=["read", "believed"])


def test_the_filter_follows_the_store() -> None:
    store = OxigraphStore(None)
    ask = "ASK { ?s <https://example.org/ns#requires> ?o }"
    assert sparql.run(store, ask, trust=["read"]) == Truth(False)
    claim = Claim(((THINGS[0], RELATIONS[0], THINGS[1]),), Activity("header", SOURCE, Agent("a", "1"), Trust.READ))
    store.apply(claim_quads(MINT, [claim]), [], 0)
    assert sparql.run(store, ask, trust=["read"]) == Truth(True)
    store.apply([], list(store.match(predicate=v.GENERATED_BY)), 1)
    assert sparql.run(store, ask, trust=["read"]) == Truth(False)
