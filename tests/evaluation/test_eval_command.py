"""`triplock eval`: predictions of a file, and the extractor of a workspace on labelled texts."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from extractors.evaluation.calibrator import Calibrator
from extractors.evaluation.model import Predicted, PredictedTriple
from extractors.evaluation.predictions_file import prediction_line, predictions
from kg.cli.main import run

LIBRARY = {
    "concepts": [],
    "relations": [{"pid": "P1", "label": "author"}, {"pid": "P2", "label": "publisher"}],
}


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    file = tmp_path / "labels.jsonl"
    lines = [{"id": f"t{n}", "text": f"Ann wrote B{n}.", "triples": [[f"B{n}", "author", "Ann"]]} for n in range(40)]
    file.write_text("\n".join(map(json.dumps, lines)))
    return file


@pytest.fixture
def said(tmp_path: Path) -> Path:
    """Half of it right, and surer of that."""
    file = tmp_path / "said.jsonl"
    chance = random.Random(1)
    lines = []
    for n in range(40):
        right = n % 2 == 0
        sure = round(chance.uniform(0.5, 1.0) if right else chance.uniform(0.2, 0.8), 2)
        triple = PredictedTriple(f"B{n}", "author" if right else "publisher", "Ann", sure)
        lines.append(prediction_line(Predicted(f"t{n}", (triple,), 100, 10, 0.5, 1)))
    file.write_text("".join(lines))
    return file


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_predictions_are_scored_without_a_workspace(
    labels: Path, said: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, curve = tmp_path / "report.html", tmp_path / "calibration.json"
    words = ["--json", "eval", str(labels), "--predictions", str(said), "--html", str(page)]
    assert run([*words, "--fit-calibration", str(curve), "--price-in", "1", "--price-out", "10"]) == 0
    found = document(capsys)
    assert found["triples"] == {"gold": 40, "predicted": 40, "correct": 20}
    assert found["scores"]["strict"]["f1"]["value"] == 0.5
    assert found["mistakes"]["kinds"] == {"wrong relation": 20}
    assert found["cost"]["total"]["money"] == pytest.approx(40 * (100 + 10 * 10) / 1e6)
    assert found["confidence"]["auroc"] > 0.6
    assert "labels.jsonl" in page.read_text()
    calibrator = Calibrator.from_json(curve.read_bytes())
    assert found["calibration"]["digest"] == calibrator.digest
    assert calibrator(0.95) > calibrator(0.3)
    assert run([*words, "--against", str(labels)]) == 0
    again = document(capsys)
    assert again["scores"] == found["scores"]
    assert again["comparison"]["otherF1"] == 1.0
    assert again["comparison"]["ratio"][1] < 1
    assert "Compared with" in page.read_text()
    assert run(["eval", str(labels), "--predictions", str(said), "--against", str(said)]) == 0
    assert "ratio [1.000, 1.000]" in capsys.readouterr().out


def test_a_threshold_and_a_sample_are_taken(labels: Path, said: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--json", "eval", str(labels), "--predictions", str(said)]
    assert run([*words, "--min-confidence", "0.8"]) == 0
    few = document(capsys)["triples"]
    assert few["predicted"] < 40
    assert few["gold"] == 40
    drawn = []
    for seed in ("1", "1", "2"):
        assert run([*words, "--limit", "10", "--seed", seed]) == 0
        drawn.append(document(capsys))
    assert drawn[0] == drawn[1] != drawn[2]
    assert {d["texts"] for d in drawn} == {10}


def test_texts_without_an_answer_are_said_and_give_5(
    labels: Path, said: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said.write_text("".join(said.read_text().splitlines(keepends=True)[:-1]))
    assert run(["--json", "eval", str(labels), "--predictions", str(said)]) == 5
    found = document(capsys)
    assert found["failed"] == [{"id": "t39", "reason": "no prediction"}]
    assert run(["eval", str(labels), "--predictions", str(said)]) == 5
    out, err = capsys.readouterr()
    assert "40, 1 without an answer" in out
    assert "1 texts have no answer; the first: no prediction" in err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--predictions", "{said}", "--model", "none"), 2),
        (("--resume",), 2),
        (("--predictions", "{said}", "--price-in", "1"), 2),
        (("--predictions", "{labels}x"), 2),
        (("--predictions", "{bad}"), 3),
        (("--predictions", "{said}", "--labels", "{bad}"), 3),
        (("--predictions", "{said}", "--ontology", "{bad}"), 3),
        (("--predictions", "{said}", "--limit", "5", "--fit-calibration", "{said}x"), 3),
    ],
)
def test_what_cannot_be_done_is_refused(
    labels: Path, said: Path, tmp_path: Path, words: tuple[str, ...], code: int
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_bytes(b"\xff\n")
    named = {"said": str(said), "labels": str(labels), "bad": str(bad)}
    assert run(["-q", "eval", str(labels), *(word.format(**named) for word in words)]) == code


def test_a_workspace_without_a_model_reads_nothing(labels: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kg"
    assert run(["-q", "init", str(folder), "--licence", "CC0-1.0", "--model", "none"]) == 0
    assert run(["-q", "-C", str(folder), "eval", str(labels)]) == 2


@pytest.mark.model
def test_the_model_of_a_workspace_is_scored_and_a_second_run_asks_nothing(
    model_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("xllamacpp")
    ontology, labels, folder = tmp_path / "library.json", tmp_path / "labels.jsonl", tmp_path / "kg"
    ontology.write_text(json.dumps(LIBRARY))
    texts = [
        {
            "id": "1",
            "text": "The author of Silent River is Ann Lee.",
            "triples": [["Silent River", "author", "Ann Lee"]],
        },
        {"id": "2", "text": "It rained for three days.", "triples": []},
    ]
    labels.write_text("\n".join(map(json.dumps, texts)))
    shots = tmp_path / "shots.jsonl"
    shots.write_text(
        json.dumps({"text": "The author of Red Moon is Bo Ray.", "triples": [["Red Moon", "author", "Bo Ray"]]})
    )
    assert run(["-q", "init", str(folder), "--model", f"path:{model_path}", "--ontology", str(ontology)]) == 0
    capsys.readouterr()
    saved = tmp_path / "said.jsonl"
    words = ["--json", "-C", str(folder), "eval", str(labels), "--few-shot", str(shots), "--save", str(saved)]
    assert run([*words, "--min-confidence", "0"]) == 0
    first = document(capsys)
    assert first["cost"]["total"]["calls"] >= 1
    said = predictions(saved.read_text().split("\n"))
    assert [p.id for p in said] == ["1", "2"]
    for triple in said[0].triples:
        assert triple.relation in ("author", "publisher")
        assert triple.subject_span is not None
        assert texts[0]["text"][slice(*triple.subject_span)] == triple.subject
    with saved.open("a") as file:
        file.write('{"id": "2", "tri')  # a run that was killed while it wrote
    assert run([*words, "--resume", "--min-confidence", "0"]) == 0
    assert document(capsys) == first
    assert run([*words, "--min-confidence", "0"]) == 0
    again = document(capsys)
    assert again["cost"]["total"]["calls"] == 0
    assert again["scores"] == first["scores"]
