"""Weights in an ingest: inferred claims beside what fixed code reads, once, and gone when the text is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_corpus import ONTOLOGY, corpus

from extractors.document_relations.weights import load
from kg.cli.main import cli
from kg.workspace.configuration import Configuration
from kg.workspace.relations import open_relations
from kg.workspace.workspace import Workspace

TEXT = (
    "---\neip: 9999\ntitle: Locks\n---\n\n## Abstract\n\nThis standard is an extension of [ERC-721](./eip-721.md).\n\n"
    "## Specification\n\nContracts MUST implement [ERC-721](./eip-721.md).\n"
)
ASK = (
    "SELECT ?o WHERE { <https://eips.ethereum.org/EIPS/eip-9999> "
    "<https://w3id.org/triplock/ethereum-standards#requires> ?o }"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    plain = Configuration()
    settings = replace(plain, graph=replace(plain.graph, licence="CC0-1.0"), model=replace(plain.model, use="none"))
    return Workspace.init(tmp_path / "graph", settings)


def required(workspace: Workspace, trust: str) -> list[str]:
    return [str(row[0]) for row in workspace.query(ASK, trust=[trust]).rows]


def test_what_a_whole_document_shows_is_inferred_once_and_withdrawn_with_its_text(
    workspace: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "eip-9999.md"
    file.write_text(TEXT)
    with workspace:
        relations = open_relations(workspace, weights=["packaged"])
        report = workspace.ingest(file, relations=relations)
        assert (report.claims_weighed, report.claims_inferred, report.calls) == (1, 0, 0)
        assert len(required(workspace, "inferred")) == 1
        assert required(workspace, "read") == []
        root = workspace.snapshot().root
        workspace.ingest(file, relations=relations)
        assert workspace.snapshot().root == root
        file.write_text(TEXT.replace("title: Locks\n", "title: Locks\nrequires: 721\n"))
        workspace.ingest(file, relations=relations)
        assert required(workspace, "inferred") == []
        assert len(required(workspace, "read")) == 1


def test_the_command_says_that_weights_made_the_claims_and_no_model(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "eip-9999.md"
    file.write_text(TEXT)
    words = ["-C", str(workspace.folder), "ingest", "--weights", "packaged", str(file)]
    with workspace:
        pass
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    assert "0 inferred from prose, 1 from whole documents by learnt weights" in done.output
    assert "inferred by the model" not in done.output


def test_without_a_model_only_fixed_code_reads_unless_weights_are_named(workspace: Workspace) -> None:
    with workspace:
        assert open_relations(workspace) == ()
        assert len(open_relations(workspace, model="local:qwen2.5-coder-0.5b")) == 1
        assert open_relations(workspace, model="local:qwen2.5-coder-0.5b", ontology="ethereum-chain") == ()


def test_the_command_learns_from_a_folder_what_ingest_then_reads(tmp_path: Path) -> None:
    folder, out = tmp_path / "memos", tmp_path / "weights.json"
    folder.mkdir()
    for number, document in enumerate(corpus(30)):
        (folder / f"memo-{number}.md").write_bytes(document.content)
    (tmp_path / "memos.ttl").write_text(ONTOLOGY)
    words = ["--json", "train", str(folder), "--relation", "depends on", "--ontology", str(tmp_path / "memos.ttl")]
    done = CliRunner().invoke(cli, [*words, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert load(out).task.pattern == "(?:MEMO[- ]?[0-9]+)"
    assert load(out).origin["documents"] == 30
    assert str(tmp_path) not in out.read_text()
