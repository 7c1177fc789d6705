"""kill -9 while the transaction of a publication waits in the pool of a chain: the next run ends with one version."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flow_places import Chain, another_key, anvil, command, configuration, copied, surroundings, triplock

from anchoring.chain.deploy import deploy_registry
from anchoring.chain.endpoint import Endpoint
from kg.workspace.workspace import Workspace

pytestmark = pytest.mark.anvil


@pytest.fixture(scope="module")
def slow_chain(cast: Path) -> Iterator[Chain]:
    """A chain that mines when it is told to."""
    with anvil(cast) as chain:
        yield chain


def pending(chain: Chain, owner: str) -> bool:
    return chain.nonce(owner, "pending") > chain.nonce(owner)


def killed_while_pending(folder: Path, chain: Chain, owner: str, after: float) -> None:
    """Publish, and kill the command some seconds after its transaction came into the pool."""
    process = subprocess.Popen(
        command(folder, "publish", "--yes"),
        env=surroundings(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while not pending(chain, owner):
        assert process.poll() is None, "the command ended before its transaction was mined"
        assert time.monotonic() < end
        time.sleep(0.02)
    time.sleep(after)
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def prepared(small: Path, folder: Path, chain: Chain) -> tuple[Path, str]:
    """A workspace that can publish, and its publisher."""
    copied(small, folder, configuration(chain={"endpoint": chain.url}, label=folder.name))
    another_key(folder)
    chain.ask("evm_setAutomine", True)
    with Workspace.open(folder) as workspace:
        owner = workspace.signer.address
        chain.ask("anvil_setBalance", owner, hex(10**20))
        deploy_registry(Endpoint(chain.url), workspace.signer)
    chain.ask("evm_setAutomine", False)
    return folder, owner


@pytest.mark.soak
@pytest.mark.parametrize("then", ["mined while nobody looks", "mined during the next run", "lost from the pool"])
def test_one_version_comes_of_a_killed_publication(
    then: str,
    small: Path,
    small_root: str,
    slow_chain: Chain,
    tmp_path: Path,
    seed: int,
    soak_scale: Callable[[int], int],
) -> None:
    moments = random.Random(f"{seed} {then}")
    for turn in range(soak_scale(10)):
        folder, owner = prepared(small, tmp_path / f"kill-{turn}", slow_chain)
        sent = slow_chain.nonce(owner)
        killed_while_pending(folder, slow_chain, owner, moments.uniform(0, 0.3))
        if then == "mined while nobody looks":
            slow_chain.mine()
        elif then == "lost from the pool":
            slow_chain.ask("anvil_dropAllTransactions")
            assert not pending(slow_chain, owner)
        if then != "mined while nobody looks":
            slow_chain.ask("evm_setIntervalMining", 1)
        version = triplock(folder, "--json", "publish", "--yes").json
        slow_chain.ask("evm_setIntervalMining", 0)
        assert version["root"] == small_root
        assert slow_chain.nonce(owner) == sent + 1
        log = triplock(folder, "--json", "log").json
        assert [(entry["version"], entry["root"]) for entry in log["versions"]] == [(1, small_root)]
        assert log["waiting"] is None
        triplock(folder, "verify", "1")
