"""A proof is of one version of one graph in one registry on one chain, and its chain proof of one block."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from anchoring.encoding import strict_json
from anchoring.encoding.deterministic_cbor import decode
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.line_index import LineIndex
from anchoring.proofs.proving import BuiltVersion, prove
from anchoring.signing.anchor import GraphId

KINDS = ("presence", "several", "absence", "prefix", "added", "removed", "excerpt")


@pytest.fixture(scope="module")
def others(world):
    """True bundles of the graph's other versions and of another graph, each with its own chain proof or without."""
    made = []
    for version in (1, 2):
        line = world.lines[version - 1][7]
        item = decode(world.prove(ClaimKind.PRESENCE, (line,), version).encode())
        made.append(item | {"chain": world.chain_proof(version).item()})
    foreign = BuiltVersion(
        world.foreign.manifest, LineIndex(world.foreign.dataset, world.store), world.foreign.signature.signature
    )
    line = LineIndex(world.foreign.dataset, world.store).lines_of_block(0)[3]
    made.append(decode(prove(Claim(ClaimKind.PRESENCE, (line,)), foreign).encode()))
    return made


def parts_of_another(item, other, source):
    """The opening, the manifest, the signature or all of the version is another's."""
    key = source.choice(("opening", "manifest", "signature", "version"))
    if key == "version":
        item["version"] = other["version"]
        if source.random() < 0.5:
            item["claim"] = other["claim"]
    else:
        item["version"][key] = other["version"][key]


def chain_of_another(item, other, source):
    """The event of another version; the header, the receipt or the places of another block."""
    anchor = other["chain"]["anchor"]
    if source.random() < 0.4:
        item["chain"]["anchor"] = anchor
    else:
        key = source.choice(("header", "receipt"))
        item["chain"]["anchor"][key] = anchor[key]


def head_of_another(item, other, source):
    """The head proven against another block's header, the account of another trie."""
    part = item["chain"]["head"]
    anchor = item["chain"]["anchor"]
    source.choice(
        (
            lambda: part.update(header=anchor["header"]),
            lambda: part.update(account=part["storage"]),
            lambda: part.update(storage=part["account"]),
            lambda: anchor.update(header=part["header"]),
            lambda: anchor.update(receipt=part["account"]),
        )
    )()


def parent_of_another(item, other, source):
    """The parent is another version, or another graph's."""
    item["parent"] = {"manifest": other["version"]["manifest"], "opening": other["version"]["opening"]}


def manifest_of_another(item, other, source):
    """One field of the manifest is another's."""
    said, from_other = json.loads(item["version"]["manifest"]), json.loads(other["version"]["manifest"])
    differing = [key for key in said if said[key] != from_other[key]]
    key = source.choice(differing)
    said[key] = from_other[key]
    item["version"]["manifest"] = strict_json.encode(said)


@pytest.mark.soak
def test_parts_of_another_proof_are_refused(court, others, source, rounds):
    for _ in rounds:
        item = court.world.item(source.choice(KINDS))
        other = source.choice(others)
        mutations = [parts_of_another, head_of_another, manifest_of_another]
        mutations += [chain_of_another] if other["chain"] else []
        mutations += [parent_of_another] if item["parent"] else []
        source.choice(mutations)(item, other, source)
        court.refuses(item)


@pytest.mark.soak
def test_another_graph_id_is_refused(court, source, rounds):
    """The verifier means another chain, registry or graph: one digit is enough."""
    graph = court.world.graph
    for _ in rounds:
        item = court.world.item(source.choice(KINDS))
        kind = source.randrange(3)
        if kind == 0:
            other = replace(graph, chain_id=source.choice((1, graph.chain_id + 1, source.randrange(1, 2**40))))
        elif kind == 1:
            address = bytearray.fromhex(graph.registry[2:])
            address[source.randrange(20)] ^= 1 << source.randrange(8)
            other = replace(graph, registry=f"0x{address.hex()}")
        else:
            word = bytearray(graph.graph)
            word[source.randrange(32)] ^= 1 << source.randrange(8)
            other = GraphId(graph.chain_id, graph.registry, bytes(word))
        court.refuses(item, graph=other)
        if kind == 2:
            assert court.contract(item, other) is not True


@pytest.mark.soak
def test_without_the_blocks_hash_nothing_of_the_chain_is_believed(court, source, rounds):
    """The hashes that the verifier brings are of other blocks: not refuted, and not passed."""
    for _ in rounds:
        item = court.world.item(source.choice(KINDS))
        brought = [source.randbytes(32) for _ in range(source.randrange(4))]
        if source.random() < 0.3:
            changed = bytearray(source.choice(court.world.block_hashes))
            changed[source.randrange(32)] ^= 1 << source.randrange(8)
            brought.append(bytes(changed))
        court.refuses(item, block_hashes=brought, unchecked=True)
