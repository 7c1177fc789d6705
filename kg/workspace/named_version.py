"""Any version that somebody names, opened for reading: by its number, a CID, a CAR file, or a checked-out folder.

A number is one of the workspace's own graph: what the ledger knows of it, else what the chain says. A CID is that of
a manifest or of a version's directory. Every block read has the hash that names it; whether all of it together is a
version is for `triplock verify` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anchoring.blockstores.car import CarReader
from anchoring.blockstores.protocol import BlockReader
from anchoring.dataset.data_file import DataFile
from anchoring.dataset.difference import Side
from anchoring.dataset.version import lines_of
from anchoring.encoding.cid import RAW, BadCid, Cid
from anchoring.encoding.unixfs_reader import Blocks, read_directory, read_leaves
from anchoring.errors import Refuted, WrongUsage
from anchoring.signing.manifest import DATA_NAME, MANIFEST_NAME, MAX_MANIFEST_BYTES, SIGNATURE_NAME, Manifest
from anchoring.signing.signature_file import MAX_SIGNATURE_FILE, Signature
from anchoring.verification.fetch import AnyOf
from kg.errors import NoSuchVersion

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

_NUMBER = re.compile(r"[0-9]{1,13}")


class UnknownVersionName(WrongUsage):
    """The text names no version: it is no number, no CID, no CAR file and no checked-out folder."""

    code = "unknown-version-name"


class OtherData(Refuted):
    """The data in a checked-out folder is not that of the manifest beside it."""

    code = "other-data"


@dataclass(frozen=True, slots=True)
class NamedVersion:
    """A version's manifest and where its blocks are read from.

    `directory` is that of the version, where it is known, `signed` the content of its `signature.json` without one.
    """

    name: str
    manifest: Manifest
    blocks: Blocks
    directory: Cid | None = None
    signed: bytes = b""

    def signature(self) -> bytes:
        """The 65 bytes of the version's signature, none where it is not at hand; raises BadSignature and BadJson."""
        content = self.signed
        if self.directory and (cid := read_directory(self.directory, self.blocks).get(SIGNATURE_NAME)):
            content = self.blocks.get(cid)
        return Signature.decode(content).signature if content else b""

    @property
    def side(self) -> Side:
        """Its data, to be compared."""
        return Side(self.manifest.data.cid, self.manifest.blocks, self.manifest.quads, self.blocks)

    def lines(self) -> Iterator[bytes]:
        """Its lines, in order; raises what reading raises."""
        return lines_of(read_leaves(self.manifest.data.cid, self.blocks, at_most=self.manifest.data.size))

    def files(self) -> Mapping[str, Cid]:
        """The files by name: those of the manifest, and manifest and signature where the directory is known."""
        if self.directory:
            return read_directory(self.directory, self.blocks)
        return {entry.name: entry.cid for entry in self.manifest.files} | {MANIFEST_NAME: self.manifest.block.cid}


@contextmanager
def named_version(
    text: str, *, workspace: Workspace | None, readers: Sequence[BlockReader] = ()
) -> Iterator[NamedVersion]:
    """The version that `text` names; its blocks come from the workspace, then from `readers`.

    Raises UnknownVersionName, NoSuchVersion, OtherData, BadManifest, and what reading raises.
    """
    with ExitStack() as stack:
        at_hand: list[BlockReader] = [workspace.blocks] if workspace else []
        at_hand += readers
        path = Path(text)
        if _NUMBER.fullmatch(text):
            cid, directory = _numbered(int(text), workspace)
            yield NamedVersion(text, _manifest(cid, AnyOf(at_hand)), AnyOf(at_hand), directory)
        elif path.is_dir():
            manifest, signed = read_checked_out(path)
            data = stack.enter_context(DataFile(path / DATA_NAME))
            if data.dataset.commitment.file != manifest.data.cid:
                raise OtherData(
                    f"{path / DATA_NAME} is {data.dataset.commitment.file}, its manifest says {manifest.data.cid}",
                    remedy="check the version out again",
                )
            yield NamedVersion(text, manifest, AnyOf([data, *at_hand]), signed=signed)
        elif path.is_file():
            car = stack.enter_context(CarReader(path))
            if not car.roots:
                raise UnknownVersionName(f"{path} names no root", remedy="give the CAR of a version, or a CID")
            yield _of_cid(text, car.roots[0], AnyOf([car, *at_hand]))
        else:
            yield _of_cid(text, _cid(text), AnyOf(at_hand))


def _cid(text: str) -> Cid:
    try:
        return Cid.parse(text)
    except BadCid:
        raise UnknownVersionName(
            f"{text[:200]!r} names no version",
            remedy="give a number, the CID of a manifest or directory, a CAR file, or a checked-out folder",
        ) from None


def _of_cid(name: str, cid: Cid, blocks: Blocks) -> NamedVersion:
    if cid.codec == RAW:
        return NamedVersion(name, _manifest(cid, blocks), blocks)
    entries = read_directory(cid, blocks)
    if MANIFEST_NAME not in entries:
        raise UnknownVersionName(f"{cid} is a directory without a {MANIFEST_NAME}", remedy="give that of a version")
    return NamedVersion(name, _manifest(entries[MANIFEST_NAME], blocks), blocks, cid)


def _manifest(cid: Cid, blocks: Blocks) -> Manifest:
    return Manifest.decode(blocks.get(cid))


def read_checked_out(folder: Path) -> tuple[Manifest, bytes]:
    """The manifest in a folder, and the content of `signature.json` where there is one; raises UnknownVersionName."""
    signature = folder / SIGNATURE_NAME
    signed = b""
    if signature.is_file():
        with signature.open("rb") as stream:
            signed = stream.read(MAX_SIGNATURE_FILE + 1)
    try:
        with (folder / MANIFEST_NAME).open("rb") as stream:
            return Manifest.decode(stream.read(MAX_MANIFEST_BYTES + 1)), signed
    except FileNotFoundError:
        raise UnknownVersionName(
            f"{folder} holds no {MANIFEST_NAME}", remedy="give a folder that `triplock checkout` wrote"
        ) from None


def _numbered(number: int, workspace: Workspace | None) -> tuple[Cid, Cid | None]:
    """The CID of the manifest of a version of the workspace's graph, and that of its directory where it is known."""
    if workspace is None:
        raise NoSuchVersion(
            f"version {number} of which graph?", remedy="use -C DIR for its workspace, or give a CID or a file"
        )
    graph = workspace.configuration.clone.graph or str(workspace.chain.graph)
    for record in reversed(workspace.versions.all(graph)):
        if record.number == number:
            return Cid.parse(record.manifest), Cid.parse(record.directory) if record.directory else None
    anchors = workspace.chain.registry.anchors(workspace.chain.graph)
    for anchor in anchors:
        if anchor.version == number:
            return Cid(RAW, anchor.manifest), None
    raise NoSuchVersion(
        f"there is no version {number} of {graph}",
        remedy=f"the chain knows versions 1 to {len(anchors)}" if anchors else "publish one with `triplock publish`",
    )
