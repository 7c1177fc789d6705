"""What reading costs: foretold before the first call, held to limits, and told afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from model_server import ModelServer
from thread_places import configuration

from extractors.models.dry_run import Unasked
from extractors.models.errors import LimitReached, StopAsked
from extractors.models.metering import Call, Limits, Meter, Prices
from extractors.models.pace import Pace
from extractors.models.prompt_tokens import PromptTokens
from extractors.models.protocol import Message, ModelIdentity
from kg.cli.main import run
from kg.workspace.workspace import Workspace

TEXT = "# Needs\n\n" + "\n\n".join(f"ERC-{number} requires ERC-20." for number in range(300, 310)) + "\n"


@pytest.fixture
def folder(tmp_path: Path, server: ModelServer) -> Path:
    """A workspace that asks this server, at a price."""
    plain = configuration()
    model = replace(plain.model, use=server.model, price_in=10.0, price_out=20.0, currency="XTS")
    Workspace.init(tmp_path / "kg", replace(plain, model=model)).close()
    (tmp_path / "ten.md").write_text(TEXT)
    return tmp_path


Printed = tuple[int, dict[str, object]]


def triplock(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Printed:
    """The exit code and the document that a command prints."""
    code = run(["--json", "-q", "-C", str(folder / "kg"), *words])
    return code, json.loads(capsys.readouterr().out)


def ingest(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Printed:
    return triplock(folder, capsys, "ingest", str(folder / "ten.md"), *options)


def test_a_dry_run_asks_nothing_and_foretells_what_is_measured(
    server: ModelServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, plan = ingest(folder, capsys, "--dry-run")
    assert (code, server.asked, server.counted > 0) == (0, [], True)
    assert (plan["sentences"], plan["chunks"], plan["asked"], plan["kept"]) == (10, 10, 10, 0)
    _, report = ingest(folder, capsys)
    foretold, measured = plan["tokens"], report["tokens"]
    assert isinstance(foretold, dict)
    assert isinstance(measured, dict)
    assert foretold["exact"]
    assert foretold["prompt"] == measured["prompt"]
    assert sum(map(int, measured.values())) == pytest.approx(foretold["prompt"] + foretold["completion"], rel=0.25)
    assert report["money"] == pytest.approx((measured["prompt"] * 10 + measured["completion"] * 20) / 1e6)
    assert ingest(folder, capsys, "--dry-run")[1]["asked"] == 0


def test_without_a_tokenizer_characters_are_counted_and_it_says_so(
    server: ModelServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.counts = False
    tokens = ingest(folder, capsys, "--dry-run")[1]["tokens"]
    assert isinstance(tokens, dict)
    assert not tokens["exact"]
    assert tokens["prompt"] > 10 * 100


def test_calibration_asks_three_chunks_and_keeps_their_answers(
    server: ModelServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ingest(folder, capsys, "--dry-run")[1]["seconds"] is None
    _, plan = ingest(folder, capsys, "--dry-run", "--calibrate")
    assert (plan["asked"], plan["kept"], len(server.asked)) == (7, 3, 3)
    assert isinstance(plan["seconds"], float)
    _, report = ingest(folder, capsys)
    assert (report["asked"], report["kept"], len(server.asked)) == (7, 3, 10)


def test_a_dry_run_of_a_changed_file_counts_what_is_new(
    server: ModelServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest(folder, capsys)
    (folder / "ten.md").write_text(TEXT.replace("ERC-304", "ERC-404"))
    _, plan = ingest(folder, capsys, "--dry-run")
    assert (plan["chunks"], plan["asked"]) == (1, 1)
    assert isinstance(plan["seconds"], float)
    assert "earlier runs" in str(plan["basis"])
    assert ingest(folder, capsys)[1]["asked"] == 1


@pytest.mark.parametrize("limit", ["--max-tokens", "--max-cost"])
def test_a_limit_is_never_passed_and_the_next_run_goes_on(
    limit: str, server: ModelServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, plan = ingest(folder, capsys, "--dry-run")
    tokens = plan["tokens"]
    assert isinstance(tokens, dict)
    call = tokens["prompt"] / 10
    bound = 3.5 * call + 256 if limit == "--max-tokens" else (3.5 * call * 10 + 256 * 20) / 1e6
    value = str(int(bound)) if limit == "--max-tokens" else str(bound)
    rounds, asked = 0, 0
    while True:
        code, report = ingest(folder, capsys, limit, value)
        rounds += 1
        used = report["tokens"]
        assert isinstance(used, dict)
        assert sum(used.values()) <= bound or limit == "--max-cost"
        assert report["money"] <= bound or limit == "--max-tokens"  # type: ignore[operator]
        asked += int(str(report["asked"]))
        if code == 0:
            break
        ended = report["ended"]
        assert isinstance(ended, dict)
        assert (code, ended["code"], report["left"]) == (5, "limit-reached", 1)
        assert limit in ended["what"]
        assert "goes on from here" in ended["remedy"]
    assert (rounds > 2, asked, len(server.asked)) == (True, 10, 10)


def test_a_limit_of_time_leaves_out_a_call_that_would_take_as_long_as_one_before() -> None:
    now = [0.0]
    meter = Meter(limits=Limits(seconds=10.0), clock=lambda: now[0])
    now[0] = 9.0
    meter.allow(lambda: 0, 0)
    meter.calls.append(Call(60, 0, 10, 2.0))
    with pytest.raises(LimitReached, match="max-time 10: 9 s passed, and a call took up to 2"):
        meter.allow(lambda: 0, 0)


def test_a_run_without_time_asks_nothing(server: ModelServer, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = ingest(folder, capsys, "--max-time", "0")
    assert (code, server.asked) == (5, [])
    assert report["chunks"] == {"done": 0, "empty": 0, "failed": 0}


def test_a_limit_of_cost_needs_prices(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Workspace.init(tmp_path / "kg", configuration()).close()
    (tmp_path / "ten.md").write_text(TEXT)
    code, report = ingest(tmp_path, capsys, "--max-cost", "1")
    assert code == 2
    assert "price_in" in str(report["error"])


def test_cost_is_told_by_document_relation_and_claim(
    server: ModelServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "ten.md").write_text(TEXT + "\nERC-310 may have to do with ERC-20: it extends this.\n")
    _, report = ingest(folder, capsys)
    _, cost = triplock(folder, capsys, "cost")
    total = cost["total"]
    assert isinstance(total, dict)
    assert (cost["calls"], cost["currency"]) == (report["asked"], "XTS")
    assert (total["claims"], total["tokens"]) == (report["claimsInferred"], report["tokens"])
    assert total["money"] == pytest.approx(report["money"])
    assert total["perClaim"]["tokens"] == pytest.approx(sum(report["tokens"].values()) / 10)  # type: ignore[attr-defined]
    for part in ("documents", "relations"):
        rows = cost[part]
        assert isinstance(rows, list)
        assert sum(row["money"] for row in rows) == pytest.approx(total["money"])
        assert sum(row["claims"] for row in rows) == total["claims"]
    (folder / "ten.md").write_text("# Nothing\n\nis left.\n")
    ingest(folder, capsys)
    after = triplock(folder, capsys, "cost")[1]["total"]
    assert isinstance(after, dict)
    assert after["money"] == pytest.approx(total["money"]), "what was spent stays spent"


def test_a_meter_counts_and_stops() -> None:
    now = [0.0]
    meter = Meter(Prices(1e6, 1e6, "X"), Limits(money=100.0), clock=lambda: now[0])
    meter.allow(lambda: 60, 40)
    meter.calls.append(Call(60, 0, 10, 2.0))
    with pytest.raises(LimitReached, match="max-cost 100: 70 X spent"):
        meter.allow(lambda: 21, 10)
    meter.allow(lambda: 20, 10)
    assert meter.tokens_a_second == 35.0
    meter.stop()
    with pytest.raises(StopAsked):
        meter.allow(lambda: 0, 0)


def test_a_dry_run_foretells_no_question_that_follows_upon_an_answer() -> None:
    model = Unasked(ModelIdentity("m", "", ""), PromptTokens(None))
    chat = (Message("system", "List."), Message("user", "Sentence: One."))
    model.complete(chat, None, max_tokens=1)
    model.complete((*chat, Message("assistant", "none"), Message("user", "Again.")), None, max_tokens=1)
    model.complete((chat[0], Message("user", "Sentence: Two.")), None, max_tokens=1)
    assert len(model.prompts) == 2


def test_a_pace_is_found_again_in_calls_made_by_it() -> None:
    calls = [
        Call(new + 900 * (n > 0), 900 * (n > 0), out, 0.02 * new + 0.1 * out)
        for n, (new, out) in enumerate([(960, 12), (50, 4), (90, 30)])
    ]
    pace = Pace.of(calls)
    assert (pace.a_prompt_token, pace.an_answer_token, pace.kept) == (pytest.approx(0.02), pytest.approx(0.1), 900)
    assert pace.seconds([960, 950]) == pytest.approx(0.02 * (60 + 50) + 0.1 * 2 * 46 / 3)
    assert Pace.of([Call(10, 0, 5, 3.0)]).seconds([20, 20]) == pytest.approx(12.0)


def test_limits_and_prices_hold_in_the_library_too(folder: Path, server: ModelServer) -> None:
    with Workspace.open(folder / "kg") as workspace:
        ended = workspace.ingest(folder / "ten.md", meter=Meter(limits=Limits(tokens=3000)))
        assert isinstance(ended.ended, LimitReached)
        assert not ended.complete
        assert 0 < ended.tokens_in + ended.tokens_out <= 3000
        rest = workspace.ingest(folder / "ten.md")
        assert rest.complete
        assert rest.money > 0
