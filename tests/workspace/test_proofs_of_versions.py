"""The five claims about versions of a workspace: made, verified against its chain, and refused where they are false."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from anchoring.blockstores.folder import FolderStore
from anchoring.errors import WrongUsage
from anchoring.proofs.bundle import Bundle
from anchoring.proofs.claim_proof import ParentNeeded, StatementPresent
from anchoring.proofs.claims import ClaimKind
from anchoring.verification.check_anchor import Chain
from anchoring.verification.verify_bundle import verify_proof
from kg.errors import NoSuchStatement, NoSuchVersion
from kg.workspace.checkout import checkout
from kg.workspace.configuration import Configuration
from kg.workspace.named_version import named_version
from kg.workspace.proven_claim import Wanted, prefix_of_subject, prefix_of_triple
from kg.workspace.proving import prove_claim, prove_statement, with_chain
from kg.workspace.workspace import Workspace

FIRST, SECOND, NEW = (f'<http://e.example/s> <http://e.example/p> "{each}" .' for each in ("first", "second", "new"))
NOWHERE = '<http://e.example/s> <http://e.example/p> "nowhere" .'
SUBJECT = prefix_of_subject("http://e.example/s")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Version 1 has FIRST and SECOND, version 2 has NEW and not SECOND."""
    folder = tmp_path_factory.mktemp("proofs")
    plain = Configuration()
    settings = replace(plain, graph=replace(plain.graph, licence="CC0-1.0"), model=replace(plain.model, use="none"))
    files = {name: folder / f"{name}.nt" for name in ("first", "second", "new")}
    for name, statement in (("first", FIRST), ("second", SECOND), ("new", NEW)):
        files[name].write_text(statement + "\n")
    with Workspace.init(folder / "kg", settings) as workspace:
        workspace.ingest(files["first"])
        workspace.ingest(files["second"])
        workspace.publish()
        workspace.withdraw(str(files["second"]), "a test")
        workspace.ingest(files["new"])
        workspace.publish()
        yield workspace


def holds(workspace: Workspace, bundle: Bundle) -> bool:
    content = bundle.encode()
    assert Bundle.decode(content) == bundle
    verdict = verify_proof(content, graph=workspace.chain.graph, chain=Chain(workspace.chain.registry))
    assert verdict.about["condition"] == bundle.claim.condition
    return verdict.exit_code == 0


@pytest.mark.parametrize(
    ("kind", "statements"),
    [
        ("presence", (FIRST,)),
        ("presence", (FIRST, NEW)),
        ("absence", (SECOND,)),
        ("absence", (NOWHERE,)),
        ("added", (NEW,)),
        ("removed", (SECOND,)),
    ],
)
def test_what_is_true_is_proven(two: Workspace, kind: str, statements: tuple[str, ...]) -> None:
    assert holds(two, two.prove(*statements, kind=kind))


@pytest.mark.parametrize(
    ("kind", "statements", "refused"),
    [
        ("presence", (SECOND,), NoSuchStatement),
        ("presence", (FIRST, SECOND), NoSuchStatement),
        ("absence", (FIRST,), StatementPresent),
        ("absence", (FIRST, NOWHERE), WrongUsage),
        ("added", (FIRST,), StatementPresent),
        ("added", (NOWHERE,), NoSuchStatement),
        ("removed", (FIRST,), StatementPresent),
        ("removed", (NEW,), NoSuchStatement),
        ("presence", (), WrongUsage),
    ],
)
def test_what_is_false_is_not(two: Workspace, kind: str, statements: tuple[str, ...], refused: type[Exception]) -> None:
    with pytest.raises(refused):
        two.prove(*statements, kind=kind)


def test_everything_about_a_subject_is_proven_with_nothing_left_out(two: Workspace) -> None:
    for number, count in ((1, 2), (2, 2)):
        bundle = prove_statement(two, Wanted(ClaimKind.PREFIX, prefix=SUBJECT), number=number)
        assert holds(two, bundle)
        verdict = verify_proof(bundle.encode(), graph=two.chain.graph)
        shown = verdict.about["lines"]
        assert isinstance(shown, list)
        assert len(shown) == count
        assert ("second" in "".join(shown)) == (number == 1)
    of_triple = prove_statement(two, Wanted(ClaimKind.PREFIX, prefix=prefix_of_triple(SECOND)), number=2)
    assert holds(two, of_triple)


def test_the_first_version_removed_nothing(two: Workspace) -> None:
    with pytest.raises(ParentNeeded):
        two.prove(SECOND, version=1, kind="removed")
    assert holds(two, two.prove(SECOND, version=1, kind="added"))


def test_any_version_is_proven_from_where_it_lies(two: Workspace, tmp_path: Path) -> None:
    """A CAR, a checked-out folder and a CID, without the workspace but for the blocks of the parent."""
    car = tmp_path / "v2.car"
    with car.open("wb") as stream:
        two.export("car", stream)
    record = two.versions.all()[-1]
    with named_version("2", workspace=two) as version:
        checkout(version, tmp_path / "v2")
    blocks = FolderStore(two.folder / ".triplock" / "blocks")
    for name in (str(car), str(tmp_path / "v2"), record.directory, record.manifest):
        with named_version(name, workspace=None, readers=[blocks]) as version:
            for wanted in (
                Wanted(statements=(FIRST, NEW)),
                Wanted(ClaimKind.REMOVED, (SECOND,)),
                Wanted(ClaimKind.PREFIX, prefix=SUBJECT),
            ):
                bundle = prove_claim(wanted, version, workspace=None)
                assert holds(two, bundle), name
                assert bool(bundle.signature) == (name != record.manifest), name


def test_the_chains_part_in_a_proof_replaces_the_endpoint(two: Workspace) -> None:
    bundle = two.prove(FIRST, NEW)
    lacking: list[str] = []
    whole = with_chain(bundle, two.chain.registry, lacking.append)
    assert lacking == []
    assert whole.chain.anchor is not None
    assert whole.chain.head is not None
    hashes = {whole.chain.anchor.block_hash, whole.chain.head.block_hash}
    verdict = verify_proof(whole.encode(), graph=two.chain.graph, block_hashes=hashes)
    assert verdict.exit_code == 0, verdict.as_json()
    assert verify_proof(bundle.encode(), graph=two.chain.graph, block_hashes=hashes).exit_code == 6
    unpublished = replace(bundle, manifest=replace(bundle.manifest, licence="MIT"))
    with pytest.raises(NoSuchVersion):
        with_chain(unpublished, two.chain.registry, lacking.append)
