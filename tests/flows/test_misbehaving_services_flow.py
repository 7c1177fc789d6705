"""A node and a chain that misbehave while a version is pinned, published and verified: said, and never a wrong yes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flow_places import ANVIL_KEYS, DOCUMENTS, Chain, anvil, configuration, copied, stranger
from misbehaving_node import Node, misbehaving_node
from misbehaving_proxy import Proxy, misbehaving

from anchoring.blockstores.kubo import KuboStore
from anchoring.chain.deploy import deploy_registry
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.keys import LocalKey
from anchoring.dataset.walk import walk
from anchoring.encoding.cid import Cid
from anchoring.errors import ServiceFailed
from kg.jobs.versions import VersionRecord
from kg.workspace.workspace import Workspace

pytestmark = [pytest.mark.anvil, pytest.mark.kubo]

FAULTS = ("close", "hang", "429", "500", "503", "truncate", "html", "empty")


@pytest.fixture(scope="module")
def chain(cast: Path) -> Iterator[Chain]:
    with anvil(cast) as running:
        deploy_registry(Endpoint(running.url), LocalKey(bytes.fromhex(ANVIL_KEYS[0][2:])))
        yield running


@pytest.fixture
def node(kubo_api: str) -> Iterator[Node]:
    with misbehaving_node(kubo_api) as one:
        yield one


@pytest.fixture
def endpoint(chain: Chain) -> Iterator[Proxy]:
    with misbehaving(chain.url) as one:
        yield one


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPLOCK_PRIVATE_KEY", ANVIL_KEYS[0])


def published(folder: Path) -> VersionRecord:
    with Workspace.open(folder) as workspace:
        return workspace.publish().record


def fresh(small: Path, folder: Path, chain: str, kubo: str) -> Path:
    """A workspace whose version nobody has yet: its label is in it."""
    label = uuid.uuid4().hex
    return copied(small, folder, configuration(chain={"endpoint": chain}, kubo=kubo, label=label))


def test_what_a_failing_node_has_not_confirmed_is_not_pinned_and_not_sent(
    small: Path, chain: Chain, node: Node, kubo_api: str, tmp_path: Path
) -> None:
    folder = fresh(small, tmp_path / "kg", chain.url, node.url)
    with Workspace.open(folder) as workspace:
        for call in ("dag/import", "*"):
            for fault in FAULTS:
                node.faults = {call: fault}
                with pytest.raises(ServiceFailed) as failed:
                    workspace.publish()
                assert failed.value.remedy, (call, fault)
                (record,) = workspace.versions.all(str(workspace.chain.graph))
                assert record.state == "built", (call, fault, "nothing was signed")
                # What was cut on the way back had arrived.
                with KuboStore(kubo_api, offline=True) as truth:
                    truth.unpin(Cid.parse(record.directory))
        assert workspace.log() == []
        node.faults = {}
        done = workspace.publish()
        assert done.record.state == "final"
        top = Cid.parse(done.record.directory)
        with KuboStore(kubo_api, offline=True) as truth:
            assert [b.cid for b in walk(top, truth)] == [b.cid for b in walk(top, workspace.blocks)]
        assert len(workspace.log()) == 1


def flipped(content: bytes) -> bytes:
    return content[:-2] + bytes([content[-2] ^ 1]) + content[-1:] if len(content) > 1 else b"x"


def test_a_node_that_hands_out_other_bytes_verifies_nothing(
    small: Path, chain: Chain, node: Node, tmp_path: Path
) -> None:
    folder = fresh(small, tmp_path / "kg", chain.url, node.url)
    version = published(folder)
    trust = ("ipfs://" + version.directory, "--graph", version.graph, "--rpc", chain.url, "--kubo", node.url)
    stranger(tmp_path / "home", *trust, expect=0)
    node.lies = {"block/get": flipped}
    for fault, code in (("", 1), ("truncate", 4)):
        node.faults = {"block/get": fault} if fault else {}
        done = stranger(tmp_path / "home", *trust, expect=code)
        assert "every check ran" not in done.words, fault


def test_a_node_that_only_says_it_has_a_version_verifies_nothing(
    small: Path, chain: Chain, node: Node, kubo_api: str, tmp_path: Path
) -> None:
    """Its word that all is pinned is all that a publisher can get; whoever reads finds that it is not there."""
    folder = fresh(small, tmp_path / "kg", chain.url, node.url)
    with Workspace.open(folder) as workspace:
        built = workspace.snapshot()
    said = f'{{"Keys": {{"{built.directory}": {{"Type": "recursive"}}}}}}'.encode()
    node.lies = {"pin/ls": lambda _: said}
    version = published(folder)
    node.lies = {}
    with KuboStore(kubo_api, offline=True) as truth:
        assert not truth.has(Cid.parse(version.directory))
    trust = ("ipfs://" + version.directory, "--graph", version.graph, "--rpc", chain.url)
    done = stranger(tmp_path / "home", *trust, "--kubo", node.url, expect=6)
    assert "every check ran" not in done.words
    stranger(tmp_path / "home", *trust, "--blocks", folder / ".triplock" / "blocks", expect=0)


def test_a_chain_whose_answers_are_not_the_truth_verifies_nothing(
    small: Path, chain: Chain, endpoint: Proxy, kubo_api: str, tmp_path: Path
) -> None:
    folder = fresh(small, tmp_path / "kg", chain.url, "")
    anchored = published(folder)
    with Workspace.open(folder) as workspace:
        assert workspace.ingest(DOCUMENTS / "erc-1155.md").complete
        unpublished = workspace.snapshot()
    blocks = folder / ".triplock" / "blocks"

    def verify(version: VersionRecord, expect: int) -> str:
        trust = ("--graph", anchored.graph, "--rpc", endpoint.url, "--blocks", blocks)
        return stranger(tmp_path / "home", f"ipfs://{version.directory}", *trust, expect=expect).words

    verify(unpublished, 1)
    for lie in (
        {"eth_call": lambda _: unpublished.head},
        {"eth_getLogs": lambda _: []},
        {"eth_getTransactionReceipt": lambda r: {**r, "status": "0x0"}},
        {"eth_getBlockByNumber": lambda r: {**r, "hash": "0x" + "11" * 32}},
    ):
        endpoint.lies = lie  # type: ignore[assignment]
        assert "every check ran" not in verify(unpublished, 4), lie
    endpoint.lies = {}
    # The block of the version vanishes.
    chain.ask("anvil_reorg", 1, [])
    assert "every check ran" not in verify(anchored, 1)
    assert published(folder).head == anchored.head
    verify(anchored, 0)
