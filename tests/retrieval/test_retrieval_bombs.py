"""Small inputs that are to cost much: refused in bounded memory and time, in files, in DAGs and over HTTP.

What is measured of memory runs in a process that may not have more; it would be ended otherwise.
"""

from __future__ import annotations

import gzip
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import gateway_places as places
import pytest

from anchoring.blockstores.car import MOST_ROOTS, CarReader, car_bytes
from anchoring.blockstores.car_stream import blocks_of_car
from anchoring.blockstores.errors import (
    BadCar,
    BlockCorrupt,
    BlockTooLarge,
    GatewayRefused,
    GatewayUnreachable,
    KuboRefused,
    KuboUnreachable,
)
from anchoring.blockstores.folder import FolderStore
from anchoring.blockstores.gateway import GatewayReader
from anchoring.blockstores.kubo import KuboStore
from anchoring.blockstores.memory import MemoryStore
from anchoring.blockstores.pinning_service import PinningRefused, PinningService, PinningUnreachable
from anchoring.blockstores.retrieval import BlocksMissing, Limits, TooMuch, retrieve
from anchoring.encoding import dag_pb
from anchoring.encoding.cid import DAG_PB, RAW, BadCid, Block, Cid
from anchoring.encoding.dag_pb import BadNode, Link, varint
from anchoring.encoding.unixfs import DIRECTORY_DATA, content_file, file_data
from anchoring.encoding.unixfs_reader import read_file, read_leaves, read_range
from anchoring.verification.fetch_version import cids_below

BLOCK = Block(Cid.of(b"a block"), b"a block")


def car(sections: bytes = b"", roots: int = 1) -> bytes:
    return b"".join(car_bytes([BLOCK.cid] * roots, [])) + sections


def section(cid: bytes, data: bytes) -> bytes:
    return varint(len(cid) + len(data)) + cid + data


def both_ways(path: Path, content: bytes) -> None:
    """Read a CAR as a file and as a stream, all of it."""
    path.write_bytes(content)
    with CarReader(path) as reader:
        list(reader.blocks())
    list(blocks_of_car([content], "here"))


HEADER = car()
HUGE = {
    "a length of 2^62": HEADER + varint(1 << 62),
    "a length of 9 MiB": HEADER + varint(9 << 20),
    "a length without end": HEADER + b"\x80" * 40,
    "a length in a longer form": HEADER + b"\xab\x80\x00" + bytes(BLOCK.cid) + BLOCK.data,
    "a section of nothing": HEADER + b"\x00",
    "a header of 2^40": varint(1 << 40) + b"\xa2",
    "a header of no CBOR": b"\x05hello",
    "a header of nested lists": varint(1000) + b"\x81" * 1000,
    "a list of 2^63 roots": varint(30) + b"\xa2\x65roots\x9b\x7f" + b"\xff" * 7 + bytes(14),
    "too many roots": car(roots=MOST_ROOTS + 1),
    "a root that is no CID": varint(20) + b"\xa2\x65roots\x81\xd8\x2a\x43\x00\x01\x55\x67vers",
    "a version 2 in a version 2": b"\x0a\xa1\x67version\x02" + bytes(16) + (51).to_bytes(8, "little")
    + (11).to_bytes(8, "little") + bytes(8) + b"\x0a\xa1\x67version\x02",
    "a version 2 that points at itself": b"\x0a\xa1\x67version\x02" + bytes(24) + (51).to_bytes(8, "little") + bytes(8),
    "a version 2 that points behind its end": b"\x0a\xa1\x67version\x02" + bytes(16) + b"\xff" * 16 + bytes(8),
    "a CID cut short": HEADER + section(bytes(BLOCK.cid)[:9], b""),
}  # fmt: skip


@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE.keys())
def test_cars_that_announce_more_than_they_are_are_refused(tmp_path: Path, content: bytes) -> None:
    start = time.process_time()
    with pytest.raises((BadCar, BadCid)):
        both_ways(tmp_path / "a.car", content)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "cid",
    [
        b"\x01\x55\x00\x05hello",
        b"\x01\x55\x00" + varint(1 << 40),
        b"\x01\x55\x1b\x20" + bytes(32),
        b"\x01\x71\x12\x20" + bytes(32),
        b"\x01\x55\x12\x21" + bytes(33),
        b"\x12\x20" + bytes(32),
        b"\x02\x55\x12\x20" + bytes(32),
    ],
    ids=["identity", "identity of a terabyte", "keccak", "dag-cbor", "33 bytes", "version 0", "version 2"],
)
def test_blocks_under_other_cids_are_never_a_block_of_a_version(tmp_path: Path, cid: bytes) -> None:
    """In a file they are passed over, on the wire, where they were not asked for, refused; in a node no link."""
    content = car(section(cid, b"hello") + section(bytes(BLOCK.cid), BLOCK.data))
    path = tmp_path / "a.car"
    path.write_bytes(content)
    try:
        with CarReader(path) as reader:
            assert (list(reader.blocks()), reader.foreign) == ([BLOCK], 1)
    except BadCar:
        assert cid[:1] == b"\x02"
    with pytest.raises(BadCar, match="not of this format"):
        list(blocks_of_car([content], "here"))
    with pytest.raises(BadCid):
        Cid.from_bytes(cid)
    node = dag_pb.field(0x12, dag_pb.field(0x0A, cid) + b"\x12\x00\x18\x00") + b"\x0a\x00"
    with pytest.raises(BadNode):
        dag_pb.decode(node)


def test_a_block_that_is_there_a_thousand_times_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a.car"
    path.write_bytes(car(section(bytes(BLOCK.cid), BLOCK.data) * 1000))
    with CarReader(path) as reader:
        assert list(reader.blocks()) == [BLOCK]


# -- memory ----------------------------------------------------------------------------------------------------------

ROOM = 400 << 20
"""Bytes of address space that a reader may have beyond what Python and its libraries take."""


def in_little_room(script: str, *arguments: object, seconds: float = 60) -> str:
    """Run a script that imports first and is then held to `ROOM`; what it prints."""
    lines = script.strip().split("\n")
    bound = [
        "import resource, sys",
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()",
        f"resource.setrlimit(resource.RLIMIT_AS, (used + {ROOM}, used + {ROOM}))",
    ]
    at = next(number for number, line in enumerate(lines) if not line.startswith(("import", "from")))
    text = "\n".join([*lines[:at], *bound, *lines[at:]])
    done = subprocess.run(
        [sys.executable, "-c", text, *map(str, arguments)],
        capture_output=True, text=True, timeout=seconds, env=os.environ, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_a_file_of_millions_of_tiny_blocks_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    """40 bytes of the file for a block that would take some 300 bytes of memory."""
    path = tmp_path / "tiny.car"
    with path.open("wb") as stream:
        stream.write(HEADER)
        for first in range(0, 120_000, 1000):
            stream.write(
                b"".join(b"\x26\x01\x55\x12\x20" + n.to_bytes(32, "big") + b"xy" for n in range(first, first + 1000))
            )
    script = """
import sys
from anchoring.blockstores import car
car.MOST_BLOCKS = 100_000
try:
    car.CarReader(sys.argv[1])
except car.BadCar as error:
    print(error.what)
"""
    assert "more than 100000 blocks" in in_little_room(script, path)


def test_a_folder_with_a_giant_or_endless_file_under_a_cid_is_refused(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "blocks")
    store.put([BLOCK], [])
    (file,) = (tmp_path / "blocks" / "blocks").rglob("baf*")
    script = """
import sys
from anchoring.blockstores.folder import FolderStore
from anchoring.encoding.cid import Cid
from anchoring.errors import Refuted
try:
    FolderStore(sys.argv[1]).get(Cid.of(b"a block"))
except Refuted as error:
    print(error.code)
"""
    with file.open("r+b") as stream:
        stream.truncate(1 << 40)  # sparse
    assert in_little_room(script, tmp_path / "blocks").strip() == "block-corrupt"
    for special in ("/dev/zero", "fifo"):
        file.unlink()
        os.mkfifo(file) if special == "fifo" else file.symlink_to(special)
        assert in_little_room(script, tmp_path / "blocks", seconds=20).strip() == "block-corrupt"


def test_a_stream_without_end_takes_bounded_memory() -> None:
    """Half a gibibyte of sections of 2 MiB; what is not taken is not held."""
    script = """
import sys, itertools
from anchoring.blockstores.car import car_bytes
from anchoring.blockstores.car_stream import blocks_of_car
from anchoring.encoding.cid import Block, Cid
data = bytes(2 << 20)
wire = car_bytes([], itertools.repeat(Block(Cid.of(data), data)))
print(sum(1 for _ in itertools.islice(blocks_of_car(wire, "here"), 256)))
"""
    assert in_little_room(script).strip() == "256"


# -- DAGs ------------------------------------------------------------------------------------------------------------


def nested(depth: int) -> tuple[MemoryStore, Cid]:
    """A file of so many nodes above its one leaf, each size true."""
    store = MemoryStore()
    below, tsize = BLOCK, len(BLOCK.data)
    store.put([below], ())
    for _ in range(depth):
        node = dag_pb.encode([Link(below.cid, "", tsize)], file_data([len(BLOCK.data)]))
        tsize += len(node)
        below = Block(Cid.of(node, DAG_PB), node)
        store.put([below], ())
    return store, below.cid


def test_deep_files_are_refused_by_every_reader() -> None:
    """A DAG cannot be a circle, but as deep as its maker likes: 5,000 levels would overrun a recursion."""
    store, root = nested(5000)
    for read in (
        lambda: list(read_leaves(root, store, at_most=100)),
        lambda: read_file(root, store),
        lambda: read_range(root, store, 0, 3),
    ):
        with pytest.raises(BadNode, match="deeper than"):
            read()
    with pytest.raises(TooMuch, match="levels below its root"):
        retrieve([root], [store], MemoryStore())
    assert len(list(cids_below([root], store))) == 5001
    shallow, near = nested(12)
    assert read_file(near, shallow) == BLOCK.data


def test_a_node_as_wide_as_a_block_can_be_is_read_in_bounded_time_and_memory() -> None:
    script = """
import time
from anchoring.encoding import dag_pb
from anchoring.encoding.cid import Cid
from anchoring.encoding.dag_pb import Link
from anchoring.blockstores.memory import MemoryStore
from anchoring.blockstores.retrieval import Limits, TooMuch, retrieve
from anchoring.encoding.cid import DAG_PB, Block
from anchoring.encoding.unixfs import DIRECTORY_DATA
links = [Link(Cid(0x55, n.to_bytes(32, "big")), "", 0) for n in range(2097000 // 44)]
node = dag_pb.encode(links, DIRECTORY_DATA)
assert len(node) <= 2 << 20
start = time.process_time()
assert dag_pb.decode(node)[0] == links
root = Block(Cid.of(node, DAG_PB), node)
store = MemoryStore()
store.put([root], ())
try:
    retrieve([root.cid], [store], MemoryStore(), limits=Limits(blocks=1000))
except TooMuch as error:
    print(error.code, time.process_time() - start < 20)
try:
    dag_pb.decode(node + bytes(1 << 20))
except dag_pb.BadNode as error:
    print("longer" in error.what)
"""
    assert in_little_room(script).split() == ["dag-too-large", "True", "True"]


def test_sizes_that_lie_are_found_and_never_reserve_anything() -> None:
    """A node that states 2^62 bytes; a range far behind the end; a sum that overruns 64 bits."""
    store = MemoryStore()
    store.put([BLOCK], ())
    for sizes in ([1 << 62], [len(BLOCK.data) + 1], [len(BLOCK.data) - 1], [0], [1 << 62, 1 << 62, 1 << 62]):
        node = dag_pb.encode([Link(BLOCK.cid, "", 1 << 62) for _ in sizes], file_data(sizes))
        root = Block(Cid.of(node, DAG_PB), node)
        store.put([root], ())
        if 0 in sizes or sum(sizes) >= 1 << 63:
            with pytest.raises(BadNode):
                read_file(root.cid, store)
        else:
            assert read_file(root.cid, store) == BLOCK.data  # no size is believed
        with pytest.raises(BadNode):
            read_range(root.cid, store, 0, sum(sizes) or 1)
        with pytest.raises(BadNode):
            list(read_leaves(root.cid, store, at_most=len(BLOCK.data) * len(sizes) - 1))


def test_many_paths_to_one_leaf_do_not_multiply_where_a_file_is_read() -> None:
    """Twelve levels of 512 links to the same child: 512^12 bytes promised by thirteen blocks."""
    store = MemoryStore()
    file = content_file([(BLOCK.cid.digest, len(BLOCK.data))] * 512)
    store.put([BLOCK, *file.nodes], ())
    below, size = file.root.cid, 512 * len(BLOCK.data)
    for _ in range(4):
        node = dag_pb.encode([Link(below, "", size)] * 512, file_data([size] * 512))
        block = Block(Cid.of(node, DAG_PB), node)
        store.put([block], ())
        below, size = block.cid, size * 512
    start = time.process_time()
    with pytest.raises(BadNode, match="exceeds 1000 bytes"):
        list(read_leaves(below, store, at_most=1000))
    assert read_range(below, store, size - 3, size) == BLOCK.data[-3:]
    assert time.process_time() - start < 5
    assert retrieve([below], [store], MemoryStore()).blocks == len(store)


# -- HTTP ------------------------------------------------------------------------------------------------------------


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that reads the head of a request and hands the connection to `answer`; the heads it has read."""
    heads: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        try:
            head = b""
            while b"\r\n\r\n" not in head and (piece := connection.recv(65536)):
                head += piece
            if head:
                heads.append(head)
                answer(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", heads
    finally:
        over.set()
        listening.close()


def slow_head(connection: socket.socket) -> None:
    """One byte of the head every 0.2 s, for ever: each comes long before a read times out."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        time.sleep(0.2)
        connection.sendall(b"x")


def one_head_each(connection: socket.socket) -> None:
    """Information that goes on and on: 100 Continue, over and over, before any answer."""
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        time.sleep(0.02)


def giant_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: " + b"x" * 65_000 + b"\r\n")


def endless_text(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def endless_refusal(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 500 No\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


HOSTILE = [slow_head, one_head_each, giant_head, endless_text, endless_refusal]


def of_gateway(question: Callable[[GatewayReader], object]) -> Callable[[str], object]:
    def ask(url: str) -> object:
        with GatewayReader(url, timeout=1.5) as reader:
            return question(reader)

    return ask


def of_node(question: Callable[[KuboStore], object]) -> Callable[[str], object]:
    def ask(url: str) -> object:
        with KuboStore(url, timeout=0.5) as node:
            return question(node)

    return ask


def of_service(url: str) -> object:
    with PinningService(url, "t", timeout=1.5) as service:
        return service.add(BLOCK.cid)


ASKING: dict[str, Callable[[str], object]] = {
    "gateway": of_gateway(lambda reader: reader.get(BLOCK.cid)),
    "gateway car": of_gateway(lambda reader: list(reader.stream(BLOCK.cid))),
    "node get": of_node(lambda node: node.get(BLOCK.cid)),
    "node has": of_node(lambda node: node.has(BLOCK.cid)),
    "node pins": of_node(lambda node: list(node.pins())),
    "node pinned": of_node(lambda node: node.pinned(BLOCK.cid)),
    "node put": of_node(lambda node: node.put([BLOCK], [BLOCK.cid])),
    "service": of_service,
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kubo's grace, by which we wait longer than the node was told to, cut to a second."""
    monkeypatch.setattr("anchoring.blockstores.kubo._GRACE", 1.0)


FAILURES = (
    GatewayUnreachable,
    GatewayRefused,
    KuboUnreachable,
    KuboRefused,
    PinningRefused,
    PinningUnreachable,
    BlockTooLarge,
    BlockCorrupt,
    BadCar,
)


def outcome(ask: Callable[[str], object], url: str) -> object:
    """The error that asking ends with."""
    try:
        return ask(url)
    except Exception as error:  # noqa: BLE001 - whichever it is, it is looked at
        return error


def asked_in_every_way(url: str) -> dict[str, object]:
    """Each way of asking at the same time; what it ended with."""
    with ThreadPoolExecutor(len(ASKING)) as pool:
        ended = {name: pool.submit(outcome, ask, url) for name, ask in ASKING.items()}
        return {name: future.result(30) for name, future in ended.items()}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("answer", HOSTILE, ids=lambda answer: answer.__name__)
def test_answers_without_end_are_given_up(answer: Callable[[socket.socket], None]) -> None:
    start = time.monotonic()
    with server(answer) as (url, _):
        for name, ended in asked_in_every_way(url).items():
            assert isinstance(ended, FAILURES), (name, ended)
    assert time.monotonic() - start < 15


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_was_packed_against_our_wish_is_not_unpacked() -> None:
    """A megabyte that would unpack to a gibibyte."""
    body = gzip.compress(bytes(1 << 24), 9) * 64

    def unpacks_to_much(connection: socket.socket) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
        connection.sendall(head + body)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with server(unpacks_to_much) as (url, heads):
        ended = asked_in_every_way(url)
        assert ended.pop("node has") is True  # it is asked whether, and says 200
        for name, each in ended.items():
            assert isinstance(each, FAILURES), (name, each)
        assert all(b"accept-encoding: identity" in head.lower() for head in heads)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 << 10  # KiB


def test_who_closes_a_reader_ends_what_other_threads_wait_for() -> None:
    """And leaves no connection open, which the run's own warnings would tell."""
    ended: list[object] = []
    with server(lambda _: time.sleep(10)) as (url, heads):
        reader = GatewayReader(url, timeout=20)
        waiting = threading.Thread(target=lambda: ended.append(outcome(lambda _: reader.get(BLOCK.cid), url)))
        waiting.start()
        while not heads:
            time.sleep(0.01)
        reader.close()
        waiting.join(5)
        assert not waiting.is_alive()
        assert isinstance(ended[0], Exception)
        late = outcome(lambda _: reader.get(BLOCK.cid), url)
    assert isinstance(late, Exception)


def test_a_transfer_goes_on_beside_sources_without_end_and_ends_without_them() -> None:
    store = MemoryStore()
    file = content_file([(BLOCK.cid.digest, len(BLOCK.data)), (Cid.of(b"more").digest, 4)])
    root = file.root
    store.put([BLOCK, Block(Cid.of(b"more"), b"more"), *file.nodes], [root.cid])
    limits = Limits(patience=0.3, answer=3.0)
    with server(slow_head) as (url, _), GatewayReader(url, timeout=1.0) as slow:
        assert retrieve([root.cid], [slow, store], MemoryStore(), limits=limits).blocks == len(store)
        start = time.monotonic()
        with pytest.raises(BlocksMissing, match="was dropped"):
            retrieve([root.cid], [slow], MemoryStore(), limits=limits)
        assert time.monotonic() - start < 10


def repeating(gateway: places.Gateway, handler: object, cid: Cid, form: str) -> None:
    """Each CAR begins well and then brings one block, that is known, over and over; it gives no leaf alone."""
    if form == "raw":
        if cid.codec == RAW:
            time.sleep(0.5)
            places.send(handler, 500, b"no")  # type: ignore[arg-type]
        else:
            places.honest(gateway, handler, cid, form)  # type: ignore[arg-type]
        return
    node = Block(cid, gateway.store.get(cid))
    places.stream_car(gateway, handler, cid, (node for _ in range(1 << 30)))  # type: ignore[arg-type]


def test_a_gateway_that_repeats_one_block_for_ever_is_dropped() -> None:
    leaves = [Block(Cid.of(data), data) for data in (b"leaf %d" % number for number in range(20))]
    file = content_file((block.cid.digest, len(block.data)) for block in leaves)
    store = MemoryStore()
    store.put([*leaves, *file.nodes], [file.root.cid])
    with places.gateway(store, repeating) as place, GatewayReader(place.url, timeout=5) as reader:
        with pytest.raises(BlocksMissing, match="over and over"):
            retrieve([file.root.cid], [reader], MemoryStore(), limits=Limits(answer=30))
        before = threading.active_count()
        time.sleep(0.5)
        assert threading.active_count() <= before


def test_a_cars_blocks_that_are_here_already_are_no_lie() -> None:
    """Where a version shares leaves with the one before, a gateway's CAR brings them again."""
    leaves = [Block(Cid.of(data), data) for data in (b"leaf %d" % number for number in range(40))]
    file = content_file((block.cid.digest, len(block.data)) for block in leaves)
    store, into = MemoryStore(), MemoryStore()
    store.put([*leaves, *file.nodes], [file.root.cid])
    had = leaves[:10]
    into.put(had, ())
    with places.gateway(store) as place, GatewayReader(place.url, timeout=5) as reader:
        report = retrieve([file.root.cid], [reader], into, have={block.cid for block in had})
        assert report.dropped == {}
        assert any(form == "car" for _, form in place.asked)
    assert set(into) == set(store)


# -- redirects -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:5001/api/v0/config/show",
        "http://localhost/",
        "http://[::1]/",
        "//example.org/ipfs/x",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "http://127.0.0.1@example.org/",
        "http://0/",
        "https://127.0.0.1:1/",
        "gopher://127.0.0.1/",
        "http://[",
        "\\\\example.org\\x",
    ],
)
def test_a_redirect_leads_nowhere_else(target: str) -> None:
    with server(
        lambda c: c.sendall(f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode())
    ) as (
        url,
        heads,
    ):
        with GatewayReader(url, timeout=2) as reader, pytest.raises((GatewayRefused, GatewayUnreachable)):
            reader.get(BLOCK.cid)
        assert len(heads) <= 4  # a path of the same place may be followed, three times


def test_another_port_of_the_same_host_is_another_place() -> None:
    """On this machine a node's RPC may listen there, which answers nobody but this machine."""
    asked: list[bytes] = []
    with server(lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" + BLOCK.data)) as (inner, heads):
        head = f"HTTP/1.1 302 Found\r\nLocation: {inner}/x\r\nContent-Length: 0\r\n\r\n".encode()
        with server(lambda c: c.sendall(head)) as (url, _):
            with GatewayReader(url, timeout=2) as reader, pytest.raises(GatewayRefused, match=inner.rpartition("/")[2]):
                reader.get(BLOCK.cid)
            with GatewayReader(url, timeout=2, allow_hosts=["127.0.0.1"]) as reader:
                assert reader.get(BLOCK.cid) == BLOCK.data
        asked += heads
    assert len(asked) == 1


def test_a_redirect_from_plain_to_tls_on_the_default_ports_is_the_same_place() -> None:
    import httpx

    reader = GatewayReader("http://gateway.example")
    same = reader._next(
        httpx.URL("http://gateway.example/ipfs/x"),
        httpx.Response(301, headers={"location": "https://gateway.example/ipfs/x"}),
    )
    assert str(same) == "https://gateway.example/ipfs/x"
    with pytest.raises(GatewayRefused):
        reader._next(
            httpx.URL("http://gateway.example/"),
            httpx.Response(301, headers={"location": "https://gateway.example:8443/"}),
        )
    with pytest.raises(GatewayRefused, match="https to http"):
        GatewayReader("https://gateway.example")._next(
            httpx.URL("https://gateway.example/"), httpx.Response(301, headers={"location": "http://gateway.example/"})
        )
    reader.close()


def test_names_of_a_directory_are_only_names() -> None:
    from anchoring.encoding.unixfs_reader import read_directory

    store = MemoryStore()
    links = [Link(BLOCK.cid, name, 7) for name in sorted(["../x", "/etc/passwd", "a\x00b"], key=str.encode)]
    node = dag_pb.encode(links, DIRECTORY_DATA)
    root = Block(Cid.of(node, DAG_PB), node)
    store.put([BLOCK, root], ())
    assert set(read_directory(root.cid, store)) == {"../x", "/etc/passwd", "a\x00b"}
    with pytest.raises(BlockCorrupt):
        MemoryStore().put([Block(BLOCK.cid, b"other")], ())
