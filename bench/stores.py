"""How many quads a second a store takes and gives: `python bench/stores.py [--quads 100000] [--neo4j]`.

The quads look like claims: a graph for every three statements, typed literals among them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from kg.stores.oxigraph import OxigraphStore
from kg.stores.protocol import QuadStore

INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")


def statements(count: int) -> list[Quad]:
    """Made-up claims, the same each time."""
    made = []
    for i in range(count):
        subject, graph = NamedNode(f"https://b.example/s/{i // 5}"), NamedNode(f"https://b.example/claim/{i // 3}")
        kind = i % 5
        value = (
            NamedNode(f"https://b.example/s/{(i * 7) % count // 5}")
            if kind < 2
            else Literal(f"text {i}")
            if kind < 4
            else Literal(f"0{i}", datatype=INTEGER)
        )
        made.append(Quad(subject, NamedNode(f"https://b.example/p{kind}"), value, graph))
    return made


def rate(what: str, count: int, call: Callable[[], object]) -> None:
    begin = time.perf_counter()
    call()
    seconds = time.perf_counter() - begin
    print(f"{what:44} {count:9,} quads {seconds:8.2f} s {count / seconds:12,.0f} quads/s")


def measure(store: QuadStore, quads: list[Quad], batch: int) -> None:
    count, start = len(quads), len(quads) // 10
    rate(f"{store.name[:20]}: apply, one change", count, lambda: store.apply(quads, [], store.generation))
    rate("  the same again (nothing changes)", count, lambda: store.apply(quads, [], store.generation))
    rate("  sorted_quads", count, lambda: sum(1 for _ in store.sorted_quads()))
    rate("  match, everything", count, lambda: sum(1 for _ in store.match()))
    rate("  remove a tenth", start, lambda: store.apply([], quads[:start], store.generation))

    def in_batches() -> None:
        for i in range(0, start, batch):
            store.apply(quads[i : i + batch], [], store.generation)

    rate(f"  add it again, {batch} a change", start, in_batches)
    rate("  changes(0)", count, lambda: sum(1 for _ in store.changes(0)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quads", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--neo4j", action="store_true", help="TRIPLOCK_NEO4J_URL, _USER and _PASSWORD name the server")
    arguments = parser.parse_args()
    quads = statements(arguments.quads)
    with tempfile.TemporaryDirectory() as folder, OxigraphStore(Path(folder)) as store:
        measure(store, quads, arguments.batch)
    if arguments.neo4j:
        from kg.stores.neo4j import Neo4jStore

        auth = (os.environ["TRIPLOCK_NEO4J_USER"], os.environ["TRIPLOCK_NEO4J_PASSWORD"])
        server = Neo4jStore(os.environ["TRIPLOCK_NEO4J_URL"], auth, f"bench-{time.time_ns()}")
        try:
            measure(server, quads, arguments.batch)
        finally:
            server.drop()
            server.close()


if __name__ == "__main__":
    main()
