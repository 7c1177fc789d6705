"""How many tokens a chat is for a model: by its own tokenizer where it can be asked, else by characters.

llama.cpp's servers apply their chat template (`/apply-template`) and count tokens (`/tokenize`) without evaluating
anything: https://github.com/ggml-org/llama.cpp/tree/master/tools/server
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from anchoring.errors import TriplockError
from extractors.models.protocol import Message

CHARACTERS_A_TOKEN = 3.4
"""Of prompts about English specifications with their chat marks, for the Qwen 2.5 tokenizer."""


@runtime_checkable
class CountsTokens(Protocol):
    """A model that can count the tokens of a chat without answering it."""

    def count_tokens(self, chat: Sequence[Message]) -> int | None:
        """The tokens of the prompt that `complete` would send; None where the server does not count."""


class PromptTokens:
    """Counts for one model. `exact` says whether the last count was the tokenizer's own."""

    def __init__(self, model: object | None) -> None:
        self._counts = model if isinstance(model, CountsTokens) else None
        self._characters, self._tokens = 0, 0
        self.exact = False

    def count(self, chat: Sequence[Message]) -> int:
        """The tokens of a chat; where the model cannot say, by characters, as calibrated by what was observed."""
        if self._counts is not None:
            try:
                counted = self._counts.count_tokens(chat)
            except TriplockError:
                counted = None
            if counted is not None:
                self.exact = True
                return counted
            self._counts = None
        self.exact = False
        ratio = self._characters / self._tokens if self._tokens else CHARACTERS_A_TOKEN
        return max(1, round(_characters(chat) / ratio))

    def observed(self, chat: Sequence[Message], tokens: int) -> None:
        """Learn from an answer that says how many tokens its prompt had."""
        if tokens > 0:
            self._characters += _characters(chat)
            self._tokens += tokens


def _characters(chat: Sequence[Message]) -> int:
    return sum(len(message.role) + len(message.content) for message in chat)
