"""Publishing a version: prepare, keep, send, settle; a crash between any two of them loses and doubles nothing.

    existing = published(client, signer.address, publication)      the version stands already: done
    prepared = prepare(client, signer, publication)                signed, not sent; costs are known
    keep prepared.as_json() on disk                                the caller's part
    send(client, prepared)                                         the same bytes again are the same transaction
    anchor = settle(client, prepared)                              receipt, status, event

`publish` does all of it. After a crash call it again with what was kept: the registry accepts one child of each
head, so a second transaction for the same version could only fail, and none is made while the first may succeed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from anchoring.chain import transactions
from anchoring.chain.artifact import selector
from anchoring.chain.errors import PublishReverted, RpcRefused, StaleParent
from anchoring.chain.keys import Signer
from anchoring.chain.registry import RegistryClient
from anchoring.chain.reverts import understood
from anchoring.chain.transactions import Cost, Fees, Quote, SignedTransaction
from anchoring.errors import InputRefused
from anchoring.signing.anchor import Anchor, GraphId
from anchoring.signing.eip712 import MAX_VERSION, VersionFields, graph_id

_PUBLISH = selector("publish(bytes32,bytes32,bytes32,uint256,bytes32)")
_PUBLISH_TO = selector("publishTo((address,bytes32,bytes32,bytes32,uint256,bytes32))")

_Result = TypeVar("_Result")


class BadPrepared(InputRefused):
    """What was kept of a prepared publication cannot be read."""

    code = "bad-prepared"


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published: `label`, `parent` (a head word), `root` and `manifest` are 32 bytes.

    `creator` is the account that the graph's id names (a lower-case 0x address); empty: it is who publishes.
    """

    label: bytes
    parent: bytes
    root: bytes
    quads: int
    blocks: int
    manifest: bytes
    creator: str = ""

    def graph(self, client: RegistryClient, publisher: str) -> GraphId:
        """The graph that `publisher` publishes this to."""
        return graph_id(client.chain_id(), client.address, self.creator or publisher, self.label)

    def words(self, publisher: str) -> bytes:
        """The contract's `Publication` in the standard ABI: six words."""
        creator = bytes.fromhex((self.creator or publisher)[2:]).rjust(32, b"\0")
        size = (self.quads << 32 | self.blocks).to_bytes(32, "big")
        return b"".join((creator, self.label, self.parent, self.root, size, self.manifest))

    def fields(self, client: RegistryClient, publisher: str) -> VersionFields:
        """What the anchor will bind; its `head` is the head word to come. Raises BadVersionFields."""
        return self.fields_in(self.graph(client, publisher))

    def fields_in(self, graph: GraphId) -> VersionFields:
        """The same where the graph is known. Raises BadVersionFields."""
        version = min(int.from_bytes(self.parent[:5], "big") + 1, MAX_VERSION)
        return VersionFields(graph, version, self.root, self.quads, self.blocks, self.parent, self.manifest)


@dataclass(frozen=True, slots=True)
class PreparedPublish:
    """A signed publication: the graph, the head word it makes, its parent, the transaction, and when it was signed."""

    graph: GraphId
    head: bytes
    parent: bytes
    transaction: SignedTransaction
    at: float = 0.0

    @property
    def cost(self) -> Cost:
        """Gas limit, expected and highest cost in wei."""
        return self.transaction.cost

    def as_json(self) -> dict[str, Any]:
        """All of it as a document to keep before sending; holds no key."""
        fees = self.transaction.fees
        return {
            "graph": str(self.graph),
            "head": self.head.hex(),
            "parent": self.parent.hex(),
            "raw": self.transaction.raw.hex(),
            "hash": self.transaction.hash.hex(),
            "sender": self.transaction.sender,
            "nonce": self.transaction.nonce,
            "gas": self.transaction.gas,
            "fees": [fees.base, fees.tip, fees.most],
            "at": self.at,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> PreparedPublish:
        """Of what `as_json` made; raises BadPrepared."""
        try:
            transaction = SignedTransaction(
                bytes.fromhex(kept["raw"]),
                bytes.fromhex(kept["hash"]),
                str(kept["sender"]),
                int(kept["nonce"]),
                int(kept["gas"]),
                Fees(*map(int, kept["fees"])),
            )
            head, parent = bytes.fromhex(kept["head"]), bytes.fromhex(kept["parent"])
            return cls(GraphId.parse(kept["graph"]), head, parent, transaction, float(kept.get("at", 0.0)))
        except (KeyError, TypeError, ValueError) as problem:
            raise BadPrepared(
                f"the kept publication is damaged: {problem!r}", remedy="delete it and publish again"
            ) from problem


def published(client: RegistryClient, owner: str, publication: Publication) -> Anchor | None:
    """The anchor of exactly this publication, if it is on the chain; None when its parent is still the head.

    Raises StaleParent when another version stands on the parent.
    """
    fields = publication.fields(client, owner)
    head = client.head(fields.graph)
    if head == publication.parent:
        return None
    # The head may have moved on since; this version then stands below it.
    anchor = client.anchor(fields.graph, fields.head)
    if anchor is None:
        raise StaleParent(publication.parent, head)
    return anchor


def quote(
    client: RegistryClient,
    owner: str,
    publication: Publication,
    *,
    ceiling: int | None = None,
    replaces: PreparedPublish | None = None,
) -> Quote:
    """Gas and fees that publishing would be signed with now, without a key.

    `ceiling` is the most wei that it may cost; `replaces` the publication whose nonce it would take.
    Raises StaleParent and FeeAboveCeiling.
    """
    return _unless_stale(
        client,
        owner,
        publication,
        lambda: transactions.quote(
            client.endpoint,
            _message(client, owner, publication),
            ceiling=ceiling,
            replaces=replaces.transaction if replaces else None,
        ),
    )


def estimate(client: RegistryClient, owner: str, publication: Publication) -> Cost:
    """What publishing would cost now, without a key; raises StaleParent."""
    return quote(client, owner, publication).cost


def prepare(
    client: RegistryClient,
    signer: Signer,
    publication: Publication,
    *,
    ceiling: int | None = None,
    replaces: PreparedPublish | None = None,
    quoted: Quote | None = None,
) -> PreparedPublish:
    """Sign the publication; nothing is sent. `ceiling` is the most wei it may cost, `quoted` what `quote` gave.

    With `replaces`, it takes the place of a transaction that is sent and gets into no block: same nonce, more fee.
    Raises StaleParent, FeeAboveCeiling, InsufficientFunds, PublishPending (another transaction of the account is
    under way).
    """
    fields = publication.fields(client, signer.address)
    if not replaces:
        transactions.wait_for_account(client.endpoint, signer.address)
    signed = _unless_stale(
        client,
        signer.address,
        publication,
        lambda: transactions.sign(
            client.endpoint,
            signer,
            _message(client, signer.address, publication),
            ceiling=ceiling,
            replaces=replaces.transaction if replaces else None,
            quoted=quoted,
            chain_id=client.chain_id(),
        ),
    )
    return PreparedPublish(fields.graph, fields.head, publication.parent, signed, time.time())


def send(client: RegistryClient, prepared: PreparedPublish) -> None:
    """Send the transaction; may be repeated. Raises RpcRefused, for example when its nonce is used up."""
    transactions.send(client.endpoint, prepared.transaction.raw)


def settle(
    client: RegistryClient,
    prepared: PreparedPublish,
    *,
    confirmations: int = 1,
    patience: float = transactions.PATIENCE,
) -> Anchor:
    """The anchor, once `confirmations` blocks stand on it and receipt, status and event are checked.

    Raises PublishPending after `patience` seconds, StaleParent or PublishReverted when the chain undid it.
    """
    receipt = transactions.wait(
        client.endpoint, prepared.transaction.hash, confirmations=confirmations, patience=patience
    )
    if receipt.get("status") != "0x1":
        # Another transaction of ours for the same version may have come first.
        anchor = client.anchor(prepared.graph, prepared.head)
        if anchor:
            return anchor
        actual = client.head(prepared.graph)
        if actual != prepared.parent:
            raise StaleParent(prepared.parent, actual)
        raise PublishReverted(
            f"the chain undid the transaction 0x{prepared.transaction.hash.hex()}", remedy="publish again"
        )
    for anchor in client.anchors_in(prepared.graph, receipt):
        if anchor.head == prepared.head:
            return anchor
    raise PublishReverted(
        f"the transaction 0x{prepared.transaction.hash.hex()} succeeded without publishing 0x{prepared.head.hex()}",
        remedy="check that the address is a registry of this format",
    )


def publish(
    client: RegistryClient,
    signer: Signer,
    publication: Publication,
    *,
    keep: Callable[[PreparedPublish], None],
    kept: PreparedPublish | None = None,
    ceiling: int | None = None,
    confirmations: int = 1,
) -> Anchor:
    """Publish, or find that it is published; the same call again after a crash goes on where it stopped.

    `keep` is called with the signed transaction before it is sent and must have stored it when it returns;
    `kept` is what it stored in an earlier run, if anything.
    Raises what `published`, `prepare`, `send` and `settle` raise.
    """
    anchor = published(client, signer.address, publication)
    if anchor:
        return anchor
    head = publication.fields(client, signer.address).head
    if kept and kept.head == head and kept.transaction.sender == signer.address:
        try:
            send(client, kept)
        except RpcRefused:
            # Its nonce is used by another transaction, or its fee is below what the node takes: it can no longer
            # enter a block before a new one does. If it was published after all, `published` says so.
            anchor = published(client, signer.address, publication)
            if anchor:
                return anchor
        else:
            return settle(client, kept, confirmations=confirmations)
    prepared = prepare(client, signer, publication, ceiling=ceiling)
    keep(prepared)
    send(client, prepared)
    return settle(client, prepared, confirmations=confirmations)


def _message(client: RegistryClient, publisher: str, publication: Publication) -> dict[str, str]:
    words = publication.words(publisher)
    own = publication.creator in ("", publisher)
    data = _PUBLISH + words[32:] if own else _PUBLISH_TO + words
    return {"from": publisher, "to": client.address, "data": "0x" + data.hex()}


def _unless_stale(
    client: RegistryClient, publisher: str, publication: Publication, act: Callable[[], _Result]
) -> _Result:
    """What `act` returns, the contract's refusal turned into an error that says what it means."""
    graph = publication.graph(client, publisher)
    actual = client.head(graph)
    if actual != publication.parent:
        raise StaleParent(publication.parent, actual)
    with understood(publication.parent):
        return act()
