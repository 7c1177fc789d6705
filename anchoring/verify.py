"""Verifies a version, or one statement of it, for someone who trusts only a graph id and their own endpoint.

Nothing in the blocks, the manifest or the bundle is believed: it is re-hashed, rebuilt and compared with what the
registry at the address in the graph id says. Without a chain all else is checked, and the chain's part is named
as unchecked.
Format: docs/format.md, section "What a verifier may believe".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

from anchoring.anchor import GraphId
from anchoring.blockstores.protocol import BlockReader
from anchoring.bundle import Bundle
from anchoring.check_anchor import NO_CHAIN, Chain, check_anchor, leave_anchor_unchecked
from anchoring.check_data import DATA_CHECKS, check_data, check_files
from anchoring.cid import RAW, Cid
from anchoring.eip712 import BadSignature, recover
from anchoring.errors import Refuted, WrongUsage
from anchoring.excerpt import Excerpt, Said
from anchoring.fetch import AnyOf
from anchoring.manifest import MANIFEST_NAME, SIGNATURE_NAME, Manifest
from anchoring.proof import Presence
from anchoring.signature_file import Signature
from anchoring.unixfs_reader import read_directory
from anchoring.verdict import Examination, Verdict

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
) -> Verdict:
    """The verdict about a version: `target` is its directory's CID, its manifest's, or its number.

    `signature` is the content of `signature.json` where the target is not the directory; without it the owner's
    transaction stands for it. Raises ServiceFailed where a reader or the chain does not answer,
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
            if not {MANIFEST_NAME, SIGNATURE_NAME} <= entries.keys():
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
    if not _check_graph(examination, manifest, graph):
        return examination.verdict(subject)
    if entries:
        shown = {name: entry for name, entry in entries.items() if name not in (MANIFEST_NAME, SIGNATURE_NAME)}
        examination.expect(
            "listing",
            shown == {entry.name: entry.cid for entry in manifest.files},
            passed="the directory shows the files that the manifest names",
            refuted=f"the directory shows {sorted(shown)[:8]}, not the files that the manifest names",
        )
    _check_signature_file(examination, manifest, entries.get(SIGNATURE_NAME), signature, blocks, chain)
    if depth == "complete":
        check_files(examination, manifest, blocks)
        check_data(examination, manifest, blocks)
    else:
        for name in ("files", *DATA_CHECKS):
            examination.unchecked(name, "only manifest, signature and anchor were asked for")
    _check_chain(examination, manifest, chain)
    return examination.verdict(subject)


def verify_proof(content: bytes, *, graph: GraphId, chain: Chain | None = None) -> Verdict:
    """The verdict about a proof bundle: its statement stands in a version that the graph's owner published.

    Any bytes may be given: what is no bundle is refuted. Raises ServiceFailed where the chain does not answer.
    """
    examination = Examination(about={"graph": str(graph), "chain": graph.chain_id, "registry": graph.registry})
    read: list[Bundle] = []

    def read_bundle() -> str:
        read.append(Bundle.decode(content))
        return f"{len(content)} bytes"

    if not examination.attempt("bundle", read_bundle):
        return examination.verdict("proof")
    bundle = read[0]
    manifest = bundle.manifest
    if not _check_graph(examination, manifest, graph):
        return examination.verdict("proof")
    _check_signature(examination, manifest, bundle.signature)
    statements = [("statement", bundle.presence)]
    statements += [(f"attachment {number}", each) for number, each in enumerate(bundle.attachments, 1)]
    proven = all(_check_presence(examination, name, manifest, presence) for name, presence in statements)
    if proven:
        said = Said.by(bundle.lines)
        for number, excerpt in enumerate(bundle.excerpts, 1):
            examination.attempt(f"excerpt {number}", partial(_read_excerpt, excerpt, said))
    examination.about["statement"] = bundle.presence.line.decode(errors="replace")
    _check_chain(examination, manifest, chain)
    return examination.verdict("proof")


def _read_excerpt(excerpt: Excerpt, said: Said) -> str:
    excerpt.check(said)
    return f"{excerpt.document} holds it at bytes {excerpt.start} to {excerpt.end}: {excerpt.quote[:120]!r}"


def _manifest_of(version: int, graph: GraphId, chain: Chain | None) -> Cid:
    anchors = chain.source.anchors(graph) if chain else ()
    for anchor in anchors:
        if anchor.version == version:
            return Cid(RAW, anchor.manifest)
    raise VersionUnknown(
        f"version {version} of {graph} is not known" + ("" if chain else " without a chain"),
        remedy="give the CID of its directory or manifest" + ("" if chain else ", or an endpoint of the chain"),
    )


def _check_graph(examination: Examination, manifest: Manifest, graph: GraphId) -> bool:
    """The first thing to hold: what follows is about the graph that the verifier named, and no other registry's."""
    examination.about.update(version=manifest.version, root=f"0x{manifest.root.hex()}", quads=manifest.quads)
    return examination.expect(
        "graph",
        manifest.graph == graph,
        passed=f"{graph}",
        refuted=f"it is a version of {manifest.graph}, not of {graph}",
    )


def _check_signature(examination: Examination, manifest: Manifest, signature: bytes) -> None:
    def signed() -> str:
        signer = recover(manifest.fields.digest, signature)
        if signer != manifest.owner:
            raise BadSignature(f"the version is signed by {signer}, the graph's owner is {manifest.owner}")
        return f"by the owner {signer}"

    examination.attempt("signature", signed)


def _check_signature_file(
    examination: Examination,
    manifest: Manifest,
    cid: Cid | None,
    content: bytes | None,
    blocks: AnyOf,
    chain: Chain | None,
) -> None:
    if cid is None and content is None:
        if chain:
            examination.passed("signature", "no signature.json at hand; the owner's transaction stands for it")
        else:
            examination.unchecked("signature", "no signature.json at hand; give the directory's CID")
        return

    def signed() -> str:
        file = Signature.decode(blocks.get(cid) if cid else content or b"")
        if file.digest != manifest.fields.digest or file.signer != manifest.owner:
            raise BadSignature(f"the file is signed by {file.signer} over 0x{file.digest.hex()}, another version")
        return f"by the owner {file.signer}"

    examination.attempt("signature", signed)


def _check_presence(examination: Examination, name: str, manifest: Manifest, presence: Presence) -> bool:
    def present() -> str:
        presence.check(root=manifest.root, quads=manifest.quads, blocks=manifest.blocks)
        return f"statement {presence.position + 1} of {manifest.quads}"

    return examination.attempt(name, present)


def _check_chain(examination: Examination, manifest: Manifest, chain: Chain | None) -> None:
    if chain is None:
        leave_anchor_unchecked(examination, NO_CHAIN)
        examination.unchecked("parent", NO_CHAIN)
        return
    history = check_anchor(examination, manifest.fields, manifest.owner, chain)
    if manifest.parent_manifest and history:
        before = Cid(RAW, history[-2].manifest)
        examination.expect(
            "parent",
            manifest.parent_manifest == before,
            passed=f"version {manifest.version - 1} has the manifest {before}",
            refuted=f"version {manifest.version - 1} has the manifest {before}, not {manifest.parent_manifest}",
        )
