"""One question to a model server with its answer, as the proxy keeps it on disk and counts it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sent: status, media type, body, and what it took: seconds, processor seconds of the model."""

    status: int
    media_type: str
    body: bytes
    seconds: float
    cpu_seconds: float

    def document(self) -> dict[str, Any]:
        """The body as JSON; of a streamed answer the pieces put together; {} where it is neither.

        >>> line = b'data: {"choices": [{"delta": {"content": "a"}}]}\\n\\ndata: [DONE]\\n\\n'
        >>> Answer(200, "text/event-stream", line, 0.0, 0.0).document()["choices"][0]["message"]["content"]
        'a'
        """
        if self.media_type.startswith("text/event-stream"):
            return _joined(list(_events(self.body)))
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Call:
    """What is counted of a question: tokens by the server's own `usage`, how the answer ended, and whether it was kept.

    `content` is the answer's text, or the arguments of its tool calls. `error` is what the server said instead of one.
    """

    digest: str
    status: int
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    seconds: float
    cpu_seconds: float
    finish: str
    content: str = field(repr=False)
    error: str = ""
    kept: bool = False


def counted(digest: str, answer: Answer, *, kept: bool) -> Call:
    """The call of an answer, whatever it is."""
    document = answer.document()
    usage = document.get("usage") or {}
    choice = (document.get("choices") or [{}])[0]
    message = choice.get("message") or {}
    tools = [tool["function"]["arguments"] for tool in message.get("tool_calls") or ()]
    error = document.get("error") or ""
    return Call(
        digest,
        answer.status,
        int(usage.get("prompt_tokens") or 0),
        int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0),
        int(usage.get("completion_tokens") or 0),
        round(answer.seconds, 3),
        round(answer.cpu_seconds, 3),
        str(choice.get("finish_reason") or ""),
        str(message.get("content") or "") or "\n".join(map(str, tools)),
        str(error.get("message") if isinstance(error, dict) else error),
        kept,
    )


def digest_of(path: str, body: bytes) -> str:
    """What names a question: the path it was put to and its body."""
    return hashlib.sha256(path.encode() + b"\n" + body).hexdigest()


class KeptAnswers:
    """Questions and answers in a folder, one file each; a question that is there already is not asked again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, digest: str) -> Answer | None:
        """The answer of a question, None where it was not asked yet."""
        try:
            kept = json.loads(self._path(digest).read_text("utf-8"))
        except FileNotFoundError:
            return None
        answer = kept["answer"]
        return Answer(**{**answer, "body": base64.b64decode(answer["body"])})

    def put(self, digest: str, path: str, body: bytes, answer: Answer) -> None:
        """Keeps an answer; a file is there whole or not at all."""
        target = self._path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        record = {
            "path": path,
            "question": body.decode("utf-8", "replace"),
            "answer": {**asdict(answer), "body": base64.b64encode(answer.body).decode()},
        }
        partial = target.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(record, ensure_ascii=False), "utf-8")
        partial.replace(target)

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest}.json"


def _events(body: bytes) -> Iterator[dict[str, Any]]:
    """The JSON of the events of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    for line in body.decode("utf-8", "replace").splitlines():
        if line.startswith("data:") and line[5:].strip() != "[DONE]":
            yield json.loads(line[5:])


def _joined(events: list[dict[str, Any]]) -> dict[str, Any]:
    text, finish, usage = "", "", {}
    tools: dict[int, str] = {}
    for event in events:
        usage = event.get("usage") or usage
        for choice in event.get("choices") or ():
            delta = choice.get("delta") or {}
            text += delta.get("content") or ""
            finish = choice.get("finish_reason") or finish
            for tool in delta.get("tool_calls") or ():
                index = tool.get("index", 0)
                tools[index] = tools.get(index, "") + ((tool.get("function") or {}).get("arguments") or "")
    calls = [{"function": {"arguments": arguments}} for _, arguments in sorted(tools.items())]
    message = {"content": text, "tool_calls": calls}
    return {"choices": [{"message": message, "finish_reason": finish}], "usage": usage}
