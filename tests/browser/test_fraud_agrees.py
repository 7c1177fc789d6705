"""Both verifiers judge fraud proofs alike: those that convict, those about an honest version, and changed ones."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from dishonest import HEADER, honest_blocks, made_lines, sign, signed_version
from node_verifier import outcomes
from proof_cases import changed, written

from anchoring.dataset.top_leaf import TopLeaf
from anchoring.encoding.cid import Cid
from anchoring.encoding.deterministic_cbor import decode
from anchoring.fraud.auditing import audit_version
from anchoring.fraud.fraud_evidence import (
    BlockContent,
    DisagreeingEntries,
    NotALine,
    OtherContent,
    OtherCut,
    OtherFile,
    OutOfOrderLines,
)
from anchoring.fraud.fraud_proof import FraudProof, verify_fraud
from anchoring.proofs.line_index import Place
from anchoring.signing.manifest import FileEntry

LINES = made_lines(1_200)
BLOCKS = honest_blocks(LINES)


def other_entry(number, **fields):
    def change(entries):
        return [*entries[:number], replace(TopLeaf.decode(entries[number]), **fields).encode(), *entries[number + 1 :]]

    return change


def with_file(signed, size=0, cid=None):
    entry = signed.manifest.data
    manifest = replace(signed.manifest, files=(FileEntry("data.nq", cid or entry.cid, entry.size + size),))
    return replace(signed, manifest=manifest, signature=sign(manifest.fields.digest))


def joined(at, count):
    return [*BLOCKS[:at], b"".join(BLOCKS[at : at + count]), *BLOCKS[at + count :]]


def moved(at, lines):
    """The first lines of a block stand at the end of the one before."""
    end = 0
    for _ in range(lines):
        end = BLOCKS[at].index(b"\n", end) + 1
    return [*BLOCKS[: at - 1], BLOCKS[at - 1] + BLOCKS[at][:end], BLOCKS[at][end:], *BLOCKS[at + 1 :]]


DISHONEST = {
    "F1 in a block": lambda: signed_version(honest_blocks([*LINES[:9], LINES[10], LINES[9], *LINES[11:]])),
    "F1 between blocks": lambda: signed_version([BLOCKS[1], BLOCKS[0], *BLOCKS[2:]]),
    "F1 twice": lambda: signed_version(honest_blocks([*LINES[:9], LINES[8], *LINES[9:]])),
    "F2 no statement": lambda: signed_version(honest_blocks([*LINES, b"z is none"])),
    "F2 empty": lambda: signed_version([b"\n" + BLOCKS[0], *BLOCKS[1:]]),
    "F2 too long": lambda: signed_version(honest_blocks([*LINES, b'<z:z> <z:p> "%s" .' % (b"x" * 1_048_575)])),
    "F3 no end": lambda: signed_version([*BLOCKS[:-1], BLOCKS[-1][:-1]]),
    "F3 count": lambda: signed_version(BLOCKS, change=other_entry(2, count=3)),
    "F3 length": lambda: signed_version(BLOCKS, change=other_entry(2, length=3)),
    "F3 line root": lambda: signed_version(BLOCKS, change=other_entry(2, line_root=bytes(32))),
    "F4 quads": lambda: signed_version(BLOCKS, quads=len(LINES) + 1),
    "F4 gap": lambda: signed_version(BLOCKS, change=other_entry(3, start=7)),
    "F4 first": lambda: signed_version(BLOCKS, change=other_entry(0, start=1)),
    "F4 kind": lambda: signed_version(BLOCKS, change=lambda e: [*e[:2], b"\x02" + e[2][1:], *e[3:]]),
    "F4 no lines": lambda: signed_version(BLOCKS, change=lambda e: [*e[:2], e[2][:9] + bytes(4) + e[2][13:], *e[3:]]),
    "F5 size": lambda: with_file(signed_version(BLOCKS), size=1),
    "F5 file": lambda: with_file(signed_version(BLOCKS), cid=Cid.of(b"another file")),
    "F6 too long": lambda: signed_version(joined(0, 2)),
    "F6 all": lambda: signed_version(joined(0, len(BLOCKS))),
    "F6 last": lambda: signed_version(joined(len(BLOCKS) - 2, 2)),
    "F6 between": lambda: signed_version(moved(1, 3)),
}


def proofs(name):
    """The proofs of every kind that an audit finds."""
    signed = DISHONEST[name]()
    found = audit_version(signed.manifest, signed.store, index=signed.index).found
    return {str(kind): FraudProof(signed.manifest, signed.signature, each).encode() for kind, each in found.items()}


def agreed(javascript, content, graph=HEADER.graph):
    python = verify_fraud(content, graph=graph).as_json()
    other = javascript.verify_fraud(content, graph)
    assert outcomes(other) == outcomes(python), [python["checks"], other["checks"]]
    assert other["exitCode"] == python["exitCode"]
    return python


@pytest.mark.parametrize("name", DISHONEST)
def test_who_signs_what_cannot_be_is_convicted_by_both(javascript, name):
    found = proofs(name)
    assert name.split()[0] in found
    for content in found.values():
        assert agreed(javascript, content)["exitCode"] == 0


def accusations(signed, chance):
    """Every kind of evidence about an honest version: true bytes at places and in numbers that accuse."""
    tree, blocks = signed.tree, len(signed.entries)
    contents = [signed.store.get(Cid(0x55, TopLeaf.decode(entry).digest)) for entry in signed.entries]
    lines = {number: content[:-1].split(b"\n") for number, content in enumerate(contents)}
    number = chance.randrange(blocks - 1)
    shown = BlockContent(number, signed.entries[number], tree.path([number]), contents[number])
    place = Place(number, chance.randrange(len(lines[number])))
    yield OutOfOrderLines(tree.open_in(lines, [place, Place(blocks - 1, 0)]))
    yield NotALine(tree.open_in(lines, [place]))
    yield OtherContent(shown)
    pair = [number, number + 1]
    yield DisagreeingEntries(number, tuple(signed.entries[at] for at in pair), tree.path(pair))
    yield OtherFile(signed.index)
    for after in (tree.open_in(lines, [Place(number + 1, 0)]), None):
        yield OtherCut(shown, after)


def test_both_judge_changed_proofs_alike(javascript, seed, soak_scale):
    """Of proofs that convict a change may leave one that does: it is then about what was signed all the same."""
    chance = random.Random(seed)
    honest = signed_version(BLOCKS)
    convicting = [decode(content) for name in DISHONEST if name != "F2 too long" for content in proofs(name).values()]
    for _ in range(soak_scale(30_000)):
        if chance.random() < 0.5:
            evidence = chance.choice(list(accusations(honest, chance)))
            item = decode(FraudProof(honest.manifest, honest.signature, evidence).encode())
            unchanged = chance.random() < 0.2
        else:
            item, unchanged = chance.choice(convicting), False
        about_honest = item["manifest"] == honest.manifest.encode()
        if not unchanged:
            item = changed(item, chance)[1]
        verdict = agreed(javascript, written(item))
        assert not (about_honest and verdict["exitCode"] == 0)
