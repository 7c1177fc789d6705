"""A program that runs a model and is spoken to by lines.

It stands in a session of its own, so that a Ctrl-C does not reach it, and ends when its standard input closes, however
its caller ended.
"""

from __future__ import annotations

import contextlib
import select
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import IO

from extractors.models.errors import ModelUnreachable

DYING_SECONDS = 2.0
ENDING_SECONDS = 5.0
_SAID = 400


class ModelProcess:
    """The program, started with an environment; what it writes to standard error is kept for when it fails."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._talk: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._talk,
            start_new_session=True,
            env=environment,
        )

    @property
    def process_id(self) -> int:
        """The id of the process."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def dies(self) -> bool:
        """Whether the process has ended or is ending: its pipes break a moment before it can be waited for."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(DYING_SECONDS)
        return not self.alive()

    def write(self, line: bytes) -> None:
        """Gives it a line; that it has ended shows when it is read."""
        assert self._process.stdin is not None  # noqa: S101 (it is a pipe)
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()

    def read(self, seconds: float, what: str, remedy: str) -> bytes:
        """The next line, empty where the process has ended.

        Raises ModelUnreachable, which says what was not there in time and what to do.
        """
        assert self._process.stdout is not None  # noqa: S101 (it is a pipe)
        deadline = time.monotonic() + seconds
        while not select.select([self._process.stdout], [], [], 0.2)[0]:
            if time.monotonic() > deadline:
                raise ModelUnreachable(f"{what} in {seconds:.0f} s", remedy=remedy)
        return self._process.stdout.readline()

    def last_words(self) -> tuple[int, str]:
        """The exit code of a process that has ended, and the end of what it said."""
        code = self._process.wait()
        self._talk.seek(0)
        return code, " ".join(self._talk.read()[-_SAID:].decode("utf-8", "replace").split())

    def close(self) -> None:
        """Ends the process."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            self._process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._talk.close()

    def kill(self) -> None:
        """Ends the process at once; `close` is still to be called."""
        self._process.kill()
        self._process.wait()
