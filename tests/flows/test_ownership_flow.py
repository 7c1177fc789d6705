"""A graph that changes hands, and publishers that were let: who is taken a version from, from the command line."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from eth_account import Account
from flow_places import ANVIL_KEYS, DOCUMENTS, STATEMENT, configuration, copied, stranger, triplock
from own_anvil import Chain, anvil

from anchoring.chain import transactions
from anchoring.chain.deploy import created_address
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.keys import LocalKey
from kg.cli.main import run

pytestmark = pytest.mark.anvil

DAY = 86_400
CONTRACTS = Path(__file__).parents[1] / "contracts"


@dataclass(frozen=True)
class Someone:
    """A workspace and the key that publishes from it."""

    folder: Path
    key: str

    @property
    def account(self) -> str:
        return str(Account.from_key(self.key).address).lower()

    def says(self, *words: object, expect: int = 0) -> Any:
        """What the command prints as JSON; run in this process, since there are many."""
        out, err = io.StringIO(), io.StringIO()
        with patch.dict(os.environ, TRIPLOCK_PRIVATE_KEY=self.key), redirect_stdout(out), redirect_stderr(err):
            code = run(["-C", str(self.folder), "--json", *map(str, words)])
        assert code == expect, out.getvalue() + err.getvalue()
        return json.loads(out.getvalue())

    def refused(self, code: str, *words: object) -> None:
        assert self.says(*words, expect=1)["error"]["code"] == code

    def publish(self, document: str, *options: str) -> int:
        """The version that comes of one more document."""
        self.says("ingest", DOCUMENTS / document)
        return int(self.says("publish", "--yes", *options)["version"])


@pytest.fixture
def own_chain(cast: Path) -> Iterator[Chain]:
    with anvil(cast) as chain:
        yield chain


@pytest.fixture
def people(small: Path, own_chain: Chain, tmp_path: Path) -> tuple[Someone, Someone, Someone]:
    """Who made the graph, and two others with a workspace of the same graph."""
    made = []
    for name, key in zip(("owner", "heir", "helper"), ANVIL_KEYS, strict=True):
        creator = "" if name == "owner" else str(Account.from_key(ANVIL_KEYS[0]).address)
        settings = configuration(chain={"endpoint": own_chain.url}, label="handed-on", creator=creator)
        made.append(Someone(copied(small, tmp_path / name, settings), key))
    triplock(made[0].folder, "chain", "deploy", TRIPLOCK_PRIVATE_KEY=made[0].key)
    return made[0], made[1], made[2]


def verified(someone: Someone, chain: Chain, home: Path) -> None:
    """A stranger believes a proof from this workspace, for the graph's id alone."""
    proof = someone.folder / "statement.proof"
    someone.says("prove", STATEMENT, "-o", proof)
    graph = someone.says("owner", "show")["graph"]
    done = stranger(home, "--proof", proof, "--graph", graph, "--rpc", chain.url, expect=0)
    assert f"published by {someone.account}" in done.words


def test_after_a_transfer_the_former_owner_is_refused_and_the_graph_goes_on(
    people: tuple[Someone, Someone, Someone], own_chain: Chain, tmp_path: Path
) -> None:
    owner, heir, helper = people
    assert owner.says("publish", "--yes")["version"] == 1
    graph = owner.says("owner", "show")
    assert (graph["owner"], graph["creator"], graph["mine"]) == (owner.account, owner.account, True)
    heir.refused("not-owner", "owner", "transfer", heir.account, "--yes")
    heir.refused("not-owner", "owner", "accept", "--yes")
    owner.says("publisher", "add", helper.account, "--until", "30d", "--yes")

    owner.says("owner", "transfer", Account.from_key(heir.key).address, "--yes")
    assert heir.says("owner", "show")["pending"] == heir.account
    assert owner.publish("erc-1155.md") == 2
    heir.says("owner", "accept", "--yes")

    owner.says("ingest", DOCUMENTS / "erc-1363.md")
    owner.refused("not-publisher", "publish", "--yes")
    owner.refused("not-owner", "publisher", "add", owner.account, "--until", "forever", "--yes")
    helper.says("ingest", DOCUMENTS / "erc-1271.md")
    helper.refused("stale-parent", "publish", "--yes")
    helper.refused("not-publisher", "publish", "--yes", "--rebase")

    assert heir.publish("erc-2981.md", "--rebase") == 3
    shown = heir.says("owner", "show")
    assert (shown["graph"], shown["owner"], shown["mine"]) == (graph["graph"], heir.account, True)
    assert [(each["from"], each["to"]) for each in shown["transfers"]] == [(owner.account, heir.account)]
    log = heir.says("log")["versions"]
    assert [each["publisher"] for each in log] == [heir.account, owner.account, owner.account]
    verified(heir, own_chain, tmp_path / "home")


def test_a_delegate_publishes_until_its_time_is_over(
    people: tuple[Someone, Someone, Someone], own_chain: Chain, tmp_path: Path
) -> None:
    owner, _, helper = people
    assert owner.says("publish", "--yes")["version"] == 1
    helper.says("ingest", DOCUMENTS / "erc-1155.md")
    helper.refused("stale-parent", "publish", "--yes")
    helper.refused("not-publisher", "publish", "--yes", "--rebase")
    assert owner.says("publisher", "add", helper.account, "--until", "12h", expect=2)["error"], "nobody was asked"
    owner.says("publisher", "add", helper.account, "--until", "30d", "--yes")
    listed = owner.says("publisher", "list")
    assert listed["owner"] == owner.account
    assert [each["account"] for each in listed["publishers"]] == [helper.account]
    assert helper.says("publish", "--yes", "--rebase")["version"] == 2
    verified(helper, own_chain, tmp_path / "home")

    own_chain.ask("evm_increaseTime", 31 * DAY)
    own_chain.mine()
    assert owner.says("publisher", "list")["publishers"] == []
    helper.says("ingest", DOCUMENTS / "erc-2981.md")
    helper.refused("not-publisher", "publish", "--yes", "--rebase")
    assert len(owner.says("log")["versions"]) == 2


def test_a_version_that_one_signs_and_another_sends(
    people: tuple[Someone, Someone, Someone], own_chain: Chain, tmp_path: Path
) -> None:
    owner, sender, _ = people
    poor = Someone(owner.folder, "0x" + "42" * 32)
    file = tmp_path / "version.relay"
    signed = poor.says("relay", "sign", "-o", file, "--until", "7d")
    assert (signed["publisher"], signed["version"]) == (poor.account, 1)
    assert own_chain.nonce(poor.account) == 0
    altered = tmp_path / "altered.relay"
    altered.write_bytes(file.read_bytes().replace(b'"quads":', b'"quads":1'))
    sender.refused("relay-refused", "relay", "send", altered, "--yes")
    sent = sender.says("relay", "send", file, "--yes")
    assert (sent["publisher"], sent["graph"], sent["head"]) == (poor.account, signed["graph"], signed["head"])
    assert sender.says("relay", "send", file, "--yes")["transaction"] == sent["transaction"]
    published = poor.says("publish", "--yes")
    assert (published["state"], published["new"], published["head"]) == ("final", False, signed["head"])
    assert own_chain.nonce(poor.account) == 0
    verified(poor, own_chain, tmp_path / "home")

    late = tmp_path / "late.relay"
    poor.says("ingest", DOCUMENTS / "erc-1155.md")
    poor.says("relay", "sign", "-o", late, "--until", "12h")
    own_chain.ask("evm_increaseTime", DAY)
    own_chain.mine()
    sender.refused("relay-refused", "relay", "send", late, "--yes")


def test_a_contract_account_publishes_from_a_workspace(
    people: tuple[Someone, Someone, Someone], own_chain: Chain, tmp_path: Path
) -> None:
    keeper, sender, _ = people
    endpoint, key = Endpoint(own_chain.url), LocalKey(bytes.fromhex(sender.key[2:]))
    code = json.loads((CONTRACTS / "TestWallet.json").read_text())["bytecode"]
    message = {"from": key.address, "data": code + keeper.account[2:].rjust(64, "0")}
    made = transactions.sign(endpoint, key, message, ceiling=None, replaces=None)
    transactions.send(endpoint, made.raw)
    transactions.wait(endpoint, made.hash)
    wallet = created_address(key.address, made.nonce)

    file = keeper.folder / "triplock.toml"
    file.write_text(file.read_text().replace('account = ""', f'account = "{wallet}"'))
    relay = tmp_path / "version.relay"
    signed = keeper.says("relay", "sign", "-o", relay)
    assert signed["publisher"] == wallet
    keeper.refused("not-publisher", "publish", "--yes")
    assert sender.says("relay", "send", relay, "--yes")["publisher"] == wallet
    assert keeper.says("publish", "--yes")["state"] == "final"
    shown = keeper.says("owner", "show")
    assert (shown["owner"], shown["mine"]) == (wallet, True)
    proof = tmp_path / "statement.proof"
    keeper.says("prove", STATEMENT, "-o", proof)
    trust = ("--proof", proof, "--graph", shown["graph"])
    done = stranger(tmp_path / "home", *trust, "--rpc", own_chain.url, expect=0)
    assert f"published by {wallet}" in done.words
    stranger(tmp_path / "home", *trust, expect=6)
