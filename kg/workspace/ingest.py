"""Documents into the graph: read by code, then by the model, chunk by chunk.

Each step is idempotent (the same claims have the same IRIs), so a crash anywhere costs only the step it hit.
Of a file whose content has changed, only what is new is read (kg.workspace.revising).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anchoring.encoding.unixfs import document_blocks
from anchoring.errors import ServiceFailed, TriplockError
from extractors.documents.chunks import chunks as split
from extractors.documents.claims import read_claims, read_warnings
from extractors.documents.load import MAX_BYTES, RDF_MEDIA_TYPES, load_document, walk
from extractors.documents.model import Chunk, Document
from extractors.reading.reader import Passage
from kg.claims.quads import agent_iri, document_quads
from kg.jobs.sources import ChunkRecord, SourceRecord
from kg.workspace.import_rdf import import_rdf
from kg.workspace.intake import IngestReport, Progress, add, add_claims, begin, silent
from kg.workspace.revising import FINISHED, not_standing, passage_digest, revise

if TYPE_CHECKING:
    from extractors.reading.extractor import Extractor
    from kg.workspace.workspace import Workspace


def ingest(
    workspace: Workspace,
    paths: Sequence[str | Path],
    *,
    extractor: Extractor | None = None,
    sections: Sequence[str] = (),
    max_chunks: int | None = None,
    max_bytes: int = MAX_BYTES,
    again: bool = False,
    progress: Progress = silent,
) -> IngestReport:
    """Read documents and RDF files into the graph; directories are walked.

    `extractor` reads the prose; without one only what fixed code can read is taken.
    `sections` (headings) and `max_chunks` a document narrow what it is given.
    `again` reads sources that were withdrawn before, too.
    Errors of single documents are collected in the report; what was read stays. One of the store ends it, and is
    raised if nothing was read before.
    """
    report = IngestReport()
    with workspace.changing():
        for found in walk(paths):
            path = found.path
            if found.media_type is None:
                report.skipped.append((str(path), found.reason))
                continue
            try:
                if found.media_type in RDF_MEDIA_TYPES:
                    import_rdf(workspace, path, report, again=again)
                else:
                    document = load_document(path, max_bytes=max_bytes)
                    if begin(workspace, path, str(document.cid), report, again=again):
                        prose = Prose(extractor, tuple(sections), max_chunks, progress)
                        _document(workspace, path, document, prose, report)
            except ServiceFailed as error:
                # The store or the disk, which no further document would get past; a failing model only fails chunks.
                if not report.documents and not report.unchanged:
                    raise
                report.failed.append((str(path), error))
                break
            except TriplockError as error:
                report.failed.append((str(path), error))
    return report


@dataclass(frozen=True, slots=True)
class Prose:
    """Who reads the prose of a document, and how much of it."""

    extractor: Extractor | None
    sections: tuple[str, ...]
    max_chunks: int | None
    progress: Progress

    def chunks(self, document: Document) -> list[Chunk]:
        """The chunks that are to be read."""
        return split(document, sections=self.sections or None)[: self.max_chunks]


def _document(workspace: Workspace, path: Path, document: Document, prose: Prose, report: IngestReport) -> None:
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
    report.revised += revise(workspace, record.path, document, read)
    report.claims_read += add_claims(workspace, not_standing(workspace, record.path, document, read))
    failed = 0
    asked = report.calls + report.kept
    if prose.extractor is not None:
        failed = _ask(workspace, document, prose.chunks(document), prose.extractor, prose.progress, report)
    workspace.sources.set_state(cid, "partly" if failed else "done")
    if known and known.state == "done" and report.calls + report.kept == asked:
        report.unchanged += 1
    else:
        report.documents += 1


def _ask(
    workspace: Workspace,
    document: Document,
    chunks: list[Chunk],
    extractor: Extractor,
    progress: Progress,
    report: IngestReport,
) -> int:
    """Ask the model about each chunk that has no answer yet; how many chunks failed."""
    cid, name = str(document.cid), document.title or str(document.cid)
    reader = agent_iri(workspace.mint, extractor.agent).value
    statuses = workspace.sources.chunk_statuses(cid, reader)
    failed = 0
    for number, chunk in enumerate(chunks):
        progress(name, number, len(chunks))
        before = statuses.get((chunk.start, chunk.end))
        if before in FINISHED:
            report.chunks[before] += 1
            continue
        result = extractor.extract(document, chunk)
        kept = add_claims(workspace, result.claims)
        workspace.sources.put_chunk(
            ChunkRecord(
                source=cid,
                extractor=reader,
                start=chunk.start,
                end=chunk.end,
                status=result.status.value,
                reason=result.reason,
                claims=kept,
                tokens_in=result.usage.tokens_in,
                tokens_out=result.usage.tokens_out,
                seconds=result.usage.seconds,
                rejected=tuple(result.rejected),
                passage=passage_digest(document, chunk),
            )
        )
        report.calls += result.usage.calls
        report.kept += result.usage.kept
        report.chunks[result.status.value] += 1
        report.claims_inferred += kept
        report.tokens_in += result.usage.tokens_in
        report.tokens_out += result.usage.tokens_out
        failed += result.status == "failed"
    progress(name, len(chunks), len(chunks))
    return failed


def has_prose(paths: Sequence[str | Path]) -> bool:
    """Whether anything in the paths could be read by a model: RDF files are not."""
    return any(found.media_type is not None and found.media_type not in RDF_MEDIA_TYPES for found in walk(paths))


@dataclass(slots=True)
class Plan:
    """What an ingest would read: documents, sentences of prose, and how many of these would be asked about."""

    documents: int = 0
    sentences: int = 0
    asked: int = 0


def plan(
    workspace: Workspace,
    paths: Sequence[str | Path],
    *,
    sections: Sequence[str] = (),
    max_chunks: int | None = None,
    max_bytes: int = MAX_BYTES,
    would_ask: Callable[[Passage], bool] | None = None,
) -> Plan:
    """What `ingest` would do with these paths, without doing it; `would_ask` is a reader's."""
    planned = Plan()
    for found in walk(paths):
        if found.media_type is None:
            continue
        planned.documents += 1
        if found.media_type not in RDF_MEDIA_TYPES:
            document = load_document(found.path, max_bytes=max_bytes)
            chunks = Prose(None, tuple(sections), max_chunks, silent).chunks(document)
            prose = [Passage(document, chunk, sentence) for chunk in chunks for sentence in chunk.sentences]
            planned.sentences += len(prose)
            if would_ask is not None:
                planned.asked += sum(would_ask(passage) for passage in prose)
    return planned
