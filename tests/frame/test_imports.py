"""What importing the packages costs, and that every module can be imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
HEAVY = {"web3", "polars", "eth", "eth_tester", "neo4j", "xllamacpp", "torch", "transformers", "spacy", "kglite"}


def modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(answer.stdout)}


@pytest.mark.parametrize("package", ["anchoring", "ontology", "kg", "extractors", "queries"])
def test_importing_a_package_loads_nothing_heavy(package: str) -> None:
    loaded = modules_after(f"import {package}")
    assert package in loaded
    assert not loaded & HEAVY


def test_help_of_the_command_loads_nothing_heavy() -> None:
    loaded = modules_after("from kg.cli.main import main")
    assert "kg" in loaded
    assert not loaded & HEAVY


def test_verifying_needs_no_heavy_library_but_the_chain() -> None:
    loaded = modules_after(
        "import anchoring.dataset.version, anchoring.proofs.bundle, anchoring.proofs.proof, anchoring.rdf.canonical"
    )
    assert "pyoxigraph" in loaded
    assert not loaded & HEAVY


def test_the_chain_libraries_leave_the_recursion_limit_alone() -> None:
    """With a limit of 100,000, which py_ecc sets, a file of opening brackets kills the process."""
    code = """
import sys
from anchoring.chain.keys import LocalKey
LocalKey(bytes(31) + bytes([1]))
assert "eth_account" in sys.modules
print(sys.getrecursionlimit())
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1000"
