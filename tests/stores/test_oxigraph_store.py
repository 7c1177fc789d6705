"""The embedded store against a Python set: any sequence of changes, re-openings and look-ups agrees."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple
from store_strategies import GRAPHS, PREDICATES, SUBJECTS, literals, quad_lists

from kg.stores.errors import (
    JournalTruncated,
    StaleGeneration,
    StatementRefused,
    StoreClosed,
    StoreCorrupt,
    StoreLocked,
    StoreTooNew,
)
from kg.stores.lines import line_of
from kg.stores.net_change import net_change
from kg.stores.oxigraph import OxigraphStore

A, B, G = NamedNode("x:a"), NamedNode("x:b"), NamedNode("x:g")
ONE = Quad(A, B, Literal("1"), G)


class AgainstASet(RuleBasedStateMachine):
    """The oracle is a set of quads and a list of what each step added and removed."""

    seen = Bundle("seen")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = OxigraphStore(self.folder)
        self.quads: set[Quad] = set()
        self.identity = self.store.identity
        self.steps: list[tuple[set[Quad], set[Quad]]] = []
        self.moments: list[set[Quad]] = [set()]

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @rule(target=seen, added=quad_lists)
    def add(self, added: list[Quad]) -> list[Quad]:
        self.change(added, [])
        return added

    @rule(added=quad_lists, removed=st.lists(seen, max_size=3))
    def add_and_remove(self, added: list[Quad], removed: list[list[Quad]]) -> None:
        self.change(added, [quad for group in removed for quad in group])

    def change(self, added: list[Quad], removed: list[Quad]) -> None:
        before = set(self.quads)
        self.quads = (self.quads - set(removed)) | set(added)
        if self.quads != before:
            self.steps.append((self.quads - before, before - self.quads))
            self.moments.append(set(self.quads))
        generation = self.store.generation
        assert self.store.apply(added, removed, generation) == len(self.steps)

    @rule(behind=st.integers(1, 3), added=quad_lists)
    def refuse_a_stale_change(self, behind: int, added: list[Quad]) -> None:
        with pytest.raises(StaleGeneration):
            self.store.apply(added, [], len(self.steps) - behind)

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = OxigraphStore(self.folder)

    @rule()
    def lose_the_index(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder / "index")
        self.store = OxigraphStore(self.folder)

    @rule(back=st.integers(1, 4))
    def forget_that_the_index_followed(self, back: int) -> None:
        self.store._table.mark_indexed(max(0, len(self.steps) - back))
        self.store._catch_up()

    @rule(
        subject=st.none() | st.sampled_from(SUBJECTS),
        predicate=st.none() | st.sampled_from(PREDICATES),
        value=st.none() | st.sampled_from(SUBJECTS) | literals,
        graph=st.none() | st.sampled_from(GRAPHS),
    )
    def look_up(self, subject: object, predicate: object, value: object, graph: object) -> None:
        pattern = (subject, predicate, value, graph)
        fits = [q for q in self.quads if all(w is None or w == h for w, h in zip(pattern, q, strict=True))]
        found = list(self.store.match(subject, predicate, value, graph))
        assert sorted(map(str, found)) == sorted(map(str, fits))

    @rule(start=st.binary(max_size=4) | st.just(b"<https://graph.example/b"))
    def read_from(self, start: bytes) -> None:
        expected = sorted(line for line in map(line_of, self.quads) if line >= start)
        assert list(self.store.sorted_quads(start)) == expected

    @invariant()
    def same_state(self) -> None:
        assert len(self.store) == len(self.quads)
        assert self.store.generation == len(self.steps)
        assert list(self.store.sorted_quads()) == sorted(map(line_of, self.quads))
        changes = [(set(c.added), set(c.removed)) for c in self.store.changes(0)]
        assert changes == self.steps
        assert self.store.identity == self.identity

    @rule(ago=st.integers(0, 16))
    def journal_in_total(self, ago: int) -> None:
        since = max(0, len(self.steps) - ago)
        change = net_change(self.store.changed_lines(since))
        assert change.added == sorted(map(line_of, self.quads - self.moments[since]))
        assert change.removed == sorted(map(line_of, self.moments[since] - self.quads))

    @invariant()
    def index_holds_what_oxigraph_would_hold(self) -> None:
        import pyoxigraph

        expected = pyoxigraph.Store()
        expected.extend(self.quads)
        assert set(self.store.index()) == set(expected)


AgainstASet.TestCase.settings = settings(max_examples=12, stateful_step_count=16)
TestAgainstASet = AgainstASet.TestCase


def test_lexical_forms_that_oxigraph_alone_would_change_come_back_as_they_went_in(tmp_path: Path) -> None:
    integer = NamedNode("http://www.w3.org/2001/XMLSchema#int")
    quads = [Quad(A, B, Literal(text, datatype=integer), G) for text in ("1", "01", "+1")]
    with OxigraphStore(tmp_path) as store:
        store.apply(quads, [], 0)
        assert set(store.match(A)) == set(quads)
        store.apply([], quads[:2], 1)
        assert list(store.match(A)) == quads[2:]
        assert len(list(store.index())) == 1


@pytest.mark.parametrize(
    "quad",
    [
        Quad(BlankNode(), B, A, G),
        Quad(A, B, BlankNode(), G),
        Quad(A, B, A, BlankNode()),
        Quad(A, B, Triple(A, B, A), G),
        Quad(A, B, Literal("x" * 1_048_576), G),
    ],
    ids=["subject", "object", "graph", "triple term", "too long"],
)
def test_what_a_version_cannot_hold_is_refused_whole(quad: Quad) -> None:
    store = OxigraphStore(None)
    with pytest.raises(StatementRefused):
        store.apply([ONE, quad], [], 0)
    assert (len(store), store.generation) == (0, 0)


def test_a_second_opening_is_refused_and_names_the_process(tmp_path: Path) -> None:
    import os

    with OxigraphStore(tmp_path), pytest.raises(StoreLocked, match=f"process {os.getpid()}"):
        OxigraphStore(tmp_path)
    OxigraphStore(tmp_path).close()


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "quads.sqlite").write_bytes(b"not a database, but long enough to have a header of some kind" * 40)
    with pytest.raises(StoreCorrupt, match=r"quads\.sqlite"):
        OxigraphStore(tmp_path)


def test_a_damaged_page_is_an_error_and_not_a_short_answer(tmp_path: Path) -> None:
    with OxigraphStore(tmp_path) as store:
        store.apply([Quad(A, B, Literal(f"{i}" * 50), G) for i in range(500)], [], 0)
    file = tmp_path / "quads.sqlite"
    content = bytearray(file.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    file.write_bytes(content)

    def read_all() -> None:
        with OxigraphStore(tmp_path) as store:
            list(store.sorted_quads())
            list(store.changes(0))

    with pytest.raises(StoreCorrupt):
        read_all()


def test_a_broken_index_is_made_again(tmp_path: Path) -> None:
    with OxigraphStore(tmp_path) as store:
        store.apply([ONE], [], 0)
    (tmp_path / "index" / "CURRENT").write_text("nonsense")
    with OxigraphStore(tmp_path) as store:
        assert list(store.index()) == [ONE]


def test_a_later_format_is_refused(tmp_path: Path) -> None:
    import sqlite3

    OxigraphStore(tmp_path).close()
    db = sqlite3.connect(tmp_path / "quads.sqlite")
    db.execute("UPDATE meta SET value = 99 WHERE key = 'format'")
    db.commit()
    db.close()
    with pytest.raises(StoreTooNew, match="99"):
        OxigraphStore(tmp_path)


def test_a_forgotten_journal_says_so(tmp_path: Path) -> None:
    with OxigraphStore(tmp_path) as store:
        store.apply([ONE], [], 0)
        store.apply([], [ONE], 1)
        store.forget_changes(1)
        assert [change.generation for change in store.changes(1)] == [2]
        with pytest.raises(JournalTruncated):
            list(store.changes(0))


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = OxigraphStore(tmp_path)
    store.close()
    store.close()
    for call in (lambda: store.apply([ONE], [], 0), lambda: list(store.match()), lambda: store.generation):
        with pytest.raises(StoreClosed):
            call()


def test_a_reading_sees_one_moment_while_the_store_changes(tmp_path: Path) -> None:
    quads = [Quad(A, B, Literal(f"{i:05d}"), G) for i in range(30_000)]
    with OxigraphStore(tmp_path) as store:
        store.apply(quads, [], 0)
        reading = store.sorted_quads()
        first = next(reading)
        store.apply([], quads, 1)
        assert len([first, *reading]) == len(quads)
        assert len(store) == 0


def test_no_two_stores_have_one_identity(tmp_path: Path) -> None:
    with OxigraphStore(tmp_path / "one") as one, OxigraphStore(tmp_path / "two") as two, OxigraphStore(None) as three:
        assert len({one.identity, two.identity, three.identity}) == 3
        kept = one.identity
    with OxigraphStore(tmp_path / "one") as again:
        assert again.identity == kept


def test_a_table_made_before_stores_had_identities_gets_one(tmp_path: Path) -> None:
    with OxigraphStore(tmp_path / "old") as store:
        store._table._db.execute("DELETE FROM meta WHERE key = 'identity'")
    with OxigraphStore(tmp_path / "old") as store:
        kept = store.identity
    with OxigraphStore(tmp_path / "old") as store:
        assert store.identity == kept
