"""One world for all attacks; the verifiers that are to refuse them."""

from __future__ import annotations

import os
import random
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "browser"))
sys.path.insert(0, str(Path(__file__).parent.parent))
from court import Court
from node_verifier import NodeVerifier
from own_anvil import anvil
from world import open_world

from anchoring.chain.endpoint import Endpoint
from anchoring.chain_proof.state import slot_of


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    opened = open_world(tmp_path_factory.mktemp("attacks") / "chain")
    yield opened
    opened.chain.close()


@pytest.fixture(scope="session")
def evm(world):
    """An anvil that holds the registry and the heads of the world, where Foundry is installed: it answers faster."""
    cast = os.environ.get("TRIPLOCK_CAST")
    if not cast:
        yield world.registry.endpoint
        return
    with anvil(Path(cast), "--chain-id", str(world.graph.chain_id)) as chain:
        address = world.registry.address
        chain.ask("anvil_setCode", address, f"0x{world.registry.endpoint.code(address).hex()}")
        for graph in (world.graph, world.foreign.manifest.graph):
            slot, word = slot_of(graph.graph, 0), world.registry.head(graph)
            chain.ask("anvil_setStorageAt", address, f"0x{slot.hex()}", f"0x{word.hex()}")
        yield Endpoint(chain.url)


@pytest.fixture(scope="session")
def court(world, evm, unavailable):
    node = shutil.which("node")
    if not node:
        unavailable("needs Node.js 20 or newer on PATH")
    verifier = NodeVerifier(node)
    yield Court(world, verifier, evm)
    verifier.close()


@pytest.fixture
def source(seed, request):
    """Random numbers of this run's seed and this test."""
    return random.Random(f"{seed} {request.node.name}")


@pytest.fixture
def rounds(soak_scale):
    """How many mutations of a class: 10,000 in full."""
    return range(soak_scale(10_000))
