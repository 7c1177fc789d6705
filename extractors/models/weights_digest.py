"""What names a model's weights: the SHA-256 of a GGUF file or of a folder's files, taken anew only when they change."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from extractors.models.errors import BadModelFile

_MAGIC = b"GGUF"
_SUFFIXES = (".safetensors", ".json", ".jinja", ".model", ".txt")
"""Of the files that Hugging Face's loaders read from a model's folder."""


def file_digest(path: Path, cache: Path) -> str:
    """The SHA-256 of a GGUF file in hexadecimal, taken again only when size, time or inode has changed.

    Raises BadModelFile where it cannot be read or is no GGUF file.
    """
    try:
        with path.open("rb") as file:
            if file.read(4) != _MAGIC:
                raise BadModelFile(f"{path.name} is no GGUF file", remedy="give the path of a GGUF model")
        return _digest(path, cache)
    except OSError as error:
        raise BadModelFile(
            f"{path.name} cannot be read: {error.strerror}", remedy="give the path of a GGUF model"
        ) from None


def folder_digest(folder: Path, cache: Path) -> str:
    """The SHA-256 of the names and digests of a model folder's files, in hexadecimal.

    Raises BadModelFile where the folder has no `config.json`, no safetensors weights, or cannot be read.
    """
    remedy = "give a folder with config.json, a tokenizer and *.safetensors"
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES and path.is_file())
        names = {path.name for path in files}
        if "config.json" not in names or not any(path.suffix == ".safetensors" for path in files):
            raise BadModelFile(f"{folder.name} is no folder of a model with safetensors weights", remedy=remedy)
        lines = "".join(f"{_digest(path, cache)}  {path.name}\n" for path in files)
    except OSError as error:
        raise BadModelFile(f"{folder.name} cannot be read: {error.strerror}", remedy=remedy) from None
    return hashlib.sha256(lines.encode()).hexdigest()


def _digest(path: Path, cache: Path) -> str:
    with path.open("rb") as file:
        stat = os.fstat(file.fileno())
        stamp = [str(path), stat.st_size, stat.st_mtime_ns, stat.st_ino]
        kept = cache / "digests" / (hashlib.sha256(str(path).encode()).hexdigest()[:32] + ".json")
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads(kept.read_text("utf-8"))
            if record["stamp"] == stamp:
                return str(record["sha256"])
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with contextlib.suppress(OSError):  # the record only saves time
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps({"stamp": stamp, "sha256": digest}), "utf-8")
        partial.replace(kept)
    return digest
