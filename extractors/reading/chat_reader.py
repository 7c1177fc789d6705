"""A reader that asks a language model: one call a sentence, its answer held to what the sentence can state.

The answer is held to the grammar twice: by the server while it decodes, and line by line here. What is not taken is
listed with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from extractors.mentions.kinds import Kinds
from extractors.models.answers import AnswerCache
from extractors.models.protocol import ChatModel, Completion, Constraint, Message
from extractors.reading.asking import ask
from extractors.reading.confidence import confidences
from extractors.reading.listed_questions import ListedQuestions
from extractors.reading.open_questions import OpenQuestions
from extractors.reading.question import Question, Questions
from extractors.reading.reader import Found, Passage, Reading, Usage
from extractors.reading.repair import again, go_on, told
from ontology.grammar import Answers, Triple
from ontology.model import Example, Ontology

MAX_TOKENS = 256


class ChatReader:
    """Asks `model` what sentences state in the terms of `ontology`; `answers` keeps what it said.

    `examples` are labelled sentences beside those that the ontology brings: the nearest are shown to the model, and
    what they teach of relations and names is learned from them. `reviewed` are shown where they are nearest, too, but
    do not change the reader's parameters: what a person has judged since does not make another reader of it.
    """

    def __init__(
        self,
        model: ChatModel,
        ontology: Ontology,
        *,
        answers: AnswerCache | None = None,
        examples: Sequence[Example] = (),
        reviewed: Sequence[Example] = (),
    ) -> None:
        self.model = model
        self.answers = answers
        kinds, labelled = Kinds(ontology), (*ontology.examples, *examples)
        self._ontology = ontology
        self._questions: Questions = (
            ListedQuestions(replace(ontology, examples=labelled), kinds, reviewed)
            if kinds.by_form
            else OpenQuestions(ontology, labelled, reviewed)
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

    @property
    def min_confidence(self) -> Decimal:
        """The confidence from which on a finding is more use than harm."""
        return self._questions.min_confidence

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
            return _unasked(question, passage.sentence.text, self.min_confidence)
        chat = question.chat()
        completion, usage = self._ask(chat, answers)
        _, strange = answers.read(_whole(completion))
        if strange and not _is_cut(completion):
            completion, more = self._ask(again(chat, completion.text, answers.described), answers)
            usage += more
        return self._taken(question, answers, chat, completion, usage)

    def repair(self, passage: Passage, refused: Sequence[tuple[Triple, str]]) -> Reading:
        """What the model says, told what was wrong, in place of what was refused: with the same relations only.

        Raises what `read` raises.
        """
        question = self._questions.of(passage)
        answers = question.answers.instead_of([triple for triple, _ in refused])
        if not answers:
            return Reading()
        chat = told(question.chat(), refused)
        completion, usage = self._ask(chat, answers)
        return self._taken(question, answers, chat, completion, usage)

    def _taken(
        self, question: Question, answers: Answers, chat: tuple[Message, ...], said: Completion, usage: Usage
    ) -> Reading:
        """What an answer states; one that the limit of tokens cut off, with what the model adds to it, asked once."""
        before = self._reading(question, answers, said, usage)
        if not _is_cut(said):
            return before
        completion, usage = self._ask(go_on(chat, _whole(said)), answers.or_none())
        after = self._reading(question, answers, completion, usage)
        stated = {found.triple.line for found in before.found}
        still = ((f"… {said.text[-80:]}", f"the answer was cut off after {MAX_TOKENS} tokens, twice"),)
        return Reading(
            (*before.found, *(found for found in after.found if found.triple.line not in stated)),
            (*before.rejected, *after.rejected, *(still if _is_cut(completion) else ())),
            before.mentions,
            usage=before.usage + after.usage,
        )

    def _reading(self, question: Question, answers: Answers, completion: Completion, usage: Usage) -> Reading:
        """What an answer states, but for what the sentence puts in doubt."""
        stated, strange = answers.read(_whole(completion))
        sure = confidences(completion.tokens, completion.text, answers)
        found = question.findings({t: sure.get(t.line) for t in stated})
        doubts = {triple: question.doubt(triple) for triple in found}
        said = {_without_direction(triple) for triple in stated}
        return Reading(
            tuple(
                Found(triple, confidence)
                for triple, confidence in found.items()
                if doubts[triple] is None and (triple in stated or answers.accepts(triple.line))
            ),
            (
                *((line, "the answer is none of the lines offered") for line in strange),
                *(
                    (triple.line, why)
                    for triple, why in doubts.items()
                    if why is not None and _without_direction(triple) in said
                ),
            ),
            question.mentions,
            usage=usage,
        )

    def close(self) -> None:
        """Closes the model and the kept answers."""
        self.model.close()
        if self.answers is not None:
            self.answers.close()

    def _ask(self, chat: tuple[Message, ...], answers: Answers) -> tuple[Completion, Usage]:
        constraint = Constraint(answers.gbnf, answers.json_schema)
        return ask(self.model, self.answers, chat, constraint, max_tokens=MAX_TOKENS)


def _unasked(question: Question, text: str, least: Decimal) -> Reading:
    """What is found of a sentence about which there is nothing to ask, and what is doubted of it, from `least` on."""
    found = question.findings({})
    doubts = {triple: question.doubt(triple) for triple in found}
    doubted = ((t.line, why) for t, why in doubts.items() if why is not None and found[t] >= least)
    return Reading(
        tuple(Found(triple, sure) for triple, sure in found.items() if doubts[triple] is None),
        (*(((text, question.reason),) if question.reason else ()), *doubted),
        question.mentions,
        read=bool(found),
    )


def _without_direction(triple: Triple) -> tuple[str, frozenset[str]]:
    """What a triple has in common with the one that it may have been made of by turning it round."""
    return triple.relation.iri, frozenset((triple.subject.text, triple.object.text))


def _is_cut(completion: Completion) -> bool:
    return completion.finish_reason == "length"


def _whole(completion: Completion) -> str:
    """The answer without the line that the limit of tokens broke off."""
    text = completion.text
    if _is_cut(completion) and not text.lstrip().startswith("{"):
        return text.rpartition("\n")[0]
    return text
