"""A file whose content changes: what still stands in it stays, what is gone is withdrawn, what is new is read."""

from __future__ import annotations

import importlib
import random
from pathlib import Path

import pytest
from model_server import ModelServer, answer_to

from anchoring.encoding.cid import Cid
from kg.claims import vocabulary as v
from kg.cli.main import run
from kg.errors import NoSuchStatement
from kg.jobs.sources import Sources
from kg.workspace.collect import collect
from kg.workspace.workspace import Workspace


def paragraph(number: int, verb: str = "requires") -> str:
    return f"ERC-{number} {verb} ERC-20, which its interface shows."


def text_of(paragraphs: list[str], title: str = "Needs") -> str:
    return f"# {title}\n\n" + "\n\n".join(paragraphs) + "\n"


FIFTY = [paragraph(number) for number in range(300, 350)]
TWELVE = FIFTY[:12]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "needs.md"
    path.write_text(text_of(TWELVE))
    return path


@pytest.fixture
def read(workspace: Workspace, server: ModelServer, file: Path) -> Workspace:
    """A workspace that has read the twelve paragraphs."""
    report = workspace.ingest(file, model=server.model)
    assert (report.claims_inferred, len(server.asked)) == (12, 12)
    return workspace


def lines(workspace: Workspace) -> set[bytes]:
    return set(workspace.store.sorted_quads())


def claims(workspace: Workspace) -> dict[str, str]:
    """What each claim of the model says, by its IRI."""
    found = {}
    for made in workspace.store.match(predicate=v.CONFIDENCE):
        stated = [q for q in workspace.store.match(graph=made.subject) if "requires" in str(q.predicate)]
        found[made.subject.value] = f"{stated[0].subject.value} {stated[0].object.value}"
    return found


def rewritten(workspace: Workspace, server: ModelServer, file: Path, text: str) -> list[str]:
    """Give the file this text and read it; the sentences that were asked about."""
    file.write_text(text)
    before = len(server.asked)
    assert workspace.ingest(file, model=server.model).complete
    return server.asked[before:]


def test_a_second_run_asks_nothing_and_changes_nothing(read: Workspace, server: ModelServer, file: Path) -> None:
    before = lines(read)
    assert rewritten(read, server, file, file.read_text()) == []
    assert lines(read) == before


def test_one_changed_paragraph_is_asked_about_and_only_its_claims_go(
    workspace: Workspace, server: ModelServer, file: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    read = workspace
    assert len(rewritten(read, server, file, text_of(FIFTY))) == 50
    read.publish()
    before, held = lines(read), claims(read)
    changed = [*FIFTY[:20], "ERC-999 requires ERC-721, as is said now.", *FIFTY[21:]]
    asked = rewritten(read, server, file, text_of(changed))
    assert asked == ["ERC-999 requires ERC-721, as is said now."]
    assert server.greeted == 1, "how the server constrains answers is asked once and for all"
    after = claims(read)
    assert [said for iri, said in held.items() if iri not in after] == [
        "https://eips.ethereum.org/EIPS/eip-320 https://eips.ethereum.org/EIPS/eip-20"
    ]
    assert [said for iri, said in after.items() if iri not in held] == [
        "https://eips.ethereum.org/EIPS/eip-999 https://eips.ethereum.org/EIPS/eip-721"
    ]
    (gone,) = set(held) - set(after)
    at = text_of(FIFTY).index(paragraph(320))
    span = f"#char={at},{at + len(paragraph(320))}".encode()
    assert all(gone.encode() in line or span in line for line in before - lines(read))
    removed = before - lines(read)
    assert rewritten(read, server, file, file.read_text()) == []
    read.publish()
    read.close()
    assert run(["-C", str(read.folder), "diff", "1", "2"]) == 0
    shown = capsysbinary.readouterr().out.splitlines()
    assert {line[2:] for line in shown if line.startswith(b"- ")} == removed


def test_why_says_where_the_passage_stands_now(read: Workspace, server: ModelServer, file: Path) -> None:
    rewritten(read, server, file, text_of(["Something else comes first here.", *TWELVE]))
    kept = next(iri for iri, said in claims(read).items() if "eip-305" in said)
    (explanation,) = read.why(kept)
    evidence = explanation.evidence
    assert evidence is not None
    assert text_of(TWELVE)[evidence.start : evidence.end] == evidence.quote == paragraph(305)
    (standing,) = evidence.revised_by
    assert standing.path == str(file)
    assert standing.document != evidence.document
    (start,) = standing.starts
    assert file.read_text()[start : start + len(evidence.quote)] == evidence.quote


@pytest.mark.parametrize("edit", ["insert", "delete", "reorder", "double"])
def test_an_edit_changes_the_claims_of_what_it_touches(
    edit: str, read: Workspace, server: ModelServer, file: Path
) -> None:
    held = claims(read)
    changed = list(TWELVE)
    if edit == "insert":
        changed.insert(7, paragraph(888))
    elif edit == "delete":
        del changed[7]
    elif edit == "double":
        changed.insert(9, TWELVE[7])
    else:
        random.Random(4).shuffle(changed)
    asked = rewritten(read, server, file, text_of(changed))
    assert asked == ([paragraph(888)] if edit == "insert" else [])
    after = claims(read)
    assert len(set(held) - set(after)) == (edit == "delete")
    assert len(set(after) - set(held)) == (edit in ("insert", "double"))


def test_edit_upon_edit_says_what_a_fresh_reading_says(
    read: Workspace, server: ModelServer, file: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    paragraphs = list(TWELVE)
    seen = set(TWELVE)
    for _ in range(12):
        at = chance.randrange(len(paragraphs))
        kind = chance.choice(("insert", "delete", "reorder", "double", "back"))
        if kind == "insert":
            paragraphs.insert(at, paragraph(chance.randrange(400, 420)))
        elif kind == "delete":
            del paragraphs[at]
        elif kind == "double":
            paragraphs.insert(at, chance.choice(paragraphs))
        elif kind == "back":
            paragraphs = list(TWELVE)
        else:
            chance.shuffle(paragraphs)
        asked = rewritten(read, server, file, text_of(paragraphs))
        assert not set(asked) & seen, "what was asked once is kept"
        seen.update(asked)
        said = sorted(claims(read).values())
        assert said == sorted(_said(p) for p in paragraphs)
        _check_evidence(read, file)


def _said(text: str) -> str:
    subject, _, value = answer_to(text).lower().split(" | ")
    base = "https://eips.ethereum.org/EIPS/eip-"
    return f"{base}{subject[4:]} {base}{value[4:]}"


def _check_evidence(workspace: Workspace, file: Path) -> None:
    """Every quote is cut from its document, and stands in the file as it is now."""
    text = file.read_text()
    for iri in claims(workspace):
        (explanation,) = workspace.why(iri)
        evidence = explanation.evidence
        assert evidence is not None
        assert evidence.quote in text
        assert evidence.before + evidence.quote + evidence.after
        if evidence.revised_by:
            assert all(text.startswith(evidence.quote, start) for start in evidence.revised_by[0].starts)
        else:
            assert text[evidence.start : evidence.end] == evidence.quote


def test_a_change_that_is_taken_back_leaves_the_first_graph(read: Workspace, server: ModelServer, file: Path) -> None:
    before = lines(read)
    rewritten(read, server, file, text_of([*TWELVE[:3], "ERC-700 requires ERC-20.", *TWELVE[5:]]))
    rewritten(read, server, file, text_of(TWELVE[6:]))
    assert rewritten(read, server, file, text_of(TWELVE)) == []
    assert lines(read) == before


def test_a_claim_about_the_former_content_itself_does_not_stay(
    workspace: Workspace, server: ModelServer, tmp_path: Path
) -> None:
    path = tmp_path / "own.md"
    path.write_text("---\ntitle: One\n---\n\nERC-300 requires ERC-20.\n")
    workspace.ingest(path, model=server.model)
    (former,) = (record.cid for record in workspace.sources.at(str(path)))
    rewritten(workspace, server, path, "---\ntitle: One\n---\n\nERC-300 requires ERC-20. More.\n")
    described = workspace.mint.of_document_itself(Cid.parse(former))
    assert claims(workspace), "the sentence stands"
    titles = list(workspace.store.match(predicate=v.TITLE))
    assert len(titles) == 3, "two documents are described, and the present one has a header"
    assert [q.graph_name for q in titles if former in q.subject.value] == [described]


class _Crash(Exception):
    pass


STEPS = [
    "kg.jobs.sources.Sources.exchange_chunks",
    "kg.workspace.revising.remove_claims",
    "kg.workspace.revising.remove_source",
    "kg.jobs.sources.Sources.set_state",
    "kg.workspace.revising._link",
    "kg.workspace.ingest.not_standing",
]


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_in_the_middle_of_a_revision_changes_nothing_in_the_end(
    step: str, workspace: Workspace, server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, header = tmp_path / "eip.md", "---\neip: 721\ntitle: {}\nstatus: Final\n---\n\n"
    first = header.format("One") + "\n\n".join([*TWELVE[:3], "Nothing is said here at all.", TWELVE[0]])
    second = header.format("Two") + "\n\n".join([TWELVE[0], TWELVE[4], "Nothing is said here at all."])
    if step.endswith("remove_source"):
        second = "---\neip: 20\n---\n\nAll of it is new."
    folder, twin = workspace, Workspace.init(tmp_path / "twin", workspace.configuration)
    with twin:
        for text in (first, second):
            path.write_text(text)
            twin.ingest(path, model=server.model)
        expected = lines(twin)
    path.write_text(first)
    folder.ingest(path, model=server.model)
    path.write_text(second)
    module, _, name = step.rpartition(".")
    target = importlib.import_module(module) if not module.endswith("Sources") else Sources
    done = getattr(target, name)

    def crashing(*arguments: object, **named: object) -> object:
        done(*arguments, **named)
        raise _Crash

    with monkeypatch.context() as patched:
        patched.setattr(target, name, crashing)
        with pytest.raises(_Crash):
            folder.ingest(path, model=server.model)
    assert folder.ingest(path, model=server.model).complete
    assert lines(folder) == expected


def test_withdrawing_the_document_takes_what_stands_for_it(read: Workspace, server: ModelServer, file: Path) -> None:
    rewritten(read, server, file, text_of(TWELVE[1:]))
    current = next(r.cid for r in read.sources.at(str(file)) if r.state != "revised")
    read.withdraw(current, "a test")
    assert lines(read) == set()


def test_a_withdrawn_former_content_is_read_again_where_it_still_stands(
    read: Workspace, server: ModelServer, file: Path
) -> None:
    said = sorted(claims(read).values())[1:]
    rewritten(read, server, file, text_of(TWELVE[1:]))
    former = next(r.cid for r in read.sources.at(str(file)) if r.state == "revised")
    read.withdraw(former, "a test")
    assert claims(read) == {}
    assert rewritten(read, server, file, file.read_text()) == []
    assert sorted(claims(read).values()) == said


def test_what_a_person_withdrew_stays_out_of_the_next_content(read: Workspace, server: ModelServer, file: Path) -> None:
    wrong = next(iri for iri, said in claims(read).items() if "eip-305" in said)
    read.withdraw(wrong, "wrong")
    rewritten(read, server, file, text_of([*TWELVE, "ERC-777 requires ERC-20."]))
    assert not [said for said in claims(read).values() if "eip-305" in said]


def test_what_code_read_and_a_person_withdrew_stays_out_of_the_next_contents(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "eip.md"
    text = "---\neip: 300\ntitle: T\nstatus: Final\n---\n\nSome words.\n"
    path.write_text(text)
    workspace.ingest(path)
    statement = (
        '<https://eips.ethereum.org/EIPS/eip-300> <https://w3id.org/triplock/ethereum-standards#status> "Final" .'
    )
    (explanation,) = workspace.why(statement)
    workspace.withdraw(explanation.claim, "it is not")
    for more in ("More words.", "Other words, and more."):
        path.write_text(text + more)
        workspace.ingest(path)
        with pytest.raises(NoSuchStatement):
            workspace.why(statement)


def test_the_former_content_stays_while_something_rests_on_it(read: Workspace, server: ModelServer, file: Path) -> None:
    first = read.sources.at(str(file))[0].cid
    rewritten(read, server, file, text_of(TWELVE[5:]))
    assert {r.state for r in read.sources.at(str(file))} == {"revised", "done"}
    collect(read)
    assert read.blocks.has(Cid.parse(first))
    rewritten(read, server, file, text_of([paragraph(500)]))
    assert {r.state for r in read.sources.at(str(file))} == {"done"}
    assert first not in "".join(line.decode() for line in lines(read))
