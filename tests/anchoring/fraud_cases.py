"""Fraud proofs for tests/vectors: of each kind some that convict, and some that convict nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dishonest import HEADER, Signed, honest_blocks, made_lines, sign, signed_version, text_of

from anchoring.dataset.top_leaf import TopLeaf
from anchoring.encoding.deterministic_cbor import decode, encode
from anchoring.fraud.auditing import audit_version
from anchoring.fraud.fraud_evidence import (
    BlockContent,
    DisagreeingEntries,
    FraudKind,
    OtherContent,
    OtherCut,
    OtherFile,
)
from anchoring.fraud.fraud_proof import FraudProof, verify_fraud
from anchoring.proofs.line_index import Place
from anchoring.signing.anchor import GraphId
from anchoring.signing.manifest import FileEntry

LINES = made_lines(420, 130)
BLOCKS = honest_blocks(LINES)


def entry(number: int, **fields: object):
    """A change of one entry."""

    def change(entries: list[bytes]) -> list[bytes]:
        changed = list(entries)
        changed[number] = replace(TopLeaf.decode(entries[number]), **fields).encode()  # type: ignore[arg-type]
        return changed

    return change


def dishonest() -> Iterator[tuple[str, str, Signed]]:
    """Name, kind, and what was signed."""
    first = BLOCKS[0][:-1].split(b"\n")
    second = BLOCKS[1][:-1].split(b"\n")
    swapped = [*LINES[:7], LINES[8], LINES[7], *LINES[9:]]
    yield "two lines swapped", "F1", signed_version(honest_blocks(swapped))
    yield "a line twice", "F1", signed_version(honest_blocks([*LINES[:7], LINES[6], *LINES[7:]]))
    yield "blocks in another order", "F1", signed_version([BLOCKS[1], BLOCKS[0], *BLOCKS[2:]])
    yield "an empty line", "F2", signed_version([b"\n" + BLOCKS[0], *BLOCKS[1:]])
    yield "two spaces", "F2", signed_version(honest_blocks([*LINES, b'<z:z>  <z:p> "x" .']))
    yield "no UTF-8", "F2", signed_version(honest_blocks([*LINES, b'<z:z> <z:p> "\xff" .']))
    yield "a block cut off within a line", "F3", signed_version([*BLOCKS[:-1], BLOCKS[-1][:-1]])
    yield "another count", "F3", signed_version(BLOCKS, change=entry(-1, count=3))
    yield "another line root", "F3", signed_version(BLOCKS, change=entry(-1, line_root=bytes(32)))
    yield "one statement too many", "F4", signed_version(BLOCKS, quads=len(LINES) + 1)
    yield "a gap", "F4", signed_version(BLOCKS, change=entry(1, start=7))
    yield "block 0 starts at 1", "F4", signed_version(BLOCKS, change=entry(0, start=1))
    yield "entry of another kind", "F4", signed_version(BLOCKS, change=lambda all_: [b"\x02" + all_[0][1:], *all_[1:]])
    yield "another size of the file", "F5", larger(signed_version(BLOCKS))
    yield "a block cut too early", "F6", signed_version([text_of(first[:9]), text_of(first[9:]), *BLOCKS[1:]])
    later = [text_of([*first, *second[:2]]), text_of(second[2:])]
    yield "a block cut too late", "F6", signed_version([*later, *BLOCKS[2:]])
    yield "a block that the next line would not end", "F6", signed_version([*BLOCKS[:-1], *halves(BLOCKS[-1])])


def halves(content: bytes) -> list[bytes]:
    lines = content[:-1].split(b"\n")
    return [text_of(lines[: len(lines) // 2]), text_of(lines[len(lines) // 2 :])]


def larger(signed: Signed) -> Signed:
    stated = signed.manifest.data
    manifest = replace(signed.manifest, files=(FileEntry("data.nq", stated.cid, stated.size + 1),))
    return Signed(manifest, sign(manifest.fields.digest), signed.store, signed.entries)


def convicting() -> Iterator[tuple[str, FraudProof]]:
    """Proofs that convict, by the name of what was done."""
    for name, kind, signed in dishonest():
        found = audit_version(signed.manifest, signed.store, index=signed.index).found
        yield name, FraudProof(signed.manifest, signed.signature, found[FraudKind(kind)])


def of_an_honest_version() -> Iterator[tuple[str, FraudProof]]:
    """Accusations of a publisher who did nothing wrong."""
    signed = signed_version(BLOCKS)
    tree, manifest = signed.tree, signed.manifest
    lines = {number: content[:-1].split(b"\n") for number, content in enumerate(BLOCKS)}
    shown = BlockContent(0, signed.entries[0], tree.path([0]), BLOCKS[0])
    following = tree.open_in(lines, [Place(1, 0)])
    accusations = {
        "a block that is what its entry says": OtherContent(shown),
        "entries that agree": DisagreeingEntries(0, tuple(signed.entries[:2]), tree.path([0, 1])),
        "the file of the entries": OtherFile(signed.index),
        "a block that ends where it must": OtherCut(shown),
        "a next line that decides nothing": OtherCut(shown, following),
        "entries of another place": DisagreeingEntries(1, tuple(signed.entries[:2]), tree.path([0, 1])),
    }
    for name, evidence in accusations.items():
        yield name, FraudProof(manifest, signed.signature, evidence)


def changed() -> Iterator[tuple[str, bytes, GraphId]]:
    """Files in which something was changed, and the graph that the verifier brings."""
    proofs = dict(convicting())
    content = proofs["two lines swapped"].encode()
    item = decode(content)
    evidence = item["evidence"]["opening"]  # type: ignore[index,call-overload]
    block = evidence["blocks"][0]
    mine = HEADER.graph
    yield "of another graph", content, GraphId(mine.chain_id, mine.registry, bytes(32))
    yield "cut short", content[:-1], mine
    yield "a byte more", content + b"\x00", mine
    yield "another kind", encode({**item, "kind": "F2"}), mine
    yield "an unknown kind", encode({**item, "kind": "F7"}), mine
    yield "an unknown format", encode({**item, "format": "triplock-fraud/2"}), mine
    yield "a member more", encode({**item, "ext": {}}), mine
    yield "no signature", encode({**item, "signature": b""}), mine
    yield "a signature of zeros", encode({**item, "signature": bytes(65)}), mine
    stranger = sign(proofs["two lines swapped"].manifest.fields.digest, "0x" + "77" * 32)
    yield "signed by another account", encode({**item, "signature": stranger}), mine
    honest = signed_version(BLOCKS)
    swapped = {**item, "manifest": honest.manifest.encode(), "signature": honest.signature}
    yield "with the manifest of an honest version", encode(swapped), mine
    for name, value in {"lines": block["lines"][::-1], "path": block["path"] + bytes(32), "start": 1}.items():
        opened = {**evidence, "blocks": [{**block, name: value}]}
        yield f"other {name}", encode({**item, "evidence": {"opening": opened}}), mine


def fraud() -> dict[str, object]:
    """The vector."""
    files = [(name, proof.encode(), HEADER.graph) for name, proof in (*convicting(), *of_an_honest_version())]
    cases = []
    for name, content, graph in (*files, *changed()):
        verdict = verify_fraud(content, graph=graph)
        cases.append(
            {
                "name": name,
                "graph": str(graph),
                "file": content.hex(),
                "exitCode": verdict.exit_code,
                "checks": [[check.name, check.outcome.value] for check in verdict.checks],
            }
        )
    return {
        "about": "fraud proofs, what a verifier with nothing but the graph id says of each, and the checks in their"
        " order; exit code 0 convicts",
        "cases": cases,
    }
