"""The question of the demo needs both sources, and follows what the documents declare."""

from __future__ import annotations

from pathlib import Path

import pytest
from thread_places import DOCUMENTS, ROWS

from kg.workspace.asking import saved_query
from kg.workspace.ingest_chain import ChainRequest, ingest_rows
from kg.workspace.workspace import Workspace
from queries.results import Solutions

EIP = "https://eips.ethereum.org/EIPS/eip-"


def answer(workspace: Workspace) -> dict[str, int]:
    """How many contracts emitted each declared event."""
    found = workspace.query(saved_query("event-emitters"))
    assert isinstance(found, Solutions)
    counts: dict[str, int] = {}
    for row in found.rows:
        event = dict(zip(found.variables, row, strict=True))["event"]
        counts[event.value.removeprefix(EIP)] = counts.get(event.value.removeprefix(EIP), 0) + 1  # type: ignore[union-attr]
    return counts


@pytest.fixture
def asked(filled: Workspace) -> Workspace:
    """ERC-20, ERC-721 and the two mainnet blocks."""
    ingest_rows(filled, ROWS, ChainRequest())
    return filled


def test_the_76_token_contracts_are_told_apart_by_the_number_of_topics(asked: Workspace) -> None:
    counts = answer(asked)
    assert counts["20#event:Transfer(address,address,uint256)"] == 71
    assert counts["721#event:Transfer(address,address,uint256)"] == 5


def test_each_row_shows_the_declaration_and_a_log_that_is_there(asked: Workspace) -> None:
    found = asked.query(saved_query("event-emitters"))
    assert isinstance(found, Solutions)
    texts = [(DOCUMENTS / name).read_text(encoding="utf-8") for name in ("erc-20.md", "erc-721.md")]
    for row in found.rows:
        values = {name: term.value for name, term in zip(found.variables, row, strict=True) if term is not None}  # type: ignore[union-attr]
        assert any(values["quote"] in text for text in texts)
        assert asked.why(values["claim"])
        assert list(asked.store.match(subject=row[found.variables.index("example")]))  # type: ignore[arg-type]


def test_a_renamed_event_takes_its_rows_away(asked: Workspace, tmp_path: Path) -> None:
    copy = tmp_path / "erc-20.md"
    original = (DOCUMENTS / "erc-20.md").read_text(encoding="utf-8")
    copy.write_text(original.replace("event Transfer(", "event Moved("), encoding="utf-8")
    asked.withdraw(str(DOCUMENTS / "erc-20.md"), "a renamed copy is read instead")
    asked.ingest(copy)
    counts = answer(asked)
    assert "20#event:Transfer(address,address,uint256)" not in counts
    assert "20#event:Moved(address,address,uint256)" not in counts
    assert counts["20#event:Approval(address,address,uint256)"] > 0
    assert counts["721#event:Transfer(address,address,uint256)"] == 5


def test_only_what_is_trusted_answers(asked: Workspace) -> None:
    question = saved_query("event-emitters")
    both = asked.query(question, trust=["read", "reported"])
    alone = asked.query(question, trust=["read"])
    assert isinstance(both, Solutions)
    assert isinstance(alone, Solutions)
    assert len(both.rows) > 100
    assert alone.rows == ()
