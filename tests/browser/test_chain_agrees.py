"""Both verifiers judge the chain's part alike: with and without the right hashes, old, and changed."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from chain_cases import publish_graph
from node_verifier import outcomes
from proof_cases import changed, places, replaced, written

from anchoring.encoding.deterministic_cbor import decode
from anchoring.verification.verify_bundle import verify_proof


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return publish_graph(tmp_path_factory.mktemp("chain"))


def agreed(javascript, published, content, hashes=(), **wish):
    python = verify_proof(content, graph=published.graph, block_hashes=hashes, **wish).as_json()
    names = {"max_age": "maxAge", "now": "now", "current": "current"}
    other = javascript.verify(
        content,
        published.graph,
        blockHashes=[f"0x{each.hex()}" for each in hashes],
        **{names[name]: value for name, value in wish.items()},
    )
    assert outcomes(other) == outcomes(python), [python["checks"], other["checks"]]
    assert other["exitCode"] == python["exitCode"]
    return python


EXPECTED = {"first": 0, "first, head newer": 0, "second": 0, "second, head older": 1, "second, anchor alone": 0}
EXPECTED |= {"second, head alone": 6, "second, anchor of the first": 1}


def test_both_know_what_holds_with_the_hashes_that_are_brought(javascript, published):
    for name, bundle in published.bundles.items():
        content = bundle.encode()
        assert agreed(javascript, published, content, published.hashes)["exitCode"] == EXPECTED[name], name
        without = agreed(javascript, published, content)
        assert without["exitCode"] == (1 if name == "second, anchor of the first" else 6), name
        for each in published.hashes:
            agreed(javascript, published, content, [each])
            agreed(javascript, published, content, [each[:-1] + bytes([each[-1] ^ 1])])


@pytest.mark.parametrize(("age", "max_age"), [(0, 3_600), (3_600, 3_600), (3_601, 3_600), (5, 4), (-50, 0)])
def test_both_know_what_is_current(javascript, published, age, max_age):
    for name, bundle in published.bundles.items():
        wish = {"current": True, "now": published.time + age, "max_age": max_age}
        verdict = agreed(javascript, published, bundle.encode(), published.hashes, **wish)
        if name == "second":
            assert verdict["exitCode"] == (0 if age <= max_age else 6)
        if name == "first, head newer":
            assert verdict["exitCode"] == 1


def test_both_let_the_event_decide_whose_signature_counts(javascript, published):
    bundle = published.bundles["second"]
    for signature in (published.other.sign_digest(bundle.manifest.fields.digest), bytes(65), b""):
        content = replace(bundle, signature=signature).encode()
        assert agreed(javascript, published, content, published.hashes)["exitCode"] == (1 if signature else 0)
        agreed(javascript, published, content)


def test_both_judge_changed_chain_proofs_alike(javascript, published, seed, soak_scale):
    chance = random.Random(seed)
    items = [decode(bundle.encode()) for bundle in published.bundles.values()]
    refuted = set()
    for _ in range(soak_scale(30_000)):
        item = chance.choice(items)
        path = chance.choice([path for path in places(item) if path[:1] == ("chain",) and path != ("chain",)])
        item = replaced(item, path, lambda part: changed(part, chance)[1])
        verdict = agreed(javascript, published, written(item), chance.choice([published.hashes, ()]))
        refuted |= {check["name"] for check in verdict["checks"] if check["outcome"] == "refuted"}
    assert refuted >= {"bundle", "anchor", "head"}
