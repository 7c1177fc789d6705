"""A model server that fails, refuses or lies in the middle of an ingest: every chunk has an end, and a reason."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from model_server import ModelServer, Reply, completion
from thread_places import configuration

from extractors.models.openai_compatible import OpenAiCompatible
from kg.cli.main import run
from kg.workspace.workspace import Workspace

SIX = [f"ERC-{number} requires ERC-20, which its interface shows." for number in range(300, 306)]
GOOD = completion("ERC-302 | requires | ERC-20")
NOW = {"Retry-After": "0"}


@pytest.fixture
def folder(tmp_path: Path, server: ModelServer) -> Path:
    """A workspace that asks this server, and gives it .3 s for an answer."""
    plain = configuration()
    Workspace.init(tmp_path / "kg", replace(plain, model=replace(plain.model, use=server.model, timeout=0.3))).close()
    (tmp_path / "six.md").write_text("# Six\n\n" + "\n\n".join(SIX) + "\n")
    return tmp_path


def ingest(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, object]]:
    """The exit code and the report."""
    code = run(["--json", "-q", "-C", str(folder / "kg"), "ingest", str(folder / "six.md"), *options])
    return code, json.loads(capsys.readouterr().out)


def statuses(folder: Path) -> dict[str, str]:
    """Status and reason of each chunk by the number of its standard."""
    with Workspace.open(folder / "kg") as workspace:
        text = (folder / "six.md").read_text()
        return {
            text[chunk.start :][4:7]: f"{chunk.status} {chunk.reason}".strip() for chunk in workspace.sources.chunks()
        }


def at(number: int, *replies: Reply) -> Callable[[int, str], Reply | None]:
    """These replies, the last again and again, whenever the sentence of this number is asked about."""
    left = list(replies)

    def fault(_: int, sentence: str) -> Reply | None:
        if f"ERC-{number} " not in sentence:
            return None
        return left.pop(0) if len(left) > 1 else left[0]

    return fault


LATIN = GOOD.replace(b"requires", "requi\xe9res".encode("latin-1"))
FOR_GOOD = {
    "refuses the call": (Reply(b'{"error": {"message": "too long"}}', 400), "model-refused-call"),
    "has no such model": (Reply(b'{"error": "no such model"}', 404), "model-refused-call"),
    "is overloaded": (Reply(b"{}", 503, NOW), "model-limited"),
    "asks for a day's patience": (Reply(b"{}", 429, {"Retry-After": "86400"}), "model-limited"),
    "answers garbage": (Reply(b"<html>sign in</html>"), "model-answered-wrongly"),
    "answers nothing": (Reply(b""), "model-answered-wrongly"),
    "answers in another encoding": (Reply(LATIN), "model-answered-wrongly"),
    "answers something else": (Reply(b'{"choices": [{"message": {"content": 7}}]}'), "model-answered-wrongly"),
    "redirects": (Reply(b"", 302, {"Location": "http://elsewhere.example/"}), "model-answered-wrongly"),
    "breaks off": (Reply(GOOD, cut=True), "model-unreachable"),
    "is too slow": (Reply(GOOD, late=0.6), "model-unreachable"),
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits between tries are noted, and not waited for."""
    waited: list[float] = []
    monkeypatch.setitem(OpenAiCompatible.__init__.__kwdefaults__, "pause", waited.append)
    return waited


@pytest.mark.parametrize("behaviour", FOR_GOOD)
def test_a_failure_for_good_is_one_failed_chunk_with_its_reason(
    behaviour: str, server: ModelServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reply, reason = FOR_GOOD[behaviour]
    server.fault = at(302, reply)
    code, report = ingest(folder, capsys)
    ends = statuses(folder)
    assert code == 5
    assert ends.pop("302").startswith(f"failed {reason}: ")
    assert ends == dict.fromkeys(("300", "301", "303", "304", "305"), "done")
    assert report["chunks"] == {"done": 5, "empty": 0, "failed": 1}
    server.fault = lambda number, sentence: None
    before = len(server.asked)
    code, report = ingest(folder, capsys)
    assert (code, report["chunks"]) == (0, {"done": 6, "empty": 0, "failed": 0})
    assert len(server.asked) == before + 1


FOR_NOW = {
    "for a moment": Reply(b"{}", 503, NOW),
    "for seconds": Reply(b"{}", 429, {"Retry-After": "7"}),
    "until a date": Reply(b"{}", 429, {"Retry-After": format_datetime(datetime(2001, 1, 1, tzinfo=UTC), usegmt=True)}),
}


@pytest.mark.parametrize("how", FOR_NOW)
def test_a_refusal_for_now_is_waited_for(
    how: str, server: ModelServer, folder: Path, impatient: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    server.fault = at(302, FOR_NOW[how], Reply(GOOD))
    code, _ = ingest(folder, capsys)
    assert (code, statuses(folder)["302"]) == (0, "done")
    assert impatient == [7.0 if how == "for seconds" else 0.0]


def test_an_answer_that_was_cut_off_says_only_its_whole_lines(
    server: ModelServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.fault = at(302, Reply(completion("ERC-302 | requi", finish_reason="length")))
    code, _ = ingest(folder, capsys)
    ends = statuses(folder)
    assert (code, ends["301"]) == (0, "done")
    assert ends["302"].startswith("empty")


def test_a_server_that_dies_is_given_up_after_some_chunks(
    server: ModelServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "# Twelve\n\n" + "\n\n".join(f"ERC-{n} requires ERC-20." for n in range(300, 312)) + "\n"
    (folder / "six.md").write_text(text)
    dead = Reply(b"", cut=True)
    server.fault = lambda number, sentence: dead if number >= 3 else None
    code, report = ingest(folder, capsys)
    ends = statuses(folder)
    assert code == 5
    assert [ends[str(n)].partition(":")[0] for n in range(300, 312)] == [
        *["done"] * 3,
        *["failed model-answered-wrongly"] * 5,
        *["failed not asked, 5 chunks in a row had failed"] * 4,
    ]
    assert len(server.asked) == 8
    reasons = report["reasons"]
    assert isinstance(reasons, dict)
    assert sum(reasons.values()) == 9
    server.fault = lambda number, sentence: None
    code, report = ingest(folder, capsys)
    assert (code, len(server.asked)) == (0, 17)


def test_a_drip_of_bytes_is_not_waited_for_to_its_end(
    server: ModelServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.fault = at(302, Reply(GOOD, drip=0.05))
    begun = time.monotonic()
    code, _ = ingest(folder, capsys)
    assert (code, statuses(folder)["302"].partition(":")[0]) == (5, "failed model-unreachable")
    assert time.monotonic() - begun < 0.05 * len(GOOD)


def test_what_failed_once_makes_the_same_graph_in_the_end(
    server: ModelServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, (reply, _) in enumerate(FOR_GOOD.values()):
        if not reply.late:
            server.fault = at(300 + number % 6, reply)
            assert ingest(folder, capsys)[0] in (0, 5)
    server.fault = lambda number, sentence: None
    assert ingest(folder, capsys)[0] == 0
    with Workspace.open(folder / "kg") as workspace, Workspace.init(folder / "other", configuration()) as other:
        report = other.ingest(folder / "six.md", model=server.model)
        assert report.complete
        mine, others = (
            {line for line in each.store.sorted_quads() if b"requires" in line and b"oa#exact" not in line}
            for each in (workspace, other)
        )
        assert len(mine) == 6
        assert mine == others
