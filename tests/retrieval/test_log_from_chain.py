"""The history of a graph from its id and an endpoint, in an empty folder; what is said where the chain is silent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from clone_places import Publisher

from kg.cli.main import run
from kg.workspace.workspace import Workspace


def test_the_log_needs_a_graph_id_and_an_endpoint_and_nothing_else(
    published: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["--json", "log", str(published.graph), "--rpc", published.url]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(tmp_path.iterdir()) == []
    assert (told["graph"], told["waiting"]) == (str(published.graph), None)
    for row, record in zip(told["versions"], reversed(published.versions), strict=True):
        assert (row["version"], row["head"], row["parent"]) == (record.number, record.head, record.parent)
        assert (row["root"], row["quads"], row["blocks"]) == (record.root, record.quads, record.blocks)
        assert (row["cid"], row["transaction"]) == (record.manifest, record.transaction_hash)
        assert row["block"] == record.block_number
        assert row["time"] > 1_500_000_000
    with Workspace.open(published.folder) as workspace:
        assert {row["publisher"] for row in told["versions"]} == {workspace.signer.address.lower()}


def test_the_log_in_words_names_every_version(
    published: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["log", str(published.graph), "--rpc", published.url]) == 0
    words = capsys.readouterr().out
    assert all(record.root in words and record.manifest in words for record in published.versions)


def test_a_graph_that_nobody_published_has_an_empty_log(
    published: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    other = str(published.graph)[:-64] + "ab" * 32
    assert run(["--json", "log", other, "--rpc", published.url]) == 0
    assert json.loads(capsys.readouterr().out)["versions"] == []


def test_another_chain_or_registry_is_told_so(published: Publisher, capsys: pytest.CaptureFixture[str]) -> None:
    chain, _, rest = str(published.graph).removeprefix("eip155:").partition(":")
    for graph, code in (
        (f"eip155:{int(chain) + 1}:{rest}", "wrong-chain"),
        (f"eip155:{chain}:0x{'77' * 20}/{rest.partition('/')[2]}", "no-registry"),
    ):
        assert run(["--json", "log", graph, "--rpc", published.url]) != 0
        assert json.loads(capsys.readouterr().out)["error"]["code"] == code
