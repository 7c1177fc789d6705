"""The registry's own tests in Solidity, run by forge: unit tests, fuzzing, and a model under random calls."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anchoring.chain.artifact import registry_artifact, runtime_code

FOLDER = Path(__file__).parent / "forge"
SUITES = sorted(path.name for path in (FOLDER / "test").glob("*.t.sol"))

pytestmark = pytest.mark.anvil


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("forge")


@pytest.fixture(scope="module")
def report(
    built: Path, forge: Path, solc: Path, seed: int, soak_scale: Callable[[int], int]
) -> dict[str, dict[str, Any]]:
    """The results of all suites by the name of their file."""
    command = [forge, "test", "--json", "--offline", "--use", solc, "--fuzz-seed", str(seed)]
    rounds = {
        "FOUNDRY_FUZZ_RUNS": str(soak_scale(10_000)),
        "FOUNDRY_INVARIANT_RUNS": str(soak_scale(500)),
    }
    ran = subprocess.run(
        [*map(str, command), "--out", str(built / "out"), "--cache-path", str(built / "cache")],
        cwd=FOLDER,
        env={**os.environ, **rounds},
        capture_output=True,
        text=True,
    )
    start = ran.stdout.find("{")
    assert start >= 0, ran.stdout + ran.stderr
    suites, _ = json.JSONDecoder().raw_decode(ran.stdout[start:])
    found: dict[str, dict[str, Any]] = {}
    for name, suite in suites.items():
        found.setdefault(Path(name.split(":")[0]).name, {}).update(suite["test_results"])
    return found


@pytest.mark.parametrize("suite", SUITES)
def test_forge_finds_no_failure(report: dict[str, dict[str, Any]], suite: str) -> None:
    failed = {
        name: (result["reason"], result.get("counterexample"))
        for name, result in report[suite].items()
        if result["status"] != "Success"
    }
    assert not failed
    assert report[suite], "no test ran"


def test_forge_tests_the_code_that_ships(report: dict[str, dict[str, Any]], built: Path) -> None:
    compiled = json.loads((built / "out" / "Registry.sol" / "Registry.json").read_text())
    assert bytes.fromhex(compiled["deployedBytecode"]["object"][2:]) == runtime_code()


def test_forge_compiles_by_the_settings_of_the_release() -> None:
    profile = tomllib.loads((FOLDER / "foundry.toml").read_text())["profile"]["default"]
    settings = registry_artifact()["settings"]
    assert profile["evm_version"] == settings["evmVersion"]
    assert {"enabled": profile["optimizer"], "runs": profile["optimizer_runs"]} == settings["optimizer"]
