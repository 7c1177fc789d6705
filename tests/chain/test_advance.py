"""A publication's way to finality on a chain that stands still, forgets, reorganises and has other publishers."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from own_anvil import Chain, anvil
from test_publishing import now, version

from anchoring.chain.advance import Declined, Publishing
from anchoring.chain.deploy import deploy_registry
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import FeeAboveCeiling, PublishPending, StaleParent
from anchoring.chain.keys import LocalKey
from anchoring.chain.progress import Finality, Limits, Progress
from anchoring.chain.publish import Publication
from anchoring.chain.registry import RegistryClient
from anchoring.chain.transactions import Cost

pytestmark = pytest.mark.anvil

START = Progress("pinned")
SOON = Limits(patience=0.0)


@pytest.fixture(scope="module")
def running(cast: Path) -> Iterator[Chain]:
    with anvil(cast, "--slots-in-an-epoch", "1") as one:
        Deployer = LocalKey(b"\x11" * 32)
        one.ask("anvil_setBalance", Deployer.address, hex(10**20))
        deploy_registry(Endpoint(one.url), Deployer)
        yield one


@pytest.fixture
def chain(running: Chain) -> Iterator[Chain]:
    """A chain that mines when it is told to."""
    running.ask("evm_setAutomine", False)
    yield running
    running.ask("anvil_dropAllTransactions")
    running.ask("evm_setAutomine", True)


class Way:
    """One publisher's publication, with all that was kept of it."""

    def __init__(self, chain: Chain, publication: Publication | None = None, key: LocalKey | None = None) -> None:
        self.chain = chain
        self.key = key or LocalKey(secrets.token_bytes(32))
        chain.ask("anvil_setBalance", self.key.address, hex(10**20))
        endpoint = Endpoint(chain.url)
        self.client = RegistryClient(endpoint, deploy_registry(endpoint, self.key))
        self.publication = publication or version("a")
        self.kept: list[Progress] = []
        self.asked: list[Cost] = []

    def machine(self, limits: Limits | None = None, *, agree: bool = True, left: Way | None = None) -> Publishing:
        def consent(cost: Cost) -> bool:
            self.asked.append(cost)
            return agree

        return Publishing(
            self.client,
            self.key,
            self.publication,
            keep=self.kept.append,
            limits=limits,
            consent=consent,
            left_behind=left.last.attempts if left else (),
        )

    @property
    def last(self) -> Progress:
        return self.kept[-1] if self.kept else START

    @property
    def states(self) -> list[str]:
        return [progress.state for progress in self.kept]

    def go(self, limits: Limits | None = None, *, wait: float = 0.0) -> Progress:
        """What a new process does: go on from what was kept."""
        return self.machine(limits).run(self.last, wait=wait)

    def versions(self) -> list[int]:
        graph = self.publication.graph(self.client, self.key.address)
        return [anchor.version for anchor in self.client.anchors(graph)]

    def crowd_out(self) -> None:
        """A block whose base fee is above what the waiting transaction pays."""
        fee = self.last.attempts[-1].transaction.fees.most + 1
        self.chain.ask("anvil_setNextBlockBaseFeePerGas", hex(fee))
        self.chain.mine()
        self.chain.ask("anvil_setNextBlockBaseFeePerGas", hex(10**9))


def test_each_state_is_kept_in_its_order(chain: Chain) -> None:
    way = Way(chain)
    assert way.go().state == "sent"
    assert way.go().state == "sent"
    chain.mine()
    assert way.go().state == "final"
    assert way.states == ["signed", "sent", "mined", "final"]
    assert len(way.asked) == 1
    assert way.versions() == [1]


def test_what_is_declined_is_not_signed(chain: Chain) -> None:
    way = Way(chain)
    with pytest.raises(Declined):
        way.machine(agree=False).run(START, wait=0)
    assert way.kept == []


def test_finality_takes_its_confirmations(chain: Chain) -> None:
    way, limits = Way(chain), Limits(finality=Finality(3))
    way.go(limits)
    chain.mine(2)
    assert way.go(limits).state == "mined"
    with pytest.raises(PublishPending, match="not final"):
        way.go(limits, wait=0.2)
    chain.mine()
    assert way.go(limits, wait=5).state == "final"


def test_finality_takes_the_chains_own_tag(chain: Chain) -> None:
    way, limits = Way(chain), Limits(finality=Finality(by_tag=True))
    way.go(limits)
    chain.mine()
    assert way.go(limits).state == "mined"
    while int(chain.ask("eth_getBlockByNumber", "finalized", False)["number"], 16) < (way.last.block_number or 0):
        assert way.go(limits).state == "mined"
        chain.mine()
    assert way.go(limits).state == "final"


def test_what_the_pool_has_lost_is_sent_again_as_it_was(chain: Chain) -> None:
    way = Way(chain)
    sent = way.go().attempts
    chain.ask("anvil_dropAllTransactions")
    assert way.go().attempts == sent
    chain.mine()
    assert way.go().state == "final"
    assert chain.nonce(way.key.address) == 1


def test_a_stuck_transaction_is_replaced_at_its_nonce_by_one_that_pays_more(chain: Chain) -> None:
    way = Way(chain)
    way.go()
    way.crowd_out()
    machine = way.machine(SOON)
    progress = machine.step(way.last)
    assert len(progress.attempts) == 1, "a chain that has not moved since is not paid more"
    way.chain.ask("anvil_setNextBlockBaseFeePerGas", hex(way.last.attempts[-1].transaction.fees.most + 1))
    chain.mine()
    progress = machine.step(way.last)
    first, second = (each.transaction for each in progress.attempts)
    assert (second.nonce, progress.transaction) == (first.nonce, second.hash)
    assert second.fees.most * 8 >= first.fees.most * 9
    assert second.fees.tip * 8 >= first.fees.tip * 9
    assert len(way.asked) == 2
    chain.ask("anvil_setNextBlockBaseFeePerGas", hex(10**9))
    chain.mine()
    assert way.go().state == "final"
    assert chain.nonce(way.key.address) == 1
    assert way.versions() == [1]
    assert "in place of" in way.kept[2].note


def test_nobody_pays_above_the_ceiling(chain: Chain) -> None:
    way = Way(chain)
    way.go()
    most = way.last.attempts[0].cost.most
    limits = Limits(ceiling=most, patience=0.0)
    machine = way.machine(limits)
    machine.step(way.last)
    way.crowd_out()
    assert machine.step(way.last).attempts == way.last.attempts
    with pytest.raises(FeeAboveCeiling):
        way.machine(limits).replaced(way.last)
    assert len(way.last.attempts) == 1
    more = way.machine(Limits(ceiling=2 * most)).replaced(way.last)
    assert more.attempts[-1].cost.most <= 2 * most
    chain.mine()
    assert way.go().state == "final"


def test_the_transaction_before_may_be_the_one_that_is_mined(chain: Chain) -> None:
    way = Way(chain)
    way.go()
    first = way.last.attempts[0].transaction
    way.machine().replaced(way.last)
    chain.ask("anvil_dropAllTransactions")
    chain.ask("eth_sendRawTransaction", "0x" + first.raw.hex())
    chain.mine()
    assert way.go().state == "final"
    assert way.last.transaction == first.hash


@pytest.mark.parametrize("at", ["mined", "final"])
def test_a_reorganisation_is_undone_and_redone(chain: Chain, at: str) -> None:
    way = Way(chain)
    limits = Limits(finality=Finality(1 if at == "final" else 9))
    way.go(limits)
    chain.mine()
    assert way.go(limits).state == at
    lost = way.last.block_hash
    chain.ask("anvil_reorg", 1, [])
    assert way.versions() == []
    back = way.machine(limits).step(way.last)
    assert back.state == "sent"
    assert lost.hex() in back.note
    chain.mine()
    assert way.go(limits, wait=0).state == at
    assert way.last.block_hash != lost
    assert chain.nonce(way.key.address) == 1
    assert way.versions() == [1]
    assert way.client.endpoint.block(way.last.block_number or 0).hash == way.last.block_hash


def test_a_version_that_comes_into_another_block_is_mined_there(chain: Chain) -> None:
    way, limits = Way(chain), Limits(finality=Finality(5))
    way.go(limits)
    chain.mine()
    lost = way.go(limits)
    chain.ask("anvil_reorg", 1, [["0x" + lost.attempts[0].transaction.raw.hex(), 0]])
    moved = way.go(limits)
    assert (moved.state, way.states) == ("mined", ["signed", "sent", "mined", "mined"])
    assert moved.block_hash != lost.block_hash
    assert lost.block_hash.hex() in moved.note


def test_who_comes_second_is_told_the_new_head_and_pays_no_further(chain: Chain) -> None:
    key = LocalKey(secrets.token_bytes(32))
    first, second = Way(chain, version("first"), key), Way(chain, version("second"), key)
    second.go()
    chain.ask("anvil_dropAllTransactions")
    first.go()
    chain.mine()
    assert first.go().state == "final"
    with pytest.raises(StaleParent) as stale:
        second.go()
    head = first.publication.fields(first.client, key.address).head
    assert stale.value.actual == head
    assert second.last.state == "overtaken"
    assert head.hex() in second.last.note
    with pytest.raises(StaleParent):
        second.go()
    assert second.states.count("overtaken") == 1
    assert chain.nonce(key.address) == 1


def test_who_was_overtaken_goes_on_when_the_other_is_reorganised_away(chain: Chain) -> None:
    key = LocalKey(secrets.token_bytes(32))
    first, second = Way(chain, version("first"), key), Way(chain, version("second"), key)
    second.go()
    chain.ask("anvil_dropAllTransactions")
    first.go()
    chain.mine()
    with pytest.raises(StaleParent):
        second.go()
    chain.ask("anvil_reorg", 1, [])
    assert second.go().state == "sent"
    chain.mine()
    assert second.go().state == "final"
    assert second.versions() == [1]


def test_a_transaction_that_the_chain_undid_is_no_publication(chain: Chain) -> None:
    """Two keys' transactions in one block would be the same; here the loser is put in behind the winner."""
    key = LocalKey(secrets.token_bytes(32))
    second = Way(chain, version("second"), key)
    chain.ask("evm_setAutomine", True)
    spent = now(second.client, key, version("other graph", label=bytes(31) + b"\x01"))
    chain.ask("evm_setAutomine", False)
    assert spent.version == 1
    second.go()
    chain.ask("anvil_dropAllTransactions")
    loser = second.last.attempts[0].transaction
    # The winner takes the nonce before the loser's, which a reorganisation has made free again.
    winner = Way(chain, version("first"), key)
    chain.ask("anvil_reorg", 1, [])
    winner.go()
    chain.mine()
    assert winner.go().state == "final"
    chain.ask("eth_sendRawTransaction", "0x" + loser.raw.hex())
    chain.mine()
    receipt = chain.ask("eth_getTransactionReceipt", "0x" + loser.hash.hex())
    assert receipt["status"] == "0x0"
    with pytest.raises(StaleParent):
        second.go()
    assert second.last.state == "overtaken"


def test_a_nonce_that_another_program_used_costs_a_new_signature(chain: Chain) -> None:
    way = Way(chain)
    way.go()
    chain.ask("anvil_dropAllTransactions")
    other = Way(chain, version("b", label=bytes(31) + b"\x02"), way.key)
    other.go()
    chain.mine()
    assert way.go().state == "sent"
    assert way.states == ["signed", "sent", "pinned", "signed", "sent"]
    assert "nonce 0" in way.kept[2].note
    chain.mine()
    assert way.go().state == "final"
    assert way.versions() == [1]


def test_the_transaction_of_a_version_given_up_is_replaced(chain: Chain) -> None:
    old = Way(chain)
    old.go()
    new = Way(chain, version("b"), old.key)
    new.machine(left=old).run(START, wait=0)
    assert new.last.attempts[0].transaction.nonce == old.last.attempts[0].transaction.nonce
    chain.mine()
    assert new.go().state == "final"
    with pytest.raises(StaleParent):
        old.go()
    assert chain.nonce(old.key.address) == 1


class Killed(BaseException):
    """Stands for SIGKILL."""


@pytest.mark.parametrize("stored", [True, False], ids=["after storing", "before storing"])
@pytest.mark.parametrize("at", range(4), ids=["signed", "sent", "mined", "final"])
def test_a_kill_around_any_state_loses_and_doubles_nothing(chain: Chain, at: int, stored: bool) -> None:
    way = Way(chain)
    chain.ask("evm_setAutomine", True)
    left = [at]

    def keep(progress: Progress) -> None:
        left[0] -= 1
        if left[0] == -1:
            if stored:
                way.kept.append(progress)
            raise Killed
        way.kept.append(progress)

    machine = Publishing(way.client, way.key, way.publication, keep=keep)
    with pytest.raises(Killed):
        machine.run(START, wait=5)
    assert way.go(wait=5).state == "final"
    assert way.versions() == [1]
    assert chain.nonce(way.key.address) == 1
