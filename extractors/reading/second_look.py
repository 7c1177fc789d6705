"""A second look: the model is asked whether the sentence states a claim that a reader is unsure of, yes or no.

The question is short, and its beginning is the same for every claim of every ontology, so a server evaluates it once.
The answer is the model's probability of yes against no at the first token; it is joined with the reader's confidence by
adding their log odds, each with a weight.
The second look's gain and cost: docs/trust.md.
"""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

from extractors.models.answers import AnswerCache
from extractors.models.protocol import ChatModel, Completion, Constraint, Message
from extractors.reading import odds
from extractors.reading.asking import ask
from extractors.reading.prompt import prefix_digest, readable
from extractors.reading.reader import NOTHING_USED, Found, Passage, Reader, Reading, Usage, least_confidence
from extractors.reading.wrapped import wrapped
from ontology.grammar import Triple

DOUBTFUL = (Decimal("0.10"), Decimal("0.90"))
"""Confidences between which it is worth a question."""
OWN_WEIGHT, LOOK_WEIGHT, BIAS = 1.0, 0.25, 0.0

_SYSTEM = (
    "Does the sentence state the claim? A claim is: subject | relation | object.\n"
    "Answer yes only if the sentence itself states it, with subject and object in this order; else answer no."
)
_SHOWN = (
    ("Night Train, written by Ann Lee, is set in Oslo.", "Night Train | author | Ann Lee", "yes"),
    ("Night Train, written by Ann Lee, is set in Oslo.", "Ann Lee | place of birth | Oslo", "no"),
    ("Acme has sold its shares in Globex, which now belongs to Initech.", "Globex | owned by | Acme", "no"),
    ("Acme has sold its shares in Globex, which now belongs to Initech.", "Globex | owned by | Initech", "yes"),
)
_CONSTRAINT = Constraint(
    'root ::= "yes" | "no"\n',
    {
        "type": "object",
        "properties": {"answer": {"enum": ["yes", "no"]}},
        "required": ["answer"],
        "additionalProperties": False,
    },
)
_MAX_TOKENS = 8
EDGE = 0.005


def question(sentence: str, triple: Triple) -> tuple[Message, ...]:
    """The chat that asks whether the sentence states the triple.

    >>> from ontology.grammar import Term
    >>> from ontology.model import Relation
    >>> triple = Triple(Term("A", 0, "a"), Relation("urn:r", "owns", "Holds shares."), Term("B", 7, "b"))
    >>> print(question("A owns B.", triple)[-1].content)
    Sentence: A owns B.
    Claim: A | owns | B
    """
    chat = [Message("system", _SYSTEM)]
    for text, claim, answer in _SHOWN:
        chat += [Message("user", f"Sentence: {text}\nClaim: {claim}"), Message("assistant", answer)]
    asked = f"Sentence: {readable(sentence)}\nClaim: {readable(triple.line)}"
    return (*chat, Message("user", asked))


def yes(completion: Completion) -> float | None:
    """The probability of yes against no at the first token; None where the server gives no probabilities."""
    if not completion.tokens:
        return None
    first = completion.tokens[0]
    choices = dict((*first.others, (first.text, first.logprob)))
    said = {"yes": 0.0, "no": 0.0}
    for text, logprob in choices.items():
        word = text.strip().casefold()
        if word in said:
            said[word] += math.exp(logprob)
    total = said["yes"] + said["no"]
    return said["yes"] / total if total > 0 else None


def joined(confidence: Decimal, likely: float) -> Decimal:
    """The reader's confidence and the second look's, as one, from 0.01 to 0.99."""
    own, look = (odds.log_odds(p, EDGE) for p in (float(confidence), likely))
    return odds.confidence(OWN_WEIGHT * own + LOOK_WEIGHT * look + BIAS)


def looking_twice(reader: Reader, model: ChatModel, answers: AnswerCache | None = None) -> Reader:
    """The reader, whose doubtful findings `model` is asked about once more; it can be told what was wrong if it could.

    The model and the kept `answers` are the reader's to close. The digest of what every second look asks, and how it
    counts, is among the parameters.
    """
    shown = [(f"{text}\n{claim}", answer) for text, claim, answer in _SHOWN]
    weights = f"{OWN_WEIGHT} {LOOK_WEIGHT} {BIAS} {DOUBTFUL}"
    parameter = ("secondLook", prefix_digest(f"{_SYSTEM}\n{weights}", shown))
    return wrapped(reader, SecondLook(model, answers).looked, parameter, min_confidence=least_confidence(reader))


class SecondLook:
    """Asks `model` about findings once more."""

    def __init__(self, model: ChatModel, answers: AnswerCache | None) -> None:
        self._model = model
        self._answers = answers

    def looked(self, passage: Passage, reading: Reading) -> Reading:
        """What was found, the doubtful looked at twice."""
        usage, found = reading.usage, []
        for each in reading.found:
            again, cost = self._again(passage, each)
            usage += cost
            found.append(again)
        return replace(reading, found=tuple(found), usage=usage)

    def likely(self, passage: Passage, triple: Triple) -> tuple[float | None, Usage]:
        """The probability of yes, None where the server gives none; raises what the model raises, AnswersRefused."""
        chat = question(passage.sentence.aligned, triple)
        completion, usage = ask(self._model, self._answers, chat, _CONSTRAINT, max_tokens=_MAX_TOKENS)
        return yes(completion), usage

    def _again(self, passage: Passage, found: Found) -> tuple[Found, Usage]:
        if not DOUBTFUL[0] <= found.confidence <= DOUBTFUL[1]:
            return found, NOTHING_USED
        likely, usage = self.likely(passage, found.triple)
        return (found if likely is None else replace(found, confidence=joined(found.confidence, likely))), usage
