"""kill -9 at random moments of snapshot, pin and publish, with a real node and chain: one whole version of one root."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flow_places import Chain, another_key, anvil, command, configuration, copied, surroundings, triplock
from killing import killed_after

from anchoring.blockstores.kubo import KuboStore
from anchoring.chain.deploy import deploy_registry
from anchoring.chain.endpoint import Endpoint
from anchoring.dataset.walk import walk
from anchoring.encoding.cid import Cid
from kg.workspace.workspace import Workspace

pytestmark = [pytest.mark.anvil, pytest.mark.kubo]

STATES = ("built", "pinned", "signed", "sent", "mined", "final")
SNAPSHOT = ("snapshot",)
PUBLISH = ("publish", "--yes")


@pytest.fixture(scope="module")
def chain(cast: Path) -> Iterator[Chain]:
    """A block a second, so that a transaction waits a while in the pool."""
    with anvil(cast) as running:
        yield running


def prepared(small: Path, folder: Path, chain: Chain, kubo: str) -> str:
    """A workspace of a publisher of its own that can publish; the publisher."""
    copied(small, folder, configuration(chain={"endpoint": chain.url}, kubo=kubo, label=folder.name))
    another_key(folder)
    with Workspace.open(folder) as workspace:
        chain.ask("anvil_setBalance", workspace.signer.address, hex(10**20))
        deploy_registry(Endpoint(chain.url), workspace.signer)
        return workspace.signer.address


def state(folder: Path) -> str | None:
    """What the ledger says now of the newest version; None where it says nothing."""
    try:
        ledger = sqlite3.connect(f"file:{folder}/.triplock/ledger.sqlite?mode=ro", uri=True, timeout=5)
        with closing(ledger):
            found = ledger.execute("SELECT state FROM version WHERE state != 'dropped' ORDER BY at").fetchall()
    except sqlite3.OperationalError:
        return None
    return str(found[-1][0]) if found else None


def killed(folder: Path, arguments: tuple[str, ...], reached: str | None, after: float) -> bool:
    """Run a command and kill it so many seconds after a version reached a state; whether it still ran."""
    process = subprocess.Popen(
        command(folder, *arguments),
        env=surroundings(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + 300
    while reached is not None and process.poll() is None and state(folder) not in STATES[STATES.index(reached) :]:
        assert time.monotonic() < end
        time.sleep(0.005)
    return killed_after(process, after)


def whole(folder: Path, kubo: str) -> str:
    """What the ledger says of the version after a kill; all of it that is said to be somewhere is there, whole."""
    with Workspace.open(folder) as workspace, KuboStore(kubo) as node:
        for cid in workspace.blocks:
            workspace.blocks.get(cid)  # raises where the bytes are not those of the name
        versions = workspace.versions.all(str(workspace.chain.graph))
        assert len(versions) <= 1
        for version in versions:
            top = Cid.parse(version.directory)
            kept = [block.cid for block in walk(top, workspace.blocks)]
            if version.state != "built":
                assert {block.cid for block in walk(top, node)} == set(kept)
        return versions[0].state if versions else "nothing"


@pytest.mark.soak
def test_a_kill_anywhere_leaves_one_whole_version_or_none(
    small: Path,
    small_root: str,
    chain: Chain,
    kubo_api: str,
    tmp_path: Path,
    seed: int,
    soak_scale: Callable[[int], int],
) -> None:
    moments = random.Random(f"{seed} anywhere")
    seen: Counter[str] = Counter()
    for turn in range(soak_scale(100)):
        folder = tmp_path / f"anywhere-{turn}"
        owner = prepared(small, folder, chain, kubo_api)
        victim = SNAPSHOT if turn % 4 == 3 else PUBLISH
        chain.ask("evm_setIntervalMining", turn % 2)  # 0 stops mining altogether
        chain.ask("evm_setAutomine", turn % 2 == 0)
        before = chain.nonce(owner)
        reached = moments.choice((None, "built", "pinned", "signed", "sent")) if victim is PUBLISH else None
        # The interpreter takes most of a second before it comes to anything.
        after = moments.uniform(0.3, 3.0) if reached is None else moments.uniform(0, 0.3)
        ran = killed(folder, victim, reached, after)
        seen[f"{victim[0]} killed at {whole(folder, kubo_api)}" if ran else f"{victim[0]} was done"] += 1
        version = triplock(folder, "--json", *PUBLISH).json
        assert (version["version"], version["root"], version["state"]) == (1, small_root, "final")
        assert whole(folder, kubo_api) == "final"
        assert chain.nonce(owner) == before + 1, "one transaction in all"
        log = triplock(folder, "--json", "log").json["versions"]
        assert [entry["root"] for entry in log] == [small_root]
        triplock(folder, "verify", "1")
        chain.ask("evm_setIntervalMining", 0)
        chain.ask("evm_setAutomine", True)
    print(dict(sorted(seen.items())))
