"""A disk that is full at any write: a clear error, nothing half, and the same command goes on once there is room."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from flow_places import surroundings

DRIVER = Path(__file__).with_name("on_a_full_disk.py")
SAYS = {
    "disk-failed",
    "ledger-failed",
    "store-failed",
    "block-folder-unusable",
    "devchain-failed",
    "rpc-refused",  # the embedded chain's own answer
}


@pytest.mark.soak
def test_a_full_disk_is_said_and_goes_by(
    small: Path,
    tmp_path: Path,
    seed: int,
    soak_scale: Callable[[int], int],
    unavailable: Callable[[str], NoReturn],
) -> None:
    alone = ["unshare", "-rm"]
    if not shutil.which("unshare") or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        unavailable("needs a mount namespace of its own (unshare -rm) for a disk that fills up")
    (tmp_path / "disk").mkdir()
    done = subprocess.run(
        [*alone, sys.executable, str(DRIVER), str(small), str(tmp_path / "disk"), str(seed), str(soak_scale(100))],
        env=surroundings(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    met: Counter[str] = Counter()
    roots: dict[str, set[str]] = {}
    for line in done.stdout.splitlines():
        found = json.loads(line)
        where = f"{found['victim']} with {found['free']} bytes free"
        assert "Traceback" not in found["said"], where
        if found["code"]:
            error = json.loads(found["said"][: found["said"].rindex("}") + 1])["error"]
            assert error["code"] in SAYS, (where, error)
            assert error["retryable"], (where, error)
            assert found["code"] in (3, 4), (where, error)
            met[error["code"]] += 1
        if found["victim"] in ("bundle", "car"):
            written = "out" in found["left"]
            assert written is (found["code"] == 0), (where, "a file that is there is whole")
            assert not [name for name in found["left"] if name.startswith(".")], where
        assert found["mended"][0] == 0, (where, found["mended"])
        assert found["published"][0] == 0, (where, found["published"])
        assert found["verified"][0] == 0, (where, found["verified"])
        assert len(found["roots"]) == 1, (where, found["roots"])
        roots.setdefault("ingest" if found["victim"] == "ingest" else "small", set()).update(found["roots"])
    assert all(len(each) == 1 for each in roots.values()), roots
    assert met, "no disk was full"
    print(dict(met))
