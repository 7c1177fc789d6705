"""Counts, starts and sizes are committed to: none can be another, in the opening, the manifest or the chain's part."""

from __future__ import annotations

import json

import pytest
from opened import openings

from anchoring.encoding import strict_json

KINDS = ("presence", "several", "absence", "prefix", "added", "removed", "excerpt")


def near(value, source, below=2**64):
    others = [value + 1, value - 1, value * 2, value // 2, value ^ 1 << source.randrange(32), 0, 1]
    others += [2**32 - 1, 2**32, value + 2**32, 2**53 - 1, 2**63, 2**64 - 1, value + 2**63]
    return source.choice([other for other in others if 0 <= other < below and other != value])


def in_the_opening(item, source):
    block = source.choice(source.choice(openings(item))["blocks"])
    key = source.choice(("count", "start", "length"))
    block[key] = near(block[key], source)


def several_in_the_opening(item, source):
    """Start and count moved together, so that their sum stays."""
    block = source.choice(source.choice(openings(item))["blocks"])
    moved = source.randint(1, 5)
    if block["start"] >= moved and source.random() < 0.5:
        block["start"], block["count"] = block["start"] - moved, block["count"] + moved
    else:
        block["start"], block["count"] = block["start"] + moved, max(block["count"] - moved, 1)


def in_the_manifest(item, source):
    """The manifest says another number, and is canonical; its digest, and so everything signed, is another."""
    part = source.choice([item["version"], *([item["parent"]] if item["parent"] else [])])
    said = json.loads(part["manifest"])
    key = source.choice(("quads", "blocks", "version", "files", "leafKinds"))
    if key == "files":
        entry = source.choice(said["files"])
        entry["size"] = near(entry["size"], source, 2**53)
    elif key == "leafKinds":
        said[key] = source.choice(([], [0], [2], [1, 1], [1, 2]))
    else:
        said[key] = near(said[key], source, 2**53)
    part["manifest"] = strict_json.encode(said)


def in_the_excerpt(item, source):
    key = source.choice(("start", "end"))
    excerpt = item["excerpts"][0]
    excerpt[key] = near(excerpt[key], source)


@pytest.mark.soak
def test_another_count_start_or_size_is_refused(court, source, rounds):
    for kind in KINDS:
        court.accepts(court.world.item(kind))
    for _ in rounds:
        item = court.world.item(source.choice(KINDS))
        mutations = [in_the_opening, in_the_opening, several_in_the_opening, in_the_manifest]
        mutations += [in_the_excerpt] * 2 if item["excerpts"] else []
        source.choice(mutations)(item, source)
        court.refuses(item)


def test_the_contract_reads_each_number_of_a_packed_proof(court):
    """Every third bit of the packed numbers, one after the other."""
    from anchoring.chain.statement_check import packed_proof
    from anchoring.proofs.proof import Presence
    from anchoring.signing.manifest import Manifest

    item = court.world.item("presence")
    (block,) = item["version"]["opening"]["blocks"]
    presence = Presence(
        block["lines"][0],
        block["block"],
        block["indexes"][0],
        block["start"],
        block["count"],
        block["length"],
        block["digest"],
        block["path"],
        item["version"]["opening"]["path"],
    )
    packed = packed_proof(Manifest.decode(item["version"]["manifest"]).fields, presence)
    assert court.contract_finds(packed)
    for bit in range(32 * 8, 102 * 8, 3):
        changed = bytearray(packed)
        changed[bit // 8] ^= 1 << bit % 8
        assert not court.contract_finds(bytes(changed)), bit
