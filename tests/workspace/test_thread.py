"""The thread from end to end as library calls: read, publish, verify, prove, explain, withdraw, export."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from thread_places import DOCUMENTS, ROWS, configuration

from anchoring.dataset.version import hash_dataset
from anchoring.rdf.canonical import canonical_lines
from anchoring.verification.check_anchor import Chain
from anchoring.verification.verify_bundle import verify_proof
from kg.errors import KeyLost, NoLicence, NoSuchStatement, NoSuchVersion, NothingToPublish
from kg.workspace.ingest_chain import ChainRequest, ingest_rows
from kg.workspace.proving import version_of
from kg.workspace.workspace import Workspace

TRANSFER = (
    "<https://eips.ethereum.org/EIPS/eip-20> <https://w3id.org/triplock/ethereum-standards#declares> "
    "<https://eips.ethereum.org/EIPS/eip-20#event:Transfer(address,address,uint256)> ."
)


def test_a_published_version_verifies_in_every_check(filled: Workspace) -> None:
    published = filled.publish()
    for target in (published.record.manifest, published.record.directory, "1"):
        verdict = filled.verify(target)
        assert verdict.exit_code == 0, verdict.as_json()
    assert published.anchor.root.hex() == published.record.root[2:]


def test_publishing_twice_sends_once(filled: Workspace) -> None:
    first = filled.publish()
    block = filled.chain.registry.latest().number
    second = filled.publish()
    assert (first.new, second.new) == (True, False)
    assert first.record.head == second.record.head
    assert filled.chain.registry.latest().number == block
    assert len(filled.log()) == 1


def test_the_second_version_follows_the_first(filled: Workspace) -> None:
    first = filled.publish().record
    filled.ingest(DOCUMENTS / "erc-1155.md")
    second = filled.publish().record
    assert second.number == 2
    assert second.parent == first.head
    assert second.root != first.root
    assert filled.verify("1").exit_code == filled.verify("2").exit_code == 0


def test_reading_the_same_again_changes_nothing(filled: Workspace) -> None:
    root = filled.snapshot().root
    report = filled.ingest(DOCUMENTS / "erc-20.md", DOCUMENTS / "erc-721.md")
    assert (report.documents, report.unchanged) == (0, 2)
    assert filled.snapshot().root == root


def test_the_root_does_not_depend_on_the_order_of_reading(tmp_path: Path) -> None:
    roots = set()
    names = ["erc-20.md", "erc-721.md", "erc-1155.md"]
    for turn in range(3):
        with Workspace.init(tmp_path / str(turn), configuration()) as workspace:
            for name in random.Random(turn).sample(names, 3):
                workspace.ingest(DOCUMENTS / name)
            ingest_rows(workspace, ROWS, ChainRequest())
            roots.add(workspace.snapshot().root)
    assert len(roots) == 1


@pytest.mark.parametrize("form", ["nq", "trig", "jsonld"])
def test_an_export_has_the_root_of_the_version(filled: Workspace, form: str) -> None:
    exported = io.BytesIO()
    filled.export(form, exported)
    lines = canonical_lines(exported.getvalue(), form)
    assert "0x" + hash_dataset(lines).root.hex() == filled.snapshot().root


def test_a_statement_is_proven_with_its_quote_and_verified_by_a_stranger(filled: Workspace) -> None:
    filled.publish()
    bundle = filled.prove(TRANSFER)
    (excerpt,) = bundle.excerpts
    assert "event Transfer(address indexed _from" in excerpt.quote
    chain = Chain(filled.chain.registry)
    verdict = verify_proof(bundle.encode(), graph=filled.chain.graph, chain=chain)
    assert verdict.exit_code == 0, verdict.as_json()
    offline = verify_proof(bundle.encode(), graph=filled.chain.graph)
    assert offline.exit_code == 6


@pytest.mark.soak
def test_a_changed_byte_of_a_proof_is_refuted(filled: Workspace, seed: int, soak_scale: Callable[[int], int]) -> None:
    filled.publish()
    content = filled.prove(TRANSFER).encode()
    chain, graph = Chain(filled.chain.registry), filled.chain.graph
    rounds = min(len(content), soak_scale(5000))
    for at in random.Random(seed).sample(range(len(content)), rounds):
        changed = bytearray(content)
        changed[at] ^= 1 << random.Random(at).randrange(8)
        assert verify_proof(bytes(changed), graph=graph, chain=chain).exit_code == 1, at


def test_why_leads_to_the_quote_and_the_transaction(filled: Workspace) -> None:
    published = filled.publish()
    (explanation,) = filled.why(TRANSFER)
    assert explanation.trust == "read"
    assert explanation.evidence is not None
    text = (DOCUMENTS / "erc-20.md").read_bytes().decode()
    evidence = explanation.evidence
    assert text[evidence.start : evidence.end] == evidence.quote
    assert (evidence.before + evidence.quote + evidence.after) in text
    assert [version.transaction_hash for version in explanation.versions] == ["0x" + published.anchor.transaction.hex()]


def test_a_withdrawn_source_is_gone_from_the_next_version_and_stays_in_the_last(filled: Workspace) -> None:
    filled.publish()
    before = len(filled.store)
    filled.withdraw(str(DOCUMENTS / "erc-20.md"), "a test")
    assert len(filled.store) < before
    with pytest.raises(NoSuchStatement):
        filled.why(TRANSFER)
    filled.publish()
    with pytest.raises(NoSuchStatement):
        filled.prove(TRANSFER)
    assert filled.prove(TRANSFER.replace(" .", f" <{_claim(filled)}> ."), version=1).lines
    report = filled.ingest(DOCUMENTS / "erc-20.md")
    assert report.skipped
    assert not report.documents


def _claim(workspace: Workspace) -> str:
    """The claim that version 1 has the declaration in, out of the version's own data."""
    from anchoring.encoding.cid import Cid
    from anchoring.encoding.unixfs_reader import read_file
    from anchoring.signing.manifest import Manifest

    record = workspace.versions.all()[0]
    manifest = Manifest.decode(workspace.blocks.get(Cid.parse(record.manifest)))
    data = read_file(manifest.data.cid, workspace.blocks).decode()
    (line,) = [line for line in data.splitlines() if line.startswith(TRANSFER.removesuffix(" ."))]
    return line.split(" ")[3].strip("<>")


def test_withdrawing_one_claim_takes_only_it(filled: Workspace) -> None:
    (explanation,) = filled.why(TRANSFER)
    before = set(filled.store.sorted_quads())
    filled.withdraw(explanation.claim, "wrong")
    gone = before - set(filled.store.sorted_quads())
    assert gone
    assert all(explanation.claim.encode() in line or b"#char=" in line for line in gone)
    filled.ingest(DOCUMENTS / "erc-20.md")
    with pytest.raises(NoSuchStatement):
        filled.why(TRANSFER)


def test_withdrawing_everything_leaves_nothing(filled: Workspace) -> None:
    for record in filled.sources.all():
        filled.withdraw(record.cid, "a test")
    assert list(filled.store.sorted_quads()) == []


def test_a_changed_document_at_the_same_path_replaces_the_former(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "eip.md"
    original = (DOCUMENTS / "erc-20.md").read_text(encoding="utf-8")
    path.write_text(original, encoding="utf-8")
    workspace.ingest(path)
    path.write_text(original.replace("Transfer", "Transferred"), encoding="utf-8")
    report = workspace.ingest(path)
    assert len(report.revised) == 1
    with pytest.raises(NoSuchStatement):
        workspace.why(TRANSFER)
    assert workspace.why(TRANSFER.replace("Transfer(", "Transferred("))
    path.write_text(original, encoding="utf-8")
    workspace.ingest(path)
    assert workspace.why(TRANSFER)


def test_a_change_taken_back_before_it_was_published_leaves_nothing_waiting(filled: Workspace) -> None:
    first = filled.publish().record
    filled.ingest(DOCUMENTS / "erc-1155.md")
    assert filled.snapshot().number == 2
    filled.withdraw(str(DOCUMENTS / "erc-1155.md"), "a test")
    assert filled.snapshot().head == first.head
    status = filled.status()
    assert (status["waiting"], status["unpublishedChanges"]) == (None, False)
    assert not filled.publish().new


def test_versions_of_a_graph_of_former_settings_do_not_count(filled: Workspace) -> None:
    record = filled.publish().record
    other = replace(record, head="0x" + "ab" * 32, graph=f"eip155:1:0x{'11' * 20}/0x{'22' * 32}", number=5)
    filled.versions.put(other)
    assert version_of(filled) == record
    with pytest.raises(NoSuchVersion):
        version_of(filled, 5)


def test_the_status_is_of_the_graph_that_moved_last(filled: Workspace) -> None:
    record = filled.snapshot()
    other = replace(filled.versions.all()[-1], head="0x" + "ab" * 32, graph=f"eip155:1:0x{'11' * 20}/0x{'22' * 32}")
    filled.versions.put(other)
    status = filled.status()
    assert (status["graph"], status["waiting"]) == (other.graph, {"version": 1, "state": "built"})
    published = filled.publish().record
    status = filled.status()
    assert (published.head, status["graph"], status["waiting"]) == (record.head, published.graph, None)


def test_a_graph_without_a_licence_is_refused(tmp_path: Path) -> None:
    with Workspace.init(tmp_path / "kg", configuration(licence="")) as workspace:
        workspace.ingest(DOCUMENTS / "erc-20.md")
        with pytest.raises(NoLicence):
            workspace.publish()


def test_a_lost_key_is_not_replaced_by_another(filled: Workspace) -> None:
    filled.publish()
    key = filled.state / "publisher.key"
    kept = key.read_bytes()
    key.unlink()
    filled.close()
    with Workspace.open(filled.folder) as reopened, pytest.raises(KeyLost):
        _ = reopened.signer
    assert not key.exists()
    key.touch(mode=0o600)
    key.write_bytes(kept)
    with Workspace.open(filled.folder) as reopened:
        assert not reopened.publish().new


def test_an_empty_graph_is_refused(workspace: Workspace) -> None:
    with pytest.raises(NothingToPublish):
        workspace.snapshot()
