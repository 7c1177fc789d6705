"""Blocks from several places at once: nobody is believed, liars and laggards are dropped, nothing is asked twice."""

from __future__ import annotations

import random
import time
from contextlib import ExitStack

import gateway_places as places
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchoring.blockstores.car import CarReader, write_car
from anchoring.blockstores.folder import FolderStore
from anchoring.blockstores.gateway import GatewayReader
from anchoring.blockstores.kubo import KuboStore
from anchoring.blockstores.memory import MemoryStore
from anchoring.blockstores.retrieval import STRIKES, BlocksMissing, Limits, TooMuch, TransferTooSlow, retrieve
from anchoring.dataset.walk import walk
from anchoring.encoding import dag_pb
from anchoring.encoding.cid import DAG_PB, RAW, Block, Cid
from anchoring.encoding.dag_pb import BadNode, Link
from anchoring.encoding.unixfs import DIRECTORY_DATA, content_file, document_blocks
from anchoring.errors import InputRefused, ServiceFailed

QUICK = Limits(patience=0.3, answer=4.0)


def filled(leaves=120, seed=1):
    """A store with one file of `leaves` raw blocks under two levels of nodes; its root."""
    made = random.Random(seed)
    blocks = [Block(Cid.of(data), data) for data in (made.randbytes(made.randrange(1, 4000)) for _ in range(leaves))]
    file = content_file((block.cid.digest, len(block.data)) for block in blocks)
    store = MemoryStore()
    store.put([*blocks, *file.nodes], [file.root.cid])
    return store, file.root.cid


def cids(root, store):
    return {block.cid for block in walk(root, store)}


@pytest.fixture
def opened():
    """Opens gateways' readers and closes them."""
    with ExitStack() as stack:

        def reader(store, behaviour=places.honest, timeout=2.0):
            place = stack.enter_context(places.gateway(store, behaviour))
            opening = stack.enter_context(GatewayReader(place.url, timeout=timeout))
            return place, opening

        yield reader


def test_all_blocks_come_and_are_asked_for_once(opened, tmp_path):
    store, root = filled()
    first, one = opened(store, timeout=30.0)
    second, two = opened(store, timeout=30.0)
    into = FolderStore(tmp_path)
    report = retrieve([root], [one, two], into, limits=Limits(patience=60))
    assert cids(root, into) == cids(root, store)
    assert report.blocks == len(store)
    assert report.dropped == {}
    asked = [cid for cid, form in first.asked + second.asked if form == "raw"]
    assert len(asked) == len(set(asked))
    assert any(form == "car" for _, form in first.asked + second.asked)
    assert sum(source.blocks for source in report.sources) == len(store)


def test_a_second_run_asks_for_nothing_and_a_resumed_one_only_for_what_is_missing(opened, tmp_path):
    store, root = filled()
    place, reader = opened(store, places.without_cars)
    into = FolderStore(tmp_path)
    had = [block for block in walk(root, store) if int(block.cid.digest[0]) % 3]
    into.put(had, ())
    report = retrieve([root], [reader], into)
    assert {cid for cid, form in place.asked if form == "raw"} == cids(root, store) - {cid for cid, _ in had}
    assert report.here == len(had)
    place.asked.clear()
    assert retrieve([root], [reader], into).blocks == 0
    assert place.asked == []
    assert retrieve([root], [], into).blocks == 0


def test_a_damaged_block_of_the_own_store_is_fetched_again(opened, tmp_path):
    store, root = filled(20)
    _, reader = opened(store)
    into = FolderStore(tmp_path)
    retrieve([root], [reader], into)
    victim = max(tmp_path.rglob("bafkrei*"))
    victim.write_bytes(b"rot")
    assert retrieve([root], [reader], into).blocks == 1
    assert cids(root, into) == cids(root, store)


@pytest.mark.parametrize("behaviour", [places.failing, places.breaking_off, places.endless], ids=lambda b: b.__name__)
def test_a_source_that_fails_or_lies_is_dropped_and_the_other_goes_on(opened, behaviour):
    store, root = filled()
    place, bad = opened(store, behaviour)
    _, good = opened(store, places.after(lambda: len(place.asked) >= STRIKES))
    into = MemoryStore()
    report = retrieve([root], [bad, good], into, limits=QUICK)
    assert cids(root, into) == cids(root, store)
    assert good.name not in report.dropped
    if behaviour is not places.endless:  # which also gives blocks that are right
        assert report.dropped[bad.name]


def test_a_gateway_that_swaps_one_block_is_dropped_and_named(opened):
    store, root = filled()
    victim = sorted(cid for cid in store if cid.codec == RAW)[7]
    _, liar = opened(store, places.swapping(victim))
    with pytest.raises(BlocksMissing, match="holds other bytes under"):
        retrieve([root], [liar], MemoryStore())
    _, good = opened(store)
    into = MemoryStore()
    report = retrieve([root], [liar, good], into)
    assert into.get(victim) == store.get(victim)
    assert set(report.dropped) <= {liar.name}


def test_blocks_that_nobody_asked_for_drop_their_sender(opened):
    store, root = filled()
    _, endless = opened(store, places.endless)
    begun = time.monotonic()
    report = retrieve([root], [endless], MemoryStore(), require=False)
    assert "nobody asked for" in report.dropped[endless.name]
    assert report.missing
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("behaviour", [places.dripping, places.silent], ids=lambda b: b.__name__)
def test_a_source_of_a_byte_a_second_is_overtaken_and_dropped(opened, behaviour):
    store, root = filled()
    _, slow = opened(store, behaviour)
    _, good = opened(store, places.without_cars)
    into = MemoryStore()
    begun = time.monotonic()
    report = retrieve([root], [slow, good], into, limits=QUICK)
    assert cids(root, into) == cids(root, store)
    assert time.monotonic() - begun < 8
    assert report.sources[1].blocks == len(store)
    assert "slow" in report.dropped.get(slow.name, "slow")


def test_alone_such_a_source_ends_the_transfer_with_its_name(opened):
    store, root = filled(10)
    _, slow = opened(store, places.dripping, timeout=0.5)
    begun = time.monotonic()
    with pytest.raises(BlocksMissing, match=r"127\.0\.0\.1.* was dropped"):
        retrieve([root], [slow], MemoryStore(), limits=QUICK)
    assert time.monotonic() - begun < 10


def test_a_source_that_never_answers_is_dropped_after_the_answers_limit(opened):
    store, root = filled(10)
    _, mute = opened(store, places.silent, timeout=60)
    with pytest.raises(BlocksMissing, match="owed an answer for 1 s"):
        retrieve([root], [mute], MemoryStore(), limits=Limits(answer=1.0))


def test_the_whole_transfer_has_a_limit_and_what_came_stays(opened):
    store, root = filled()
    _, slow = opened(store, places.dripping, timeout=30)
    into = MemoryStore()
    with pytest.raises(TransferTooSlow):
        retrieve([root], [slow], into, limits=Limits(transfer=0.5))


def test_missing_blocks_are_listed_and_the_rest_is_kept(opened):
    store, root = filled()
    partial = MemoryStore()
    lacking = sorted(cid for cid in store if cid.codec == RAW)[:3]
    partial.put([block for block in walk(root, store) if block.cid not in lacking], ())
    _, reader = opened(partial)
    into = MemoryStore()
    report = retrieve([root], [reader], into, require=False)
    assert set(report.missing) == set(lacking)
    assert report.dropped == {}
    with pytest.raises(BlocksMissing, match="3 blocks could not be had") as caught:
        retrieve([root], [reader], into)
    assert caught.value.retryable
    with pytest.raises(BlocksMissing, match="no source was named"):
        retrieve([root], [], MemoryStore())


@given(st.integers(0, 2**32), st.integers(1, 4))
@settings(max_examples=25)
def test_sources_that_together_have_everything_give_everything(seed, count):
    store, root = filled(40, seed % 5)
    generator = random.Random(seed)
    shares = [MemoryStore() for _ in range(count)]
    for block in walk(root, store):
        for share in generator.sample(shares, generator.randrange(1, count + 1)):
            share.put([block], ())
    into = MemoryStore()
    report = retrieve([root], shares, into)
    assert cids(root, into) == cids(root, store)
    assert report.blocks == len(store)


def test_folder_car_kubo_and_gateway_are_sources_alike(tmp_path, opened):
    store, root = filled()
    folder = FolderStore(tmp_path / "folder")
    blocks = list(walk(root, store))
    folder.put(blocks[::3], ())
    write_car(tmp_path / "some.car", [root], blocks[1::3])
    rest = MemoryStore()
    rest.put(blocks[2::3], ())
    _, reader = opened(rest)
    into = MemoryStore()
    with CarReader(tmp_path / "some.car") as car, KuboStore("http://127.0.0.1:9", timeout=1) as nobody:
        report = retrieve([root], [folder, car, nobody, reader], into, limits=QUICK)
    assert cids(root, into) == cids(root, store)
    assert list(report.dropped) in ([nobody.name], [])


def deep(levels):
    """A chain of nodes, each linking to the next."""
    below = Block(Cid.of(b"leaf"), b"leaf")
    chain = [below]
    for _ in range(levels):
        node = dag_pb.encode([Link(below.cid, "", 0)], DIRECTORY_DATA)
        below = Block(Cid.of(node, DAG_PB), node)
        chain.append(below)
    return chain


def test_bombs_are_refused_early():
    store = MemoryStore()
    chain = deep(40)
    store.put(chain, ())
    with pytest.raises(TooMuch, match="levels below its root"):
        retrieve([chain[-1].cid], [store], MemoryStore())
    wide, root = filled(120)
    with pytest.raises(TooMuch, match="more than the 50 blocks"):
        retrieve([root], [wide], MemoryStore(), limits=Limits(blocks=50))
    into = MemoryStore()
    with pytest.raises(TooMuch, match="more than the 9000 bytes"):
        retrieve([root], [wide], into, limits=Limits(bytes=9000))
    assert sum(len(into.get(cid)) for cid in into) <= 9000


def test_a_node_that_links_to_itself_level_by_level_does_not_multiply():
    """Ten levels of a hundred links each to the same child: 10^20 paths, eleven blocks."""
    below = Block(Cid.of(b"leaf"), b"leaf")
    store = MemoryStore()
    store.put([below], ())
    for _ in range(10):
        node = dag_pb.encode([Link(below.cid, "", 0)] * 100, DIRECTORY_DATA)
        below = Block(Cid.of(node, DAG_PB), node)
        store.put([below], ())
    assert retrieve([below.cid], [store], MemoryStore()).blocks == 11


def test_a_block_that_is_no_node_under_a_nodes_cid_is_an_error_of_the_publisher():
    bad = Block(Cid.of(b"\xff" * 40, DAG_PB), b"\xff" * 40)
    store = MemoryStore()
    store.put([bad], ())
    with pytest.raises(BadNode):
        retrieve([bad.cid], [store], MemoryStore())


def test_a_store_that_fails_ends_the_transfer_and_lets_the_threads_go():
    store, root = filled()

    class Full(MemoryStore):
        def put(self, blocks, roots):
            raise ServiceFailed("the disk is full", remedy="make room")

    with pytest.raises(ServiceFailed, match="the disk is full"):
        retrieve([root], [store], Full())


def test_a_reader_of_ones_own_that_lies_is_noticed():
    class Liar(MemoryStore):
        name = "liar"

        def get(self, cid):
            return b"anything"

    with pytest.raises(BlocksMissing, match="liar was dropped"):
        retrieve([Cid.of(b"x")], [Liar()], MemoryStore())


def test_progress_reaches_the_number_of_blocks():
    store, root = filled()
    seen = []
    retrieve([root], [store], MemoryStore(), progress=lambda done, known: seen.append((done, known)))
    assert seen[-1] == (len(store), len(store))
    assert all(done <= known for done, known in seen)


@pytest.mark.kubo
def test_a_real_gateway_and_a_real_node(kubo_api, kubo_gateway, tmp_path):
    root, blocks = document_blocks(random.Random(5).randbytes(3 << 20))
    store, directory = filled(200, 9)
    with KuboStore(kubo_api, timeout=20) as kubo, GatewayReader(kubo_gateway, timeout=20) as gateway:
        kubo.put(blocks, [root])
        kubo.put(walk(directory, store), [directory])
        for sources in ([gateway], [kubo], [kubo, gateway]):
            into = MemoryStore()
            report = retrieve([root, directory], sources, into)
            assert cids(root, into) | cids(directory, into) == {cid for cid, _ in blocks} | set(store)
            assert report.dropped == {}


def test_limits_are_refused_where_they_make_no_sense():
    with pytest.raises(InputRefused):
        retrieve([Cid.of(b"x")], [], MemoryStore(), limits=Limits(blocks=0))
