"""The compiled contracts in the repository are what their sources compile to, byte for byte."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from anchoring.chain.artifact import creation_code, registry_artifact, runtime_code

ROOT = Path(__file__).parents[2]


@pytest.mark.anvil
def test_compiling_again_gives_the_same_bytes() -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "scripts" / "compile_contract", "--check"], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr


def test_the_registry_has_no_constructor_to_change_its_code() -> None:
    assert creation_code().endswith(runtime_code()), "no immutables, no arguments"
    assert not [entry for entry in registry_artifact()["abi"] if entry["type"] == "constructor"]
    assert registry_artifact()["settings"]["metadata"] == {"bytecodeHash": "none", "appendCBOR": False}
