"""An RDF file anchored as it is: the CAR holds the whole version, and the same call again makes nothing new."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from anchoring.blockstores.car import CarReader
from anchoring.dataset.version import hash_dataset
from anchoring.encoding.cid import Cid
from anchoring.encoding.unixfs_reader import read_file
from anchoring.rdf.canonical import canonicalize
from anchoring.rdf.rdf_input import RdfSyntaxError
from anchoring.verification.check_anchor import Chain
from anchoring.verification.verify import verify_version
from kg.errors import LabelTaken, NoLicence
from kg.workspace.anchor_file import AnchoredFile, FileOptions, anchor_file
from kg.workspace.workspace import Workspace

FACTS = b"""
@prefix e: <http://example.org/> .
e:a e:knows [ e:name "B"@EN ] ; e:age 1.10 .
"""


def anchored(workspace: Workspace, content: bytes, target: Path, **options: object) -> AnchoredFile:
    return anchor_file(workspace, content, target, "facts", FileOptions(format="ttl", **options))  # type: ignore[arg-type]


def check(workspace: Workspace, made: AnchoredFile, target: Path, content: bytes) -> None:
    with CarReader(target) as car:
        assert car.roots == (made.snapshot.directory,)
        verdict = verify_version(
            made.snapshot.directory,
            graph=made.snapshot.fields.graph,
            readers=[car],
            chain=Chain(workspace.chain.registry),
        )
        assert read_file(made.snapshot.manifest.data.cid, car) == canonicalize(content, "ttl")
    assert verdict.outcome == "passed", verdict


def test_a_file_is_anchored_and_its_car_verifies(workspace: Workspace, tmp_path: Path) -> None:
    made = anchored(workspace, FACTS, tmp_path / "a.car")
    assert made.new
    assert made.anchor is not None
    assert made.snapshot.fields.root == hash_dataset(canonicalize(FACTS, "ttl")[:-1].split(b"\n")).root
    check(workspace, made, tmp_path / "a.car", FACTS)
    assert len(workspace.store) == 0
    assert workspace.versions.all() == []


def test_the_same_again_sends_nothing_and_another_is_the_next_version(workspace: Workspace, tmp_path: Path) -> None:
    first = anchored(workspace, FACTS, tmp_path / "1.car")
    again = anchored(workspace, FACTS, tmp_path / "again.car")
    assert not again.new
    assert again.anchor == first.anchor
    assert (tmp_path / "again.car").read_bytes() == (tmp_path / "1.car").read_bytes()
    more = FACTS + b"e:a e:knows e:c ."
    second = anchored(workspace, more, tmp_path / "2.car")
    assert second.new
    assert second.snapshot.manifest.version == 2
    assert second.snapshot.manifest.parent_manifest == first.snapshot.cid
    check(workspace, second, tmp_path / "2.car", more)
    third = anchored(workspace, FACTS, tmp_path / "3.car")
    assert third.snapshot.manifest.version == 3
    check(workspace, third, tmp_path / "3.car", FACTS)


def test_what_was_sent_and_left_is_taken_up(workspace: Workspace, tmp_path: Path) -> None:
    sent = anchored(workspace, FACTS, tmp_path / "a.car", wait=0)
    done = anchored(workspace, FACTS, tmp_path / "a.car")
    assert done.snapshot == sent.snapshot
    anchors = workspace.chain.registry.anchors(sent.snapshot.fields.graph)
    assert [anchor.head for anchor in anchors] == [sent.snapshot.fields.head]
    check(workspace, done, tmp_path / "a.car", FACTS)


def test_who_declines_has_the_car_and_no_anchor(workspace: Workspace, tmp_path: Path) -> None:
    options = FileOptions(format="ttl")
    made = anchor_file(workspace, FACTS, tmp_path / "a.car", "facts", options, consent=lambda cost: False)
    assert made.declined
    assert made.anchor is None
    assert workspace.chain.registry.anchors(made.snapshot.fields.graph) == []
    assert anchored(workspace, FACTS, tmp_path / "b.car").new
    assert (tmp_path / "a.car").read_bytes() == (tmp_path / "b.car").read_bytes()


def test_what_is_refused_leaves_no_file(workspace: Workspace, tmp_path: Path) -> None:
    target = tmp_path / "a.car"
    with pytest.raises(LabelTaken, match="main"):
        anchor_file(workspace, FACTS, target, "main", FileOptions(format="ttl"))
    with pytest.raises(RdfSyntaxError):
        anchored(workspace, b"<a:b> ", target)
    assert not target.exists()


def test_without_a_licence_nothing_is_anchored(tmp_path: Path) -> None:
    with Workspace.init(tmp_path / "kg") as workspace:
        with pytest.raises(NoLicence):
            anchored(workspace, FACTS, tmp_path / "a.car")
        assert anchored(workspace, FACTS, tmp_path / "a.car", licence="CC0-1.0").snapshot.manifest.licence == "CC0-1.0"


def test_the_command_says_what_it_anchored(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "facts.ttl").write_bytes(FACTS)
    folder = str(workspace.folder)
    workspace.close()
    command = [sys.executable, "-m", "triplock", "--json", "-C", folder, "anchor", str(tmp_path / "facts.ttl")]
    command += ["-o", str(tmp_path / "a.car"), "--label", "facts"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    told = json.loads(done.stdout)
    assert (told["version"], told["new"]) == (1, True)
    with CarReader(tmp_path / "a.car") as car:
        assert car.roots == (Cid.parse(told["directory"]),)
