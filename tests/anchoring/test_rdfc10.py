"""Naming blank nodes: against an oracle, against Oxigraph, under relabelling, and on graphs made to hurt."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from symmetric_graphs import (
    P,
    Q,
    bipartite,
    both_ways,
    chain,
    clique,
    copies,
    cycle,
    grid,
    hypercube,
    in_many_graphs,
    random_regular,
    rdf_list,
    relabelled,
    stars,
    torus,
    tree,
    twins,
)

from anchoring.rdf.nquads import join
from anchoring.rdf.rdfc10 import FREE_STEPS, STEPS, PoisonedGraph, issue_names, orderings


def canonical(statements):
    """The canonical document, sorted, and the steps it took, all and shared ones."""
    names, *steps = issue_names(statements)
    lines = {join(tuple(names.get(term, term) for term in statement)) for statement in statements}
    return sorted(lines), steps


def isomorphic(one, other):
    """The oracle: tries every way to map the blank nodes of one dataset to those of the other."""
    nodes, targets = ({t for s in side for t in s if t.startswith("_:")} for side in (one, other))
    wanted = set(other)
    return len(nodes) == len(targets) and any(
        {tuple(mapping.get(t, t) for t in s) for s in one} == wanted
        for mapping in (dict(zip(sorted(nodes), order, strict=True)) for order in itertools.permutations(targets))
    )


NODES = st.sampled_from([f"_:n{i}" for i in range(5)])
STATEMENTS = st.tuples(
    NODES | st.just("<urn:s>"),
    st.sampled_from([P, Q]),
    NODES | st.sampled_from(["<urn:s>", '"x"']),
    st.just("") | NODES | st.sampled_from(["<urn:g>", "<urn:h>"]),
)
DATASETS = st.lists(STATEMENTS, min_size=1, max_size=8, unique=True)
SYMMETRIC = st.lists(st.tuples(NODES, st.just(P), NODES, st.just("")), min_size=1, max_size=10, unique=True)


@settings(max_examples=100)
@given(DATASETS | SYMMETRIC, st.randoms(use_true_random=False))
def test_isomorphic_datasets_have_one_canonical_form_and_one_count(dataset, generator):
    again = relabelled(dataset, generator)
    assert isomorphic(dataset, again)
    assert canonical(dataset) == canonical(again)


@settings(max_examples=100)
@given(SYMMETRIC, SYMMETRIC)
def test_equal_canonical_forms_mean_isomorphic_datasets(one, other):
    assert (canonical(one)[0] == canonical(other)[0]) == isomorphic(one, other)


@settings(max_examples=100)
@given(SYMMETRIC, st.data())
def test_moving_one_arc_is_noticed_exactly_when_the_oracle_notices(dataset, data):
    arc = data.draw(st.integers(0, len(dataset) - 1))
    _, p, o, g = dataset[arc]
    changed = [*dataset[:arc], (data.draw(NODES), p, o, g), *dataset[arc + 1 :]]
    changed = list(dict.fromkeys(changed))
    assert (canonical(dataset)[0] == canonical(changed)[0]) == isomorphic(dataset, changed)


def one_graph_each(dataset):
    """Oxigraph counts a neighbour once that stands beside a node under one predicate in two graphs; others do not."""
    return len({statement[:3] for statement in dataset}) == len(dataset)


@settings(max_examples=100)
@given((DATASETS | SYMMETRIC).filter(one_graph_each))
def test_oxigraph_gives_the_same_lines(dataset):
    text = "".join(join(statement) + "\n" for statement in dataset)
    judge = ox.Dataset(ox.parse(text, format=ox.RdfFormat.N_QUADS))
    judge.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    expected = sorted(set(ox.serialize(judge, format=ox.RdfFormat.N_QUADS).decode().splitlines()))
    assert canonical(dataset)[0] == expected


def test_a_neighbour_in_two_graphs_counts_twice():
    """As rdf-canonize 5.0.0 and PyLD 3.3.0 have it, which named this dataset."""
    links = "0p8 4p9 5p1 7p4 6q2 6q3 9q6"
    dataset = [(f"_:{link[0]}", f"<urn:{link[1]}>", f"_:{link[2]}", "") for link in links.split()]
    dataset += [("<urn:t>", Q, "_:8", ""), ("_:0", Q, '"x"', ""), ("_:2", Q, '"x"', "<urn:g>")]
    dataset += [("_:4", Q, "_:3", "<urn:g>"), ("_:5", P, "_:1", "_:9"), ("_:7", P, "_:4", "_:2")]
    names = {label[2:]: int(name.removeprefix("_:c14n")) for label, name in issue_names(dataset).names.items()}
    assert names == {"6": 0, "2": 1, "0": 2, "8": 3, "3": 4, "1": 5, "4": 6, "9": 7, "7": 8, "5": 9}


@given(st.lists(st.integers(0, 2), min_size=1, max_size=6))
def test_orderings_are_the_distinct_permutations(nodes):
    found = list(orderings(nodes))
    assert len(found) == len(set(found))
    assert set(found) == set(itertools.permutations(nodes))


REFUSED = {
    "clique of 8": clique(8),
    "clique of 30": clique(30),
    "clique of 100": clique(100),
    "cycle of 400": cycle(400),
    "cycle of 400, both ways": both_ways(cycle(400)),
    "cycle of 10,000": cycle(10_000),
    "chain of 1,000": chain(1_000),
    "chain of 10,000": chain(10_000),
    "grid of 20 x 20": grid(20),
    "grid of 60 x 60, both ways": both_ways(grid(60)),
    "torus of 9 x 11": torus(9, 11),
    "hypercube of 2^8": hypercube(8),
    "7 with 7": bipartite(7),
    "tree of depth 10": tree(10),
    "list of 1,000 equal items": rdf_list(1_000, lambda i: 0),
    "two pairs in 20 graphs": in_many_graphs(20),
    "two hubs of 20,000": stars(2, 20_000),
    "2,000 cliques of 5": copies(2_000, clique(5)),
}
FINISHED = {
    "clique of 5": clique(5),
    "cycle of 100": cycle(100),
    "chain of 100": chain(100),
    "grid of 5 x 5": grid(5),
    "tree of depth 5": tree(5),
    "list of 10,000 items": rdf_list(10_000, lambda i: i),
    "list of 5,000 items, 1,500 values": rdf_list(5_000, lambda i: i % 1_500),
    "star of 5,000": stars(1, 5_000),
    "300 hubs of 3": stars(300, 3),
    "5,000 equal nodes": [(f"_:{i}", P, '"x"', "") for i in range(5_000)],
    "5,000 equal pairs": copies(5_000, [("_:a", P, "_:b", "")]),
    "2,000 twins": twins(2_000),
    "1,000 triangles": copies(1_000, clique(3)),
    "100 lists of ten equal items": copies(100, rdf_list(10, lambda i: 0)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_poison_is_refused_however_it_is_written(name):
    statements = REFUSED[name]
    with pytest.raises(PoisonedGraph, match="look alike"):
        issue_names(relabelled(statements, random.Random(name)))


def test_refusing_poison_takes_little_memory():
    program = (
        "import resource, test_rdfc10 as t\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))\n"
        "for statements in t.REFUSED.values():\n"
        "    try: t.issue_names(statements)\n"
        "    except t.PoisonedGraph: continue\n"
        "    raise AssertionError(statements[:3])"
    )
    subprocess.run(
        [sys.executable, "-c", program], check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )


@pytest.mark.parametrize("name", FINISHED)
def test_symmetric_graphs_within_the_limits_are_named_alike_however_they_are_written(name):
    statements = FINISHED[name]
    lines, (steps, shared) = canonical(statements)
    assert shared <= STEPS
    assert steps - shared <= FREE_STEPS * len({t for s in statements for t in s if t.startswith("_:")})
    assert canonical(relabelled(statements, random.Random(name))) == (lines, [steps, shared])
    assert len(lines) == len(statements)


SIZED = {
    "clique": (clique, 2, 6, 7, 200),
    "cycle": (cycle, 2, 140, 155, 3_000),
    "cycle, both ways": (lambda n: both_ways(cycle(n)), 3, 60, 155, 3_000),
    "chain": (chain, 1, 140, 155, 3_000),
    "grid": (grid, 1, 5, 7, 60),
    "grid, both ways": (lambda n: both_ways(grid(n)), 1, 4, 6, 60),
    "equal items": (lambda n: rdf_list(n, lambda i: 0), 1, 140, 155, 3_000),
    "3-regular": (lambda n: random_regular(2 * n, 3, n), 2, 5, 25, 1_000),
    "4-regular": (lambda n: random_regular(n, 4, n), 5, 8, 30, 1_000),
    "bipartite": (bipartite, 1, 3, 6, 60),
    "hypercube": (hypercube, 1, 3, 5, 10),
    "tree": (tree, 1, 5, 7, 11),
}


@pytest.mark.parametrize("family", SIZED)
def test_each_family_is_finished_when_small_and_refused_when_large(family, seed):
    make, least, still_finished, refused, most = SIZED[family]
    generator = random.Random(f"{seed} {family}")
    statements = make(generator.randint(least, still_finished))
    assert canonical(statements) == canonical(relabelled(statements, generator))
    statements = make(generator.randint(refused, most))
    with pytest.raises(PoisonedGraph):
        issue_names(relabelled(statements, generator))


def test_other_threads_go_on_while_poison_is_looked_at():
    ticks, done = 0, threading.Event()

    def work():
        with pytest.raises(PoisonedGraph):
            issue_names(REFUSED["chain of 10,000"])
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not done.wait(0.001):
        ticks += 1
    thread.join()
    assert ticks > 20  # some hundred on an idle machine


def test_long_labels_and_predicates_make_no_step_longer():
    long = "x" * 100_000
    statements = [(f"_:{long}{s[2:]}", f"<urn:{long}>", f"_:{long}{o[2:]}", g) for s, _, o, g in clique(7)]
    program = (
        "import resource, sys, test_rdfc10 as t\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (15, 15))\n"  # hashing the predicate at each step would take a minute
        "try: t.issue_names(eval(sys.stdin.read()))\n"
        "except t.PoisonedGraph: sys.exit()\n"
        "raise AssertionError('it was named')"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    text = repr(statements)
    subprocess.run([sys.executable, "-c", program], input=text, text=True, check=True, env=environment)


def test_the_limits_are_those_of_the_format():
    assert (FREE_STEPS, STEPS) == (64, 100_000)


def counted_as_the_format_says(statements):
    """The oracle: the steps of each node, counted by the format's words, all the hashes computed anew; it recurses."""
    quads = list(dict.fromkeys(statements))
    nodes = list(dict.fromkeys(t for s in quads for t in s if t.startswith("_:")))

    def digest(text):
        return hashlib.sha256(text.encode()).hexdigest()

    def first(node):
        lines = [[("_:a" if t == node else "_:z") if t.startswith("_:") else t for t in s] for s in quads if node in s]
        return digest("".join(sorted(join(tuple(line)) + "\n" for line in lines)))

    by_hash = {}
    for node in nodes:
        by_hash.setdefault(first(node), []).append(node)
    canonical_names = {}
    for _, alike in sorted(by_hash.items()):
        if len(alike) == 1:
            canonical_names[alike[0]] = f"_:c14n{len(canonical_names)}"

    def call(node, issued):
        around = [
            (mark, term)
            for s in quads
            if node in s
            for mark, term in ((f"s{s[1]}", s[0]), (f"o{s[1]}", s[2]), ("g", s[3]))
            if term.startswith("_:") and term != node
        ]
        steps, text, groups = 1 + len(around), "", {}
        for mark, term in around:
            name = canonical_names.get(term) or issued.get(term) or first(term)
            groups.setdefault(digest(mark + name), []).append(term)
        for related_hash, entries in sorted(groups.items()):
            best = None
            for ordering in sorted(set(itertools.permutations(entries))):
                steps += 1 if len(set(entries)) == 1 else 1 + len(entries) + len(issued)
                path, copy, visits = "", dict(issued), []
                for term in ordering:
                    if term in canonical_names:
                        path += canonical_names[term]
                        continue
                    if term not in copy:
                        visits.append(term)
                        copy[term] = f"_:b{len(copy)}"
                    path += copy[term]
                for term in visits:
                    below, hashed, copy = call(term, copy)
                    steps += below
                    path += f"{copy[term]}<{hashed}>"
                if best is None or path < best[0]:
                    best = path, copy
            text += related_hash + best[0]
            issued = best[1]
        return steps, digest(text), issued

    taken = []
    for _, alike in sorted(by_hash.items()):
        if len(alike) > 1:
            results = [call(node, {node: "_:b0"}) for node in alike if node not in canonical_names]
            taken += [steps for steps, _, _ in results]
            for _, _, issued in sorted(results, key=lambda result: result[1]):
                for node in issued:
                    canonical_names.setdefault(node, f"_:c14n{len(canonical_names)}")
    return canonical_names, taken


@settings(max_examples=60, deadline=None)
@given(SYMMETRIC | DATASETS)
def test_names_and_steps_are_counted_as_the_format_says(dataset):
    found = issue_names(dataset)
    names, taken = counted_as_the_format_says(dataset)
    assert found.steps == sum(taken)
    assert found.shared_steps == sum(max(0, steps - FREE_STEPS) for steps in taken)
    lines = sorted({join(tuple(names.get(term, term) for term in statement)) for statement in dataset})
    assert lines == canonical(dataset)[0]


@pytest.mark.soak
def test_a_long_list_of_distinct_items_is_named(soak_scale):
    length = soak_scale(100_000)
    assert len(issue_names(rdf_list(length, lambda i: i)).names) == length


@pytest.mark.soak
def test_many_twins_are_named(soak_scale):
    pairs = soak_scale(10_000)
    assert len(issue_names(twins(pairs)).names) == 2 * pairs


def test_ctrl_c_stops_the_work_at_once():
    program = (
        "import anchoring.rdf.rdfc10 as r; r.STEPS = 10**12\n"
        "print('ready', flush=True)\n"
        "r.issue_names([(f'_:{i}', '<urn:p>', f'_:{j}', '') for i in range(12) for j in range(12) if i != j])"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.readline()
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        _, talk = child.communicate(timeout=20)
    assert b"KeyboardInterrupt" in talk
