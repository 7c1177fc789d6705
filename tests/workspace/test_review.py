"""A person's verdict: what is rejected goes and stays out, what is accepted is learnt from, nothing else changes."""

from __future__ import annotations

import json
import os
import pty
import sys
import termios
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from stating_reader import StatingReader

from extractors.documents.chunks import chunks
from extractors.documents.load import load_document
from extractors.evaluation.labelled_file import labelled_texts
from extractors.models.protocol import Completion, Constraint, Message, ModelIdentity
from extractors.reading.chat_reader import ChatReader
from extractors.reading.extractor import Extractor
from extractors.reading.reader import Passage
from kg.cli.main import run
from kg.errors import NoSuchStatement
from kg.workspace.ingest import ingest
from kg.workspace.review import judge, labelled, reviewed_examples, take_back, waiting
from kg.workspace.workspace import Workspace
from ontology.loader import load
from ontology.model import Ontology

ONTOLOGY = load("ethereum-standards")
TEXT = (
    "---\neip: 90001\ntitle: T\n---\n\nThis standard requires ERC-165 and extends ERC-20.\n\n"
    "This standard supersedes ERC-820.\n"
)
SAID = [
    ("This standard", "requires", "ERC-165"),
    ("This standard", "extends", "ERC-20"),
    ("This standard", "supersedes", "ERC-820"),
]


def read(workspace: Workspace, path: Path, said: list[tuple[str, str, str]], sure: str) -> None:
    reader = StatingReader(ONTOLOGY, said, Decimal(sure))
    ingest(workspace, [path], extractor=Extractor(reader, ONTOLOGY, workspace.mint))


@pytest.fixture
def inferred(workspace: Workspace, tmp_path: Path) -> Path:
    """A document with three inferred claims, two of them in one sentence."""
    path = tmp_path / "eip-90001.md"
    path.write_text(TEXT)
    read(workspace, path, SAID, "0.80")
    return path


def test_ids_are_taken_in_any_case(workspace: Workspace, inferred: Path) -> None:
    first, second, _ = waiting(workspace)
    judge(workspace, [first.id[:12].upper(), second.id.capitalize()], "accepted")
    assert {one.claim for one in workspace.verdicts.all()} == {first.claim, second.claim}
    take_back(workspace, [first.id.upper()])
    assert [one.claim for one in workspace.verdicts.all()] == [second.claim]


def lines(workspace: Workspace) -> set[str]:
    return {str(quad) for quad in workspace.store.match()}


def by_relation(workspace: Workspace) -> dict[str, str]:
    return {one.relation: one.claim for one in waiting(workspace)}


def test_the_least_sure_come_first_and_show_their_words(workspace: Workspace, inferred: Path, tmp_path: Path) -> None:
    other = tmp_path / "eip-90002.md"
    other.write_text(TEXT.replace("90001", "90002"))
    read(workspace, other, SAID[:1], "0.60")
    found = waiting(workspace)
    assert [str(one.confidence) for one in found] == ["0.60", "0.80", "0.80", "0.80"]
    assert (found[0].subject, found[0].relation, found[0].object) == ("This standard", "requires", "ERC-165")
    assert found[0].path == str(other)
    assert TEXT.replace("90001", "90002")[found[0].start : found[0].end] == found[0].sentence
    assert waiting(workspace, limit=1) == found[:1]


def test_accepting_changes_no_byte_of_the_graph(workspace: Workspace, inferred: Path) -> None:
    root = workspace.snapshot().root
    judge(workspace, [one.id[:8] for one in waiting(workspace)], "accepted")
    assert waiting(workspace) == []
    assert workspace.snapshot().root == root


def test_what_is_rejected_goes_stays_out_and_can_come_back(workspace: Workspace, inferred: Path) -> None:
    before = lines(workspace)
    claim = by_relation(workspace)["requires"]
    judge(workspace, [claim], "rejected", "it only mentions it")
    assert workspace.sources.withdrawals()[claim] == "it only mentions it"
    with pytest.raises(NoSuchStatement):
        workspace.why(claim)
    left = lines(workspace)
    assert left < before
    assert judge(workspace, [claim], "rejected")[0].reason == "it only mentions it"
    with pytest.raises(NoSuchStatement, match="review undo"):
        judge(workspace, [claim], "accepted")
    read(workspace, inferred, SAID[:1], "0.81")
    assert lines(workspace) == left
    take_back(workspace, [claim])
    assert lines(workspace) == before
    assert claim in by_relation(workspace).values()


def test_the_same_words_in_a_new_content_of_the_file_stay_rejected(workspace: Workspace, inferred: Path) -> None:
    judge(workspace, [by_relation(workspace)["supersedes"]], "rejected")
    inferred.write_text(TEXT.replace("title: T", "title: Another"))
    read(workspace, inferred, SAID, "0.80")
    reader = StatingReader(ONTOLOGY, SAID, Decimal("0.90"))
    reader.parameters = (("model", "another"),)
    ingest(workspace, [inferred], extractor=Extractor(reader, ONTOLOGY, workspace.mint))
    assert not [line for line in lines(workspace) if "ethereum-standards#supersedes" in line]


def test_rejecting_the_only_claim_of_an_activity_and_taking_it_back(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "eip-90001.md"
    path.write_text(TEXT)
    read(workspace, path, SAID[2:], "0.80")
    before = lines(workspace)
    (one,) = waiting(workspace)
    judge(workspace, [one.claim], "rejected")
    take_back(workspace, [one.claim])
    assert lines(workspace) == before
    judge(workspace, [one.claim], "rejected")
    workspace.withdraw(str(path), "gone")
    rest = lines(workspace)
    take_back(workspace, [one.claim])
    assert lines(workspace) == rest


def test_only_sentences_that_are_judged_in_full_are_learnt_from(workspace: Workspace, inferred: Path) -> None:
    claims = by_relation(workspace)
    judge(workspace, [claims["requires"]], "accepted")
    assert reviewed_examples(workspace, ONTOLOGY) == ()
    judge(workspace, [claims["extends"]], "rejected")
    judge(workspace, [claims["supersedes"]], "rejected")
    (example,) = reviewed_examples(workspace, ONTOLOGY)
    assert example.text == "This standard requires ERC-165 and extends ERC-20."
    assert example.triples == (("This standard", "requires", "ERC-165"),)
    both = labelled(workspace, ONTOLOGY)
    assert [one.rejected for one in both] == [
        (("This standard", "extends", "ERC-20"),),
        (("This standard", "supersedes", "ERC-820"),),
    ]


def test_the_commands(workspace: Workspace, inferred: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace.close()
    folder = ["-C", str(workspace.folder)]
    assert run([*folder, "--json", "review"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["waiting"], len(shown["claims"])) == (3, 3)
    ids = {claim["triple"][1]: claim["id"] for claim in shown["claims"]}
    assert run([*folder, "review", "accept", ids["requires"], ids["extends"]]) == 0
    assert run([*folder, "review", "reject", ids["supersedes"], "--reason", "no"]) == 0
    assert run([*folder, "review", "undo", ids["extends"]]) == 0
    assert run([*folder, "review", "accept", ids["extends"][:9]]) == 0
    assert run([*folder, "review", "accept", "zzzzzzzz"]) == NoSuchStatement.exit_code
    capsys.readouterr()
    assert run([*folder, "review"]) == 0
    assert capsys.readouterr().out == ""
    assert run([*folder, "review", "--judged"]) == 0
    assert capsys.readouterr().out.count("accepted") == 2
    target = tmp_path / "judged.jsonl"
    assert run([*folder, "review", "--export", str(target)]) == 0
    texts = labelled_texts(target.read_text().splitlines())
    assert [text.triples for text in texts] == [
        (("This standard", "extends", "ERC-20"), ("This standard", "requires", "ERC-165")),
        (),
    ]


def test_single_keys_on_a_terminal(workspace: Workspace, inferred: Path) -> None:
    """Accept, reject, undo that, skip, reject: one accepted, one rejected, one left."""
    workspace.close()
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - another process
        os.execv(sys.executable, [sys.executable, "-m", "kg.cli.main", "-C", str(workspace.folder), "review"])
    shown = b""

    def until(words: bytes) -> None:
        nonlocal shown
        while words not in shown:
            try:
                shown += os.read(terminal, 4096)
            except OSError:
                raise AssertionError(shown.decode()) from None

    def press(key: bytes) -> None:
        """What is typed before the program listens for single keys is thrown away by the terminal."""
        nonlocal shown
        while termios.tcgetattr(terminal)[3] & termios.ICANON:
            time.sleep(0.01)
        shown = b""
        os.write(terminal, key)

    until(b"3 left")
    for key, expected in ((b"a", b"2 left"), (b"r", b"1 left"), (b"u", b"2 left"), (b"s", b"1 left")):
        press(key)
        until(expected)
    press(b"r")
    until(b"2 judged, 1 left")
    assert os.waitpid(child, 0)[1] == 0
    with Workspace.open(workspace.folder) as again:
        assert sorted(verdict.verdict for verdict in again.verdicts.all()) == ["accepted", "rejected"]
        assert len(waiting(again)) == 1


def test_judged_sentences_are_shown_where_they_are_nearest_and_make_no_other_reader(
    workspace: Workspace, inferred: Path
) -> None:
    judge(workspace, [one.claim for one in waiting(workspace)], "accepted")
    reviewed = reviewed_examples(workspace, ONTOLOGY)
    assert len(reviewed) == 2
    near = "Another standard requires ERC-165 and extends ERC-20."
    document = load_document(near.encode(), name="a.txt")
    passage = Passage(document, chunks(document)[0], chunks(document)[0].sentences[0])
    films = Ontology("https://example.org/", "ipfs://x", {}, {r.iri: r for r in ONTOLOGY.relations.values()})
    for ontology in (ONTOLOGY, films):
        told, plain = Asked(), Asked()
        with_them = ChatReader(told, ontology, reviewed=reviewed)
        without = ChatReader(plain, ontology)
        assert with_them.parameters == without.parameters
        for reader in (with_them, without):
            reader.read(passage)
        text = reviewed[0].text
        assert [any(text in m.content for m in model.chat) for model in (told, plain)] == [True, False]


class Asked:
    """Keeps what it is asked and says that nothing is stated."""

    identity = ModelIdentity("asked", "", "script")
    chat: tuple[Message, ...] = ()

    def complete(self, chat: Sequence[Message], constraint: Constraint | None, *, max_tokens: int) -> Completion:
        self.chat = tuple(chat)
        return Completion("none", 1, 1, "stop")

    def close(self) -> None:
        pass
