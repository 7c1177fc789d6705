"""However a graph came about, its version is the one built from all of its statements at once, and little is made anew.

The same in both stores: orders of insertion, splits into versions, and histories that add too early and take back.
"""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from thread_places import configuration

from anchoring.dataset.version import Dataset, build_version
from anchoring.encoding.cid import Cid
from kg.stores.lines import line_of
from kg.workspace.configuration import StoreSettings
from kg.workspace.snapshot import Work, snapshot
from kg.workspace.workspace import Workspace

pytestmark = pytest.mark.soak

STORES = ["oxigraph", pytest.param("neo4j", marks=pytest.mark.neo4j)]


@contextmanager
def opened(folder: Path, kind: str) -> Iterator[Workspace]:
    """A workspace with an empty store of its own, of this kind."""
    settings = configuration()
    if kind == "neo4j":
        store = StoreSettings(
            kind="neo4j",
            url=os.environ["TRIPLOCK_NEO4J_URL"],
            user=os.environ["TRIPLOCK_NEO4J_USER"],
            name=f"test-{uuid.uuid4()}",
        )
        settings = replace(settings, store=store)
    with Workspace.init(folder, settings) as workspace:
        try:
            yield workspace
        finally:
            if kind == "neo4j":
                workspace.store.drop()  # type: ignore[attr-defined]


def quad(key: int) -> Quad:
    return Quad(
        NamedNode(f"https://kg.example.org/doc/{key // 6:08d}#{key}"),
        NamedNode("https://schema.example.org/vocab#property"),
        Literal(f"value {key:x} {'v' * (key * 7919 % 150)}"),
        NamedNode(f"https://kg.example.org/doc/{key // 6:08d}/claim/{key:08d}"),
    )


def blocks_of(dataset: Dataset) -> set[Cid]:
    return {leaf.cid for leaf in dataset.leaves} | {node.cid for node in dataset.nodes}


class History:
    """A workspace that is changed in steps, a version after each, compared with a build of all statements."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.have: set[int] = set()
        self.dataset = Dataset(())
        self.kept: set[Cid] = set()

    def move_to(self, wanted: set[int]) -> None:
        """Change the store and build the version: the full build's, and only blocks that it had not are made."""
        store, told = self.workspace.store, list[Work]()
        store.apply(map(quad, sorted(wanted - self.have)), map(quad, sorted(self.have - wanted)), store.generation)
        record = snapshot(self.workspace, tell=told.append)
        full = build_version(sorted(line_of(quad(key)) for key in wanted))
        assert (record.root, record.data) == (f"0x{full.commitment.root.hex()}", str(full.commitment.file))
        if told and not told[0].reason:
            assert told[0].new_blocks == len(blocks_of(full) - blocks_of(self.dataset))
        self.have, self.dataset = wanted, full


@pytest.mark.parametrize("kind", STORES)
def test_ten_orders_of_insertion_give_one_version(
    tmp_path: Path, kind: str, seed: int, soak_scale: Callable[[int], int]
) -> None:
    rng = random.Random(seed)
    keys = list(range(soak_scale(8_000 if kind == "neo4j" else 60_000)))
    found = set()
    for number in range(max(2, soak_scale(10))):
        rng.shuffle(keys)
        with opened(tmp_path / str(number), kind) as workspace:
            for at in range(0, len(keys), len(keys) // 5 or 1):
                workspace.store.apply(map(quad, keys[at : at + len(keys) // 5 or 1]), [], workspace.store.generation)
            found.add(snapshot(workspace).data)
    assert found == {str(build_version(sorted(map(line_of, map(quad, keys)))).commitment.file)}


@pytest.mark.parametrize("kind", STORES)
def test_ten_shuffled_histories_in_any_split_give_one_version_and_make_what_they_touch(
    tmp_path: Path, kind: str, seed: int, soak_scale: Callable[[int], int]
) -> None:
    rng = random.Random(seed)
    keys = list(range(soak_scale(8_000 if kind == "neo4j" else 60_000)))
    for number in range(max(2, soak_scale(10))):
        rng.shuffle(keys)
        edges = sorted(rng.sample(range(len(keys) // 4, len(keys)), rng.randrange(1, 6)))
        with opened(tmp_path / str(number), kind) as workspace:
            history = History(workspace)
            for end in [*edges, len(keys)]:
                # What a version adds too early is taken back by a later one.
                early = rng.sample(keys[end:], min(5, len(keys) - end))
                history.move_to({*keys[:end], *early})
                if number % 2:
                    workspace.publish()
            assert len(history.have) == len(keys)


@pytest.mark.parametrize("kind", STORES)
def test_a_cluster_of_changes_makes_the_blocks_it_touches_and_no_others(
    tmp_path: Path, kind: str, seed: int, soak_scale: Callable[[int], int]
) -> None:
    rng = random.Random(seed)
    count = soak_scale(20_000 if kind == "neo4j" else 100_000)
    with opened(tmp_path / "kg", kind) as workspace:
        history = History(workspace)
        history.move_to(set(range(0, 2 * count, 2)))
        for _ in range(5):
            at = rng.randrange(2 * count)
            before = history.dataset
            history.move_to(history.have ^ set(range(at, at + max(count // 100, 1))))
            touched = blocks_of(history.dataset) - blocks_of(before)
            assert len(touched) <= 8 + count // 5_000
