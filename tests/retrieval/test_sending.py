"""Only what a node lacks goes over the wire; a pinning service fetches the rest from the node."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from pinning_server import PinningServer, pinning_server
from second_kubo import Node

from anchoring.blockstores.errors import KuboRefused
from anchoring.blockstores.kubo import KuboStore
from anchoring.blockstores.memory import MemoryStore
from anchoring.blockstores.pinning_service import (
    PinningFailed,
    PinningRefused,
    PinningService,
    PinningUnreachable,
)
from anchoring.blockstores.sending import send
from anchoring.dataset.walk import walk
from anchoring.encoding.cid import Cid
from anchoring.errors import WrongUsage
from anchoring.signing.snapshot import Snapshot, VersionHeader, write_version

pytestmark = pytest.mark.kubo
OWNER_KEY = "0x" + "5a" * 32


def lines(count: int, salt: str) -> list[bytes]:
    return [
        f'<http://example.org/{salt}/{i:07d}> <http://example.org/p> "{"v" * (i % 300)}" .'.encode()
        for i in range(count)
    ]


def version(store: MemoryStore, content: list[bytes], before: Snapshot | None = None) -> Snapshot:
    from eth_account import Account

    def sign(digest: bytes) -> bytes:
        return bytes(Account.unsafe_sign_hash(digest, OWNER_KEY).signature)

    owner = Account.from_key(OWNER_KEY).address.lower()
    header = VersionHeader(1, "0x" + "ab" * 20, owner, bytes(32), "CC0-1.0")
    if before:
        header = replace(header, version=2, parent=before.fields.head, parent_manifest=before.cid)
    return write_version(sorted(content), header, {}, sign, store)


@pytest.fixture
def kubo(kubo_api: str) -> Iterator[KuboStore]:
    with KuboStore(kubo_api, timeout=20) as store:
        yield store


def size_of(root: Cid, store: MemoryStore) -> int:
    return sum(len(block.data) for block in walk(root, store))


@pytest.mark.parametrize("told", [True, False], ids=["the parent is named", "nothing is known"])
def test_of_a_second_version_about_the_new_bytes_are_sent(kubo: KuboStore, told: bool) -> None:
    store = MemoryStore()
    content = lines(8_000, secrets.token_hex(4))
    first = version(store, content)
    whole = size_of(first.directory, store)
    sent = send([first.directory], store, kubo)
    assert (sent.blocks, sent.bytes) == (len(list(walk(first.directory, store))), whole)
    changed = [line.replace(b'"v', b'"w', 1) if 3000 <= at < 3040 else line for at, line in enumerate(content)]
    second = version(store, changed, first)
    had = {block.cid for block in walk(first.directory, store)}
    new = sum(len(block.data) for block in walk(second.directory, store) if block.cid not in had)
    sent = send([second.directory], store, kubo, like=[first.directory] if told else [])
    assert sent.bytes == new
    assert new < whole / 3
    assert kubo.complete(second.directory)
    assert kubo.pinned(second.directory)
    assert send([second.directory], store, kubo).blocks == 0


def test_what_a_node_lost_of_a_pinned_version_is_sent_again(kubo: KuboStore, kubo_api: str) -> None:
    store = MemoryStore()
    content = lines(3_000, secrets.token_hex(4))
    first = version(store, content)
    send([first.directory], store, kubo)
    second = version(store, [*content, *lines(1, "~")], first)
    victim = first.dataset.leaves[2].digest
    removed = httpx.post(f"{kubo_api}/api/v0/pin/rm", params={"arg": str(first.directory)}, timeout=30, trust_env=False)
    assert removed.status_code == 200
    removed = httpx.post(
        f"{kubo_api}/api/v0/block/rm", params={"arg": str(Cid(0x55, victim))}, timeout=30, trust_env=False
    )
    assert removed.status_code == 200
    sent = send([second.directory], store, kubo, like=[first.directory])
    assert sent.blocks < len(list(walk(second.directory, store)))
    assert kubo.complete(second.directory)


@pytest.fixture
def service_server(second_node: Node) -> Iterator[PinningServer]:
    with pinning_server(second_node.api, "s3cret") as server:
        yield server


def test_a_pinning_service_fetches_from_the_node_and_keeps(
    kubo: KuboStore, second_node: Node, service_server: PinningServer
) -> None:
    store = MemoryStore()
    made = version(store, lines(4_000, secrets.token_hex(4)))
    send([made.directory], store, kubo)
    with (
        PinningService(service_server.url, "s3cret", timeout=10) as service,
        KuboStore(second_node.api, timeout=10, offline=True) as other,
    ):
        assert not other.has(made.directory)
        pin = service.pin(made.directory, name="version 1", origins=kubo.addresses(), seconds=30, pause=0.05)
        assert (pin.status, pin.cid, pin.name) == ("pinned", str(made.directory), "version 1")
        assert other.complete(made.directory)
        assert other.pinned(made.directory)
        assert size_of(made.directory, other) == size_of(made.directory, store)  # type: ignore[arg-type]
        again = service.pin(made.directory, seconds=5, pause=0.05)
        assert again.request == pin.request
        assert [found.request for found in service.list(made.directory)] == [pin.request]
        service.remove(pin.request)
        assert not other.pinned(made.directory)
        assert list(service.list(made.directory)) == []
        with pytest.raises(PinningRefused, match="404"):
            service.status(pin.request)


def test_without_origins_the_node_is_led_to_the_service(
    kubo: KuboStore, second_node: Node, service_server: PinningServer
) -> None:
    store = MemoryStore()
    made = version(store, lines(100, secrets.token_hex(4)))
    send([made.directory], store, kubo)
    for peer in httpx.post(f"{second_node.api}/api/v0/swarm/peers", trust_env=False).json()["Peers"] or []:
        httpx.post(
            f"{second_node.api}/api/v0/swarm/disconnect",
            params={"arg": f"{peer['Addr']}/p2p/{peer['Peer']}"},
            trust_env=False,
        )
    led: list[str] = []

    def introduce(addresses: object) -> None:
        led.extend(addresses)  # type: ignore[arg-type]
        kubo.connect(led[0])

    with PinningService(service_server.url, "s3cret", timeout=10) as service:
        assert service.pin(made.directory, seconds=30, introduce=introduce, pause=0.05).status == "pinned"
    assert led


def test_what_nobody_has_fails_and_is_said(service_server: PinningServer) -> None:
    cid = Cid.of(secrets.token_bytes(16))
    with PinningService(service_server.url, "s3cret", timeout=10) as service:
        with pytest.raises(PinningFailed, match="has not pinned"):
            service.pin(cid, seconds=0.3, pause=0.05)
        (entry,) = service_server.requests.values()
        entry["status"] = "failed"
        with pytest.raises(PinningFailed, match=r"could not pin|has not pinned"):
            service.pin(cid, seconds=0.3, pause=0.05)


def test_lists_of_many_pages_come_whole(service_server: PinningServer) -> None:
    with PinningService(service_server.url, "s3cret", timeout=10) as service:
        asked = {service.add(Cid.of(b"%d" % number), name=f"n{number}").request for number in range(8)}
        assert {found.request for found in service.list()} == asked
        for request in asked:
            service.remove(request)


def test_a_wrong_token_is_refused_and_never_shown(service_server: PinningServer) -> None:
    with PinningService(service_server.url, "wr0ng") as service, pytest.raises(PinningRefused, match="token") as caught:
        service.add(Cid.of(b"x"))
    assert "wr0ng" not in str(caught.value) + repr(service) + str(vars(service))
    with pytest.raises(WrongUsage) as refused:
        PinningService(service_server.url, "two\nlines")
    assert "lines" not in str(refused.value)


def test_nobody_listening_is_unreachable() -> None:
    with PinningService("http://127.0.0.1:9", "t", timeout=1) as service, pytest.raises(PinningUnreachable):
        list(service.list())


def test_a_node_that_cannot_be_reached_is_refused_by_name(kubo: KuboStore) -> None:
    with pytest.raises(KuboRefused):
        kubo.connect("/ip4/127.0.0.1/tcp/1/p2p/12D3KooWNpcwrx4Hc3W8z5NbgM4xbZ2Ji9xjxWxaqJzPnipcHYPh")
