"""What was withdrawn or replaced comes back whole when it is read again, the model's claims too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from thread_places import DATA, ROWS

from extractors.models.protocol import Completion, Constraint, Message, ModelIdentity
from extractors.reading.chat_reader import ChatReader
from extractors.reading.extractor import Extractor
from kg.workspace.ingest import ingest
from kg.workspace.ingest_chain import ChainReport, ChainRequest, WithdrawnSource, ingest_lists, ingest_rows
from kg.workspace.workspace import Workspace
from ontology.loader import load

TEXT = "---\neip: 721\ntitle: T\n---\n\n## Abstract\n\nThis standard requires ERC-165.\n"
TOKENS = DATA / "chain" / "token-lists" / "metamask" / "contract-map.json"


class OneAnswer:
    """A model that finds the one relation of the text each time."""

    identity = ModelIdentity("scripted", "sha256:00", "script")

    def complete(self, chat: Sequence[Message], constraint: Constraint | None, *, max_tokens: int) -> Completion:
        return Completion("This standard | requires | ERC-165", 10, 3, "stop")

    def close(self) -> None:
        pass


def lines(workspace: Workspace) -> list[bytes]:
    return list(workspace.store.sorted_quads())


@pytest.fixture
def reader(workspace: Workspace) -> Extractor:
    ontology = load("ethereum-standards")
    return Extractor(ChatReader(OneAnswer(), ontology), ontology, workspace.mint)


def test_a_withdrawn_document_read_again_has_the_claims_of_the_model(
    workspace: Workspace, reader: Extractor, tmp_path: Path
) -> None:
    path = tmp_path / "eip.md"
    path.write_text(TEXT)
    assert ingest(workspace, [path], extractor=reader).claims_inferred == 1
    before = lines(workspace)
    workspace.withdraw(str(path), "a test")
    assert lines(workspace) == []
    assert ingest(workspace, [path], extractor=reader, again=True).claims_inferred == 1
    assert lines(workspace) == before


def test_a_change_taken_back_gives_the_same_graph(workspace: Workspace, reader: Extractor, tmp_path: Path) -> None:
    path = tmp_path / "eip.md"
    path.write_text(TEXT)
    ingest(workspace, [path], extractor=reader)
    before = lines(workspace)
    path.write_text(TEXT.replace("title: T", "title: Another"))
    ingest(workspace, [path], extractor=reader)
    path.write_text(TEXT)
    ingest(workspace, [path], extractor=reader)
    assert lines(workspace) == before


@pytest.mark.parametrize("name", ["facts.ttl", "note.md"])
def test_a_change_that_cannot_be_read_leaves_what_stood_there(workspace: Workspace, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("<http://e.example/s> <http://e.example/p> 1 ." if name.endswith("ttl") else TEXT)
    assert workspace.ingest(path).complete
    before = lines(workspace)
    path.write_bytes(b"\xff\x00 is no text")
    assert not workspace.ingest(path).complete
    assert lines(workspace) == before


def test_withdrawn_rows_and_lists_come_back_only_when_told_to(workspace: Workspace) -> None:
    ingest_rows(workspace, ROWS, ChainRequest())
    before = lines(workspace)
    for record in workspace.sources.all():
        workspace.withdraw(record.cid, "a test")
    assert lines(workspace) == []
    with pytest.raises(WithdrawnSource, match="a test"):
        ingest_rows(workspace, ROWS, ChainRequest())
    report = ingest_rows(workspace, ROWS, ChainRequest(again=True))
    assert (report.blocks, report.unchanged) == (2, 0)
    assert lines(workspace) == before
    assert ingest_rows(workspace, ROWS, ChainRequest()).unchanged == 2


def test_a_token_list_comes_back_only_when_told_to(workspace: Workspace) -> None:
    first, second = ChainReport(), ChainReport()
    ingest_lists(workspace, first, token_lists=[TOKENS])
    assert first.listed
    workspace.withdraw(str(TOKENS), "a test")
    assert lines(workspace) == []
    with pytest.raises(WithdrawnSource, match="a test"):
        ingest_lists(workspace, ChainReport(), token_lists=[TOKENS])
    ingest_lists(workspace, second, token_lists=[TOKENS], again=True)
    assert second.listed == first.listed
