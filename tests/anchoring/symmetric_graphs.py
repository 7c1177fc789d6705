"""Families of datasets whose blank nodes look alike: those made to hurt, and those that people write.

Statements are tuples of four strings, as `anchoring.rdf.nquads.Statement`; every family takes sizes, some a seed.
"""

from __future__ import annotations

import itertools
import random

from anchoring.rdf.nquads import Statement

P, Q = "<urn:p>", "<urn:q>"


def clique(n: int) -> list[Statement]:
    """Complete digraph."""
    return [(f"_:{i}", P, f"_:{j}", "") for i in range(n) for j in range(n) if i != j]


def cycle(n: int) -> list[Statement]:
    return [(f"_:{i}", P, f"_:{(i + 1) % n}", "") for i in range(n)]


def both_ways(statements: list[Statement]) -> list[Statement]:
    return statements + [(o, p, s, g) for s, p, o, g in statements]


def chain(n: int) -> list[Statement]:
    """n + 1 identical nodes, each linked to the next."""
    return [(f"_:{i}", P, f"_:{i + 1}", "") for i in range(n)]


def grid(n: int, m: int | None = None) -> list[Statement]:
    m = m or n
    right = [(f"_:{i}.{j}", P, f"_:{i + 1}.{j}", "") for i in range(n) for j in range(m)]
    return right + [(f"_:{i}.{j}", P, f"_:{i}.{j + 1}", "") for i in range(n) for j in range(m)]


def torus(n: int, m: int) -> list[Statement]:
    cells = list(itertools.product(range(n), range(m)))
    right = [(f"_:{i}.{j}", P, f"_:{(i + 1) % n}.{j}", "") for i, j in cells]
    return right + [(f"_:{i}.{j}", P, f"_:{i}.{(j + 1) % m}", "") for i, j in cells]


def random_regular(n: int, degree: int, seed: int) -> list[Statement]:
    """n nodes with `degree` neighbours each: pairs of stubs, drawn until no pair stands twice; both directions."""
    generator = random.Random(f"{n} {degree} {seed}")
    edges: set[tuple[int, int]] = set()
    stubs = [node for node in range(n) for _ in range(degree)]
    for _ in range(1000):
        generator.shuffle(stubs)
        left = []
        for one, other in zip(stubs[::2], stubs[1::2], strict=True):
            edge = (min(one, other), max(one, other))
            if one == other or edge in edges:
                left += edge
            else:
                edges.add(edge)
        if not left:
            break
        given_up = generator.sample(sorted(edges), min(len(edges), len(left)))
        edges.difference_update(given_up)
        stubs = left + [node for edge in given_up for node in edge]
    return both_ways([(f"_:{one}", P, f"_:{other}", "") for one, other in sorted(edges)])


def hypercube(dimensions: int) -> list[Statement]:
    return [(f"_:{i}", P, f"_:{i ^ 1 << d}", "") for i in range(1 << dimensions) for d in range(dimensions)]


def bipartite(n: int) -> list[Statement]:
    return both_ways([(f"_:l{i}", P, f"_:r{j}", "") for i in range(n) for j in range(n)])


def tree(depth: int) -> list[Statement]:
    """A binary tree of identical nodes."""
    return [(f"_:{i}", P, f"_:{2 * i + k}", "") for i in range(1, 2**depth) for k in (0, 1)]


def stars(hubs: int, leaves: int) -> list[Statement]:
    return [(f"_:h{hub}", P, f"_:{hub}.{i}", "") for hub in range(hubs) for i in range(leaves)]


def in_many_graphs(n: int) -> list[Statement]:
    return [(f"_:{h}", P, f"_:{h}.{j}", f"<urn:g{i}>") for h in range(2) for i in range(n) for j in range(2)]


def rdf_list(n: int, value) -> list[Statement]:
    """An RDF list of n items; `value` gives the item at a position."""
    nodes = [f"_:{i}" for i in range(n)] + ["<urn:nil>"]
    firsts = [(nodes[i], "<urn:first>", f'"{value(i)}"', "") for i in range(n)]
    return firsts + [(nodes[i], "<urn:rest>", nodes[i + 1], "") for i in range(n)]


def copies(n: int, statements: list[Statement]) -> list[Statement]:
    """n times the same part, with blank nodes of its own."""
    return [tuple(f"_:{i}-{t[2:]}" if t.startswith("_:") else t for t in s) for i in range(n) for s in statements]


def twins(n: int) -> list[Statement]:
    """n pairs that know each other, pair by pair the same."""
    return copies(n, [("_:a", P, "_:b", ""), ("_:b", P, "_:a", "")])


def relabelled(statements: list[Statement], generator: random.Random) -> list[Statement]:
    """The same dataset with other labels, in another order."""
    nodes = sorted({t for s in statements for t in s if t.startswith("_:")})
    labels = [f"_:{generator.randrange(10**9)}x{i}" for i in range(len(nodes))]
    generator.shuffle(labels)
    mapping = dict(zip(nodes, labels, strict=True))
    changed = [tuple(mapping.get(t, t) for t in s) for s in statements]
    generator.shuffle(changed)
    return changed
