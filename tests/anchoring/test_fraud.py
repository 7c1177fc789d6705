"""Who signs what cannot be is convicted by a file that anyone can check; who signs a version never is."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import accumulate

import pytest
from dishonest import HEADER, Signed, honest_blocks, made_lines, sign, signed_version, text_of
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from anchoring.dataset.cut import GREATEST, cut, ends, first_end
from anchoring.dataset.merkle import leaf_hash
from anchoring.dataset.top_leaf import TopLeaf
from anchoring.dataset.version import Dataset
from anchoring.encoding.cid import Block, Cid
from anchoring.encoding.deterministic_cbor import decode, encode
from anchoring.errors import TriplockError
from anchoring.fraud.auditing import audit_version
from anchoring.fraud.contradiction import contradiction
from anchoring.fraud.fraud_evidence import (
    KIND_OF,
    BlockContent,
    DisagreeingEntries,
    FraudKind,
    NotALine,
    NotConvicted,
    OtherContent,
    OtherCut,
    OtherFile,
    OutOfOrderLines,
    evidence_of,
)
from anchoring.fraud.fraud_proof import BadFraudProof, FraudProof, verify_fraud
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.line_index import LineIndex, Place
from anchoring.signing.anchor import GraphId
from anchoring.signing.manifest import FileEntry

LINES = made_lines(1_200)
BLOCKS = honest_blocks(LINES)
assert len(BLOCKS) > 5


def change_entry(number, **fields):
    """Another entry in the place of one."""

    def change(entries):
        changed = list(entries)
        changed[number] = replace(TopLeaf.decode(entries[number]), **fields).encode()
        return changed

    return change


def lines_of(content):
    return content[:-1].split(b"\n")


def recut(blocks, number, at):
    """Block `number` ends after `at` lines instead; the rest goes to the next block."""
    lines = lines_of(blocks[number]) + lines_of(blocks[number + 1])
    return [*blocks[:number], text_of(lines[:at]), text_of(lines[at:]), *blocks[number + 2 :]]


def swapped(lines, left, right):
    changed = list(lines)
    changed[left], changed[right] = changed[right], changed[left]
    return changed


def boundary():
    return BLOCKS[0].count(b"\n")


DISHONEST = {
    "two lines swapped": ("F1", lambda: signed_version(honest_blocks(swapped(LINES, 400, 401)))),
    "two far lines swapped": ("F1", lambda: signed_version(honest_blocks(swapped(LINES, 3, 1_000)))),
    "a line twice": ("F1", lambda: signed_version(honest_blocks([*LINES[:500], LINES[499], *LINES[500:]]))),
    "disorder between blocks": ("F1", lambda: signed_version([BLOCKS[1], BLOCKS[0], *BLOCKS[2:]])),
    "no statement": ("F2", lambda: signed_version(honest_blocks([*LINES, b"z is no statement"]))),
    "another spelling": ("F2", lambda: signed_version(honest_blocks([*LINES, b'<z:z> <z:p>  "x" .']))),
    "no line at all": ("F2", lambda: signed_version([b"\n" + BLOCKS[0], *BLOCKS[1:]])),
    "no UTF-8": ("F2", lambda: signed_version(honest_blocks([*LINES, b'<z:z> <z:p> "\xff" .']))),
    "a line too long": (
        "F2",
        lambda: signed_version(honest_blocks([*LINES, b'<z:z> <z:p> "%s" .' % (b"x" * 1_048_575)])),
    ),
    "a block without an end": ("F3", lambda: signed_version([*BLOCKS[:-1], BLOCKS[-1][:-1]])),
    "another count": ("F3", lambda: signed_version(BLOCKS, change=change_entry(2, count=3))),
    "another length": ("F3", lambda: signed_version(BLOCKS, change=change_entry(2, length=3))),
    "another line root": ("F3", lambda: signed_version(BLOCKS, change=change_entry(2, line_root=bytes(32)))),
    "more statements": ("F4", lambda: signed_version(BLOCKS, quads=len(LINES) + 1)),
    "fewer statements": ("F4", lambda: signed_version(BLOCKS, quads=len(LINES) - 1)),
    "a gap": ("F4", lambda: signed_version(BLOCKS, change=change_entry(3, start=7))),
    "a first block that does not start at 0": ("F4", lambda: signed_version(BLOCKS, change=change_entry(0, start=1))),
    "another kind of entry": (
        "F4",
        lambda: signed_version(BLOCKS, change=lambda entries: [*entries[:2], b"\x02" + entries[2][1:], *entries[3:]]),
    ),
    "an entry of no lines": (
        "F4",
        lambda: signed_version(
            BLOCKS, change=lambda entries: [*entries[:2], entries[2][:9] + bytes(4) + entries[2][13:], *entries[3:]]
        ),
    ),
    "another file": (
        "F5",
        lambda: with_file(signed_version(BLOCKS), BLOCKS[:-1]),
    ),
    "the same blocks in another order in the file": (
        "F5",
        lambda: with_file(signed_version(BLOCKS), [BLOCKS[1], BLOCKS[0], *BLOCKS[2:]]),
    ),
    "another size": ("F5", lambda: with_size(signed_version(BLOCKS), 1)),
    "the file cut elsewhere": ("F5", lambda: with_file(signed_version(BLOCKS), [b"".join(BLOCKS[:2]), *BLOCKS[2:]])),
    "a block too short": ("F6", lambda: signed_version(recut(BLOCKS, 0, 20))),
    "a block too long": ("F6", lambda: signed_version(recut(BLOCKS, 0, boundary() + 3))),
    "two blocks as one": ("F6", lambda: signed_version([BLOCKS[0] + BLOCKS[1], *BLOCKS[2:]])),
    "all in one": ("F6", lambda: signed_version([b"".join(BLOCKS)])),
    "a last block too long": ("F6", lambda: signed_version([*BLOCKS[:-2], BLOCKS[-2] + BLOCKS[-1]])),
}


def with_file(signed, contents):
    """The same version with the file of other blocks."""
    other = signed_version(contents)
    signed.store.put([Block(cid, other.store.get(cid)) for cid in other.store], ())
    return resigned(signed, other.manifest.data)


def with_size(signed, more):
    entry = signed.manifest.data
    return resigned(signed, FileEntry("data.nq", entry.cid, entry.size + more))


def resigned(signed, file):
    manifest = replace(signed.manifest, files=(file,))
    return Signed(manifest, sign(manifest.fields.digest), signed.store, signed.entries)


def proof_of(signed, kind, **at_hand):
    found = audit_version(signed.manifest, signed.store, **at_hand).found
    assert kind in found, f"the audit finds {sorted(found)}, not {kind}"
    return FraudProof(signed.manifest, signed.signature, found[kind])


@pytest.mark.parametrize("name", DISHONEST)
def test_a_dishonest_publisher_is_convicted(name):
    kind, make = DISHONEST[name]
    signed = make()
    proof = proof_of(signed, FraudKind(kind), index=signed.index)
    content = proof.encode()
    assert FraudProof.decode(content) == proof
    assert FraudProof.decode(content).encode() == content
    verdict = verify_fraud(content, graph=HEADER.graph)
    assert [(check.name, check.outcome.value) for check in verdict.checks] == [
        (check, "passed") for check in ("bundle", "graph", "signature", "fraud")
    ]
    assert verdict.exit_code == 0
    assert verdict.about["kind"] == kind


NEEDS_THE_LIST = {"another count", "another length", "another line root", "a gap", "another kind of entry"}
NEEDS_THE_LIST |= {"a first block that does not start at 0", "an entry of no lines"}


@pytest.mark.parametrize("name", DISHONEST)
def test_what_can_be_found_from_published_bytes_alone_is(name):
    kind, make = DISHONEST[name]
    signed = make()
    result = audit_version(signed.manifest, signed.store)
    if name in NEEDS_THE_LIST or name in ("another file", "the same blocks in another order in the file"):
        assert (result.entries, result.found) == ("", {})
    else:
        assert FraudKind(kind) in result.found
        assert result.entries in ("served", "cut anew")


def evidence(manifest, store, index=b""):
    return audit_version(manifest, store, index=index).found


@pytest.mark.parametrize("count", [0, 1, 2, 300, 1_200])
def test_an_honest_publisher_is_not_accused(count):
    blocks = honest_blocks(made_lines(count))
    signed = signed_version(blocks)
    if count == 0:
        signed = resigned(signed, FileEntry("data.nq", signed.manifest.data.cid, 0))
    for at_hand in ({}, {"index": signed.index}):
        result = audit_version(signed.manifest, signed.store, **at_hand)
        assert (result.found, result.entries, result.unread) == ({}, "served", "")


@settings(max_examples=60)
@given(st.lists(st.integers(0, 3_000), max_size=60), st.integers(0, 2**32))
def test_honest_versions_of_any_lengths_are_not_accused(lengths, salt):
    lines = sorted({b'<a:%d> <a:p> "%s" .' % (i * 7 + salt % 7, b"x" * length) for i, length in enumerate(lengths)})
    signed = signed_version(honest_blocks(lines)) if lines else signed_version([])
    assert audit_version(signed.manifest, signed.store, index=signed.index).found == {}


def guesses(signed, rng):
    """Evidence of every kind about an honest version: true bytes, at places and in numbers that accuse."""
    tree, manifest = signed.tree, signed.manifest
    contents = [signed.store.get(Cid(0x55, TopLeaf.decode(entry).digest)) for entry in signed.entries]
    blocks = {number: lines_of(content) for number, content in enumerate(contents)}
    places = [Place(number, at) for number, lines in blocks.items() for at in range(len(lines))]
    number = rng.randrange(len(contents))
    path = tree.path([number])
    shown = BlockContent(number, signed.entries[number], path, contents[number])
    opening = tree.open_in(blocks, rng.sample(places, 2))
    single = tree.open_in(blocks, [rng.choice(places)])
    pair = [number, number + 1] if number + 1 < manifest.blocks else [number]
    following = tree.open_in(blocks, [Place(number + 1, 0)]) if number + 1 < manifest.blocks else None
    yield OutOfOrderLines(opening)
    yield NotALine(single)
    yield OtherContent(shown)
    yield DisagreeingEntries(number, tuple(signed.entries[at] for at in pair), tree.path(pair))
    yield OtherFile(signed.index)
    for after in (following, None, single):
        yield OtherCut(shown, after)


def forged(item, rng, depth=0):
    """The item with one thing in it changed."""
    if isinstance(item, dict) and item:
        key = rng.choice(sorted(item))
        return {**item, key: forged(item[key], rng, depth + 1)}
    if isinstance(item, list) and item:
        match rng.randrange(5):
            case 0:
                return [*item, rng.choice(item)]
            case 1:
                return item[:-1]
            case 2:
                return rng.sample(item, len(item))
        at = rng.randrange(len(item))
        return [*item[:at], forged(item[at], rng, depth + 1), *item[at + 1 :]]
    if isinstance(item, int):
        return rng.choice([item + 1, max(item - 1, 0), 0, rng.randrange(1 << 64), item ^ 1])
    if isinstance(item, bytes):
        at = rng.randrange(len(item) + 1)
        match rng.randrange(6):
            case 0:
                return item[:at]
            case 1:
                return item + rng.randbytes(rng.choice([1, 32]))
            case 2:
                return item[:at] + b"\n" + item[at:]
            case 3:
                return rng.randbytes(len(item))
            case 4 if len(item) >= 64:
                return item[32:64] + item[:32] + item[64:]
        return item[: max(at - 1, 0)] + bytes([(item[at - 1] if item else 0) ^ 1 << rng.randrange(8)]) + item[at:]
    return item


@pytest.mark.soak
def test_mutated_evidence_never_convicts_an_honest_publisher(soak_scale, seed):
    rng = random.Random(seed)
    versions = [signed_version(honest_blocks(made_lines(count))) for count in (1, 3, 300, 1_200)]
    refused = 0
    for round_number in range(soak_scale(5_000)):
        signed = versions[round_number % len(versions)]
        if len(signed.entries) == 1 and len(lines_of(signed.store.get(signed.manifest.data.cid))) < 2:
            signed = versions[-1]
        for guess in guesses(signed, rng):
            mutants = [guess.as_item()]
            for _ in range(3):
                mutants.append(forged(rng.choice(mutants), rng))
            for kind, mutant in [(KIND_OF[type(guess)], each) for each in mutants] + [
                (rng.choice(list(FraudKind)), mutants[0])
            ]:
                with pytest.raises(TriplockError):
                    evidence_of(kind, decode(encode(mutant))).convicts(signed.manifest)
                refused += 1
    assert refused > 1_000


def test_a_presence_and_an_absence_of_one_line_convict():
    hidden = LINES[600]
    swapped_lines = [*LINES[:600], *LINES[601:900], hidden, *LINES[900:]]
    signed = signed_version(honest_blocks(swapped_lines))
    dataset = Dataset(tuple(TopLeaf.decode(entry) for entry in signed.entries))
    index = LineIndex(dataset, signed.store)
    at = swapped_lines.index(hidden)
    neighbours = [swapped_lines.index(LINES[599]), swapped_lines.index(LINES[601])]
    presence = index.open([index.at(at)])
    absence = index.open([index.at(position) for position in neighbours])
    told = {"root": signed.manifest.root, "quads": signed.manifest.quads, "blocks": signed.manifest.blocks}
    assert Claim(ClaimKind.PRESENCE, (hidden,)).check(presence.check(**told), None, version=1)
    assert Claim(ClaimKind.ABSENCE, (hidden,)).check(absence.check(**told), None, version=1)
    assert contradiction(signed.manifest, [presence]) is None
    assert contradiction(signed.manifest, [absence]) is None
    for openings in ([presence, absence], [absence, presence]):
        found = contradiction(signed.manifest, openings)
        proof = FraudProof(signed.manifest, signed.signature, found)
        assert proof.kind == "F1"
        assert verify_fraud(proof.encode(), graph=HEADER.graph).exit_code == 0


def test_proofs_of_an_honest_version_never_contradict_each_other(seed):
    rng = random.Random(seed)
    signed = signed_version(BLOCKS)
    index = LineIndex(Dataset(tuple(TopLeaf.decode(entry) for entry in signed.entries)), signed.store)
    openings = [
        index.open([index.at(at) for at in sorted(rng.sample(range(len(LINES)), rng.randrange(1, 6)))])
        for _ in range(30)
    ]
    assert contradiction(signed.manifest, openings) is None
    result = audit_version(signed.manifest, signed.store, openings=openings)
    assert (result.found, result.entries) == ({}, "served")


def test_proofs_that_somebody_was_given_lead_to_entries_that_are_not_published():
    """The publisher keeps the list of entries to itself, and whoever was given a proof has one of them."""
    signed = signed_version(BLOCKS, change=change_entry(2, length=3))
    assert audit_version(signed.manifest, signed.store).found == {}
    tree = signed.tree
    start = TopLeaf.decode(signed.entries[2]).start
    opening = tree.open_in({2: lines_of(BLOCKS[2])}, [Place(2, 5)])
    told = {"root": signed.manifest.root, "quads": signed.manifest.quads, "blocks": signed.manifest.blocks}
    assert opening.check(**told).positions == (start + 5,)
    result = audit_version(signed.manifest, signed.store, openings=[opening])
    assert (sorted(result.found), result.entries) == (["F3"], "proofs")


def test_another_graph_another_signer_and_other_bytes_are_told():
    signed = DISHONEST["a line twice"][1]()
    content = proof_of(signed, FraudKind.F1).encode()
    other = GraphId(1, HEADER.registry, HEADER.graph.graph)
    assert verify_fraud(content, graph=other).exit_code == 1
    stranger = "0x" + "77" * 32
    by_stranger = FraudProof(
        signed.manifest, sign(signed.manifest.fields.digest, stranger), FraudProof.decode(content).evidence
    )
    verdict = verify_fraud(by_stranger.encode(), graph=HEADER.graph)
    assert verdict.exit_code == 6
    assert verdict.about["signer"] == Account.from_key(stranger).address.lower()
    broken = FraudProof(signed.manifest, bytes(65), FraudProof.decode(content).evidence)
    assert verify_fraud(broken.encode(), graph=HEADER.graph).exit_code == 1
    for bad in (b"", content[:-1], content + b"\x00", b"\xa0"):
        verdict = verify_fraud(bad, graph=HEADER.graph)
        assert [check.name for check in verdict.checks] == ["bundle"]
        assert verdict.exit_code == 1


def test_what_is_no_fraud_proof_is_refused():
    signed = DISHONEST["a line twice"][1]()
    item = decode(proof_of(signed, FraudKind.F1).encode())
    for change in (
        {"format": "triplock-fraud/2"},
        {"kind": "F7"},
        {"kind": "F3"},
        {"signature": bytes(64)},
        {"manifest": b"{}"},
        {"evidence": {}},
        {"evidence": {**item["evidence"], "ext": {}}},
        {"ext": {}},
    ):
        with pytest.raises(BadFraudProof):
            FraudProof.decode(encode({**item, **change}))
    with pytest.raises(BadFraudProof):
        FraudProof(signed.manifest, b"", DisagreeingEntries(0, (), b""))


def test_a_block_of_very_many_lines_costs_no_more_than_the_cut():
    many = b"\n" * (4 << 20)
    content = BlockContent(0, TopLeaf(0, len(many), len(many), bytes(32), Cid.of(many).digest).encode(), b"", many)
    base = signed_version([b"\n"]).manifest
    manifest = replace(base, root=leaf_hash(content.entry), quads=len(many))
    with pytest.raises(NotConvicted, match="F6"):
        OtherContent(content).convicts(manifest)
    assert OtherCut(content).convicts(manifest)


@settings(max_examples=80)
@given(st.lists(st.sampled_from([40, 90, 900, 4_000, 8_000, 16_383, 16_384, 60_000, 131_000, 131_071, 140_000])))
def test_where_a_block_ends_is_where_the_cut_ends_it(lengths):
    lines = [b"%0*d" % (max(length - 1, 3), number) for number, length in enumerate(lengths)]
    blocks = list(cut(lines))
    at = 0
    for number, block in enumerate(blocks):
        end = first_end(lines[at:])
        assert end == len(block.lines) or (end is None and number == len(blocks) - 1)
        assert sum(map(len, block.lines)) + len(block.lines) <= GREATEST or len(block.lines) == 1
        at += len(block.lines)
    found = ends(lines, [leaf_hash(line) for line in lines])
    whole = list(accumulate(len(block.lines) for block in blocks))
    assert found in (whole, whole[:-1])


def test_data_that_cannot_be_read_accuses_nobody():
    signed = signed_version(BLOCKS)
    lacking = signed_version(BLOCKS[:1]).store
    result = audit_version(signed.manifest, lacking)
    assert result.unread
    assert result.found == {}
    with pytest.raises(TriplockError):
        lacking.get(signed.manifest.data.cid)
