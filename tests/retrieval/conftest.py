"""A second node, for what needs two, and what it does to a repository."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from second_kubo import Node, kubo_node


@pytest.fixture(scope="session")
def second_node(kubo_api: str) -> Iterator[Node]:
    """A second node that does not check what it reads from its disk; `kubo_api` says whether there is a program."""
    assert os.environ["TRIPLOCK_IPFS"]
    with tempfile.TemporaryDirectory(prefix="kubo-") as folder, kubo_node(Path(folder), HashOnRead=False) as node:
        yield node
