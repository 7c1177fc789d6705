"""One question to a model, if its answer is not kept already, with what it cost."""

from __future__ import annotations

import time
from collections.abc import Sequence

from extractors.models.answers import AnswerCache, call_digest
from extractors.models.protocol import ChatModel, Completion, Constraint, Message
from extractors.reading.reader import Usage


def ask(
    model: ChatModel, answers: AnswerCache | None, chat: Sequence[Message], constraint: Constraint, *, max_tokens: int
) -> tuple[Completion, Usage]:
    """The answer, which `answers` keeps from then on, and its cost. Raises what the model raises, AnswersRefused."""
    call = call_digest(model.identity, chat, constraint, max_tokens)
    kept = answers.get(call) if answers is not None else None
    if kept is not None:
        return kept, Usage(kept=1)
    begun = time.monotonic()
    completion = model.complete(chat, constraint, max_tokens=max_tokens)
    usage = Usage(1, 0, completion.tokens_in, completion.tokens_out, time.monotonic() - begun)
    if answers is not None:
        answers.put(call, completion)
    return completion, usage
