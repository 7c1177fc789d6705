"""The states of a version in the ledger: each step is kept, and a ledger of the first format is carried over."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from kg.jobs.ledger import Ledger
from kg.jobs.versions import VersionRecord, Versions

GRAPH = "eip155:1:0x" + "ab" * 20 + "/0x" + "01" * 32


def record(number: int, state: str, head: str = "") -> VersionRecord:
    return VersionRecord(head or f"0x{number:064x}", number, GRAPH, state, "0x00", "0x01", 3, 1, "m", "d", "q", 7)


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(Ledger(tmp_path / "ledger.sqlite"))


def test_each_step_is_kept_once_and_in_order(versions: Versions) -> None:
    at = record(1, "built")
    versions.put(at)
    versions.put(at)
    for state in ("pinned", "signed", "sent", "mined"):
        at = versions.move(at, state)
    at = versions.move(at, "sent", "block 0x01 is no longer the chain's")
    steps = versions.transitions(at.head)
    assert [step.state for step in steps] == ["built", "pinned", "signed", "sent", "mined", "sent"]
    assert steps[-1].note == "block 0x01 is no longer the chain's"
    assert steps == sorted(steps, key=lambda step: step.at)


@pytest.mark.parametrize(
    ("state", "replaced"),
    [("built", True), ("pinned", True), ("signed", False), ("sent", False), ("mined", False), ("final", False)],
)
def test_only_what_was_not_signed_gives_way_to_a_newer_build(versions: Versions, state: str, replaced: bool) -> None:
    versions.put(record(1, state))
    versions.put(record(1, "built", head="0xff"))
    assert ([each.head for each in versions.all()] == ["0xff"]) is replaced


def test_only_a_final_version_is_a_parent(versions: Versions) -> None:
    versions.put(record(1, "final"))
    versions.put(record(2, "mined"))
    latest, waiting = versions.latest(GRAPH), versions.waiting(GRAPH)
    assert latest is not None
    assert waiting is not None
    assert (latest.number, waiting.number) == (1, 2)
    assert [each.number for each in versions.all() if each.anchored] == [1, 2]


FIRST_FORMAT = """
CREATE TABLE chunk (
    source TEXT NOT NULL, extractor TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    status TEXT NOT NULL, reason TEXT NOT NULL, claims INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (source, extractor, start, end)
);
CREATE TABLE version (
    head TEXT PRIMARY KEY, number INTEGER NOT NULL, graph TEXT NOT NULL, state TEXT NOT NULL, parent TEXT NOT NULL,
    root TEXT NOT NULL, quads INTEGER NOT NULL, blocks INTEGER NOT NULL, manifest TEXT NOT NULL,
    directory TEXT NOT NULL, data TEXT NOT NULL, generation INTEGER NOT NULL,
    prepared TEXT NOT NULL DEFAULT '', transaction_hash TEXT NOT NULL DEFAULT '', block_number INTEGER,
    at REAL NOT NULL
);
PRAGMA user_version=1;
"""


def test_a_ledger_of_the_first_format_is_carried_over(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    prepared = json.dumps({"raw": "02"})
    with sqlite3.connect(path) as old:
        old.executescript(FIRST_FORMAT)
        for number, state in enumerate(("settled", "settled", "dropped", "elsewhere", "prepared", "built"), 1):
            kept = prepared if state in ("settled", "prepared") else ""
            row = (f"0x{number:02x}", number, GRAPH, state, "0x00", "0x01", 3, 1, "m", "d", "q", 7, kept, "", None, 9.0)
            old.execute(f"INSERT INTO version VALUES ({', '.join('?' * len(row))})", row)
    old.close()
    for _ in range(2):  # the second opening finds the new format
        ledger = Ledger(path)
        versions = Versions(ledger)
        assert [each.state for each in versions.all()] == ["final", "final", "signed", "built"]
        assert json.loads(versions.all()[2].attempts) == [{"raw": "02"}]
        assert versions.all()[3].attempts == ""
        assert [step.at for step in versions.transitions("0x01")] == [9.0]
        ledger.close()
