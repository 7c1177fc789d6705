"""A causal model run by Hugging Face transformers on this machine, under the same grammar as every other.

It runs in a child process, `extractors.models.serve_transformers`, which the Python of another environment can run:
TRIPLOCK_TRANSFORMERS_PYTHON names its interpreter, for torch is large and wants other versions than triplock does.
Nothing is fetched from anywhere; code in a model's folder is not run, and weights are safetensors, or GGUF.
https://huggingface.co/docs/transformers/main_classes/text_generation
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from extractors.models.errors import (
    ModelAnsweredWrongly,
    ModelContextExceeded,
    ModelRefusedCall,
    ModelUnreachable,
)
from extractors.models.model_process import ModelProcess
from extractors.models.protocol import Completion, Constraint, Message, ModelIdentity, TokenChoice
from extractors.models.transformers_python import installed_versions, interpreter, loaded
from extractors.models.weights import default_cache
from extractors.models.weights_digest import file_digest, folder_digest

Device: TypeAlias = Literal["cpu", "cuda", "mps"]
DEVICES: tuple[Device, ...] = get_args(Device)
THREADS = 1
START_SECONDS = 600.0
CONVERTING_SECONDS = 7200.0
"""A GGUF file is turned into a folder at its first start: some minutes for each thousand million weights."""

_PROGRAM = Path(__file__).with_name("serve_transformers.py")


class TransformersCausal:
    """The model in `path`, called `name`: a folder with config.json, a tokenizer and safetensors, or a GGUF file.

    Loads nothing until it is asked. On the CPU it calculates in 32 bits with `threads` threads, on another `device` in
    the precision of its weights. `cache` keeps digests, and the folder that is made of a GGUF file.
    `python` runs it, by default the interpreter that TRIPLOCK_TRANSFORMERS_PYTHON names, else this one.
    Raises BadModelFile for what is no model, and MissingExtra where that Python has not torch, transformers and
    xgrammar, nor gguf and accelerate for a GGUF file.
    """

    def __init__(
        self,
        path: Path,
        name: str = "",
        *,
        device: Device = "cpu",
        threads: int = THREADS,
        timeout: float = 600.0,
        cache: Path | None = None,
        python: str = "",
    ) -> None:
        self.path, self._cache = path.absolute(), cache or default_cache()
        folder = self.path.is_dir()
        digest = folder_digest(self.path, self._cache) if folder else file_digest(self.path, self._cache)
        self._python = python or interpreter()
        versions = installed_versions(self._python, () if folder else ("gguf", "accelerate"))
        runtime = ", ".join(f"{package} {version}" for package, version in versions.items())
        self._identity = ModelIdentity(
            name or (path.name if folder else path.stem), f"sha256:{digest}", f"{runtime}, {device}"
        )
        self._kept = self._cache / "converted" / digest[:32]
        self._device, self._threads, self._timeout = device, threads, timeout
        self._start_seconds = START_SECONDS if folder else CONVERTING_SECONDS
        self._lock = threading.Lock()
        self._child: ModelProcess | None = None

    @property
    def identity(self) -> ModelIdentity:
        """The name, a SHA-256 of the weights, and the versions of what runs it."""
        return self._identity

    @property
    def process_id(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.process_id if self._child is not None and self._child.alive() else None

    def complete(self, chat: Sequence[Message], constraint: Constraint | None, *, max_tokens: int) -> Completion:
        """The answer; a child that died on the way is started once more.

        Raises BadModelFile, MissingExtra, ModelUnreachable, ModelAnsweredWrongly, ModelRefusedCall and
        ModelContextExceeded.
        """
        question = {"ask": "complete", "gbnf": constraint.gbnf if constraint else None, "max_tokens": max_tokens}
        reply = self._reply({**question, "chat": _told(chat)})
        tokens = tuple(
            TokenChoice(text, logprob, tuple((other, value) for other, value in others))
            for text, logprob, others in reply.pop("tokens")
        )
        return Completion(**reply, tokens=tokens)

    def count_tokens(self, chat: Sequence[Message]) -> int | None:
        """The tokens of the chat's prompt; loads the model. Raises what `complete` raises."""
        return int(self._reply({"ask": "count", "chat": _told(chat)})["count"])

    def close(self) -> None:
        """Ends the child."""
        with self._lock:
            self._end()

    def __enter__(self) -> TransformersCausal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _reply(self, question: dict[str, Any]) -> dict[str, Any]:
        line = json.dumps(question).encode()
        with self._lock:
            answered = self._asked(line) or self._asked(line)
        if not answered:
            raise ModelUnreachable("the model's process died twice over one question", remedy="check the free memory")
        reply: dict[str, Any] = json.loads(answered)
        if "refused" not in reply:
            return reply
        if reply["refused"] == "context":
            raise ModelContextExceeded(reply["why"], remedy="give shorter texts or a model with a longer context")
        if reply["refused"] == "failed":
            raise ModelAnsweredWrongly(
                f"{self.identity.name} failed: {reply['why']}", remedy="free memory, or use another device or model"
            )
        raise ModelRefusedCall(reply["why"], remedy="use an instruction-tuned model that has a chat template")

    def _asked(self, line: bytes) -> bytes:
        """What the child answers; empty where it died. One that is late, or whose answer nobody awaits, is ended."""
        child = self._running()
        try:
            child.write(line)
            answer = child.read(self._timeout, "the model gave no answer", "set a longer [model] timeout")
        except BaseException:
            child.kill()
            self._end()
            raise
        if not answer:
            self._end()
        return answer

    def _running(self) -> ModelProcess:
        if self._child is not None and self._child.alive():
            return self._child
        self._end()
        arguments = (str(self.path), str(self._threads), self._device, str(self._kept))
        self._child = loaded(
            self._python,
            _PROGRAM,
            arguments,
            self.path.name,
            seconds=self._start_seconds,
            what="the model was not loaded",
            remedy="free memory or use a smaller model",
        )
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


def _told(chat: Sequence[Message]) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in chat]
