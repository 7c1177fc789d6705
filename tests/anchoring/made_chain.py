"""Blocks made up for tests: a header over a receipts trie with a version's event and a state trie with its head.

Nobody mined them, but every hash in them is right, so a verifier that is handed their hash believes them.
"""

from __future__ import annotations

from anchoring.chain_proof.build_trie import BuiltTrie
from anchoring.chain_proof.proof import HEADS_SLOT, AnchorProof, ChainProof, HeadProof
from anchoring.chain_proof.rlp import encode, number
from anchoring.chain_proof.state import slot_of
from anchoring.signing.eip712 import VERSION_TOPIC, keccak

TIME = 1_760_000_000
"""Of block 0; each block is 12 seconds later."""


def header(height: int, *, state: bytes = bytes(32), receipts: bytes = bytes(32)) -> bytes:
    """A header of 21 fields, as since Prague."""
    fields = [keccak(b"parent %d" % height), keccak(b"uncles"), bytes(20), state, bytes(32), receipts, bytes(256), b""]
    fields += [number(height), number(30_000_000), number(21_000), number(TIME + 12 * height), b"made up", bytes(32)]
    return encode([*fields, bytes(8), number(7), *[bytes(32)] * 5])


def event(fields, publisher: str, *, address: str = "") -> list:
    """The log of a version's event, from the registry or from another address."""
    data = fields.parent + fields.root + fields.size.to_bytes(32, "big") + fields.manifest
    topics = [VERSION_TOPIC, fields.graph.graph, fields.head]
    return [
        bytes.fromhex((address or fields.graph.registry)[2:]),
        topics,
        data + bytes(12) + bytes.fromhex(publisher[2:]),
    ]


def anchor_proof(fields, publisher: str, height: int, *, status: int = 1, address: str = "") -> AnchorProof:
    """That block `height` holds the event, in the second log of transaction 5 of 20."""
    other = [bytes.fromhex("66" * 20), [keccak(b"something else")], b"data"]
    receipts = {}
    for index in range(20):
        logs = [other, event(fields, publisher, address=address)] if index == 5 else [other]
        receipt = encode([number(status), number(21_000 * (index + 1)), bytes(256), logs])
        receipts[encode(number(index))] = b"\x02" + receipt
    trie = BuiltTrie(receipts)
    return AnchorProof(header(height, receipts=trie.root), 5, 1, trie.path(encode(number(5))))


def head_proof(graph, head: bytes, height: int) -> HeadProof:
    """That the registry's head word of the graph is `head` as of block `height`."""
    slot = slot_of(graph.graph, HEADS_SLOT)
    words = {keccak(slot): encode(number(int.from_bytes(head, "big")))}
    words |= {keccak(b"%d" % i): encode(number(i + 1)) for i in range(40)}
    storage = BuiltTrie(words)
    registry = bytes.fromhex(graph.registry[2:])
    accounts = {keccak(b"account %d" % i): encode([b"", number(i), bytes(32), bytes(32)]) for i in range(40)}
    accounts[keccak(registry)] = encode([number(1), b"", storage.root, keccak(b"code")])
    state = BuiltTrie(accounts)
    return HeadProof(header(height, state=state.root), state.path(keccak(registry)), storage.path(keccak(slot)))


def chain_proof(fields, publisher: str, height: int, *, head: bytes | None = None, head_height: int = 0) -> ChainProof:
    """Both parts: the event in block `height`, the head (the version's own by default) as of a later one."""
    return ChainProof(
        anchor_proof(fields, publisher, height),
        head_proof(fields.graph, head or fields.head, head_height or height + 5),
    )
