"""Publishing by somebody else's transaction: the publisher signs, and whoever has money on the chain sends.

A relay is a file. It names chain, registry, graph, version and the last second in which it can be used, and its
signature is of an EIP-712 type of its own: it vouches for no version, and a version's signature publishes nothing.
It can be used once, since its parent is the graph's head only once. Contract accounts (EIP-1271) can be publishers.
Format: docs/format.md, section "Anchor".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from eth_abi.abi import encode

from anchoring.chain import answers
from anchoring.chain.artifact import selector
from anchoring.chain.errors import PublishReverted, WrongChain
from anchoring.chain.keys import Signer
from anchoring.chain.ownership import DEFAULT, Terms
from anchoring.chain.publish import Publication, published
from anchoring.chain.registry import RegistryClient
from anchoring.chain.registry_call import call_registry
from anchoring.chain.reverts import expired
from anchoring.encoding import strict_json
from anchoring.encoding.strict_json import BadJson
from anchoring.errors import InputRefused
from anchoring.signing.anchor import Anchor, GraphId
from anchoring.signing.eip712 import BadSignature, BadVersionFields, VersionFields, graph_id, recover

FORMAT = "triplock-relay/1"
MAX_RELAY_FILE = 65_536
MAX_DEADLINE = (1 << 53) - 1
"""The largest number that stands in the file: no block's time comes near it."""

_WORDS = ("label", "parent", "root", "manifest")
_PUBLISH_SIGNED = selector("publishSigned((address,bytes32,bytes32,bytes32,uint256,bytes32),address,uint256,bytes)")


class BadRelay(InputRefused):
    """The file is no relay."""

    code = "bad-relay"


@dataclass(frozen=True, slots=True)
class Relay:
    """A publication with its creator filled in, who publishes it, up to which second, and the signature that says so.

    `registry` and `publisher` are lower-case 0x addresses.
    """

    chain_id: int
    registry: str
    publication: Publication
    publisher: str
    deadline: int
    signature: bytes

    @property
    def graph(self) -> GraphId:
        """The graph that it publishes to."""
        return graph_id(self.chain_id, self.registry, self.publication.creator, self.publication.label)

    @property
    def fields(self) -> VersionFields:
        """The version that it publishes; raises BadVersionFields."""
        return self.publication.fields_in(self.graph)

    @property
    def signed_with_key(self) -> bool:
        """Whether the publisher's own key signed; else a contract at its address has to accept the signature."""
        try:
            return recover(self.fields.relay_digest(self.deadline), self.signature) == self.publisher
        except BadSignature:
            return False

    def encode(self) -> bytes:
        """The file: RFC 8785 JSON."""
        p = self.publication
        return strict_json.encode(
            {
                "format": FORMAT,
                "chainId": self.chain_id,
                "registry": self.registry,
                "creator": p.creator,
                **{name: f"0x{getattr(p, name).hex()}" for name in _WORDS},
                "quads": p.quads,
                "blocks": p.blocks,
                "publisher": self.publisher,
                "deadline": self.deadline,
                "signature": f"0x{self.signature.hex()}",
            }
        )

    @classmethod
    def decode(cls, content: bytes) -> Relay:
        """Of the file's bytes, which must be what `encode` writes; raises BadRelay. The signature is not judged."""
        try:
            document = strict_json.decode(content, at_most=MAX_RELAY_FILE)
            if not isinstance(document, dict):
                raise ValueError("no object")
            label, parent, root, manifest = (bytes.fromhex(document[name][2:]) for name in _WORDS)
            publication = Publication(
                label, parent, root, document["quads"], document["blocks"], manifest, document["creator"]
            )
            relay = cls(
                document["chainId"],
                document["registry"],
                publication,
                document["publisher"],
                document["deadline"],
                bytes.fromhex(document["signature"][2:]),
            )
            graph_id(relay.chain_id, relay.registry, relay.publisher, label)  # the addresses are some
            numbers = (relay.chain_id, publication.quads, publication.blocks, relay.deadline)
            if any(type(number) is not int for number in numbers):
                raise ValueError("a number is none")
            if any(name != name.lower() for name in (relay.registry, relay.publisher, publication.creator)):
                raise ValueError("addresses stand in lower case")
            relay.fields.relay_digest(relay.deadline)
            if relay.encode() != content:
                raise ValueError("it has other members, or another form")
        except (BadJson, BadVersionFields) as error:
            raise BadRelay(f"the file is no relay: {error.what}", remedy="ask for it as it was made") from None
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise BadRelay(f"the file is no relay: {error!r}"[:300], remedy="ask for it as it was made") from None
        return relay


def sign_relay(
    client: RegistryClient, signer: Signer, publication: Publication, deadline: int, *, account: str = ""
) -> Relay:
    """Let anybody publish this up to the second `deadline`, for `account`: the signer's own, or a contract's.

    Raises BadVersionFields.
    """
    publisher = (account or signer.address).lower()
    whole = replace(publication, creator=publication.creator or publisher)
    unsigned = Relay(client.chain_id(), client.address, whole, publisher, deadline, b"")
    return replace(unsigned, signature=signer.sign_digest(unsigned.fields.relay_digest(deadline)))


def send_relay(client: RegistryClient, sender: Signer, relay: Relay, terms: Terms = DEFAULT) -> Anchor:
    """Publish what the relay says, at the sender's cost; the anchor. What is published already is not sent again.

    Raises WrongChain for a relay of another chain or registry, StaleParent, NotPublisher, RelayRefused (over, or not
    the publisher's signature), and what `call_registry` raises.
    """
    if (relay.chain_id, relay.registry) != (client.chain_id(), client.address):
        raise WrongChain(
            f"the relay is for {relay.registry} on chain {relay.chain_id}, not {client.address} on {client.chain_id()}",
            remedy="open the chain and registry that it names",
        )
    there = published(client, relay.publisher, relay.publication)
    if there:
        return there
    if relay.deadline < client.latest().timestamp:
        raise expired(relay.deadline)
    receipt = call_registry(
        client, sender, relay_call(relay), parent=relay.publication.parent, ceiling=terms.ceiling, consent=terms.consent
    )
    for anchor in client.anchors_in(relay.graph, receipt):
        if anchor.head == relay.fields.head:
            return anchor
    sent = answers.octets(receipt.get("transactionHash"), "the receipt's transaction", 32)
    raise PublishReverted(
        f"the transaction 0x{sent.hex()} published something else", remedy="check that the address is a registry"
    )


def relay_call(relay: Relay) -> bytes:
    """The call data of `publishSigned`."""
    words = relay.publication.words(relay.publisher)
    # The dynamic argument stands behind nine words: six of the publication, publisher, deadline and its own place.
    return _PUBLISH_SIGNED + words + encode(["address", "uint256"], [relay.publisher, relay.deadline]) + _tail(relay)


def _tail(relay: Relay) -> bytes:
    padded = relay.signature + bytes(-len(relay.signature) % 32)
    return (9 * 32).to_bytes(32, "big") + len(relay.signature).to_bytes(32, "big") + padded
