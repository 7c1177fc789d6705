"""A version as an IPFS directory: `data.nq` with its manifest, signature and whatever stands beside it.

Nothing here knows the time, the machine or the order of work: the same lines, files and parent give the same CID
(signatures are deterministic, RFC 6979).
Format: docs/format.md, sections "Directory" and "Manifest".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from anchoring.blockstores.protocol import BlockStore
from anchoring.dataset.version import Dataset, build_version
from anchoring.encoding.cid import Block, Cid
from anchoring.encoding.unixfs import Child, directory, document_file
from anchoring.signing.anchor import ZERO_WORD, GraphId
from anchoring.signing.eip712 import BadSignature, VersionFields, graph_id
from anchoring.signing.manifest import DATA_NAME, MANIFEST_NAME, SIGNATURE_NAME, FileEntry, Manifest
from anchoring.signing.signature_file import Signature

Sign = Callable[[bytes], bytes]
"""Signs a 32-byte digest: 65 bytes r ‖ s ‖ v with low s and v 27 or 28."""

SOURCES_NAME = "sources.txt"
BATCH_BYTES = 8 * 1024 * 1024
"""Blocks are handed to a store in batches of this many bytes."""


@dataclass(frozen=True, slots=True)
class VersionHeader:
    """Where a version belongs, and under which licence it is published.

    `registry` and `owner` are lower-case 0x addresses, `label` 32 bytes. `parent` is the previous head word and
    `parent_manifest` its manifest's CID, ZERO_WORD and None for version 1.
    `owner` is the account that the graph's id names; `publisher` who signs, empty where that is the same.
    """

    chain_id: int
    registry: str
    owner: str
    label: bytes
    licence: str
    version: int = 1
    parent: bytes = ZERO_WORD
    parent_manifest: Cid | None = None
    ontology: tuple[Cid, ...] = ()
    sources: tuple[Cid, ...] = ()
    ext: Mapping[str, object] = field(default_factory=dict)
    publisher: str = ""

    @property
    def graph(self) -> GraphId:
        """The graph that this is a version of."""
        return graph_id(self.chain_id, self.registry, self.owner, self.label)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A version ready to be kept and anchored; `blocks` are those beside `data.nq`, the directory's last."""

    dataset: Dataset
    manifest: Manifest
    signature: Signature | None
    directory: Cid
    blocks: tuple[Block, ...]

    @property
    def fields(self) -> VersionFields:
        """What is anchored."""
        return self.manifest.fields

    @property
    def cid(self) -> Cid:
        """The manifest's CID."""
        return self.manifest.block.cid


def sources_text(sources: Iterable[Cid]) -> bytes:
    """The list of source documents: one CID a line, sorted, each once."""
    return "".join(f"{text}\n" for text in sorted({str(cid) for cid in sources})).encode()


def assemble(dataset: Dataset, header: VersionHeader, files: Mapping[str, bytes], sign: Sign | None) -> Snapshot:
    """The manifest, its signature and the directory around a dataset; `files` are the further ones by name.

    `sign` is None where a contract account publishes: it has no key, and its transaction or event stands for it.
    Raises BadManifest (no licence, bad names, too many files) and BadSignature (not the publisher's, or malformed).
    """
    beside = dict(files)
    if header.sources:
        beside[SOURCES_NAME] = sources_text(header.sources)
    made = {name: document_file(content) for name, content in beside.items()}
    entries: dict[str, Child] = {DATA_NAME: dataset.file, **{name: file.root for name, file in made.items()}}
    commitment = dataset.commitment
    manifest = Manifest(
        chain_id=header.chain_id,
        registry=header.registry,
        owner=header.owner,
        label=header.label,
        version=header.version,
        parent=header.parent,
        parent_manifest=header.parent_manifest,
        root=commitment.root,
        quads=commitment.quads,
        blocks=commitment.blocks,
        files=tuple(FileEntry(name, child.cid, child.size) for name, child in sorted(entries.items())),
        licence=header.licence,
        ontology=tuple(sorted(header.ontology, key=str)),
        sources=entries[SOURCES_NAME].cid if header.sources else None,
        ext=header.ext,
    )
    fields = manifest.fields
    signature = Signature.of(fields, sign(fields.digest)) if sign else None
    if signature and signature.signer != (header.publisher or header.owner):
        raise BadSignature(f"{signature.signer} signed the version that {header.publisher or header.owner} publishes")
    signed = {SIGNATURE_NAME: signature.block} if signature else {}
    alone = {MANIFEST_NAME: manifest.block, **signed}
    for name, block in alone.items():
        entries[name] = Child(block.cid, len(block.data), len(block.data))
    top = directory(entries)
    beside_blocks = [block for file in made.values() for block in file.nodes]
    return Snapshot(dataset, manifest, signature, top.cid, (*beside_blocks, *alone.values(), top))


class BlockWriter:
    """Puts blocks into a store in batches: its `keep` is for whoever builds a dataset.

    `blocks` and `bytes` count what was handed over.
    """

    def __init__(self, store: BlockStore) -> None:
        self._store = store
        self._waiting: list[Block] = []
        self._size = 0
        self.blocks = self.bytes = 0

    def keep(self, block: Block) -> None:
        """Take a block; raises what the store raises."""
        self._waiting.append(block)
        self._size += len(block.data)
        self.blocks += 1
        self.bytes += len(block.data)
        if self._size >= BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Put what waits into the store."""
        self._store.put(self._waiting, ())
        self._waiting.clear()
        self._size = 0

    def finish(self, snapshot: Snapshot) -> None:
        """Keep what is left and the blocks beside the data, and pin the version's directory."""
        self._store.put([*self._waiting, *snapshot.blocks], (snapshot.directory,))
        self._waiting.clear()
        self._size = 0


def write_version(
    lines: Iterable[bytes], header: VersionHeader, files: Mapping[str, bytes], sign: Sign | None, store: BlockStore
) -> Snapshot:
    """Builds a version from canonical lines and keeps every block of it, the directory pinned.

    Memory holds one batch of blocks. Raises what `build_version`, `assemble` and the store raise;
    after a failure it may be called again.
    """
    writer = BlockWriter(store)
    snapshot = assemble(build_version(lines, writer.keep), header, files, sign)
    writer.finish(snapshot)
    return snapshot
