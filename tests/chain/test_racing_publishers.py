"""Many publishers of one graph at once: one wins each head, the others are told it, and all get in by rebasing."""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from own_anvil import Chain, anvil
from test_publishing import LABEL, version

from anchoring.chain.advance import Publishing
from anchoring.chain.deploy import deploy_registry
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import StaleParent
from anchoring.chain.keys import LocalKey
from anchoring.chain.ownership import FOREVER, OwnedGraph
from anchoring.chain.progress import Progress
from anchoring.chain.publish import Publication
from anchoring.chain.registry import RegistryClient
from anchoring.signing.anchor import ZERO_WORD

pytestmark = pytest.mark.anvil

DELEGATES = 4


@pytest.fixture(scope="module")
def running(cast: Path) -> Iterator[Chain]:
    with anvil(cast) as chain:
        yield chain


def rich(chain: Chain) -> LocalKey:
    key = LocalKey(secrets.token_bytes(32))
    chain.ask("anvil_setBalance", key.address, hex(10**20))
    return key


@pytest.fixture
def graph(running: Chain) -> Iterator[tuple[OwnedGraph, list[LocalKey]]]:
    """A graph, and those who may publish to it; from here on the chain mines when it is told to."""
    running.ask("evm_setAutomine", True)
    owner = rich(running)
    endpoint = Endpoint(running.url)
    client = RegistryClient(endpoint, deploy_registry(endpoint, owner))
    made = OwnedGraph(client, owner.address, LABEL)
    keys = [rich(running) for _ in range(DELEGATES)]
    for key in keys:
        made.delegate(owner, key.address, FOREVER)
    running.ask("evm_setAutomine", False)
    yield made, keys
    running.ask("anvil_dropAllTransactions")


class Publisher:
    """One who wants one version of theirs on the chain, on whatever head."""

    def __init__(self, chain: Chain, graph: OwnedGraph, key: LocalKey, name: str) -> None:
        self.client = RegistryClient(Endpoint(chain.url), graph.client.address)
        self.key, self.name, self.creator = key, name, graph.creator
        self.parent = ZERO_WORD
        self.progress = Progress("pinned")
        self.told: list[bytes] = []

    @property
    def publication(self) -> Publication:
        return replace(version(self.name, self.parent), creator=self.creator)

    def keep(self, progress: Progress) -> None:
        self.progress = progress

    def go(self, wait: float = 0.0) -> str:
        return Publishing(self.client, self.key, self.publication, keep=self.keep).run(self.progress, wait=wait).state

    def rebase(self, head: bytes) -> None:
        self.told.append(head)
        self.parent, self.progress = head, Progress("pinned")

    def persist(self) -> None:
        while True:
            try:
                assert self.go(wait=60) == "final"
                return
            except StaleParent as stale:
                self.rebase(stale.actual)


def test_of_transactions_in_one_block_one_counts_and_the_others_are_undone(
    running: Chain, graph: tuple[OwnedGraph, list[LocalKey]]
) -> None:
    made, keys = graph
    racing = [Publisher(running, made, key, f"of {n}") for n, key in enumerate(keys)]
    for publisher in racing:
        assert publisher.go() == "sent"
    running.mine()
    block = running.ask("eth_getBlockByNumber", "latest", False)
    assert len(block["transactions"]) == len(racing)
    ends = []
    for publisher in racing:
        try:
            ends.append(publisher.go())
        except StaleParent as stale:
            ends.append(publisher.progress.state)
            publisher.rebase(stale.actual)
    assert sorted(ends) == ["final"] + ["overtaken"] * (len(racing) - 1)
    anchors = made.client.anchors(made.id)
    assert len(anchors) == 1
    assert all(publisher.told == [anchors[0].head] for publisher in racing if publisher.told)


@contextmanager
def mining(chain: Chain, chance: random.Random) -> Iterator[None]:
    """Blocks at random moments."""
    done = threading.Event()

    def mine() -> None:
        while not done.wait(chance.uniform(0.02, 0.5)):
            chain.mine()

    thread = threading.Thread(target=mine)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.mark.soak
@pytest.mark.parametrize("whose", ["keys of their own", "one key"])
def test_all_who_rebase_get_in_exactly_once(
    running: Chain,
    graph: tuple[OwnedGraph, list[LocalKey]],
    whose: str,
    seed: int,
    soak_scale: Callable[[int], int],
) -> None:
    made, keys = graph
    chance = random.Random(f"{seed} {whose}")
    expected: list[bytes] = []
    for turn in range(soak_scale(25)):
        head = made.client.head(made.id)
        racing = [
            Publisher(running, made, keys[0] if whose == "one key" else key, f"turn {turn} of {n}")
            for n, key in enumerate(keys[:3])
        ]
        for publisher in racing:
            publisher.parent = head
        began = time.monotonic()
        with mining(running, chance), ThreadPoolExecutor(len(racing)) as pool:
            for end in [pool.submit(publisher.persist) for publisher in racing]:
                end.result(timeout=300)
        anchors = made.client.anchors(made.id)
        expected += [version(publisher.name).root for publisher in racing]
        assert sorted(anchor.root for anchor in anchors) == sorted(expected), f"after {time.monotonic() - began:.0f} s"
        assert [anchor.version for anchor in anchors] == list(range(1, len(expected) + 1))
