"""Python, JavaScript and the contract agree on generated fixtures, good and bad, check by check."""

from __future__ import annotations

import dishonest_owner
import pytest
import test_counts_and_sizes
import test_empty_proof
import test_path_length
import test_position_swap
from world import sealed

from anchoring.chain.statement_check import check_at_call, packed_proof
from anchoring.encoding.deterministic_cbor import BadCbor, decode
from anchoring.proofs.claims import ClaimKind
from anchoring.proofs.proof import Presence
from anchoring.signing.manifest import BadManifest, Manifest

FIXTURES = 10_000
STRUCTURAL = (
    *test_empty_proof.MUTATIONS,
    *test_position_swap.MUTATIONS,
    *(test_counts_and_sizes.in_the_opening, test_counts_and_sizes.in_the_manifest),
    test_path_length.nodes_of_the_chain,
)


def of_the_world(world, source):
    """A true bundle about one of the published versions, with or without the chain's part."""
    version = source.choice((1, 2, 3, 3, 3))
    lines = world.lines[version - 1]
    kind = source.choice((*ClaimKind, *[ClaimKind.PRESENCE] * 5))
    before, now = (set(world.lines[at - 1]) if at else set() for at in (version - 1, version))
    if kind is ClaimKind.PRESENCE:
        statements = source.sample(lines, source.choice((1, 1, 1, 2, 9)))
    elif kind is ClaimKind.ABSENCE:
        statements = [
            line.replace(b'"', b'"!', 1) for line in source.sample(lines, source.choice((1, 3))) if b'"' in line
        ]
    elif kind is ClaimKind.PREFIX:
        line = source.choice(lines)
        statements = [line[: source.randrange(20, len(line))]]
    elif kind is ClaimKind.ADDED:
        statements = source.sample(sorted(now - before), min(3, len(now - before)))
    else:
        statements = source.sample(sorted(before - now), min(2, len(before - now)))
    if not statements:
        return of_the_world(world, source)
    item = decode(world.prove(kind, tuple(sorted(set(statements))), version).encode())
    proof = world.chain_proof(version).item()
    item["chain"] = source.choice((proof, proof, {}, {"anchor": proof["anchor"]}, {"head": proof["head"]}))
    return item


def of_its_own(world, source):
    """A true bundle about a version of any size, with a block that anchors it."""
    count = source.choice((1, 2, 3, 5, 8, 40, 200))
    width = source.choice((1, 100, 1_000))
    numbers = source.sample(range(1_000), count)
    lines = sorted(b'<a:%03d> <a:p> "%s" .' % (number, b"x" * source.randrange(width)) for number in numbers)
    published = dishonest_owner.publish_lines(world, lines)
    shown = sorted(source.sample(range(count), source.choice((1, 1, min(count, 5)))))
    return published.item("presence", [lines[place] for place in shown], shown)


def spoilt(item, source):
    """The same with one or two changes, or as other bytes altogether; sometimes the change is none."""
    for _ in range(source.choice((1, 1, 2))):
        kind = source.randrange(4)
        try:
            if kind < 2:
                source.choice(STRUCTURAL)(item, source)
            elif kind == 2:
                content = bytearray(sealed(item))
                content[source.randrange(len(content) - 32)] ^= 1 << source.randrange(8)
                item = decode(bytes(content))
            else:
                signature = bytearray(item["version"]["signature"])
                signature[source.randrange(65)] ^= 1 << source.randrange(8)
                item["version"]["signature"] = bytes(signature)
        except (BadCbor, IndexError, KeyError, TypeError, ValueError, AttributeError):
            continue
    return item


def packed_of(item):
    """The bundle's version and the proof of its only line, that also packed; None where it has no such form."""
    try:
        manifest = Manifest.decode(item["version"]["manifest"])
        (block,), path = item["version"]["opening"]["blocks"], item["version"]["opening"]["path"]
        (index,), (line,) = block["indexes"], block["lines"]
        places = (block[key] for key in ("start", "count", "length", "digest", "path"))
        presence = Presence(line, block["block"], index, *places, path)
        return manifest.fields, presence, packed_proof(manifest.fields, presence)
    except (BadManifest, KeyError, TypeError, ValueError, OverflowError, AttributeError):
        return None


def agrees_with_contract(court, item, verdict):
    """The contract finds the line where the opening holds: in that version, and in the newest only if it is that.

    Returns its answer, None where it was not asked.
    """
    opened = next((check.outcome == "passed" for check in verdict.checks if check.name == "opening"), None)
    packed = packed_of(item) if isinstance(item, dict) and opened is not None else None
    if packed is None:
        return None
    fields, presence, proof = packed
    world = court.world
    found = any(court.call(check_at_call(fields, presence)) or b"")
    # The contract reads bytes: that a line is canonical is for its reader.
    details = " ".join(check.detail for check in verdict.checks if check.name == "opening")
    assert found == opened or (found and "canonical" in details), (found, details)
    newest = fields.head == world.registry.head(world.graph)
    assert court.contract_finds(proof, fields.graph) == (found and newest)
    return found


@pytest.mark.soak
def test_python_javascript_and_the_contract_agree(court, source, soak_scale):
    world = court.world
    outcomes, asked = {0: 0, 1: 0, 6: 0}, {True: 0, False: 0}
    for number in range(soak_scale(FIXTURES)):
        item = source.choice((of_the_world, of_the_world, of_its_own))(world, source)
        brought = dishonest_owner.brought(item, world.graph)
        brought["current"] = source.random() < 0.3
        if source.random() < 0.2:
            brought["block_hashes"] = []
        elif source.random() < 0.5:
            brought["now"] = world.now + source.choice((0, 3_601, 10**6))
        if number % 2:
            item = spoilt(item, source)
        try:
            content = sealed(item)
        except OverflowError:  # two changes made a number that CBOR cannot hold
            continue
        verdict, other = court.python(content, **brought), court.node(content, **brought)
        here = [(check.name, check.outcome.value) for check in verdict.checks]
        there = [(check["name"], check["outcome"]) for check in other["checks"]]
        assert (verdict.exit_code, here) == (other["exitCode"], there), court.difference(item)
        assert verdict.about.get("condition") == other["about"].get("condition")
        outcomes[verdict.exit_code] += 1
        found = agrees_with_contract(court, item, verdict)
        if found is not None:
            asked[found] += 1
    # Of each kind there were some.
    assert min(*outcomes.values(), *asked.values()) >= 3, (outcomes, asked)
