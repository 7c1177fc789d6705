"""The wheel: exactly the five packages and triplock.py, and a command that works without extras."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("anchoring", "extractors", "kg", "ontology", "queries")
UV = shutil.which("uv")


def run(*command: str | Path, **options: object) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    if UV:
        run(UV, "build", "--wheel", "--out-dir", folder, REPOSITORY)
    else:
        run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, REPOSITORY)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean") / "venv"
    constraints = REPOSITORY / "constraints.txt"
    if UV:
        run(UV, "venv", "--python", sys.executable, folder)
        run(UV, "pip", "install", "--python", folder / "bin" / "python", "-c", constraints, wheel)
    else:
        run(sys.executable, "-m", "venv", folder)
        run(folder / "bin" / "pip", "install", "-c", constraints, wheel)
    return folder


def test_the_wheel_holds_the_packages_with_their_data_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    on_disk = {
        str(path.relative_to(REPOSITORY))
        for package in PACKAGES
        for path in (REPOSITORY / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == on_disk | {"triplock.py", "anchoring/verify.html"}
    assert {f"{package}/py.typed" for package in PACKAGES} <= held
    assert any(name.endswith(".ttl") for name in held)
    assert "anchoring/contracts/Registry.json" in held


def test_the_command_answers_without_extras(environment: Path, tmp_path: Path) -> None:
    bare = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    assert "Usage: triplock" in run(environment / "bin" / "triplock", "--help", env=bare, cwd=tmp_path)
    assert "0.1.0" in run(environment / "bin" / "triplock", "--version", env=bare, cwd=tmp_path)
    assert "Usage: " in run(environment / "bin" / "python", "-m", "triplock", "--help", env=bare, cwd=tmp_path)


def test_the_core_hashes_a_file_without_extras(environment: Path, tmp_path: Path) -> None:
    bare = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    (tmp_path / "one.ttl").write_text("<https://example.org/a> <https://example.org/b> 'c' .\n")
    assert "0x" in run(environment / "bin" / "triplock", "hash", "one.ttl", env=bare, cwd=tmp_path)
    site = run(environment / "bin" / "python", "-c", "import anchoring; print(anchoring.__file__)", cwd=tmp_path)
    assert str(environment) in site
