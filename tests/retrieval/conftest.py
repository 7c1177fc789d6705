"""A publisher of two versions and a clone of its graph; a second node, for what needs two."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from clone_places import Publisher, publisher
from second_kubo import Node, kubo_node

from kg.workspace.clone import clone
from kg.workspace.places import Places


@pytest.fixture(scope="session")
def second_node(kubo_api: str) -> Iterator[Node]:
    """A second node that does not check what it reads from its disk; `kubo_api` says whether there is a program."""
    assert os.environ["TRIPLOCK_IPFS"]
    with tempfile.TemporaryDirectory(prefix="kubo-") as folder, kubo_node(Path(folder), HashOnRead=False) as node:
        yield node


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publisher]:
    """Who publishes two versions."""
    with publisher(tmp_path_factory.mktemp("publisher") / "kg", [["erc-20.md"], ["erc-721.md"]]) as made:
        yield made


@pytest.fixture(scope="module")
def cloned(published: Publisher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of it, from the publisher's blocks."""
    folder = tmp_path_factory.mktemp("clone") / "c"
    clone(published.graph, folder, rpc=[published.url], places=Places(folders=(str(published.blocks),)))
    return folder
