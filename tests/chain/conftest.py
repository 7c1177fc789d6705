"""Chains for these tests: the embedded one, and anvil where it runs, behind the same client."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from chain_places import Place

from anchoring.chain.devchain import DevChain
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.registry import RegistryClient


@pytest.fixture
def devchain(tmp_path: Path) -> Iterator[DevChain]:
    with DevChain.open(tmp_path / "chain") as chain:
        yield chain


@pytest.fixture(params=["devchain", pytest.param("anvil", marks=pytest.mark.anvil)])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "anvil":
        return Place(Endpoint(request.getfixturevalue("anvil_url")), "anvil")
    return Place(Endpoint.of_devchain(request.getfixturevalue("devchain")), "devchain")


@pytest.fixture
def registry(place: Place) -> RegistryClient:
    return place.registry()
