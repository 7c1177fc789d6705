"""The prose of documents, chunk by chunk, to the model: every chunk ends in the ledger as done, empty or failed.

A chunk is written down once its claims are in the graph, so a crash costs the call it hit. After some failures in a row
the model is not asked any more in this run: the other chunks are failed with that reason, and the next run asks again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors.documents.chunks import chunks as split
from extractors.documents.model import Chunk, Document
from extractors.models.errors import ModelRefusedCall
from extractors.models.metering import Meter
from extractors.reading.extractor import ChunkResult, Status
from extractors.reading.reader import Passage
from kg.claims.quads import agent_iri
from kg.jobs.sources import ChunkRecord, Spent
from kg.workspace.intake import IngestReport, Progress, add_claims
from kg.workspace.revising import FINISHED, passage_digest

if TYPE_CHECKING:
    from extractors.reading.extractor import Extractor
    from kg.workspace.workspace import Workspace

PATIENCE = 5
"""Failures in a row after which a model is given up for this run."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much of a document's prose is read: sections by their headings (none: all), and at most so many chunks."""

    sections: Sequence[str] = ()
    max_chunks: int | None = None

    def chunks(self, document: Document) -> list[Chunk]:
        """The chunks that are to be read."""
        return split(document, sections=self.sections or None)[: self.max_chunks]


class ProseReading:
    """Reads prose with one extractor, through `meter`, into a workspace, and counts in `report`."""

    def __init__(
        self,
        workspace: Workspace,
        extractor: Extractor,
        wanted: Wanted,
        meter: Meter,
        report: IngestReport,
        progress: Progress,
    ) -> None:
        self._workspace, self._extractor, self._wanted = workspace, extractor, wanted
        self._meter, self._report, self._progress = meter, report, progress
        self._reader = agent_iri(workspace.mint, extractor.agent).value
        self._in_a_row = 0
        self._last = ""

    def read(self, document: Document) -> int:
        """Read each chunk that has no end yet; how many failed. Raises AskingEnded, what came before being kept."""
        cid, name = str(document.cid), document.title or str(document.cid)
        statuses = self._workspace.sources.chunk_statuses(cid, self._reader)
        chunks = self._wanted.chunks(document)
        failed = 0
        for number, chunk in enumerate(chunks):
            self._progress(name, number, len(chunks), self._speed())
            before = statuses.get((chunk.start, chunk.end))
            if before in FINISHED:
                self._report.chunks[before] += 1
                continue
            self._meter.go_on()
            failed += self._chunk(document, chunk)
        self._progress(name, len(chunks), len(chunks), self._speed())
        return failed

    def _chunk(self, document: Document, chunk: Chunk) -> bool:
        """Read one chunk and write down how it ended; whether it failed."""
        result = self._result(document, chunk)
        used, report = result.usage, self._report
        claims = add_claims(self._workspace, result.claims) if result.claims else 0
        money = self._meter.prices.of(used.tokens_in, used.tokens_out)
        key = (str(document.cid), self._reader)
        self._workspace.sources.put_chunk(
            ChunkRecord(
                *key,
                start=chunk.start,
                end=chunk.end,
                status=result.status.value,
                reason=result.reason,
                claims=claims,
                tokens_in=used.tokens_in,
                tokens_out=used.tokens_out,
                seconds=used.seconds,
                rejected=tuple(result.rejected),
                passage=passage_digest(document, chunk),
                relations=Counter(claim.statements[0][1].value for claim in result.claims),
            ),
            Spent(
                *(*key, self._meter.prices.currency, used.calls),
                *(used.tokens_in, used.tokens_out, used.seconds, money),
            ),
        )
        report.calls += used.calls
        report.kept += used.kept
        report.chunks[result.status.value] += 1
        report.claims_inferred += claims
        report.tokens_in += used.tokens_in
        report.tokens_out += used.tokens_out
        report.seconds += used.seconds
        report.money += money
        if result.status is Status.FAILED:
            report.reasons[result.reason] += 1
        return result.status is Status.FAILED

    def _result(self, document: Document, chunk: Chunk) -> ChunkResult:
        if self._in_a_row >= PATIENCE and self._would_ask(document, chunk):
            return ChunkResult(Status.FAILED, f"not asked, {PATIENCE} chunks in a row had failed: {self._last}")
        try:
            result = self._extractor.extract(document, chunk)
        except ModelRefusedCall as error:
            result = ChunkResult(Status.FAILED, f"{error.code}: {error.what}")
        if result.status is Status.FAILED:
            self._in_a_row, self._last = self._in_a_row + 1, result.reason
        elif result.usage.calls:
            self._in_a_row = 0
        return result

    def _would_ask(self, document: Document, chunk: Chunk) -> bool:
        passages = (Passage(document, chunk, sentence) for sentence in chunk.sentences)
        return any(self._extractor.reader.asks(passage) for passage in passages)

    def _speed(self) -> str:
        speed = self._meter.tokens_a_second
        return f"{speed:.0f} tokens/s" if speed else ""
