"""A CAR of what is new in a version: exactly the blocks that the other lacks, and enough to move a clone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from clone_places import Publisher, publisher

from anchoring.blockstores.car import CarReader
from anchoring.blockstores.retrieval import BlocksMissing
from anchoring.dataset.walk import walk
from anchoring.encoding.cid import Cid
from kg.cli.main import run
from kg.workspace.clone import clone
from kg.workspace.export import export_version
from kg.workspace.places import Places
from kg.workspace.pull import pull
from kg.workspace.workspace import Workspace


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publisher]:
    steps = [["erc-20.md"], ["erc-721.md"], ["erc-1155.md"]]
    with publisher(tmp_path_factory.mktemp("publisher") / "kg", steps) as made:
        yield made


def below(published: Publisher, number: int) -> set[Cid]:
    directory = Cid.parse(published.versions[number - 1].directory)
    return {block.cid for block in walk(directory, published.store)}


@pytest.mark.parametrize(("at", "since"), [("2", "1"), ("3", "2"), ("3", "1"), ("1", "3"), ("2", "2")])
def test_it_has_the_blocks_that_the_other_lacks_and_no_more(
    published: Publisher, tmp_path: Path, at: str, since: str
) -> None:
    with Workspace.open(published.folder) as workspace, (tmp_path / "d.car").open("wb") as stream:
        count = export_version(workspace, at, "car", stream, since=since)
    with CarReader(tmp_path / "d.car") as car:
        assert car.roots == (Cid.parse(published.versions[int(at) - 1].directory),)
        assert set(car) == below(published, int(at)) - below(published, int(since))
        assert len(car) == count
        assert len(list(car.blocks())) == count


def test_a_clone_is_moved_by_it_and_nothing_is_made_from_it_alone(published: Publisher, tmp_path: Path) -> None:
    folder = str(published.folder)
    whole, delta = tmp_path / "1.car", tmp_path / "3-1.car"
    assert run(["-q", "-C", folder, "export", "--format", "car", "--at", "1", "-o", str(whole)]) == 0
    assert run(["-q", "-C", folder, "export", "--format", "car", "--since", "1", "-o", str(delta)]) == 0
    assert delta.stat().st_size < sum(len(published.store.get(cid)) for cid in below(published, 3))
    places = Places(cars=(str(whole),))
    clone(published.graph, tmp_path / "c", rpc=[published.url], places=places, at=1, shallow=True)
    with Workspace.open(tmp_path / "c") as workspace:
        report = pull(workspace, places=Places(cars=(str(delta),)), shallow=True)
        assert report.version == 3
        assert report.directory == published.versions[2].directory
        assert workspace.verify("3").exit_code == 0
    alone = Places(cars=(str(delta),))
    with pytest.raises(BlocksMissing):
        clone(published.graph, tmp_path / "d", rpc=[published.url], places=alone, shallow=True)


def test_other_names_of_versions_and_what_it_does_not_go_with(
    published: Publisher, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(published.folder)
    with Workspace.open(published.folder) as workspace:
        numbered, named = BytesIO(), BytesIO()
        export_version(workspace, "3", "car", numbered, since="2")
        export_version(workspace, published.versions[2].directory, "car", named, since=published.versions[1].directory)
    assert numbered.getvalue() == named.getvalue()
    assert run(["-C", folder, "export", "--since", "1"]) == 2
    assert "--format car" in capsys.readouterr().err
    target = tmp_path / "x.car"
    assert run(["--json", "-C", folder, "export", "--format", "car", "--since", "9", "-o", str(target)]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "no-such-version"
    assert not target.exists()
