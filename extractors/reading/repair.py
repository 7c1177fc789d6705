"""What a model is told when its answer cannot be taken: the chat goes on, once, with what was wrong.

What the document and the model said is made harmless, as in every prompt (`extractors.reading.prompt`).
"""

from __future__ import annotations

from collections.abc import Sequence

from extractors.models.protocol import Message
from extractors.reading.prompt import readable
from ontology.grammar import EMPTY, Triple

_LONGEST = 400
"""Characters of an answer that are repeated to the model."""


def again(chat: Sequence[Message], said: str, allowed: str) -> tuple[Message, ...]:
    """For an answer off the grammar, from a server that is not held to it: `allowed` describes what may be written."""
    more = f"Answer again, with only such lines as the sentence states, or {EMPTY}. Allowed are:\n{allowed}"
    return _with(chat, said, more)


def go_on(chat: Sequence[Message], said: str) -> tuple[Message, ...]:
    """For an answer that was cut off: `said` are its whole lines."""
    more = f"Your answer was cut off. Go on with the lines that are missing, or write: {EMPTY}"
    return (*chat, Message("assistant", said.strip() or EMPTY), Message("user", more))


def told(chat: Sequence[Message], refused: Sequence[tuple[Triple, str]]) -> tuple[Message, ...]:
    """For lines that do not fit the ontology, their datatype or a shape, each with the reason."""
    said = "\n".join(triple.line for triple, _ in refused)
    wrong = "\n".join(f"- {readable(triple.line)}: {readable(reason)[:_LONGEST]}" for triple, reason in refused)
    more = f"These lines are wrong:\n{wrong}\nWrite in their place what the sentence states, or {EMPTY}."
    return _with(chat, said, more)


def _with(chat: Sequence[Message], said: str, more: str) -> tuple[Message, ...]:
    return (*chat, Message("assistant", " ".join(said.split())[:_LONGEST] or EMPTY), Message("user", more))
