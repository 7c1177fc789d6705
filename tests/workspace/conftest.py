"""Workspaces to work in: made by the library's own calls, on real documents and rows that ship."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from model_server import ModelServer, model_server
from thread_places import DOCUMENTS, configuration

from kg.workspace.workspace import Workspace


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """A model server that does as it is told."""
    with model_server() as running:
        yield running


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An empty workspace."""
    with Workspace.init(tmp_path / "kg", configuration()) as opened:
        yield opened


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    """A workspace that has read ERC-20 and ERC-721."""
    report = workspace.ingest(DOCUMENTS / "erc-20.md", DOCUMENTS / "erc-721.md")
    assert report.complete
    assert report.documents == 2
    return workspace
