"""A version built from the store's journal is the one built from every statement, and touches little."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from thread_places import configuration

from anchoring.blockstores.folder import FolderStore
from anchoring.dataset.version import hash_dataset
from anchoring.dataset.walk import walk
from anchoring.encoding.cid import RAW, Block, Cid
from anchoring.encoding.unixfs_reader import read_directory, read_file
from kg.errors import NothingToPublish
from kg.stores.oxigraph import OxigraphStore
from kg.workspace.snapshot import Work, snapshot
from kg.workspace.workspace import Workspace

STATEMENTS = 20_000


class CountingFolder(FolderStore):
    """A folder that counts what is read from it and put into it."""

    read = 0
    written = 0

    def get(self, cid: Cid) -> bytes:
        self.read += 1
        return super().get(cid)

    def put(self, blocks: Iterable[Block], roots: Sequence[Cid]) -> None:
        handed = list(blocks)
        self.written += len(handed)
        super().put(handed, roots)


def quad(key: int, value: str = "v") -> Quad:
    graph = f"https://kg.example.org/doc/{key // 6:08d}/claim/{key:08d}"
    return Quad(
        NamedNode(f"https://kg.example.org/doc/{key // 6:08d}#{key}"),
        NamedNode("https://schema.example.org/vocab#property"),
        Literal(f"{value} {key:x}"),
        NamedNode(graph),
    )


@pytest.fixture
def large(workspace: Workspace) -> Workspace:
    """A workspace with some 200 blocks of data, one version built."""
    workspace.__dict__["blocks"] = CountingFolder(workspace.state / "blocks")
    workspace.store.apply([quad(key) for key in range(STATEMENTS)], [], 0)
    work = taken(workspace)
    assert work.reason == "no version to build on is kept here"
    assert work.new_blocks > 150
    return workspace


def counted(workspace: Workspace) -> CountingFolder:
    blocks = workspace.blocks
    assert isinstance(blocks, CountingFolder)
    return blocks


def taken(workspace: Workspace) -> Work:
    """Takes a snapshot and checks it against every statement of the store; what it took."""
    told: list[Work] = []
    record = snapshot(workspace, tell=told.append)
    commitment = hash_dataset(workspace.store.sorted_quads())
    assert (record.root, record.quads, record.blocks, record.data) == (
        f"0x{commitment.root.hex()}",
        commitment.quads,
        commitment.blocks,
        str(commitment.file),
    )
    return told[0]


def change(workspace: Workspace, added: Iterable[Quad], removed: Iterable[Quad] = ()) -> None:
    workspace.store.apply(added, removed, workspace.store.generation)


def test_a_small_change_of_a_large_graph_reads_and_writes_few_blocks(large: Workspace) -> None:
    folder = counted(large)
    blocks = len(list(folder))
    folder.read = folder.written = 0
    change(large, [quad(9_000, "other"), quad(9_001, "other")], [quad(9_000)])
    told: list[Work] = []
    record = snapshot(large, tell=told.append)
    assert told[0].reason == ""
    assert folder.read <= 3
    # the block, the node above it, the description, the manifest, the signature, the directory; some twice over
    assert folder.written <= 10
    assert len(list(folder)) <= blocks + 10
    commitment = hash_dataset(large.store.sorted_quads())
    assert record.root == f"0x{commitment.root.hex()}"
    files = read_directory(Cid.parse(record.directory), folder)
    content = b"".join(line + b"\n" for line in large.store.sorted_quads())
    assert read_file(files["data.nq"], folder) == content
    assert str(commitment.quads).encode() in read_file(files["void.ttl"], folder)
    assert len({block.cid for block in walk(Cid.parse(record.directory), folder)}) > 150


def test_random_histories_give_the_version_of_every_statement(large: Workspace, seed: int) -> None:
    rng = random.Random(seed)
    have = set(range(STATEMENTS))
    for _ in range(6):
        for _ in range(rng.randrange(1, 4)):
            removed = rng.sample(sorted(have), rng.randrange(1, 30))
            added = [rng.randrange(2 * STATEMENTS) for _ in range(rng.randrange(1, 200))]
            change(large, map(quad, added), map(quad, removed))
            have = (have - set(removed)) | set(added)
        assert taken(large).reason == ""
        if rng.randrange(2):
            large.publish()
    assert len(large.store) == len(have)


def state_files(workspace: Workspace, suffix: str) -> Iterator[Path]:
    found = list((workspace.state / "versions").glob(f"*.{suffix}"))
    assert found
    yield from found


@pytest.mark.parametrize("suffix", ["index", "first-lines", "base"])
def test_what_is_damaged_is_passed_over(large: Workspace, suffix: str) -> None:
    for file in state_files(large, suffix):
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 0x80
        file.write_bytes(content)
    change(large, [quad(3, "yet another")])
    assert taken(large).reason == "no version to build on is kept here"
    change(large, [quad(4, "yet another")])
    assert taken(large).reason == ""


def test_a_journal_that_was_cut_is_passed_over(large: Workspace) -> None:
    assert isinstance(large.store, OxigraphStore)
    change(large, [quad(2, "between")])
    large.store.forget_changes(large.store.generation)
    change(large, [quad(3, "after it")])
    assert "journal begins at generation 2" in taken(large).reason
    change(large, [quad(4, "later")])
    assert taken(large).reason == ""


def test_a_missing_block_is_found_and_made_again(large: Workspace) -> None:
    record = snapshot(large)
    leaf = next(block.cid for block in walk(Cid.parse(record.data), large.blocks) if block.cid.codec == RAW)
    text = str(leaf)
    file = large.state / "blocks" / "blocks" / text[-3:-1] / text
    file.unlink()
    change(large, [quad(19_000, "far from it")])
    assert taken(large).reason == "a block of the version before is no longer here"
    assert large.blocks.has(leaf)
    file.write_bytes(b"something else")
    change(large, [quad(0, "near it")])
    assert str(leaf) in taken(large).reason


def test_generations_of_another_store_are_not_counted(large: Workspace, tmp_path: Path) -> None:
    other = OxigraphStore(tmp_path / "other")
    other.apply([quad(key, "theirs") for key in range(500)], [], 0)
    other.apply([quad(1_000, "theirs")], [], 1)
    large.store.close()
    large.__dict__["store"] = other
    assert taken(large).reason == "no version to build on is kept here"
    other.close()


def test_a_change_of_most_of_the_graph_is_built_in_full(large: Workspace) -> None:
    change(large, [quad(key, "new") for key in range(STATEMENTS // 3)])
    assert "lines have changed" in taken(large).reason


def test_a_change_taken_back_makes_no_version(large: Workspace) -> None:
    published = large.publish()
    change(large, [quad(5, "passing")])
    change(large, [], [quad(5, "passing")])
    assert taken(large) == Work(0, 0, "")
    assert not large.publish().new
    assert large.versions.all()[-1].head == published.record.head
    change(large, [quad(6, "staying")])
    assert taken(large).reason == ""


def test_everything_removed_is_refused_and_the_next_version_is_right(large: Workspace) -> None:
    change(large, [], [quad(key) for key in range(STATEMENTS)])
    with pytest.raises(NothingToPublish):
        snapshot(large)
    change(large, [quad(1)])
    taken(large)


def test_only_what_the_newest_versions_need_is_kept(large: Workspace) -> None:
    for number in range(4):
        large.publish()
        change(large, [quad(number, "more")])
        taken(large)
    assert len(list(state_files(large, "first-lines"))) == 2
    assert len(list(state_files(large, "base"))) == 2


def test_with_settings_that_name_no_licence_nothing_is_built(tmp_path: Path) -> None:
    with Workspace.init(tmp_path / "other", configuration()) as workspace:
        change(workspace, [quad(1)])
        told: list[Work] = []
        first = snapshot(workspace, tell=told.append)
        assert snapshot(workspace, tell=told.append) == first
        assert len(told) == 2
        assert told[1] == Work(0, 0, "")
