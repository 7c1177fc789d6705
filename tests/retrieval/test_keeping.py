"""Versions kept and given up: `pin`, `unpin` and `gc`, here, at a node and at a pinning service."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from clone_places import DOCUMENTS, TRANSFER, Publisher, publisher
from pinning_server import PinningServer, pinning_server
from second_kubo import Node

from anchoring.blockstores.kubo import KuboStore
from anchoring.blockstores.memory import MemoryStore
from anchoring.chain.devchain import DevChain
from anchoring.dataset.walk import walk
from anchoring.encoding.cid import Block, Cid
from anchoring.encoding.unixfs_reader import read_directory
from anchoring.errors import WrongUsage
from anchoring.verification.fetch_version import cids_below
from kg.cli.main import run
from kg.errors import NotConfigured
from kg.workspace import configuration, kept
from kg.workspace.clone import clone
from kg.workspace.collect import VersionIncomplete, collect, given_up
from kg.workspace.kept import KeptUnreadable
from kg.workspace.pinning import Targets, pin_version, token
from kg.workspace.places import Places
from kg.workspace.workspace import Workspace

STEPS = [["erc-20.md"], ["erc-721.md"], ["erc-1155.md"]]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    """A publisher of three versions, whose folder is copied for each test."""
    with publisher(tmp_path_factory.mktemp("publisher") / "kg", STEPS) as made:
        return made


@pytest.fixture
def published(first: Publisher, tmp_path: Path) -> Iterator[Publisher]:
    """Three versions."""
    folder = tmp_path / "kg"
    shutil.copytree(first.folder, folder)
    store = MemoryStore()
    store.put([Block(cid, first.store.get(cid)) for cid in first.store], ())
    with DevChain.open(folder / ".triplock" / "chain") as chain, chain.serve(port=0) as served:
        yield replace(first, folder=folder, url=served.url, store=store, versions=list(first.versions))


def wanted(workspace: Workspace, published: Publisher, numbers: list[int]) -> set[Cid]:
    """What is to be left, told in the simplest way: whole versions, all manifests and the documents."""
    left: set[Cid] = set()
    for record in published.versions:
        directory = Cid.parse(record.directory)
        if record.number in numbers:
            left.update(cids_below([directory], published.store))
        else:
            left.update([directory, Cid.parse(record.manifest)])
            left.add(read_directory(directory, published.store)["signature.json"])
    for source in workspace.sources.all():
        left.update(cids_below([Cid.parse(source.cid)], published.store))
    return left


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_the_newest_versions_stay_whole_and_nothing_else_does(published: Publisher, keep: int) -> None:
    with Workspace.open(published.folder) as workspace:
        before = set(workspace.blocks)
        planned = collect(workspace, keep=keep, dry_run=True)
        assert set(workspace.blocks) == before
        report = collect(workspace, keep=keep)
        assert (planned.blocks, planned.bytes, planned.versions) == (report.blocks, report.bytes, report.versions)
        assert report.versions == list(range(1, 4 - keep))
        left = set(workspace.blocks)
        assert left == wanted(workspace, published, list(range(4 - keep, 4)))
        assert report.blocks == len(before - left)
        assert report.bytes == sum(len(published.store.get(cid)) for cid in before - left)
        assert sum(each.blocks for each in report.kept) == len(left)
        for number in range(4 - keep, 4):
            assert workspace.verify(str(number)).exit_code == 0
        (explanation,) = workspace.why(TRANSFER)
        assert explanation.evidence is not None
        assert explanation.evidence.before
        assert [record.number for record in explanation.versions] == list(range(4 - keep, 4))
        assert collect(workspace, keep=keep).blocks == 0
        workspace.withdraw(str(DOCUMENTS / "erc-721.md"), "a test")
        assert workspace.publish().record.number == 4
        assert workspace.verify("4").exit_code == 0


def test_without_a_number_only_what_nothing_refers_to_goes(published: Publisher) -> None:
    with Workspace.open(published.folder) as workspace:
        assert collect(workspace).blocks == 0
        stray = Block(Cid.of(b"a block of nobody"), b"a block of nobody")
        foreign = Block(Cid.of(b"pinned by a program of its own"), b"pinned by a program of its own")
        workspace.blocks.put([stray, foreign], [foreign.cid])
        report = collect(workspace)
        assert report.blocks == 1
        assert not workspace.blocks.has(stray.cid)
        assert workspace.blocks.has(foreign.cid)
        assert any(each.why == "pinned in the block folder" for each in report.kept)


def test_a_version_that_was_built_and_replaced_goes_and_one_that_waits_stays(published: Publisher) -> None:
    with Workspace.open(published.folder) as workspace:
        workspace.ingest(DOCUMENTS / "erc-4626.md")
        dropped = workspace.snapshot()
        workspace.withdraw(str(DOCUMENTS / "erc-20.md"), "a test")
        waiting = workspace.snapshot()
        report = collect(workspace, keep=1)
        assert 4 in report.versions
        assert not workspace.blocks.has(Cid.parse(dropped.directory))
        assert any(each.why == "on its way (built)" for each in report.kept)
        assert workspace.publish().record.head == waiting.head


def test_what_was_pinned_by_hand_stays_until_it_is_unpinned(
    published: Publisher, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(published.folder)
    assert run(["-C", folder, "pin", "1", "--here"]) == 0
    assert run(["-C", folder, "--json", "gc", "--keep", "1", "--dry-run"]) == 0
    document = json.loads(capsys.readouterr().out.partition("\n")[2])
    assert {each["what"]: each["why"] for each in document["kept"]}["version 1"] == "pinned by hand"
    assert document["versions"] == [2]
    assert run(["-C", folder, "gc", "--keep", "1"]) == 0
    assert "of the versions 2" in capsys.readouterr().out
    assert run(["-C", folder, "verify", "1"]) == 0
    assert run(["-C", folder, "unpin", "1", "--here"]) == 0
    assert run(["-C", folder, "gc", "--keep", "1"]) == 0
    assert "of the versions 1" in capsys.readouterr().out
    assert run(["-C", folder, "unpin"]) == 2
    assert run(["-C", folder, "pin", "9"]) == 2
    assert run(["-C", folder, "gc", "--keep", "0"]) == 2


def test_nothing_is_removed_where_it_cannot_be_told_what_is_needed(published: Publisher) -> None:
    with Workspace.open(published.folder) as workspace:
        before = set(workspace.blocks)
        (workspace.state / kept.FILE).write_text("{")
        with pytest.raises(KeptUnreadable):
            collect(workspace, keep=1)
        (workspace.state / kept.FILE).unlink()
        workspace.blocks.remove(Cid.parse(published.versions[2].data))
        with pytest.raises(VersionIncomplete, match="version 3 is kept"):
            collect(workspace, keep=1)
        with pytest.raises(WrongUsage):
            collect(workspace, keep=0)
        assert set(workspace.blocks) == before - {Cid.parse(published.versions[2].data)}


@pytest.mark.parametrize("keep", [3, None])
def test_what_went_before_is_not_missed_and_not_given_up_elsewhere(published: Publisher, keep: int | None) -> None:
    with Workspace.open(published.folder) as workspace:
        assert collect(workspace, keep=1).versions == [1, 2]
        assert [record.number for record in given_up(workspace, 1)] == [1, 2]
        assert given_up(workspace, keep) == []
        report = collect(workspace, keep=keep)
        assert (report.versions, report.blocks) == ([], 0)
        assert workspace.verify("3").exit_code == 0


def test_a_clone_keeps_what_its_store_holds_and_pulls_on(published: Publisher, tmp_path: Path) -> None:
    places = Places(folders=(str(published.blocks),))
    clone(published.graph, tmp_path / "c", rpc=[published.url], places=places, at=2)
    with Workspace.open(tmp_path / "c") as workspace:
        report = collect(workspace, keep=1)
        assert report.versions == [1]
        assert any(each.why == "what the store holds" for each in report.kept)
    published.publish("erc-4626.md")
    with Workspace.open(tmp_path / "c") as workspace:
        from kg.workspace.pull import pull

        assert pull(workspace).version == 4
        assert workspace.verify("4").exit_code == 0
        assert len(list(workspace.why(TRANSFER))) == 1


def test_a_killed_gc_is_finished_by_the_next(published: Publisher, tmp_path: Path) -> None:
    """It is ended after its first, tenth, … removal; what is kept is whole each time."""
    script = (
        "import os, sys\n"
        "from anchoring.blockstores.folder import FolderStore\n"
        "from kg.cli.main import run\n"
        "left, remove = int(sys.argv[2]), FolderStore.remove\n"
        "def counted(self, cid):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left < 0: os._exit(9)\n"
        "    return remove(self, cid)\n"
        "FolderStore.remove = counted\n"
        "sys.exit(run(['-q', '-C', sys.argv[1], 'gc', '--keep', '1']))\n"
    )
    for removals in (1, 4):
        command = [sys.executable, "-c", script, str(published.folder), str(removals)]
        assert subprocess.run(command, check=False, env=os.environ).returncode == 9
        assert run(["-q", "-C", str(published.folder), "verify", "3"]) == 0
    assert run(["-q", "-C", str(published.folder), "gc", "--keep", "1"]) == 0
    with Workspace.open(published.folder) as workspace:
        assert set(workspace.blocks) == wanted(workspace, published, [3])


# -- elsewhere -------------------------------------------------------------------------------------------------------


@pytest.fixture
def service_server(second_node: Node) -> Iterator[PinningServer]:
    with pinning_server(second_node.api, "s3cret") as server:
        yield server


def distinct(published: Publisher) -> None:
    """Make the blocks of this publisher others than those of earlier tests, which the node still has."""
    file = published.folder / f"{secrets.token_hex(4)}.nt"
    lines = (f'<http://e.example/{secrets.token_hex(8)}> <http://e.example/p> "{i}" .\n' for i in range(2000))
    file.write_text("".join(lines))
    with Workspace.open(published.folder) as workspace:
        workspace.ingest(file)
    published.publish()


@pytest.mark.kubo
def test_a_version_is_pinned_at_node_and_service_and_only_what_is_lacking_is_sent(
    published: Publisher,
    kubo_api: str,
    second_node: Node,
    service_server: PinningServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    distinct(published)
    monkeypatch.setenv("TRIPLOCK_PINNING_TOKEN", "s3cret")
    folder = str(published.folder)
    given = ["--kubo", kubo_api, "--service", service_server.url]

    def pinned(*words: str) -> dict:
        assert run(["--json", "-C", folder, "pin", *words, *given]) == 0
        (document,) = json.loads(capsys.readouterr().out)["pinned"]
        return document

    third, fourth = published.versions[-2:]
    first = pinned("4")
    whole = list(walk(Cid.parse(fourth.directory), published.store))
    assert first["node"]["blocks"] <= len(whole)
    assert first["node"]["blocks"] > 5
    assert [request["status"] for request in first["service"]] == ["pinned"]
    again = pinned("4")
    assert again["node"]["blocks"] == 0
    assert again["service"][0]["request"] == first["service"][0]["request"]
    published.publish("erc-4626.md")
    fifth = published.versions[-1]
    before = {block.cid for block in whole}
    new = {block.cid for block in walk(Cid.parse(fifth.directory), published.store)} - before
    assert pinned()["node"]["blocks"] <= len(new)
    with KuboStore(kubo_api) as node, KuboStore(second_node.api, offline=True) as other:
        for record in (fourth, fifth):
            assert node.pinned(Cid.parse(record.directory))
            assert other.complete(Cid.parse(record.directory))
        assert run(["-q", "-C", folder, "unpin", "4", *given]) == 0
        assert not node.pinned(Cid.parse(fourth.directory))
        assert not other.pinned(Cid.parse(fourth.directory))
        assert node.pinned(Cid.parse(fifth.directory))
    assert third.number == 3


@pytest.mark.kubo
def test_publish_pins_where_the_settings_say_and_gc_everywhere_gives_up_there(
    published: Publisher, kubo_api: str, service_server: PinningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "token"
    secret.write_text("s3cret\n")
    file = published.folder / configuration.FILE_NAME
    settings = configuration.read(file)
    ipfs = replace(settings.ipfs, kubo=kubo_api, pinning=service_server.url, pinning_token=str(secret))
    configuration.write(file, replace(settings, ipfs=ipfs))
    distinct(published)
    published.publish("erc-4626.md")
    fourth, fifth = published.versions[-2:]
    with KuboStore(kubo_api) as node:
        assert node.pinned(Cid.parse(fourth.directory))
        assert node.pinned(Cid.parse(fifth.directory))
        assert {entry["status"] for entry in service_server.requests.values()} == {"pinned"}
        assert run(["-q", "-C", str(published.folder), "gc", "--keep", "1", "--everywhere"]) == 0
        assert not node.pinned(Cid.parse(fourth.directory))
        assert node.pinned(Cid.parse(fifth.directory))
    (entry,) = service_server.requests.values()
    assert entry["pin"]["cid"] == fifth.directory


@pytest.mark.kubo
def test_kubo_itself_as_a_client_of_the_service_of_these_tests(
    published: Publisher, kubo_api: str, second_node: Node, service_server: PinningServer
) -> None:
    """The server that judges our client is judged by Kubo's own client of the same API."""
    distinct(published)
    root = published.versions[-1].directory
    with Workspace.open(published.folder) as workspace:
        pin_version(workspace, workspace.versions.all()[-1], Targets(kubo=kubo_api))
    name = secrets.token_hex(4)

    def ask(command: str, *arguments: str, **options: str) -> list[dict]:
        query = [*(("arg", argument) for argument in arguments), *options.items()]
        answer = httpx.post(f"{kubo_api}/api/v0/pin/remote/{command}", params=query, timeout=60, trust_env=False)
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines() if line]

    ask("service/add", name, service_server.url, "s3cret")
    try:
        (added,) = ask("add", root, service=name, name="a version", background="false")
        assert added == {"Status": "pinned", "Cid": root, "Name": "a version"}
        assert [found["Cid"] for found in ask("ls", service=name, status="pinned")] == [root]
        with KuboStore(second_node.api, offline=True) as other:
            assert other.complete(Cid.parse(root))
        ask("rm", service=name, cid=root, force="true")
        assert ask("ls", service=name) == []
    finally:
        ask("service/rm", name)


def test_the_token_comes_from_the_environment_or_a_file_and_is_never_shown(tmp_path: Path) -> None:
    settings = configuration.IpfsSettings()
    with pytest.raises(NotConfigured, match="TRIPLOCK_PINNING_TOKEN"):
        token(settings, {})
    file = tmp_path / "token"
    file.write_text("from-a-file\n")
    named = replace(settings, pinning_token=str(file))
    assert token(named, {}) == "from-a-file"
    assert token(named, {"TRIPLOCK_PINNING_TOKEN": "from-the-environment"}) == "from-the-environment"
    file.write_bytes(b"\xff")
    with pytest.raises(Exception, match="no ASCII text") as caught:
        token(named, {})
    assert "ff" not in str(caught.value).replace(str(file), "").replace("offer", "")
