"""What a local model has evaluated of its last prompt, kept on disk for the next process.

The first message of a chat is the same for every question, and to evaluate it is most of what the first question costs.
llama.cpp can save and restore the state of a slot; answers after a restore are the same.
A file is named by the model, its runtime and the digest of its bytes, and restored only if it still has that digest.
Server: https://github.com/ggml-org/llama.cpp/tree/master/tools/server (`/slots/{id}?action=save|restore`)
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import httpx

from extractors.models.protocol import Completion, ModelIdentity

MOST_BYTES = 1 << 30
"""A larger state is not kept."""
_SECONDS = 60.0
_PARTIAL = ".partial"


class KeptPrompt:
    """The state of one model's slot in `folder`, for a context of so many tokens."""

    def __init__(self, folder: Path, identity: ModelIdentity, context: int) -> None:
        self.folder = folder
        parts = "\0".join((identity.digest, identity.runtime, str(context)))
        self._key = hashlib.sha256(parts.encode()).hexdigest()[:32]

    def restore(self, root: str, key: str) -> bool:
        """Let the server at `root` load the kept state; whether it did. A file that cannot be used is removed."""
        for path in self._files():
            digest = path.name.removeprefix(f"{self._key}-").removesuffix(".slot")
            with contextlib.suppress(OSError):
                if _digest(path) == digest and _ask(root, key, "restore", path.name):
                    return True
                path.unlink()
        return False

    def save(self, root: str, key: str, completion: Completion) -> None:
        """Keep the server's state, if the answer was to a prompt that it mostly did not know."""
        if completion.tokens_in == 0 or 2 * completion.cached > completion.tokens_in:
            return
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = self.folder / f"{self._key}-{os.getpid()}{_PARTIAL}"
            try:
                if not _ask(root, key, "save", partial.name) or partial.stat().st_size > MOST_BYTES:
                    return
                former = self._files()
                kept = partial.replace(self.folder / f"{self._key}-{_digest(partial)}.slot")
                for path in former:
                    if path != kept:
                        path.unlink(missing_ok=True)
            finally:
                partial.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob(f"{self._key}-*.slot")) if self.folder.is_dir() else []


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _ask(root: str, key: str, action: str, name: str) -> bool:
    """Whether the server did it; what it cannot do costs time only."""
    try:
        answer = httpx.post(
            f"{root}/slots/0",
            params={"action": action},
            json={"filename": name},
            headers={"Authorization": f"Bearer {key}"},
            timeout=_SECONDS,
            trust_env=False,
        )
    except httpx.HTTPError:
        return False
    return answer.status_code == 200
