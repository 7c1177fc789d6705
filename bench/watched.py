"""A command as a child process: its time, its processor time and its memory, with limits.

Time is wall time; processor time and memory are of the process and all it starts. Memory is the largest sum of
proportional set sizes (shared pages counted once) that was seen, looking every tenth of a second, and at least what
the kernel says of the largest single process.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.1


@dataclass(frozen=True, slots=True)
class Ran:
    """`seconds` of wall time, `cpu` seconds, `megabytes`; `failed` says why it did not finish, and is empty else."""

    seconds: float
    cpu: float
    megabytes: int
    output: str
    failed: str = ""


def watch(
    command: Sequence[str],
    *,
    seconds: float,
    megabytes: int,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Ran:
    """Runs a command until it ends or passes a limit: `seconds` of processor time in one process, or ten times that."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    # the group is killed whole, whatever the command starts in it
    process = subprocess.Popen(
        list(command),
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    resource.prlimit(process.pid, resource.RLIMIT_CPU, (int(seconds), int(seconds) + 5))
    most = 0
    failed = ""
    ended = threading.Event()

    def look() -> None:
        nonlocal most, failed
        while not ended.wait(INTERVAL):
            most = max(most, sum(map(_proportional, _tree(process.pid))))
            if most > megabytes * 1024:
                failed = f"passed {megabytes:,} MB"
            elif time.perf_counter() - began > 10 * seconds:
                failed = f"passed {10 * seconds:.0f} s"
            else:
                continue
            os.killpg(process.pid, signal.SIGKILL)
            return

    watcher = threading.Thread(target=look)
    watcher.start()
    output, talk = process.communicate()
    spent = time.perf_counter() - began
    ended.set()
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if process.returncode == -signal.SIGXCPU:
        failed = f"passed {seconds:.0f} s of processor time"
    if process.returncode and not failed:
        lines = [line for line in talk.strip().splitlines() if line.strip()]
        reason = next((line for line in lines if "Error" in line or "heap" in line), lines[-1] if lines else "")
        failed = f"ended with {process.returncode}: {reason.strip()[:160]}"
    return Ran(spent, cpu, most // 1024, output, failed)


def _tree(root: int) -> list[int]:
    found = [root]
    for process in found:
        try:
            children = Path(f"/proc/{process}/task/{process}/children").read_text()
            threads = [child for child in Path(f"/proc/{process}/task").iterdir() if child.name != str(process)]
            children += " " + " ".join((thread / "children").read_text() for thread in threads)
        except OSError:  # gone meanwhile
            continue
        found += [int(child) for child in children.split()]
    return found


def _proportional(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
