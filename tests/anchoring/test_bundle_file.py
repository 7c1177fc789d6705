"""A bundle as a file: one form, what it shows to people, what it saves for several statements, and what it refuses."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from bundle_cases import Cases
from made_chain import chain_proof
from published import OWNER

from anchoring.proofs.bundle import MAX_BUNDLE_BYTES, BadBundle, Bundle
from anchoring.proofs.bundle_view import bundle_view
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.excerpt import Excerpt


@pytest.fixture(scope="module")
def cases():
    return Cases()


def test_every_bundle_is_read_back_and_written_as_it_was(cases):
    read = 0
    for case in cases.all():
        try:
            bundle = Bundle.decode(case.content)
        except BadBundle:
            assert case.refuted == "bundle"
            continue
        assert bundle.encode() == case.content
        read += 1
    assert read > 80


def beside_manifest(bundle):
    return len(bundle.encode()) - len(bundle.manifest.encode()) - len(bundle.signature)


def test_several_statements_in_one_proof_take_less_than_one_proof_each(cases, seed):
    rng = random.Random(seed)
    for count in (2, 3, 10, 40):
        chosen = rng.sample(cases.second.lines, count)
        together = cases.prove("presence", chosen)
        single = [cases.prove("presence", [line]) for line in chosen]
        assert len(together.encode()) < sum(len(each.encode()) for each in single)
        # not only the manifest is shared: the openings alone are smaller, lines and all
        assert beside_manifest(together) < sum(map(beside_manifest, single))


def test_the_view_says_what_is_claimed_in_text(cases):
    chain = chain_proof(cases.second.built.manifest.fields, OWNER, 10)
    for bundle in (
        replace(cases.prove("presence", [cases.second.lines[9]]), chain=chain),
        cases.prove("removed", cases.gone[:1], parent=cases.first),
        cases.prove("prefix", [b"<http://example.org/s1> "]),
    ):
        view = json.loads(json.dumps(bundle_view(bundle)))
        assert view["claim"]["kind"] == bundle.claim.kind
        assert view["claim"]["condition"] == bundle.claim.condition
        assert [
            line.encode() for block in view["version"]["opening"]["blocks"] for line in block["lines"]
        ] == bundle.lines
        assert json.loads(view["version"]["manifest"])["version"] == bundle.manifest.version
        assert bool(view["parent"]) == (bundle.parent is not None)
        assert set(view["chain"]) == set(bundle.chain.item())
        assert view["integrity"] == f"0x{bundle.encode()[-32:].hex()}"


def test_what_no_verifier_would_accept_is_not_made(cases):
    one = cases.prove("presence", [cases.second.lines[9]])
    with pytest.raises(BadBundle, match="parent"):
        replace(one, claim=Claim(ClaimKind.ADDED, one.claim.statements))
    with pytest.raises(BadBundle, match="signature"):
        replace(one, signature=bytes(64))
    block = bytes(MAX_BUNDLE_BYTES // 8)
    large = Excerpt(cases.second.built.manifest.block.cid, 0, 1, "x", (block,) * 8)
    with pytest.raises(BadBundle, match="more than"):
        replace(one, excerpts=(large,)).encode()
    with pytest.raises(BadBundle, match="more than"):
        Bundle.decode(bytes(MAX_BUNDLE_BYTES + 1))
