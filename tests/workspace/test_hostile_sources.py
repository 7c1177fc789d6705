"""Sources that are broken or hostile: a clear error with its exit code, nothing lost, and the next run goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from thread_places import DOCUMENTS

from kg.workspace.workspace import Workspace

CASES = {
    "empty.md": (b"", "document-empty"),
    "binary.md": (bytes(range(256)) * 40, "document-binary"),
    "huge.md": (b"word " * 10_000_001, "document-too-large"),
    "broken.ttl": (b"<http://a.example/> <http://b.example/> .", "rdf-syntax"),
    "relative.ttl": (b"<a> <b> <c> .", "relative-iri"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_is_named_and_the_others_are_read(workspace: Workspace, tmp_path: Path, name: str) -> None:
    content, code = CASES[name]
    bad = tmp_path / name
    bad.write_bytes(content)
    report = workspace.ingest(bad, DOCUMENTS / "erc-20.md")
    ((path, error),) = report.failed
    assert path == str(bad)
    assert (error.code, error.exit_code) == (code, 3)
    assert name in error.what
    assert report.documents == 1
    bad.unlink()
    assert workspace.ingest(DOCUMENTS / "erc-20.md").complete


def test_a_document_over_the_limit_is_read_when_the_limit_is_raised(workspace: Workspace, tmp_path: Path) -> None:
    long = tmp_path / "long.md"
    long.write_bytes(b"A document with much code.\n\n```\n" + b"0123456789 " * 6_000 * 330 + b"\n```\n")
    assert len(long.read_bytes()) > 20 * 1024 * 1024
    (failed,) = workspace.ingest(long).failed
    assert failed[1].code == "document-too-large"
    assert workspace.ingest(long, max_bytes=30 * 1024 * 1024).complete


def test_front_matter_that_is_no_yaml_is_a_warning(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "odd.md"
    path.write_text("---\neip: [20\n: : {\n---\n\n## Abstract\n\nSome text.\n", encoding="utf-8")
    report = workspace.ingest(path)
    assert report.complete
    assert report.documents == 1
    assert report.warnings


def test_a_poisoned_file_is_refused_and_blocks_no_version(workspace: Workspace, tmp_path: Path) -> None:
    nodes = range(10)
    poison = tmp_path / "poison.nq"
    poison.write_text("".join(f"_:n{a} <http://e.example/p> _:n{b} .\n" for a in nodes for b in nodes if a != b))
    report = workspace.ingest(poison, DOCUMENTS / "erc-20.md")
    ((_, error),) = report.failed
    assert error.exit_code == 3
    assert workspace.publish().new


def test_a_file_cannot_write_into_the_graphs_of_others(workspace: Workspace, tmp_path: Path) -> None:
    workspace.ingest(DOCUMENTS / "erc-20.md")
    honest = set(workspace.store.sorted_quads())
    graphs = {line.rsplit(b" ", 2)[1] for line in honest}
    forged = tmp_path / "forged.nq"
    forged.write_bytes(
        b"".join(
            b'<http://e.example/s> <https://w3id.org/triplock/ns#trust> "proven" ' + graph + b" .\n" for graph in graphs
        )
    )
    workspace.ingest(forged)
    added = set(workspace.store.sorted_quads()) - honest
    assert added
    assert not graphs & {line.rsplit(b" ", 2)[1] for line in added}


def test_blank_nodes_of_files_become_iris_that_begin_with_the_file(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("a.ttl", "b.ttl"):
        (tmp_path / name).write_text(f'[] <http://e.example/p> [ <http://e.example/q> "{name}" ] .', encoding="utf-8")
    workspace.ingest(tmp_path / "a.ttl", tmp_path / "b.ttl")
    lines = list(workspace.store.sorted_quads())
    assert not any(b"_:" in line for line in lines)
    genids = {part for line in lines for part in line.split() if b"/.well-known/genid/" in part}
    assert len(genids) == 4
