"""What every test may ask for: the real services, the seed of the run, the scale of the long checks.

A service is found through environment variables (`scripts/services up` prints them) and never started from here.
Without them a test that needs the service is skipped by name; under `TRIPLOCK_REQUIRE_SERVICES=1` it fails.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

# The machine that runs the tests may be busy: time is no property of the code under test.
settings.register_profile(
    "triplock", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("triplock")

# Started in the background by a shell, this process ignores Ctrl-C, and so would every program that a test stops by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests import these directly; what the product's own imports do to the limit is tested in a process of its own.
_limit = sys.getrecursionlimit()
with contextlib.suppress(ImportError):
    import web3  # noqa: F401
sys.setrecursionlimit(_limit)

VARIABLES = {
    "neo4j": ("TRIPLOCK_NEO4J_URL", "TRIPLOCK_NEO4J_USER", "TRIPLOCK_NEO4J_PASSWORD"),
    "kubo": ("TRIPLOCK_KUBO_API", "TRIPLOCK_KUBO_GATEWAY"),
    "anvil": ("TRIPLOCK_ANVIL_URL", "TRIPLOCK_CAST", "TRIPLOCK_FORGE", "TRIPLOCK_SOLC"),
    "chromium": ("TRIPLOCK_CHROMIUM",),
    "model": ("TRIPLOCK_MODEL_PATH",),
    "model-1.5b": ("TRIPLOCK_MODEL_1_5B_PATH",),
    "transformers": ("TRIPLOCK_TRANSFORMERS_PYTHON",),
}
"""The variables by which each service is found; all of them must be set."""

collect_ignore = ["conftest.py", "fuzz/fuzz_target.py", "reading/tiny_causal.py", "reading/tiny_encoder.py"]
"""Doctests are collected from every module; these are none of the product's."""

os.environ["TRIPLOCK_SEED"] = os.environ.get("TRIPLOCK_SEED") or str(secrets.randbits(32))
SEED = int(os.environ["TRIPLOCK_SEED"])
"""Left in the environment for the processes among which a run is divided."""

SOAK = os.environ.get("TRIPLOCK_SOAK") == "1"
SOAK_DIVISOR = 50


def cannot_be_had(reason: str) -> NoReturn:
    """Skips the test with the reason; fails it where services are required."""
    if os.environ.get("TRIPLOCK_REQUIRE_SERVICES") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def require(service: str) -> tuple[str, ...]:
    """The values of the service's variables; skips the test (or fails it, where services are required) without them."""
    missing = [name for name in VARIABLES[service] if not os.environ.get(name)]
    if missing:
        cannot_be_had(f"needs {service}: {', '.join(missing)} not set; run: scripts/services up {service}")
    return tuple(os.environ[name] for name in VARIABLES[service])


def pytest_report_header() -> list[str]:
    """The seed of the run and the services that were found."""
    found = [service for service, names in VARIABLES.items() if all(map(os.environ.get, names))]
    scale = "full" if SOAK else f"1/{SOAK_DIVISOR}"
    return [f"triplock: TRIPLOCK_SEED={SEED}, long checks at {scale} scale, services: {', '.join(found) or 'none'}"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps together, where a run is divided among processes, what would stand in each other's way.

    That is all that uses one of the shared services, which run one after another, and otherwise what is in one file.
    """
    for item in items:
        shared = any(item.get_closest_marker(service) for service in ("neo4j", "kubo", "anvil", "model"))
        item.add_marker(pytest.mark.xdist_group("services" if shared else item.nodeid.partition("::")[0]))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that is marked for a service needs it, whichever fixtures it uses."""
    for service in VARIABLES:
        if item.get_closest_marker(service):
            require(service)


@pytest.fixture(scope="session")
def unavailable() -> Callable[[str], NoReturn]:
    """For what a test needs beside the services: skips with a reason, or fails where nothing may be skipped."""
    return cannot_be_had


@pytest.fixture(scope="session")
def neo4j_url() -> str:
    """A Bolt address such as `bolt://127.0.0.1:7687`."""
    return require("neo4j")[0]


@pytest.fixture(scope="session")
def neo4j_auth() -> tuple[str, str]:
    """User and password of the Neo4j server."""
    _, user, password = require("neo4j")
    return user, password


@pytest.fixture(scope="session")
def kubo_api() -> str:
    """The RPC address of a Kubo node, without a path."""
    return require("kubo")[0]


@pytest.fixture(scope="session")
def kubo_gateway() -> str:
    """The gateway of the same Kubo node, without a path."""
    return require("kubo")[1]


@pytest.fixture(scope="session")
def anvil_url() -> str:
    """The JSON-RPC address of an anvil chain."""
    return require("anvil")[0]


@pytest.fixture(scope="session")
def cast() -> Path:
    """Foundry's cast."""
    return Path(require("anvil")[1])


@pytest.fixture(scope="session")
def forge() -> Path:
    """Foundry's forge."""
    return Path(require("anvil")[2])


@pytest.fixture(scope="session")
def solc() -> Path:
    """A Solidity compiler that answers to `--standard-json`."""
    return Path(require("anvil")[3])


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser."""
    return Path(require("chromium")[0])


@pytest.fixture(scope="session")
def model_path() -> Path:
    """The 0.5B model file."""
    return Path(require("model")[0])


@pytest.fixture(scope="session")
def model_1_5b_path() -> Path:
    """The 1.5B model file."""
    return Path(require("model-1.5b")[0])


@pytest.fixture(scope="session")
def dataset() -> Callable[[str], Path]:
    """The folder of a data set that is not part of the repository, by its name; skips the test where it is not there.

    Also where services are required: a data set that may not ship is nothing that an install could fetch.
    Data sets lie in `$TRIPLOCK_DATASETS`, by default in `shared/datasets` beside the repository.
    """
    beside = Path(__file__).resolve().parents[2] / "shared" / "datasets"
    folder = Path(os.environ.get("TRIPLOCK_DATASETS") or beside)

    def named(name: str) -> Path:
        if not (folder / name).is_dir():
            pytest.skip(f"needs the data set {name} in TRIPLOCK_DATASETS")
        return folder / name

    return named


@pytest.fixture(scope="session")
def seed() -> int:
    """The seed of this run: printed in the header, set by `TRIPLOCK_SEED`."""
    return SEED


@pytest.fixture(scope="session")
def soak_scale() -> Callable[[int], int]:
    """How many rounds of a long check to run: all of them in `make soak`, about one in fifty otherwise."""
    return lambda rounds: rounds if SOAK else max(1, rounds // SOAK_DIVISOR)
