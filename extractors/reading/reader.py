"""What the extractor asks of a reader: the relations that a sentence states, each from span to span.

A reader may be a language model under a grammar, an encoder, or patterns over a parse; each is one file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol, runtime_checkable

from extractors.documents.model import Chunk, Document, Sentence
from extractors.mentions.candidates import Candidate
from ontology.grammar import Triple

MIN_CONFIDENCE = Decimal("0.50")
"""The confidence from which on findings are taken, of readers that do not say."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence to be read, with what stands around it."""

    document: Document
    chunk: Chunk
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Found:
    """A relation that a sentence states. Subject and object start at offsets of the document.

    `confidence` is from 0.01 to 1, to two places.
    """

    triple: Triple
    confidence: Decimal


@dataclass(frozen=True, slots=True)
class Usage:
    """What reading cost: `calls` answers that a model gave now, `kept` from the cache; tokens and seconds of the calls.

    >>> Usage(1, 0, 200, 12, 1.5) + Usage(kept=1)
    Usage(calls=1, kept=1, tokens_in=200, tokens_out=12, seconds=1.5)
    """

    calls: int = 0
    kept: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.kept + other.kept,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.seconds + other.seconds,
        )


NOTHING_USED = Usage()


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a passage.

    `read` says whether it was looked at: a sentence that can state no relation is not. `rejected` are (text, reason)
    of what was not asked about and of answers that were not taken. `mentions` are the spans that the triples join, by
    start and text: spans may overlap.
    """

    found: tuple[Found, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()
    mentions: Mapping[tuple[int, str], Candidate] = field(default_factory=dict)
    read: bool = True
    usage: Usage = NOTHING_USED


@runtime_checkable
class Repairing(Protocol):
    """A reader that can be told what was wrong with what it found."""

    def repair(self, passage: Passage, refused: Sequence[tuple[Triple, str]]) -> Reading:
        """What it finds in place of what was refused, each with the reason; never the refused again.

        Raises what `read` raises.
        """


class Reader(Protocol):
    """Finds the relations that passages state, in the terms of one ontology."""

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Everything that decides what it finds, by name: equal parameters and passages give equal findings."""

    def asks(self, passage: Passage) -> bool:
        """Whether the passage costs a call (or a kept answer): what a dry run counts."""

    def read(self, passage: Passage) -> Reading:
        """The relations that the passage states; raises leaves of ServiceFailed or WrongUsage."""

    def close(self) -> None:
        """Gives back what the reader holds."""


def least_confidence(reader: Reader) -> Decimal:
    """The confidence from which on what the reader finds is more use than harm: its `min_confidence`, if it has one."""
    own: Decimal = getattr(reader, "min_confidence", MIN_CONFIDENCE)
    return own
