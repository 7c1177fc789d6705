"""Hugging Face transformers with torch, in an environment of its own; nothing has to run.

No build of torch without CUDA is on the Python index, so it is 3 GB to fetch and 5.5 GB on disk.
The first GGUF file that a test loads with it is kept as a folder in the cache, 2.4 GB for the 0.5B.
"""

from __future__ import annotations

import shutil
import sys
import venv
from hashlib import sha256
from pathlib import Path

from service_recipes.recipe import Failed, Talk, run

PINS = Path(__file__).with_suffix(".txt")
FREE_GB = 12


class Transformers:
    """The interpreter of the environment; the variable leads to it."""

    name = "transformers"

    def installed(self, cache: Path) -> bool:
        return (_folder(cache) / "complete").exists()

    def install(self, cache: Path, talk: Talk) -> None:
        folder = _folder(cache)
        folder.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder.parent).free / 1e9
        if free < FREE_GB:
            raise Failed(f"needs {FREE_GB} GB of free disk, there are {free:.0f}; point TRIPLOCK_CACHE elsewhere")
        for other in folder.parent.glob("*"):
            shutil.rmtree(other)
        talk(f"transformers: 3 GB into {folder}")
        venv.create(folder, with_pip=True)
        python = str(folder / "bin" / "python")
        if uv := shutil.which("uv"):
            run([uv, "pip", "install", "--quiet", "--python", python, "--compile-bytecode", "-r", str(PINS)])
        else:
            run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(PINS)])
        (folder / "complete").touch()

    def launch(self, cache: Path, folder: Path) -> dict[str, str]:
        return {"TRIPLOCK_TRANSFORMERS_PYTHON": str(_folder(cache) / "bin" / "python")}


def _folder(cache: Path) -> Path:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return cache / "transformers" / f"{version}-{sha256(PINS.read_bytes()).hexdigest()[:12]}"
