"""Who has cloned somebody else's graph can prove things about it, with no help from its publisher."""

from __future__ import annotations

from pathlib import Path

import pytest
from clone_places import TRANSFER, Publisher

from anchoring.proofs.claims import ClaimKind
from anchoring.verification.check_anchor import Chain
from anchoring.verification.verify_bundle import verify_proof
from kg.cli.main import run
from kg.workspace.chain import foreign_registry
from kg.workspace.proven_claim import Wanted, prefix_of_subject
from kg.workspace.proving import prove_statement, with_chain
from kg.workspace.workspace import Workspace


def test_a_clone_proves_as_its_publisher_does(published: Publisher, cloned: Path) -> None:
    registry = foreign_registry(published.graph, [published.url])
    subject = prefix_of_subject("https://eips.ethereum.org/EIPS/eip-721")
    with Workspace.open(published.folder) as theirs:
        ours = theirs.prove(TRANSFER).encode()
    with Workspace.open(cloned) as workspace:
        bundle = workspace.prove(TRANSFER)
        assert bundle.encode() == ours
        assert [excerpt.quote for excerpt in bundle.excerpts]
        complete = prove_statement(workspace, Wanted(ClaimKind.PREFIX, prefix=subject))
        old = prove_statement(workspace, Wanted(ClaimKind.PREFIX, prefix=subject), number=1)
    for made in (bundle, complete, old):
        assert verify_proof(made.encode(), graph=published.graph, chain=Chain(registry)).exit_code == 0
    assert len(complete.lines) > len(old.lines)
    whole = with_chain(complete, registry, pytest.fail)
    assert whole.chain.anchor is not None
    assert whole.chain.head is not None
    hashes = {whole.chain.anchor.block_hash, whole.chain.head.block_hash}
    assert verify_proof(whole.encode(), graph=published.graph, block_hashes=hashes).exit_code == 0


def test_from_the_command_line(published: Publisher, cloned: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "added.proof")
    words = ["-C", str(cloned), "-q", "prove", "--subject", "https://eips.ethereum.org/EIPS/eip-721", "--chain"]
    assert run([*words, "-o", file]) == 0
    assert run(["-q", "verify", "--proof", file, "--graph", str(published.graph), "--rpc", published.url]) == 0
