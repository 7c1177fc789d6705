"""What `triplock models` knows without loading, fetching or asking anything."""

from __future__ import annotations

import json
from importlib import metadata

import pytest

from extractors.models.constraining import KnownServers
from kg.cli.main import run
from kg.jobs.sources import ChunkRecord, Spent
from kg.workspace.available_models import available_models
from kg.workspace.configuration import Configuration, ModelSettings
from kg.workspace.workspace import Workspace


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache with one model of somebody else's, and half a pinned one."""
    folder = tmp_path / "cache" / "models"
    folder.mkdir(parents=True)
    (folder / "their-own.gguf").write_bytes(b"GGUF" + bytes(96))
    (folder / "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf").write_bytes(b"GGUF" + bytes(96))
    monkeypatch.setenv("TRIPLOCK_CACHE", str(folder.parent))
    return folder


@pytest.fixture
def workspace(tmp_path):
    """One that reads with a server that costs money, and has met it."""
    model = ModelSettings(use="https://me:word@h.example/v1#m", price_in=0.5, price_out=1.5, currency="USD")
    with Workspace.init(tmp_path / "w", Configuration(model=model)) as made:
        KnownServers(made.servers_file).put("https://me:word@h.example/v1#m", "json_schema")
        spent = Spent("s", "r", "USD", calls=2, tokens_in=3000, tokens_out=100, seconds=4.0, money=0.00165)
        made.sources.put_chunk(ChunkRecord("s", "r", start=0, end=9, status="empty", tokens_in=3000), spent)
        yield made


def test_weights_that_are_not_whole_are_not_there(cache) -> None:
    found = {model.use: model for model in available_models(None).models}
    assert found["local:qwen2.5-coder-0.5b"].path is None
    assert found["local:qwen2.5-coder-0.5b"].bytes == 491_400_064


def test_any_gguf_file_of_the_cache_is_listed_by_the_name_that_opens_it(cache) -> None:
    path = str(cache / "their-own.gguf")
    found = [model for model in available_models(None).models if model.path]
    assert [(model.use, model.path, model.bytes, model.licence) for model in found] == [(f"path:{path}", path, 100, "")]


def test_a_runtime_is_there_by_its_own_version(cache) -> None:
    found = {runtime.name: runtime for runtime in available_models(None).runtimes}
    assert found["httpx"].version == metadata.version("httpx")
    assert found["xllamacpp"].extra == "llm"


def test_servers_prices_and_what_was_spent_are_the_workspaces(cache, workspace) -> None:
    found = available_models(workspace)
    assert [(server.use, server.constrains) for server in found.servers] == [("https://h.example/v1#m", "json_schema")]
    chosen = found.configured
    assert chosen is not None
    assert (chosen.use, chosen.price_in, chosen.price_out) == ("https://h.example/v1#m", 0.5, 1.5)
    assert (chosen.calls, chosen.tokens, chosen.seconds, chosen.money) == (2, 3100, 4.0, 0.00165)


def test_the_command_says_it_in_words_and_as_json(cache, workspace, capsys) -> None:
    assert run(["-C", str(workspace.folder), "models"]) == 0
    words = capsys.readouterr().out
    assert "answers held by: json_schema" in words
    assert "0.5 in, 1.5 out USD a million tokens" in words
    assert "me:word" not in words
    assert run(["-C", str(workspace.folder), "--json", "models", "list"]) == 0
    assert json.loads(capsys.readouterr().out)["configured"]["calls"] == 2


def test_outside_a_workspace_the_machines_models_are_listed(cache, tmp_path, capsys) -> None:
    assert run(["-C", str(tmp_path), "--json", "models"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["servers"], said["configured"]) == ([], None)
    assert len(said["models"]) == 3
