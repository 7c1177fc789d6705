"""Documents into the graph: read by code, then by the model, chunk by chunk.

Each step is idempotent (the same claims have the same IRIs), so a crash anywhere costs only the step it hit.
Of a file whose content has changed, only what is new is read (kg.workspace.revising).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from anchoring.encoding.unixfs import document_blocks
from anchoring.errors import ServiceFailed, TriplockError
from extractors.documents.claims import read_claims, read_warnings
from extractors.documents.load import MAX_BYTES, PDF, RDF_MEDIA_TYPES, load_document, walk
from extractors.documents.model import Document
from extractors.models.errors import AskingEnded
from extractors.models.metering import Meter
from kg.claims.model import Claim
from kg.claims.quads import document_quads
from kg.jobs.sources import SourceRecord
from kg.workspace.import_rdf import import_rdf
from kg.workspace.intake import IngestReport, Progress, add, add_claims, begin, silent
from kg.workspace.merging import update_merges
from kg.workspace.prose import ProseReading, Wanted
from kg.workspace.revising import not_standing, revise

if TYPE_CHECKING:
    from extractors.document_relations.reading import RelationReader
    from extractors.reading.extractor import Extractor
    from kg.workspace.workspace import Workspace


def ingest(
    workspace: Workspace,
    paths: Sequence[str | Path],
    *,
    extractor: Extractor | None = None,
    relations: Sequence[RelationReader] = (),
    sections: Sequence[str] = (),
    max_chunks: int | None = None,
    max_bytes: int = MAX_BYTES,
    again: bool = False,
    meter: Meter | None = None,
    merge: bool = True,
    progress: Progress = silent,
) -> IngestReport:
    """Read documents and RDF files into the graph; directories are walked.

    `extractor` reads the prose, `relations` what documents show as wholes; without them only what fixed code can read
    is taken.
    `sections` (headings) and `max_chunks` a document narrow what it is given.
    `again` reads sources that were withdrawn before, too. `meter` is the one that the extractor's calls go through:
    where a limit of it is reached, or it is told to stop, reading ends and the report says so.
    Without `merge` the merges of entities stay as they are.
    Errors of single documents are collected in the report; what was read stays. One of the store ends it, and is
    raised if nothing was read before.
    """
    report = IngestReport()
    meter = meter or Meter()
    wanted = Wanted(tuple(sections), max_chunks)
    prose = ProseReading(workspace, extractor, wanted, meter, report, progress) if extractor else None
    with workspace.changing():
        files = list(walk(paths))
        for number, found in enumerate(files):
            path = found.path
            if found.media_type is None:
                report.skipped.append((str(path), found.reason))
                continue
            try:
                meter.go_on()
                if found.media_type in RDF_MEDIA_TYPES:
                    import_rdf(workspace, path, report, again=again)
                else:
                    document = load_document(path, max_bytes=max_bytes)
                    if begin(workspace, path, str(document.cid), report, again=again):
                        whole = [claim for r in relations for claim in r.claims(document, workspace.mint)]
                        _document(workspace, path, document, whole, prose, report)
            except AskingEnded as ended:
                report.ended = ended
                report.left = len(files) - number
                break
            except ServiceFailed as error:
                # The store or the disk, which no further document would get past; a failing model only fails chunks.
                if not report.documents and not report.unchanged:
                    raise
                report.failed.append((str(path), error))
                return report
            except TriplockError as error:
                report.failed.append((str(path), error))
        report.merges = update_merges(workspace) if merge else None
    return report


def _document(
    workspace: Workspace,
    path: Path,
    document: Document,
    whole: Sequence[Claim],
    prose: ProseReading | None,
    report: IngestReport,
) -> None:
    """Read one document; `whole` is what weights found in it as a whole."""
    cid = str(document.cid)
    root, blocks = document_blocks(document.content)
    workspace.blocks.put(blocks, [root])
    warning = "; ".join(read_warnings(document))
    known = workspace.sources.get(cid)
    record = SourceRecord(
        cid, str(path.resolve()), document.media_type, len(document.content), document.subject, "reading", warning
    )
    if warning:
        report.warnings.append((str(path), warning))
    workspace.sources.put(record)
    about = document_quads(
        workspace.mint,
        document.cid,
        size=len(document.content),
        media_type=document.media_type,
        encoding=document.encoding,
        title=document.title,
    )
    add(workspace, about)
    read = read_claims(document, workspace.mint)
    report.revised += revise(workspace, record.path, document, [*read, *whole])
    new_read, new_whole = not_standing(workspace, record.path, document, read, whole)
    report.claims_read += add_claims(workspace, new_read)
    report.claims_weighed += add_claims(workspace, new_whole)
    asked = report.calls + report.kept
    try:
        failed = prose.read(document) if prose else 0
    except AskingEnded:
        workspace.sources.set_state(cid, "partly")
        raise
    workspace.sources.set_state(cid, "partly" if failed else "done")
    if known and known.state == "done" and report.calls + report.kept == asked:
        report.unchanged += 1
    else:
        report.documents += 1


def has_prose(
    paths: Sequence[str | Path],
    *,
    sections: Sequence[str] = (),
    max_chunks: int | None = None,
    max_bytes: int = MAX_BYTES,
) -> bool:
    """Whether a document in the paths has prose that `ingest` would give a model; one that cannot be read has none.

    Documents are read up to the first that has some; PDFs, which take long to read, count without a look.
    """
    wanted = Wanted(tuple(sections), max_chunks)
    if max_chunks == 0:
        return False
    for found in walk(paths):
        if found.media_type is None or found.media_type in RDF_MEDIA_TYPES:
            continue
        if found.media_type == PDF:
            return True
        with suppress(TriplockError):
            if wanted.chunks(load_document(found.path, max_bytes=max_bytes)):
                return True
    return False
