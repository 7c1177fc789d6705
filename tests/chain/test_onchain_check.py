"""The contract's own check of a statement agrees with the proof code in Python, for true and for damaged proofs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain_places import Place
from hypothesis import given, settings
from hypothesis import strategies as st

from anchoring.chain.publish import Publication, publish
from anchoring.chain.registry import RegistryClient
from anchoring.chain.statement_check import check_on_chain
from anchoring.dataset.version import Dataset, build_version
from anchoring.encoding.cid import Block, Cid
from anchoring.errors import TriplockError
from anchoring.proofs.proof import Presence, prove_presence
from anchoring.signing.anchor import ZERO_WORD
from anchoring.signing.eip712 import VersionFields

LINES = [f'<http://example.org/s/{n:05}> <http://example.org/p> "{"x" * (n % 90)}" .'.encode() for n in range(700)]


MEMBERS = ["line", "digest", "line_path", "block_path", "block", "index", "start", "count", "length"]


class Memory:
    """Blocks in a dict."""

    name = "memory"

    def __init__(self) -> None:
        self.blocks: dict[Cid, bytes] = {}

    def get(self, cid: Cid) -> bytes:
        return self.blocks[cid]

    def keep(self, block: Block) -> None:
        self.blocks[block.cid] = block.data


def published(place: Place, registry: RegistryClient, lines: list[bytes]) -> tuple[VersionFields, Dataset, Memory]:
    memory = Memory()
    dataset = build_version(lines, memory.keep)
    made = dataset.commitment
    publication = Publication(bytes(32), ZERO_WORD, made.root, made.quads, made.blocks, b"\7" * 32)
    key = place.new_key()
    publish(registry, key, publication, keep=lambda _: None)
    return publication.fields(registry, key.address), dataset, memory


def agrees(registry: RegistryClient, fields: VersionFields, presence: Presence) -> bool:
    """What both say; fails where they differ."""
    try:
        presence.check(root=fields.root, quads=fields.quads, blocks=fields.blocks)
        here = True
    except TriplockError:
        here = False
    there = check_on_chain(registry, fields, presence)
    assert here == there
    return there


@pytest.mark.parametrize("count", [1, 2, 3, 64, 700])
def test_every_true_statement_is_found(place: Place, registry: RegistryClient, count: int) -> None:
    fields, dataset, memory = published(place, registry, LINES[:count])
    for line in LINES[: count : max(1, count // 9)]:
        assert agrees(registry, fields, prove_presence(line, dataset, memory))


def test_a_proof_of_another_version_or_graph_is_refused(place: Place, registry: RegistryClient) -> None:
    fields, dataset, memory = published(place, registry, LINES[:50])
    presence = prove_presence(LINES[7], dataset, memory)
    assert check_on_chain(registry, fields, presence)
    assert not check_on_chain(registry, replace(fields, manifest=bytes(32)), presence)
    assert not check_on_chain(registry, replace(fields, parent=b"\1" * 32), presence)
    assert not check_on_chain(registry, replace(fields, graph=replace(fields.graph, graph=b"\1" * 32)), presence)


def test_damaged_proofs_are_refused_by_both(place: Place, registry: RegistryClient) -> None:
    fields, dataset, memory = published(place, registry, LINES)
    assert fields.blocks > 2
    true = [prove_presence(line, dataset, memory) for line in LINES[::70]]

    @settings(max_examples=60)
    @given(
        presence=st.sampled_from(true),
        member=st.sampled_from(
            ["line", "digest", "line_path", "block_path", "block", "index", "start", "count", "length"]
        ),
        position=st.integers(0, 2**16),
        change=st.integers(1, 255),
    )
    def damage(presence: Presence, member: str, position: int, change: int) -> None:
        value = getattr(presence, member)
        if isinstance(value, int):
            damaged = replace(presence, **{member: value ^ change})
        else:
            octets = bytearray(value or b"\0" * 32)
            octets[position % len(octets)] ^= change
            damaged = replace(presence, **{member: bytes(octets)})
        # A line that is not canonical is the reader's to refuse; the contract looks at the bytes alone.
        if member != "line":
            assert not agrees(registry, fields, damaged)
        else:
            assert not check_on_chain(registry, fields, damaged)

    damage()
    for presence in true[:3]:
        for path in ("line_path", "block_path"):
            siblings = getattr(presence, path)
            assert not agrees(registry, fields, replace(presence, **{path: siblings[:-32] if siblings else bytes(32)}))
            assert not agrees(registry, fields, replace(presence, **{path: siblings + bytes(32)}))
            assert not check_on_chain(registry, fields, replace(presence, **{path: siblings + b"\0"}))
