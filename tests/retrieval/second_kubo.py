"""More Kubo nodes than the one that the services bring: from the same program, each in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass
class Node:
    """A node that runs: its RPC address, its repository, its process."""

    api: str
    gateway: str
    repository: Path
    process: subprocess.Popen


@contextmanager
def kubo_node(folder: Path, **datastore: object) -> Iterator[Node]:
    """A private node in `folder`; `datastore` overrides its configuration's section of that name."""
    sys.path.insert(0, str(REPOSITORY / "scripts"))
    try:
        from service_recipes.kubo import Kubo
    finally:
        sys.path.remove(str(REPOSITORY / "scripts"))
    launch = Kubo().launch(Path(os.environ["TRIPLOCK_IPFS"]).parents[2], folder)
    repository = folder / "repository"
    if datastore:
        file = repository / "config"
        configuration = json.loads(file.read_text())
        configuration["Datastore"].update(datastore)
        file.write_text(json.dumps(configuration))
    process = subprocess.Popen(
        launch.command, env={**os.environ, **launch.settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 60
        while not launch.ready():
            assert process.poll() is None, "the node ended"
            assert time.monotonic() < end, "the node does not start"
            time.sleep(0.05)
        api, gateway = launch.environment["TRIPLOCK_KUBO_API"], launch.environment["TRIPLOCK_KUBO_GATEWAY"]
        yield Node(api, gateway, repository, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
