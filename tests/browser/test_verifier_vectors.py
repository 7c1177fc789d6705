"""The verifier in JavaScript agrees with every published test vector."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from node_verifier import outcomes

from anchoring.encoding.deterministic_cbor import decode

VECTORS = Path(__file__).parent.parent / "vectors"


def vector(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", vector("merkle")["cases"], ids=lambda case: str(len(case["entries"])))
def test_trees_and_inclusion_paths(part, case):
    entries = [f"0x{entry.encode().hex()}" for entry in case["entries"]]
    assert part("tree", entries=entries) == case["root"]
    for index, path in enumerate(case["paths"]):
        asked = {"entry": entries[index], "index": index, "count": len(entries)}
        assert part("path", path=path, **asked) == case["root"]
        assert part("path", path=path + "00" * 32, **asked) is None
        assert part("path", path=path[:-2] if len(path) > 2 else "0x00", **asked) is None


@pytest.mark.parametrize("case", vector("datasets")["cases"], ids=lambda case: str(case["count"]))
def test_datasets_cut_and_committed_to(part, case):
    count, width = case.pop("count"), case.pop("width")
    lines = [f'<http://example.org/{i:08}> <http://example.org/p> "{"v" * (i * 7919 % width)}" .' for i in range(count)]
    assert part("dataset", lines=lines) == case


@pytest.mark.parametrize("case", vector("unixfs")["files"], ids=lambda case: str(case["count"]))
def test_files_over_raw_leaves(part, case):
    assert part("file", count=case["count"]) == case["cid"]


def test_graph_digest_and_signature(part):
    case = vector("anchors")
    assert part("graph", **{name: case[name] for name in ("chainId", "registry", "owner", "label")}) == case["graph"]
    names = ("chainId", "registry", "graph", "version", "root", "quads", "blocks", "parent", "manifest")
    assert part("digest", **{name: case[name] for name in names}) == case["digest"]
    assert part("recover", digest=case["digest"], signature=case["signature"]) == case["owner"]


def test_the_manifest_of_a_version(part):
    case = vector("version")
    read = part("manifest", bytes=bytes.fromhex(case["blocks"][case["manifest"]]))
    assert (read["graphId"], read["head"]) == (case["graph"], case["head"])


def test_the_former_bundle(javascript):
    case = vector("version")
    verdict = javascript.verify(bytes.fromhex(case["bundle"]), case["graph"])
    assert verdict["exitCode"] == 6
    item = decode(bytes.fromhex(case["bundle"]))
    attachments = [(f"attachment {n}", "passed") for n in range(1, len(item["attachments"]) + 1)]
    assert outcomes(verdict) == [
        *((name, "passed") for name in ("bundle", "graph", "signature", "statement")),
        *attachments,
        ("excerpt 1", "passed"),
        *((name, "unchecked") for name in ("block", "anchor", "publisher")),
    ]
    assert verdict["about"]["statements"] == [item["presence"]["line"].decode()]


def named(case):
    return case["name"]


@pytest.mark.parametrize("case", vector("fraud")["cases"], ids=named)
def test_fraud_proofs(javascript, case):
    verdict = javascript.verify_fraud(bytes.fromhex(case["file"]), case["graph"])
    assert outcomes(verdict) == [tuple(check) for check in case["checks"]]
    assert verdict["exitCode"] == case["exitCode"]


@pytest.mark.parametrize("case", vector("bundles")["cases"], ids=named)
def test_bundles(javascript, case):
    brought = {name: case[name] for name in ("blockHashes", "current", "maxAge", "now")}
    verdict = javascript.verify(bytes.fromhex(case["bundle"]), case["graph"], **brought)
    assert outcomes(verdict) == outcomes(case)
    assert (verdict["exitCode"], verdict["about"].get("condition")) == (case["exitCode"], case["condition"])


@pytest.mark.parametrize("case", [case for case in vector("canonical-form")["cases"] if "canonical" in case], ids=named)
def test_canonical_documents(part, case):
    """Canonical forms are not made here: what others made is read, and committed to alike."""
    lines = case["canonical"].split("\n")[:-1]
    assert all(part("line", bytes=line.encode()) for line in lines)
    assert part("dataset", lines=lines)["root"] == case["root"]


def test_every_file_of_vectors_is_tried():
    tried = {"merkle", "datasets", "unixfs", "anchors", "version", "fraud", "bundles", "canonical-form"}
    assert {file.stem for file in VECTORS.glob("*.json")} == tried
