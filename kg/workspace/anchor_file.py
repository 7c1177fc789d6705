"""An RDF file as it is, as a version of a graph of its own: one CAR, and an anchor on the chain.

For whoever has a dataset and wants no claims made of it. It does not go through the store, so a million quads take
seconds and little memory. The graph's label is the caller's; each further file under it is the next version.

The CAR is on the disk before anything is signed, and each signed transaction before it is sent. The same call again
builds the same bytes, finds what was sent, and goes on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from anchoring.blockstores.car_writer import CarWriter
from anchoring.blockstores.folder import write_durably
from anchoring.chain import publish as steps
from anchoring.chain.advance import Consent, Declined, Publishing, willing
from anchoring.chain.errors import StaleParent
from anchoring.chain.progress import Progress, State
from anchoring.chain.publish import PreparedPublish, Publication
from anchoring.dataset.document_build import build_document
from anchoring.dataset.version import Dataset
from anchoring.encoding.bounded_json import bounded_json
from anchoring.encoding.cid import RAW, Cid
from anchoring.rdf.rdf_input import Source
from anchoring.signing.anchor import Anchor
from anchoring.signing.snapshot import BlockWriter, Sign, Snapshot, VersionHeader, assemble
from kg.errors import LabelTaken, NoLicence
from kg.workspace.configuration import check
from kg.workspace.publish import WAIT, limits_of
from kg.workspace.snapshot import label_word

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

FOLDER = "anchored-files"


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How a file is read and its version is published.

    `format` and `base` are for the file, `processes` and `folder` as for `build_document`; `licence` empty: the
    settings'. `max_cost`: the most wei, None for the settings'; `wait`: seconds until it is final, 0 to send only.
    """

    format: str | None = None
    base: str | None = None
    processes: int | None = None
    folder: Path | None = None
    licence: str = ""
    max_cost: int | None = None
    wait: float = WAIT


@dataclass(frozen=True, slots=True)
class AnchoredFile:
    """A file's version. `anchor` is None where it was not sent, or only sent; `new`: it was not there before."""

    snapshot: Snapshot
    anchor: Anchor | None
    new: bool
    declined: bool = False


def anchor_file(
    workspace: Workspace,
    source: Source,
    target: Path,
    label: str,
    options: FileOptions | None = None,
    *,
    consent: Consent = willing,
) -> AnchoredFile:
    """Write the version of an RDF file to the CAR `target` and anchor it under the publisher's graph of that label.

    A file that is the graph's newest version already is written, and nothing is sent.
    Raises LabelTaken for the label of the workspace's own graph, NoLicence, BadConfiguration for a label or licence
    that cannot be used, what reading the file and writing the CAR
    raise, and what publishing raises; StaleParent where another publisher was first.
    """
    chosen = options or FileOptions()
    with workspace.changing():
        if label == workspace.configuration.graph.label:
            raise LabelTaken(
                f"{label!r} is the label of the workspace's own graph", remedy="give the file's graph another label"
            )
        licence = chosen.licence or workspace.configuration.graph.licence
        if not licence:
            raise NoLicence("the file has no licence", remedy="name it: --licence CC0-1.0, or an IRI")
        graph = replace(workspace.configuration.graph, label=label, licence=licence)
        check(replace(workspace.configuration, graph=graph), "anchored file")
        with CarWriter(target) as car:
            writer = BlockWriter(car)
            dataset = build_document(
                source, chosen.format, chosen.base, writer.keep, processes=chosen.processes, folder=chosen.folder
            )
            made = _next_version(workspace, dataset, label_word(label), licence)
            writer.finish(made)
        return _publish(workspace, made, label_word(label), chosen, consent)


def _next_version(workspace: Workspace, dataset: Dataset, label: bytes, licence: str) -> Snapshot:
    """The newest version where the dataset is that, else the one after it."""
    registry = workspace.chain.registry
    start = VersionHeader(
        chain_id=workspace.chain.graph.chain_id,
        registry=registry.address.lower(),
        owner=workspace.signer.address.lower(),
        label=label,
        licence=licence,
    )
    anchors = registry.anchors(start.graph)

    def after(before: list[Anchor], sign: Sign | None) -> Snapshot:
        if not before:
            return assemble(dataset, start, {}, sign)
        last = before[-1]
        header = replace(start, version=last.version + 1, parent=last.head, parent_manifest=Cid(RAW, last.manifest))
        return assemble(dataset, header, {}, sign)

    # Whether it is the newest version is asked without a signature: a person may have to press a button for one.
    if anchors and after(anchors[:-1], None).fields.head == anchors[-1].head:
        del anchors[-1]
    return after(anchors, workspace.signer.sign_digest)


def _publish(
    workspace: Workspace, made: Snapshot, label: bytes, options: FileOptions, consent: Consent
) -> AnchoredFile:
    fields = made.fields
    publication = Publication(label, fields.parent, fields.root, fields.quads, fields.blocks, fields.manifest)
    client, signer = workspace.chain.registry, workspace.signer
    before = steps.published(client, signer.address, publication)
    if before:
        return AnchoredFile(made, before, new=False)
    kept = _Kept(workspace.state / FOLDER / f"{fields.graph.graph.hex()}.json")
    head, progress = kept.read()
    left_behind: tuple[PreparedPublish, ...] = ()
    if head != fields.head:
        left_behind, progress = progress.attempts, Progress("pinned")

    machine = Publishing(
        client,
        signer,
        publication,
        keep=lambda after: kept.write(fields.head, after),
        consent=consent,
        limits=limits_of(workspace, options.max_cost),
        left_behind=left_behind,
    )
    try:
        machine.run(progress, wait=options.wait)
    except Declined:
        return AnchoredFile(made, None, new=False, declined=True)
    try:
        anchor = steps.published(client, signer.address, publication)
    except StaleParent:  # it was sent, and another publisher's version came into a block before it
        anchor = None
    return AnchoredFile(made, anchor, new=True)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of a graph's newest publication between two runs; no key is in it."""

    file: Path

    def read(self) -> tuple[bytes, Progress]:
        """The head word that it makes, and how far it is; nothing where there is no file."""
        try:
            document = bounded_json(self.file.read_bytes())
        except FileNotFoundError:
            return b"", Progress("pinned")
        attempts = tuple(map(PreparedPublish.from_json, document["attempts"]))
        block = document["block"]
        return bytes.fromhex(document["head"]), Progress(
            cast("State", document["state"]),
            attempts,
            bytes.fromhex(document["transaction"]),
            block["number"],
            bytes.fromhex(block["hash"]),
            document["note"],
        )

    def write(self, head: bytes, progress: Progress) -> None:
        """Replaces it, on the disk when this returns."""
        self.file.parent.mkdir(exist_ok=True)
        document = {
            "head": head.hex(),
            "state": progress.state,
            "attempts": [each.as_json() for each in progress.attempts],
            "transaction": progress.transaction.hex(),
            "block": {"number": progress.block_number, "hash": progress.block_hash.hex()},
            "note": progress.note,
        }
        write_durably(self.file, json.dumps(document, indent=1).encode())
