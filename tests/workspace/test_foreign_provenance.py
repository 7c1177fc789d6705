"""What one source says about another's claims changes nothing that triplock says of them."""

from __future__ import annotations

from pathlib import Path

from test_thread import TRANSFER
from thread_places import DOCUMENTS

from anchoring.encoding.cid import Cid
from anchoring.encoding.unixfs import document_blocks
from kg.workspace.workspace import Workspace

PROV = "http://www.w3.org/ns/prov#"
TL = "https://w3id.org/triplock/ns#"
OA = "http://www.w3.org/ns/oa#"


def forge(workspace: Workspace, folder: Path) -> Cid:
    """Two files that together say all that provenance consists of, about the claim that declares Transfer.

    The first is a graph whose claim can be named by the second; what it says of itself is as an activity says it.
    Gives the CID of a third file, which the forged words make the source of the honest claim.
    """
    (honest,) = workspace.why(TRANSFER)
    decoy = folder / "decoy.nq"
    decoy.write_text('<http://e.example/s> <http://e.example/p> "decoy" .\n')
    said = (
        f'<{honest.claim}> <{TL}confidence> "0.01" .\n'
        f'<{honest.activity}> <{TL}trust> "inferred" .\n'
        f"<{honest.activity}> <{PROV}used> <ipfs://{document_blocks(decoy.read_bytes())[0]}> .\n"
        f"<{honest.claim}> <{PROV}wasDerivedFrom> <ipfs://{document_blocks(decoy.read_bytes())[0]}> .\n"
        f'<{honest.derived_from}> <{OA}exact> "a forged quote" .\n'
        f'<{honest.derived_from}> <{OA}start> "no number" .\n'
        f'<{honest.evidence.document if honest.evidence else ""}> <{TL}encoding> "no-such-encoding" .\n'
    )
    first = folder / "first.nq"
    first.write_text(said)
    workspace.ingest(first, decoy)
    (mine,) = {
        line.rsplit(b" ", 2)[1].decode().strip("<>")
        for line in workspace.store.sorted_quads()
        if b'"a forged quote"' in line
    }
    second = folder / "second.nq"
    second.write_text(
        f"<{honest.claim}> <{PROV}wasGeneratedBy> <{mine}> .\n"
        f'<{mine}> <{TL}trust> "proven" .\n'
        f'<{mine}> <http://www.w3.org/2000/01/rdf-schema#label> "a forged reader" .\n'
    )
    workspace.ingest(second)
    return document_blocks(decoy.read_bytes())[0]


def test_why_and_proof_say_what_they_said_before(filled: Workspace, tmp_path: Path) -> None:
    before = filled.why(TRANSFER)
    forge(filled, tmp_path)
    assert filled.why(TRANSFER) == before
    filled.publish()
    bundle = filled.prove(TRANSFER)
    assert [excerpt.quote for excerpt in bundle.excerpts] == [before[0].evidence.quote if before[0].evidence else ""]
    attached = b"\n".join(bundle.lines)
    assert b"forged" not in attached
    assert b"proven" not in attached


def test_withdrawing_a_source_takes_nothing_of_another(filled: Workspace, tmp_path: Path) -> None:
    honest = set(filled.store.sorted_quads())
    decoy = forge(filled, tmp_path)
    filled.withdraw(str(decoy), "a test")
    assert honest <= set(filled.store.sorted_quads())
    assert filled.why(TRANSFER)[0].trust == "read"
    for path in (DOCUMENTS / "erc-20.md", DOCUMENTS / "erc-721.md", tmp_path / "first.nq", tmp_path / "second.nq"):
        filled.withdraw(str(path), "a test")
    assert list(filled.store.sorted_quads()) == []
