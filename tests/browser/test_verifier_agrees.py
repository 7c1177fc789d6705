"""The verifiers in Python and in JavaScript agree, check by check, on good proofs and on changed ones."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

from node_verifier import outcomes
from proof_cases import KEY, OTHER_KEY, changed, edited_bytes, replaced, resigned, written

from anchoring.encoding.deterministic_cbor import decode
from anchoring.signing.anchor import GraphId
from anchoring.verification.verify_bundle import verify_proof

VECTORS = Path(__file__).parent.parent / "vectors"


def agreed(javascript, content, graph):
    """The verdict that both give; fails where they differ."""
    python = verify_proof(content, graph=graph).as_json()
    other = javascript.verify(content, graph)
    assert outcomes(other) == outcomes(python), [python["checks"], other["checks"]]
    assert other["exitCode"] == python["exitCode"]
    assert other["about"].get("condition") == python["about"].get("condition")
    return python


def test_on_good_bundles(javascript, graph, good):
    assert {name.split()[0] for name in good} == {"presence", "absence", "prefix", "added", "removed"}
    for name, content in good.items():
        verdict = agreed(javascript, content, graph.graph)
        assert verdict["exitCode"] == 6, name
        assert all(check["outcome"] != "refuted" for check in verdict["checks"]), name


def test_on_changed_bundles(javascript, graph, good, seed, soak_scale):
    """Any part of a bundle changed, the file written anew; some signed anew, by the owner or by somebody else."""
    chance = random.Random(seed)
    items = [decode(content) for content in good.values()]
    ends = set()
    for _ in range(soak_scale(50_000)):
        item = chance.choice(items)
        for _ in range(chance.choice([1, 1, 1, 2])):
            _, item = changed(item, chance)
        if chance.random() < 0.05:
            item = replaced(item, ("version", "signature"), lambda signature: edited_bytes(signature, chance))
        if isinstance(item, dict) and chance.random() < 0.5:
            item = resigned(item, chance.choice([KEY, OTHER_KEY]))
        verdict = agreed(javascript, written(item), graph.graph)
        assert verdict["exitCode"] != 0
        ends.update(check["name"] for check in verdict["checks"] if check["outcome"] == "refuted")
    assert ends >= {"bundle", "opening", "claim"}


def test_on_good_bundles_of_another_graph(javascript, graph, good):
    other = replace(graph.graph, registry="0x" + "77" * 20)
    for name, content in good.items():
        verdict = agreed(javascript, content, other)
        assert [check["name"] for check in verdict["checks"] if check["outcome"] == "refuted"] == ["graph"], name


def test_on_former_bundles_changed(javascript, seed, soak_scale):
    case = json.loads((VECTORS / "version.json").read_text(encoding="utf-8"))
    item, graph = decode(bytes.fromhex(case["bundle"])), GraphId.parse(case["graph"])
    chance = random.Random(seed)
    for _ in range(soak_scale(10_000)):
        verdict = agreed(javascript, written(changed(item, chance)[1]), graph)
        assert verdict["exitCode"] != 0


def test_on_changed_bytes(javascript, graph, good, seed, soak_scale):
    """A changed byte, whatever it is, makes a bundle that both refuse as a file."""
    chance = random.Random(seed)
    for _ in range(soak_scale(10_000)):
        content = chance.choice(list(good.values()))
        at = chance.randrange(len(content))
        other = bytes([content[at] ^ 1 << chance.randrange(8)])
        verdict = agreed(javascript, content[:at] + other + content[at + 1 :], graph.graph)
        assert outcomes(verdict) == [("bundle", "refuted")]
