"""SIGKILL at any moment of publishing, then the same again: exactly one version comes of it."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from test_publishing import version

from anchoring.chain.deploy import deploy_registry
from anchoring.chain.devchain import DevChain
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.keys import LocalKey
from anchoring.chain.publish import PreparedPublish, publish
from anchoring.chain.registry import RegistryClient

KEY = b"\x17" * 32


def publish_once(folder: str) -> None:
    """What a program does: open, deploy if need be, publish, keeping the signed transaction in a file first."""
    kept_at = Path(folder, "prepared.json")

    def keep(prepared: PreparedPublish) -> None:
        kept_at.with_suffix(".new").write_text(json.dumps(prepared.as_json()))
        kept_at.with_suffix(".new").replace(kept_at)

    with DevChain.open(folder) as chain:
        Path(folder, "started").touch()
        endpoint, key = Endpoint.of_devchain(chain), LocalKey(KEY)
        client = RegistryClient(endpoint, deploy_registry(endpoint, key))
        kept = PreparedPublish.from_json(json.loads(kept_at.read_text())) if kept_at.exists() else None
        publish(client, key, version("killed"), keep=keep, kept=kept)


@pytest.mark.soak
def test_a_kill_never_loses_or_doubles_a_version(tmp_path: Path, seed: int, soak_scale: Callable[[int], int]) -> None:
    chance = random.Random(seed)
    spawn = multiprocessing.get_context("spawn")
    for round_ in range(soak_scale(100)):
        folder = tmp_path / str(round_)
        folder.mkdir()
        for _ in range(2):
            (folder / "started").unlink(missing_ok=True)
            writer = spawn.Process(target=publish_once, args=(str(folder),))
            writer.start()
            while not (folder / "started").exists() and writer.is_alive():
                writer.join(0.01)
            # Deploying and publishing take 0.2 s on an idle machine; the kill falls anywhere in it, or just after it.
            writer.join(chance.random() * 0.3)
            if writer.is_alive():
                assert writer.pid is not None
                os.kill(writer.pid, signal.SIGKILL)
            writer.join()
        publish_once(str(folder))
        with DevChain.open(folder) as chain:
            endpoint = Endpoint.of_devchain(chain)
            client = RegistryClient(endpoint, deploy_registry(endpoint, LocalKey(KEY)))
            graph = version("killed").graph(client, LocalKey(KEY).address)
            assert [anchor.version for anchor in client.anchors(graph)] == [1]
            assert endpoint.nonce(LocalKey(KEY).address) == 2, "one transaction to deploy, one to publish"
