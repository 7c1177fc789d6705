"""Who owns a graph and who may publish to it, as the registry has it; and the calls by which that changes.

An owner hands a graph on in two steps: it names the next owner, who then takes over. From then on the former owner is
refused, and every delegate named before has lapsed. Storage decides; events say whom to ask it about, and the history.
Format: docs/format.md, section "Anchor".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anchoring.chain import answers
from anchoring.chain.advance import Consent, willing
from anchoring.chain.artifact import selector
from anchoring.chain.errors import BadAddress, NotOwner, NotPublisher
from anchoring.chain.keys import Signer
from anchoring.chain.registry import RegistryClient
from anchoring.chain.registry_call import call_registry
from anchoring.errors import TriplockError
from anchoring.signing.anchor import BlockReference, GraphId
from anchoring.signing.eip712 import address_bytes, graph_id, keccak

_OWNER_OF = selector("ownerOf(bytes32)")
_PENDING_OWNER = selector("pendingOwner(bytes32)")
_DELEGATED_UNTIL = selector("delegatedUntil(bytes32,address)")
_TRANSFER = selector("transferOwnership(address,bytes32,address)")
_ACCEPT = selector("acceptOwnership(address,bytes32)")
_DELEGATE = selector("delegate(address,bytes32,address,uint256)")
TRANSFERRED_TOPIC = keccak(b"OwnershipTransferred(bytes32,address,address)")
DELEGATED_TOPIC = keccak(b"Delegated(bytes32,address,uint256)")

FOREVER = (1 << 64) - 1
"""The largest time that is given to a delegate here: farther off than any block's."""


@dataclass(frozen=True, slots=True)
class Terms:
    """`ceiling`: the most wei that a transaction may cost; `consent` is shown its cost before it is signed."""

    ceiling: int | None = None
    consent: Consent = willing


DEFAULT = Terms()


@dataclass(frozen=True, slots=True)
class Transfer:
    """The graph went from one account to another, in the block `block`."""

    from_: str
    to: str
    block: int


@dataclass(frozen=True, slots=True)
class Delegate:
    """An account that may publish up to the second `until` (since 1970), that second included."""

    account: str
    until: int


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who has a graph as of a block: addresses in lower case, `pending` empty where nobody was named.

    `delegates` are those whose time is not over by that block's time, by account.
    """

    owner: str
    pending: str
    transfers: tuple[Transfer, ...]
    delegates: tuple[Delegate, ...]
    block: BlockReference

    def may_publish(self, account: str) -> bool:
        """Whether the registry takes a version from this account, as of the block."""
        return account == self.owner or any(account == each.account for each in self.delegates)


@dataclass(frozen=True, slots=True)
class OwnedGraph:
    """A graph as the registry's methods name it: the account that made it (lower-case 0x address) and its label."""

    client: RegistryClient
    creator: str
    label: bytes

    @property
    def id(self) -> GraphId:
        """The graph's id. Raises BadVersionFields."""
        return graph_id(self.client.chain_id(), self.client.address, self.creator, self.label)

    def ownership(self) -> Ownership:
        """Who owns the graph and may publish to it now.

        Raises NoRegistry, and EndpointWrong where events and storage contradict each other.
        """
        graph = self.id
        self.client.head(graph)
        newest = self.client.latest()
        kept = self._words(_OWNER_OF + graph.graph, newest.number, 2)
        owner, changes = _account(kept[:32]), int.from_bytes(kept[32:], "big")
        pending = _account(self._words(_PENDING_OWNER + graph.graph, newest.number, 1))
        transfers = tuple(map(_transfer, self.client.logs(graph, TRANSFERRED_TOPIC, newest.number)))
        at_first = self.creator
        for each in transfers:
            if each.from_ != at_first:
                raise answers.wrong(f"{each.from_} handed on a graph that {at_first} owned")
            at_first = each.to
        if len(transfers) != changes or (owner or self.creator) != at_first:
            raise answers.wrong(f"storage has {changes} transfers, to {owner or 'nobody'}; the events have others")
        named = {_account(log["topics"][2]) for log in self.client.logs(graph, DELEGATED_TOPIC, newest.number)}
        untils = ((account, self._until(graph, account, newest.number)) for account in sorted(named))
        delegates = tuple(Delegate(account, until) for account, until in untils if until >= newest.timestamp)
        return Ownership(owner or self.creator, pending, transfers, delegates, newest)

    def transfer(self, signer: Signer, to: str, terms: Terms = DEFAULT) -> bytes:
        """Name who may take the graph over (address 0: nobody); the transaction's hash once it is in a block.

        Raises NotOwner, BadAddress, and what `call_registry` raises.
        """
        return self._send(signer, _TRANSFER + self._names + _word(to), terms)

    def accept(self, signer: Signer, terms: Terms = DEFAULT) -> bytes:
        """Take the graph over; the transaction's hash once it is in a block. Raises as `transfer`."""
        return self._send(signer, _ACCEPT + self._names, terms)

    def delegate(self, signer: Signer, account: str, until: int, terms: Terms = DEFAULT) -> bytes:
        """Let an account publish up to the second `until`, 0 takes it back; as `transfer`."""
        last = min(until, FOREVER).to_bytes(32, "big")
        return self._send(signer, _DELEGATE + self._names + _word(account) + last, terms)

    @property
    def _names(self) -> bytes:
        return _word(self.creator) + self.label

    def _send(self, signer: Signer, data: bytes, terms: Terms) -> bytes:
        self.client.head(self.id)
        try:
            receipt = call_registry(self.client, signer, data, ceiling=terms.ceiling, consent=terms.consent)
        except NotPublisher:
            raise NotOwner(
                f"{signer.address} does not own {self.id}, or was not named as its next owner",
                remedy="see `triplock owner show`",
            ) from None
        return answers.octets(receipt.get("transactionHash"), "the receipt's transaction", 32)

    def _until(self, graph: GraphId, account: str, block: int) -> int:
        return int.from_bytes(self._words(_DELEGATED_UNTIL + graph.graph + _word(account), block, 1), "big")

    def _words(self, data: bytes, block: int, count: int) -> bytes:
        answer = self.client.endpoint.call(self.client.address, data, block=block)
        if len(answer) != 32 * count:
            raise answers.wrong(f"the registry answered {len(answer)} bytes where {32 * count} were to come")
        return answer


def _word(address: str) -> bytes:
    """An address as a word of the ABI; raises BadAddress."""
    try:
        return address_bytes(address)
    except TriplockError as error:
        raise BadAddress(error.what, remedy=error.remedy) from None


def _account(word: object) -> str:
    """A word, or its text, as a lower-case 0x address; empty for address 0."""
    octets = word if isinstance(word, bytes) else answers.octets(word, "a topic", 32)
    if any(octets[:12]):
        raise answers.wrong(f"0x{octets.hex()} is no address")
    return f"0x{octets[12:].hex()}" if any(octets) else ""


def _transfer(log: Mapping[str, Any]) -> Transfer:
    topics = answers.items(log.get("topics"), "a log's topics")
    if len(topics) != 4:
        raise answers.wrong("a transfer's log has other topics than four")
    number = answers.quantity(log.get("blockNumber"), "a log's block")
    return Transfer(_account(topics[2]), _account(topics[3]), number)
