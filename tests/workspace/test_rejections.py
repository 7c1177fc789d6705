"""What was refused is kept with the reason, and shown by document, chunk and reason."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from stating_reader import StatingReader

from extractors.reading.extractor import Extractor
from kg.cli.main import run
from kg.errors import NoSuchStatement
from kg.workspace.ingest import ingest
from kg.workspace.rejections import rejections
from kg.workspace.workspace import Workspace
from ontology.loader import load

ONTOLOGY = load("ethereum-standards")
TEXT = "---\neip: {n}\ntitle: T\n---\n\nThis standard requires ERC-165. This standard was created on 2020-13-01.\n"


@pytest.fixture
def read(workspace: Workspace, tmp_path: Path) -> list[Path]:
    """Two documents, each with a good claim and one whose date is none; the second is read by an unsure reader."""
    paths = []
    for number, sure in ((90001, "0.90"), (90002, "0.30")):
        path = tmp_path / f"eip-{number}.md"
        path.write_text(TEXT.format(n=number))
        said = [("This standard", "requires", "ERC-165"), ("This standard", "created", "2020-13-01")]
        reader = StatingReader(ONTOLOGY, said, Decimal(sure))
        report = ingest(workspace, [path], extractor=Extractor(reader, ONTOLOGY, workspace.mint))
        assert report.claims_inferred == (1 if sure == "0.90" else 0)
        paths.append(path)
    return paths


def test_refused_by_document_and_reason(workspace: Workspace, read: list[Path]) -> None:
    everything = rejections(workspace)
    assert len(everything.refused) == 3
    assert everything.counts == {"confidence … is under …": 2, "… is no date, the range of …": 1}
    (one,) = rejections(workspace, [str(read[0])]).refused
    assert (one.path, one.said) == (str(read[0]), "This standard | created | 2020-13-01")
    assert read[0].read_text()[one.start : one.end] == "This standard was created on 2020-13-01."
    assert len(rejections(workspace, reason="UNDER").refused) == 2
    with pytest.raises(NoSuchStatement, match="never read"):
        rejections(workspace, ["other.md"])


def test_the_command_shows_it_and_counts_it(
    workspace: Workspace, read: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.close()
    folder = str(workspace.folder)
    assert run(["-C", folder, "rejected", str(read[0])]) == 0
    shown = capsys.readouterr().out
    assert "eip-90001.md" in shown
    assert "2020-13-01  (" in shown
    assert run(["-C", folder, "rejected", "--count"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["2", "confidence", "…", "is", "under", "…"]
    assert run(["-C", folder, "--json", "rejected", "--reason", "date"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [r["said"] for r in document["rejected"]] == ["This standard | created | 2020-13-01"]
    assert document["counts"] == {"… is no date, the range of …": 1}


def test_shapes_are_taken_from_the_settings(tmp_path: Path) -> None:
    from dataclasses import replace

    from thread_places import configuration

    from kg.workspace.reader import shapes_file

    plain = configuration()
    with Workspace.init(tmp_path / "kg", replace(plain, model=replace(plain.model, shapes="own.ttl"))) as workspace:
        (workspace.folder / "own.ttl").write_text("")
        assert shapes_file(workspace) == str(workspace.folder / "own.ttl")
    with Workspace.open(tmp_path / "kg") as workspace:
        assert workspace.configuration.model.shapes == "own.ttl"
    with Workspace.init(tmp_path / "none", replace(plain, model=replace(plain.model, shapes="none"))) as workspace:
        assert shapes_file(workspace) is None
