"""Whether a llama.cpp server knows all but a few tokens of a chat from the one that it was asked last.

Such a server keeps the last prompt and its answer, and evaluates of the next only what differs. Fewer than eight tokens
evaluated together, as those of an answer are, differ in the last bits from the same tokens in a longer run of them. A
run that was killed and goes on asks in another order than one that was not, so the answers might differ; a chat of
which few tokens are left to evaluate, or that goes on from the last answer, is therefore evaluated anew.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from extractors.models.protocol import Message

FEWEST = 7
"""Words and signs, none of which is less than a token; what a template puts after a chat is another token at least."""
_PIECE = re.compile(r"\w+|[^\w\s]")


class LastPrompt:
    """What a server was asked last.

    >>> last, ship, sea = LastPrompt(), "The ship sails to a distant port.", "Seven seas lie to the west of it."
    >>> said = [[Message("user", text)] for text in (ship, sea, sea, sea.replace("west", "east"), ship)]
    >>> [last.is_most_of(chat) for chat in said]
    [True, False, True, True, False]
    >>> last.is_most_of([*said[0], Message("assistant", "none"), Message("user", "Look again at all of its words.")])
    True
    """

    def __init__(self) -> None:
        self._chat: tuple[Message, ...] | None = None

    def is_most_of(self, chat: Sequence[Message]) -> bool:
        """Note that this chat is asked; whether the server may know most of it. It may where nothing was asked yet."""
        last, self._chat = self._chat, tuple(chat)
        if last is None:
            return True
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(last, chat, strict=False)))
        if same == len(chat) or (same == len(last) and chat[same].role == "assistant"):
            return True
        former, latter = last[same].content if same < len(last) else "", chat[same].content
        length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(former, latter, strict=False)))
        left = [latter[length:], *(m.content for m in chat[same + 1 :])]
        return sum(len(_PIECE.findall(text)) for text in left) < FEWEST
