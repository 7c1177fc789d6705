"""Endpoints that lie, one answer or many: no wrong yes, nothing paid beyond the ceiling, and the honest truth after."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from chain_places import Place
from lying_transport import Lying
from test_publishing import now, version

from anchoring.chain.advance import Publishing
from anchoring.chain.deploy import deploy_registry
from anchoring.chain.devchain import DevChain
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.keys import LocalKey
from anchoring.chain.progress import Limits, Progress
from anchoring.chain.registry import RegistryClient
from anchoring.chain.transport import DevChainTransport
from anchoring.errors import TriplockError
from anchoring.signing.anchor import ZERO_WORD, Anchor
from anchoring.signing.eip712 import VersionFields
from anchoring.verification.check_anchor import Chain as VerifierChain
from anchoring.verification.check_anchor import check_anchor, fields_of
from anchoring.verification.check_signature import Signed
from anchoring.verification.verdict import Examination, Outcome

CEILING = 10**15


def judged(fields: VersionFields, owner: str, client: RegistryClient) -> Outcome | str:
    """What a verifier says who has nothing but this endpoint."""
    examination = Examination(about={})
    try:
        check_anchor(examination, fields, Signed(signer=owner), VerifierChain(client))
        return examination.verdict("test").outcome
    except TriplockError as error:
        return error.code


def forgeries(anchor: Anchor) -> list[VersionFields]:
    """Versions near the published one that nobody published."""
    true = fields_of(anchor)
    other = hashlib.sha256(b"other").digest()
    return [
        replace(true, root=other),
        replace(true, quads=true.quads + 1),
        replace(true, blocks=true.blocks + 1),
        replace(true, manifest=other),
        replace(true, parent=other),
        replace(true, version=true.version + 1),
        replace(true, root=bytes([true.root[0] ^ 1]) + true.root[1:]),
    ]


@pytest.mark.soak
def test_a_version_that_nobody_published_is_never_verified(
    devchain: DevChain, seed: int, soak_scale: Callable[[int], int]
) -> None:
    place = Place(Endpoint.of_devchain(devchain), "devchain")
    key, honest = place.new_key(), place.registry()
    first = now(honest, key, version("a"))
    second = now(honest, key, version("b", first.head))
    graph = first.graph
    said: Counter[str] = Counter()
    for turn in range(soak_scale(5_000)):
        chance = random.Random(f"{seed} {turn}")
        liar = Lying(DevChainTransport(devchain), chance, chance.choice([0.1, 0.3, 1.0]))
        client = RegistryClient(Endpoint("liar", transport=liar), honest.address)
        true = chance.choice([first, second])
        assert judged(chance.choice(forgeries(true)), key.address, client) is not Outcome.PASSED, turn
        stranger = LocalKey(hashlib.sha256(b"stranger").digest()).address
        assert judged(fields_of(true), stranger, client) is not Outcome.PASSED, turn
        said[str(judged(fields_of(true), key.address, client))] += 1
        try:
            for anchor in client.anchors(graph):
                assert anchor.head in (first.head, second.head), "an invented head word has no fields that make it"
        except TriplockError:
            said["refused"] += 1
    assert said["refused"]


@pytest.mark.soak
def test_lies_cost_a_publisher_no_more_than_allowed_and_the_truth_comes_out(
    tmp_path: Path, seed: int, soak_scale: Callable[[int], int]
) -> None:
    with DevChain.open(tmp_path / "chain") as chain:
        truth = Endpoint.of_devchain(chain)
        place = Place(truth, "devchain")
        address = deploy_registry(truth, place.new_key())
        ends: Counter[str] = Counter()
        for turn in range(soak_scale(500)):
            chance = random.Random(f"{seed} publish {turn}")
            key = place.new_key()
            liar = Lying(DevChainTransport(chain), chance, chance.choice([0.05, 0.2, 0.5]))
            kept = [Progress("pinned")]
            limits = Limits(ceiling=CEILING, patience=0.2)
            publication = version(f"lied to {turn}")
            before = truth.balance(key.address)
            graph = publication.graph(RegistryClient(truth, address), key.address)

            for _ in range(chance.randrange(1, 6)):
                client = RegistryClient(Endpoint("liar", transport=liar), address)
                machine = Publishing(client, key, publication, keep=kept.append, limits=limits, sleep=lambda _: None)
                try:
                    ended = machine.run(kept[-1], wait=0)
                except TriplockError as error:
                    ends[error.code] += 1
                    continue
                ends[ended.state] += 1
                if ended.state == "final":
                    on_chain = RegistryClient(truth, address).head(graph)
                    assert on_chain != ZERO_WORD, "final means that it is on the chain"

            # From here on nobody lies: the next run ends with the version, whatever had been believed.
            honest = RegistryClient(truth, address)
            for _ in range(5):
                machine = Publishing(honest, key, publication, keep=kept.append, limits=limits, sleep=lambda _: None)
                try:
                    ended = machine.step(kept[-1])
                    while ended.state != "final":
                        ended = machine.run(ended, wait=1)
                    break
                except TriplockError as error:
                    ends[f"then {error.code}"] += 1
            assert ended.state == "final", turn
            anchors = honest.anchors(graph)
            assert [anchor.root for anchor in anchors] == [publication.root], turn
            for progress in kept:
                assert all(attempt.cost.most <= CEILING for attempt in progress.attempts)
            assert before - truth.balance(key.address) <= CEILING * truth.nonce(key.address)
        print(dict(ends.most_common()))
