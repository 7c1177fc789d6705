"""The labelled sentences of data sets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from extractors.evaluation.model import LabelledText

DEVELOPMENT = ("1_movie", "5_military", "10_culture")


@pytest.fixture(scope="session")
def tekgen(dataset: Callable[[str], Path]) -> Path:
    """The folder of Text2KGBench's Wikidata-TekGen part."""
    return dataset("tekgen")


@pytest.fixture(scope="session")
def gold(tekgen: Path) -> dict[str, list[LabelledText]]:
    """The labelled test sentences of the three development ontologies."""
    return {name: _read(tekgen / f"ground_truth/ont_{name}_ground_truth.jsonl") for name in DEVELOPMENT}


def _read(path: Path) -> list[LabelledText]:
    texts = []
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        triples = tuple((t["sub"], t["rel"], t["obj"]) for t in entry["triples"])
        texts.append(LabelledText(entry["id"], entry["sent"], triples))
    return texts
