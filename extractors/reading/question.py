"""What a chat model is asked about a sentence: the messages, the answers it may give, and how they are judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from extractors.mentions.candidates import Candidate
from extractors.models.protocol import Message
from extractors.reading.confidence import WITHOUT_PROBABILITIES
from extractors.reading.reader import Passage
from ontology.grammar import Answers, Listed, Triple

NOTHING = Listed(())
"""No line can be formed."""


Said = Mapping[Triple, Decimal | None]
"""What a model stated, and how sure it was; None where its server gives no probabilities."""


def as_said(stated: Said) -> dict[Triple, Decimal]:
    """What the model stated, as sure as it was."""
    return {triple: WITHOUT_PROBABILITIES if sure is None else sure for triple, sure in stated.items()}


def no_doubt(_: Triple) -> str | None:
    """Nothing against any triple."""
    return None


@dataclass(frozen=True)
class Question:
    """A sentence put to a model.

    Without an answer that may be given there is no call; `reason` says why, or is "", and what is known without the
    model is found all the same.
    `mentions` are the spans by start and text, `chat` makes the messages when they are needed, `findings` makes of what
    the model stated, with its confidence, what is found; `doubt` says why a triple is not taken, or None.
    """

    answers: Answers = NOTHING
    mentions: Mapping[tuple[int, str], Candidate] = field(default_factory=dict)
    reason: str = ""
    chat: Callable[[], tuple[Message, ...]] = tuple
    findings: Callable[[Said], Mapping[Triple, Decimal]] = as_said
    doubt: Callable[[Triple], str | None] = no_doubt


class Questions(Protocol):
    """Makes the questions of one ontology."""

    @property
    def digest(self) -> str:
        """`sha256:` of everything beside the ontology and the passage that the questions depend on."""

    @property
    def min_confidence(self) -> Decimal:
        """The confidence from which on a finding is more use than harm."""

    def of(self, passage: Passage) -> Question:
        """The question about a passage."""
