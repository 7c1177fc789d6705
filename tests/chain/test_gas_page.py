"""The page about gas is what its command measures now, on the embedded chain and on anvil."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.anvil
def test_the_page_about_gas_is_current() -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "bench" / "gas.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr


def cost(what: str) -> float:
    """The figure of a row, or its figure a graph."""
    row = next(line for line in (ROOT / "docs" / "gas.md").read_text("utf-8").splitlines() if what in line)
    found = re.search(r"([0-9,]+) a graph", row) or re.search(r"\| ([0-9,]+) \|", row)
    assert found
    return float(found[1].replace(",", ""))


@pytest.mark.parametrize(
    ("what", "most"),
    [
        ("the first version of a graph, by its owner", 53_000),
        ("a later version, by its owner, on the parent given", 36_000),
        ("later versions of 100 graphs at once", 16_000),
        ("the root of a batch of 100 graphs", 1_000),
        ("a statement of 100,000 as a transaction: one in the middle", 58_000),
    ],
)
def test_the_registry_costs_no_more_than_it_promises(what: str, most: float) -> None:
    assert cost(what) <= most
