"""What an ingest would ask and cost, before it does: the reader's own way to the model, with a model that counts.

Chunks that have an end, passages that stood in a former content, and answers that are kept cost nothing. Tokens of
prompts are the model's own count where its tokenizer can be asked. Seconds come from three chunks that are asked for
the purpose (their answers are kept), else from what the ledger knows of earlier runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from anchoring.errors import TriplockError
from extractors.documents.load import MAX_BYTES, RDF_MEDIA_TYPES, load_document, walk
from extractors.documents.model import Chunk, Document
from extractors.models.dry_run import Unasked
from extractors.models.metering import Meter
from extractors.models.pace import Pace
from kg.claims.quads import agent_iri
from kg.workspace.prose import Wanted
from kg.workspace.revising import FINISHED, would_carry

if TYPE_CHECKING:
    from extractors.reading.extractor import Extractor
    from kg.workspace.workspace import Workspace

ANSWER_TOKENS = 12.0
"""Of an answer, where nothing is known yet: a line, or `none`."""
CALIBRATION = 3


@dataclass(frozen=True, slots=True)
class _Asked:
    """A chunk that would be asked about, and the tokens of its prompts."""

    path: Path
    start: int
    end: int
    prompts: tuple[int, ...]


@dataclass(slots=True)
class Plan:
    """What an ingest would do.

    `asked` are calls, `kept` answers from before. `exact` says whether prompts were counted by the model's tokenizer.
    `seconds` is None where nothing is known of the model's pace; `basis` says what it rests on.
    """

    documents: int = 0
    sentences: int = 0
    chunks: int = 0
    asked: int = 0
    kept: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    exact: bool = True
    seconds: float | None = None
    basis: str = "unknown before the first run; --calibrate asks three chunks"
    money: float = 0.0
    failed: list[tuple[str, TriplockError]] = field(default_factory=list)
    calls: list[_Asked] = field(default_factory=list)

    @property
    def prompts(self) -> list[int]:
        """The tokens of every prompt, in order."""
        return [tokens for each in self.calls for tokens in each.prompts]

    def as_json(self) -> dict[str, object]:
        """The document for `--json`."""
        return {
            "documents": self.documents,
            "sentences": self.sentences,
            "chunks": self.chunks,
            "asked": self.asked,
            "kept": self.kept,
            "tokens": {"prompt": self.tokens_in, "completion": self.tokens_out, "exact": self.exact},
            "seconds": None if self.seconds is None else round(self.seconds, 1),
            "basis": self.basis,
            "money": self.money,
            "failed": [{"path": path, **error.as_json()} for path, error in self.failed],
        }


def plan(
    workspace: Workspace,
    paths: Sequence[str | Path],
    *,
    dry: tuple[Extractor, Unasked] | None,
    sections: Sequence[str] = (),
    max_chunks: int | None = None,
    max_bytes: int = MAX_BYTES,
) -> Plan:
    """What `ingest` would do with these paths, without doing it; `dry` is what `open_dry_run` gives."""
    planned, wanted = Plan(), Wanted(tuple(sections), max_chunks)
    reader = agent_iri(workspace.mint, dry[0].agent).value if dry else ""
    for found in walk(paths):
        if found.media_type is None:
            continue
        planned.documents += 1
        if found.media_type in RDF_MEDIA_TYPES:
            continue
        try:
            document = load_document(found.path, max_bytes=max_bytes)
        except TriplockError as error:
            planned.failed.append((str(found.path), error))
            continue
        chunks = wanted.chunks(document)
        planned.sentences += sum(len(chunk.sentences) for chunk in chunks)
        if dry is None:
            continue
        finished = _finished(workspace, found.path, document, reader)
        waiting = [chunk for chunk in chunks if (chunk.start, chunk.end) not in finished]
        planned.chunks += len(waiting)
        for chunk in waiting:
            planned.kept += _count(found.path, document, chunk, dry, planned)
    planned.exact = dry is None or dry[1].tokens.exact or not planned.calls
    spent = [each for each in workspace.sources.spent() if each.extractor == reader and each.calls]
    calls = sum(each.calls for each in spent)
    if calls:
        planned.seconds = sum(each.seconds for each in spent) / calls * len(planned.prompts)
        planned.basis = f"as {calls} calls of earlier runs"
    _total(planned, sum(each.tokens_out for each in spent) / calls if calls else ANSWER_TOKENS)
    return planned


def calibrate(planned: Plan, extractor: Extractor, meter: Meter, *, max_bytes: int = MAX_BYTES) -> None:
    """Ask about three of the chunks, whose answers are kept, and estimate the rest by them."""
    by_size = sorted(planned.calls, key=lambda each: each.prompts)
    if not by_size:
        planned.seconds, planned.basis = 0.0, "nothing is to be asked"
        return
    places = {(2 * part + 1) * len(by_size) // (2 * CALIBRATION) for part in range(CALIBRATION)}
    chosen = [by_size[place] for place in sorted(places)]
    for each in chosen:
        document = load_document(each.path, max_bytes=max_bytes)
        for chunk in Wanted().chunks(document):
            if (chunk.start, chunk.end) == (each.start, each.end):
                extractor.extract(document, chunk)
    if not meter.calls:
        planned.basis = "the model gave no answer to time"
        return
    planned.calls = [each for each in planned.calls if each not in chosen]
    planned.kept += sum(len(each.prompts) for each in chosen)
    pace = Pace.of(meter.calls)
    planned.seconds = pace.seconds(planned.prompts)
    planned.basis = f"calibrated on {len(chosen)} chunks, whose answers are kept"
    _total(planned, pace.tokens_out)


def _count(path: Path, document: Document, chunk: Chunk, dry: tuple[Extractor, Unasked], planned: Plan) -> int:
    """Note what would be asked about a chunk; how many answers are kept."""
    extractor, model = dry
    before = len(model.prompts)
    kept = extractor.extract(document, chunk).usage.kept
    if prompts := tuple(model.prompts[before:]):
        planned.calls.append(_Asked(path, chunk.start, chunk.end, prompts))
    return kept


def _total(planned: Plan, an_answer: float) -> None:
    prompts = planned.prompts
    planned.asked, planned.tokens_in = len(prompts), sum(prompts)
    planned.tokens_out = round(an_answer * len(prompts))


def _finished(workspace: Workspace, path: Path, document: Document, reader: str) -> set[tuple[int, int]]:
    """The chunks of the document that need not be read: they have an end, or stood in a former content."""
    statuses = workspace.sources.chunk_statuses(str(document.cid), reader)
    finished = {place for place, status in statuses.items() if status in FINISHED}
    return finished | would_carry(workspace, str(path.resolve()), document, reader)
