"""The documentation is executed: Python fences run in order, commands in shell fences exist with their options.

A fence is left out by a word behind its language: `python not-run`, `sh not-checked`.
"""

from __future__ import annotations

import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest

from kg.cli.main import cli

REPOSITORY = Path(__file__).resolve().parents[2]
FILES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def fences(file: Path, *languages: str, unless: str) -> list[tuple[int, str]]:
    """Line number and text of each fence in one of the languages."""
    text = file.read_text()
    return [
        (text.count("\n", 0, match.start()) + 1, match[3])
        for match in FENCE.finditer(text)
        if match[1] in languages and unless not in match[2].split()
    ]


def name(file: Path) -> str:
    return str(file.relative_to(REPOSITORY))


@pytest.mark.parametrize("file", [f for f in FILES if fences(f, "python", unless="not-run")], ids=name)
def test_python_in_the_docs_runs(file: Path, tmp_path: Path) -> None:
    script = tmp_path / "fences.py"
    work = tmp_path / "work"
    work.mkdir()
    padded = ""
    for line, text in fences(file, "python", unless="not-run"):
        padded += "\n" * (line - padded.count("\n")) + text
    script.write_text(padded)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)], cwd=work, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{name(file)} (lines as in the file): {done.stderr}"


def commands(text: str) -> list[list[str]]:
    """The commands of a shell fence as words; in a console fence only what stands behind a prompt."""
    joined = text.replace("\\\n", " ")
    prompts = [line[2:] for line in joined.splitlines() if line.startswith("$ ")]
    found = []
    for line in prompts or joined.splitlines():
        words = shlex.split(line, comments=True)
        command: list[str] = []
        for word in [*words, ";"]:
            if word in (";", "|", "&&", "||"):
                found.append(command)
                command = []
            else:
                command.append(word)
    return [command for command in found if command]


def check_triplock(words: list[str]) -> None:
    """Every verb and option is one that the program knows."""
    command: click.Command = cli
    known = set()
    for word in words:
        with click.Context(command) as context:
            known |= {option for p in command.get_params(context) for option in (*p.opts, *p.secondary_opts)}
            if word.startswith("-") and len(word) > 1 and not re.fullmatch(r"-\d+.*", word):
                assert word.partition("=")[0] in known, f"triplock {' '.join(words)}: no option {word}"
            elif isinstance(command, click.Group):
                child = command.get_command(context, word)
                if child is None:  # only the value of an option may stand before a verb
                    before = words[words.index(word) - 1] if words.index(word) else ""
                    assert before.startswith("-"), f"triplock {' '.join(words)}: no command {word}"
                else:
                    command = child


@pytest.mark.parametrize("file", [f for f in FILES if fences(f, "sh", "console", unless="not-checked")], ids=name)
def test_commands_in_the_docs_exist(file: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    for _, text in fences(file, "sh", "console", unless="not-checked"):
        for words in commands(text):
            match words:
                case ["triplock", *rest]:
                    check_triplock(rest)
                case ["make", target, *_]:
                    assert target in targets, f"{name(file)}: make {target}"
                case [program, *_] if program.startswith("scripts/"):
                    assert (REPOSITORY / program).stat().st_mode & stat.S_IXUSR, program


def test_a_made_up_command_or_option_is_found() -> None:
    with pytest.raises(AssertionError, match="no command frobnicate"):
        check_triplock(["frobnicate"])
    with pytest.raises(AssertionError, match="no option --frobnicate"):
        check_triplock(["hash", "--frobnicate", "file.nq"])
    check_triplock(["--json", "hash", "-"])


@pytest.mark.parametrize("file", FILES, ids=name)
def test_links_between_the_docs_lead_somewhere(file: Path) -> None:
    prose = FENCE.sub("", file.read_text())
    assert [target for target in LINK.findall(prose) if not (file.parent / target).exists()] == []
