"""Starting, finding and stopping: a record of each running service, a lock for whoever comes at the same time.

`CACHE/run/NAME/` holds the record (mode 0600: it has the password), the log and the folder the service works in.
A process is known by its id and its start time together, so a reused id is never taken for it, nor killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service_recipes.recipe import Failed, Launch, Recipe, Talk, cache_folder

START_SECONDS = 120
STOP_SECONDS = 30
ATTEMPTS = 3

__all__ = ["Failed", "State", "down", "status", "up"]


@dataclass(frozen=True)
class State:
    """What is known of a service now."""

    up: bool
    words: str

    def __str__(self) -> str:
        return self.words


def up(recipe: Recipe, talk: Talk) -> tuple[dict[str, str], bool]:
    """The variables of a service that is ready, and whether it was before."""
    cache = cache_folder()
    with _alone(cache, recipe):
        if record := _alive(cache, recipe):
            return record["environment"], True
        if not recipe.installed(cache):
            talk(f"{recipe.name}: installing")
            recipe.install(cache, talk)
        return _start(cache, recipe), False


def down(recipe: Recipe) -> bool:
    """Stop the service; whether it was there."""
    cache = cache_folder()
    with _alone(cache, recipe):
        record = _alive(cache, recipe)
        if record and (pid := record["pid"]):
            _stop(pid, record["born"])
        shutil.rmtree(_folder(cache, recipe), ignore_errors=True)
        return bool(record)


def status(recipe: Recipe) -> State:
    """Whether the service runs and where; reads only."""
    cache = cache_folder()
    if record := _alive(cache, recipe):
        where = next(iter(record["environment"].values()))
        return State(True, f"up    {where}" + (f"  pid {record['pid']}" if record["pid"] else ""))
    return State(False, "down  " + ("installed" if recipe.installed(cache) else "not installed"))


def _start(cache: Path, recipe: Recipe) -> dict[str, str]:
    for _ in range(ATTEMPTS):  # between choosing a port and listening on it, somebody else may take it
        folder = _folder(cache, recipe)
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "home").mkdir(parents=True)
        folder.chmod(0o700)
        launch = recipe.launch(cache, folder / "home")
        if isinstance(launch, dict):
            _record(folder, None, launch)
            return launch
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                launch.command,
                cwd=folder / "home",
                env=os.environ | launch.settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _record(folder, process.pid, launch.environment)
            if _wait(process, launch):
                return launch.environment
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    words = (launch.log or folder / "log").read_text(errors="replace").strip()[-800:]
    raise Failed(f"ended {ATTEMPTS} times while starting; its last words: {words}")


def _wait(process: subprocess.Popen[bytes], launch: Launch) -> bool:
    """Until the service is ready; False where it ended instead."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            return False
        if launch.ready():
            return True
        time.sleep(0.1)
    raise Failed(f"not ready after {START_SECONDS} s")


def _stop(pid: int, born: str) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, how)
        until = time.monotonic() + STOP_SECONDS
        while time.monotonic() < until:
            if _born(pid) != born:
                return
            time.sleep(0.05)


def _folder(cache: Path, recipe: Recipe) -> Path:
    return cache / "run" / recipe.name


@contextlib.contextmanager
def _alone(cache: Path, recipe: Recipe) -> Iterator[None]:
    """One call at a time for each service; the lock goes away with the process that holds it."""
    (cache / "run").mkdir(parents=True, exist_ok=True)
    with (cache / "run" / f"{recipe.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _record(folder: Path, pid: int | None, environment: dict[str, str]) -> None:
    record = {"format": 1, "pid": pid, "born": _born(pid) if pid else "", "environment": environment}
    temporary = folder / "record.tmp"
    temporary.touch(mode=0o600)
    temporary.write_text(json.dumps(record))
    temporary.replace(folder / "record.json")


def _alive(cache: Path, recipe: Recipe) -> dict | None:
    """The record of the service, where its process is still the one recorded."""
    try:
        record: dict = json.loads((_folder(cache, recipe) / "record.json").read_text())
    except (OSError, ValueError):
        return None
    if record["pid"] is None:
        return record if recipe.installed(cache) else None
    return record if record["born"] and _born(record["pid"]) == record["born"] else None


def _born(pid: int) -> str:
    """When the process started, in the kernel's words; empty where there is none or it is only a zombie."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if state == "Z" else rest[18]
    except OSError:
        if Path("/proc/self/stat").exists():
            return ""
    done = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "" if done.returncode or done.stdout.startswith("Z") else done.stdout.strip().partition(" ")[2]
