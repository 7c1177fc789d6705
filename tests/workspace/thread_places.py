"""Where the data that ships is, and settings without a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kg.workspace.configuration import Configuration

DATA = Path(__file__).parents[2] / "data"
DOCUMENTS = DATA / "documents"
ROWS = DATA / "chain" / "mainnet-17173049-17173050"


def configuration(**graph: str) -> Configuration:
    """Settings without a model, with a licence."""
    plain = Configuration()
    return replace(
        plain,
        graph=replace(plain.graph, **{"licence": "CC0-1.0", **graph}),
        model=replace(plain.model, use="none"),
    )
