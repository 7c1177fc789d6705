"""A version of a graph out of many places: first its manifest, whose bytes the chain anchors, then what that promises.

The manifest states how long each file is and how many blocks `data.nq` has, so a publisher cannot make a reader
fetch more than that, and a source cannot at all.
What is here afterwards is what the manifest names; whether it is a version, `anchoring.verification.verify` says.
Format: docs/format.md, sections "UnixFS" and "Manifest".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from anchoring.blockstores.protocol import BlockReader, BlockStore
from anchoring.blockstores.retrieval import Limits, Progress, Retrieved, retrieve
from anchoring.encoding.cid import DAG_PB, RAW, Cid
from anchoring.encoding.dag_pb import decode
from anchoring.encoding.unixfs import DOCUMENT_LEAF, MIN_CHILDREN
from anchoring.encoding.unixfs_reader import Blocks, read_directory
from anchoring.errors import TriplockError
from anchoring.signing.manifest import DATA_NAME, MANIFEST_NAME, MAX_MANIFEST_BYTES, SIGNATURE_NAME, Manifest
from anchoring.signing.signature_file import Signature

_LINK_BYTES = 72
"""A link and a length in a node of a file take at most so many bytes, as format 1 writes them."""
_MOST_PINS = 10_000


def limits_of(manifest: Manifest, limits: Limits | None = None) -> Limits:
    """What the files of a version may take at most, with the times of `limits`."""
    leaves = manifest.blocks
    size = 0
    for entry in manifest.files:
        size += entry.size
        if entry.name != DATA_NAME:
            leaves += entry.size // DOCUMENT_LEAF + 1
    nodes = leaves // (MIN_CHILDREN - 1) + 16 * (len(manifest.files) + 1)
    beside = 64 * 1024 + 512 * len(manifest.files)  # manifest, signature, directory
    return replace(
        limits or Limits(), blocks=leaves + nodes + 4, bytes=size + (leaves + nodes) * _LINK_BYTES + beside + 4096
    )


def fetch_manifest(
    cid: Cid, sources: Sequence[BlockReader], into: BlockStore, *, limits: Limits | None = None
) -> Manifest:
    """The manifest with this CID; raises what `retrieve` and `Manifest.decode` raise."""
    chosen = replace(limits or Limits(), blocks=1, bytes=MAX_MANIFEST_BYTES, depth=0)
    retrieve([cid], sources, into, limits=chosen)
    return Manifest.decode(into.get(cid))


def fetch_files(
    manifest: Manifest,
    sources: Sequence[BlockReader],
    into: BlockStore,
    *,
    directory: Cid | None = None,
    have: Collection[Cid] = (),
    limits: Limits | None = None,
    progress: Progress | None = None,
    require: bool = True,
) -> Retrieved:
    """Bring all files of a version into the store, and its directory where one is known; raises as `retrieve` does."""
    roots = [entry.cid for entry in manifest.files] + ([directory] if directory else [])
    more = {"progress": progress} if progress else {}
    return retrieve(
        roots,
        sources,
        into,
        have=have,
        limits=limits_of(manifest, limits),
        require=require,
        **more,  # type: ignore[arg-type]
    )


def find_directory(manifest: Manifest, publisher: str, hints: Sequence[Cid], blocks: Blocks) -> Cid | None:
    """The first of the hints that is the directory of this version, if one is.

    Its signature must be of `publisher`, who published the version by its event, or missing: a contract account has
    none. The chain anchors the manifest alone; what stands beside it only a directory names.
    """
    shown = {entry.name: entry.cid for entry in manifest.files}
    shown[MANIFEST_NAME] = manifest.block.cid
    unsigned: Cid | None = None
    for hint in hints[:_MOST_PINS]:
        if hint.codec != DAG_PB:
            continue
        try:
            entries = read_directory(hint, blocks)
            signature = entries.pop(SIGNATURE_NAME, None)
            if entries != shown:
                continue
            if signature is None:
                unsigned = unsigned or hint
                continue
            signed = Signature.decode(blocks.get(signature))
        except TriplockError:
            continue
        if signature.codec == RAW and (signed.digest, signed.signer) == (manifest.fields.digest, publisher):
            return hint
    return unsigned


def hints_of(sources: Sequence[BlockReader]) -> list[Cid]:
    """The roots that the sources themselves name: those of CAR files, and what folders and nodes have pinned."""
    found: list[Cid] = []
    for source in sources:
        found += getattr(source, "roots", ())
        try:
            found += list(source.pins()) if hasattr(source, "pins") else []
        except TriplockError:
            continue
    return list(dict.fromkeys(found))


def cids_below(roots: Sequence[Cid], blocks: Blocks) -> Iterator[Cid]:
    """The CIDs of the DAGs below these roots, each once; leaves are named and not read."""
    seen = set(roots)
    waiting = list(reversed(roots))
    while waiting:
        cid = waiting.pop()
        yield cid
        if cid.codec == DAG_PB:
            fresh = [link.cid for link in decode(blocks.get(cid))[0] if link.cid not in seen]
            seen.update(fresh)
            waiting.extend(reversed(list(dict.fromkeys(fresh))))
