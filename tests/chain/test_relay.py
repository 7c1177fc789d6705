"""Publishing by somebody else's transaction, with a key's signature and with a contract account's (EIP-1271)."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest
from chain_places import Place, contract, registry_abi
from eth_abi.abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st
from test_publishing import LABEL, now, version

from anchoring.blockstores.memory import MemoryStore
from anchoring.chain import transactions
from anchoring.chain.artifact import selector
from anchoring.chain.deploy import created_address
from anchoring.chain.errors import NotPublisher, RelayRefused, StaleParent, WrongChain
from anchoring.chain.keys import LocalKey
from anchoring.chain.ownership import FOREVER, OwnedGraph
from anchoring.chain.publish import Publication
from anchoring.chain.registry import RegistryClient
from anchoring.chain.registry_call import call_registry
from anchoring.chain.relay import MAX_DEADLINE, BadRelay, Relay, relay_call, send_relay, sign_relay
from anchoring.proofs.claims import Claim, ClaimKind
from anchoring.proofs.line_index import LineIndex
from anchoring.proofs.proving import BuiltVersion, prove
from anchoring.signing.eip712 import recover
from anchoring.signing.snapshot import VersionHeader, write_version
from anchoring.verification.check_anchor import Chain
from anchoring.verification.fetch_version import find_directory
from anchoring.verification.verify import verify_version
from anchoring.verification.verify_bundle import verify_proof


@pytest.fixture
def owner(place: Place) -> LocalKey:
    """Somebody without money, and on the embedded chain without a faucet's gift."""
    return LocalKey(secrets.token_bytes(32))


@pytest.fixture
def sender(place: Place) -> LocalKey:
    return place.new_key()


def late(registry: RegistryClient) -> int:
    return registry.latest().timestamp + 100_000


def test_somebody_with_money_publishes_for_somebody_with_none(
    registry: RegistryClient, owner: LocalKey, sender: LocalKey
) -> None:
    relay = sign_relay(registry, owner, version("a"), late(registry))
    assert relay.signed_with_key
    anchor = send_relay(registry, sender, Relay.decode(relay.encode()))
    assert (anchor.publisher, anchor.head) == (owner.address, relay.fields.head)
    assert anchor.graph == version("a").graph(registry, owner.address)
    assert registry.anchors(anchor.graph) == [anchor]
    assert registry.endpoint.nonce(owner.address) == 0

    sent = registry.endpoint.nonce(sender.address)
    assert send_relay(registry, sender, relay) == anchor, "what is there is not sent again"
    second = sign_relay(registry, owner, version("b", anchor.head), late(registry))
    assert send_relay(registry, sender, second).version == 2
    assert registry.endpoint.nonce(sender.address) == sent + 1


def test_the_call_is_that_of_the_standard_abi(registry: RegistryClient, owner: LocalKey) -> None:
    relay = sign_relay(registry, owner, version("a"), late(registry))
    p = relay.publication
    words = (p.creator, p.label, p.parent, p.root, p.quads << 32 | p.blocks, p.manifest)
    for signature in (relay.signature, b"", b"x" * 64, b"x" * 97):
        data = (
            registry.endpoint.web3()
            .eth.contract(abi=registry_abi())
            .encode_abi(
                "publishSigned",
                (
                    (registry.endpoint.web3().to_checksum_address(p.creator), *words[1:]),
                    registry.endpoint.web3().to_checksum_address(relay.publisher),
                    relay.deadline,
                    signature,
                ),
            )
        )
        assert relay_call(replace(relay, signature=signature)).hex() == data[2:]


def test_a_relay_vouches_for_no_version_and_a_versions_signature_publishes_nothing(
    registry: RegistryClient, owner: LocalKey, sender: LocalKey
) -> None:
    relay = sign_relay(registry, owner, version("a"), late(registry))
    assert recover(relay.fields.digest, relay.signature) != owner.address
    published = replace(relay, signature=owner.sign_digest(relay.fields.digest))
    assert not published.signed_with_key
    with pytest.raises(RelayRefused, match=owner.address):
        send_relay(registry, sender, published)


@pytest.mark.parametrize("member", ["label", "root", "quads", "blocks", "manifest", "deadline", "publisher"])
def test_a_relay_with_another_word_is_refused(
    registry: RegistryClient, owner: LocalKey, sender: LocalKey, member: str
) -> None:
    relay = sign_relay(registry, owner, version("a"), late(registry))
    if member == "deadline":
        changed = replace(relay, deadline=relay.deadline + 1)
    elif member == "publisher":
        changed = replace(relay, publisher=sender.address)
    else:
        value = getattr(relay.publication, member)
        other = value + 1 if isinstance(value, int) else bytes([value[0] ^ 1, *value[1:]])
        changed = replace(relay, publication=replace(relay.publication, **{member: other}))  # type: ignore[arg-type]
    assert not changed.signed_with_key
    with pytest.raises(RelayRefused):
        send_relay(registry, sender, changed)


def test_a_relay_is_over_after_its_deadline(registry: RegistryClient, owner: LocalKey, sender: LocalKey) -> None:
    relay = sign_relay(registry, owner, version("a"), registry.latest().timestamp - 1)
    with pytest.raises(RelayRefused, match="over"):
        send_relay(registry, sender, relay)
    with pytest.raises(RelayRefused, match="over"):
        call_registry(registry, sender, relay_call(relay))


def test_a_relay_that_was_overtaken_is_stale(place: Place, registry: RegistryClient, sender: LocalKey) -> None:
    owner = place.new_key()
    relay = sign_relay(registry, owner, version("a"), late(registry))
    first = now(registry, owner, version("b"))
    with pytest.raises(StaleParent) as stale:
        send_relay(registry, sender, relay)
    assert stale.value.actual == first.head
    with pytest.raises(StaleParent) as stale:
        call_registry(registry, sender, relay_call(relay))
    assert stale.value.actual == first.head


def test_a_relay_is_for_one_registry(registry: RegistryClient, owner: LocalKey, sender: LocalKey) -> None:
    relay = sign_relay(registry, owner, version("a"), late(registry))
    for other in (replace(relay, chain_id=1), replace(relay, registry="0x" + "ab" * 20)):
        with pytest.raises(WrongChain):
            send_relay(registry, sender, other)


def test_a_former_owners_relay_is_refused(place: Place, registry: RegistryClient, sender: LocalKey) -> None:
    owner, heir = place.new_key(), place.new_key()
    graph = OwnedGraph(registry, owner.address, LABEL)
    relay = sign_relay(registry, owner, version("a"), late(registry))
    graph.transfer(owner, heir.address)
    graph.accept(heir)
    with pytest.raises(NotPublisher, match=owner.address):
        send_relay(registry, sender, relay)
    taken = sign_relay(registry, heir, relay.publication, late(registry))
    assert taken.graph == relay.graph
    assert send_relay(registry, sender, taken).publisher == heir.address


def test_a_delegate_signs_until_its_time_is_over(place: Place, registry: RegistryClient, sender: LocalKey) -> None:
    owner, helper = place.new_key(), LocalKey(secrets.token_bytes(32))
    graph = OwnedGraph(registry, owner.address, LABEL)
    to_owner = replace(version("a"), creator=owner.address)
    relay = sign_relay(registry, helper, to_owner, late(registry))
    with pytest.raises(NotPublisher, match=helper.address):
        send_relay(registry, sender, relay)
    graph.delegate(owner, helper.address, FOREVER)
    anchor = send_relay(registry, sender, relay)
    assert anchor.publisher == helper.address
    graph.delegate(owner, helper.address, registry.latest().timestamp - 60)
    second = replace(version("b", anchor.head), creator=owner.address)
    with pytest.raises(NotPublisher):
        send_relay(registry, sender, sign_relay(registry, helper, second, late(registry)))


def wallet_of(place: Place, keeper: LocalKey) -> str:
    """A contract account that does what `keeper` says."""
    maker = place.new_key()
    code = contract("TestWallet")["bytecode"] + encode(["address"], [keeper.address]).hex()
    made = transactions.sign(place.endpoint, maker, {"from": maker.address, "data": code}, ceiling=None, replaces=None)
    transactions.send(place.endpoint, made.raw)
    transactions.wait(place.endpoint, made.hash)
    return created_address(maker.address, made.nonce)


def test_a_contract_account_publishes_what_its_keeper_signed(
    place: Place, registry: RegistryClient, sender: LocalKey, owner: LocalKey
) -> None:
    wallet = wallet_of(place, owner)
    relay = sign_relay(registry, owner, version("a"), late(registry), account=wallet)
    assert not relay.signed_with_key, "its contract says so, and no key"
    anchor = send_relay(registry, sender, Relay.decode(relay.encode()))
    assert anchor.publisher == wallet
    assert anchor.graph == version("a").graph(registry, wallet)
    other = sign_relay(registry, sender, version("b", anchor.head), late(registry), account=wallet)
    with pytest.raises(RelayRefused, match=wallet):
        send_relay(registry, sender, other)


def test_a_contract_accounts_version_verifies_by_its_event_alone(
    place: Place, registry: RegistryClient, sender: LocalKey, owner: LocalKey
) -> None:
    wallet, store = wallet_of(place, owner), MemoryStore()
    lines = [b"<http://example.org/%03d> <http://example.org/p> <http://example.org/o> ." % n for n in range(500)]
    header = VersionHeader(registry.chain_id(), registry.address, wallet, LABEL, "CC-BY-4.0")
    made = write_version(lines, header, {}, None, store)
    assert made.signature is None
    fields = made.fields
    publication = Publication(LABEL, fields.parent, fields.root, fields.quads, fields.blocks, fields.manifest, wallet)
    anchor = send_relay(registry, sender, sign_relay(registry, owner, publication, late(registry), account=wallet))
    assert anchor.head == fields.head
    chain = Chain(registry)
    for target in (made.directory, made.cid, 1):
        assert verify_version(target, graph=fields.graph, readers=[store], chain=chain).exit_code == 0
    assert verify_version(made.directory, graph=fields.graph, readers=[store]).exit_code == 6
    assert find_directory(made.manifest, wallet, [made.directory], store) == made.directory
    version = BuiltVersion(made.manifest, LineIndex(made.dataset, store), b"")
    bundle = prove(Claim(ClaimKind.PRESENCE, (lines[7],)), version).encode()
    assert verify_proof(bundle, graph=fields.graph, chain=chain).exit_code == 0
    assert verify_proof(bundle, graph=fields.graph).exit_code == 6


def test_a_contract_account_owns_and_hands_on_a_graph(place: Place, registry: RegistryClient) -> None:
    keeper, heir = place.new_key(), place.new_key()
    wallet = wallet_of(place, keeper)
    contracts = registry.endpoint.web3().eth.contract(abi=registry_abi())

    def tell(data: bytes) -> None:
        order = selector("execute(address,bytes)") + encode(["address", "bytes"], [registry.address, data])
        call_registry(RegistryClient(place.endpoint, wallet), keeper, order)

    p = version("a")
    data = contracts.encode_abi("publish", (p.label, p.parent, p.root, p.quads << 32 | p.blocks, p.manifest))
    tell(bytes.fromhex(data[2:]))
    graph = OwnedGraph(registry, wallet, LABEL)
    assert [anchor.publisher for anchor in registry.anchors(graph.id)] == [wallet]
    checksummed = registry.endpoint.web3().to_checksum_address
    data = contracts.encode_abi("transferOwnership", (checksummed(wallet), LABEL, checksummed(heir.address)))
    tell(bytes.fromhex(data[2:]))
    graph.accept(heir)
    assert graph.ownership().owner == heir.address


def made(publication: Publication) -> Relay:
    return Relay(1, "0x" + "ab" * 20, publication, "0x" + "cd" * 20, 1_800_000_000, b"\1" * 65)


GOOD = made(replace(version("a"), creator="0x" + "cd" * 20)).encode()


@settings(max_examples=200)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_file_reads_as_one_relay_or_none(place_: int, change: int) -> None:
    content = bytearray(GOOD)
    content[place_] ^= change
    try:
        relay = Relay.decode(bytes(content))
    except BadRelay:
        return
    assert relay.encode() == bytes(content)
    assert relay != Relay.decode(GOOD)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{}", b"[]", b"null", b"\xff", b"[" * 70_000, GOOD + b" ", GOOD[:-1] + b',"z":1}'),
        GOOD.replace(b'"chainId":1', b'"chainId":true'),
        GOOD.replace(b"abab", b"ABab"),
        GOOD.replace(b'"deadline":1800000000', b'"deadline":"x"'),
    ],
)
def test_what_is_no_relay_is_refused(content: bytes) -> None:
    with pytest.raises(BadRelay):
        Relay.decode(content)


def test_the_farthest_deadline_stands_in_a_file() -> None:
    relay = replace(Relay.decode(GOOD), deadline=MAX_DEADLINE)
    assert Relay.decode(relay.encode()) == relay
