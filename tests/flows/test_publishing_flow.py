"""Publishing from workspaces: racing publishers, blocks that vanish, transactions that wait, and what status says."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flow_places import ANVIL_KEYS, DOCUMENTS, Chain, anvil, command, configuration, copied, surroundings, triplock

from anchoring.chain.deploy import deploy_registry
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.keys import LocalKey
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


def steps(folder: Path) -> list[str]:
    return [step["state"] for step in triplock(folder, "--json", "status", **KEY).json["steps"]]


def test_of_racing_publishers_exactly_one_wins_and_the_others_can_rebase(
    small: Path, chain: Chain, tmp_path: Path
) -> None:
    folders = [placed(small, tmp_path / str(n), chain, "race", confirmations=1) for n in range(3)]
    for folder, document in zip(folders, MORE, strict=True):
        triplock(folder, "ingest", DOCUMENTS / document, **KEY)
        triplock(folder, "snapshot", **KEY)
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
    end = time.monotonic() + 60
    while chain.nonce(OWNER.address, "pending") == sent_before:
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(1.5)
    chain.ask("evm_setIntervalMining", 1)
    answers = [process.communicate(timeout=120)[0] for process in racing]
    codes = [process.returncode for process in racing]
    assert sorted(codes) == [0, 1, 1], answers
    log = triplock(folders[0], "--json", "log", **KEY).json["versions"]
    assert [version["version"] for version in log] == [1]

    winner = codes.index(0)
    for folder, answer, code in zip(folders, answers, codes, strict=True):
        if code:
            assert '"stale-parent"' in answer
            assert triplock(folders[winner], "--json", "status", **KEY).json["published"] == 1
            assert steps(folder)[-1] == "overtaken" or triplock(folder, "--json", "status", **KEY).json["waiting"]
    losers = [folder for folder, code in zip(folders, codes, strict=True) if code]
    numbers = [triplock(each, "--json", "publish", "--yes", "--rebase", **KEY).json["version"] for each in losers]
    assert numbers == [2, 3]
    log = triplock(folders[0], "--json", "log", **KEY).json["versions"]
    assert [version["version"] for version in log] == [3, 2, 1]
    assert len({version["root"] for version in log}) == 3, "each holds what its workspace holds"
    for loser in losers:
        triplock(loser, "verify", "2" if loser is losers[0] else "3", **KEY)


def test_versions_whose_blocks_vanish_are_sent_again_before_anything_new(
    small: Path, chain: Chain, tmp_path: Path
) -> None:
    folder = placed(small, tmp_path / "kg", chain, "reorganised")
    first = triplock(folder, "--json", "publish", "--yes", **KEY).json
    triplock(folder, "ingest", DOCUMENTS / MORE[0], **KEY)
    second = triplock(folder, "--json", "publish", "--yes", **KEY).json
    chain.ask("anvil_reorg", 2, [])
    assert triplock(folder, "--json", "log", **KEY).json["versions"] == []
    triplock(folder, "verify", "1", expect=2, **KEY)

    triplock(folder, "ingest", DOCUMENTS / MORE[1], **KEY)
    again = triplock(folder, "--json", "publish", "--yes", **KEY).json
    assert (again["head"], again["state"]) == (second["head"], "final")
    assert again["blockHash"] != second["blockHash"]
    third = triplock(folder, "--json", "publish", "--yes", **KEY).json
    assert third["parent"] == second["head"]
    log = triplock(folder, "--json", "log", **KEY).json["versions"]
    assert [version["root"] for version in log] == [third["root"], second["root"], first["root"]]
    with Workspace.open(folder) as workspace:
        notes = [step.note for step in workspace.versions.transitions(first["head"])]
    assert any(first["blockHash"] in note for note in notes)
    for number in "123":
        triplock(folder, "verify", number, **KEY)


def test_a_reorganisation_in_which_another_came_first_is_told_and_rebased(
    small: Path, chain: Chain, tmp_path: Path
) -> None:
    mine, theirs = (placed(small, tmp_path / name, chain, "two-branches") for name in ("mine", "theirs"))
    triplock(mine, "publish", "--yes", **KEY)
    triplock(mine, "ingest", DOCUMENTS / MORE[0], **KEY)
    triplock(mine, "publish", "--yes", **KEY)
    chain.ask("anvil_reorg", 2, [])
    triplock(theirs, "ingest", DOCUMENTS / MORE[1], **KEY)
    won = triplock(theirs, "--json", "publish", "--yes", **KEY).json
    lost = triplock(mine, "--json", "publish", "--yes", expect=1, **KEY)
    assert lost.json["error"]["code"] == "stale-parent"
    assert won["head"] in lost.words
    rebased = triplock(mine, "--json", "publish", "--yes", "--rebase", **KEY).json
    assert (rebased["version"], rebased["parent"]) == (2, won["head"])
    triplock(mine, "verify", "2", **KEY)


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
    done = triplock(folder, "--json", "publish", "--yes", **KEY).json
    assert (done["state"], done["transaction"]) == ("final", sent["transaction"])
    assert steps(folder) == ["built", "pinned", "signed", "sent", "mined", "final"]


def test_a_waiting_transaction_is_replaced_on_demand_within_the_ceiling(
    small: Path, chain: Chain, tmp_path: Path
) -> None:
    folder = placed(small, tmp_path / "kg", chain, "dearer")
    chain.ask("evm_setAutomine", False)
    before = chain.nonce(OWNER.address)
    sent = triplock(folder, "--json", "publish", "--yes", "--wait", "0", **KEY).json
    low = triplock(
        folder, "--json", "publish", "--yes", "--replace", "--max-cost", "0.001", "--wait", "0", expect=4, **KEY
    )
    assert low.json["error"]["code"] == "fee-above-ceiling"
    dearer = triplock(folder, "--json", "publish", "--yes", "--replace", "--wait", "0", **KEY).json
    assert dearer["transaction"] != sent["transaction"]
    chain.mine()
    done = triplock(folder, "--json", "publish", "--yes", **KEY).json
    assert (done["state"], done["transaction"]) == ("final", dearer["transaction"])
    assert chain.nonce(OWNER.address) == before + 1
    replaced = [s for s in triplock(folder, "--json", "status", **KEY).json["steps"] if "note" in s]
    assert sent["transaction"] in replaced[0]["note"]


def test_a_transaction_that_stays_out_of_the_blocks_is_replaced_by_itself(
    small: Path, chain: Chain, tmp_path: Path
) -> None:
    folder = placed(small, tmp_path / "kg", chain, "crowded", patience=0.5)
    chain.ask("evm_setAutomine", False)
    triplock(folder, "publish", "--yes", "--wait", "0", **KEY)
    with Workspace.open(folder) as workspace:
        attempts = workspace.versions.all()[-1].attempts
    assert attempts.count('"raw"') == 1
    publishing = subprocess.Popen(
        command(folder, "--quiet", "publish", "--yes"), env=surroundings(**KEY), stdout=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 60
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
        assert publishing.wait(60) == 0
    finally:
        publishing.kill()
        publishing.wait()
    assert steps(folder)[-1] == "final"
