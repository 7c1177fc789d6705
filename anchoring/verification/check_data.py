"""The dataset's part of a verification: every block fetched, every line read, the whole commitment built again.

Format: docs/format.md, sections "Line", "Cut", "Top leaf" and "UnixFS".
"""

from __future__ import annotations

from collections.abc import Iterator

from anchoring.dataset.version import Dataset, build_from_blocks
from anchoring.encoding.unixfs_reader import Blocks, read_leaves
from anchoring.errors import Refuted
from anchoring.signing.manifest import DATA_NAME, FileEntry, Manifest
from anchoring.verification.verdict import Examination

DATA_CHECKS = ("lines", "cut", "root", "counts", "file")


class FileRefuted(Refuted):
    """A file is not as long as the manifest says."""

    code = "file-refuted"


def check_data(examination: Examination, manifest: Manifest, blocks: Blocks) -> Dataset | None:
    """Notes the checks of DATA_CHECKS; the dataset where its lines could be read.

    Memory holds a batch of lines for each process and 81 bytes for each block before. Raises ServiceFailed.
    """
    entry = manifest.data
    served: list[int] = []
    built: list[Dataset] = []

    def leaves() -> Iterator[bytes]:
        for leaf in read_leaves(entry.cid, blocks, at_most=entry.size):
            served.append(len(leaf))
            yield leaf

    def read_lines() -> str:
        built.append(build_from_blocks(leaves()))
        return f"{built[0].commitment.quads} canonical lines, strictly increasing, every block re-hashed"

    if not examination.attempt("lines", read_lines):
        for name in DATA_CHECKS[1:]:
            examination.unchecked(name, "not all lines of data.nq could be read")
        return None
    dataset, found = built[0], built[0].commitment
    examination.expect(
        "cut",
        served == [leaf.length for leaf in dataset.leaves],
        passed=f"{found.blocks} blocks, cut where the content says",
        refuted="the blocks are not cut where the content says",
    )
    examination.expect(
        "root",
        found.root == manifest.root,
        passed=f"0x{found.root.hex()}",
        refuted=f"the lines have the root 0x{found.root.hex()}, the manifest says 0x{manifest.root.hex()}",
    )
    examination.expect(
        "counts",
        (found.quads, found.blocks, found.size) == (manifest.quads, manifest.blocks, entry.size),
        passed=f"{found.quads} quads in {found.blocks} blocks, {found.size} bytes",
        refuted=f"{found.quads} quads in {found.blocks} blocks, {found.size} bytes; the manifest says"
        f" {manifest.quads}, {manifest.blocks}, {entry.size}",
    )
    examination.expect(
        "file",
        found.file == entry.cid,
        passed=f"rebuilt as {found.file}",
        refuted=f"rebuilt as {found.file}, the manifest says {entry.cid}",
    )
    return dataset


def check_files(examination: Examination, manifest: Manifest, blocks: Blocks) -> None:
    """Notes the check "files": everything beside `data.nq` is there, whole, and as long as the manifest says."""
    beside = [entry for entry in manifest.files if entry.name != DATA_NAME]

    def read_all() -> str:
        for entry in beside:
            _read_whole(entry, blocks)
        return f"{len(beside)} further files read and re-hashed: {', '.join(entry.name for entry in beside)}"

    examination.attempt("files", read_all)


def _read_whole(entry: FileEntry, blocks: Blocks) -> None:
    size = sum(len(leaf) for leaf in read_leaves(entry.cid, blocks, at_most=entry.size))
    if size != entry.size:
        raise FileRefuted(
            f"{entry.name} has {size} bytes, the manifest says {entry.size}", remedy="do not rely on the version"
        )
