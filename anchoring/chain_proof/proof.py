"""A bundle's chain proof: that a block holds the version's event, and what the graph's head is as of a block.

Both are checked against the header that the proof shows; whether that header's hash is one that the verifier
brings is for the verifier to say, who alone knows which blocks are of the chain.
Format: docs/format.md, section "Chain proof".
"""

from __future__ import annotations

from dataclasses import dataclass

from anchoring.chain_proof.errors import BadChainProof
from anchoring.chain_proof.header import MAX_HEADER_BYTES, Header
from anchoring.chain_proof.receipt import Receipt
from anchoring.chain_proof.rlp import encode, number
from anchoring.chain_proof.state import slot_of, stored_word
from anchoring.chain_proof.trie import value_at
from anchoring.encoding.cbor_map import BadMap, CborMap
from anchoring.encoding.deterministic_cbor import Item
from anchoring.signing.anchor import BlockReference, GraphId
from anchoring.signing.eip712 import VERSION_TOPIC, VersionFields, keccak

MAX_NODES = 128
MAX_NODE_BYTES = 1_024
"""A branch of sixteen hashes has 532 bytes; only the leaf of a receipt, which holds all of its logs, is longer."""
HEADS_SLOT = 0
"""The registry's storage slot of its map from graphs to head words."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """A version was published by `publisher` (a lower-case 0x address) in `block`."""

    publisher: str
    block: BlockReference


@dataclass(frozen=True, slots=True)
class HeadAsOf:
    """The graph's head word (32 bytes) after `block`."""

    head: bytes
    block: BlockReference


@dataclass(frozen=True, slots=True)
class AnchorProof:
    """That a block holds the version's event.

    `header` is the block's (RLP), `index` the transaction's place in the block, `log` the log's in the receipt,
    `receipt` the nodes of the receipts trie from its root to the receipt.
    """

    header: bytes
    index: int
    log: int
    receipt: tuple[bytes, ...]

    @property
    def block_hash(self) -> bytes:
        """keccak256 of the header: what the verifier compares with the hashes it brings."""
        return keccak(self.header)

    def check(self, fields: VersionFields) -> Anchored:
        """By whom and in which block the version of these fields was published; raises BadChainProof.

        It holds as far as the block of `block_hash` is of the chain.
        """
        header = Header.decode(self.header)
        log = Receipt.decode(value_at(header.receipts_root, encode(number(self.index)), self.receipt)).log(self.log)
        if f"0x{log.address.hex()}" != fields.graph.registry:
            raise BadChainProof(f"the event is that of 0x{log.address.hex()}, not of {fields.graph.registry}")
        if log.topics != (VERSION_TOPIC, fields.graph.graph, fields.head):
            raise BadChainProof(f"the event is not that of the head word 0x{fields.head.hex()} of {fields.graph}")
        data = fields.parent + fields.root + fields.size.to_bytes(32, "big") + fields.manifest
        if log.data[:-32] != data or any(log.data[-32:-20]):
            raise BadChainProof("the event's parent, root, size or manifest is not the version's, or it names nobody")
        return Anchored(f"0x{log.data[-20:].hex()}", header.block)

    def item(self) -> Item:
        """The map of the bundle."""
        return {"header": self.header, "index": self.index, "log": self.log, "receipt": list(self.receipt)}

    @classmethod
    def of_item(cls, item: Item) -> AnchorProof:
        """Of the map of the bundle; raises BadMap."""
        members = CborMap(item, "header index log receipt", "the anchor")
        nodes = _nodes(members, "receipt", longest_last=True)
        return cls(_header(members), members.number("index"), members.number("log"), nodes)


@dataclass(frozen=True, slots=True)
class HeadProof:
    """What the graph's head word is as of a block.

    `header` is the block's (RLP), `account` the nodes of the state trie from its root to the registry's account,
    `storage` those of the registry's storage trie from its root to the graph's slot.
    """

    header: bytes
    account: tuple[bytes, ...]
    storage: tuple[bytes, ...]

    @property
    def block_hash(self) -> bytes:
        """keccak256 of the header: what the verifier compares with the hashes it brings."""
        return keccak(self.header)

    def check(self, graph: GraphId) -> HeadAsOf:
        """The graph's head word as of the block; raises BadChainProof.

        It holds as far as the block of `block_hash` is of the chain.
        """
        header = Header.decode(self.header)
        registry = bytes.fromhex(graph.registry[2:])
        slot = slot_of(graph.graph, HEADS_SLOT)
        return HeadAsOf(stored_word(header.state_root, registry, slot, self.account, self.storage), header.block)

    def item(self) -> Item:
        """The map of the bundle."""
        return {"header": self.header, "account": list(self.account), "storage": list(self.storage)}

    @classmethod
    def of_item(cls, item: Item) -> HeadProof:
        """Of the map of the bundle; raises BadMap."""
        members = CborMap(item, "account header storage", "the head")
        return cls(_header(members), _nodes(members, "account"), _nodes(members, "storage"))


@dataclass(frozen=True, slots=True)
class ChainProof:
    """What a bundle holds of the chain: the version's anchor, the graph's head as of a block, either, or nothing."""

    anchor: AnchorProof | None = None
    head: HeadProof | None = None

    def item(self) -> Item:
        """The map of the bundle.

        >>> ChainProof().item()
        {}
        """
        parts = {"anchor": self.anchor, "head": self.head}
        return {key: part.item() for key, part in parts.items() if part is not None}

    @classmethod
    def of_item(cls, item: Item) -> ChainProof:
        """Of the map of the bundle; raises BadMap, also for what exceeds the limits."""
        there = [key for key in ("anchor", "head") if isinstance(item, dict) and key in item]
        members = CborMap(item, " ".join(there), "the chain proof")
        return cls(
            AnchorProof.of_item(members["anchor"]) if "anchor" in there else None,
            HeadProof.of_item(members["head"]) if "head" in there else None,
        )


def _header(members: CborMap) -> bytes:
    header = members.bytes("header")
    if len(header) > MAX_HEADER_BYTES:
        raise BadMap(f"the header has {len(header)} bytes, more than {MAX_HEADER_BYTES}")
    return header


def _nodes(members: CborMap, key: str, *, longest_last: bool = False) -> tuple[bytes, ...]:
    nodes = members.all_bytes(key, MAX_NODES)
    for node in nodes[:-1] if longest_last else nodes:
        if len(node) > MAX_NODE_BYTES:
            raise BadMap(f"a trie node of {key} has {len(node)} bytes, more than {MAX_NODE_BYTES}")
    return nodes
