"""A reader that asks a language model: one call a sentence, its answer held to what the sentence can state.

The answer is held to the grammar twice: by the server while it decodes, and line by line here. What is not taken is
listed with the reason.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from extractors.mentions.kinds import Kinds
from extractors.models.answers import AnswerCache, call_digest
from extractors.models.protocol import ChatModel, Completion, Constraint, Message
from extractors.reading.confidence import WITHOUT_PROBABILITIES, confidences
from extractors.reading.listed_questions import ListedQuestions
from extractors.reading.open_questions import OpenQuestions
from extractors.reading.question import Questions
from extractors.reading.reader import Found, Passage, Reading, Usage
from ontology.grammar import EMPTY, Answers
from ontology.model import Example, Ontology

MAX_TOKENS = 256


class ChatReader:
    """Asks `model` what sentences state in the terms of `ontology`; `answers` keeps what it said.

    `examples` are labelled sentences beside those that the ontology brings: the nearest are shown to the model, and
    what they teach of relations and names is learned from them.
    """

    def __init__(
        self,
        model: ChatModel,
        ontology: Ontology,
        *,
        answers: AnswerCache | None = None,
        examples: Sequence[Example] = (),
    ) -> None:
        self.model = model
        self.answers = answers
        kinds, labelled = Kinds(ontology), (*ontology.examples, *examples)
        self._ontology = ontology
        self._questions: Questions = (
            ListedQuestions(replace(ontology, examples=labelled), kinds)
            if kinds.by_form
            else OpenQuestions(ontology, labelled)
        )

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The model, the ontology, and the part of the prompt that all calls share."""
        identity = self.model.identity
        return (
            ("model", identity.name),
            ("modelDigest", identity.digest or "unknown"),
            ("runtime", identity.runtime),
            ("promptDigest", self._questions.digest),
            ("ontology", self._ontology.digest),
            ("temperature", "0"),
        )

    def asks(self, passage: Passage) -> bool:
        """Whether the sentence can state any relation."""
        return bool(self._questions.of(passage).answers)

    def read(self, passage: Passage) -> Reading:
        """What the model says of the sentence.

        Raises ModelRefusedCall, ModelUnreachable, ModelLimited, ModelAnsweredWrongly, BadModelFile, AnswersRefused.
        """
        question = self._questions.of(passage)
        answers = question.answers
        if not answers:
            rejected = ((passage.sentence.text, question.reason),) if question.reason else ()
            return Reading(rejected=rejected, read=False)
        chat = question.chat()
        constraint = Constraint(answers.gbnf, answers.json_schema)
        completion, usage = self._ask(chat, constraint)
        stated, strange = answers.read(_whole(completion))
        if strange and completion.finish_reason != "length":
            completion, more = self._ask(_again(chat, completion, answers), constraint)
            usage += more
            stated, strange = answers.read(_whole(completion))
        sure = confidences(completion.tokens, completion.text, answers)
        doubts = {triple: question.doubt(triple) for triple in stated}
        return Reading(
            tuple(
                Found(triple, question.weigh(triple, sure.get(triple.line, WITHOUT_PROBABILITIES)))
                for triple in stated
                if doubts[triple] is None
            ),
            (
                *((line, "the answer is none of the lines offered") for line in strange),
                *((triple.line, why) for triple, why in doubts.items() if why is not None),
            ),
            question.mentions,
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


def _whole(completion: Completion) -> str:
    """The answer without the line that the limit of tokens broke off."""
    text = completion.text
    if completion.finish_reason == "length" and not text.lstrip().startswith("{"):
        return text.rpartition("\n")[0]
    return text


def _again(chat: tuple[Message, ...], completion: Completion, answers: Answers) -> tuple[Message, ...]:
    """The question once more, with what is allowed: for servers that do not hold answers to a grammar."""
    said = " ".join(completion.text.split())[:400] or EMPTY
    more = f"Answer again, with only such lines as the sentence states, or {EMPTY}. Allowed are:\n{answers.described}"
    return (*chat, Message("assistant", said), Message("user", more))
