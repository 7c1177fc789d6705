"""The vocabulary and the datasets agree: what is written is defined, with a domain, a range and words for people."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from extractors.chain import datasets, terms
from extractors.chain.rows import RowsSource, read_rows
from extractors.chain.token_lists import read_token_list
from kg.claims.iris import Mint
from kg.claims.quads import claim_quads
from kg.claims.vocabulary import CHAIN, RDFS, TYPE

ONTOLOGY = Path(__file__).parents[2] / "ontology/ethereum-chain.ttl"
OWL = "http://www.w3.org/2002/07/owl#"


@pytest.fixture(scope="module")
def ontology() -> Store:
    store = Store()
    store.extend(Quad(*t) for t in parse(ONTOLOGY.read_bytes(), RdfFormat.TURTLE))
    return store


@pytest.fixture(scope="module")
def written(mainnet_rows: Path, shipped: Path, mint: Mint) -> list[Quad]:
    claims = [claim for result in read_rows(RowsSource(mainnet_rows), [], mint) for claim in result.claims]
    claims += read_token_list((shipped / "token-lists/metamask/contract-map.json").read_bytes()).claims
    return list(claim_quads(mint, claims))


def values(store: Store, subject: str, predicate: str) -> set[str]:
    return {q.object.value for q in store.quads_for_pattern(NamedNode(subject), NamedNode(predicate), None)}


def test_every_term_of_the_code_is_defined_in_the_vocabulary(ontology: Store) -> None:
    ours = {t.value for t in vars(terms).values() if isinstance(t, NamedNode) and t.value.startswith(CHAIN)}
    defined = {q.subject.value for q in ontology.quads_for_pattern(None, TYPE, None)}
    assert ours <= defined
    assert len(ours) > 40


def test_every_term_has_words_and_every_property_a_domain_and_a_range(ontology: Store) -> None:
    for quad in ontology.quads_for_pattern(None, TYPE, None):
        term = quad.subject.value
        if term.startswith(CHAIN):
            assert values(ontology, term, RDFS + "label")
            assert values(ontology, term, RDFS + "comment")
            if "Property" in quad.object.value:
                assert len(values(ontology, term, RDFS + "domain")) == 1
                assert len(values(ontology, term, RDFS + "range")) == 1


def test_what_is_written_fits_domain_and_range(ontology: Store, written: list[Quad]) -> None:
    classes: dict[str, set[str]] = {}
    for quad in written:
        if quad.predicate == TYPE:
            classes.setdefault(quad.subject.value, set()).add(quad.object.value)
    above = {
        c: {c} for c in {q.subject.value for q in ontology.quads_for_pattern(None, TYPE, NamedNode(OWL + "Class"))}
    }
    for _ in above:
        for c in above:
            for parent in list(above[c]):
                above[c] |= values(ontology, parent, RDFS + "subClassOf")
    seen = set()
    for quad in written:
        if not quad.predicate.value.startswith(CHAIN):
            continue
        seen.add(quad.predicate.value)
        (domain,) = values(ontology, quad.predicate.value, RDFS + "domain")
        (range_,) = values(ontology, quad.predicate.value, RDFS + "range")
        held = {up for c in classes[quad.subject.value] for up in above[c]}
        assert domain in held, quad
        if isinstance(quad.object, Literal):
            assert quad.object.datatype.value == range_, quad
        else:
            assert range_.startswith(CHAIN), quad
    assert {"topic0", "topicCount", "emitter", "amount", "tokenId", "symbol"} <= {p.removeprefix(CHAIN) for p in seen}


def test_hashes_topics_and_addresses_are_lower_case(written: list[Quad]) -> None:
    for quad in written:
        for term in (quad.subject, quad.object):
            if isinstance(term, NamedNode) and term.value.startswith("eip155:"):
                assert term.value == term.value.lower()
        if quad.predicate in (terms.TOPIC0, terms.BLOCK_HASH, terms.PARENT_HASH, terms.TRANSACTION_HASH):
            assert quad.object.value == quad.object.value.lower()
            assert len(quad.object.value) == 66


def test_nothing_is_in_the_default_graph_and_no_blank_node_is_written(written: list[Quad]) -> None:
    assert all(isinstance(q.graph_name, NamedNode) and isinstance(q.subject, NamedNode) for q in written)
    assert all(isinstance(q.object, NamedNode | Literal) for q in written)


def test_help_lists_every_dataset_with_what_it_holds() -> None:
    lines = datasets.help_text().splitlines()
    assert (
        [line.split()[0] for line in lines]
        == list(datasets.DATASETS)
        == ["blocks", "transactions", "logs", "transfers"]
    )
    assert all(d.help in line for d, line in zip(datasets.DATASETS.values(), lines, strict=True))
