"""scripts/services: idempotent, safe under two calls at once, and nothing left behind.

Works in a cache of its own, with the installed programs of the real one, so that no running service is touched.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SERVICES = REPOSITORY / "scripts" / "services"


def call(cache: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"TRIPLOCK_CACHE": str(cache)} | variables
    return subprocess.run(
        [sys.executable, SERVICES, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def pid(cache: Path, name: str) -> int:
    number: int = json.loads((cache / "run" / name / "record.json").read_text())["pid"]
    return number


def is_alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def cache(tmp_path: Path, kubo_api: str, anvil_url: str, unavailable: Callable[[str], NoReturn]) -> Iterator[Path]:
    real = os.environ.get("TRIPLOCK_CACHE") or Path(
        os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "triplock"
    )
    for name in ("kubo", "foundry"):
        if not Path(real, name).exists():
            unavailable(f"{kubo_api} or {anvil_url} was not installed by scripts/services")
        (tmp_path / name).symlink_to(Path(real, name))
    yield tmp_path
    call(tmp_path, "down")


@pytest.mark.kubo
@pytest.mark.anvil
def test_up_is_idempotent_and_down_leaves_nothing(cache: Path) -> None:
    first = call(cache, "up", "kubo", "anvil")
    assert first.returncode == 0, first.stderr
    assert "export TRIPLOCK_KUBO_API=http://127.0.0.1:" in first.stdout
    pids = [pid(cache, "kubo"), pid(cache, "anvil")]
    again = call(cache, "up", "kubo", "anvil")
    assert again.stdout == first.stdout
    assert again.stderr.count("up already") == 2
    assert call(cache, "status", "kubo", "anvil").returncode == 0
    assert call(cache, "down").returncode == 0
    assert not any(map(is_alive, pids))
    assert call(cache, "status", "kubo", "anvil").returncode == 4
    assert [path.name for path in (cache / "run").iterdir() if path.is_dir()] == []


@pytest.mark.kubo
@pytest.mark.anvil
def test_two_calls_at_once_start_one_service(cache: Path) -> None:
    environment = os.environ | {"TRIPLOCK_CACHE": str(cache)}
    both = [
        subprocess.Popen([sys.executable, SERVICES, "up", "anvil"], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = [process.communicate()[0] for process in both]
    assert answers[0] == answers[1]
    assert "TRIPLOCK_ANVIL_URL" in answers[0]


@pytest.mark.kubo
@pytest.mark.anvil
def test_a_service_that_was_killed_is_started_again(cache: Path) -> None:
    call(cache, "up", "anvil")
    killed = pid(cache, "anvil")
    os.kill(killed, signal.SIGKILL)
    while is_alive(killed):
        time.sleep(0.01)
    assert call(cache, "status", "anvil").returncode == 4
    again = call(cache, "up", "anvil")
    assert again.returncode == 0, again.stderr
    assert pid(cache, "anvil") != killed


@pytest.mark.parametrize(("service", "tool"), [("kubo", "go"), ("anvil", "npm"), ("neo4j", "java")])
def test_a_missing_tool_is_named(tmp_path: Path, service: str, tool: str) -> None:
    answer = call(tmp_path, "up", service, PATH=str(tmp_path))
    assert answer.returncode == 4
    assert answer.stdout == ""
    assert f"{tool} is not on PATH; install " in answer.stderr


def test_an_unknown_service_is_wrong_usage(tmp_path: Path) -> None:
    answer = call(tmp_path, "up", "postgres")
    assert answer.returncode == 2
    assert "unknown 'postgres'" in answer.stderr
