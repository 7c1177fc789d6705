"""The compiled contracts in the repository are what their sources compile to, byte for byte."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from anchoring.chain.artifact import creation_code, registry_artifact, runtime_code, selector
from anchoring.chain.deploy import DEPLOYER, SALT, registry_address
from anchoring.signing.eip712 import VERSION_TOPIC, keccak

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


def asked(cast: Path, *arguments: str) -> str:
    return subprocess.run([cast, *arguments], capture_output=True, text=True, check=True, timeout=60).stdout.strip()


@pytest.mark.anvil
def test_cast_computes_the_same_address(cast: Path) -> None:
    """CREATE2 (EIP-1014): it follows from the code alone, so it is the same on every chain."""
    code = "0x" + keccak(creation_code()).hex()
    computed = asked(cast, "create2", "--deployer", DEPLOYER, "--salt", "0x" + SALT.hex(), "--init-code-hash", code)
    assert registry_address() in computed.lower()


def signature(entry: dict[str, Any]) -> str:
    """`name(types)` of an entry of the ABI."""

    def kind(part: dict[str, Any]) -> str:
        if not part["type"].startswith("tuple"):
            return str(part["type"])
        return f"({','.join(map(kind, part['components']))}){part['type'].removeprefix('tuple')}"

    return f"{entry['name']}({','.join(map(kind, entry['inputs']))})"


@pytest.mark.anvil
def test_cast_gives_the_same_selectors_and_topics(cast: Path) -> None:
    named = [entry for entry in registry_artifact()["abi"] if "name" in entry]
    for entry in named:
        if entry["type"] == "event":
            assert asked(cast, "keccak", signature(entry)) == "0x" + keccak(signature(entry).encode()).hex()
        else:
            assert asked(cast, "sig", signature(entry)) == "0x" + selector(signature(entry)).hex()
    version = next(entry for entry in named if entry["name"] == "Version")
    assert keccak(signature(version).encode()) == VERSION_TOPIC


def test_the_format_names_every_method_and_event_of_the_registry() -> None:
    page = (ROOT / "docs" / "format.md").read_text("utf-8")
    views = {"head", "graphOf", "ownerOf", "pendingOwner", "delegatedUntil"}
    for entry in registry_artifact()["abi"]:
        if entry["type"] in ("function", "event") and entry["name"] not in views:
            assert f"{entry['name']}(" in page, entry["name"]
