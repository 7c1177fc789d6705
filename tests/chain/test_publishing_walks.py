"""Random walks: an endpoint that fails, a pool that forgets, blocks that vanish, fees that rise, runs that are killed.

However they are mixed, once the chain goes on and the endpoint answers, one version is final and stands in a block of
the chain, and never was anything called final that did not stand there.
"""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from misbehaving_proxy import Proxy, misbehaving
from own_anvil import Chain, anvil
from test_publishing import version

from anchoring.chain.advance import Publishing
from anchoring.chain.deploy import deploy_registry
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import PublishPending
from anchoring.chain.keys import LocalKey
from anchoring.chain.progress import Finality, Limits, Progress
from anchoring.chain.registry import RegistryClient
from anchoring.chain.retries import Retries
from anchoring.errors import TriplockError
from anchoring.signing.anchor import ZERO_WORD

pytestmark = pytest.mark.anvil

FAULTS = ("close", "truncate", "500", "502", "429", "503", "html", "hang")
QUICK = Retries(tries=2, first=0.01, most=0.02)


@pytest.fixture(scope="module")
def chain(cast: Path) -> Iterator[Chain]:
    with anvil(cast) as running:
        yield running


@pytest.fixture(scope="module")
def proxy(chain: Chain) -> Iterator[Proxy]:
    with misbehaving(chain.url) as one:
        one.hangs = 0.4
        yield one


class Killed(BaseException):
    """Stands for SIGKILL while a state is kept."""


class Walk:
    """One publication, and what happens around it."""

    def __init__(self, chain: Chain, proxy: Proxy, chance: random.Random) -> None:
        self.chain, self.proxy, self.chance = chain, proxy, chance
        self.key = LocalKey(secrets.token_bytes(32))
        chain.ask("evm_setAutomine", True)
        chain.ask("anvil_setBalance", self.key.address, hex(10**21))
        self.truth = RegistryClient(Endpoint(chain.url), deploy_registry(Endpoint(chain.url), self.key))
        # Reorganisations of the walk must not reach what was there before it.
        chain.mine(3)
        chain.ask("evm_setAutomine", False)
        self.publication = version(secrets.token_hex(8))
        self.graph = self.publication.graph(self.truth, self.key.address)
        self.limits = Limits(patience=0.0, finality=Finality(chance.randrange(1, 4)), attempts=30)
        self.kept = Progress("pinned")
        self.seen: Counter[str] = Counter()
        self.blocks = 0

    def keep(self, progress: Progress) -> None:
        chance = self.chance.random()
        if chance < 0.1:
            raise Killed
        self.kept = progress
        if chance > 0.9:
            raise Killed

    def run(self, *, wait: float = 0.0, url: str = "") -> None:
        endpoint = Endpoint(url or self.proxy.url, retries=QUICK, timeout=0.3 if not url else 30)
        client = RegistryClient(endpoint, self.truth.address)
        keep = self.keep if not url else lambda progress: setattr(self, "kept", progress)
        machine = Publishing(client, self.key, self.publication, keep=keep, limits=self.limits, sleep=lambda _: None)
        try:
            # A final version is looked for again, as `publish` does.
            ended = machine.step(self.kept) if self.kept.state == "final" else machine.run(self.kept, wait=wait)
            self.seen[ended.state] += 1
            if ended.state == "final":
                assert self.truth.head(self.graph) != ZERO_WORD
        except TriplockError as error:
            self.seen[error.code] += 1
            if url and not isinstance(error, PublishPending):
                raise
        except Killed:
            self.seen["killed"] += 1

    def event(self) -> None:
        match self.chance.randrange(7):
            case 0 | 1:
                self.chain.mine()
                self.blocks += 1
            case 2 if self.blocks:
                depth = self.chance.randrange(1, min(self.blocks, 3) + 1)
                self.chain.ask("anvil_reorg", depth, [])
                self.seen["reorganised"] += 1
            case 3:
                self.chain.ask("anvil_dropAllTransactions")
            case 4:
                self.proxy.faults = [self.chance.choice([*FAULTS, None]) for _ in range(self.chance.randrange(1, 9))]  # type: ignore[misc]
            case 5:
                fee = 10 ** self.chance.randrange(9, 12)
                self.chain.ask("anvil_setNextBlockBaseFeePerGas", hex(fee))
            case _:
                pass
        self.run()

    def end(self) -> None:
        """All is well from here on."""
        self.proxy.faults = []
        self.chain.ask("anvil_setNextBlockBaseFeePerGas", hex(10**9))
        for _ in range(60):
            self.run(url=self.chain.url)
            if self.kept.state == "final":
                return
            self.chain.mine()
        raise AssertionError(f"never final: {self.kept}")


@pytest.mark.soak
def test_whatever_happens_one_version_comes_of_it(
    chain: Chain, proxy: Proxy, seed: int, soak_scale: Callable[[int], int]
) -> None:
    seen: Counter[str] = Counter()
    for turn in range(soak_scale(300)):
        chance = random.Random(f"{seed} walk {turn}")
        walk = Walk(chain, proxy, chance)
        for _ in range(12):
            walk.event()
        walk.end()
        anchors = walk.truth.anchors(walk.graph)
        assert [anchor.root for anchor in anchors] == [walk.publication.root], turn
        assert anchors[0].block.hash == walk.kept.block_hash, turn
        seen += walk.seen
    print(dict(seen.most_common()))
