"""A version of any RDF document, from the file to its blocks, without a store of statements between them."""

from __future__ import annotations

import os
from collections.abc import Mapping

from anchoring.blockstores.protocol import BlockStore
from anchoring.dataset.document_build import build_document
from anchoring.rdf.formats import Format
from anchoring.rdf.rdf_input import Source
from anchoring.signing.snapshot import BlockWriter, Sign, Snapshot, VersionHeader, assemble


def write_document_version(
    source: Source,
    header: VersionHeader,
    files: Mapping[str, bytes],
    sign: Sign,
    store: BlockStore,
    *,
    format: str | Format | None = None,
    base: str | None = None,
    processes: int | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> Snapshot:
    """Builds the version whose dataset is an RDF document, and keeps every block of it, the directory pinned.

    `source` is a path, bytes or a binary stream; `format`, `base`, `processes` and `folder` are those of
    `build_document`, and `header`, `files` and `sign` those of `write_version`, whose result is the same.
    Raises what both raise; after a failure it may be called again.
    """
    writer = BlockWriter(store)
    dataset = build_document(source, format, base, writer.keep, processes=processes, folder=folder)
    snapshot = assemble(dataset, header, files, sign)
    writer.finish(snapshot)
    return snapshot
