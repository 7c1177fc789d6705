"""Earlier versions taken out: as files, as answers to questions, and as exports; nothing of the graph changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from thread_places import configuration

from anchoring.blockstores.car import CarReader
from anchoring.blockstores.memory import MemoryStore
from anchoring.dataset.version import hash_dataset
from anchoring.encoding.cid import Block, Cid
from anchoring.errors import TriplockError
from anchoring.signing.manifest import Manifest
from anchoring.signing.snapshot import VersionHeader, write_version
from kg.errors import FileUnusable
from kg.workspace.asking import query_at
from kg.workspace.checkout import MOST_KEPT, CheckoutRefuted, checkout, store_at
from kg.workspace.export import export_version
from kg.workspace.named_version import NamedVersion, named_version
from kg.workspace.workspace import Workspace

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"


def quad(key: int) -> Quad:
    return Quad(
        NamedNode(f"https://kg.example.org/{key:06d}"),
        NamedNode("https://schema.example.org/vocab#property"),
        Literal(f"{key}.0", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal")),
        NamedNode(f"https://kg.example.org/claim/{key:06d}"),
    )


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Versions 1 to 4 with 100, 200, 300 and 400 statements."""
    with Workspace.init(tmp_path_factory.mktemp("history") / "kg", configuration()) as opened:
        for number in range(4):
            opened.store.apply(map(quad, range(100 * number, 100 * number + 100)), [], number)
            opened.publish()
        yield opened


def counted(workspace: Workspace, name: str) -> int:
    answer = query_at(workspace, name, COUNT)
    return int(answer.rows[0][0].value)  # type: ignore[union-attr]


def test_each_version_answers_as_it_was(history: Workspace) -> None:
    for _ in range(2):
        for record in history.versions.all():
            for name in (str(record.number), record.manifest, record.directory):
                assert counted(history, name) == 100 * record.number
    assert len(history.store) == 400
    assert len(stores_kept(history)) == MOST_KEPT


def stores_kept(workspace: Workspace) -> list[Path]:
    return [path for path in (workspace.state / "at").iterdir() if path.is_dir()]


def test_a_version_that_is_being_asked_is_not_removed(history: Workspace) -> None:
    with named_version("1", workspace=history) as first, store_at(history, first) as store:
        for name in ("2", "3", "4"):
            assert counted(history, name) == 100 * int(name)
        assert len(stores_kept(history)) == MOST_KEPT + 1
        assert len(list(store.sorted_quads())) == 100
    counted(history, "2")
    assert len(stores_kept(history)) == MOST_KEPT


def test_a_version_is_loaded_once(history: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert counted(history, "3") == 300
    monkeypatch.setattr("kg.workspace.checkout._load", None)
    assert counted(history, "3") == 300
    assert query_at(history, "3", "ASK { ?s ?p 299.0 }", timeout=30.0).value  # type: ignore[union-attr]
    assert not query_at(history, "3", "ASK { ?s ?p 300.0 }").value  # type: ignore[union-attr]


def test_what_broke_off_while_it_was_loaded_is_not_asked(history: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(lines: list[bytes]) -> list[Quad]:
        raise KeyboardInterrupt

    assert counted(history, "1") == 100
    for place in stores_kept(history):  # which two are kept goes by times of folders, and is no matter here
        shutil.rmtree(place)
    with monkeypatch.context() as patched:
        patched.setattr("kg.workspace.checkout.quads_of", broken)
        with pytest.raises(KeyboardInterrupt):
            counted(history, "1")
    assert counted(history, "1") == 100


def test_a_checkout_holds_the_files_byte_for_byte(history: Workspace, tmp_path: Path) -> None:
    record = history.versions.all()[1]
    with named_version("2", workspace=history) as version:
        sizes = checkout(version, tmp_path / "v2")
        lines = list(version.lines())
    folder = tmp_path / "v2"
    assert sorted(path.name for path in folder.iterdir()) == sorted(sizes)
    assert {"data.nq", "manifest.json", "signature.json", "void.ttl", "ontology.ttl"} <= set(sizes)
    assert (folder / "data.nq").read_bytes() == b"".join(line + b"\n" for line in lines)
    assert str(hash_dataset(lines).file) == record.data
    assert str(Manifest.decode((folder / "manifest.json").read_bytes()).block.cid) == record.manifest
    with named_version(str(folder), workspace=None) as again:
        assert list(again.lines()) == lines


def test_a_folder_with_something_in_it_is_left_alone(history: Workspace, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with named_version("1", workspace=history) as version:
        for target in (tmp_path, tmp_path / "mine"):
            with pytest.raises(FileUnusable):
                checkout(version, target)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_checkout_that_breaks_off_leaves_nothing(history: Workspace, tmp_path: Path) -> None:
    with named_version("4", workspace=history) as version:
        lacking = MemoryStore()
        lacking.put([version.manifest.block], ())
        with pytest.raises(TriplockError):
            checkout(NamedVersion("4", version.manifest, lacking), tmp_path / "v4")
    assert list(tmp_path.iterdir()) == []


def test_sizes_that_lie_are_refused(history: Workspace, tmp_path: Path) -> None:
    with named_version("4", workspace=history) as version:
        files = tuple(
            replace(entry, size=entry.size + 1) if entry.name == "void.ttl" else entry
            for entry in version.manifest.files
        )
        lying = NamedVersion("4", replace(version.manifest, files=files), version.blocks)
        with pytest.raises(CheckoutRefuted, match=r"void\.ttl"):
            checkout(lying, tmp_path / "v4")
        counts = NamedVersion("4", replace(version.manifest, quads=401), version.blocks)
        with pytest.raises(CheckoutRefuted, match="401"), store_at(history, counts):
            pass
    assert list(tmp_path.iterdir()) == []


def test_exports_of_a_version_are_that_version(history: Workspace, tmp_path: Path) -> None:
    for record in history.versions.all():
        stream = BytesIO()
        assert export_version(history, str(record.number), "nq", stream) == record.quads
        assert f"0x{hash_dataset(stream.getvalue().splitlines()).root.hex()}" == record.root
        for form in ("trig", "ttl", "jsonld"):
            assert export_version(history, record.directory, form, BytesIO()) == record.quads
        car = tmp_path / f"{record.number}.car"
        with car.open("wb") as out:
            blocks = export_version(history, str(record.number), "car", out)
        with CarReader(car) as reader:
            assert list(map(str, reader.roots)) == [record.directory]
            assert len(list(reader)) == blocks
        with named_version(str(car), workspace=None) as version:
            assert len(list(version.lines())) == record.quads


def test_blank_nodes_of_a_version_can_be_asked_for(history: Workspace) -> None:
    blocks = MemoryStore()
    header = VersionHeader(1, "0x" + "ab" * 20, history.signer.address.lower(), bytes(32), "CC0-1.0")
    lines = [b'_:c14n0 <a:p> "1" .', b'_:c14n1 <a:p> "2" .']
    made = write_version(lines, header, {}, history.signer.sign_digest, blocks)
    with named_version(str(made.cid), workspace=history, readers=[blocks]) as version:
        assert list(version.lines()) == lines
        with store_at(history, version) as store:
            found = [line.decode() for line in store.sorted_quads()]
    assert len(found) == 2
    assert all(f"/.well-known/genid/{made.manifest.root.hex()}/c14n" in line for line in found)


def test_cids_of_other_things_name_no_version(history: Workspace) -> None:
    document = Cid.of(b"no manifest")
    blocks = MemoryStore()
    blocks.put([Block(document, b"no manifest")], ())
    with pytest.raises(TriplockError), named_version(str(document), workspace=history, readers=[blocks]):
        pass
