"""The local model that all systems ask, in a process of its own (`extractors.models.serve`)."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from types import TracebackType

MODULE = "extractors.models.serve"


def cpu_seconds(process: int) -> float:
    """Processor seconds of a process so far (proc(5), utime and stime); 0 where there is no /proc or no process."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class ModelServer:
    """Serves the GGUF file `path`, loaded when the object is made. Raises RuntimeError where it does not load."""

    def __init__(self, path: Path, *, threads: int, context: int) -> None:
        self.key = secrets.token_urlsafe(24)
        command = [sys.executable, "-m", MODULE, str(path), str(threads), str(context)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(self.key.encode() + b"\n")
        self._process.stdin.flush()
        started = self._process.stdout.readline()
        if not started:
            raise RuntimeError(f"{path.name} was not loaded: {MODULE} ended with {self._process.wait()}")
        said = json.loads(started)
        self.address: str = said["url"]
        self.runtime: str = said["runtime"]

    def cpu_seconds(self) -> float:
        """Processor seconds of the process so far."""
        return cpu_seconds(self._process.pid)

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> ModelServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
