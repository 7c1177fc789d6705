"""Results without the text, and what is measured of them."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bench.extraction
from bench.extraction.adapter_process import Reply
from bench.extraction.answer_forms import parses
from bench.extraction.calls import Call
from bench.extraction.data.task import DataSet, Task, Topic
from bench.extraction.measures import by_subset, compare, measure, read
from bench.extraction.pieces import pieces
from bench.extraction.results import LONGEST, Result, Results, result
from extractors.evaluation.model import LabelledText
from ontology.model import Class, Ontology, Relation

TEXT = "Ann Lee directed The Long Day in 1987."


def call(*, finish: str = "stop", status: int = 200, tokens: int = 100) -> Call:
    return Call("d", status, tokens, 0, 10, 1.0, 0.5, finish, "{}")


def kept(id: str, *triples: tuple[str, str, str], **more: object) -> Result:
    found = tuple((s, r, o, "Film", "Human") for s, r, o in triples)
    reply = Reply(found, str(more.get("raised", "")), str(more.get("logged", "")))
    calls = [call(finish=str(more.get("finish", "stop")))]
    return result(id, "config", TEXT, reply, calls, [parses("{}", "json")])


def data(count: int = 2) -> DataSet:
    film, person = Class("urn:f", "film"), Class("urn:p", "human")
    director = Relation("urn:d", "director of", domain=("urn:f",), range=("urn:p",))
    known = Ontology("urn:o", "", {c.iri: c for c in (film, person)}, {director.iri: director})
    gold = (("The Long Day", "director of", "Ann Lee"),)
    tasks = tuple(Task(LabelledText(str(i), TEXT, gold), "films") for i in range(count))
    return DataSet("films", tasks, {"films": Topic("films", known, ())})


@given(st.text(max_size=60), st.lists(st.tuples(st.text(max_size=120), st.text(max_size=20), st.text(max_size=120))))
def test_a_kept_result_says_what_the_system_said(text: str, triples: list[tuple[str, str, str]]) -> None:
    reply = Reply(tuple((s, r, o, "", "") for s, r, o in triples))
    said = result("1", "c", text, reply, [], []).predicted(text).triples
    for (subject, relation, thing), back in zip(triples, said, strict=True):
        assert back.relation == relation
        for name, kept_name in ((subject, back.subject), (thing, back.object)):
            assert kept_name == name or (len(name) > LONGEST and kept_name.startswith("sha256:"))


def test_the_file_has_none_of_the_text(tmp_path: Path) -> None:
    results = Results(tmp_path / "a" / "x.best.jsonl")
    results.put(kept("1", ("The Long Day", "director of", "Ann Lee")))
    content = results.path.read_text("utf-8")
    assert "Long Day" not in content
    assert "Ann" not in content
    again = Results(results.path)
    assert [*again] == [*results]
    assert again.has("1", "config")
    assert not again.has("1", "another")
    assert again.get("1").predicted(TEXT).triples[0].triple == ("The Long Day", "director of", "Ann Lee")


def test_results_of_an_earlier_configuration_are_not_mixed_in(tmp_path: Path) -> None:
    results = Results(tmp_path / "x.jsonl")
    for id in ("0", "1"):
        results.put(replace(kept(id), config="earlier"))
    assert {r.id for r in results.current()} == {"0", "1"}
    results.put(kept("0"))
    assert [r.id for r in Results(results.path).current()] == ["0"]
    assert not Results(tmp_path / "none.jsonl").current()


def test_figures_of_a_right_a_wrong_and_a_lost_answer() -> None:
    results = [
        kept("0", ("The Long Day", "DIRECTOR_OF", "Ann Lee"), ("The Long Day", "sequel", "Nothing")),
        kept("1", finish="length"),
    ]
    found = measure(data(), read(data(), results))
    assert (found.texts, found.triples, found.strict.correct, found.strict.gold) == (2, 2, 1, 2)
    assert (str(found.parsed), str(found.known), str(found.grounded), str(found.invented)) == ("50%",) * 4
    assert (found.typed.part, found.typed.whole) == (1, 2)  # an unknown relation has no classes that could fit
    assert (found.lost.part, found.silent.part) == (1, 1)
    assert found.tokens_per_correct == 220
    assert found.seconds_per_correct == 1.0


def test_what_was_raised_or_logged_was_not_lost_in_silence() -> None:
    for lost in (kept("0", raised="ValueError: x"), kept("0", finish="length", logged="WARNING a: b")):
        assert lost.failed
        assert not lost.silent
    assert kept("0", logged="ERROR a: lost").failed
    assert not kept("0", logged="WARNING a: b").failed


def test_parts_of_a_data_set_are_scored_apart() -> None:
    quiet = Task(LabelledText("2", TEXT), "films", ("silent",))
    all_of_them = replace(data(2), tasks=(*data(2).tasks, quiet))
    wrong, right = ("Ann Lee", "director of", "1987"), ("The Long Day", "director of", "Ann Lee")
    parts = by_subset(all_of_them, read(all_of_them, [kept("0", right), kept("1", wrong), kept("2", wrong)]))
    assert [(name, part.texts, part.counts.correct) for name, part in parts.items()] == [
        ("films", 3, 1), ("others", 2, 1), ("silent", 1, 0),
    ]  # fmt: skip
    assert (str(parts["silent"].quiet), str(parts["others"].quiet)) == ("100%", "–")


def test_a_comparison_is_of_the_texts_that_both_read() -> None:
    right = ("The Long Day", "director of", "Ann Lee")
    ours = read(data(3), [kept("0", right), kept("1", right), kept("2", right)])
    theirs = read(data(3), [kept("0", right), kept("1")])
    found = compare(data(3), ours, theirs)
    assert (found.texts, found.tokens_ratio) == (2, 0.5)
    assert found.f1_ratio == pytest.approx(1 / (2 / 3))
    assert found.f1_ratio_interval.low == 1.0
    assert 0.5 < found.better < 1.0  # in a quarter of the resamples only the first text is drawn


def test_nothing_against_nothing_is_no_ratio() -> None:
    found = compare(data(), *(read(data(), [kept("0"), kept("1")]) for _ in range(2)))
    assert (str(found.f1_ratio), str(found.tokens_ratio), found.better) == ("nan", "nan", 0.0)
    assert (found.tokens_ratio_interval.low, found.tokens_ratio_interval.high) == (1.0, 1.0)


@given(st.text(alphabet="ab \n", max_size=300), st.integers(1, 40))
def test_pieces_lose_nothing_but_white_space(text: str, longest: int) -> None:
    found = pieces(text, longest)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(len(piece) <= max(longest, len(text) if not text.strip() else longest) for piece in found)


def modules() -> list[str]:
    names = [m.name for m in pkgutil.walk_packages(bench.extraction.__path__, "bench.extraction.")]
    return [name for name in names if ".adapters" not in name]


@pytest.mark.parametrize("name", modules())
def test_docstrings_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
