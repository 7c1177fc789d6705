"""Trustless gateways over real HTTP: honest ones, and each kind that lies, breaks off, drips or says nothing."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from anchoring.blockstores.car import car_bytes
from anchoring.blockstores.memory import MemoryStore
from anchoring.dataset.walk import walk
from anchoring.encoding.cid import Block, Cid
from anchoring.errors import TriplockError

Behaviour = Callable[["Gateway", BaseHTTPRequestHandler, Cid, str], None]


class Gateway:
    """A gateway over the blocks of `store`; `asked` lists (CID, raw or car) in the order of the requests."""

    def __init__(self, store: MemoryStore, behaviour: Behaviour) -> None:
        self.store = store
        self.behaviour = behaviour
        self.asked: list[tuple[Cid, str]] = []
        self.url = ""


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str = "application/vnd.ipld.raw") -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    with contextlib.suppress(OSError):
        handler.wfile.write(body)


def honest(gateway: Gateway, handler: BaseHTTPRequestHandler, cid: Cid, form: str) -> None:
    if not gateway.store.has(cid):
        send(handler, 404, b"no")
    elif form == "raw":
        send(handler, 200, gateway.store.get(cid))
    else:
        stream_car(gateway, handler, cid, walk(cid, gateway.store))


def after(condition: Callable[[], bool], *, seconds: float = 2.0) -> Behaviour:
    """Honest, but waits for the condition, so long at most: a fast place leaves nothing to ask of the others."""

    def behaviour(gateway: Gateway, handler: BaseHTTPRequestHandler, cid: Cid, form: str) -> None:
        until = time.monotonic() + seconds
        while not condition() and time.monotonic() < until:
            time.sleep(0.01)
        honest(gateway, handler, cid, form)

    return behaviour


def without_cars(gateway: Gateway, handler: BaseHTTPRequestHandler, cid: Cid, form: str) -> None:
    if form == "car":
        send(handler, 400, b"only raw")
    else:
        honest(gateway, handler, cid, form)


def stream_car(gateway: Gateway, handler: BaseHTTPRequestHandler, cid: Cid, blocks: Iterator[Block]) -> None:
    """A CAR without a length, which ends where a block is missing, as gateways end it."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/vnd.ipld.car; version=1; order=dfs; dups=n")
    handler.end_headers()
    with contextlib.suppress(OSError, TriplockError):
        for piece in car_bytes([cid], blocks):
            handler.wfile.write(piece)


def swapping(victim: Cid) -> Behaviour:
    """Honest but for one block, whose bytes it changes."""

    def behaviour(gateway: Gateway, handler: BaseHTTPRequestHandler, cid: Cid, form: str) -> None:
        if form == "raw" and cid == victim:
            send(handler, 200, gateway.store.get(cid)[:-1] + b"!")
        elif form == "car":
            changed = (
                Block(block.cid, block.data[:-1] + b"!" if block.cid == victim else block.data)
                for block in walk(cid, gateway.store)
            )
            stream_car(gateway, handler, cid, changed)
        else:
            honest(gateway, handler, cid, form)

    return behaviour


def dripping(gateway: Gateway, handler: BaseHTTPRequestHandler, cid: Cid, form: str) -> None:
    """One byte a second."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/vnd.ipld.car" if form == "car" else "application/vnd.ipld.raw")
    handler.end_headers()
    with contextlib.suppress(OSError):
        for byte in b"".join(car_bytes([cid], walk(cid, gateway.store))) if form == "car" else gateway.store.get(cid):
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(1)


def silent(gateway: Gateway, handler: BaseHTTPRequestHandler, cid: Cid, form: str) -> None:
    """Takes the request and never answers."""
    time.sleep(30)


def failing(gateway: Gateway, handler: BaseHTTPRequestHandler, cid: Cid, form: str) -> None:
    send(handler, 500, b"oops")


def breaking_off(gateway: Gateway, handler: BaseHTTPRequestHandler, cid: Cid, form: str) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/vnd.ipld.car" if form == "car" else "application/vnd.ipld.raw")
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    handler.wfile.write(b"some")
    handler.close_connection = True


def endless(gateway: Gateway, handler: BaseHTTPRequestHandler, cid: Cid, form: str) -> None:
    """A CAR that begins well and goes on for ever with blocks that nobody asked for."""
    if form == "raw":
        send(handler, 404, b"no") if cid.codec == 0x55 else honest(gateway, handler, cid, form)
        return

    def unasked() -> Iterator[Block]:
        for number in range(1 << 20):
            data = b"nobody asked for %d" % number
            yield Block(Cid.of(data), data)

    stream_car(gateway, handler, cid, unasked())


@contextmanager
def gateway(store: MemoryStore, behaviour: Behaviour = honest) -> Iterator[Gateway]:
    """A gateway that runs; a request's form is raw or car."""
    place = Gateway(store, behaviour)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            cid = Cid.parse(parts.path.removeprefix("/ipfs/"))
            (form,) = parse_qs(parts.query)["format"]
            place.asked.append((cid, form))
            place.behaviour(place, self, cid, form)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    place.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
