"""Copying a store ends with the same lines, sends only what differs, and goes on after a break."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad
from store_strategies import quad_lists, quads

from anchoring.rdf import nquads
from kg.stores.lines import line_of
from kg.stores.oxigraph import OxigraphStore
from kg.stores.sync import sync


class CountingStore(OxigraphStore):
    """Counts the quads that it is sent, and can be made to break off."""

    def __init__(self) -> None:
        super().__init__(None)
        self.sent = 0
        self.breaks_after: int | None = None

    def apply(self, added: Iterable[Quad], removed: Iterable[Quad], expected_generation: int) -> int:
        new, old = list(added), list(removed)
        if self.breaks_after is not None and self.sent + len(new) + len(old) > self.breaks_after:
            raise ConnectionError
        self.sent += len(new) + len(old)
        return super().apply(new, old, expected_generation)


@settings(max_examples=40)
@given(quad_lists, quad_lists, st.lists(st.tuples(quad_lists, quad_lists), max_size=3))
def test_only_differences_are_sent(
    mine: list[Quad], theirs: list[Quad], later: list[tuple[list[Quad], list[Quad]]]
) -> None:
    source, target = OxigraphStore(None), CountingStore()
    source.apply(mine, [], 0)
    target.apply(theirs, [], 0)
    target.sent = 0
    copied = sync(source, target)
    assert target.sent == copied.added + copied.removed == len(set(mine) ^ set(theirs))
    for added, removed in later:
        source.apply(added, removed, source.generation)
    before = set(map(bytes, target.sorted_quads()))
    target.sent = 0
    again = sync(source, target, since=copied.mark)
    assert list(target.sorted_quads()) == list(source.sorted_quads())
    assert target.sent == len(before ^ set(source.sorted_quads()))
    assert sync(source, target, since=again.mark).mark == again.mark


def test_a_mark_that_no_longer_holds_is_not_believed() -> None:
    source, target = OxigraphStore(None), OxigraphStore(None)
    one, two, three = (Quad(*nquads.parse_line(f"<x:{i}> <x:p> <x:o> <x:g> .".encode())) for i in range(3))
    source.apply([one], [], 0)
    mark = sync(source, target).mark
    target.apply([two], [one], 1)
    source.apply([three], [], 1)
    sync(source, target, since=mark)
    assert list(target.sorted_quads()) == list(source.sorted_quads())
    mark = sync(source, target).mark
    source.apply([two], [], 2)
    source.apply([one], [two], 3)
    source.forget_changes(4)
    assert sync(source, target, since=mark).added == 0
    assert list(target.sorted_quads()) == list(source.sorted_quads())


@settings(max_examples=20)
@given(st.lists(quads, min_size=4, max_size=20, unique=True), st.integers(0, 3))
def test_a_copy_that_broke_off_goes_on(mine: list[Quad], after: int) -> None:
    source, target = OxigraphStore(None), CountingStore()
    source.apply(mine, [], 0)
    target.breaks_after = after
    with pytest.raises(ConnectionError):
        sync(source, target, step=1)
    target.breaks_after = None
    sync(source, target, step=1)
    assert list(target.sorted_quads()) == list(source.sorted_quads())
    assert target.sent == len(mine)


@given(quads)
def test_lines_are_the_canonical_ones(quad: Quad) -> None:
    line = line_of(quad)
    assert line == nquads.serialize(quad)
    assert nquads.is_ground_canonical(line)
    assert nquads.parse_line(line) == quad


@pytest.mark.neo4j
def test_neo4j_holds_what_the_embedded_store_holds(neo4j_url: str, neo4j_auth: tuple[str, str]) -> None:
    from kg.stores.neo4j import Neo4jStore

    source = OxigraphStore(None)
    made = [Quad(*nquads.parse_line(f'<x:{i % 7}> <x:p{i % 3}> "0{i}" <x:g{i % 5}> .'.encode())) for i in range(500)]
    source.apply(made, [], 0)
    with Neo4jStore(neo4j_url, neo4j_auth, f"test-{uuid.uuid4()}") as target:
        mark = sync(source, target, step=200).mark
        source.apply(made[:3], made[3:9], 1)
        assert sync(source, target, since=mark).removed == 6
        assert list(target.sorted_quads()) == list(source.sorted_quads())
        target.drop()
