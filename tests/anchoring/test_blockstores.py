"""Folder, memory, CAR and first-of: what is put comes back, what is damaged is named, a crash loses nothing."""

from __future__ import annotations

import io
import itertools
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchoring.blockstores.car import CarReader, car_bytes, write_car
from anchoring.blockstores.errors import BadCar, BlockCorrupt, BlockNotFound
from anchoring.blockstores.first_of import FirstOf, NoneAnswered
from anchoring.blockstores.folder import FolderStore, NotABlockFolder
from anchoring.blockstores.gateway import GatewayReader
from anchoring.blockstores.kubo import KuboStore
from anchoring.blockstores.memory import MemoryStore
from anchoring.blockstores.protocol import BlockReader, BlockStore
from anchoring.encoding.cid import DAG_PB, RAW, Block, Cid
from anchoring.encoding.dag_pb import varint
from anchoring.errors import WrongUsage

FIXTURES = Path(__file__).parent.parent / "conformance" / "car" / "fixtures"


def block(data, codec=RAW):
    return Block(Cid.of(data, codec), data)


BLOCKS = st.lists(st.builds(block, st.binary(max_size=300), st.sampled_from([RAW, DAG_PB])), min_size=1, max_size=8)


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    return FolderStore(tmp_path / "blocks") if request.param == "folder" else MemoryStore()


def test_what_is_put_comes_back(store):
    blocks = [block(bytes([i]) * i) for i in range(20)]
    store.put(iter(blocks), [blocks[3].cid, blocks[5].cid])
    store.put(blocks, [blocks[3].cid])
    for cid, data in blocks:
        assert store.has(cid)
        assert store.get(cid) == data
    assert set(store) == {cid for cid, _ in blocks}
    assert set(store.pins()) == {blocks[3].cid, blocks[5].cid}


def test_absent_blocks_are_named_with_the_place(store):
    cid = Cid.of(b"absent")
    assert not store.has(cid)
    with pytest.raises(BlockNotFound) as caught:
        store.get(cid)
    assert str(cid) in str(caught.value)
    assert store.name in str(caught.value)
    with pytest.raises(BlockNotFound):
        store.put([], [cid])


def test_bytes_that_do_not_match_their_cid_are_not_kept(store):
    wrong = Block(Cid.of(b"one"), b"two")
    with pytest.raises(BlockCorrupt):
        store.put([wrong], [])
    assert not store.has(wrong.cid)


def test_every_store_speaks_the_protocol(store, tmp_path):
    assert isinstance(store, BlockStore)
    with KuboStore("http://127.0.0.1:9") as kubo, GatewayReader("http://127.0.0.1:9") as gateway:
        assert isinstance(kubo, BlockStore)
        assert isinstance(gateway, BlockReader)
    write_car(tmp_path / "a.car", [], [])
    with CarReader(tmp_path / "a.car") as car:
        assert isinstance(car, BlockReader)


def test_a_damaged_file_is_named_and_mended_by_putting_again(tmp_path):
    store = FolderStore(tmp_path)
    good = block(b"good")
    store.put([good], [])
    (file,) = (tmp_path / "blocks").rglob("baf*")
    for damage in (b"evil", b"", b"good and more"):
        file.write_bytes(damage)
        with pytest.raises(BlockCorrupt) as caught:
            store.get(good.cid)
        assert str(file) in str(caught.value)
        assert str(good.cid) in str(caught.value)
        store.put([good], [])
        assert store.get(good.cid) == b"good"


def test_a_folder_opened_again_has_its_blocks_and_pins(tmp_path):
    one = block(b"one")
    FolderStore(tmp_path / "new" / "store").put([one], [one.cid])
    again = FolderStore(tmp_path / "new" / "store")
    assert again.get(one.cid) == b"one"
    assert list(again) == list(again.pins()) == [one.cid]


def test_a_folder_of_other_files_or_of_another_format_is_refused(tmp_path):
    (tmp_path / "thesis.doc").write_bytes(b"mine")
    with pytest.raises(NotABlockFolder, match="other files"):
        FolderStore(tmp_path)
    FolderStore(tmp_path / "store")
    (tmp_path / "store" / "format").write_bytes(b"triplock-blocks/2\n")
    with pytest.raises(NotABlockFolder, match="triplock-blocks/2"):
        FolderStore(tmp_path / "store")


CHILD = """
import sys
from anchoring.blockstores.folder import FolderStore
from anchoring.encoding.cid import Block, Cid
store = FolderStore(sys.argv[1])
for n in range(10**6):
    data = [f"{sys.argv[2]} {n} {i} ".encode() * 200 for i in range(8)]
    blocks = [Block(Cid.of(d), d) for d in data]
    store.put(blocks, [blocks[0].cid])
    print(" ".join(str(b.cid) for b in blocks), flush=True)
"""


@pytest.mark.soak
def test_kill_9_loses_nothing_that_was_confirmed(tmp_path, soak_scale, seed):
    generator = random.Random(seed)
    confirmed: list[str] = []
    for round_ in range(soak_scale(100)):
        command = [sys.executable, "-c", CHILD, str(tmp_path / "store"), str(round_)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            first = child.stdout.readline()
            time.sleep(generator.random() * 0.2)
            child.send_signal(signal.SIGKILL)
            lines = (first + child.stdout.read()).decode().split("\n")[:-1]
        assert child.returncode == -signal.SIGKILL
        confirmed += [line for line in lines if line.count(" ") == 7]
    store = FolderStore(tmp_path / "store")
    assert confirmed
    for line in confirmed:
        for cid in line.split():
            store.get(Cid.parse(cid))
        assert (tmp_path / "store" / "pins" / line.split()[0]).exists()
    for cid in store:
        store.get(cid)  # whatever stands under a CID is whole


@given(BLOCKS, st.integers(0, 3))
def test_a_car_gives_back_its_blocks_and_roots(tmp_path_factory, blocks, roots):
    path = tmp_path_factory.mktemp("car") / "a.car"
    cids = [cid for cid, _ in blocks][:roots]
    length = write_car(path, cids, blocks)
    assert length == path.stat().st_size
    stream = io.BytesIO()
    write_car(stream, cids, blocks)
    assert stream.getvalue() == path.read_bytes() == b"".join(car_bytes(cids, blocks))
    with CarReader(path) as car:
        assert car.roots == tuple(cids)
        assert list(car.blocks()) == list(dict.fromkeys(blocks))
        assert len(car) == len({cid for cid, _ in blocks})


@given(BLOCKS, st.data())
def test_a_car_cut_short_is_refused_unless_cut_between_blocks(tmp_path_factory, blocks, data):
    pieces = list(car_bytes([], blocks))
    whole = b"".join(pieces)
    ends = list(itertools.accumulate(map(len, pieces)))
    cut = data.draw(st.integers(0, len(whole) - 1) | st.sampled_from(ends))
    path = tmp_path_factory.mktemp("car") / "a.car"
    path.write_bytes(whole[:cut])
    if cut in ends:
        with CarReader(path) as car:
            assert list(car.blocks()) == list(dict.fromkeys(blocks[: ends.index(cut)]))
    else:
        with pytest.raises(BadCar, match=re.escape(str(path))):
            CarReader(path)


@given(st.binary(max_size=200))
def test_garbage_is_no_car(tmp_path_factory, garbage):
    path = tmp_path_factory.mktemp("car") / "a.car"
    path.write_bytes(garbage)
    with pytest.raises(BadCar):
        CarReader(path)


def test_a_flipped_byte_in_a_car_is_noticed(tmp_path):
    one = block(b"some content")
    path = tmp_path / "a.car"
    write_car(path, [one.cid], [one])
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    with CarReader(path) as car, pytest.raises(BlockCorrupt, match=r"a\.car at byte"):
        car.get(one.cid)


def test_a_car_of_version_2_is_read(tmp_path):
    blocks = [block(b"one"), block(b"two", DAG_PB)]
    inner = b"".join(car_bytes([blocks[0].cid], blocks))
    header = bytes(16) + (51).to_bytes(8, "little") + len(inner).to_bytes(8, "little") + bytes(8)
    path = tmp_path / "v2.car"
    path.write_bytes(bytes.fromhex("0aa16776657273696f6e02") + header + inner + b"an index of some kind")
    with CarReader(path) as car:
        assert list(car.blocks()) == blocks
        assert car.roots == (blocks[0].cid,)
    path.write_bytes(bytes.fromhex("0aa16776657273696f6e02") + header + inner[:-1])
    with pytest.raises(BadCar, match="outside the file"):
        CarReader(path)


def test_a_section_that_claims_to_be_huge_is_refused_unread(tmp_path):
    path = tmp_path / "a.car"
    path.write_bytes(b"".join(car_bytes([], [])) + varint(1 << 40) + b"x")
    with pytest.raises(BadCar, match="more than"):
        CarReader(path)


FOREIGN_ROOTS = {"file-3k-and-3-blocks-missing-block.car", "symlink.car"}
"""Their root is a CIDv0, which this format refuses by design."""


@pytest.mark.parametrize("path", sorted(FIXTURES.rglob("*.car")), ids=lambda path: path.name)
def test_the_gateway_conformance_cars_are_read_and_verified(path):
    if path.name in FOREIGN_ROOTS:
        with pytest.raises(BadCar, match="root that is not of this format"):
            CarReader(path)
        return
    with CarReader(path) as car:
        assert len(list(car.blocks())) == len(car) > 0
        assert all(map(car.has, car.roots))
        assert car.foreign == (1 if path.name == "dir-with-dag-cbor-with-links.car" else 0)


def test_a_car_is_written_whole_or_not_at_all(tmp_path):
    def failing():
        yield block(b"one")
        raise RuntimeError("the source failed")

    path = tmp_path / "a.car"
    with pytest.raises(RuntimeError):
        write_car(path, [], failing())
    assert list(tmp_path.iterdir()) == []


def test_first_of_asks_in_order_and_passes_over_what_fails(tmp_path):
    one, two = block(b"one"), block(b"two")
    damaged, whole = FolderStore(tmp_path), MemoryStore()
    damaged.put([one], [])
    (file,) = (tmp_path / "blocks").rglob("baf*")
    file.write_bytes(b"rot")
    whole.put([one], [])
    unreachable = KuboStore("http://127.0.0.1:9", timeout=1)
    assert FirstOf([damaged, unreachable, whole]).get(one.cid) == b"one"
    with pytest.raises(NoneAnswered) as caught:
        FirstOf([damaged, unreachable, MemoryStore()]).get(one.cid)
    for reader in (damaged, unreachable):
        assert reader.name in str(caught.value)
    assert "memory: no such block" in str(caught.value)
    with pytest.raises(BlockNotFound):
        FirstOf([damaged, whole]).get(two.cid)
    with pytest.raises(WrongUsage):
        FirstOf([])
    unreachable.close()
