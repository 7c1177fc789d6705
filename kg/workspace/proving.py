"""Proofs out of versions: a claim, the provenance of what it states, and the quoted bytes of its documents.

All of it is read out of the version itself, through the list of its top leaves, so that neither the store nor the
whole dataset is needed, and any version can be proven of that somebody names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from anchoring.blockstores.errors import BlockNotFound
from anchoring.dataset.top_index import TopIndex
from anchoring.dataset.version import Dataset, load_dataset
from anchoring.encoding.cid import BadCid, Cid
from anchoring.encoding.dag_pb import BadNode
from anchoring.encoding.unixfs_reader import Blocks, read_file
from anchoring.errors import Refuted
from anchoring.proofs.bundle import Bundle
from anchoring.proofs.claims import ClaimKind
from anchoring.proofs.excerpt import BadExcerpt, Excerpt, is_encoding, make_excerpt
from anchoring.proofs.line_index import LineIndex
from anchoring.proofs.proving import BuiltVersion, prove
from anchoring.rdf.nquads import parse_line, serialize
from anchoring.signing.manifest import Manifest
from anchoring.verification.fetch import AnyOf
from kg.claims import vocabulary as v
from kg.errors import NoSuchVersion
from kg.jobs.versions import VersionRecord
from kg.workspace.named_version import NamedVersion
from kg.workspace.proven_claim import Wanted
from kg.workspace.provenance import about_claim
from kg.workspace.version_lines import VersionLines

if TYPE_CHECKING:
    from anchoring.chain.registry import RegistryClient
    from kg.workspace.workspace import Workspace


class VersionRefuted(Refuted):
    """The data of a version is not what its manifest commits to, so nothing can be proven of it."""

    code = "version-refuted"


def keep_index(workspace: Workspace, record: VersionRecord, dataset: Dataset) -> None:
    """Keep the top leaves of a version, from which proofs are made without reading every block."""
    _keep(_index_file(workspace, record.head[2:]), dataset)


def _index_file(workspace: Workspace, head: str) -> Path:
    return workspace.state / "versions" / f"{head}.index"


def _keep(index: Path, dataset: Dataset) -> None:
    index.parent.mkdir(exist_ok=True)
    temporary = index.with_suffix(".tmp")
    temporary.write_bytes(dataset.index())
    temporary.replace(index)


def holds(workspace: Workspace, record: VersionRecord, quad: Quad) -> bool:
    """Whether a version has a statement."""
    return index_of(named_record(workspace, record), workspace).holds(serialize(quad))


def version_of(workspace: Workspace, number: int | None = None) -> VersionRecord:
    """The version with this number, or the newest that is on the chain; raises NoSuchVersion.

    Where the settings named another chain, registry or label before, the versions of that graph do not count.
    """
    settled = [record for record in workspace.versions.all() if record.anchored]
    if len({record.graph for record in settled}) > 1:
        current = str(workspace.chain.graph)
        settled = [record for record in settled if record.graph == current]
    found = [record for record in settled if number is None or record.number == number]
    if not found:
        known = ", ".join(str(record.number) for record in settled) or "none"
        raise NoSuchVersion(
            f"there is no published version {number if number is not None else ''}".rstrip(),
            remedy=f"publish one with `triplock publish`; published so far: {known}",
        )
    return found[-1]


def named_record(workspace: Workspace, record: VersionRecord) -> NamedVersion:
    """A version of the ledger, opened for reading."""
    blocks = AnyOf([workspace.blocks])
    manifest = Manifest.decode(blocks.get(Cid.parse(record.manifest)))
    return NamedVersion(str(record.number), manifest, blocks, Cid.parse(record.directory) if record.directory else None)


def built(version: NamedVersion, workspace: Workspace | None) -> BuiltVersion:
    """A version to be proven about, with its signature; raises what `index_of` and `NamedVersion.signature` raise."""
    return BuiltVersion(version.manifest, index_of(version, workspace), version.signature())


def index_of(version: NamedVersion, workspace: Workspace | None) -> LineIndex:
    """The lines of a version by its top leaves: from the index that the workspace keeps, else read out of its blocks.

    Raises VersionRefuted where its data is not what the manifest commits to, and what reading raises.
    """
    manifest = version.manifest
    index = workspace and _index_file(workspace, manifest.fields.head.hex())
    if index and index.is_file():
        return LineIndex(TopIndex(index.read_bytes(), root=manifest.root), version.blocks)
    dataset = load_dataset(manifest.data.cid, version.blocks, size=manifest.data.size)
    found = dataset.commitment
    if (found.root, found.quads, found.blocks) != (manifest.root, manifest.quads, manifest.blocks):
        raise VersionRefuted(
            f"the lines of version {manifest.version} have the root 0x{found.root.hex()}, its manifest says"
            f" 0x{manifest.root.hex()}",
            remedy="verify the version; do not rely on it",
        )
    if index:
        _keep(index, dataset)
    return LineIndex(dataset, version.blocks)


def prove_claim(wanted: Wanted, version: NamedVersion, *, workspace: Workspace | None) -> Bundle:
    """The proof bundle of what is wanted about a version; its parent and documents are looked for where it is.

    For claims the bundle also has their provenance, and the quoted bytes of documents that are at hand.
    Raises what `Wanted.claim`, `built` and `prove` raise.
    """
    now = built(version, workspace)
    before = None
    if version.manifest.parent_manifest and wanted.kind in (ClaimKind.ADDED, ClaimKind.REMOVED):
        before = built(_parent(version), workspace)
    claim = wanted.claim(now.lines, before.lines if before else None, version=version.manifest.version)
    about: list[Quad] = []
    if wanted.kind in (ClaimKind.PRESENCE, ClaimKind.ADDED):
        about = list(dict.fromkeys(_about(claim.statements, VersionLines(now.lines))))
    return prove(
        claim,
        now,
        parent=before,
        beside=map(serialize, about),
        excerpts=_excerpts(VersionLines(now.lines), about, version.blocks),
    )


def prove_statement(workspace: Workspace, wanted: Wanted, *, number: int | None = None) -> Bundle:
    """The proof bundle of what is wanted about a published version of the workspace, the newest by default.

    Raises NoSuchVersion, and what `prove_claim` raises.
    """
    return prove_claim(wanted, named_record(workspace, version_of(workspace, number)), workspace=workspace)


def with_chain(bundle: Bundle, registry: RegistryClient, lacking: Callable[[str], None]) -> Bundle:
    """The same bundle with the chain's own proof in it; `lacking` is told what the endpoint does not give.

    Raises NoSuchVersion where the version is not on the chain, NoChainProof, and ServiceFailed.
    """
    from anchoring.chain.chain_proof_maker import NoChainProof, make_chain_proof

    fields = bundle.manifest.fields
    anchor = next((each for each in registry.anchors(fields.graph) if each.head == fields.head), None)
    if anchor is None:
        raise NoSuchVersion(
            f"version {fields.version} of {fields.graph} is not on the chain, so the chain proves nothing of it",
            remedy="publish it first, or leave --chain out",
        )
    chain = make_chain_proof(registry, anchor, lacking=lacking)
    if not (chain.anchor or chain.head):
        raise NoChainProof(f"{registry.endpoint.name} gives neither the block's receipts nor a proof of its state")
    return replace(bundle, chain=chain)


def _parent(version: NamedVersion) -> NamedVersion:
    cid = version.manifest.parent_manifest
    assert cid is not None  # noqa: S101 - asked by the caller
    return NamedVersion(str(cid), Manifest.decode(version.blocks.get(cid)), version.blocks)


def _about(statements: Iterable[bytes], lines: VersionLines) -> Iterator[Quad]:
    """What the version says about the claims that these statements stand in."""
    for graph in dict.fromkeys(parse_line(statement).graph_name for statement in statements):
        if isinstance(graph, NamedNode):
            yield from about_claim(lines, graph)


def _excerpts(lines: VersionLines, about: list[Quad], blocks: Blocks) -> Iterator[Excerpt]:
    """The quotes among these statements, as bytes of their documents, where those are at hand."""
    for quad in about:
        if quad.predicate != v.EXACT or not isinstance(quad.subject, NamedNode):
            continue
        span = {q.predicate: q.object for q in about if q.subject == quad.subject}
        start, end, quote = span.get(v.START), span.get(v.END), quad.object
        if not (isinstance(start, Literal) and isinstance(end, Literal) and isinstance(quote, Literal)):
            continue
        try:
            cid = Cid.parse(quad.subject.value.partition("#")[0])
            document = read_file(cid, blocks)
        except (BlockNotFound, BadCid, BadNode):
            continue  # a document that is not at hand; its statements stay
        for encoding in _encodings(lines, cid):
            try:
                text = document.decode(encoding)
                first = len(text[: int(start.value)].encode(encoding))
                last = first + len(text[int(start.value) : int(end.value)].encode(encoding))
                yield make_excerpt(cid, first, last, quote.value, blocks)
                break
            except (BadExcerpt, BadNode, LookupError, ValueError):
                continue  # not in this encoding, or in one that verifiers do not know


def _encodings(lines: VersionLines, document: Cid) -> list[str]:
    """What the version says the document is encoded in, whoever says so; else UTF-8. A wrong one quotes nothing."""
    stated = islice(lines.match(NamedNode(document.iri), v.ENCODING), 8)
    named = [quad.object.value for quad in stated if isinstance(quad.object, Literal)]
    return [name for name in named if is_encoding(name)] or ["utf-8"]
