"""docs/cli.md is what the program says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from kg.cli.main import COMMANDS

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_reference_is_what_the_program_says() -> None:
    written = (REPOSITORY / "docs" / "cli.md").read_text()
    made = subprocess.run(
        [sys.executable, "scripts/cli_reference.py"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout
    assert written == made, "run: make docs"
    assert [name for name in COMMANDS if f"## triplock {name}\n" not in written] == []
