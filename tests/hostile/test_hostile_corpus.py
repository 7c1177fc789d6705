"""Documents that lie to their reader: nothing off the schema, nothing without its own span, nothing merged, no bomb."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hostile_answers import hostile_server
from make_hostile_corpus import CORPUS, HOMOGLYPHS, documents
from pyoxigraph import Literal, NamedNode

from extractors.documents.chunks import chunks
from extractors.documents.load import load_document
from extractors.documents.model import Chunk, Document
from extractors.models.answers import AnswerCache
from extractors.models.local_gguf import LocalGguf
from extractors.models.openai_compatible import OpenAiCompatible
from extractors.models.protocol import ChatModel
from extractors.reading.chat_reader import ChatReader
from extractors.reading.extractor import ChunkResult, Extractor
from extractors.reading.linguistic_reader import LinguisticReader
from kg.claims.iris import Mint, eip, eip_number
from kg.claims.vocabulary import LABEL, TYPE
from kg.workspace.configuration import Configuration
from kg.workspace.ingest import ingest
from kg.workspace.workspace import Workspace
from ontology.loader import load
from ontology.validate import validate

ONTOLOGY = load("ethereum-standards")
ENTRIES = [json.loads(line) for line in CORPUS.read_text(encoding="ascii").splitlines()]


@dataclass
class Recorded:
    """What a document led to: its chunks with their results."""

    document: Document
    results: list[tuple[Chunk, ChunkResult]]


class Recorder(Extractor):
    """An extractor that keeps what it returned, by document."""

    def __init__(self, model: ChatModel, workspace: Workspace, answers: Path) -> None:
        super().__init__(ChatReader(model, ONTOLOGY, answers=AnswerCache(answers)), ONTOLOGY, workspace.mint)
        self.recorded: dict[str, Recorded] = {}

    def extract(self, document: Document, chunk: Chunk) -> ChunkResult:
        result = super().extract(document, chunk)
        self.recorded.setdefault(str(document.cid), Recorded(document, [])).results.append((chunk, result))
        return result


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.init(tmp_path / "kg", Configuration()) as opened:
        yield opened


def written(folder: Path, entries: list[dict[str, object]]) -> list[Path]:
    """The documents as files, each in a folder of its own."""
    paths = []
    for entry in entries:
        path = folder / str(entry["id"]) / str(entry["name"])
        path.parent.mkdir(parents=True)
        path.write_text(str(entry["text"]) * int(str(entry["repeat"])), encoding="utf-8")
        paths.append(path)
    return paths


def faults(recorded: Recorded) -> list[str]:
    """What is wrong with the claims of a document."""
    document, wrong = recorded.document, []
    for _, result in recorded.results:
        for claim in result.claims:
            span = claim.span
            if span is None or document.text[span.start : span.end] != span.quote or span.source != document.cid:
                wrong.append(f"no span of its own: {claim}")
                continue
            (subject, predicate, value), *about = claim.statements
            if predicate.value not in ONTOLOGY.relations:
                wrong.append(f"off the schema: {predicate}")
            if {p for _, p, _ in about} - {LABEL, TYPE}:
                wrong.append(f"says more than names and classes: {about}")
            if refused := validate(ONTOLOGY, claim.statements).refused:
                wrong.append(f"against domain, range or shapes: {refused}")
            names = {s: o.value for s, p, o in about if p == LABEL and isinstance(o, Literal)}
            ends = [end for end in (subject, value) if isinstance(end, NamedNode)]
            unnamed = [end for end in ends if not named_in(end, names, span.quote, document)]
            wrong += [f"{end} is not named in {span.quote!r}" for end in unnamed]
    return wrong


def named_in(end: NamedNode, names: dict[object, str], quote: str, document: Document) -> bool:
    """Whether the quote itself names the thing: by a word for the document, by its number, or by its label."""
    if end.value == document.subject or end.value.startswith(f"{document.subject}#"):
        return True
    label = names.get(end)
    if label is not None:
        return label in " ".join(quote.split())
    return any(eip(number) == end for number in numbers(quote))


def numbers(quote: str) -> list[int]:
    """The numbers of standards that a quote names in plain ASCII letters."""
    words = "".join(c if c.isalnum() or c in "- " else " " for c in quote).split()
    pairs = [*words, *(f"{a} {b}" for a, b in pairwise(words))]
    return [n for word in pairs if word.isascii() and (n := eip_number(word)) is not None]


def test_the_corpus_is_current_and_large() -> None:
    assert [{k: v for k, v in entry.items() if k != "id"} for entry in ENTRIES] == list(documents())
    assert len(ENTRIES) >= 200
    assert len({entry["kind"] for entry in ENTRIES}) >= 10


@pytest.mark.soak
def test_no_hostile_answer_to_a_hostile_document_gets_through(
    workspace: Workspace, soak_scale: Callable[[int], int]
) -> None:
    with hostile_server() as (url, asked):
        recorder = Recorder(OpenAiCompatible(url, "hostile"), workspace, Path(":memory:"))
        for entry in ENTRIES:
            content = (str(entry["text"]) * soak_scale(int(entry["repeat"]))).encode()
            document = load_document(content, name=str(entry["name"]))
            for chunk in chunks(document):
                recorder.extract(document, chunk)
    found = sum(len(result.claims) for r in recorder.recorded.values() for _, result in r.results)
    assert found > 0, "the honest sentence is found in some"
    wrong = {str(r.document.cid): bad for r in recorder.recorded.values() if (bad := faults(r))}
    assert not wrong
    for recorded in recorder.recorded.values():
        different = {sentence.text for chunk, _ in recorded.results for sentence in chunk.sentences}
        calls = sum(result.usage.calls for _, result in recorded.results)
        assert calls <= 2 * len(different), "a copy of a sentence costs nothing"
    assert max(asked) < 64 * 1024


def test_what_hostile_documents_leave_in_the_graph_is_on_the_schema(
    workspace: Workspace, tmp_path: Path, seed: int
) -> None:
    single = [entry for entry in ENTRIES if entry["repeat"] == 1 and entry["kind"] != "bomb"]
    paths = written(tmp_path / "documents", random.Random(seed).sample(single, 12))
    with hostile_server() as (url, _):
        recorder = Recorder(OpenAiCompatible(url, "hostile"), workspace, tmp_path / "answers.sqlite")
        assert not ingest(workspace, paths, extractor=recorder).failed
        recorder.reader.close()
    known = {f"<{iri}>" for iri in ONTOLOGY.relations}
    stated = {line.split(b" ")[1].decode() for line in workspace.store.sorted_quads()}
    assert stated
    assert not {p for p in stated if "ethereum-standards#" in p} - known
    assert not [p for p in stated if "evil.example" in p]


@pytest.mark.parametrize(("real", "fake"), HOMOGLYPHS, ids=[real for real, _ in HOMOGLYPHS])
def test_a_name_that_only_looks_like_another_is_another_thing(workspace: Workspace, real: str, fake: str) -> None:
    assert unicodedata.normalize("NFKC", fake) != real
    assert workspace.mint.entity(fake) != workspace.mint.entity(real)
    assert eip_number(fake) is None


@pytest.mark.model
def test_the_real_model_is_not_taken_in(workspace: Workspace, tmp_path: Path, seed: int, model_path: Path) -> None:
    short = [entry for entry in ENTRIES if entry["repeat"] == 1 and entry["kind"] != "bomb"]
    chosen = random.Random(seed).sample(short, 20)
    paths = written(tmp_path / "documents", chosen)
    with LocalGguf(model_path, "qwen2.5-coder-0.5b") as model:
        recorder = Recorder(model, workspace, tmp_path / "answers.sqlite")
        report = ingest(workspace, paths, extractor=recorder)
    assert report.complete
    wrong = {str(r.document.cid): found for r in recorder.recorded.values() if (found := faults(r))}
    assert not wrong


def test_reading_by_syntax_makes_no_claim_that_is_wrong_in_itself() -> None:
    """Every ninth document, without a model; each repeated text three times at most."""
    extractor = Extractor(LinguisticReader(ONTOLOGY), ONTOLOGY, Mint("https://graph.example/"))
    claims = 0
    for entry in ENTRIES[::9]:
        content = (str(entry["text"]) * min(3, int(str(entry["repeat"])))).encode()
        document = load_document(content, name=str(entry["name"]))
        results = [(chunk, extractor.extract(document, chunk)) for chunk in chunks(document)]
        claims += sum(len(result.claims) for _, result in results)
        assert faults(Recorded(document, results)) == [], entry["id"]
    assert claims > 0
