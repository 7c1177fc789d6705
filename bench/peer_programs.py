"""The peers of bench/scale.py, installed once into a cache folder by the pins in bench/peers."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

SOURCE = Path(__file__).parent / "peers"


@dataclass(frozen=True, slots=True)
class Peer:
    """`command` is followed by the file; `canonical` says that it is given the canonical document, not the dataset."""

    name: str
    command: tuple[str, ...]
    canonical: bool = False


def install(cache: Path, heap_megabytes: int) -> list[Peer]:
    """The peers, those whose interpreter is missing left out and named on standard error."""
    pins = sha256(b"".join(path.read_bytes() for path in sorted(SOURCE.iterdir()) if path.is_file())).hexdigest()[:16]
    folder = cache / f"bench-peers-{pins}"
    peers = []
    if _node(folder):
        node = ("node", f"--max-old-space-size={heap_megabytes}")
        peers += [
            Peer(
                "rdf-canonize 5.0.0 + @openzeppelin/merkle-tree 1.0.8 (npm)",
                (*node, str(folder / "canonize_and_tree.mjs")),
            ),
            Peer("OriginTrail assertion-tools 8.0.6 (npm)", (*node, str(folder / "assertion_tools.mjs"))),
        ]
    python = _python(folder)
    return [
        *peers,
        Peer("PyLD 3.3.0: canonical document alone", (python, str(folder / "pyld_normalize.py"))),
        Peer(
            "pymerkle 7.0.0: tree alone, over canonical lines",
            (python, str(folder / "pymerkle_tree.py")),
            canonical=True,
        ),
    ]


def _node(folder: Path) -> bool:
    if not (shutil.which("node") and shutil.which("npm")):
        print("node and npm are not on PATH: their peers are left out", file=sys.stderr)
        return False
    if not (folder / "node_modules" / ".package-lock.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for path in SOURCE.iterdir():
            shutil.copy(path, folder)
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
        subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)
    return True


def _python(folder: Path) -> str:
    python = folder / "python" / "bin" / "python"
    if not (folder / "python" / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for path in SOURCE.glob("*.py"):
            shutil.copy(path, folder)
        venv.create(folder / "python", with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "-r", str(SOURCE / "requirements.txt")]
        subprocess.run(command, check=True, stdout=sys.stderr)
        (folder / "python" / "complete").touch()
    return str(python)
