"""Runs commands on a disk of its own that fills up at a given byte; prints what came of it as lines of JSON.

    unshare -rm python on_a_full_disk.py WORKSPACE MOUNT-POINT SEED ROUNDS

The disk is a tmpfs that nobody outside this process sees. A filler leaves so many bytes free, the victim runs, the
filler goes, and the victim runs again.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
from flow_places import DOCUMENTS, STATEMENT, Done, command, surroundings

DISK = 64 << 20
MOST = 400_000
"""With more free bytes than this no victim fails."""


def run(disk: Path, *arguments: object) -> Done:
    environment = surroundings(TMPDIR=str(disk / "tmp"))
    done = subprocess.run(
        command(disk / "kg", "--json", *arguments), env=environment, capture_output=True, text=True, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def fill(disk: Path, free: int) -> None:
    """Leave so many bytes."""
    state = os.statvfs(disk)
    with (disk / "filler").open("wb") as filler:
        filler.write(bytes(max(0, state.f_bavail * state.f_frsize - free)))


def emptied(disk: Path, workspace: Path) -> None:
    """A fresh copy of the workspace on the disk, and nothing else."""
    for entry in disk.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    (disk / "tmp").mkdir()
    shutil.copytree(workspace, disk / "kg")


def one(disk: Path, workspace: Path, victim: str, free: int) -> dict[str, object]:
    emptied(disk, workspace)
    arguments: dict[str, tuple[object, ...]] = {
        "snapshot": ("snapshot",),
        "publish": ("publish", "--yes"),
        "ingest": ("ingest", DOCUMENTS / "erc-1155.md"),
        "bundle": ("prove", STATEMENT, "-o", disk / "out"),
        "car": ("export", "--format", "car", "-o", disk / "out"),
    }
    if victim in ("bundle", "car"):
        assert run(disk, "publish", "--yes").code == 0
    fill(disk, free)
    broken = run(disk, *arguments[victim])
    left = sorted(entry.name for entry in disk.iterdir())
    (disk / "filler").unlink()
    mended = run(disk, *arguments[victim])
    published = run(disk, "publish", "--yes")
    log = run(disk, "log")
    verified = run(disk, "verify", "1")
    return {
        "victim": victim,
        "free": free,
        "code": broken.code,
        "said": broken.words,
        "left": left,
        "mended": [mended.code, mended.words],
        "roots": [version["root"] for version in log.json["versions"]],
        "published": [published.code, published.words],
        "verified": [verified.code, verified.words],
    }


def main() -> None:
    workspace, disk, seed, rounds = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(disk)], check=True)
    chance = random.Random(f"{seed} full disk")
    victims = ["snapshot", "publish", "bundle", "car", "ingest"]
    for turn in range(rounds):
        # As many in each decade, so that the first writes and the last ones are met.
        free = int(MOST ** chance.uniform(0.5, 1.0)) if turn % 7 else 0
        print(json.dumps(one(disk, workspace, chance.choice(victims), free)), flush=True)


if __name__ == "__main__":
    main()
