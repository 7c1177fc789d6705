"""Verifies a version for someone who trusts only a graph id and their own endpoint.

Nothing in the blocks or the manifest is believed: it is re-hashed, rebuilt and compared with what the registry at the
address in the graph id says. Without a chain all else is checked, and the chain's part is named as unchecked.
Proofs are verified by `anchoring.verification.verify_bundle`.
Format: docs/format.md, section "What a verifier may believe".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from anchoring.blockstores.errors import BlockNotFound
from anchoring.blockstores.protocol import BlockReader
from anchoring.encoding.cid import RAW, Cid
from anchoring.encoding.unixfs_reader import read_directory
from anchoring.errors import InputRefused, Refuted, WrongUsage
from anchoring.signing.anchor import GraphId
from anchoring.signing.manifest import MANIFEST_NAME, SIGNATURE_NAME, Manifest
from anchoring.signing.signature_file import Signature
from anchoring.verification.check_anchor import (
    MAX_AGE,
    NO_CHAIN,
    Chain,
    Found,
    Freshness,
    check_anchor,
    check_current,
    check_graph,
    check_parent,
    leave_anchor_unchecked,
)
from anchoring.verification.check_data import DATA_CHECKS, check_data, check_files
from anchoring.verification.check_signature import Signed
from anchoring.verification.fetch import AnyOf
from anchoring.verification.verdict import Examination, Verdict

Depth = Literal["complete", "anchor"]
"""`complete` reads every block; `anchor` stops at manifest, signature and chain, and names the rest as unchecked."""


class VersionUnknown(WrongUsage):
    """A version number says which manifest is meant only together with a chain that knows it."""

    code = "version-unknown"


class DirectoryRefuted(Refuted):
    """The directory shows other files than the manifest names."""

    code = "directory-refuted"


def verify_version(
    target: Cid | int,
    *,
    graph: GraphId,
    readers: Sequence[BlockReader],
    chain: Chain | None = None,
    signature: bytes | None = None,
    depth: Depth = "complete",
    current: bool = False,
    max_age: float = MAX_AGE,
) -> Verdict:
    """The verdict about a version: `target` is its directory's CID, its manifest's, or its number.

    `signature` is the content of `signature.json` where the target is not the directory; without it the
    publisher's transaction stands for it. With `current` the version must be the graph's newest, as of a block of the
    endpoint that is at most `max_age` seconds old. Raises ServiceFailed where a reader or the chain does not answer,
    VersionUnknown for a number that no chain at hand knows.
    """
    examination = Examination(about={"graph": str(graph), "chain": graph.chain_id, "registry": graph.registry})
    blocks = AnyOf(readers)
    cid = _manifest_of(target, graph, chain) if isinstance(target, int) else target
    subject = f"version {target} of {graph}" if isinstance(target, int) else str(target)
    entries: dict[str, Cid] = {}
    if cid.codec != RAW:
        examination.about["directory"] = str(cid)

        def open_directory() -> str:
            entries.update(read_directory(cid, blocks))
            if MANIFEST_NAME not in entries:
                raise DirectoryRefuted(f"{cid} holds {sorted(entries)[:8]}", remedy="give the CID of a version")
            return f"{len(entries)} files"

        if not examination.attempt("directory", open_directory):
            return examination.verdict(subject)
        cid = entries[MANIFEST_NAME]

    read: list[Manifest] = []

    def read_manifest() -> str:
        read.append(Manifest.decode(blocks.get(cid)))
        return f"{cid}, version {read[0].version}, licence {read[0].licence}"

    if not examination.attempt("manifest", read_manifest):
        return examination.verdict(subject)
    manifest = read[0]
    if not check_graph(examination, manifest, graph):
        return examination.verdict(subject)
    if entries:
        shown = {name: entry for name, entry in entries.items() if name not in (MANIFEST_NAME, SIGNATURE_NAME)}
        examination.expect(
            "listing",
            shown == {entry.name: entry.cid for entry in manifest.files},
            passed="the directory shows the files that the manifest names",
            refuted=f"the directory shows {sorted(shown)[:8]}, not the files that the manifest names",
        )
    signed = _signed(manifest, entries.get(SIGNATURE_NAME), signature, blocks)
    signature_at = len(examination.checks)
    if depth == "complete":
        check_files(examination, manifest, blocks)
        check_data(examination, manifest, blocks)
    else:
        for name in ("files", *DATA_CHECKS):
            examination.unchecked(name, "only manifest, signature and anchor were asked for")
    found = _check_chain(examination, manifest, signed, chain)
    check_current(examination, manifest.fields, chain, Freshness(current, max_age))
    # The event decides who published, so the signature is judged once it is known, and stands where it belongs.
    examination.insert(signature_at, signed.judged(owner=manifest.owner, publisher=found.publisher))
    return examination.verdict(subject)


def _manifest_of(version: int, graph: GraphId, chain: Chain | None) -> Cid:
    anchors = chain.source.anchors(graph) if chain else ()
    for anchor in anchors:
        if anchor.version == version:
            return Cid(RAW, anchor.manifest)
    raise VersionUnknown(
        f"version {version} of {graph} is not known" + ("" if chain else " without a chain"),
        remedy="give the CID of its directory or manifest" + ("" if chain else ", or an endpoint of the chain"),
    )


def _signed(manifest: Manifest, cid: Cid | None, content: bytes | None, blocks: AnyOf) -> Signed:
    """What `signature.json` shows, wherever it is to be had."""
    if cid is None and content is None:
        return Signed()
    try:
        file = Signature.decode(blocks.get(cid) if cid else content or b"")
    except BlockNotFound as error:
        return Signed(unread=error.what)
    except (Refuted, InputRefused) as error:
        return Signed(fault=error.what)
    if file.digest != manifest.fields.digest:
        return Signed(fault=f"the file is signed by {file.signer} over 0x{file.digest.hex()}, another version")
    return Signed(signer=file.signer)


def _check_chain(examination: Examination, manifest: Manifest, signed: Signed, chain: Chain | None) -> Found:
    """Notes the chain's part; what was found of the version's event."""
    if chain is None:
        leave_anchor_unchecked(examination, NO_CHAIN)
        examination.unchecked("parent", NO_CHAIN)
        return Found()
    found = check_anchor(examination, manifest.fields, signed, chain)
    check_parent(examination, manifest, found.history)
    return found
