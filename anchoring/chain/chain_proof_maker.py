"""Makes the chain proof of a published version from what an endpoint answers.

Nothing is believed: the header must hash to the anchor's block, the receipts must give its receipts root, and the
finished proof must hold. What an endpoint does not hand out is named, and the proof is made without it.
Format: docs/format.md, section "Chain proof".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from anchoring.chain import answers
from anchoring.chain.block_encoding import header_bytes, receipt_bytes
from anchoring.chain.errors import EndpointWrong, RpcRefused
from anchoring.chain.registry import RegistryClient
from anchoring.chain_proof.build_trie import BuiltTrie
from anchoring.chain_proof.errors import BadChainProof
from anchoring.chain_proof.proof import HEADS_SLOT, MAX_NODES, AnchorProof, ChainProof, HeadProof
from anchoring.chain_proof.rlp import encode, number
from anchoring.chain_proof.state import slot_of
from anchoring.errors import ServiceFailed
from anchoring.signing.anchor import Anchor, BlockReference, GraphId
from anchoring.signing.eip712 import keccak
from anchoring.verification.check_anchor import fields_of

_MOVING_HEADS = 3  # how often a newer block is tried before the endpoint is blamed


class NoChainProof(ServiceFailed):
    """The endpoint does not hand out what a chain proof is made of, or not so that it proves anything."""

    code = "no-chain-proof"
    retryable = False

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="use an endpoint that serves the block's receipts and eth_getProof")


def make_chain_proof(
    client: RegistryClient, anchor: Anchor, *, head: bool = True, lacking: Callable[[str], None] = lambda _: None
) -> ChainProof:
    """The proof that the anchor's block holds its event and, with `head`, of the graph's head in the newest block.

    What cannot be made of the endpoint's answers is left out, and `lacking` is told why.
    Raises EndpointUnreachable where nobody answers.
    """
    made_anchor = made_head = None
    try:
        made_anchor = make_anchor_proof(client, anchor)
    except NoChainProof as error:
        lacking(error.what)
    if head:
        try:
            made_head = make_head_proof(client, anchor.graph)
        except NoChainProof as error:
            lacking(error.what)
    return ChainProof(made_anchor, made_head)


def make_anchor_proof(client: RegistryClient, anchor: Anchor) -> AnchorProof:
    """The proof that the anchor's block holds its event.

    Raises NoChainProof, EndpointWrong where the answers have the wrong form, EndpointUnreachable.
    """
    block, header = _header(client, anchor.block)
    receipts = _receipts(client, block, anchor.block)
    trie = BuiltTrie({encode(number(index)): receipt_bytes(receipt) for index, receipt in enumerate(receipts)})
    if trie.root != answers.octets(block.get("receiptsRoot"), "the receipts root", 32):
        raise NoChainProof(
            f"the receipts of block {anchor.block.number} as {client.endpoint.name} answers them do not give its "
            "receipts root: one is missing, or has fields that are not known here"
        )
    for index, receipt in enumerate(receipts):
        if answers.octets(receipt.get("transactionHash"), "a receipt's transaction", 32) == anchor.transaction:
            logs = [answers.quantity(log.get("logIndex"), "a log's index") for log in receipt["logs"]]
            if anchor.log_index in logs:
                path = trie.path(encode(number(index)))
                proof = AnchorProof(header, index, logs.index(anchor.log_index), path)
                _require(partial(proof.check, fields_of(anchor)), "event", client)
                return proof
    raise NoChainProof(f"log {anchor.log_index} of 0x{anchor.transaction.hex()} is not in block {anchor.block.number}")


def make_head_proof(client: RegistryClient, graph: GraphId) -> HeadProof:
    """The proof of the graph's head word as of the endpoint's newest block, by `eth_getProof` (EIP-1186).

    Some endpoints answer with the state of a block that came in the meantime: then the newer block is taken.
    Raises NoChainProof, EndpointWrong where the answers have the wrong form, EndpointUnreachable.
    """
    newest = client.latest()
    for _ in range(_MOVING_HEADS):
        try:
            return _head_proof(client, graph, newest)
        except NoChainProof:
            before, newest = newest, client.latest()
            if newest == before:
                raise
    return _head_proof(client, graph, newest)


def _head_proof(client: RegistryClient, graph: GraphId, newest: BlockReference) -> HeadProof:
    endpoint = client.endpoint
    _, header = _header(client, newest)
    slot = slot_of(graph.graph, HEADS_SLOT)
    try:
        answer = endpoint.request("eth_getProof", [client.address, [f"0x{slot.hex()}"], hex(newest.number)])
    except RpcRefused as refused:
        raise NoChainProof(f"no proof of the head: {refused.what}") from refused
    found = answers.members(answer, "eth_getProof")
    slots = answers.items(found.get("storageProof"), "the storage proofs")
    if len(slots) != 1:
        raise answers.wrong(f"{endpoint.name} answered {len(slots)} storage proofs instead of one")
    storage = answers.members(slots[0], "the storage proof")
    proof = HeadProof(header, _nodes(found.get("accountProof")), _nodes(storage.get("proof")))
    _require(partial(proof.check, graph), "head", client)
    return proof


def _require(check: Callable[[], object], what: str, client: RegistryClient) -> None:
    try:
        check()
    except BadChainProof as error:
        raise NoChainProof(f"the proof of the {what} by {client.endpoint.name} does not hold: {error.what}") from error


def _header(client: RegistryClient, block: BlockReference) -> tuple[Mapping[str, Any], bytes]:
    """The block as the endpoint answers it, and its header's RLP."""
    name = f"block {block.number}"
    answer = client.endpoint.request("eth_getBlockByHash", [f"0x{block.hash.hex()}", False])
    if answer is None:
        raise NoChainProof(f"{client.endpoint.name} has no {name} with the hash 0x{block.hash.hex()}")
    found = answers.members(answer, name)
    header = header_bytes(found)
    if keccak(header) != block.hash:
        raise NoChainProof(
            f"the header of {name} as {client.endpoint.name} answers it does not hash to 0x{block.hash.hex()}: "
            "it has fields that are not known here, or is another block's"
        )
    return found, header


def _receipts(client: RegistryClient, block: Mapping[str, Any], reference: BlockReference) -> list[Mapping[str, Any]]:
    """All receipts of a block in order: in one answer, or one by one from endpoints that have no method for that."""
    endpoint = client.endpoint
    try:
        answer = endpoint.request("eth_getBlockReceipts", [hex(reference.number)])
    except RpcRefused:
        hashes = answers.items(block.get("transactions"), "the block's transactions")
        try:
            answer = [endpoint.request("eth_getTransactionReceipt", [each]) for each in hashes]
        except RpcRefused as refused:
            raise NoChainProof(f"no receipts of block {reference.number}: {refused.what}") from refused
    if not isinstance(answer, list) or None in answer:
        raise NoChainProof(f"{endpoint.name} has not all receipts of block {reference.number}")
    return [answers.members(receipt, "a receipt") for receipt in answer]


def _nodes(value: object) -> tuple[bytes, ...]:
    """The trie's nodes, less those that some endpoints list although they stand within their parents."""
    nodes = [answers.octets(node, "a trie node") for node in answers.items(value, "the trie's nodes")]
    if len(nodes) > MAX_NODES:
        raise EndpointWrong(f"the endpoint answered {len(nodes)} trie nodes", remedy="use another one")
    return tuple(node for place, node in enumerate(nodes) if place == 0 or len(node) >= 32)
