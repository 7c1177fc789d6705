"""One world for all attacks; the verifiers that are to refuse them."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "browser"))
from court import Court
from node_verifier import NodeVerifier
from world import open_world


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    opened = open_world(tmp_path_factory.mktemp("attacks") / "chain")
    yield opened
    opened.chain.close()


@pytest.fixture(scope="session")
def court(world, unavailable):
    node = shutil.which("node")
    if not node:
        unavailable("needs Node.js 20 or newer on PATH")
    verifier = NodeVerifier(node)
    yield Court(world, verifier)
    verifier.close()


@pytest.fixture
def source(seed, request):
    """Random numbers of this run's seed and this test."""
    return random.Random(f"{seed} {request.node.name}")


@pytest.fixture
def rounds(soak_scale):
    """How many mutations of a class: 10,000 in full."""
    return range(soak_scale(10_000))
