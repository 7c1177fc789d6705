"""A model that is not asked: it counts what a reader would ask, so that a dry run follows the reader's own ways.

Its identity is the real model's, so answers that are kept are found; what it says itself is never kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from extractors.models.answers import AnswerCache
from extractors.models.prompt_tokens import PromptTokens
from extractors.models.protocol import Completion, Constraint, Message, ModelIdentity

NOTHING = "none"


class Unasked:
    """Stands in for the model with this identity; `prompts` are the tokens of each prompt, in order.

    Questions that follow upon an answer (a repair, going on) are not counted: whether they come shows in answers only.
    """

    def __init__(self, identity: ModelIdentity, tokens: PromptTokens) -> None:
        self.identity = identity
        self.tokens = tokens
        self.prompts: list[int] = []
        self._last: tuple[Message, ...] = ()

    def complete(self, chat: Sequence[Message], constraint: Constraint | None, *, max_tokens: int) -> Completion:
        """An answer that states nothing."""
        asked = tuple(chat)
        if self._last and len(asked) > len(self._last) and asked[: len(self._last)] == self._last:
            return Completion(NOTHING, 0, 0, "stop")
        self._last = asked
        counted = self.tokens.count(chat)
        self.prompts.append(counted)
        return Completion(NOTHING, counted, 0, "stop")

    def close(self) -> None:
        """Nothing is held."""


class AnswersRead(AnswerCache):
    """Kept answers that are looked up; new ones are remembered for the dry run alone, so a repeat counts once."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(path)
        self._new: dict[str, Completion] = {}

    def get(self, call: str) -> Completion | None:
        """The answer that is kept, or was given in this dry run."""
        return self._new.get(call) or super().get(call)

    def put(self, call: str, completion: Completion) -> None:
        """Remembers the answer until the end of the dry run."""
        self._new[call] = completion
