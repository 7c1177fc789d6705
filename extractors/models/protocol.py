"""What the extractor asks of a language model: one method and a name.

A provider is any object with `identity`, `complete` and `close`; each of ours is one file beside this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat: `role` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model answers, as far as the answer depends on it.

    `name` is what people call it, `digest` is `sha256:…` of its weights or empty where a server does not say,
    `runtime` is the program and version that runs it, or the server's own name for its model.
    """

    name: str
    digest: str
    runtime: str


@dataclass(frozen=True, slots=True)
class Constraint:
    """What an answer may be, in the two forms that servers understand: a GBNF grammar and a JSON schema."""

    gbnf: str
    json_schema: dict[str, object]


@dataclass(frozen=True, slots=True)
class TokenChoice:
    """A token of the answer and the natural logarithm of its probability before the grammar.

    `others` are the most probable tokens at this place with theirs, the chosen one usually among them.
    """

    text: str
    logprob: float
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer. Token counts are the server's own, 0 where it gives none.

    `finish_reason` is `stop` where the model ended the answer, `length` where the limit did.
    `tokens` are the answer's tokens in order, empty where the server gives no probabilities.
    `cached` are the tokens of the prompt that the server still knew from a call before, 0 where it does not say.
    """

    text: str
    tokens_in: int
    tokens_out: int
    finish_reason: str
    tokens: tuple[TokenChoice, ...] = ()
    cached: int = 0


class ChatModel(Protocol):
    """A language model that answers a chat under a constraint."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is; equal identities give equal answers to equal calls, as far as is known."""

    def complete(self, chat: Sequence[Message], constraint: Constraint | None, *, max_tokens: int) -> Completion:
        """The most probable answer (temperature 0) to the chat; raises leaves of ServiceFailed or WrongUsage."""

    def close(self) -> None:
        """Gives back what the model holds: connections, memory, a process."""
