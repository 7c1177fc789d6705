"""The key of a model server: from the environment, else from a file that only its owner can read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from extractors.models.errors import BadKeyFile

KEY_VARIABLE = "TRIPLOCK_MODEL_KEY"
MAX_BYTES = 16 * 1024


def read_key(file: Path | None = None) -> str:
    """The key, "" where there is none; raises BadKeyFile, whose message never holds what the file does."""
    if stated := os.environ.get(KEY_VARIABLE, ""):
        return stated
    if file is None:
        return ""
    path = file.expanduser()
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BadKeyFile(f"others may read {path}", remedy=f"chmod 600 {path}")
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadKeyFile(f"{path} cannot be read: {error.strerror}", remedy="check [model] key_file") from None
    key = content.strip()
    if not key or len(content) > MAX_BYTES or not all(0x21 <= byte <= 0x7E for byte in key):
        raise BadKeyFile(f"{path} holds no key", remedy="put the key into it, on one line, and nothing else")
    return key.decode("ascii")
