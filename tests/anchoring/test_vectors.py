"""The test vectors are what this code gives, and a verifier that has only them agrees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from vector_cases import CASES

from anchoring.blockstores.memory import MemoryStore
from anchoring.encoding.cid import Block, Cid
from anchoring.signing.anchor import GraphId
from anchoring.verification.verify import verify_version
from anchoring.verification.verify_bundle import verify_proof

VECTORS = Path(__file__).parent.parent / "vectors"


@pytest.mark.parametrize("name", CASES)
def test_the_vectors_are_current(name):
    assert json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8")) == json.loads(json.dumps(CASES[name]()))


def test_there_are_no_others():
    assert sorted(file.stem for file in VECTORS.glob("*.json")) == sorted(CASES)


@pytest.mark.parametrize(
    "case", json.loads((VECTORS / "bundles.json").read_text(encoding="utf-8"))["cases"], ids=lambda case: case["name"]
)
def test_a_bundle_is_judged_as_the_vector_says(case):
    hashes = [bytes.fromhex(text[2:]) for text in case["blockHashes"]]
    verdict = verify_proof(
        bytes.fromhex(case["bundle"]),
        graph=GraphId.parse(case["graph"]),
        block_hashes=hashes,
        current=case["current"],
        max_age=case["maxAge"],
        now=case["now"],
    )
    assert [{"name": check.name, "outcome": check.outcome.value} for check in verdict.checks] == case["checks"]
    assert verdict.exit_code == case["exitCode"]


def test_the_version_verifies_from_the_vectors_alone():
    vector = json.loads((VECTORS / "version.json").read_text(encoding="utf-8"))
    store = MemoryStore()
    store.put([Block(Cid.parse(cid), bytes.fromhex(data)) for cid, data in vector["blocks"].items()], [])
    graph = GraphId.parse(vector["graph"])
    for verdict in (
        verify_version(Cid.parse(vector["directory"]), graph=graph, readers=[store]),
        verify_proof(bytes.fromhex(vector["bundle"]), graph=graph),
    ):
        assert verdict.exit_code == 6
        assert all(
            "no chain" in check.detail or "no endpoint" in check.detail
            for check in verdict.checks
            if check.outcome == "unchecked"
        )
