"""Workspaces with the data of the demo and with less, read once and copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flow_places import DOCUMENTS, ROWS, TOKENS, Chain, anvil, configuration, copied, triplock

from kg.workspace.workspace import Workspace


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that has read ERC-20 and ERC-721; to be copied."""
    folder = tmp_path_factory.mktemp("small") / "kg"
    with Workspace.init(folder, configuration()) as workspace:
        assert workspace.ingest(DOCUMENTS / "erc-20.md", DOCUMENTS / "erc-721.md").complete
    return folder


@pytest.fixture(scope="session")
def small_root(small: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The root of what `small` holds; `small` itself stays without a version."""
    with Workspace.open(copied(small, tmp_path_factory.mktemp("small-root") / "kg", configuration())) as workspace:
        return workspace.snapshot().root


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with all that the demo reads, without a model."""
    folder = tmp_path_factory.mktemp("demo") / "kg"
    with Workspace.init(folder, configuration()) as workspace:
        assert workspace.ingest(*sorted(DOCUMENTS.glob("*.md"))).complete
    triplock(folder, "ingest-chain", "--rows", ROWS, "--token-list", TOKENS)
    return folder


@pytest.fixture(scope="module")
def chain(cast: Path) -> Iterator[Chain]:
    """An anvil for one file of tests."""
    with anvil(cast) as running:
        yield running
