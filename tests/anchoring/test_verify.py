"""Verification of versions: what holds passes, every changed block is refuted, what is missing is named."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from published import DOCUMENT_CID, OWNER, ChainInMemory, publish_two, signer

from anchoring.blockstores.memory import MemoryStore
from anchoring.dataset.merkle import leaf_hash, tree_root
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.dataset.version import Dataset
from anchoring.encoding.cid import Block, Cid
from anchoring.encoding.unixfs import Child, directory
from anchoring.errors import ServiceFailed
from anchoring.signing.anchor import GraphId
from anchoring.signing.manifest import Manifest
from anchoring.signing.snapshot import VersionHeader, assemble, write_version
from anchoring.verification.check_anchor import Chain
from anchoring.verification.verdict import Outcome, VerificationIncomplete, VerificationRefuted
from anchoring.verification.verify import VersionUnknown, verify_version
from anchoring.verification.verify_bundle import verify_proof


@pytest.fixture(scope="module")
def published():
    return publish_two()


def names(verdict, outcome):
    return [check.name for check in verdict.of(outcome)]


def test_directory_manifest_and_number_verify(published):
    for target in (published.second.directory, published.second.cid, 2, published.first.directory, 1):
        verdict = verify_version(target, graph=published.graph, readers=[published.store], chain=Chain(published.chain))
        assert verdict.exit_code == 0, verdict.as_json()
        verdict.require()
    assert verdict.about["publisher"] == OWNER
    assert verdict.about["block"] == 11
    assert verdict.as_json()["outcome"] == "passed"


def test_without_a_chain_the_chain_part_is_named_as_unchecked(published):
    verdict = verify_version(published.second.directory, graph=published.graph, readers=[published.store])
    assert verdict.exit_code == 6
    assert names(verdict, Outcome.UNCHECKED) == [
        *("chain", "history", "anchor", "publisher", "confirmations", "parent"),
    ]
    with pytest.raises(VerificationIncomplete):
        verdict.require()


def test_a_manifest_without_its_signature_and_chain_leaves_the_signature_unchecked(published):
    verdict = verify_version(published.second.cid, graph=published.graph, readers=[published.store])
    assert "signature" in names(verdict, Outcome.UNCHECKED)
    handed = published.second.signature.encode()
    verdict = verify_version(published.second.cid, graph=published.graph, readers=[published.store], signature=handed)
    assert "signature" in names(verdict, Outcome.PASSED)
    other = published.first.signature.encode()
    verdict = verify_version(published.second.cid, graph=published.graph, readers=[published.store], signature=other)
    assert names(verdict, Outcome.REFUTED) == ["signature"]


def test_depth_anchor_names_what_it_leaves_out(published):
    verdict = verify_version(
        published.second.directory,
        graph=published.graph,
        readers=[published.store],
        chain=Chain(published.chain),
        depth="anchor",
    )
    assert names(verdict, Outcome.UNCHECKED) == ["files", "lines", "cut", "root", "counts", "file"]


def test_another_graph_or_registry_is_refuted(published):
    for graph in (
        replace(published.graph, registry="0x" + "66" * 20),
        replace(published.graph, chain_id=1),
        replace(published.graph, graph=bytes(32)),
    ):
        verdict = verify_version(
            published.second.directory, graph=graph, readers=[published.store], chain=Chain(published.chain)
        )
        assert verdict.exit_code == 1
        assert names(verdict, Outcome.REFUTED) == ["graph"]


def test_a_version_that_an_attacker_built_under_the_owners_name_is_refuted(published):
    store = MemoryStore()
    header = VersionHeader(
        31337, "0x" + "ab" * 20, OWNER, b"\x07" * 32, "CC0-1.0", 3, published.second.fields.head, published.second.cid
    )
    forged = write_version([b'<a:b> <a:p> "forged" .'], header, {}, signer(), store)
    verdict = verify_version(forged.directory, graph=published.graph, readers=[store], chain=Chain(published.chain))
    assert names(verdict, Outcome.REFUTED) == ["anchor"]
    with pytest.raises(VerificationRefuted, match="the chain has no event"):
        verdict.require()


class OneChanged:
    """A reader that does not check and hands out one block with a byte changed."""

    name = "a careless reader"

    def __init__(self, store, cid, at):
        self.store, self.cid, self.at = store, cid, at

    def get(self, cid):
        block = self.store.get(cid)
        if cid != self.cid:
            return block
        at = self.at % len(block)
        return block[:at] + bytes([block[at] ^ 1]) + block[at + 1 :]


def blocks_of(snapshot, store):
    wanted = {block.cid for block in snapshot.blocks}
    wanted |= {leaf.cid for leaf in snapshot.dataset.leaves} | {block.cid for block in snapshot.dataset.nodes}
    return sorted(wanted)


def test_every_changed_block_is_refuted(published, seed):
    rng = random.Random(seed)
    cids = blocks_of(published.second, published.store)
    assert len(cids) > 6
    for cid in cids:
        for at in (0, -1, rng.randrange(10**6)):
            reader = OneChanged(published.store, cid, at)
            verdict = verify_version(
                published.second.directory, graph=published.graph, readers=[reader], chain=Chain(published.chain)
            )
            assert verdict.exit_code == 1, (cid, verdict.as_json())


@pytest.mark.soak
def test_every_changed_block_of_a_larger_version_is_refuted(seed, soak_scale):
    rng = random.Random(seed)
    larger = publish_two(20_000)
    cids = blocks_of(larger.second, larger.store)
    for cid in rng.sample(cids, min(len(cids), soak_scale(100))):
        reader = OneChanged(larger.store, cid, rng.randrange(10**6))
        verdict = verify_version(larger.second.directory, graph=larger.graph, readers=[reader])
        assert verdict.exit_code == 1, (cid, verdict.as_json())


def test_a_second_reader_mends_what_the_first_spoils(published):
    cid = published.second.dataset.leaves[0].cid
    readers = [OneChanged(published.store, cid, 3), published.store]
    verdict = verify_version(
        published.second.directory, graph=published.graph, readers=readers, chain=Chain(published.chain)
    )
    assert verdict.exit_code == 0


def test_missing_blocks_refute_nothing_but_leave_checks_open(published):
    for cid in blocks_of(published.second, published.store):
        partial = MemoryStore()
        partial.put([Block(each, published.store.get(each)) for each in published.store if each != cid], [])
        verdict = verify_version(
            published.second.directory, graph=published.graph, readers=[partial], chain=Chain(published.chain)
        )
        assert verdict.exit_code == 6, (cid, verdict.as_json())
        assert any(str(cid) in check.detail for check in verdict.of(Outcome.UNCHECKED))


class Down:
    name = "a gateway"

    def get(self, cid):
        raise ServiceFailed("no answer", remedy="start it")


def test_a_reader_that_is_down_is_no_verdict(published):
    with pytest.raises(ServiceFailed):
        verify_version(published.second.directory, graph=published.graph, readers=[Down()])
    verdict = verify_version(published.second.directory, graph=published.graph, readers=[Down(), published.store])
    assert verdict.exit_code == 6


def test_an_unknown_number_is_wrong_usage(published):
    with pytest.raises(VersionUnknown):
        verify_version(3, graph=published.graph, readers=[published.store], chain=Chain(published.chain))
    with pytest.raises(VersionUnknown):
        verify_version(2, graph=published.graph, readers=[published.store])


def lying(published, **changes):
    anchors = [*published.chain.listed[:-1], replace(published.chain.listed[-1], **changes)]
    return ChainInMemory(listed=anchors, heads=dict(published.chain.heads), height=published.chain.height)


@pytest.mark.parametrize(
    ("change", "refuted"),
    [
        ({"root": bytes(32)}, "history"),
        ({"quads": 1}, "history"),
        ({"manifest": bytes(32)}, "history"),
        ({"parent": bytes(32)}, "history"),
        ({"head": bytes(32)}, "history"),
        ({"graph": GraphId(31337, "0x" + "66" * 20, bytes(32))}, "history"),
        ({"publisher": "0x" + "66" * 20}, "signature publisher"),
    ],
)
def test_an_endpoint_that_lies_is_refuted(published, change, refuted):
    verdict = verify_version(
        published.second.directory,
        graph=published.graph,
        readers=[published.store],
        chain=Chain(lying(published, **change)),
    )
    assert names(verdict, Outcome.REFUTED) == refuted.split()


def test_a_manifest_that_names_another_parent_is_refuted(published):
    manifest = replace(published.second.manifest, parent_manifest=DOCUMENT_CID)
    first = published.chain.listed[0]
    chain = ChainInMemory(listed=[first], heads={published.graph: first.head})
    chain.publish(manifest.fields)
    published.store.put([manifest.block], [])
    verdict = verify_version(manifest.block.cid, graph=published.graph, readers=[published.store], chain=Chain(chain))
    assert names(verdict, Outcome.REFUTED) == ["parent"]


def test_a_head_word_that_no_event_explains_is_refuted(published):
    chain = ChainInMemory(listed=published.chain.listed, heads={published.graph: b"\x09" * 32}, height=20)
    verdict = verify_version(2, graph=published.graph, readers=[published.store], chain=Chain(chain))
    assert names(verdict, Outcome.REFUTED) == ["history"]


def test_nothing_published_another_chain_and_too_few_confirmations(published):
    target, readers = published.second.directory, [published.store]
    verdict = verify_version(target, graph=published.graph, readers=readers, chain=Chain(ChainInMemory()))
    assert names(verdict, Outcome.REFUTED) == ["history"]
    verdict = verify_version(target, graph=published.graph, readers=readers, chain=Chain(ChainInMemory(number=1)))
    assert names(verdict, Outcome.REFUTED) == ["chain"]
    verdict = verify_version(target, graph=published.graph, readers=readers, chain=Chain(published.chain, 12))
    assert names(verdict, Outcome.UNCHECKED) == ["confirmations"]


def forge(published, leaves, held, **changes):
    """A version as a dishonest owner may sign and publish it: any top leaves over any blocks."""
    store, chain = MemoryStore(), ChainInMemory()
    dataset = Dataset(tuple(leaves))
    header = VersionHeader(31337, "0x" + "ab" * 20, OWNER, b"\x07" * 32, "CC0-1.0")
    snapshot = assemble(dataset, header, {}, signer())
    if changes:
        manifest = replace(snapshot.manifest, **changes)
        store.put([manifest.block], [])
        chain.publish(manifest.fields)
        target = manifest.block.cid
    else:
        chain.publish(snapshot.fields)
        target = snapshot.directory
    store.put([*held, *dataset.nodes, *snapshot.blocks], [])
    return verify_version(target, graph=published.graph, readers=[store], chain=Chain(chain))


def leaf_of(lines, start=0, **changes):
    content = b"".join(line + b"\n" for line in lines)
    line_root = tree_root([leaf_hash(line) for line in lines])
    leaf = TopLeaf(start, len(lines), len(content), line_root, Cid.of(content).digest)
    return replace(leaf, **changes), Block(Cid.of(content), content)


A, B = b'<a:b> <a:p> "1" .', b'<a:b> <a:p> "2" .'


@pytest.mark.parametrize(
    ("pieces", "changes", "refuted"),
    [
        ([([B, A], {})], {}, ["lines"]),
        ([([A, A], {})], {}, ["lines"]),
        ([([A, b'<a:b>  <a:p> "3" .'], {})], {}, ["lines"]),
        ([([A], {}), ([B], {"start": 1})], {}, ["cut", "root", "counts", "file"]),
        ([([A, B], {"line_root": bytes(32)})], {}, ["root"]),
        ([([A, B], {"count": 1})], {}, ["root", "counts"]),
        ([([A, B], {})], {"root": bytes(32)}, ["root"]),
        ([([A, B], {})], {"quads": 3}, ["counts"]),
        ([([A, B], {})], {"quads": 2, "blocks": 2}, ["counts"]),
    ],
)
def test_what_a_dishonest_owner_signs_is_refuted(published, pieces, changes, refuted):
    made = [leaf_of(lines, **more) for lines, more in pieces]
    verdict = forge(published, [leaf for leaf, _ in made], [block for _, block in made], **changes)
    assert names(verdict, Outcome.REFUTED) == refuted


def test_a_file_of_another_length_is_refuted(published):
    leaf, block = leaf_of([A, B])
    files = (replace(published.first.manifest.data, cid=block.cid, size=len(block.data) + 1),)
    assert names(forge(published, [leaf], [block], files=files), Outcome.REFUTED) == ["counts"]
    files = (replace(files[0], size=len(block.data) - 1),)
    assert names(forge(published, [leaf], [block], files=files), Outcome.REFUTED) == ["lines"]


def test_the_listing_of_the_directory_must_be_the_manifests(published):
    second = published.second
    entries = {
        "data.nq": second.dataset.file,
        "manifest.json": Child(second.cid, 1, 1),
        "signature.json": Child(second.signature.block.cid, 1, 1),
        "void.ttl": Child(DOCUMENT_CID, 1, 1),
    }
    block = directory(entries)
    published.store.put([block], [])
    verdict = verify_version(block.cid, graph=published.graph, readers=[published.store], chain=Chain(published.chain))
    assert names(verdict, Outcome.REFUTED) == ["listing"]


def test_an_empty_version_verifies():
    store, chain = MemoryStore(), ChainInMemory()
    header = VersionHeader(31337, "0x" + "ab" * 20, OWNER, bytes(32), "CC0-1.0")
    snapshot = write_version([], header, {}, signer(), store)
    chain.publish(snapshot.fields)
    verdict = verify_version(snapshot.directory, graph=header.graph, readers=[store], chain=Chain(chain))
    assert verdict.exit_code == 0, verdict.as_json()


def test_the_same_version_twice_is_the_same_bytes(published):
    assert publish_two().second.directory == published.second.directory
    assert Manifest.decode(published.store.get(published.second.cid)) == published.second.manifest


@pytest.mark.parametrize("junk", [b"", b"\xa0", b"\xff" * 40, b"{}", b"\x9b" + b"\xff" * 8, b"\x5b" + b"\xff" * 8])
def test_junk_is_no_proof(published, junk):
    verdict = verify_proof(junk, graph=published.graph)
    assert names(verdict, Outcome.REFUTED) == ["bundle"]


def test_the_format_document_names_every_check(published):
    verdict = verify_version(
        published.second.directory, graph=published.graph, readers=[published.store], chain=Chain(published.chain)
    )
    document = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")
    table = document[document.index("## Verification") : document.index("## What a verifier")]
    assert {check.name for check in verdict.checks} <= set(re.findall(r"`([a-z]+)`", table))
