"""Somebody else's graph: cloned from anywhere, verified, queryable, pulled, and read-only."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import gateway_places as places
import pytest
from clone_places import TRANSFER, Publisher, lines_of_store, publisher

from anchoring.blockstores.car import write_car
from anchoring.blockstores.folder import FolderStore
from anchoring.blockstores.kubo import KuboStore
from anchoring.blockstores.retrieval import BlocksMissing
from anchoring.blockstores.sending import send
from anchoring.dataset.version import hash_dataset
from anchoring.dataset.walk import walk
from anchoring.encoding.cid import RAW, Cid
from anchoring.encoding.unixfs_reader import read_file
from anchoring.errors import WrongUsage
from anchoring.signing.manifest import Manifest
from kg.cli.main import run
from kg.errors import CloneRefuted, CloneUnfinished, IsClone, NoSuchVersion, WorkspaceExists
from kg.workspace import clone_state
from kg.workspace.clone import clone
from kg.workspace.places import Places
from kg.workspace.pull import NotAClone, VersionNotChecked, pull
from kg.workspace.workspace import Workspace


@pytest.fixture
def gateways(published: Publisher) -> Iterator[Callable[..., places.Gateway]]:
    with ExitStack() as stack:
        yield lambda store=published.store, behaviour=places.honest: stack.enter_context(
            places.gateway(store, behaviour)
        )


def root_in(folder: Path) -> str:
    return f"0x{hash_dataset(lines_of_store(folder)).root.hex()}"


@pytest.mark.parametrize("place", ["blocks", "car", "gateway"])
def test_a_clone_holds_the_newest_version_from_any_place(
    place: str, published: Publisher, tmp_path: Path, gateways: Callable[..., places.Gateway]
) -> None:
    newest = published.versions[1]
    if place == "blocks":
        given = Places(folders=(str(published.blocks),))
    elif place == "car":
        root = Cid.parse(newest.directory)
        write_car(tmp_path / "version.car", [root], walk(root, published.store))
        given = Places(cars=(str(tmp_path / "version.car"),))
    else:
        given = Places(gateways=(gateways().url,), directory=Cid.parse(newest.directory))
    report = clone(published.graph, tmp_path / "clone", rpc=[published.url], places=given)
    assert (report.version, report.moved.removed) == (2, 0)
    assert report.directory == newest.directory
    assert report.retrieved.dropped == {}
    assert root_in(tmp_path / "clone") == newest.root
    assert report.history == ([] if place == "car" else [1])
    assert report.not_had == ([1] if place == "car" else [])
    with Workspace.open(tmp_path / "clone") as workspace:
        assert workspace.mint.base == "https://publisher.example/"
        assert len(list(workspace.query("SELECT ?s { ?s ?p ?o }").rows)) > 100
        assert workspace.verify("2").exit_code == 0
        (explanation,) = workspace.why(TRANSFER)
        assert explanation.evidence is not None
        assert explanation.evidence.before if place != "car" else True
        assert explanation.versions[-1].number == 2
        assert report.documents == ((0, 2) if place == "car" else (2, 2))
        assert workspace.prove(TRANSFER).manifest.version == 2
        status = workspace.status()
    assert status["cloneOf"] == str(published.graph)
    assert status["publisher"] is None
    assert status["published"] == 2
    assert not (tmp_path / "clone" / ".triplock" / "publisher.key").exists()


def test_shallow_and_at(published: Publisher, tmp_path: Path) -> None:
    given = Places(folders=(str(published.blocks),))
    report = clone(published.graph, tmp_path / "c", rpc=[published.url], places=given, at=1, shallow=True)
    assert (report.version, report.history, report.documents) == (1, [], (0, 0))
    assert root_in(tmp_path / "c") == published.versions[0].root
    with pytest.raises(NoSuchVersion, match="no version 9"):
        clone(published.graph, tmp_path / "d", rpc=[published.url], places=given, at=9)


def test_pull_fetches_only_what_is_lacking_and_moves_the_store(
    published: Publisher, tmp_path: Path, gateways: Callable[..., places.Gateway]
) -> None:
    gateway = gateways(behaviour=places.without_cars)
    given = Places(gateways=(gateway.url,))
    clone(published.graph, tmp_path / "c", rpc=[published.url], places=given, at=1, shallow=True)
    first = {block.cid for block in walk(Cid.parse(published.versions[0].data), published.store)}
    gateway.asked.clear()
    with Workspace.open(tmp_path / "c") as workspace:
        before = set(workspace.store.sorted_quads())
        report = pull(workspace, shallow=True)
        after = set(workspace.store.sorted_quads())
        assert (report.version, report.new) == (2, True)
        assert (report.moved.added, report.moved.removed) == (len(after - before), len(before - after))
        asked = [cid for cid, form in gateway.asked if form == "raw"]
        assert not set(asked) & first
        assert len(asked) == len(set(asked))
        gateway.asked.clear()
        again = pull(workspace, shallow=True)
        assert (again.new, again.retrieved.blocks) == (False, 0)
        back = pull(workspace, at=1, shallow=True)
        assert (back.moved.added, back.moved.removed) == (len(before - after), len(after - before))
        assert set(workspace.store.sorted_quads()) == before
        assert gateway.asked == []
    assert root_in(tmp_path / "c") == published.versions[0].root


def test_a_clone_refuses_what_only_its_publisher_does(published: Publisher, tmp_path: Path) -> None:
    given = Places(folders=(str(published.blocks),))
    clone(published.graph, tmp_path / "c", rpc=[published.url], places=given, shallow=True)
    document = Path(__file__).parents[2] / "data" / "documents" / "erc-20.md"
    with Workspace.open(tmp_path / "c") as workspace:
        for refused in (
            lambda: workspace.ingest(document),
            lambda: workspace.withdraw(published.versions[0].directory, "no"),
            workspace.snapshot,
            workspace.publish,
            lambda: workspace.signer,
        ):
            with pytest.raises(IsClone, match="is a clone of eip155"):
                refused()
    for words in (["ingest", str(document)], ["snapshot"], ["publish", "-y"], ["withdraw", "x", "--reason", "y"]):
        assert run(["-q", "-C", str(tmp_path / "c"), *words]) == 2
    with Workspace.open(published.folder) as own, pytest.raises(NotAClone):
        pull(own)
    with pytest.raises(WorkspaceExists):
        clone(published.graph, published.folder, rpc=[published.url], places=given)
    with pytest.raises(WrongUsage, match="where blocks are to be had"):
        clone(published.graph, tmp_path / "d", rpc=[published.url], places=Places())


def test_a_gateway_that_swaps_a_block_is_dropped_and_one_that_is_honest_serves(
    published: Publisher, tmp_path: Path, gateways: Callable[..., places.Gateway]
) -> None:
    newest = list(walk(Cid.parse(published.versions[1].data), published.store))
    victim = next(cid for cid, data in newest if cid.codec == RAW and b"event:Transfer" in data)
    liar = gateways(behaviour=places.swapping(victim))
    with pytest.raises(BlocksMissing, match="holds other bytes"):
        clone(published.graph, tmp_path / "c", rpc=[published.url], places=Places(gateways=(liar.url,)), shallow=True)
    with pytest.raises(CloneUnfinished, match="triplock pull"), Workspace.open(tmp_path / "c") as workspace:
        workspace.query("ASK { ?s ?p ?o }")
    honest = gateways()
    both = Places(gateways=(liar.url, honest.url))
    clone(published.graph, tmp_path / "c", rpc=[published.url], places=both, shallow=True)
    assert root_in(tmp_path / "c") == published.versions[1].root


def test_a_version_that_does_not_hold_is_refused_and_the_former_stays(published: Publisher, tmp_path: Path) -> None:
    """A publisher who signs a manifest whose counts are wrong; the chain takes it, a clone does not."""
    folder = tmp_path / "publisher"
    with publisher(folder, [["erc-20.md"]]) as rogue:
        given = Places(folders=(str(rogue.blocks),))
        clone(rogue.graph, tmp_path / "c", rpc=[rogue.url], places=given, shallow=True)
        publish_a_lie(rogue)
        with Workspace.open(tmp_path / "c") as workspace:
            with pytest.raises(CloneRefuted, match="root"):
                pull(workspace)
            assert clone_state.read(workspace).version == 1
        assert root_in(tmp_path / "c") == rogue.versions[0].root


def publish_a_lie(rogue: Publisher) -> None:
    from anchoring.chain import publish as steps
    from kg.workspace.publish import publication_of
    from kg.workspace.snapshot import label_word

    with Workspace.open(rogue.folder) as workspace:
        (first,) = workspace.versions.all()
        honest = Manifest.decode(workspace.blocks.get(Cid.parse(first.manifest)))
        lie = replace(
            honest,
            version=2,
            parent=bytes.fromhex(first.head[2:]),
            parent_manifest=honest.block.cid,
            root=bytes(32),
        )
        workspace.blocks.put([lie.block], [])
        publication = replace(
            publication_of(workspace, first), parent=lie.parent, root=lie.root, manifest=lie.block.cid.digest
        )
        assert publication.label == label_word("main")
        steps.publish(workspace.chain.registry, workspace.signer, publication, keep=lambda _: None)


def test_too_few_confirmations_leave_it_open(published: Publisher, tmp_path: Path) -> None:
    given = Places(folders=(str(published.blocks),))
    with pytest.raises(VersionNotChecked, match="confirmations"):
        clone(published.graph, tmp_path / "c", rpc=[published.url], places=given, confirmations=1000)


def test_a_killed_clone_goes_on_and_a_killed_pull_leaves_the_former_version(
    published: Publisher, tmp_path: Path, seed: int
) -> None:
    generator = random.Random(seed)
    given = ["--blocks", str(published.blocks), "--rpc", published.url, "--shallow"]
    folder = tmp_path / "c"
    roots = [record.root for record in published.versions]

    def killed(*words: str) -> None:
        command = [sys.executable, "-m", "kg.cli.main", "-q", *words]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.5 + generator.random() * 1.5)
        child.send_signal(signal.SIGKILL)
        child.wait()

    killed("clone", str(published.graph), str(folder), *given, "--at", "1")
    assert run(["-q", "clone", str(published.graph), str(folder), *given, "--at", "1"]) == 0
    assert root_in(folder) == roots[0]
    for _ in range(3):
        killed("-C", str(folder), "pull", "--shallow")
        assert root_in(folder) in roots
    assert run(["-q", "-C", str(folder), "pull", "--shallow"]) == 0
    assert root_in(folder) == roots[1]


def test_a_fill_that_was_cut_off_is_not_asked_and_is_finished(published: Publisher, tmp_path: Path) -> None:
    given = Places(folders=(str(published.blocks),))
    clone(published.graph, tmp_path / "c", rpc=[published.url], places=given, shallow=True)
    with Workspace.open(tmp_path / "c") as workspace:
        workspace.loading = True
        some = list(workspace.store.match())[:50]
        workspace.store.apply([], some, workspace.store.generation)
        clone_state.write(workspace, replace(clone_state.read(workspace), filling=True))
    with Workspace.open(tmp_path / "c") as workspace:
        with pytest.raises(CloneUnfinished):
            _ = workspace.store
        pull(workspace, shallow=True)
    assert root_in(tmp_path / "c") == published.versions[1].root


def test_former_blocks_that_are_gone_do_not_stop_a_pull(published: Publisher, tmp_path: Path) -> None:
    given = Places(folders=(str(published.blocks),))
    clone(published.graph, tmp_path / "c", rpc=[published.url], places=given, at=1, shallow=True)
    for file in (tmp_path / "c" / ".triplock" / "blocks" / "blocks").rglob("baf*"):
        file.unlink()
    with Workspace.open(tmp_path / "c") as workspace:
        pull(workspace, shallow=True)
    assert root_in(tmp_path / "c") == published.versions[1].root


def test_the_command_line_tells_what_came_and_from_where(
    published: Publisher, tmp_path: Path, gateways: Callable[..., places.Gateway], capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = gateways()
    words = ["--gateway", gateway.url, "--gateway", "http://127.0.0.1:9", "--rpc", published.url]
    code = run(["--json", "clone", str(published.graph), str(tmp_path / "c"), *words])
    said = capsys.readouterr()
    assert code == 0, said.err
    document = json.loads(said.out)
    assert document["version"] == 2
    by_name = {source["name"]: source for source in document["retrieval"]["sources"]}
    assert by_name[f"gateway {gateway.url.removeprefix('http://')}"]["blocks"] > 0
    assert by_name["gateway 127.0.0.1:9"]["blocks"] == 0
    assert run(["-q", "-C", str(tmp_path / "c"), "query", "ASK { ?s ?p ?o }"]) == 0
    assert run(["-C", str(tmp_path / "c"), "pull"]) == 0
    assert "it was here" in capsys.readouterr().out


@pytest.mark.kubo
def test_a_clone_from_a_real_node_and_its_gateway(
    published: Publisher, tmp_path: Path, kubo_api: str, kubo_gateway: str
) -> None:
    root = Cid.parse(published.versions[1].directory)
    with KuboStore(kubo_api) as kubo:
        send([root], published.store, kubo)
    for number, given in enumerate((Places(kubo=kubo_api), Places(gateways=(kubo_gateway,)))):
        folder = tmp_path / str(number)
        report = clone(published.graph, folder, rpc=[published.url], places=given, shallow=True)
        assert root_in(folder) == published.versions[1].root
        assert report.directory == ("" if number else str(root))  # the node names what it has pinned, a gateway cannot


def test_documents_come_whole(published: Publisher, tmp_path: Path) -> None:
    given = Places(folders=(str(published.blocks),))
    clone(published.graph, tmp_path / "c", rpc=[published.url], places=given)
    store = FolderStore(tmp_path / "c" / ".triplock" / "blocks")
    document = (Path(__file__).parents[2] / "data" / "documents" / "erc-721.md").read_bytes()
    assert read_file(Cid.of(document), store) == document
