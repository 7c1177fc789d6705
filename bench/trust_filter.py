"""Two ways to restrict a query to claims of a trust: `python bench/trust_filter.py [--claims 20000]`.

A copy in memory of what is admitted, against naming the admitted graphs as the query's default graph.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from decimal import Decimal

from pyoxigraph import Literal, NamedNode

from anchoring.encoding.cid import Cid
from kg.claims.iris import Mint
from kg.claims.model import Activity, Agent, Claim, Trust
from kg.claims.quads import claim_quads
from kg.stores.evidence import evidence
from kg.stores.oxigraph import OxigraphStore
from queries import sparql

NS = "https://example.org/ns#"
QUERY = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?a <{NS}next> ?b . ?b <{NS}next> ?c }}"


def timed(what: str, call: Callable[[], object]) -> None:
    begin = time.perf_counter()
    call()
    print(f"{what:60} {time.perf_counter() - begin:8.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=20_000)
    count = parser.parse_args().claims
    mint, source, agent = Mint("https://b.example/"), Cid.of(b"x"), Agent("a", "1")
    inferred = Activity("extraction", source, agent, Trust.INFERRED)
    made = (
        Claim(
            (
                (NamedNode(f"{NS}{i}"), NamedNode(NS + "next"), NamedNode(f"{NS}{i + 1}")),
                (NamedNode(f"{NS}{i}"), NamedNode(NS + "name"), Literal(f"name {i}")),
            ),
            inferred,
            confidence=Decimal(i % 100) / 100,
        )
        for i in range(count)
    )
    store = OxigraphStore(None)
    store.apply(set(claim_quads(mint, made)), [], 0)
    print(f"{count} claims, {len(store)} quads, half of them admitted")
    timed("no filter", lambda: sparql.run(store, QUERY))
    timed("copy of what is admitted: first query", lambda: sparql.run(store, QUERY, min_confidence="0.5"))
    timed("copy of what is admitted: next query", lambda: sparql.run(store, QUERY, min_confidence="0.5"))
    timed("in a process of its own", lambda: sparql.run(store, QUERY, min_confidence="0.5", timeout=600))
    index = store.index()
    having = evidence(lambda predicate: index.quads_for_pattern(None, predicate, None, None))
    graphs = [claim for claim, found in having if found.meets(None, Decimal("0.5"))]
    timed("admitted graphs named as the default graph", lambda: list(index.query(QUERY, default_graph=graphs)))


if __name__ == "__main__":
    main()
