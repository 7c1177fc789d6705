"""A reader that asks a language model: one call a sentence, its answer held to the lines that the sentence can state.

The answer is held to the grammar twice: by the server while it decodes, and line by line here. What is not taken is
listed with the reason.
"""

from __future__ import annotations

import time

from extractors.mentions.kinds import Kinds
from extractors.models.answers import AnswerCache, call_digest
from extractors.models.protocol import ChatModel, Completion, Constraint, Message
from extractors.reading.confidence import WITHOUT_PROBABILITIES, confidences
from extractors.reading.offered import Offers
from extractors.reading.reader import Found, Passage, Reading, Usage
from extractors.reading.shots import Shots
from ontology.grammar import EMPTY, Triple, gbnf, json_schema, read_answer
from ontology.model import Ontology

MAX_TOKENS = 256


class ChatReader:
    """Asks `model` what sentences state in the terms of `ontology`; `answers` keeps what it said."""

    def __init__(self, model: ChatModel, ontology: Ontology, *, answers: AnswerCache | None = None) -> None:
        self.model = model
        self.answers = answers
        kinds = Kinds(ontology)
        self._ontology = ontology
        self._offers = Offers(ontology, kinds)
        self._shots = Shots(ontology, kinds)

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The model, the ontology, and the part of the prompt that all calls share."""
        identity = self.model.identity
        return (
            ("model", identity.name),
            ("modelDigest", identity.digest or "unknown"),
            ("runtime", identity.runtime),
            ("promptDigest", self._shots.digest),
            ("ontology", self._ontology.digest),
            ("temperature", "0"),
        )

    def asks(self, passage: Passage) -> bool:
        """Whether the sentence can state any relation."""
        return bool(self._offers.of(passage.document, passage.sentence).triples)

    def read(self, passage: Passage) -> Reading:
        """What the model says of the sentence.

        Raises ModelRefusedCall, ModelUnreachable, ModelLimited, ModelAnsweredWrongly, BadModelFile, AnswersRefused.
        """
        sentence = passage.sentence
        offer = self._offers.of(passage.document, sentence)
        if not offer.triples:
            rejected = ((sentence.text, offer.reason),) if offer.reason else ()
            return Reading(rejected=rejected, read=False)
        chat = self._shots.chat(sentence.text)
        constraint = Constraint(gbnf(offer.triples), json_schema(offer.triples))
        completion, usage = self._ask(chat, constraint)
        stated, strange = read_answer(completion.text, offer.triples)
        if strange and completion.finish_reason != "length":
            completion, more = self._ask(_again(chat, completion, offer.triples), constraint)
            usage += more
            stated, strange = read_answer(completion.text, offer.triples)
        sure = confidences(completion.tokens, completion.text, offer.triples)
        return Reading(
            tuple(Found(triple, sure.get(triple.line, WITHOUT_PROBABILITIES)) for triple in stated),
            tuple((line, "the answer is none of the lines offered") for line in strange),
            offer.mentions,
            usage=usage,
        )

    def close(self) -> None:
        """Closes the model and the kept answers."""
        self.model.close()
        if self.answers is not None:
            self.answers.close()

    def _ask(self, chat: tuple[Message, ...], constraint: Constraint) -> tuple[Completion, Usage]:
        call = call_digest(self.model.identity, chat, constraint, MAX_TOKENS)
        kept = self.answers.get(call) if self.answers is not None else None
        if kept is not None:
            return kept, Usage(kept=1)
        begun = time.monotonic()
        completion = self.model.complete(chat, constraint, max_tokens=MAX_TOKENS)
        usage = Usage(1, 0, completion.tokens_in, completion.tokens_out, time.monotonic() - begun)
        if self.answers is not None:
            self.answers.put(call, completion)
        return completion, usage


def _again(chat: tuple[Message, ...], completion: Completion, offered: tuple[Triple, ...]) -> tuple[Message, ...]:
    """The question once more, with the lines that are allowed: for servers that do not hold answers to a grammar."""
    lines = "\n".join(triple.line for triple in offered)
    said = " ".join(completion.text.split())[:400] or EMPTY
    more = f"Answer again, with only such of these lines as the sentence states, or {EMPTY}:\n{lines}"
    return (*chat, Message("assistant", said), Message("user", more))
