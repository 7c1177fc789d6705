from __future__ import annotations

import random
import shutil
import subprocess

import pytest
from chromium import Chromium
from node_verifier import PARTS, NodeProcess, NodeVerifier
from proof_cases import bundles, make_graph


@pytest.fixture(scope="module")
def browser(chromium):
    """A headless Chromium, running."""
    started = Chromium(chromium)
    yield started
    started.close()


@pytest.fixture(scope="session")
def node(unavailable):
    """The path of Node.js 20 or newer."""
    path = shutil.which("node")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout if path else ""
    if not path or int(version.lstrip("v").partition(".")[0]) < 20:
        unavailable(f"needs Node.js 20 or newer on PATH, found {version.strip() or 'none'}")
    return path


@pytest.fixture(scope="session")
def javascript(node):
    """docs/verifier.js, running."""
    verifier = NodeVerifier(node)
    yield verifier
    verifier.close()


@pytest.fixture(scope="session")
def part(node):
    """Asks for one part of docs/verifier.js; the answer's `value`, or None where it refuses."""
    process = NodeProcess(node, str(PARTS))

    def asked(name, **request):
        encoded = {key: f"0x{value.hex()}" if isinstance(value, bytes) else value for key, value in request.items()}
        return process.ask({"part": name, **encoded}).get("value")

    yield asked
    process.close()


@pytest.fixture(scope="session")
def graph():
    """Three versions of one graph."""
    return make_graph()


@pytest.fixture(scope="session")
def good(graph):
    """A bundle of each kind of claim about them, by name."""
    return dict(bundles(graph, random.Random(1)))
