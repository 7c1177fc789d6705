"""Progress where nobody watches a terminal: few lines, with the pace and the time left."""

from __future__ import annotations

import pytest

from kg.cli.output import _bar, _lines


def test_lines_come_every_ten_seconds_with_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    update = _lines(clock=lambda: now[0])
    for done in range(101):
        now[0] = done * 2.0
        update("Needs", done, 100, "35 tokens/s" if done else "")
    said = capsys.readouterr().err.splitlines()
    assert said[:3] == [
        "Needs: 0/100",
        "Needs: 5/100 (3 min 10 s left, 35 tokens/s)",
        "Needs: 10/100 (3 min 0 s left, 35 tokens/s)",
    ]
    assert said[-1] == "Needs: 100/100 (35 tokens/s)"
    assert len(said) == 21


def test_a_bar_takes_the_pace(capsys: pytest.CaptureFixture[str]) -> None:
    with _bar() as update:
        update("Needs \x1b[2J", 1, 4, "35 tokens/s")
        update("Needs \x1b[2J", 4, 4, "36 tokens/s")
    shown = capsys.readouterr().err
    assert "4/4" in shown
    assert "36 tokens/s" in shown
    assert "\x1b[2J" not in shown
