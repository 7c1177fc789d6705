"""Which models can be used here and what they cost: weights on this machine, runtimes, servers, the workspace's choice.

Nothing is loaded, fetched or asked: what is said of a server is what its first question found out.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from anchoring.errors import WrongUsage

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

_USER = re.compile(r"(?<=://)[^/#]*@")


@dataclass(frozen=True, slots=True)
class LocalModel:
    """Weights in a GGUF file. `use` is what `[model] use` calls them; `path` is None where they are not fetched yet.

    `licence` and `sha256` are those of the pinned models, "" for any other file.
    """

    name: str
    use: str
    bytes: int
    licence: str
    sha256: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Runtime:
    """A package that runs models: the forms of `[model] use` that need it, its extra, its version if it is installed.

    `extra` is "" where it comes with triplock.
    """

    name: str
    serves: str
    extra: str
    version: str | None


@dataclass(frozen=True, slots=True)
class Server:
    """A server that was met before, with its model, and how it holds answers to a form."""

    use: str
    constrains: str


@dataclass(frozen=True, slots=True)
class Configured:
    """The model of a workspace, its prices for a million tokens, and what all of its models have cost so far."""

    use: str
    price_in: float
    price_out: float
    currency: str
    calls: int
    tokens: int
    seconds: float
    money: float


@dataclass(frozen=True, slots=True)
class AvailableModels:
    """Everything at hand; `configured` is None outside a workspace."""

    models: tuple[LocalModel, ...]
    runtimes: tuple[Runtime, ...]
    servers: tuple[Server, ...]
    configured: Configured | None

    def as_json(self) -> dict[str, object]:
        """Members for `--json`."""
        return asdict(self)


_RUNTIMES = (
    ("xllamacpp", "local:NAME, path:FILE.gguf", "llm"),
    ("httpx", "http://HOST:PORT/v1#MODEL", ""),
    ("spacy", "linguistic", "nlp"),
)


def available_models(workspace: Workspace | None, cache: Path | None = None) -> AvailableModels:
    """What is in the cache, what is installed, and what the workspace chose and has met."""
    installed = (Runtime(name, serves, extra, _version(name)) for name, serves, extra in _RUNTIMES)
    runtimes = (*installed, Runtime("transformers", "transformers:FOLDER", "transformers", _transformers()))
    local = local_models(cache)
    if workspace is None:
        return AvailableModels(local, runtimes, (), None)
    return AvailableModels(local, runtimes, _servers(workspace), _configured(workspace))


def local_models(cache: Path | None = None) -> tuple[LocalModel, ...]:
    """The pinned models, fetched or not, and then every other GGUF file of the cache."""
    from extractors.models.weights import WEIGHTS, cached_weights, default_cache

    pinned = tuple(
        LocalModel(name, f"local:{name}", known.size, known.licence, known.sha256, _text(cached_weights(name, cache)))
        for name, known in WEIGHTS.items()
    )
    theirs = {known.file for known in WEIGHTS.values()}
    files = sorted((cache or default_cache()).glob("models/*.gguf"))
    others = (path for path in files if path.name not in theirs and path.is_file())
    return (
        *pinned,
        *(LocalModel(path.stem, f"path:{path}", path.stat().st_size, "", "", str(path)) for path in others),
    )


def _servers(workspace: Workspace) -> tuple[Server, ...]:
    from extractors.models.constraining import KnownServers

    known = KnownServers(workspace.servers_file).all()
    return tuple(Server(_USER.sub("", server), constrains) for server, constrains in sorted(known.items()))


def _configured(workspace: Workspace) -> Configured:
    from kg.workspace.cost import costs

    settings, spent = workspace.configuration.model, costs(workspace).total
    return Configured(
        _USER.sub("", settings.use),
        settings.price_in,
        settings.price_out,
        settings.currency,
        spent.calls,
        round(spent.tokens_in + spent.tokens_out),
        round(spent.seconds, 3),
        spent.money,
    )


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _transformers() -> str | None:
    """Its version in the Python that runs it; None where that Python, or one of its packages, is missing."""
    from extractors.models.transformers_python import installed_versions, interpreter

    try:
        return installed_versions(interpreter())["transformers"]
    except WrongUsage:
        return None


def _text(path: Path | None) -> str | None:
    return str(path) if path else None
