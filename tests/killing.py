"""A command that is killed with -9, and all its processes with it."""

from __future__ import annotations

import os
import signal
import subprocess


def killed_after(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether it still ran after so many seconds and was killed; it must lead a session of its own."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False
