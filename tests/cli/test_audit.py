"""A dishonest version found and proven from the command line, by somebody with nothing but a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dishonest import Signed, honest_blocks, made_lines, signed_version, text_of

from anchoring.blockstores.car import car_bytes
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.dataset.version import Dataset
from anchoring.encoding.cid import RAW, Block, Cid
from anchoring.encoding.unixfs import Child, directory
from anchoring.proofs.bundle import Bundle
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.line_index import LineIndex
from anchoring.signing.manifest import MANIFEST_NAME, SIGNATURE_NAME
from anchoring.signing.signature_file import Signature
from kg.cli.main import run

LINES = made_lines(600)


def written(signed: Signed, folder: Path) -> Path:
    """A CAR of the version with its directory."""
    manifest, signature = signed.manifest, Signature.of(signed.manifest.fields, signed.signature)
    entries = {"data.nq": Child(manifest.data.cid, manifest.data.size, manifest.data.size)}
    for name, block in ((MANIFEST_NAME, manifest.block), (SIGNATURE_NAME, signature.block)):
        entries[name] = Child(block.cid, len(block.data), len(block.data))
    top = directory(entries)
    blocks = [top, manifest.block, signature.block, *(Block(cid, signed.store.get(cid)) for cid in signed.store)]
    file = folder / "version.car"
    file.write_bytes(b"".join(car_bytes([top.cid], blocks)))
    return file


def asked(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict]:
    code = run(["--json", *map(str, words)])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_disorder_is_found_and_the_proof_convinces_a_stranger(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed = signed_version(honest_blocks([*LINES[:200], LINES[100], *LINES[200:]]))
    car, proof = written(signed, tmp_path), tmp_path / "fraud"
    code, told = asked(capsys, "audit", car, "-o", proof)
    assert (code, told["kind"], told["file"]) == (1, "F1", str(proof))
    assert told["signer"] == signed.manifest.owner
    graph = signed.manifest.graph
    code, verdict = asked(capsys, "verify", "--fraud", proof, "--graph", graph)
    assert (code, verdict["outcome"], verdict["about"]["kind"]) == (0, "passed", "F1")
    other = str(graph)[:-64] + "00" * 32
    code, verdict = asked(capsys, "verify", "--fraud", proof, "--graph", other)
    assert (code, verdict["outcome"]) == (1, "refuted")
    assert run(["verify", "--fraud", str(proof), "--graph", str(graph)]) == 0
    assert "signed what cannot be" in capsys.readouterr().out


@pytest.mark.parametrize("swap", [False, True])
def test_a_data_file_with_its_manifest_and_signature_is_enough(
    tmp_path: Path, swap: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [*LINES[:200], LINES[201], LINES[200], *LINES[202:]] if swap else LINES
    signed = signed_version(honest_blocks(lines))
    signature = Signature.of(signed.manifest.fields, signed.signature).encode()
    folder = tmp_path / "version"
    folder.mkdir()
    files = {"data.nq": text_of(lines), MANIFEST_NAME: signed.manifest.encode(), SIGNATURE_NAME: signature}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    code, told = asked(capsys, "audit", folder, "-o", tmp_path / "fraud")
    assert (code, told["entries"], told["kind"]) == (int(swap), "cut anew", "F1" if swap else None)
    if swap:
        assert asked(capsys, "verify", "--fraud", tmp_path / "fraud", "--graph", signed.manifest.graph)[0] == 0
    (folder / "data.nq").write_bytes(text_of(lines[1:]))
    code, told = asked(capsys, "audit", folder)
    assert (code, told["entries"], told["found"]) == (1, None, {})


def test_an_honest_version_convicts_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    car, proof = written(signed_version(honest_blocks(LINES)), tmp_path), tmp_path / "fraud"
    code, told = asked(capsys, "audit", car, "-o", proof)
    assert (code, told["found"], told["file"], told["entries"]) == (0, {}, None, "served")
    assert not proof.exists()


def test_two_proofs_that_contradict_each_other_convict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hidden = LINES[300]
    lines = [*LINES[:300], *LINES[301:500], hidden, *LINES[500:]]
    signed = signed_version(honest_blocks(lines))
    index = LineIndex(Dataset(tuple(TopLeaf.decode(entry) for entry in signed.entries)), signed.store)
    files = []
    for kind, positions in ((ClaimKind.PRESENCE, [lines.index(hidden)]), (ClaimKind.ABSENCE, [299, 300])):
        opening = index.open([index.at(position) for position in positions])
        bundle = Bundle(Claim(kind, (hidden,)), signed.manifest, signed.signature, opening)
        files += ["--proof", tmp_path / str(kind)]
        files[-1].write_bytes(bundle.encode())
        code, verdict = asked(capsys, "verify", "--proof", files[-1], "--graph", signed.manifest.graph)
        assert verdict["outcome"] == "unchecked"
    manifest_alone = tmp_path / "manifest.car"
    manifest_alone.write_bytes(b"".join(car_bytes([signed.manifest.block.cid], [signed.manifest.block])))
    code, told = asked(capsys, "audit", manifest_alone, *files, "-o", tmp_path / "fraud")
    assert (code, told["kind"], told["entries"]) == (1, "F1", "proofs")
    assert told["unread"]
    code, _ = asked(capsys, "verify", "--fraud", tmp_path / "fraud", "--graph", signed.manifest.graph)
    assert code == 0


def test_a_list_of_entries_shows_what_the_bytes_alone_do_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def shorter(entries: list[bytes]) -> list[bytes]:
        return [entries[0][:13] + bytes(4) + entries[0][17:], *entries[1:]]

    signed = signed_version(honest_blocks(LINES), change=shorter)
    car = written(signed, tmp_path)
    code, told = asked(capsys, "audit", car)
    assert (code, told["found"], told["entries"]) == (1, {}, None)
    index = tmp_path / "index"
    index.write_bytes(signed.index)
    code, told = asked(capsys, "audit", car, "--index", index, "-o", tmp_path / "fraud")
    assert (code, sorted(told["found"]), told["entries"]) == (1, ["F3", "F5"], "list")


def test_a_block_that_nobody_hands_out_leaves_the_audit_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed = signed_version(honest_blocks(LINES))
    lacking = Cid(RAW, TopLeaf.decode(signed.entries[1]).digest)
    signed.store._blocks.pop(lacking)
    code, told = asked(capsys, "audit", written(signed, tmp_path))
    assert code == 6
    assert str(lacking) in told["unread"]
