"""The Python that runs Hugging Face transformers: this one, or the one that TRIPLOCK_TRANSFORMERS_PYTHON names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from anchoring.errors import MissingExtra
from extractors.models.errors import BadModelFile, BadModelName
from extractors.models.model_process import ModelProcess

PYTHON = "TRIPLOCK_TRANSFORMERS_PYTHON"
VERSIONS_SECONDS = 60.0
_PACKAGES = ("torch", "transformers", "xgrammar")
_ASK_VERSIONS = """
import importlib.metadata, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""
_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def interpreter() -> str:
    """The Python that runs models of transformers."""
    return os.environ.get(PYTHON) or sys.executable


def installed_versions(python: str, more: Sequence[str] = ()) -> dict[str, str]:
    """The versions of torch, transformers, xgrammar, and more in the environment of this Python; none is imported.

    Raises MissingExtra where one is missing, and BadModelName where the interpreter cannot be run.
    """
    packages = (*_PACKAGES, *more)
    try:
        done = subprocess.run(
            [python, *(["-I"] if python != sys.executable else []), "-c", _ASK_VERSIONS, *packages],
            capture_output=True,
            check=True,
            timeout=VERSIONS_SECONDS,
        )
        found: dict[str, str] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        raise BadModelName(
            f"{PYTHON}={python!r} cannot be run", remedy="give the path of a Python that has the extra transformers"
        ) from None
    if set(packages) - set(found):
        raise MissingExtra("a model of Hugging Face transformers", extra="transformers")
    return found


def started(python: str, program: Path, arguments: Sequence[str]) -> ModelProcess:
    """A program of ours, run by this Python without triplock's own packages on its path, offline."""
    shared = [] if python != sys.executable else [path for path in sys.path if path]
    return ModelProcess(
        [python, "-P" if shared else "-I", str(program), *arguments],
        {**os.environ, **_OFFLINE, "PYTHONPATH": os.pathsep.join(shared)},
    )


def loaded(
    python: str, program: Path, arguments: Sequence[str], name: str, *, seconds: float, what: str, remedy: str
) -> ModelProcess:
    """A started program that has said that it is ready; one that has not is ended.

    Raises ModelUnreachable where it is late (`what` was not there, and the `remedy`), and what `not_loaded` gives.
    """
    process = started(python, program, arguments)
    try:
        if not process.read(seconds, what, remedy):
            raise not_loaded(name, *process.last_words())
    except BaseException:
        if process.alive():
            process.kill()
        process.close()
        raise
    return process


def not_loaded(name: str, code: int, said: str, what: str = "loaded") -> BadModelFile | MissingExtra:
    """Why a program that has ended loaded no model, or did not what else is to be done with it."""
    if code == 2:
        return MissingExtra("a model of Hugging Face transformers", extra="transformers")
    return BadModelFile(f"{name} cannot be {what} (exit {code}): {said}", remedy="check the model and the free memory")
