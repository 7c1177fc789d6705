"""Versions by any of their names, compared: numbers, CIDs, CAR files, checked-out folders."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from thread_places import configuration

from anchoring.blockstores.folder import FolderStore
from anchoring.blockstores.memory import MemoryStore
from anchoring.dataset.data_file import DataFile, NotLines
from anchoring.dataset.rdf_patch import PatchReader, apply_patch
from anchoring.dataset.version import build_version
from anchoring.encoding.cid import Block, Cid
from anchoring.encoding.unixfs_reader import read_file
from kg.errors import NoSuchVersion
from kg.workspace.diff import write_difference
from kg.workspace.export import export_car
from kg.workspace.named_version import NamedVersion, OtherData, UnknownVersionName, named_version
from kg.workspace.workspace import Workspace


def quad(key: int) -> Quad:
    return Quad(
        NamedNode(f"https://kg.example.org/doc/{key // 6:06d}#{key}"),
        NamedNode("https://schema.example.org/vocab#property"),
        Literal(f"value {key}"),
        NamedNode(f"https://kg.example.org/claim/{key:06d}"),
    )


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with three published versions of some 40 blocks."""
    with Workspace.init(tmp_path_factory.mktemp("history") / "kg", configuration()) as opened:
        opened.store.apply(map(quad, range(4_000)), [], 0)
        opened.publish()
        opened.store.apply(map(quad, range(9_000, 9_010)), map(quad, range(5)), 1)
        opened.publish()
        opened.store.apply(map(quad, range(5)), [], 2)
        opened.publish()
        yield opened


def lines_at(workspace: Workspace, number: int) -> list[bytes]:
    record = next(record for record in workspace.versions.all() if record.number == number)
    return read_file(Cid.parse(record.data), workspace.blocks).splitlines()


@pytest.fixture
def names(history: Workspace, tmp_path: Path) -> dict[str, list[str]]:
    """Every name of versions 1 and 2."""
    found: dict[str, list[str]] = {}
    for record in history.versions.all()[:2]:
        car = tmp_path / f"{record.number}.car"
        with car.open("wb") as stream:
            export_car(history, stream, record.number)
        folder = tmp_path / f"v{record.number}"
        folder.mkdir()
        for name, cid in (("data.nq", record.data), ("manifest.json", record.manifest)):
            (folder / name).write_bytes(read_file(Cid.parse(cid), history.blocks))
        found[f"{record.number}"] = [str(record.number), record.manifest, record.directory, str(car), str(folder)]
    return found


def difference(before: str, after: str, workspace: Workspace, form: str = "signed") -> bytes:
    stream = BytesIO()
    with named_version(before, workspace=workspace) as old, named_version(after, workspace=workspace) as new:
        write_difference(old, new, form, stream)
    return stream.getvalue()


def test_every_name_of_two_versions_gives_the_same_difference(history: Workspace, names: dict[str, list[str]]) -> None:
    before, after = set(lines_at(history, 1)), set(lines_at(history, 2))
    changed = [(line, b"+ ") for line in after - before] + [(line, b"- ") for line in before - after]
    slow = b"".join(sign + line + b"\n" for line, sign in sorted(changed))
    assert slow.count(b"\n") == 15
    for old in names["1"]:
        for new in names["2"]:
            assert difference(old, new, history) == slow
    assert difference("3", "3", history) == b""


def test_few_blocks_are_read(history: Workspace) -> None:
    with named_version("1", workspace=history) as old, named_version("2", workspace=history) as new:
        found = write_difference(old, new, "counts", BytesIO())
        assert old.manifest.blocks > 15
    assert (found.added, found.removed) == (10, 5)
    assert found.blocks_read <= 6


def test_the_patch_leads_from_one_version_to_the_other(history: Workspace) -> None:
    patch = difference("1", "3", history, "patch")
    with named_version("1", workspace=history) as old, named_version("3", workspace=history) as new:
        parent = build_version(old.lines())
        made = apply_patch(parent, history.blocks, PatchReader(BytesIO(patch)))
        assert made.dataset.commitment.file == new.manifest.data.cid


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("9", NoSuchVersion),
        ("0", NoSuchVersion),
        ("nothing", UnknownVersionName),
        ("Qm" + "a" * 44, UnknownVersionName),
        ("", UnknownVersionName),
    ],
)
def test_what_names_no_version_is_told_so(history: Workspace, name: str, error: type[Exception]) -> None:
    with pytest.raises(error), named_version(name, workspace=history):
        pass


def test_a_number_without_a_workspace_is_told_so() -> None:
    with pytest.raises(NoSuchVersion, match="which graph"), named_version("1", workspace=None):
        pass


def test_a_folder_whose_data_is_anothers_is_refused(history: Workspace, names: dict[str, list[str]]) -> None:
    first, second = Path(names["1"][4]), Path(names["2"][4])
    shutil.copy(first / "data.nq", second / "data.nq")
    with pytest.raises(OtherData), named_version(str(second), workspace=None):
        pass


def test_a_version_that_only_the_chain_knows_comes_from_other_places(history: Workspace, tmp_path: Path) -> None:
    elsewhere = FolderStore(tmp_path / "blocks")
    for cid in history.blocks:
        elsewhere.put([Block(cid, history.blocks.get(cid))], ())
    moved = history.versions.all()[0]
    history.versions.move(moved, "dropped")
    try:
        with named_version("1", workspace=history, readers=[elsewhere]) as version:
            assert list(version.lines()) == lines_at_of(version)
            assert version.manifest.version == 1
    finally:
        history.versions.put(moved)


def lines_at_of(version: NamedVersion) -> list[bytes]:
    return read_file(version.manifest.data.cid, version.blocks).splitlines()


def test_a_data_file_gives_exactly_the_blocks_of_its_version(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    for count in (0, 1, 3_000):
        lines = sorted({b'<a:b> <a:p> "%d %s" .' % (i, b"x" * rng.randrange(200)) for i in range(count)})
        path = tmp_path / f"{count}.nq"
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        blocks = MemoryStore()
        build_version(lines, lambda block: blocks.put([block], ()))  # noqa: B023
        with DataFile(path) as file:
            for cid in [leaf.cid for leaf in file.dataset.leaves] + [node.cid for node in file.dataset.nodes]:
                assert file.has(cid)
                assert file.get(cid) == blocks.get(cid)


@pytest.mark.parametrize("content", [b'<a:b> <a:p> "1" .', b"x" * (1 << 20) + b"xxxxx\n"])
def test_a_data_file_without_ends_of_lines_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data.nq").write_bytes(content)
    with pytest.raises(NotLines):
        DataFile(tmp_path / "data.nq")
