"""A language model on this machine: a GGUF file run by llama.cpp (xllamacpp) in a child process.

The child is started at the first question and again if it died. One thread by default: more is faster on an idle
machine and an order of magnitude slower on a busy one.
GGUF: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import secrets
import sys
import threading
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from anchoring.errors import MissingExtra
from extractors.models.errors import BadModelFile, ModelAnsweredWrongly, ModelRefusedCall, ModelUnreachable
from extractors.models.kept_prompt import KeptPrompt
from extractors.models.model_process import ModelProcess
from extractors.models.openai_compatible import OpenAiCompatible
from extractors.models.protocol import Completion, Constraint, Message, ModelIdentity
from extractors.models.weights import default_cache
from extractors.models.weights_digest import file_digest

THREADS = 1
CONTEXT = 4096
"""Tokens of prompt and answer together."""
START_SECONDS = 180.0
_PACKAGES = str(Path(__file__).resolve().parents[2])
"""Where this package stands, so that the child runs the same one, never one in the folder it is started in."""


class LocalGguf:
    """The model in the file `path`, called `name`. Loads nothing until it is asked.

    `cache` is the folder that keeps the file's digest; `threads` and `context` go to the runtime. In `prompts`, a
    folder, the evaluated prompt is kept for the next process; it holds text of documents.
    Raises BadModelFile for a file that is no GGUF model and MissingExtra without xllamacpp.
    """

    def __init__(
        self,
        path: Path,
        name: str = "",
        *,
        threads: int = THREADS,
        context: int = CONTEXT,
        timeout: float = 600.0,
        cache: Path | None = None,
        prompts: Path | None = None,
    ) -> None:
        if importlib.util.find_spec("xllamacpp") is None:
            raise MissingExtra("a local language model", extra="llm")
        self.path = path.absolute()
        runtime = f"xllamacpp {metadata.version('xllamacpp')}"
        digest = file_digest(self.path, cache or default_cache())
        self._identity = ModelIdentity(name or path.stem, f"sha256:{digest}", runtime)
        self._threads, self._context, self._timeout = threads, context, timeout
        self._prompt = KeptPrompt(prompts.absolute(), self._identity, context) if prompts else None
        self._lock = threading.Lock()
        self._child: _Child | None = None

    @property
    def identity(self) -> ModelIdentity:
        """The name, the SHA-256 of the file, and the runtime's version."""
        return self._identity

    @property
    def process_id(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.process_id if self._child is not None and self._child.alive() else None

    def complete(self, chat: Sequence[Message], constraint: Constraint | None, *, max_tokens: int) -> Completion:
        """The answer; a child that died on the way is started once more.

        Raises BadModelFile, ModelUnreachable, ModelAnsweredWrongly, ModelRefusedCall.
        """
        with self._lock:
            for last in (False, True):
                child = self._running()
                try:
                    child.prepare(chat)
                    return child.client.complete(chat, constraint, max_tokens=max_tokens)
                except (ModelUnreachable, ModelAnsweredWrongly):
                    if last or not child.dies():
                        raise
        raise AssertionError("the second try answers or raises")

    def count_tokens(self, chat: Sequence[Message]) -> int | None:
        """The tokens of the chat's prompt; loads the model. Raises what `complete` raises."""
        with self._lock:
            return self._running().client.count_tokens(chat)

    def close(self) -> None:
        """Ends the child."""
        with self._lock:
            if self._child is not None:
                self._child.close()
                self._child = None

    def __enter__(self) -> LocalGguf:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _running(self) -> _Child:
        if self._child is None or not self._child.alive():
            if self._child is not None:
                self._child.close()
            runtime = (self._threads, self._context, self._timeout)
            self._child = _Child(self.path, self._identity, *runtime, self._prompt)
        return self._child


class _Child:
    """The process that runs the model, and the client that talks to it."""

    def __init__(
        self,
        path: Path,
        identity: ModelIdentity,
        threads: int,
        context: int,
        timeout: float,
        prompt: KeptPrompt | None,
    ) -> None:
        self._prompt, self._asked = prompt, False
        if prompt is not None:
            prompt.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = [str(prompt.folder)] if prompt else []
        key = secrets.token_urlsafe(24)
        self._process = ModelProcess(
            [sys.executable, "-P", "-m", "extractors.models.serve", str(path), str(threads), str(context), *folder],
            {**os.environ, "PYTHONPATH": os.pathsep.join([_PACKAGES, *(p for p in sys.path if p)])},
        )
        try:
            started = self._start(key)
        except BaseException:
            self._process.close()
            raise
        self._root, self._key = started, key
        self.client = OpenAiCompatible(
            f"{started}/v1",
            identity.name,
            constrain="grammar",
            identity=identity,
            timeout=timeout,
            tries=1,
            key=key,
        )
        if prompt is not None:
            prompt.restore(started, key)

    def prepare(self, chat: Sequence[Message]) -> None:
        """Before the first question: evaluate, or restore, what all questions begin with, and keep it."""
        if self._prompt is None or self._asked or len(chat) < 2:
            return
        self._asked = True
        with contextlib.suppress(ModelRefusedCall):  # some templates want more than a beginning
            self._prompt.save(self._root, self._key, self.client.complete(chat[:1], None, max_tokens=1))

    @property
    def process_id(self) -> int:
        """The id of the process."""
        return self._process.process_id

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.alive()

    def dies(self) -> bool:
        """Whether the process has ended or is ending."""
        return self._process.dies()

    def close(self) -> None:
        """Ends the process and the connections to it."""
        self.client.close()
        self._process.close()

    def _start(self, key: str) -> str:
        """The child's address, once the model is loaded."""
        self._process.write(key.encode())
        line = self._process.read(START_SECONDS, "the model was not loaded", "free memory or use a smaller model")
        if not line:
            code, said = self._process.last_words()
            raise BadModelFile(
                f"the model file cannot be loaded (exit {code}): {said}", remedy="check the file and the free memory"
            )
        return str(json.loads(line)["url"])
