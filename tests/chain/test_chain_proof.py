"""A chain proof is made from what a node answers, and holds for its version and no other."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
from chain_places import Place
from own_anvil import anvil

from anchoring.chain.block_encoding import header_bytes, receipt_bytes
from anchoring.chain.chain_proof_maker import NoChainProof, make_chain_proof, make_head_proof
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.publish import Publication, publish
from anchoring.chain_proof.build_trie import BuiltTrie
from anchoring.chain_proof.errors import BadChainProof
from anchoring.chain_proof.header import Header
from anchoring.chain_proof.proof import MAX_NODES, ChainProof
from anchoring.chain_proof.rlp import encode, number
from anchoring.chain_proof.state import stored_word
from anchoring.encoding.cbor_map import BadMap
from anchoring.encoding.deterministic_cbor import decode as cbor_decode
from anchoring.encoding.deterministic_cbor import encode as cbor_encode
from anchoring.signing.anchor import GraphId
from anchoring.signing.eip712 import graph_id, keccak
from anchoring.verification.check_anchor import fields_of

DATA = Path(__file__).parent.parent / "data/chain"
LABEL = b"\x07" * 32


def graph_of(registry, key):
    return graph_id(registry.chain_id(), registry.address, key.address, LABEL)


def publish_some(registry, key, count):
    """As many versions, each the child of the one before; the graph."""
    graph = graph_of(registry, key)
    for version in range(1, count + 1):
        parent = registry.head(graph)
        publication = Publication(LABEL, parent, keccak(b"root %d" % version), version, 1, keccak(b"m %d" % version))
        publish(registry, key, publication, keep=lambda prepared: None)
    return graph


@pytest.fixture
def published(place, registry):
    graph = publish_some(registry, place.new_key(), 3)
    return graph, registry.anchors(graph)


def test_every_version_is_proven_in_its_block_and_the_newest_as_the_head(registry, published):
    graph, anchors = published
    for anchor in anchors:
        lacking = []
        proof = make_chain_proof(registry, anchor, lacking=lacking.append)
        assert lacking == []
        assert proof.anchor.block_hash == anchor.block.hash
        anchored = proof.anchor.check(fields_of(anchor))
        assert (anchored.publisher, anchored.block) == (anchor.publisher, anchor.block)
        head = proof.head.check(graph)
        assert head.head == anchors[-1].head
        assert head.block.hash == proof.head.block_hash
        assert ChainProof.of_item(cbor_decode(cbor_encode(proof.item()))) == proof


def test_a_proof_without_the_head_is_made_on_request(registry, published):
    proof = make_chain_proof(registry, published[1][0], head=False)
    assert proof.head is None
    assert list(proof.item()) == ["anchor"]


def test_it_proves_no_other_version_graph_registry_or_chain(registry, published):
    graph, anchors = published
    proof = make_chain_proof(registry, anchors[1])
    fields = fields_of(anchors[1])
    others = [
        fields_of(anchors[0]),
        fields_of(anchors[2]),
        replace(fields, root=bytes(32)),
        replace(fields, quads=fields.quads + 1),
        replace(fields, manifest=bytes(32)),
        replace(fields, graph=replace(graph, graph=bytes(32))),
        replace(fields, graph=replace(graph, registry="0x" + "11" * 20)),
        replace(fields, graph=replace(graph, chain_id=graph.chain_id + 1)),
    ]
    for other in others:
        with pytest.raises(BadChainProof):
            proof.anchor.check(other)
    for other in (replace(graph, graph=bytes(32)), replace(graph, registry="0x" + "11" * 20)):
        with pytest.raises(BadChainProof):
            proof.head.check(other)


def test_every_changed_byte_of_header_and_nodes_is_noticed(registry, published):
    graph, anchors = published
    proof, fields = make_chain_proof(registry, anchors[1]), fields_of(anchors[1])
    for place in range(len(proof.anchor.header)):
        changed = bytearray(proof.anchor.header)
        changed[place] ^= 1
        assert replace(proof.anchor, header=bytes(changed)).block_hash != proof.anchor.block_hash
    for part, name, check in (
        (proof.anchor, "receipt", lambda part: part.check(fields)),
        (proof.head, "account", lambda part: part.check(graph)),
        (proof.head, "storage", lambda part: part.check(graph)),
    ):
        nodes = getattr(part, name)
        for at, node in enumerate(nodes):
            for place in range(0, len(node), 7):
                changed = bytearray(node)
                changed[place] ^= 0x10
                with pytest.raises(BadChainProof):
                    check(replace(part, **{name: (*nodes[:at], bytes(changed), *nodes[at + 1 :])}))
        for other in ((), nodes[:-1], (*nodes, nodes[-1]), nodes[::-1] if len(nodes) > 1 else ()):
            with pytest.raises(BadChainProof):
                check(replace(part, **{name: other}))
    for change in ({"index": proof.anchor.index + 1}, {"log": proof.anchor.log + 1}):
        with pytest.raises(BadChainProof):
            replace(proof.anchor, **change).check(fields)


@pytest.mark.anvil
def test_many_transactions_in_one_block_and_only_what_succeeded(cast):
    """A block of forty transactions: a trie of several levels, and one that was reverted."""
    with anvil(cast) as chain:
        place = Place(Endpoint(chain.url), "anvil")
        registry, key = place.registry(), place.new_key()
        chain.ask("evm_setAutomine", False)
        chain.ask("anvil_setBlockGasLimit", hex(10**9))
        graph = graph_of(registry, key)
        data = subprocess.run(
            [
                str(cast),
                "calldata",
                "publish(bytes32,bytes32,bytes32,uint256,bytes32)",
                *(f"0x{word.hex()}" for word in (LABEL, bytes(32), b"\x01" * 32)),
                str(1 << 32 | 1),
                "0x" + "02" * 32,
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        chain.ask("anvil_impersonateAccount", key.address)
        sender = chain.ask("eth_accounts")[0]
        for nonce in range(38):
            chain.ask("eth_sendTransaction", {"from": sender, "to": sender, "value": "0x1", "nonce": hex(nonce)})
        # the same parent twice: the second is reverted
        for nonce in range(2):
            message = {"from": key.address, "to": registry.address, "data": data, "gas": "0x30d40", "nonce": hex(nonce)}
            chain.ask("eth_sendTransaction", message)
        chain.mine()
        (anchor,) = registry.anchors(graph)
        proof = make_chain_proof(registry, anchor)
        assert len(proof.anchor.receipt) >= 2
        assert proof.anchor.check(fields_of(anchor)).publisher == key.address
        block = chain.ask("eth_getBlockByHash", f"0x{anchor.block.hash.hex()}", False)
        receipts = [chain.ask("eth_getTransactionReceipt", each) for each in block["transactions"]]
        assert len(receipts) == 40
        reverted = next(place for place, receipt in enumerate(receipts) if receipt["status"] == "0x0")
        trie = BuiltTrie({encode(number(n)): receipt_bytes(receipt) for n, receipt in enumerate(receipts)})
        assert f"0x{trie.root.hex()}" == block["receiptsRoot"]
        foreign = replace(proof.anchor, index=reverted, receipt=trie.path(encode(number(reverted))))
        with pytest.raises(BadChainProof, match="status"):
            foreign.check(fields_of(anchor))


@pytest.mark.anvil
def test_foundry_reads_the_same_hash_and_the_same_nodes(cast, anvil_url):
    place = Place(Endpoint(anvil_url), "anvil")
    registry = place.registry()
    graph = publish_some(registry, place.new_key(), 1)
    (anchor,) = registry.anchors(graph)
    proof = make_chain_proof(registry, anchor)

    def ask(*arguments):
        return subprocess.run([str(cast), *arguments], capture_output=True, text=True, check=True).stdout.strip()

    assert ask("keccak", "0x" + proof.anchor.header.hex()) == f"0x{anchor.block.hash.hex()}"
    fields = json.loads(ask("from-rlp", "0x" + proof.anchor.header.hex()))
    block = json.loads(ask("block", str(anchor.block.number), "--rpc-url", anvil_url, "--json"))
    assert fields[5] == block["receiptsRoot"]
    assert fields[3] == block["stateRoot"]
    slot = ask("index", "bytes32", f"0x{graph.graph.hex()}", "0")
    word = ask("storage", registry.address, slot, "--rpc-url", anvil_url)
    assert word == f"0x{proof.head.check(graph).head.hex()}"
    answer = json.loads(ask("proof", registry.address, slot, "--rpc-url", anvil_url))
    assert answer["storageProof"][0]["proof"][0] == f"0x{proof.head.storage[0].hex()}"


def test_recorded_headers_of_every_fork_are_built_and_read():
    answers = [
        json.loads(line)["result"]
        for name in ("mainnet-headers", "devnet-headers")
        for line in (DATA / f"{name}.jsonl").read_text().splitlines()
    ]
    assert len(answers) == 21
    for answer in answers:
        header = Header.decode(header_bytes(answer))
        assert f"0x{header.block.hash.hex()}" == answer["hash"]
        assert header.block.number == int(answer["number"], 16)
        assert header.block.timestamp == int(answer["timestamp"], 16)
        assert f"0x{header.receipts_root.hex()}" == answer["receiptsRoot"]
        assert f"0x{header.state_root.hex()}" == answer["stateRoot"]


def test_the_recorded_mainnet_receipts_give_the_root_in_the_header():
    asked = [json.loads(line) for line in (DATA / "blocks-1755634-1755635.jsonl").read_text().splitlines()]
    (block,) = (each["result"] for each in asked if each["params"] == ["0x1ac9f3", True])
    receipts = [each["result"] for each in asked if each["method"] == "eth_getTransactionReceipt"]
    receipts.sort(key=lambda receipt: int(receipt["transactionIndex"], 16))
    trie = BuiltTrie({encode(number(place)): receipt_bytes(receipt) for place, receipt in enumerate(receipts)})
    assert f"0x{trie.root.hex()}" == block["receiptsRoot"]


def recorded(method, *params):
    """What the development chain answered."""
    exchanges = [json.loads(line) for line in (DATA / "devnet-exchanges.jsonl").read_text().splitlines()]
    (answer,) = (each["result"] for each in exchanges if (each["method"], each["params"]) == (method, list(params)))
    return answer


@pytest.mark.parametrize("block", ["0x0", "0x1", "0x36"])
def test_recorded_receipts_of_a_block_give_its_root(block):
    header = recorded("eth_getBlockByNumber", block, False)
    receipts = recorded("eth_getBlockReceipts", block)
    trie = BuiltTrie({encode(number(place)): receipt_bytes(receipt) for place, receipt in enumerate(receipts)})
    assert f"0x{trie.root.hex()}" == header["receiptsRoot"]


def test_a_recorded_account_is_proven_from_the_state_root_and_its_slot_from_the_accounts():
    header = recorded("eth_getBlockByNumber", "0x36", False)
    answer = recorded("eth_getProof", "0x7dcd17433742f4c0ca53122ab541d0ba67fc27df", ["0x00"], "latest")
    (slot,) = answer["storageProof"]

    def nodes(listed):
        return [bytes.fromhex(node[2:]) for node in listed]

    root, address = bytes.fromhex(header["stateRoot"][2:]), bytes.fromhex(answer["address"][2:])
    word = stored_word(root, address, bytes(32), nodes(answer["accountProof"]), nodes(slot["proof"]))
    assert word == int(slot["value"], 16).to_bytes(32, "big")


class Lacks:
    """An endpoint without some of the methods, or with answers of its own."""

    def __init__(self, endpoint, changed):
        self.name, self._endpoint, self._changed = "a node", endpoint, changed

    def make_request(self, method, params):
        if method not in self._changed:
            return {"result": self._endpoint.request(method, params)}
        answer = self._changed[method]
        if answer is None:
            return {"error": {"code": -32601, "message": f"{method} does not exist"}}
        return {"result": answer(self._endpoint.request(method, params))}


def client_without(registry, **changed):
    endpoint = Endpoint("a node", transport=Lacks(registry.endpoint, changed))
    return type(registry)(endpoint, registry.address)


def test_what_the_endpoint_does_not_serve_is_named_and_the_rest_is_made(registry, published):
    graph, anchors = published
    lacking = []
    client = client_without(registry, eth_getProof=None, eth_getBlockReceipts=None)
    proof = make_chain_proof(client, anchors[0], lacking=lacking.append)
    assert proof.head is None
    assert proof.anchor.check(fields_of(anchors[0])).publisher == anchors[0].publisher
    assert ["eth_getProof" in reason for reason in lacking] == [True]

    lacking.clear()
    client = client_without(registry, eth_getTransactionReceipt=None, eth_getBlockReceipts=None)
    proof = make_chain_proof(client, anchors[0], lacking=lacking.append)
    assert proof.anchor is None
    assert proof.head.check(graph).head == anchors[-1].head
    assert len(lacking) == 1


def test_answers_that_prove_nothing_give_no_proof(registry, published):
    graph, anchors = published

    def other_gas(receipts):
        return [{**receipt, "cumulativeGasUsed": "0x1"} for receipt in receipts]

    for changed in (
        {"eth_getBlockByHash": lambda block: {**block, "gasUsed": "0x1"}},
        {"eth_getBlockByHash": lambda block: None},
        {"eth_getBlockReceipts": other_gas},
        {"eth_getBlockReceipts": lambda receipts: []},
        {"eth_getBlockReceipts": lambda receipts: None},
    ):
        lacking = []
        proof = make_chain_proof(client_without(registry, **changed), anchors[0], head=False, lacking=lacking.append)
        assert proof == ChainProof()
        assert len(lacking) == 1
    client = client_without(registry, eth_getProof=lambda answer: {**answer, "accountProof": []})
    with pytest.raises(NoChainProof):
        make_head_proof(client, graph)
    with pytest.raises(NoChainProof):
        make_head_proof(registry, GraphId(graph.chain_id, graph.registry, bytes(32)))


def test_what_exceeds_the_limits_or_has_other_members_is_no_chain_proof(registry, published):
    item = make_chain_proof(registry, published[1][0]).item()
    anchor, head = item["anchor"], item["head"]
    for bad in (
        {**item, "more": 1},
        {"anchor": {**anchor, "more": 1}},
        {"anchor": {**anchor, "index": b""}},
        {"anchor": {**anchor, "header": bytes(16_385)}},
        {"anchor": {**anchor, "receipt": [bytes(1025), b""]}},
        {"anchor": {**anchor, "receipt": [b""] * (MAX_NODES + 1)}},
        {"head": {**head, "storage": [bytes(1025)]}},
        {"head": {**head, "account": [1]}},
        {"head": {}},
        {"head": b""},
        [],
        b"",
    ):
        with pytest.raises(BadMap):
            ChainProof.of_item(bad)
    ChainProof.of_item({"anchor": {**anchor, "receipt": [b"", bytes(5000)]}})
