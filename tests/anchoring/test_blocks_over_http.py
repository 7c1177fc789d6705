"""Kubo and gateways: a real node, and a server that lies in each of the ways that were seen or feared."""

from __future__ import annotations

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from anchoring.blockstores.errors import (
    BlockCorrupt,
    BlockNotFound,
    BlockTooLarge,
    GatewayRefused,
    GatewayUnreachable,
    KuboRefused,
    KuboUnfinished,
    KuboUnreachable,
)
from anchoring.blockstores.gateway import BadAddress, GatewayReader, service_address
from anchoring.blockstores.kubo import EmptyRawBlock, KuboStore
from anchoring.blockstores.transfer import LARGEST_BLOCK
from anchoring.encoding.cid import DAG_PB, Block, Cid

BLOCK = Block(Cid.of(b"what was asked for"), b"what was asked for")


def fresh(text=b""):
    data = text + secrets.token_bytes(16)
    return Block(Cid.of(data), data)


def parent_of(*children):
    """A dag-pb node that links to the blocks."""
    links = b"".join(
        b"\x12" + bytes([len(bytes(cid)) + 4]) + b"\x0a" + bytes([len(bytes(cid))]) + bytes(cid) + b"\x12\x00"
        for cid, _ in children
    )
    data = links + b"\x0a\x02\x08\x01"
    return Block(Cid.of(data, DAG_PB), data)


@pytest.fixture
def kubo(kubo_api):
    with KuboStore(kubo_api, timeout=20) as store:
        yield store


@pytest.mark.kubo
def test_what_is_put_into_kubo_is_there_and_pinned(kubo):
    blocks = [fresh(), fresh(), fresh()]
    root = parent_of(*blocks)
    assert not kubo.has(root.cid)
    kubo.put([*blocks, root], [root.cid])
    for cid, data in [*blocks, root]:
        assert kubo.has(cid)
        assert kubo.get(cid) == data
    assert root.cid in list(kubo.pins())
    kubo.put([*blocks, root, *blocks], [root.cid])


@pytest.mark.kubo
def test_only_the_new_blocks_of_a_version_need_to_be_sent(kubo):
    old, new = fresh(), fresh()
    kubo.put([old], [])
    root = parent_of(old, new)
    kubo.put([new, root], [root.cid])
    kubo.put([], [root.cid])
    assert root.cid in list(kubo.pins())


@pytest.mark.kubo
def test_a_root_whose_blocks_are_missing_is_not_taken_for_pinned(kubo_api):
    missing = fresh()
    root = parent_of(missing)
    with KuboStore(kubo_api, timeout=3) as kubo:
        with pytest.raises((KuboUnfinished, KuboUnreachable, KuboRefused)) as caught:
            kubo.put([root], [root.cid])
        assert caught.value.retryable
        with pytest.raises((KuboUnfinished, KuboUnreachable, KuboRefused)):
            kubo.put([], [missing.cid])
        assert root.cid not in list(kubo.pins())
        kubo.put([missing], [root.cid])
        assert root.cid in list(kubo.pins())


@pytest.mark.kubo
def test_blocks_that_nobody_has(kubo_api):
    cid = fresh().cid
    for offline in (True, False):
        with KuboStore(kubo_api, timeout=2, offline=offline) as kubo, pytest.raises(BlockNotFound, match=str(cid)):
            kubo.get(cid)


@pytest.mark.kubo
def test_the_largest_block_goes_in_and_out(kubo):
    data = secrets.token_bytes(LARGEST_BLOCK)
    largest = Block(Cid.of(data), data)
    kubo.put([largest], [largest.cid])
    assert kubo.get(largest.cid) == data


@pytest.mark.kubo
def test_a_gateway_gives_the_blocks_of_its_node(kubo, kubo_gateway):
    one = fresh()
    kubo.put([one], [one.cid])
    with GatewayReader(kubo_gateway + "/", timeout=10) as gateway:
        assert gateway.get(one.cid) == one.data


@pytest.mark.kubo
def test_an_address_that_is_not_the_rpc_is_named(kubo_gateway):
    with KuboStore(kubo_gateway, timeout=3) as kubo:
        with pytest.raises(KuboRefused, match="404"):
            kubo.has(BLOCK.cid)
        with pytest.raises(KuboRefused):
            kubo.put([BLOCK], [BLOCK.cid])


@pytest.mark.kubo
@pytest.mark.filterwarnings("ignore::FutureWarning")  # the library passes urllib3 an argument that is going away
def test_a_client_of_ipfshttpclient_will_do(kubo_api):
    library = pytest.importorskip("ipfshttpclient")
    from anchoring.blockstores.ipfshttpclient_store import IpfsHttpClientStore

    url = httpx.URL(kubo_api)
    with library.Client(f"/ip4/{url.host}/tcp/{url.port}/http") as client:
        store = IpfsHttpClientStore(client, timeout=10)
        one = fresh()
        assert not store.has(one.cid)
        store.put([one], [one.cid])
        assert store.get(one.cid) == one.data
        with pytest.raises(BlockNotFound):
            store.get(fresh().cid)
    with KuboStore(kubo_api, timeout=10) as kubo:
        assert one.cid in list(kubo.pins())


def test_blocks_that_no_node_would_hand_on_are_refused_before_sending():
    with KuboStore("http://127.0.0.1:9", timeout=1) as kubo:
        with pytest.raises(EmptyRawBlock, match="0a0408021800"):
            kubo.put([Block(Cid.of(b""), b"")], [])
        big = bytes(LARGEST_BLOCK + 1)
        with pytest.raises(BlockTooLarge):
            kubo.put([Block(Cid.of(big), big)], [])
        with pytest.raises(BlockCorrupt):
            kubo.put([Block(BLOCK.cid, b"other")], [])
        kubo.put([], [])  # nothing to do, nobody asked


def test_nobody_listening_is_said_so():
    with KuboStore("http://127.0.0.1:9", timeout=1) as kubo:
        for ask in (lambda: kubo.has(BLOCK.cid), lambda: kubo.get(BLOCK.cid), lambda: kubo.put([BLOCK], [BLOCK.cid])):
            with pytest.raises(KuboUnreachable, match=r"127\.0\.0\.1:9"):
                ask()
    with GatewayReader("http://127.0.0.1:9", timeout=1) as gateway, pytest.raises(GatewayUnreachable):
        gateway.get(BLOCK.cid)


@pytest.mark.parametrize(
    "url", ["", "ftp://host", "127.0.0.1:5001", "/ip4/127.0.0.1/tcp/5001", "http://user:secret@host"]
)
def test_addresses_that_are_none_are_refused_without_telling_secrets(url):
    with pytest.raises(BadAddress) as caught:
        service_address(url)
    assert "secret" not in str(caught.value)


@pytest.fixture
def liar():
    """A server whose answers a test sets: `answer(handler)`; `seen` lists what was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length") or 0)
            self.server.seen.append((self.path, dict(self.headers), self.rfile.read(length)))
            self.server.answer(self)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.seen = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def reply(status, body=b"", **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def root_line(cid, problem=""):
    return json.dumps({"Root": {"Cid": {"/": str(cid)}, "PinErrorMsg": problem}})


STATS = json.dumps({"Stats": {"BlockCount": 1, "BlockBytesCount": 18}})


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([root_line(BLOCK.cid, "disk full"), STATS], "disk full"),
        ([STATS], "no word of it"),
        ([], "no word of it"),
        ([root_line(Cid.of(b"another")), STATS], "no word of it"),
        ([root_line(BLOCK.cid)], "None confirmed"),
        ([root_line(BLOCK.cid), STATS.replace("1,", "0,")], "0 confirmed"),
        (['{"Root": {}}', STATS], "does not give"),
    ],
)
def test_a_200_that_did_less_than_asked_is_noticed(liar, lines, words):
    liar.answer = reply(200, "\n".join(lines).encode())
    with KuboStore(liar.url, timeout=2) as kubo, pytest.raises(KuboUnfinished, match=words):
        kubo.put([BLOCK], [BLOCK.cid])


def test_every_request_carries_a_timeout_and_the_credentials_stay_hidden(liar):
    liar.answer = reply(200, "\n".join([root_line(BLOCK.cid), STATS]).encode())
    for auth, sent in ((("me", "s3cret"), "Basic "), ("s3cret", "Bearer s3cret")):
        with KuboStore(liar.url, auth=auth, timeout=2) as kubo:
            kubo.put([BLOCK], [BLOCK.cid])
            assert "s3cret" not in repr(kubo) + str(vars(kubo)) + kubo.name
            assert liar.seen[-1][1]["Authorization"].startswith(sent)
    assert all("timeout=2s" in path for path, _, _ in liar.seen)
    assert all(BLOCK.data in body for _, _, body in liar.seen)
    liar.answer = reply(403, b"403 - Access Denied")
    with KuboStore(liar.url, auth="s3cret", timeout=2) as kubo, pytest.raises(KuboRefused, match="password") as caught:
        kubo.get(BLOCK.cid)
    assert "s3cret" not in str(caught.value)
    assert liar.seen[-1][1]["Authorization"] == "Bearer s3cret"


def test_errors_inside_a_200_stream_and_words_that_are_no_json_are_noticed(liar):
    for body in (b'{"Message": "boom", "Type": "error"}', b"<html>", b"[1]"):
        liar.answer = reply(200, body)
        with KuboStore(liar.url, timeout=2) as kubo, pytest.raises(KuboRefused):
            kubo.put([BLOCK], [BLOCK.cid])


@pytest.mark.parametrize("reader", [lambda url: KuboStore(url, timeout=2), lambda url: GatewayReader(url, timeout=2)])
def test_other_bytes_and_too_many_bytes_are_refused(liar, reader):
    with reader(liar.url) as asked:
        liar.answer = reply(200, BLOCK.data)
        assert asked.get(BLOCK.cid) == BLOCK.data
        for body in (b"", b"rot", BLOCK.data + b"!"):
            liar.answer = reply(200, body)
            with pytest.raises(BlockCorrupt, match=str(BLOCK.cid)):
                asked.get(BLOCK.cid)
        liar.answer = reply(200, bytes(LARGEST_BLOCK + 1))
        with pytest.raises(BlockTooLarge):
            asked.get(BLOCK.cid)


def test_a_body_that_drips_is_given_up(liar):
    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(40):
            try:
                handler.wfile.write(b"x" * 65_536 if _ % 2 else b"y")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    liar.answer = drip
    start = time.monotonic()
    with GatewayReader(liar.url, timeout=0.5) as gateway, pytest.raises((GatewayUnreachable, BlockTooLarge)):
        gateway.get(BLOCK.cid)
    assert time.monotonic() - start < 3.5


def test_a_gateway_that_breaks_off_is_unreachable(liar):
    def break_off(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"some")
        handler.close_connection = True

    liar.answer = break_off
    with GatewayReader(liar.url, timeout=2) as gateway, pytest.raises(GatewayUnreachable):
        gateway.get(BLOCK.cid)


@pytest.mark.parametrize(
    ("status", "error"), [(404, BlockNotFound), (410, BlockNotFound), (429, GatewayRefused), (502, GatewayRefused)]
)
def test_a_gateways_refusals_are_told_apart(liar, status, error):
    liar.answer = reply(status, b"no")
    with GatewayReader(liar.url, timeout=2) as gateway, pytest.raises(error, match=str(BLOCK.cid)):
        gateway.get(BLOCK.cid)


def test_redirects_stay_on_the_host_unless_allowed(liar):
    def elsewhere(handler):
        if "/there" in handler.path:
            reply(200, BLOCK.data)(handler)
        else:
            reply(302, Location=f"http://localhost:{liar.server_port}/there")(handler)

    liar.answer = elsewhere
    with GatewayReader(liar.url, timeout=2) as gateway, pytest.raises(GatewayRefused, match="localhost"):
        gateway.get(BLOCK.cid)
    with GatewayReader(liar.url, timeout=2, allow_hosts=["localhost"]) as gateway:
        assert gateway.get(BLOCK.cid) == BLOCK.data
    liar.answer = reply(302, Location="/round")
    with GatewayReader(liar.url, timeout=2) as gateway, pytest.raises(GatewayRefused, match="more than 3"):
        gateway.get(BLOCK.cid)
    liar.answer = reply(302, Location="file:///etc/passwd")
    with GatewayReader(liar.url, timeout=2) as gateway, pytest.raises(GatewayRefused):
        gateway.get(BLOCK.cid)
