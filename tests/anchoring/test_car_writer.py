"""A CAR written before its root is known is a CAR, and a version written into one is the version."""

from __future__ import annotations

import io
import subprocess
import sys

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published import OWNER, signer

from anchoring.blockstores.car import CarReader
from anchoring.blockstores.car_writer import CarUnfinished, CarWriter
from anchoring.blockstores.errors import BlockCorrupt, BlockNotFound
from anchoring.blockstores.memory import MemoryStore
from anchoring.blockstores.protocol import BlockStore
from anchoring.encoding.cid import DAG_PB, RAW, Block, Cid
from anchoring.rdf.canonical import canonical_lines
from anchoring.signing.document_version import write_document_version
from anchoring.signing.snapshot import VersionHeader, write_version
from anchoring.verification.check_data import DATA_CHECKS
from anchoring.verification.verify import verify_version

BLOCKS = st.lists(
    st.builds(
        lambda data, codec: Block(Cid.of(data, codec), data), st.binary(max_size=300), st.sampled_from([RAW, DAG_PB])
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=50, deadline=None)
@given(BLOCKS, st.data())
def test_what_is_put_is_read_back_in_its_order(tmp_path_factory, blocks, data):
    path = tmp_path_factory.mktemp("car") / "a.car"
    roots = list(dict.fromkeys(data.draw(st.lists(st.sampled_from([block.cid for block in blocks]), max_size=3))))
    first = data.draw(st.integers(0, len(blocks)))
    with CarWriter(path, roots=len(roots)) as car:
        assert isinstance(car, BlockStore)
        car.put(blocks[:first], [])
        car.put(iter(blocks), roots)
        assert [car.get(block.cid) for block in blocks] == [block.data for block in blocks]
        assert not path.exists()
    with CarReader(path) as read:
        assert read.roots == tuple(roots)
        assert list(read.blocks()) == list(dict.fromkeys(blocks))
        assert list(read) == list(dict.fromkeys(block.cid for block in blocks))
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("roots", [[], [b"a", b"b"]])
def test_a_car_without_the_roots_it_was_begun_for_is_no_file(tmp_path, roots):
    blocks = [Block(Cid.of(data), data) for data in (b"a", b"b")]
    with pytest.raises(CarUnfinished, match=f"^{len(roots)} roots"), CarWriter(tmp_path / "a.car") as car:
        car.put(blocks, [Cid.of(data) for data in roots])
    assert list(tmp_path.iterdir()) == []


def test_what_fails_leaves_no_file_and_the_former_one_as_it_was(tmp_path):
    (tmp_path / "a.car").write_bytes(b"former")
    with pytest.raises(BlockNotFound, match="CAR"), CarWriter(tmp_path / "a.car") as car:
        car.put([], [Cid.of(b"absent")])
    with pytest.raises(BlockCorrupt), CarWriter(tmp_path / "a.car") as car:
        car.put([Block(Cid.of(b"one"), b"two")], [])
    with pytest.raises(BlockNotFound), CarWriter(tmp_path / "a.car") as car:
        car.get(Cid.of(b"absent"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.car"]
    assert (tmp_path / "a.car").read_bytes() == b"former"


LIMITED = """
import resource, signal, sys
from anchoring.blockstores.car_writer import CarWriter
from anchoring.encoding.cid import Block, Cid
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # what a full disk does, by a limit on files
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
blocks = [Block(Cid.of(data), data) for data in (bytes([i]) * 5_000 for i in range(int(sys.argv[2])))]
with CarWriter(sys.argv[1]) as car:
    car.put(blocks, [blocks[-1].cid])
"""


def test_a_full_disk_is_an_error_that_names_the_file_and_leaves_none(tmp_path):
    path = tmp_path / "a.car"
    program = [sys.executable, "-c", LIMITED, str(path)]
    done = subprocess.run([*program, "30"], capture_output=True, text=True)
    assert f"OSError: [Errno 27] File too large: {str(path)!r}" in done.stderr
    assert list(tmp_path.iterdir()) == []
    subprocess.run([*program, "10"], check=True)
    assert path.exists()


HEADER = VersionHeader(1, "0x" + "ab" * 20, OWNER, bytes(32), "CC-BY-4.0")
FILES = {"ontology.ttl": b"# x\n", "void.ttl": b""}


def document(count):
    lines = [f'<http://example.org/{i * 7919 % count}> <http://example.org/p> "{i} é" .\n' for i in range(count)]
    return "".join([*lines, "_:x <http://example.org/p> _:y .\n"]).encode()


@pytest.mark.parametrize("count", [1, 3_000])
def test_a_version_of_a_document_is_the_one_of_its_lines(tmp_path, count):
    text = document(count)
    memory = MemoryStore()
    expected = write_version(canonical_lines(text, "nq"), HEADER, FILES, signer(), memory)
    with CarWriter(tmp_path / "a.car") as car:
        found = write_document_version(
            io.BytesIO(text), HEADER, FILES, signer(), car, format="nq", processes=2, folder=tmp_path
        )
    assert found == expected
    with CarReader(tmp_path / "a.car") as read:
        assert set(read) == set(memory)
        verdict = verify_version(found.directory, graph=HEADER.graph, readers=[read])
    outcomes = {check.name: check.outcome for check in verdict.checks}
    assert {outcomes[name] for name in ("directory", "manifest", "signature", "files", *DATA_CHECKS)} == {"passed"}
    assert verdict.outcome == "unchecked"  # the chain's part


@pytest.mark.kubo
def test_kubo_imports_it(tmp_path, kubo_api):
    with CarWriter(tmp_path / "a.car") as car:
        made = write_document_version(document(5_000), HEADER, FILES, signer(), car, format="nq")
    with httpx.Client(base_url=f"{kubo_api}/api/v0/", timeout=60, trust_env=False) as client:
        content = (tmp_path / "a.car").read_bytes()
        answer = client.post("dag/import", params={"pin-roots": "true"}, files={"file": content})
        assert answer.json()["Root"] == {"Cid": {"/": str(made.directory)}, "PinErrorMsg": ""}
        text = client.post("cat", params={"arg": str(made.manifest.data.cid)}).content
    assert text == b"".join(line + b"\n" for line in canonical_lines(document(5_000), "nq"))
