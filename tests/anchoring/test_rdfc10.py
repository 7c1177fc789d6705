"""Naming blank nodes: against an oracle, against Oxigraph, under relabelling, and on graphs made to hurt."""

from __future__ import annotations

import itertools
import random
import signal
import subprocess
import sys
import time

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchoring.nquads import join
from anchoring.rdfc10 import STEPS, STEPS_A_NODE, STEPS_EACH, PoisonedGraph, issue_names, orderings

P, Q = "<urn:p>", "<urn:q>"


def canonical(statements):
    """The canonical document, sorted, and the steps it took."""
    names, steps = issue_names(statements)
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


def relabelled(statements, generator):
    """The same dataset with other labels, in another order."""
    nodes = sorted({t for s in statements for t in s if t.startswith("_:")})
    labels = [f"_:{generator.randrange(10**9)}x{i}" for i in range(len(nodes))]
    generator.shuffle(labels)
    mapping = dict(zip(nodes, labels, strict=True))
    changed = [tuple(mapping.get(t, t) for t in s) for s in statements]
    generator.shuffle(changed)
    return changed


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


@settings(max_examples=100)
@given(DATASETS | SYMMETRIC)
def test_oxigraph_gives_the_same_lines(dataset):
    text = "".join(join(statement) + "\n" for statement in dataset)
    judge = ox.Dataset(ox.parse(text, format=ox.RdfFormat.N_QUADS))
    judge.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    expected = sorted(set(ox.serialize(judge, format=ox.RdfFormat.N_QUADS).decode().splitlines()))
    assert canonical(dataset)[0] == expected


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=6))
def test_orderings_are_the_distinct_permutations(nodes):
    found = list(orderings(nodes))
    assert len(found) == len(set(found))
    assert set(found) == set(itertools.permutations(nodes))


def clique(n):
    return [(f"_:{i}", P, f"_:{j}", "") for i in range(n) for j in range(n) if i != j]


def cycle(n):
    return [(f"_:{i}", P, f"_:{(i + 1) % n}", "") for i in range(n)]


def both_ways(statements):
    return statements + [(o, p, s, g) for s, p, o, g in statements]


def chain(n):
    return [(f"_:{i}", P, f"_:{i + 1}", "") for i in range(n)]


def grid(n):
    right = [(f"_:{i}.{j}", P, f"_:{i + 1}.{j}", "") for i in range(n) for j in range(n)]
    return right + [(f"_:{i}.{j}", P, f"_:{i}.{j + 1}", "") for i in range(n) for j in range(n)]


def rdf_list(n, value):
    nodes = [f"_:{i}" for i in range(n)] + ["<urn:nil>"]
    firsts = [(nodes[i], "<urn:first>", f'"{value(i)}"', "") for i in range(n)]
    return firsts + [(nodes[i], "<urn:rest>", nodes[i + 1], "") for i in range(n)]


def in_many_graphs(n):
    return [(f"_:{h}", P, f"_:{h}.{j}", f"<urn:g{i}>") for h in range(2) for i in range(n) for j in range(2)]


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
    "list of 1,000 equal items": rdf_list(1_000, lambda i: 0),
    "two pairs in 20 graphs": in_many_graphs(20),
    "two hubs of 20,000": [(f"_:h{h}", P, f"_:{h}.{i}", "") for h in range(2) for i in range(20_000)],
}
FINISHED = {
    "clique of 5": clique(5),
    "cycle of 100": cycle(100),
    "chain of 100": chain(100),
    "grid of 5 x 5": grid(5),
    "list of 10,000 items": rdf_list(10_000, lambda i: i),
    "list of 5,000 items, 1,500 values": rdf_list(5_000, lambda i: i % 1_500),
    "star of 5,000": [("_:hub", P, f"_:{i}", "") for i in range(5_000)],
    "5,000 equal nodes": [(f"_:{i}", P, '"x"', "") for i in range(5_000)],
    "5,000 equal pairs": [(f"_:{i}", P, f"_:{i}b", "") for i in range(5_000)],
}


@pytest.mark.parametrize("name", REFUSED)
def test_poison_is_refused_soon_and_however_it_is_written(name):
    statements = REFUSED[name]
    for dataset in (statements, relabelled(statements, random.Random(name)))[: 1 if len(statements) > 5_000 else 2]:
        start = time.process_time()
        with pytest.raises(PoisonedGraph, match="look alike"):
            issue_names(dataset)
        assert time.process_time() - start < 10  # about 1 s on an idle core


@pytest.mark.parametrize("name", FINISHED)
def test_symmetric_graphs_within_the_limits_are_named_alike_however_they_are_written(name):
    statements = FINISHED[name]
    lines, steps = canonical(statements)
    assert steps <= STEPS + STEPS_EACH * len(statements)
    assert canonical(relabelled(statements, random.Random(name))) == (lines, steps)
    assert len(lines) == len(statements)


def test_the_limits_are_those_of_the_format():
    assert (STEPS_A_NODE, STEPS, STEPS_EACH) == (50_000, 100_000, 8)


@pytest.mark.soak
def test_a_long_list_of_distinct_items_is_named(soak_scale):
    length = soak_scale(100_000)
    assert len(issue_names(rdf_list(length, lambda i: i)).names) == length


def test_ctrl_c_stops_the_work_at_once():
    program = (
        "import anchoring.rdfc10 as r; r.STEPS = r.STEPS_A_NODE = 10**12\n"
        "print('ready', flush=True)\n"
        "r.issue_names([(f'_:{i}', '<urn:p>', f'_:{j}', '') for i in range(12) for j in range(12) if i != j])"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.readline()
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        _, talk = child.communicate(timeout=20)
    assert b"KeyboardInterrupt" in talk
