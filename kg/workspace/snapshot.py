"""A version of the graph: the store's sorted quads as blocks, trees, manifest and signature, kept in the blocks folder.

The same graph on the same parent gives the same version, byte for byte, so a snapshot may be taken again at any time;
a version that waits unsent is replaced by the newer one under the same number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anchoring.encoding.cid import Cid
from anchoring.encoding.unixfs import document_blocks
from anchoring.signing.anchor import ZERO_WORD
from anchoring.signing.eip712 import VersionFields
from anchoring.signing.snapshot import BlockWriter, Sign, VersionHeader, assemble
from kg.errors import NoLicence, NothingToPublish
from kg.jobs.versions import UNSENT, VersionRecord
from kg.workspace.base import keep_base
from kg.workspace.building import build_data
from kg.workspace.description import ontology_file, void_file
from kg.workspace.overtaken import give_way

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace


def label_word(label: str) -> bytes:
    """The graph's label as 32 bytes: its ASCII text, zeros behind it."""
    return label.encode("ascii").ljust(32, b"\x00")


@dataclass(frozen=True, slots=True)
class Work:
    """What building a version took: data blocks and nodes that no version kept here had, their bytes together.

    `reason` says why every statement was read, and is empty where the version was built on an earlier one.
    """

    new_blocks: int
    new_bytes: int
    reason: str


def _unheard(work: Work) -> None:
    """For those who do not ask."""


def signing(workspace: Workspace) -> Sign | None:
    """How versions are signed: by the key, or not at all where a contract account publishes."""
    signer = workspace.signer
    return signer.sign_digest if workspace.chain.account == signer.address.lower() else None


def snapshot(workspace: Workspace, *, tell: Callable[[Work], None] = _unheard) -> VersionRecord:
    """Build the next version and keep its blocks; a version that is on its way to the chain is given back unchanged.

    One whose place another workspace of the same publisher has taken on the chain is built again on top of theirs.
    `tell` is called with what it took, where a version was built.
    Raises NothingToPublish for an empty graph and NoLicence where the settings name none.
    """
    with workspace.changing():
        give_way(workspace)
        return build(workspace, tell=tell)


def build(workspace: Workspace, *, tell: Callable[[Work], None] = _unheard) -> VersionRecord:
    """`snapshot` for a caller that holds the workspace's lock."""
    licence = workspace.configuration.graph.licence
    if not licence:
        raise NoLicence(
            "the graph has no licence",
            remedy='set licence under [graph] in triplock.toml to an SPDX id such as "CC0-1.0", or an IRI',
        )
    graph = str(workspace.chain.graph)
    waiting = workspace.versions.waiting(graph)
    if waiting and waiting.state not in UNSENT:
        return waiting
    parent = workspace.versions.latest(graph)
    if parent and parent.generation == workspace.store.generation and not waiting:
        return parent
    return _write(workspace, graph, parent, licence, tell)


def _write(
    workspace: Workspace, graph: str, parent: VersionRecord | None, licence: str, tell: Callable[[Work], None]
) -> VersionRecord:
    generation = workspace.store.generation
    writer = BlockWriter(workspace.blocks)
    data = build_data(workspace, writer.keep)
    if not data.dataset.leaves:
        raise NothingToPublish("the graph is empty", remedy="read something with `triplock ingest` first")
    tell(Work(writer.blocks, writer.bytes, data.reason))
    ontology = ontology_file(workspace)
    header = VersionHeader(
        chain_id=workspace.chain.graph.chain_id,
        registry=workspace.chain.graph.registry,
        owner=workspace.chain.creator,
        publisher=workspace.chain.account,
        label=label_word(workspace.configuration.graph.label),
        licence=licence,
        version=parent.number + 1 if parent else 1,
        parent=bytes.fromhex(parent.head[2:]) if parent else ZERO_WORD,
        parent_manifest=Cid.parse(parent.manifest) if parent else None,
        ontology=(document_blocks(ontology)[0],),
        sources=tuple(_sources(workspace)),
    )
    files = {"ontology.ttl": ontology, "void.ttl": void_file(workspace, licence, data.dataset.commitment.quads)}
    made = assemble(data.dataset, header, files, signing(workspace))
    if parent and parent.state == "final" and made.fields.root == bytes.fromhex(parent.root[2:]):
        # The graph is what it was when the parent was built, so a version that waits unsent says nothing new.
        workspace.versions.drop_unsent(graph)
        writer.flush()
        settled = workspace.versions.move(parent, parent.state, generation=generation)
        keep_base(workspace, settled, data.dataset, data.first_lines)
        return settled
    record = _record(made.fields, graph, str(made.cid), str(made.directory), str(made.manifest.data.cid), generation)
    writer.finish(made)
    keep_base(workspace, record, data.dataset, data.first_lines)
    workspace.versions.put(record)
    return record


def _record(
    fields: VersionFields, graph: str, manifest: str, directory: str, data: str, generation: int
) -> VersionRecord:
    return VersionRecord(
        head=f"0x{fields.head.hex()}",
        number=fields.version,
        graph=graph,
        state="built",
        parent=f"0x{fields.parent.hex()}",
        root=f"0x{fields.root.hex()}",
        quads=fields.quads,
        blocks=fields.blocks,
        manifest=manifest,
        directory=directory,
        data=data,
        generation=generation,
    )


def _sources(workspace: Workspace) -> list[Cid]:
    """The documents that the graph was read from."""
    return [Cid.parse(record.cid) for record in workspace.sources.all() if record.state != "withdrawn"]
