"""The registry contract as a reader sees it: head words, and the history of a graph from its events.

Needs an endpoint and no key. What the endpoint says is held against itself: each event is looked up in its receipt,
its head word is computed again from its fields, versions must be consecutive and end in the head that storage has.
A lying endpoint can still invent a whole chain; that is what block hashes from elsewhere are for.
Format: docs/format.md, section "Anchor".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from anchoring.chain import answers
from anchoring.chain.artifact import runtime_code, selector
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import BadAddress, EndpointWrong, NoRegistry, RpcRefused, WrongChain
from anchoring.signing.anchor import ZERO_WORD, Anchor, BlockReference, GraphId
from anchoring.signing.eip712 import VERSION_TOPIC, BadVersionFields, VersionFields

_HEAD = selector("head(bytes32)")


class RegistryClient:
    """The registry at `address` (0x…) through `endpoint`; implements `anchoring.signing.anchor.AnchorSource`.

    `first_block` is where the search for events begins: the block in which the contract was created, or 0.
    Raises BadAddress.
    """

    def __init__(self, endpoint: Endpoint, address: str, *, first_block: int = 0) -> None:
        if not re.fullmatch(r"0x[0-9a-fA-F]{40}", address):
            raise BadAddress(f"{address[:80]!r} is no address", remedy="give 0x and 40 hexadecimal digits")
        self.endpoint = endpoint
        self.address = address.lower()
        self._first_block = first_block
        self._chain_id: int | None = None

    def __repr__(self) -> str:
        return f"RegistryClient({self.endpoint!r}, {self.address!r})"

    def chain_id(self) -> int:
        """The chain's EIP-155 number."""
        if self._chain_id is None:
            self._chain_id = self.endpoint.chain_id()
        return self._chain_id

    def latest(self) -> BlockReference:
        """The newest block."""
        return self.endpoint.latest()

    def head(self, graph: GraphId) -> bytes:
        """The registry's head word for the graph, ZERO_WORD where there is none.

        Raises WrongChain when graph and endpoint or registry differ, NoRegistry when no contract answers.
        """
        return self._head(graph, "latest")

    def runs_known_code(self) -> bool:
        """Whether the code at the address is byte for byte that of this release's registry."""
        return self.endpoint.code(self.address) == runtime_code()

    def anchors(self, graph: GraphId) -> list[Anchor]:
        """Every version of the graph, oldest first, each from a receipt whose status is 1.

        Raises EndpointWrong when the endpoint's answers contradict each other or leave a version out.
        """
        newest = self.latest()
        head = self._head(graph, newest.number)
        anchors = [self._anchor(graph, log) for log in self._versions(graph, newest.number)]
        parent = ZERO_WORD
        for expected, anchor in enumerate(anchors, start=1):
            if anchor.version != expected or anchor.parent != parent:
                raise answers.wrong(
                    f"{self.endpoint.name} gives version {anchor.version} on parent 0x{anchor.parent.hex()} "
                    f"where version {expected} on 0x{parent.hex()} must come"
                )
            parent = anchor.head
        if parent != head:
            raise answers.wrong(
                f"{self.endpoint.name} has the head 0x{head.hex()} in storage, but its events end in 0x{parent.hex()}"
            )
        return anchors

    def anchor(self, graph: GraphId, head: bytes) -> Anchor | None:
        """The version with that head word, None when it was never published (or the endpoint withholds it)."""
        self.require(graph)
        found = [self._anchor(graph, log) for log in self._versions(graph, self.latest().number, head)]
        return found[0] if found else None

    def logs(self, graph: GraphId, topic: bytes, last: int) -> Iterator[Mapping[str, Any]]:
        """The registry's logs of one kind of event about a graph, in order, up to the block `last`.

        Raises WrongChain, EndpointWrong.
        """
        self.require(graph)
        yield from self.logs_of([topic, graph.graph], last)

    def anchors_in(self, graph: GraphId, receipt: object) -> list[Anchor]:
        """The versions of the graph that one transaction published, from its receipt as a node answers it."""
        logs = answers.items(answers.members(receipt, "the receipt").get("logs"), "the receipt's logs")
        return [self._anchor(graph, log, receipt) for log in logs if self._begins([VERSION_TOPIC, graph.graph], log)]

    def version_logs(self, receipt: object) -> dict[bytes, list[Any]]:
        """The raw logs of all versions that one transaction published, by the 32 bytes of their graph."""
        logs = answers.items(answers.members(receipt, "the receipt").get("logs"), "the receipt's logs")
        found: dict[bytes, list[Any]] = {}
        for log in logs:
            if self._begins([VERSION_TOPIC], log):
                found.setdefault(answers.octets(log["topics"][1], "a topic", 32), []).append(log)
        return found

    def require(self, graph: GraphId) -> None:
        """Raises WrongChain unless the graph is of this chain and registry."""
        if graph.chain_id != self.chain_id():
            raise WrongChain(
                f"{self.endpoint.name} serves chain {self.chain_id()}, the graph is on {graph.chain_id}",
                remedy="give an endpoint of the graph's chain",
            )
        if graph.registry != self.address:
            raise WrongChain(
                f"the graph is in the registry {graph.registry}, this client reads {self.address}",
                remedy="open the registry that the graph id names",
            )

    def _head(self, graph: GraphId, block: int | str) -> bytes:
        self.require(graph)
        try:
            word = self.endpoint.call(self.address, _HEAD + graph.graph, block=block)
        except RpcRefused as refused:
            if refused.rpc_code != 3 and refused.data is None:
                raise
            word = b""
        if not word:
            raise NoRegistry(
                f"no registry answers at {self.address} on chain {self.chain_id()}",
                remedy="check the registry in the graph id; ask its publisher for the right one",
            )
        if len(word) != 32:
            raise answers.wrong(f"{self.endpoint.name} answered {len(word)} bytes for a head word")
        return word

    def _versions(self, graph: GraphId, last: int, *head: bytes) -> Iterator[Mapping[str, Any]]:
        return self.logs_of([VERSION_TOPIC, graph.graph, *head], last)

    def logs_of(self, wanted: list[bytes], last: int) -> Iterator[Mapping[str, Any]]:
        """The registry's raw logs that begin with these topics (two or more), in order, up to the block `last`.

        A range that the node refuses is halved, one that it answers makes the next larger.
        """
        topics = ["0x" + topic.hex() for topic in wanted]
        first, width = self._first_block, last + 1
        while first <= last:
            end = min(first + width - 1, last)
            query = {"address": self.address, "topics": topics, "fromBlock": hex(first), "toBlock": hex(end)}
            try:
                logs = answers.items(self.endpoint.request("eth_getLogs", [query]), "eth_getLogs")
            except RpcRefused as refused:
                width = (end - first + 1) // 2
                if width == 0 or refused.rpc_code in (-32601, -32700, -32600):
                    raise
                continue
            yield from (answers.members(log, "a log") for log in logs if self._begins(wanted[:2], log))
            first, width = end + 1, width * 2

    def _begins(self, wanted: list[bytes], log: object) -> bool:
        """Whether a log is the registry's and of this kind and, where it is wanted, graph (or publisher)."""
        entry = answers.members(log, "a log")
        topics = entry.get("topics")
        return (
            answers.address(entry.get("address"), "a log's address") == self.address
            and isinstance(topics, list)
            and len(topics) > 2
            and [answers.octets(topic, "a topic", 32) for topic in topics[:2]][: len(wanted)] == wanted
        )

    def _anchor(self, graph: GraphId, log: object, receipt: object = None) -> Anchor:
        """The anchor that a log tells of, held against its receipt, its block and its own head word."""
        entry = answers.members(log, "a log")
        transaction = answers.octets(entry.get("transactionHash"), "a log's transaction", 32)
        if receipt is None:
            receipt = self.endpoint.request("eth_getTransactionReceipt", ["0x" + transaction.hex()])
        found = answers.members(receipt, f"the receipt of 0x{transaction.hex()}")
        if answers.quantity(found.get("status"), "the receipt's status") != 1:
            raise answers.wrong(f"the receipt of 0x{transaction.hex()} has a log but not the status 1")
        if answers.octets(found.get("transactionHash"), "the receipt's transaction", 32) != transaction:
            raise answers.wrong(f"{self.endpoint.name} answered with another receipt than 0x{transaction.hex()}")
        if _identity(entry) not in map(_identity, answers.items(found.get("logs"), "the receipt's logs")):
            raise answers.wrong(f"the log of 0x{transaction.hex()} is not in its receipt")
        number = answers.quantity(found.get("blockNumber"), "the receipt's block")
        block = self.endpoint.block(number)
        if (
            answers.octets(found.get("blockHash"), "the receipt's block hash", 32) != block.hash
            or block.number != number
        ):
            raise EndpointWrong(
                f"block {number} changed while it was read, or {self.endpoint.name} contradicts itself",
                remedy="ask again after a few blocks",
            )
        return self._checked(graph, entry, transaction, block)

    def _checked(self, graph: GraphId, entry: Any, transaction: bytes, block: BlockReference) -> Anchor:
        head = answers.octets(entry["topics"][2], "a topic", 32)
        data = answers.octets(entry.get("data"), "a log's data", 5 * 32)
        parent, root, size, manifest, publisher = (data[at : at + 32] for at in range(0, 160, 32))
        counts = int.from_bytes(size, "big")
        quads, blocks = counts >> 32, counts & 0xFFFFFFFF
        try:
            fields = VersionFields(graph, int.from_bytes(head[:5], "big"), root, quads, blocks, parent, manifest)
        except BadVersionFields as problem:
            raise answers.wrong(f"the event of 0x{transaction.hex()} is no version: {problem.what}") from problem
        if fields.head != head:
            raise answers.wrong(f"the event of 0x{transaction.hex()} has a head word that is not that of its fields")
        return Anchor(
            graph=graph,
            head=head,
            parent=parent,
            root=root,
            quads=quads,
            blocks=blocks,
            manifest=manifest,
            publisher="0x" + publisher[12:].hex(),
            transaction=transaction,
            block=block,
            log_index=answers.quantity(entry.get("logIndex"), "a log's index"),
        )


def _identity(log: object) -> tuple[int, str, tuple[str, ...], str]:
    """What makes two answers the same log: its place in the block and all its bytes."""
    entry = answers.members(log, "a log")
    topics = answers.items(entry.get("topics"), "a log's topics")
    return (
        answers.quantity(entry.get("logIndex"), "a log's index"),
        answers.address(entry.get("address"), "a log's address"),
        tuple(answers.octets(topic, "a topic", 32).hex() for topic in topics),
        answers.octets(entry.get("data"), "a log's data").hex(),
    )
