"""Blocks that never were: a header over receipts and a state of one's own, for a verifier who takes its hash for true.

Only so can it be seen that a verifier reads the receipt, the log and the slot, and not only hashes on the way there.
"""

from __future__ import annotations

from anchoring.chain_proof.build_trie import BuiltTrie
from anchoring.chain_proof.rlp import encode, number
from anchoring.chain_proof.state import slot_of
from anchoring.signing.eip712 import VERSION_TOPIC, VersionFields, keccak

BLOOM = bytes(256)


def version_log(fields: VersionFields, publisher: str) -> list:
    """The event of a version, as the registry logs it."""
    data = fields.parent + fields.root + fields.size.to_bytes(32, "big") + fields.manifest
    topics = [VERSION_TOPIC, fields.graph.graph, fields.head]
    return [bytes.fromhex(fields.graph.registry[2:]), topics, data + bytes(12) + bytes.fromhex(publisher[2:])]


def receipt(logs: list, status: bytes = b"\x01", kind: bytes = b"\x02") -> bytes:
    """A receipt with these logs, typed unless `kind` is empty."""
    return kind + encode([status, number(100_000), BLOOM, logs])


def header(receipts_root: bytes = bytes(32), state_root: bytes = bytes(32), time: int = 1_700_000_000) -> bytes:
    """A header with Prague's fields."""
    fields = [bytes(32)] * 21
    fields[2], fields[6], fields[12], fields[14] = bytes(20), BLOOM, b"", bytes(8)
    fields[3], fields[5], fields[11] = state_root, receipts_root, number(time)
    for place, value in ((7, 0), (8, 1_000), (9, 30_000_000), (10, 100_000), (15, 7), (17, 0), (18, 0)):
        fields[place] = number(value)
    return encode(fields)


def anchor(receipts: list[bytes], index: int, log: int = 0, time: int = 1_700_000_000) -> dict:
    """The item of an anchor proof of one of these receipts."""
    trie = BuiltTrie({encode(number(place)): each for place, each in enumerate(receipts)})
    nodes = trie.path(encode(number(index)))
    return {"header": header(receipts_root=trie.root, time=time), "index": index, "log": log, "receipt": list(nodes)}


def head(registry: bytes, graph: bytes, value: bytes, time: int = 1_700_000_000, account: list | None = None) -> dict:
    """The item of a proof that the graph's slot has this value (the RLP that stands in the trie)."""
    key, others = keccak(slot_of(graph, 0)), {keccak(b"%d" % place): number(place + 1) for place in range(20)}
    storage = BuiltTrie({**others, key: value})
    held = encode(account or [number(1), b"", storage.root, keccak(b"code")])
    accounts = {
        keccak(b"account %d" % place): encode([b"", number(place + 1), bytes(32), bytes(32)]) for place in range(20)
    }
    state = BuiltTrie({**accounts, keccak(registry): held})
    return {
        "header": header(state_root=state.root, time=time),
        "account": list(state.path(keccak(registry))),
        "storage": list(storage.path(key)),
    }
