"""An encoder trained on labelled sentences reads others of their kind: one of random weights, trained in seconds."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
from pathlib import Path

import click
import pytest
from scripted import document_of

from anchoring.errors import WrongUsage
from extractors.evaluation.errors import LabelsRefused
from extractors.models.errors import BadModelFile
from extractors.reading.encoder_reader import EncoderReader
from extractors.reading.encoder_training import _new, _task, train_encoder
from extractors.reading.reader import Passage
from kg.cli.failures import NothingKept, failure_of
from kg.cli.main import run
from kg.workspace.configuration import Configuration, ModelSettings
from kg.workspace.workspace import Workspace
from ontology.loader import loads
from ontology.model import Example

PATTERNS = (
    ("{0} owns {1}.", ((0, "owns", 1),)),
    ("The company {0} was founded by {1}.", ((0, "founded by", 1),)),
    ("{0} was founded by {1} and owns {2}.", ((0, "founded by", 1), (0, "owns", 2))),
    ("The company {0} is based in {1}.", ((0, "based in", 1),)),
    ("{0}, based in {1}, owns {2}.", ((0, "based in", 1), (0, "owns", 2))),
    ("{0} and {1}, the port of the ship.", ()),
)
ONTOLOGY = b"""
@prefix : <https://x.example/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:owns a owl:ObjectProperty ; rdfs:label "owns" .
:founder a owl:ObjectProperty ; rdfs:label "founded by" .
:seat a owl:ObjectProperty ; rdfs:label "based in" .
"""


def sentences(count: int, seed: int) -> list[Example]:
    """Sentences of the patterns between names of two made-up syllables."""
    chance = random.Random(seed)

    def name() -> str:
        return "".join(chance.choice(part) for part in ("BDFGKLMNPRSTV", "aeiou", "lmnrst", "aeiou", "nxr"))

    made = []
    for _ in range(count):
        pattern, stated = chance.choice(PATTERNS)
        names = [name() for _ in range(3)]
        made.append(Example(pattern.format(*names), tuple((names[a], label, names[b]) for a, label, b in stated)))
    return made


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a trained encoder."""
    folder = tmp_path_factory.mktemp("encoder")
    python = os.environ["TRIPLOCK_TRANSFORMERS_PYTHON"]
    program = Path(__file__).with_name("tiny_encoder.py")
    made = subprocess.run([python, "-I", program, folder / "base"], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr[-2000:]
    went = []
    made = train_encoder(
        folder / "base",
        sentences(160, 1),
        folder / "trained",
        epochs=24,
        rate=2e-3,
        progress=lambda done, total: went.append((done, total)),
    )
    assert made.pairs > 150
    assert made.relations == ("based in", "founded by", "owns")
    assert (made.sentences, made.left_out) == (160, 0)
    assert went == [(n, 48) for n in range(1, 49)]
    assert {path.name for path in folder.iterdir()} == {"base", "trained"}
    return folder / "trained"


def triples(reading):
    return {(f.triple.subject.text, f.triple.relation.label, f.triple.object.text) for f in reading.found}


@pytest.mark.transformers
def test_it_reads_sentences_that_it_has_not_seen(trained, tmp_path):
    unseen = [example for example in sentences(30, 2) if example.triples]
    document, chunk = document_of(*(example.text for example in unseen))
    reader = EncoderReader(trained, loads(ONTOLOGY, "x.ttl"), cache=tmp_path)
    right = found = 0
    for example, sentence in zip(unseen, chunk.sentences, strict=True):
        reading = reader.read(Passage(document, chunk, sentence))
        right += len(triples(reading) & set(example.triples))
        found += len(reading.found)
        for each in reading.found:
            for term in (each.triple.subject, each.triple.object):
                assert document.text[term.start : term.start + len(term.text)] == term.text
    labelled = sum(len(example.triples) for example in unseen)
    assert 2 * right / (found + labelled) > 0.7, (right, found, labelled)
    denied, its_chunk = document_of("The company Balan was not founded by Meron.")
    told = triples(reader.read(Passage(denied, its_chunk, its_chunk.sentences[0])))
    assert ("Balan", "founded by", "Meron") not in told
    assert dict(reader.parameters)["encoder"].startswith("sha256:")
    reader.close()


@pytest.mark.transformers
def test_a_workspace_reads_with_the_encoder_that_its_settings_name(trained, tmp_path):
    (tmp_path / "terms.ttl").write_bytes(ONTOLOGY)
    notes = tmp_path / "notes.md"
    notes.write_text("\n\n".join(example.text for example in sentences(12, 3)))
    settings = ModelSettings(use=f"encoder:{trained}", ontology=str(tmp_path / "terms.ttl"), shapes="none", weights=())
    with Workspace.init(tmp_path / "kg", Configuration(model=settings)) as workspace:
        report = workspace.ingest(notes)
        assert report.claims_inferred > 3
        assert (report.calls, report.chunks["failed"]) == (0, 0)
        assert workspace.ingest(notes).claims_inferred == 0


@pytest.mark.transformers
def test_the_command_trains_what_reads(trained, tmp_path, capsys):
    lines = [{"text": each.text, "triples": each.triples} for each in sentences(12, 4)]
    lines.append({"text": "Balan " * 200, "triples": []})  # more than the encoder has places for
    lines.append({"text": "The company Balan was founded by Meron.", "triples": [["Balan", "founded by", "Dr Meron"]]})
    (tmp_path / "labels.jsonl").write_text("\n".join(map(json.dumps, lines)))
    words = ["--json", "-q", "train-encoder", str(trained.parent / "base"), str(tmp_path / "labels.jsonl")]
    assert run([*words, "--out", str(tmp_path / "new" / "encoder"), "--epochs", "1"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["use"] == f"encoder:{tmp_path / 'new' / 'encoder'}"
    assert (said["sentences"], said["leftOut"]) == (14, 1)
    assert said["triples"] == sum(len(line["triples"]) for line in lines) - 1
    reader = EncoderReader(tmp_path / "new" / "encoder", loads(ONTOLOGY, "x.ttl"), cache=tmp_path)
    document, chunk = document_of("Balan owns Meron and " + "Balan " * 200)
    assert reader.read(Passage(document, chunk, chunk.sentences[0])).read
    reader.close()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["encoder"]


@pytest.mark.transformers
def test_what_is_no_encoder_leaves_nothing(tmp_path):
    (tmp_path / "base").mkdir()
    with pytest.raises(BadModelFile, match="base cannot be trained"):
        train_encoder(tmp_path / "base", sentences(3, 1), tmp_path / "trained")
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_labels_that_no_sentence_has_and_a_folder_in_use_are_refused(tmp_path):
    with pytest.raises(LabelsRefused, match="none of 1 labelled sentences"):
        train_encoder(tmp_path, [Example("X owns Y.", (("Xavier", "owns", "Y"),))], tmp_path / "trained")
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").write_text("x")
    with pytest.raises(WrongUsage, match="in use"):
        train_encoder(tmp_path, sentences(3, 1), tmp_path / "used")
    assert (tmp_path / "used" / "file").read_text() == "x"


def test_only_whole_words_teach_and_of_two_relations_of_the_same_ends_the_first():
    told = _task(Example("Annual report: Ann founded and owns Y.", (("Ann", "founded", "Y"), ("Ann", "owns", "Y"))))
    assert told["spans"] == [(15, 18), (36, 37)]
    assert {label for *_, label in told["pairs"]} == {"founded", ""}


@pytest.mark.parametrize("kind", ["missing", "empty", "link to an empty one", "link to a missing one"])
def test_the_folder_is_what_was_trained_or_nothing(kind, tmp_path):
    place = target = tmp_path / "out"
    if kind.startswith("link"):
        target = tmp_path / "target"
        place.symlink_to(target)
    if kind.endswith(("empty", "empty one")):
        target.mkdir()
        target.chmod(0o700)
    for fails in (True, False):
        with contextlib.suppress(RuntimeError), _new(place) as unfinished:
            (unfinished / "file").write_text("x")
            if fails:
                raise RuntimeError
        assert (place / "file").exists() is not fails
    assert {path.name for path in tmp_path.iterdir()} == {"out", target.name}
    if kind.endswith(("empty", "empty one")):
        assert target.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_is_filled_meanwhile_loses_nothing(tmp_path):
    with contextlib.ExitStack() as stack:
        unfinished = stack.enter_context(_new(tmp_path / "out"))
        (unfinished / "file").write_text("x")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "other").write_text("y")
        with pytest.raises(WrongUsage, match=f"what was trained stands in {unfinished}"):
            stack.close()
    assert (unfinished / "file").read_text() == "x"


def test_stopping_says_that_nothing_is_kept():
    aborted = click.Abort()
    aborted.__cause__ = NothingKept()
    assert "nothing of it is kept" in failure_of(aborted).text
    assert "what was done is kept" in failure_of(click.Abort()).text


def test_a_folder_without_an_encoder_is_refused(tmp_path):
    with pytest.raises(BadModelFile):
        EncoderReader(tmp_path, loads(ONTOLOGY, "x.ttl"), cache=tmp_path)
