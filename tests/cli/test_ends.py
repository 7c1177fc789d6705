"""How a command ends when the world around it fails: never in a trace, never with the exit code of another thing."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kg.cli.main import run
from kg.workspace.configuration import Configuration
from kg.workspace.workspace import Workspace

COMMAND = [sys.executable, "-m", "kg.cli.main"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with a few statements, by the command line."""
    place = tmp_path / "kg"
    assert run(["-q", "init", str(place), "--licence", "CC0-1.0", "--model", "none"]) == 0
    facts = tmp_path / "facts.nq"
    facts.write_text("".join(f"<urn:s:{n:06}> <urn:p> <urn:o> .\n" for n in range(5000)))
    assert run(["-C", str(place), "-q", "ingest", str(facts)]) == 0
    return place


def test_nobody_reading_is_no_yes_and_no_no(folder: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "-C", str(folder), "export"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=False
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 141
    process.stderr.close()


@pytest.mark.parametrize("words", [["export"], ["query", "SELECT * {?s ?p ?o}"], ["status"], ["--json", "status"]])
def test_a_full_disk_is_said(folder: Path, words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "-C", str(folder), *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    if "--json" not in words:
        assert "No space left on device" in done.stderr


def test_closed_standard_output_is_no_defect(folder: Path) -> None:
    command = " ".join([*COMMAND, "-C", str(folder), "status", ">&-"])
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("as_json", [True, False])
def test_ctrl_c_leaves_a_message(as_json: bool) -> None:
    words = [*COMMAND, *(["--json"] if as_json else []), "hash", "-"]
    process = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # In a shell's background SIGINT is ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )
    assert process.stdin is not None
    process.stdin.write("#" * 500_000)  # more than a pipe holds, so when this returns the command is reading
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    said = json.loads(out)["error"]["what"] if as_json else err
    assert "what was done is kept" in said


def test_hostile_text_in_an_error_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["hash", str(tmp_path / "a\x1b[2J\u202e.nq")]) == 3
    printed = capsys.readouterr().err
    assert "\x1b" not in printed
    assert "\\x1b[2J\\u202e" in printed


def test_a_defect_has_an_exit_code_of_its_own(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "open", lambda folder: 1 // 0)
    assert run(["--json", "status"]) == 70
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "defect"
    assert run(["-v", "status"]) == 70
    assert "ZeroDivisionError" in capsys.readouterr().err


def broken_settings(folder: Path) -> None:
    (folder / "triplock.toml").write_text("format = 1\n[graph\n")


def nested_settings(folder: Path) -> None:
    (folder / "triplock.toml").write_text("format = 1\nx = " + "[" * 100_000)


def later_settings(folder: Path) -> None:
    (folder / "triplock.toml").write_text("format = 2\n")


def later_state(folder: Path) -> None:
    (folder / ".triplock" / "format").write_text("2\n")


def later_ledger(folder: Path) -> None:
    with sqlite3.connect(folder / ".triplock" / "ledger.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()


def broken_ledger(folder: Path) -> None:
    for path in (folder / ".triplock").glob("ledger.sqlite*"):
        path.write_bytes(b"no database " * 1000)


def ledger_is_a_folder(folder: Path) -> None:
    for path in (folder / ".triplock").glob("ledger.sqlite*"):
        path.unlink()
    (folder / ".triplock" / "ledger.sqlite").mkdir()


def open_key(folder: Path) -> None:
    (folder / ".triplock" / "publisher.key").chmod(0o644)


def odd_licence(folder: Path) -> None:
    settings = folder / "triplock.toml"
    settings.write_text(settings.read_text().replace("CC0-1.0", "do what you want"))


def odd_registry(folder: Path) -> None:
    settings = folder / "triplock.toml"
    settings.write_text(settings.read_text().replace('registry = ""', 'registry = "0x12"'))


BROKEN = [
    (broken_settings, 2, "bad-configuration"),
    (nested_settings, 2, "bad-configuration"),
    (later_settings, 2, "state-too-new"),
    (later_state, 2, "state-too-new"),
    (later_ledger, 2, "state-too-new"),
    (broken_ledger, 3, "ledger-corrupt"),
    (ledger_is_a_folder, 4, "ledger-failed"),
    (open_key, 2, "key-refused"),
    (odd_licence, 2, "bad-configuration"),
    (odd_registry, 2, "bad-configuration"),
]


@pytest.mark.parametrize(("damage", "code", "kind"), BROKEN, ids=lambda value: getattr(value, "__name__", None))
def test_a_damaged_workspace_is_named(
    folder: Path, damage: object, code: int, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(damage)
    damage(folder)
    capsys.readouterr()
    assert run(["-C", str(folder), "--json", "status"]) == code
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == kind
    assert str(folder) in error["what"]


def test_a_workspace_whose_making_was_cut_short_opens(folder: Path) -> None:
    (folder / ".triplock" / "format").write_text("")
    assert run(["-C", str(folder), "-q", "status"]) == 0


def test_nothing_is_sent_to_a_real_chain_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The settings name an endpoint, standard input is no terminal and --yes is not given."""
    from dataclasses import replace

    from anchoring.chain.deploy import deploy_registry
    from anchoring.chain.devchain import DevChain
    from anchoring.chain.endpoint import Endpoint

    plain = Configuration()
    with DevChain.open(tmp_path / "chain") as chain, chain.serve() as server:
        with Workspace.init(
            tmp_path / "kg",
            replace(
                plain,
                graph=replace(plain.graph, licence="CC0-1.0"),
                model=replace(plain.model, use="none"),
                chain=replace(plain.chain, endpoint=server.url),
            ),
        ) as workspace:
            deploy_registry(Endpoint(server.url), workspace.signer)
        (tmp_path / "facts.nq").write_text("<urn:s> <urn:p> <urn:o> .\n")
        assert run(["-C", str(tmp_path / "kg"), "-q", "ingest", str(tmp_path / "facts.nq")]) == 0
        assert run(["-C", str(tmp_path / "kg"), "publish"]) == 2
        assert "--yes" in capsys.readouterr().err
        with Workspace.open(tmp_path / "kg") as workspace:
            assert workspace.log() == []
        assert run(["-C", str(tmp_path / "kg"), "-q", "publish", "--yes"]) == 0
