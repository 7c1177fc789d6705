"""What is opened for an ingest, in which order, and that it is closed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from thread_places import configuration

from extractors.models import opening
from extractors.models.openai_compatible import OpenAiCompatible
from extractors.models.protocol import ChatModel
from kg.workspace.configuration import ModelSettings
from kg.workspace.reader import open_extractor
from kg.workspace.workspace import Workspace
from ontology.errors import OntologyNotFound

ANY = "http://127.0.0.1:9/v1#none"


def made(folder: Path, **model: object) -> Workspace:
    return Workspace.init(folder / "kg", replace(configuration(), model=ModelSettings(**model)))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[ChatModel]:
    """The models that were opened."""
    found: list[ChatModel] = []

    def noted(name: str, **more: object) -> ChatModel:
        found.append(really(name, **more))
        return found[-1]

    really = opening.open_model
    monkeypatch.setattr(opening, "open_model", noted)
    return found


@pytest.mark.parametrize("where", ["settings", "argument"])
def test_an_ontology_that_is_not_there_is_refused_before_a_model_is_opened(
    tmp_path: Path, opened: list[ChatModel], where: str
) -> None:
    settings = {"use": ANY, "ontology": "nowhere.ttl"} if where == "settings" else {"use": ANY}
    wanted = "nowhere.ttl" if where == "argument" else None
    with (
        made(tmp_path, **settings) as workspace,
        pytest.raises(OntologyNotFound),
        open_extractor(workspace, ontology=wanted),
    ):
        pass
    assert opened == []


def test_a_model_is_closed_when_its_reader_cannot_be_made(
    tmp_path: Path, opened: list[ChatModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise RuntimeError("no examples")

    monkeypatch.setattr("kg.workspace.review.reviewed_examples", broken)
    closed: list[ChatModel] = []
    monkeypatch.setattr(OpenAiCompatible, "close", lambda model: closed.append(model))
    with (
        made(tmp_path, use=ANY) as workspace,
        pytest.raises(RuntimeError, match="no examples"),
        open_extractor(workspace),
    ):
        pass
    assert closed == opened
    assert len(closed) == 1


def test_files_of_the_settings_are_named_relative_to_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with made(tmp_path, use=ANY, key_file="keys/model", file="models/some.gguf") as workspace:
        (workspace.folder / "keys").mkdir()
        key = workspace.folder / "keys" / "model"
        key.write_text("a-secret")
        key.chmod(0o600)
        monkeypatch.chdir(elsewhere)
        monkeypatch.delenv("TRIPLOCK_MODEL_KEY", raising=False)
        given: dict[str, object] = {}
        really = opening.open_model
        monkeypatch.setattr(opening, "open_model", lambda name, **more: given.update(more) or really(name, **more))
        with open_extractor(workspace) as extractor:
            assert extractor is not None
    assert given["key_file"] == key
    assert given["path"] == workspace.folder / "models" / "some.gguf"


def test_without_prose_no_model_is_opened(tmp_path: Path, opened: list[ChatModel]) -> None:
    abi = tmp_path / "token.abi"
    abi.write_text('[{"type": "function", "name": "mint", "inputs": [], "outputs": []}]')
    header = tmp_path / "eip-90001.md"
    header.write_text("---\neip: 90001\ntitle: T\nrequires: 165\n---\n")
    prose = tmp_path / "eip-90002.md"
    prose.write_text("---\neip: 90002\ntitle: T\n---\n\n## Abstract\n\nNothing is said here.\n")
    with made(tmp_path, use=ANY) as workspace:
        report = workspace.ingest(abi, header)
        assert report.complete
        assert report.claims_read
        workspace.ingest(prose, sections=["Security"])
        assert opened == []
        workspace.ingest(prose)
        assert len(opened) == 1
