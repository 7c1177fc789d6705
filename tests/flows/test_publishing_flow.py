"""Publishing from workspaces: racing publishers, blocks that vanish, transactions that wait, and what status says."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flow_places import ANVIL_KEYS, DOCUMENTS, Chain, anvil, command, configuration, copied, surroundings, triplock

from anchoring.chain.deploy import deploy_registry
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import StaleParent
from anchoring.chain.keys import LocalKey
from kg.jobs.versions import VersionRecord
from kg.workspace.workspace import Workspace

pytestmark = pytest.mark.anvil

OWNER = LocalKey(bytes.fromhex(ANVIL_KEYS[0][2:]))
KEY = {"TRIPLOCK_PRIVATE_KEY": ANVIL_KEYS[0]}
MORE = ("erc-1155.md", "erc-4626.md", "erc-1363.md")


@pytest.fixture(scope="module")
def running(cast: Path) -> Iterator[Chain]:
    with anvil(cast) as chain:
        deploy_registry(Endpoint(chain.url), OWNER)
        yield chain


@pytest.fixture
def chain(running: Chain) -> Iterator[Chain]:
    """Mines each transaction at first; what a test changes of that is put back."""
    yield running
    running.ask("anvil_dropAllTransactions")
    running.ask("evm_setIntervalMining", 0)
    running.ask("evm_setAutomine", True)


def placed(small: Path, folder: Path, chain: Chain, label: str, **chain_settings: object) -> Path:
    return copied(small, folder, configuration(chain={"endpoint": chain.url, **chain_settings}, label=label))


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs in this process has the key as the commands have it."""
    monkeypatch.setenv("TRIPLOCK_PRIVATE_KEY", ANVIL_KEYS[0])


def steps(folder: Path) -> list[str]:
    with Workspace.open(folder) as workspace:
        newest = workspace.versions.all(str(workspace.chain.graph))[-1]
        return [step.state for step in workspace.versions.transitions(newest.head)]


def ingest(folder: Path, document: str) -> None:
    with Workspace.open(folder) as workspace:
        assert workspace.ingest(DOCUMENTS / document).complete


def publish(folder: Path, **options: Any) -> VersionRecord:
    with Workspace.open(folder) as workspace:
        return workspace.publish(**options).record


def log(folder: Path) -> list[str]:
    """The roots that the chain tells of, oldest first."""
    with Workspace.open(folder) as workspace:
        return ["0x" + anchor.root.hex() for anchor in workspace.log()]


def verified(folder: Path, *numbers: int) -> bool:
    with Workspace.open(folder) as workspace:
        return all(workspace.verify(str(number)).exit_code == 0 for number in numbers)


def test_of_racing_publishers_exactly_one_wins_and_the_others_can_rebase(
    small: Path, chain: Chain, tmp_path: Path
) -> None:
    folders = [placed(small, tmp_path / str(n), chain, "race") for n in range(3)]
    for folder, document in zip(folders, MORE, strict=True):
        ingest(folder, document)
    chain.ask("evm_setAutomine", False)
    sent_before = chain.nonce(OWNER.address)
    racing = [
        subprocess.Popen(
            command(folder, "--json", "publish", "--yes"),
            env=surroundings(**KEY),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for folder in folders
    ]
    try:
        end = time.monotonic() + 300
        while chain.nonce(OWNER.address, "pending") == sent_before:
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(1.5)
        chain.ask("evm_setIntervalMining", 1)
        answers = [process.communicate(timeout=300)[0] for process in racing]
    finally:
        for process in racing:
            process.kill()
            process.communicate()
    codes = [process.returncode for process in racing]
    assert sorted(codes) == [0, 1, 1], answers
    assert len(log(folders[0])) == 1
    losers = [folder for folder, code in zip(folders, codes, strict=True) if code]
    for answer, code in zip(answers, codes, strict=True):
        if code:
            error = json.loads(answer)["error"]
            assert error["code"] == "stale-parent"
            assert "publish --rebase" in error["remedy"]
    assert [publish(each, rebase=True).number for each in losers] == [2, 3]
    assert len(set(log(folders[0]))) == 3, "each holds what its workspace holds"
    assert verified(losers[0], 2)
    assert verified(losers[1], 3)


def test_versions_whose_blocks_vanish_are_sent_again_before_anything_new(
    small: Path, chain: Chain, tmp_path: Path
) -> None:
    folder = placed(small, tmp_path / "kg", chain, "reorganised")
    first = publish(folder)
    ingest(folder, MORE[0])
    second = publish(folder)
    chain.ask("anvil_reorg", 2, [])
    assert log(folder) == []
    triplock(folder, "verify", "1", expect=2, **KEY)

    ingest(folder, MORE[1])
    again = publish(folder)
    assert (again.head, again.state) == (second.head, "final")
    assert again.block_hash != second.block_hash
    third = publish(folder)
    assert third.parent == second.head
    assert log(folder) == [first.root, second.root, third.root]
    with Workspace.open(folder) as workspace:
        notes = [step.note for step in workspace.versions.transitions(first.head)]
    assert any(first.block_hash in note for note in notes)
    assert verified(folder, 1, 2, 3)


def test_a_reorganisation_in_which_another_came_first_is_told_and_rebased(
    small: Path, chain: Chain, tmp_path: Path
) -> None:
    mine, theirs = (placed(small, tmp_path / name, chain, "two-branches") for name in ("mine", "theirs"))
    publish(mine)
    ingest(mine, MORE[0])
    publish(mine)
    chain.ask("anvil_reorg", 2, [])
    ingest(theirs, MORE[1])
    won = publish(theirs)
    with pytest.raises(StaleParent, match=won.head):
        publish(mine)
    rebased = publish(mine, rebase=True)
    assert (rebased.number, rebased.parent) == (2, won.head)
    assert verified(mine, 2)


def test_what_is_only_sent_is_shown_and_finished_later(small: Path, chain: Chain, tmp_path: Path) -> None:
    folder = placed(small, tmp_path / "kg", chain, "later", confirmations=3)
    chain.ask("evm_setAutomine", False)
    sent = triplock(folder, "--json", "publish", "--yes", "--wait", "0", **KEY).json
    assert (sent["state"], sent["block"]) == ("sent", None)
    status = triplock(folder, "--json", "status", **KEY).json
    assert status["waiting"] == {"version": 1, "state": "sent"}
    assert [step["state"] for step in status["steps"]] == ["built", "pinned", "signed", "sent"]
    assert status["published"] == 0
    waiting = triplock(folder, "--json", "publish", "--yes", "--wait", "0.3", expect=4, **KEY)
    assert waiting.json["error"]["code"] == "publish-pending"
    chain.mine()
    assert triplock(folder, "--json", "publish", "--yes", "--wait", "0", **KEY).json["state"] == "mined"
    chain.mine(2)
    done = publish(folder)
    assert (done.state, done.transaction_hash) == ("final", sent["transaction"])
    assert steps(folder) == ["built", "pinned", "signed", "sent", "mined", "final"]


def test_a_waiting_transaction_is_replaced_on_demand_within_the_ceiling(
    small: Path, chain: Chain, tmp_path: Path
) -> None:
    folder = placed(small, tmp_path / "kg", chain, "dearer")
    chain.ask("evm_setAutomine", False)
    before = chain.nonce(OWNER.address)
    sent = publish(folder, wait=0)
    low = triplock(
        folder, "--json", "publish", "--yes", "--replace", "--max-cost", "0.001", "--wait", "0", expect=4, **KEY
    )
    assert low.json["error"]["code"] == "fee-above-ceiling"
    dearer = triplock(folder, "--json", "publish", "--yes", "--replace", "--wait", "0", **KEY).json
    assert dearer["transaction"] != sent.transaction_hash
    chain.mine()
    done = publish(folder)
    assert (done.state, done.transaction_hash) == ("final", dearer["transaction"])
    assert chain.nonce(OWNER.address) == before + 1
    replaced = [s for s in triplock(folder, "--json", "status", **KEY).json["steps"] if "note" in s]
    assert sent.transaction_hash in replaced[0]["note"]


def test_a_transaction_that_stays_out_of_the_blocks_is_replaced_by_itself(
    small: Path, chain: Chain, tmp_path: Path
) -> None:
    folder = placed(small, tmp_path / "kg", chain, "crowded", patience=0.5)
    chain.ask("evm_setAutomine", False)
    publish(folder, wait=0)
    with Workspace.open(folder) as workspace:
        attempts = workspace.versions.all()[-1].attempts
    assert attempts.count('"raw"') == 1
    publishing = subprocess.Popen(
        command(folder, "--quiet", "publish", "--yes"), env=surroundings(**KEY), stdout=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 300
        while attempts.count('"raw"') < 2:
            assert time.monotonic() < end
            assert publishing.poll() is None
            chain.ask("anvil_setNextBlockBaseFeePerGas", hex(10**12))
            chain.mine()
            time.sleep(0.2)
            with Workspace.open(folder) as workspace:
                attempts = workspace.versions.all()[-1].attempts
        chain.ask("anvil_setNextBlockBaseFeePerGas", hex(10**9))
        chain.mine()
        assert publishing.wait(300) == 0
    finally:
        publishing.kill()
        publishing.wait()
    assert steps(folder)[-1] == "final"
