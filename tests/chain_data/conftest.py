"""Where the recorded data stands, and the base of the test graphs."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kg.claims.iris import Mint

_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of recorded answers."""
    return _ROOT / "tests/data/chain"


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The folder of on-chain data that ships."""
    return _ROOT / "data/chain"


@pytest.fixture(scope="session")
def mainnet_rows(shipped: Path) -> Path:
    """The rows of mainnet blocks 17173049-17173050."""
    return shipped / "mainnet-17173049-17173050"


@pytest.fixture(scope="session")
def json_lines() -> Callable[[Path], list[Any]]:
    """Reads a file of JSON lines, compressed or not."""

    def read(path: Path) -> list[Any]:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return [json.loads(line) for line in content.splitlines()]

    return read


@pytest.fixture(scope="session")
def mint() -> Mint:
    """Mints under a base for tests."""
    return Mint("https://graph.example/")
