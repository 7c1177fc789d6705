"""kill -9 at random moments: the next run finishes, the root is the same, and one version is on the chain."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from killing import killed_after
from thread_places import DOCUMENTS, ROWS, configuration

from kg.workspace.workspace import Workspace

NAMES = ("erc-20.md", "erc-721.md", "erc-1155.md", "erc-4626.md")


def command(workspace: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "kg.cli.main", "-C", str(workspace), *arguments]


def run(workspace: Path, *arguments: str) -> None:
    done = subprocess.run(command(workspace, *arguments), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def killed(workspace: Path, after: float, *arguments: str) -> bool:
    """Run a command and kill it after some seconds; whether it was still running then."""
    process = subprocess.Popen(
        command(workspace, *arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    return killed_after(process, after)


def duration(workspace: Path, *arguments: str) -> float:
    began = time.monotonic()
    run(workspace, *arguments)
    return time.monotonic() - began


STEPS = {
    "ingest": ("ingest", *(str(DOCUMENTS / name) for name in NAMES)),
    "ingest-chain": ("ingest-chain", "--rows", str(ROWS)),
    "snapshot": ("snapshot",),
    "publish": ("publish", "--yes"),
}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, float]]:
    """The root that an undisturbed run gives, and how many seconds each step takes."""
    folder = tmp_path_factory.mktemp("reference") / "kg"
    Workspace.init(folder, configuration()).close()
    took = {name: duration(folder, *arguments) for name, arguments in STEPS.items()}
    with Workspace.open(folder) as undisturbed:
        return undisturbed.versions.all()[-1].root, took


@pytest.mark.soak
@pytest.mark.parametrize("victim", STEPS)
def test_a_killed_command_is_finished_by_the_next_run(
    victim: str,
    reference: tuple[str, dict[str, float]],
    tmp_path: Path,
    seed: int,
    soak_scale: Callable[[int], int],
) -> None:
    expected, took = reference
    moments = random.Random(f"{seed} {victim}")
    for turn in range(soak_scale(10)):
        folder = tmp_path / f"{victim}-{turn}"
        Workspace.init(folder, configuration()).close()
        for name, arguments in STEPS.items():
            if name == victim:
                killed(folder, moments.uniform(0.3, 1.1) * took[name], *arguments)
            run(folder, *arguments)
        with Workspace.open(folder) as workspace:
            assert [record.root for record in workspace.versions.all()] == [expected]
            assert len(workspace.log()) == 1
            assert workspace.verify("1").exit_code == 0
