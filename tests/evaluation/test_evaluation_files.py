"""Files of labelled texts and of predictions: every form that is read, and words that help for what is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.evaluation.errors import LabelsRefused, PredictionsRefused
from extractors.evaluation.labelled_file import labelled_texts, with_labels
from extractors.evaluation.model import LabelledText, Predicted, PredictedTriple
from extractors.evaluation.predictions_file import prediction_line, predictions
from extractors.evaluation.saved_predictions import SavedPredictions

_words = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)
_spans = st.one_of(st.none(), st.tuples(st.integers(0, 99), st.integers(99, 999)))
_stated = st.builds(
    PredictedTriple, _words, _words, _words, st.one_of(st.none(), st.floats(0, 1)), _spans, _spans, _spans
)
_counts = st.integers(0, 10**6)
_said = st.builds(
    Predicted,
    st.text(st.characters(codec="utf-8")),
    st.lists(_stated, max_size=3).map(tuple),
    _counts,
    _counts,
    st.floats(0, 1e6),
    _counts,
    st.text(st.characters(codec="utf-8")),
    st.text(st.characters(codec="utf-8")),
)


@settings(max_examples=30)
@given(st.lists(_said, max_size=3))
def test_predictions_survive_their_file(said: list[Predicted]) -> None:
    written = "".join(map(prediction_line, said))
    assert written.count("\n") == len(said)
    assert predictions(written.split("\n")) == tuple(said)


def test_both_ways_to_write_a_triple_and_a_text_that_states_nothing() -> None:
    lines = [
        '{"id": "a", "text": "Ann wrote X.", "triples": [{"subject": "X", "relation": "author", "object": "Ann"}]}',
        "",
        '{"text": "Nothing. \\ud83d\\ude00", "triples": []}',
        '{"id": 7, "text": "Ann wrote Y.", "triples": [["Y", "author", "Ann"], ["Y", "author", "Ann"]]}',
    ]
    assert labelled_texts(lines) == (
        LabelledText("a", "Ann wrote X.", (("X", "author", "Ann"),)),
        LabelledText("3", "Nothing. 😀"),
        LabelledText("7", "Ann wrote Y.", (("Y", "author", "Ann"),)),
    )


def test_the_three_forms_of_text2kgbench() -> None:
    train = [
        '{"id": "t1", "sub_label": "X", "rel_label": "author", "obj_label": "Ann", "sent": "Ann wrote X in 1990."}',
        '{"id": "t2", "sub_label": "X", "rel_label": "date", "obj_label": "1990", "sent": "Ann wrote X in 1990."}',
    ]
    both = (("X", "author", "Ann"), ("X", "date", "1990"))
    assert labelled_texts(train) == (LabelledText("t1", "Ann wrote X in 1990.", both),)
    text = ['{"id": "g1", "sent": "Ann wrote X."}']
    gold = ['{"id": "g1", "sent": "", "triples": [{"sub": "X", "rel": "author", "obj": "Ann"}]}']
    assert with_labels(text, gold, ("a", "b")) == (LabelledText("g1", "Ann wrote X.", both[:1]),)
    assert predictions(['{"id": "g1", "triples": [["X", "author", "Ann"]]}'])[0].triples[0].triple == both[0]


def test_a_data_set_is_read_whole(tekgen: Path) -> None:
    name = "ont_10_culture"
    read = labelled_texts((tekgen / f"ground_truth/{name}_ground_truth.jsonl").read_text().split("\n"))
    assert len(read) == 159
    joined = with_labels(
        (tekgen / f"test/{name}_test.jsonl").read_text().split("\n"),
        (tekgen / f"ground_truth/{name}_ground_truth.jsonl").read_text().split("\n"),
        ("test", "gold"),
    )
    assert joined == read
    train = (tekgen / f"train/{name}_train.jsonl").read_text().split("\n")
    sentences = {json.loads(line)["sent"] for line in train if line}
    assert {t.text for t in labelled_texts(train)} == sentences


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 2: it is no JSON"),
        ("[]", "it is no object"),
        ('{"id": "x", "triples": []}', "it has no text"),
        ('{"text": 1, "triples": []}', "it has no text"),
        ('{"text": "x"}', "no list of triples"),
        ('{"text": "x", "triples": [["a", "b"]]}', "is no triple"),
        ('{"text": "x", "triples": [["a", "b", ""]]}', "is no triple"),
        ('{"text": "x", "triples": [{"subject": "a", "relation": "b"}]}', "is no triple"),
        ('{"id": "1", "text": "x", "triples": []}', "stands on an earlier line"),
        ("[" * 5000, "nests deeper"),
        ('{"text": "\\ud83d", "triples": []}', "surrogate"),
    ],
)
def test_other_lines_are_refused_with_their_number(line: str, why: str) -> None:
    with pytest.raises(LabelsRefused, match=why):
        labelled_texts(['{"id": "1", "text": "a", "triples": []}', line], "my.jsonl")


def test_nothing_and_texts_without_labels_are_refused() -> None:
    with pytest.raises(LabelsRefused, match="no lines"):
        labelled_texts([""])
    with pytest.raises(LabelsRefused, match="no labels for the text 'b'"):
        with_labels(['{"id": "b", "text": ""}'], ['{"id": "a", "triples": []}'], ("t", "l"))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"triples": []}', "no id"),
        ('{"id": "1", "triples": {}}', "no list of triples"),
        ('{"id": "1", "triples": ["x"]}', "is no triple"),
        ('{"id": "1", "triples": [{"subject": "a", "relation": "b", "object": "c", "confidence": 2}]}', "from 0 to 1"),
        ('{"id": "1", "triples": [{"subject": "a", "relation": "b", "object": "c", "confidence": NaN}]}', "number"),
        ('{"id": "1", "triples": [{"subject": "a", "relation": "b", "object": "c", "span": [2, 1]}]}', "no span"),
        ('{"id": "1", "tokens": 3}', "tokens are an object"),
        ('{"id": "1", "seconds": "x"}', "seconds is 'x'"),
        ('{"id": "1", "calls": true}', "calls is 'True'"),
        ('{"id": "1", "seconds": 1' + "0" * 400 + "}", "not a number"),
        ("nothing", "line 1: it is no JSON"),
    ],
)
def test_other_predictions_are_refused(line: str, why: str) -> None:
    with pytest.raises(PredictionsRefused, match=why):
        predictions([line])


def test_a_run_goes_on_from_what_the_same_system_has_said(tmp_path: Path) -> None:
    file = tmp_path / "said.jsonl"
    saved = SavedPredictions(file, "one", {"a", "b"}, resume=True)
    assert saved.kept == {}
    saved.add(Predicted("a", calls=1, system="one"))
    saved.add(Predicted("b", failed="model-unreachable", system="one"))
    saved.add(Predicted("c", system="one"))
    with file.open("a") as stream:
        stream.write('{"id": "b", "tri')
    again = SavedPredictions(file, "one", {"a", "b"}, resume=True)
    assert list(again.kept) == ["a"]
    assert predictions(file.read_text().split("\n")) == (Predicted("a", calls=1, system="one"),)
    assert SavedPredictions(file, "two", {"a", "b"}, resume=True).kept == {}
    assert file.read_text() == ""
    again.add(Predicted("a", system="one"))
    assert SavedPredictions(file, "one", {"a"}, resume=False).kept == {}
    file.write_text("nothing\n")
    with pytest.raises(PredictionsRefused):
        SavedPredictions(file, "one", {"a"}, resume=True)
