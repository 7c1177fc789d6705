"""Versions on an EVM chain that is not ours: cost, history, two publishers, attackers, and endpoints that are wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from eth_account import Account
from flow_places import ANVIL_KEYS, DOCUMENTS, STATEMENT, Chain, anvil, configuration, copied, stranger, triplock

from anchoring.chain import transactions
from anchoring.chain.artifact import creation_code
from anchoring.chain.deploy import created_address
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.keys import LocalKey
from anchoring.signing.anchor import GraphId

pytestmark = pytest.mark.anvil

OWNER, ATTACKER, KEEPER = ANVIL_KEYS


@dataclass(frozen=True)
class Anchored:
    """A published version: its workspace, the graph, the endpoint, and the proof of one statement."""

    folder: Path
    graph: str
    rpc: str
    proof: Path
    said: str

    @property
    def trust(self) -> tuple[object, ...]:
        return ("--proof", self.proof, "--graph", self.graph, "--rpc", self.rpc)


def publish(folder: Path, chain: Chain, key: str) -> Anchored:
    """Publish what the workspace holds with a key of the environment, and prove one statement of it."""
    done = triplock(folder, "--json", "publish", "--yes", TRIPLOCK_PRIVATE_KEY=key)
    proof = folder / "statement.proof"
    triplock(folder, "prove", STATEMENT, "-o", proof, TRIPLOCK_PRIVATE_KEY=key)
    return Anchored(folder, done.json["graph"], chain.url, proof, done.err)


@pytest.fixture(scope="module")
def anchored(small: Path, chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Anchored:
    settings = configuration(chain={"endpoint": chain.url}, label="anvil-flow")
    folder = copied(small, tmp_path_factory.mktemp("anvil") / "kg", settings)
    first = triplock(folder, "chain", "deploy", TRIPLOCK_PRIVATE_KEY=OWNER).out
    assert triplock(folder, "chain", "deploy", TRIPLOCK_PRIVATE_KEY=OWNER).out == first
    return publish(folder, chain, OWNER)


def test_the_cost_is_said_and_the_log_tells_of_the_version(anchored: Anchored) -> None:
    assert "gas" in anchored.said
    assert "ETH" in anchored.said
    log = triplock(anchored.folder, "--json", "log", TRIPLOCK_PRIVATE_KEY=OWNER).json
    assert [version["version"] for version in log["versions"]] == [1]
    assert log["versions"][0]["publisher"] == Account.from_key(OWNER).address.lower()
    assert OWNER[2:] not in (anchored.folder / "triplock.toml").read_text() + anchored.said


def test_the_cost_comes_before_anything_is_sent(small: Path, chain: Chain, tmp_path: Path) -> None:
    settings = configuration(chain={"endpoint": chain.url, "registry": "0x" + "77" * 20}, label="nowhere")
    folder = copied(small, tmp_path / "kg", settings)
    before = chain.nonce(Account.from_key(OWNER).address)
    done = triplock(folder, "publish", "--yes", TRIPLOCK_PRIVATE_KEY=OWNER, expect=1)
    assert "no registry" in done.err.lower()
    assert chain.nonce(Account.from_key(OWNER).address) == before


def test_nobody_to_ask_means_nothing_is_sent(anchored: Anchored, small: Path, chain: Chain, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "kg", configuration(chain={"endpoint": chain.url}, label="unasked"))
    before = chain.nonce(Account.from_key(OWNER).address)
    done = triplock(folder, "publish", TRIPLOCK_PRIVATE_KEY=OWNER, expect=2)
    assert "ETH" in done.err
    assert chain.nonce(Account.from_key(OWNER).address) == before


def test_a_key_without_money_is_told_so(anchored: Anchored, small: Path, chain: Chain, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "kg", configuration(chain={"endpoint": chain.url}))
    done = triplock(folder, "publish", "--yes", TRIPLOCK_PRIVATE_KEY="0x" + "42" * 32, expect=2)
    assert "wei" in done.err
    assert "42" * 32 not in done.words


def test_a_keystore_publishes(
    anchored: Anchored, small: Path, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keystore = tmp_path / "owner.json"
    keystore.write_text(
        json.dumps(Account.encrypt(bytes.fromhex(KEEPER[2:]), "a password", kdf="pbkdf2", iterations=1000))
    )
    keystore.chmod(0o600)
    settings = configuration(chain={"endpoint": chain.url}, label="keystore")
    folder = copied(small, tmp_path / "kg", settings)
    monkeypatch.setenv("TRIPLOCK_CHAIN_KEYSTORE", str(keystore))
    right = "a password"
    assert triplock(folder, "--json", "publish", "--yes", TRIPLOCK_KEYSTORE_PASSWORD=right).json["new"]
    log = triplock(folder, "--json", "log", TRIPLOCK_KEYSTORE_PASSWORD=right).json
    assert log["versions"][0]["publisher"] == Account.from_key(KEEPER).address.lower()
    wrong = triplock(folder, "status", expect=2, TRIPLOCK_KEYSTORE_PASSWORD="not-it")
    assert "not-it" not in wrong.words


def test_a_stranger_gets_a_yes_and_without_a_chain_no_answer(anchored: Anchored, tmp_path: Path) -> None:
    stranger(tmp_path / "home", *anchored.trust, expect=0)
    stranger(tmp_path / "home", *anchored.trust[:4], expect=6)


def test_confirmations_are_counted(chain: Chain, anchored: Anchored, tmp_path: Path) -> None:
    wanted = int(chain.ask("eth_blockNumber"), 16)
    stranger(tmp_path / "home", *anchored.trust, "--confirmations", wanted + 5, expect=6)
    chain.mine(wanted + 5)
    stranger(tmp_path / "home", *anchored.trust, "--confirmations", wanted + 5, expect=0)


def test_an_endpoint_that_is_down_is_a_failed_service(anchored: Anchored, tmp_path: Path) -> None:
    stranger(tmp_path / "home", *anchored.trust[:4], "--rpc", "http://127.0.0.1:9", expect=4)


def test_another_chain_is_told_from_the_graphs(anchored: Anchored, cast: Path, tmp_path: Path) -> None:
    with anvil(cast, "--chain-id", "4242") as other:
        done = stranger(tmp_path / "home", *anchored.trust[:4], "--rpc", other.url, expect=1)
        assert "4242" in done.words
    with anvil(cast) as fork:
        stranger(tmp_path / "home", *anchored.trust[:4], "--rpc", fork.url, expect=1)


def test_of_two_publishers_one_wins_and_the_other_goes_on_from_there(
    small: Path, anchored: Anchored, chain: Chain, tmp_path: Path
) -> None:
    settings = configuration(chain={"endpoint": chain.url}, label="two-publishers")
    mine, theirs = (copied(small, tmp_path / name, settings) for name in ("mine", "theirs"))
    triplock(theirs, "ingest", DOCUMENTS / "erc-1155.md", TRIPLOCK_PRIVATE_KEY=OWNER)
    before = triplock(theirs, "export", TRIPLOCK_PRIVATE_KEY=OWNER).out
    waiting = triplock(theirs, "--json", "snapshot", TRIPLOCK_PRIVATE_KEY=OWNER).json
    won = triplock(mine, "--json", "publish", "--yes", TRIPLOCK_PRIVATE_KEY=OWNER).json
    lost = triplock(theirs, "--json", "publish", "--yes", TRIPLOCK_PRIVATE_KEY=OWNER, expect=1)
    assert lost.json["error"]["code"] == "stale-parent"
    assert triplock(theirs, "export", TRIPLOCK_PRIVATE_KEY=OWNER).out == before
    log = triplock(theirs, "--json", "log", TRIPLOCK_PRIVATE_KEY=OWNER).json
    assert [version["root"] for version in log["versions"]] == [won["root"]]
    assert log["waiting"]["root"] == waiting["root"]
    assert triplock(mine, "--json", "publish", "--yes", TRIPLOCK_PRIVATE_KEY=OWNER).json["new"] is False

    # What the error advises: a new snapshot, which then stands on the other's version.
    again = triplock(theirs, "--json", "snapshot", TRIPLOCK_PRIVATE_KEY=OWNER).json
    assert (again["version"], again["parent"], again["root"]) == (2, won["head"], waiting["root"])
    second = triplock(theirs, "--json", "publish", "--yes", TRIPLOCK_PRIVATE_KEY=OWNER).json
    assert second["head"] == again["head"]
    verdict = triplock(theirs, "--json", "verify", "2", TRIPLOCK_PRIVATE_KEY=OWNER).json
    assert "parent" in {check["name"] for check in verdict["checks"]}
    log = triplock(theirs, "--json", "log", TRIPLOCK_PRIVATE_KEY=OWNER).json
    assert [version["root"] for version in log["versions"]] == [waiting["root"], won["root"]]
    assert log["waiting"] is None
    assert triplock(theirs, "--json", "publish", "--yes", TRIPLOCK_PRIVATE_KEY=OWNER).json["new"] is False


@pytest.fixture(scope="module")
def attacker(small: Path, anchored: Anchored, chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Anchored:
    """The same contract at another address, on which the attacker published a graph of the same label and content."""
    key, endpoint = LocalKey(bytes.fromhex(ATTACKER[2:])), Endpoint(chain.url)
    message = {"from": key.address, "data": "0x" + creation_code().hex()}
    signed = transactions.sign(endpoint, key, message, ceiling=None, replaces=None)
    transactions.send(endpoint, signed.raw)
    transactions.wait(endpoint, signed.hash)
    registry = created_address(key.address, signed.nonce)
    settings = configuration(chain={"endpoint": chain.url, "registry": registry}, label="anvil-flow")
    folder = copied(small, tmp_path_factory.mktemp("attacker") / "kg", settings)
    return publish(folder, chain, ATTACKER)


def test_an_attackers_bundle_is_refused_under_the_true_graph(
    attacker: Anchored, anchored: Anchored, tmp_path: Path
) -> None:
    assert GraphId.parse(attacker.graph).registry != GraphId.parse(anchored.graph).registry
    home = tmp_path / "home"
    stranger(home, "--proof", attacker.proof, "--graph", anchored.graph, "--rpc", anchored.rpc, expect=1)
    stranger(home, "--proof", anchored.proof, "--graph", attacker.graph, "--rpc", anchored.rpc, expect=1)
    stranger(home, "--proof", attacker.proof, "--graph", anchored.graph, expect=1)


def test_a_true_bundle_at_the_attackers_registry_is_refused(
    attacker: Anchored, anchored: Anchored, tmp_path: Path
) -> None:
    true, false = GraphId.parse(anchored.graph), GraphId.parse(attacker.graph)
    mixed = GraphId(true.chain_id, false.registry, true.graph)
    stranger(tmp_path / "home", "--proof", anchored.proof, "--graph", mixed, "--rpc", anchored.rpc, expect=1)


def test_an_attackers_bundle_with_the_true_graph_written_into_it_is_refused(
    attacker: Anchored, anchored: Anchored, tmp_path: Path
) -> None:
    true, false = GraphId.parse(anchored.graph), GraphId.parse(attacker.graph)
    forged = attacker.proof.read_bytes()
    for mine, theirs in (
        (false.registry.encode(), true.registry.encode()),
        (bytes.fromhex(false.registry[2:]), bytes.fromhex(true.registry[2:])),
        (Account.from_key(ATTACKER).address.lower().encode(), Account.from_key(OWNER).address.lower().encode()),
    ):
        forged = forged.replace(mine, theirs)
    assert forged != attacker.proof.read_bytes()
    file = tmp_path / "forged.proof"
    file.write_bytes(forged)
    stranger(tmp_path / "home", "--proof", file, "--graph", anchored.graph, "--rpc", anchored.rpc, expect=1)
