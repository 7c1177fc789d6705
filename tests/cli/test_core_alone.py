"""RDF needs no model: a workspace whose settings name one reads RDF files without opening it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.cli.main import run
from kg.workspace.workspace import Workspace


def test_rdf_is_read_although_the_model_cannot_be_had(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Workspace.init(tmp_path / "kg").close()
    settings = tmp_path / "kg" / "triplock.toml"
    settings.write_text(settings.read_text().replace("local:qwen2.5-coder-1.5b", "path:/nowhere/model.gguf"))
    (tmp_path / "facts.ttl").write_text('<http://a.example/s> <http://a.example/p> "o" .')
    (tmp_path / "prose.md").write_text("# Abstract\n\nEIP-2 extends EIP-1.\n")
    assert run(["-C", str(tmp_path / "kg"), "ingest", str(tmp_path / "facts.ttl")]) == 0
    assert run(["-C", str(tmp_path / "kg"), "ingest", str(tmp_path / "prose.md")]) != 0
    assert "model.gguf" in capsys.readouterr().err
