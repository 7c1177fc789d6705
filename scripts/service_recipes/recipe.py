"""What a recipe has to say about its service, and the chores that all of them share."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

REPOSITORY = Path(__file__).resolve().parents[2]
Talk = Callable[[str], None]


class Failed(Exception):
    """A service could not be installed or started; the message says what to do."""


@dataclass(frozen=True)
class Launch:
    """A program to start in an empty folder, and where it will be found."""

    command: list[str]
    environment: dict[str, str]
    """The variables that lead clients to the service."""
    ready: Callable[[], bool]
    settings: dict[str, str] = field(default_factory=dict)
    """Variables for the program itself."""
    log: Path | None = None
    """Where the program writes why it could not start, if not on its standard output."""


class Recipe(Protocol):
    """A service: `install` is done once for a version, `launch` once for each start."""

    name: str

    def installed(self, cache: Path) -> bool:
        """Whether this version is complete in the cache."""

    def install(self, cache: Path, talk: Talk) -> None:
        """Put this version in the cache, checked against its pins."""

    def launch(self, cache: Path, folder: Path) -> Launch | dict[str, str]:
        """Prepare a start in an empty folder; only variables where nothing has to run."""


def cache_folder() -> Path:
    """`$TRIPLOCK_CACHE`, else `triplock` in the user's cache folder."""
    if folder := os.environ.get("TRIPLOCK_CACHE"):
        return Path(folder).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "triplock"


def tool(name: str, install: str) -> str:
    """The path of a program that has to be there."""
    if path := shutil.which(name):
        return path
    raise Failed(f"{name} is not on PATH; install {install}")


def run(command: list[str], *, cwd: Path | None = None, **settings: str) -> str:
    """Run a chore to its end and return its standard output; its last words are the reason where it fails."""
    done = subprocess.run(command, cwd=cwd, env=os.environ | settings, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip())[-800:]
        raise Failed(f"{Path(command[0]).name} ended with {done.returncode}: {words}")
    return done.stdout


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def answers(url: str, body: bytes = b"") -> bool:
    """Whether a POST to the address is answered with success."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
    try:
        with direct.open(request, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
