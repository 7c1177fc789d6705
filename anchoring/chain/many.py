"""Many graphs in one transaction: each version on its parent, or one event for the root of all.

`publish_many` moves every head or none. `publish_batch` moves none: it says that the publisher knew these versions.
Format: docs/format.md, section "Anchor"; what both cost: docs/gas.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anchoring.chain import answers
from anchoring.chain.artifact import selector
from anchoring.chain.errors import PublishReverted, StaleParent
from anchoring.chain.keys import Signer
from anchoring.chain.ownership import DEFAULT, Terms
from anchoring.chain.publish import Publication, published
from anchoring.chain.registry import RegistryClient
from anchoring.chain.registry_call import call_registry
from anchoring.errors import InputRefused
from anchoring.signing.anchor import Anchor, BlockReference
from anchoring.signing.batch import Batch
from anchoring.signing.eip712 import address_bytes, keccak

MAX_AT_ONCE = 1_000
"""More than that comes near the gas of a block."""

_PUBLISH_MANY = selector("publishMany((address,bytes32,bytes32,bytes32,uint256,bytes32)[])")
_PUBLISH_BATCH = selector("publishBatch(bytes32,uint256)")
BATCH_TOPIC = keccak(b"Batch(address,bytes32,uint256)")


class BadMany(InputRefused):
    """The versions cannot be published in one transaction."""

    code = "bad-many"


@dataclass(frozen=True, slots=True)
class BatchAnchor:
    """A batch's event: who published it, root and count of the entries, in which transaction and block."""

    publisher: str
    root: bytes
    count: int
    transaction: bytes
    block: BlockReference


def publish_many(
    client: RegistryClient, signer: Signer, publications: Sequence[Publication], terms: Terms = DEFAULT
) -> list[Anchor]:
    """Publish a version each of many graphs that the signer owns or is a delegate of: all or none; their anchors.

    Called again after a crash, it finds what is there. Raises BadMany for none, too many or a graph twice;
    StaleParent where a graph has another head than its parent; NotPublisher; and what `call_registry` raises.
    """
    if not 0 < len(publications) <= MAX_AT_ONCE:
        raise BadMany(f"{len(publications)} versions at once", remedy=f"give 1 to {MAX_AT_ONCE}")
    fields = [publication.fields(client, signer.address) for publication in publications]
    if len({each.graph.graph for each in fields}) != len(fields):
        raise BadMany("a graph stands twice among them", remedy="publish its versions one after the other")
    there = [published(client, signer.address, publication) for publication in publications]
    found = [anchor for anchor in there if anchor]
    if len(found) == len(publications):
        return found
    if found:
        raise StaleParent(found[0].parent, found[0].head)
    receipt = call_registry(
        client, signer, many_call(signer.address, publications), ceiling=terms.ceiling, consent=terms.consent
    )
    logs = client.version_logs(receipt)
    made = []
    for each in fields:
        own = {**receipt, "logs": logs.get(each.graph.graph, [])}  # all of them for each would be their square
        made += [anchor for anchor in client.anchors_in(each.graph, own) if anchor.head == each.head]
    if len(made) != len(fields):
        raise PublishReverted("the transaction published something else", remedy="check that it is a registry")
    return made


def many_call(publisher: str, publications: Sequence[Publication]) -> bytes:
    """The call data of `publishMany`."""
    head = (32).to_bytes(32, "big") + len(publications).to_bytes(32, "big")
    return _PUBLISH_MANY + head + b"".join(publication.words(publisher) for publication in publications)


def publish_batch(client: RegistryClient, signer: Signer, batch: Batch, terms: Terms = DEFAULT) -> BatchAnchor:
    """Tell of many versions by one event, whose they ever are; raises what `call_registry` raises."""
    receipt = call_registry(client, signer, batch_call(batch), ceiling=terms.ceiling, consent=terms.consent)
    for log in answers.items(receipt.get("logs"), "the receipt's logs"):
        anchor = _batch(client, log)
        if anchor and (anchor.publisher, anchor.root) == (signer.address, batch.root):
            return anchor
    raise PublishReverted("the transaction left no such event", remedy="check that the address is a registry")


def batch_call(batch: Batch) -> bytes:
    """The call data of `publishBatch`."""
    return _PUBLISH_BATCH + batch.root + len(batch.entries).to_bytes(32, "big")


def find_batch(client: RegistryClient, publisher: str, root: bytes) -> BatchAnchor | None:
    """The first event of this batch by this publisher, None where there is none (or the endpoint withholds it)."""
    for log in client.logs_of([BATCH_TOPIC, address_bytes(publisher), root], client.latest().number):
        anchor = _batch(client, log)
        if anchor and (anchor.publisher, anchor.root) == (publisher.lower(), root):
            return anchor
    return None


def _batch(client: RegistryClient, log: object) -> BatchAnchor | None:
    """The batch that a log tells of, held against its block; None for other logs."""
    entry = answers.members(log, "a log")
    topics = [answers.octets(topic, "a topic", 32) for topic in answers.items(entry.get("topics"), "a log's topics")]
    if answers.address(entry.get("address"), "a log's address") != client.address or topics[:1] != [BATCH_TOPIC]:
        return None
    if len(topics) != 3 or any(topics[1][:12]):
        raise answers.wrong(f"{client.endpoint.name} gave a batch's log of a wrong form")
    number = answers.quantity(entry.get("blockNumber"), "a log's block")
    block = client.endpoint.block(number)
    if answers.octets(entry.get("blockHash"), "a log's block hash", 32) != block.hash:
        raise answers.wrong(f"block {number} changed while it was read, or {client.endpoint.name} contradicts itself")
    return BatchAnchor(
        "0x" + topics[1][12:].hex(),
        topics[2],
        int.from_bytes(answers.octets(entry.get("data"), "a log's data", 32), "big"),
        answers.octets(entry.get("transactionHash"), "a log's transaction", 32),
        block,
    )
