"""What a Kubo node does wrong with a 200, and what it refuses aloud: each is met here on a real node.

Silent (the answer is 200):
  1. `cat`, `get`, `dag/export` and a gateway's CAR end early where a block is missing   test_reading_that_ends_early…
  2. `dag/import` says in a 200 that pinning failed          test_a_pin_that_failed_inside_a_200…
     an empty body is imported without a line                test_an_import_of_nothing…
  3. an incomplete DAG makes an online node search for ever  test_an_incomplete_dag…
  4. a raw block of 0 bytes never reaches another node       test_an_empty_raw_block…
  5. rotten bytes are served                                 test_rotten_bytes…
  6. options that it does not know are ignored               test_every_option…
Loud (500, 403, 405, no answer): test_loud…, test_a_full_disk…, test_a_node_that_is_killed…
"""

from __future__ import annotations

import io
import os
import random
import secrets
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest
from second_kubo import Node, kubo_node

from anchoring.blockstores.car import car_bytes
from anchoring.blockstores.errors import (
    BlockCorrupt,
    BlockNotFound,
    BlockTooLarge,
    KuboRefused,
    KuboUnfinished,
    KuboUnreachable,
)
from anchoring.blockstores.gateway import GatewayReader
from anchoring.blockstores.kubo import EmptyRawBlock, KuboStore
from anchoring.blockstores.memory import MemoryStore
from anchoring.blockstores.pinning_service import PinningService
from anchoring.blockstores.retrieval import retrieve
from anchoring.blockstores.sending import send
from anchoring.dataset.walk import walk
from anchoring.encoding.cid import RAW, Block, Cid
from anchoring.encoding.unixfs import EMPTY_FILE, Child, content_file, directory
from anchoring.encoding.unixfs_reader import read_file

pytestmark = pytest.mark.kubo


def file_of(leaves: int) -> tuple[Cid, list[Block]]:
    """A new file of raw leaves under nodes: its root and its blocks, leaves first."""
    blocks = [Block(Cid.of(data), data) for data in (secrets.token_bytes(300) for _ in range(leaves))]
    file = content_file((block.cid.digest, len(block.data)) for block in blocks)
    return file.root.cid, [*blocks, *file.nodes]


@pytest.fixture
def kubo(kubo_api: str) -> Iterator[KuboStore]:
    with KuboStore(kubo_api, timeout=10) as store:
        yield store


def rpc(api: str, command: str, **options: str) -> httpx.Response:
    return httpx.post(f"{api}/api/v0/{command}", params=options, timeout=60, trust_env=False)


def test_reading_that_ends_early_is_noticed(kubo_api: str, kubo_gateway: str, kubo: KuboStore) -> None:
    root, blocks = file_of(40)
    victim = blocks[20].cid
    kubo.put([block for block in blocks if block.cid != victim], [])
    trap = rpc(kubo_api, "cat", arg=str(root), offline="true")
    whole = b"".join(block.data for block in blocks if block.cid.codec == RAW)
    assert trap.status_code == 200  # the trap: a 200 and a part of the file
    assert len(trap.content) < len(whole)
    with KuboStore(kubo_api, timeout=1) as impatient, pytest.raises(BlockNotFound, match=str(victim)):
        read_file(root, impatient)
    with KuboStore(kubo_api, timeout=10, offline=True) as offline, GatewayReader(kubo_gateway, timeout=1) as gateway:
        for source in (offline, gateway):
            report = retrieve([root], [source], MemoryStore(), require=False)
            assert report.missing == (victim,)
    assert not kubo.complete(root)


def test_a_pin_that_failed_inside_a_200_is_noticed(kubo_api: str) -> None:
    root, blocks = file_of(10)
    car = b"".join(car_bytes([root], blocks[1:]))
    with httpx.Client(base_url=f"{kubo_api}/api/v0/", trust_env=False, timeout=60) as client:
        trap = client.post("dag/import", params={"timeout": "2s", "pin-roots": "true"}, files={"file": ("x", car)})
    assert trap.status_code == 200
    with KuboStore(kubo_api, timeout=2) as kubo:
        with pytest.raises((KuboUnfinished, KuboRefused, KuboUnreachable)):
            kubo.put(blocks[1:], [root])
        assert not kubo.pinned(root)


def test_an_import_of_nothing_is_not_taken_for_one(kubo: KuboStore) -> None:
    with pytest.raises((KuboUnfinished, KuboRefused)):
        kubo._import(io.BytesIO(b""), 0, [EMPTY_FILE.cid])
    with pytest.raises(KuboUnfinished, match="confirmed"):
        kubo._import(io.BytesIO(b"".join(car_bytes([], []))), 3, [])


def test_an_incomplete_dag_does_not_hang(kubo_api: str, kubo: KuboStore) -> None:
    root, blocks = file_of(40)
    kubo.put(blocks[3:], [])
    assert not kubo.complete(root)
    begun = time.monotonic()
    with KuboStore(kubo_api, timeout=2) as impatient:
        with pytest.raises((KuboUnfinished, KuboRefused, KuboUnreachable)):
            impatient.put([], [root])
        assert time.monotonic() - begun < 9
        impatient.put(blocks[:3], [root])
        assert impatient.complete(root)
        assert impatient.pinned(root)
        assert set(impatient.below(root)) == {block.cid for block in blocks} - {root}


def test_an_empty_raw_block_is_refused_and_the_empty_file_crosses(
    kubo_api: str, kubo: KuboStore, second_node: Node
) -> None:
    empty = Block(Cid.of(b""), b"")
    with pytest.raises(EmptyRawBlock):
        kubo.put([empty], [])
    rpc(second_node.api, "swarm/connect", arg=kubo.addresses()[0])
    httpx.post(f"{kubo_api}/api/v0/block/put", params={"cid-codec": "raw"}, files={"data": ("x", b"")}, trust_env=False)
    with KuboStore(second_node.api, timeout=2) as other:
        with pytest.raises(BlockNotFound):  # the trap: the first node has it, and never sends it
            other.get(empty.cid)
        name = secrets.token_hex(8)
        listing = directory({name: Child(EMPTY_FILE.cid, 0, len(EMPTY_FILE.data))})
        kubo.put([EMPTY_FILE, listing], [listing.cid])
        assert read_file(EMPTY_FILE.cid, other) == b""
        assert {block.cid for block in walk(listing.cid, other)} == {listing.cid, EMPTY_FILE.cid}


def test_rotten_bytes_are_refused_and_fetched_elsewhere(second_node: Node, kubo: KuboStore) -> None:
    root, blocks = file_of(40)
    victim = blocks[7]
    with KuboStore(second_node.api, timeout=5, offline=True) as rotten:
        rotten.put(blocks, [root])
        kubo.put(blocks, [root])
        (file,) = [
            path for path in (second_node.repository / "blocks").rglob("*.data") if path.read_bytes() == victim.data
        ]
        file.write_bytes(b"!" + victim.data[1:])
        with pytest.raises(BlockCorrupt, match=str(victim.cid)):
            rotten.get(victim.cid)
        into = MemoryStore()
        report = retrieve([root], [rotten, kubo], into)
        assert into.get(victim.cid) == victim.data
        assert set(report.dropped) <= {rotten.name}
        with pytest.raises(Exception, match="holds other bytes"):
            retrieve([root], [rotten], MemoryStore())


def test_every_option_that_is_sent_is_one_that_the_node_knows(kubo_api: str) -> None:
    asked: set[tuple[str, str]] = set()

    def write_down(request: httpx.Request) -> None:
        command = request.url.path.removeprefix("/api/v0/")
        asked.update((command, name) for name, _ in parse_qsl(request.url.query.decode()))

    with KuboStore(kubo_api, timeout=10, offline=True) as kubo:
        kubo._client.event_hooks = {"request": [write_down]}
        root, blocks = file_of(40)
        store = MemoryStore()
        store.put(blocks, [root])
        send([root], store, kubo)
        assert list(kubo.below(root))
        assert root in list(kubo.pins())
        assert kubo.get(root)
        with pytest.raises(KuboRefused):
            kubo.connect("/ip4/127.0.0.1/tcp/1/p2p/12D3KooWNpcwrx4Hc3W8z5NbgM4xbZ2Ji9xjxWxaqJzPnipcHYPh")
        kubo.addresses()
        kubo.unpin(root)
    known = _options(kubo_api)
    unknown = {(command, name) for command, name in asked if name not in known[command] | {"arg"}}
    assert unknown == set()
    assert {command for command, _ in asked} >= {"dag/import", "dag/stat", "block/get", "pin/ls", "refs"}


def _options(api: str) -> dict[str, set[str]]:
    """The options that each command of the node declares, with those of all commands."""
    found: dict[str, set[str]] = {}

    def visit(command: dict, path: str, outer: set[str]) -> None:
        own = outer | {name for option in command["Options"] for name in option["Names"]}
        found[path] = own
        for below in command["Subcommands"]:
            visit(below, f"{path}/{below['Name']}".removeprefix("/"), own)

    visit(rpc(api, "commands", flags="true").json(), "", set())
    return found


def test_loud_refusals_of_an_import_become_errors(kubo: KuboStore) -> None:
    root, blocks = file_of(3)
    whole = b"".join(car_bytes([root], blocks))
    for content, words in (
        (whole[:-5], "unexpected EOF"),
        (whole[:-1] + bytes([whole[-1] ^ 1]), "mismatch in content integrity"),
        (b"\x03abc" * 20, "invalid header"),
    ):
        with pytest.raises(KuboRefused, match=words):
            kubo._import(io.BytesIO(content), len(blocks), [root])
    data = bytes(2 * 1024 * 1024 + 1)
    big = Block(Cid.of(data), data)
    with pytest.raises(BlockTooLarge):
        kubo.put([big], [])
    with pytest.raises(KuboRefused, match="over 2MiB"):
        kubo._import(io.BytesIO(b"".join(car_bytes([], [big]))), 1, [])
    assert not kubo.has(big.cid)


def test_loud_absence_is_told_from_failure(kubo_api: str) -> None:
    cid = Cid.of(secrets.token_bytes(16))
    with KuboStore(kubo_api, timeout=5, offline=True) as kubo:
        with pytest.raises(BlockNotFound, match="could not find"):
            kubo.get(cid)
        assert not kubo.has(cid)
        assert not kubo.complete(cid)
        assert not kubo.pinned(cid)
        assert not kubo.unpin(cid)
        with pytest.raises(BlockNotFound):
            list(kubo.below(cid))


def test_loud_refusals_of_access_are_told(kubo_api: str) -> None:
    assert httpx.get(f"{kubo_api}/api/v0/id", trust_env=False).status_code == 405
    with KuboStore(kubo_api, timeout=5) as kubo:
        kubo._client.headers["Origin"] = "http://elsewhere.example"
        with pytest.raises(KuboRefused, match="refuses access"):
            kubo.has(EMPTY_FILE.cid)


def put_without_end(kubo: KuboStore) -> None:
    made = random.Random(3)
    while True:
        kubo.put((Block(Cid.of(data), data) for data in (made.randbytes(1 << 18) for _ in range(40))), [])


def test_a_node_that_is_killed_in_the_middle_is_unreachable(tmp_path: Path) -> None:
    with kubo_node(tmp_path) as node, KuboStore(node.api, timeout=10) as kubo:
        kubo.put(file_of(3)[1], [])
        killer = threading.Timer(0.25, node.process.kill)
        killer.start()
        try:
            with pytest.raises(KuboUnreachable):
                put_without_end(kubo)
        finally:
            killer.cancel()
        with pytest.raises(KuboUnreachable):
            kubo.has(EMPTY_FILE.cid)


def test_a_full_disk_of_the_node_is_said_and_room_mends_it(tmp_path: Path, unavailable) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        unavailable("needs to mount a small file system")
    try:
        with kubo_node(disk) as node, KuboStore(node.api, timeout=20) as kubo:
            made = random.Random(4)
            blocks = [Block(Cid.of(data), data) for data in (made.randbytes(1 << 20) for _ in range(40))]
            with pytest.raises(KuboRefused, match="no space left on device"):
                kubo.put(blocks, [])
            subprocess.run(["mount", "-o", "remount,size=96m", str(disk)], check=True)
            kubo.put(blocks, [blocks[0].cid])
            assert kubo.get(blocks[-1].cid) == blocks[-1].data
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_nothing_of_a_token_shows(kubo_api: str) -> None:
    with PinningService(kubo_api, "s3cret-token") as service, pytest.raises(Exception, match="404") as caught:
        list(service.list())
    assert "s3cret" not in str(caught.value) + repr(service) + str(vars(service))
