"""From a chunk of prose to claims: candidates, the triples they could form, one call a sentence, and what came out.

A sentence costs a call only if the ontology has a relation that two things in it could stand in, that shares a word
with it, and that it does not deny or merely allow. The answer is held to the grammar twice: by the server while it
decodes, and line by line here. What is not taken is listed with the reason.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from anchoring.errors import ServiceFailed
from extractors.documents.model import Chunk, Document, Sentence
from extractors.llm.answers import AnswerCache, call_digest
from extractors.llm.candidates import Candidate, Shape, candidates
from extractors.llm.confidence import WITHOUT_PROBABILITIES, confidences
from extractors.llm.cues import Cues
from extractors.llm.declared import Declared
from extractors.llm.kinds import Kinds
from extractors.llm.polarity import backwards, doubt
from extractors.llm.prompt import Message
from extractors.llm.protocol import ChatModel, Completion, Constraint
from extractors.llm.shots import Shots
from kg.claims.iris import Mint
from kg.claims.model import Activity, Agent, Claim, Span, Statement, Trust
from kg.claims.vocabulary import LABEL, TYPE
from ontology.grammar import EMPTY, Term, Triple, gbnf, json_schema, possible_triples, read_answer
from ontology.model import Ontology

AGENT = "triplock-extractor"
VERSION = "1"
"""Raised when the rules change so that the same answers give other claims."""

MAX_TOKENS = 256
MAX_SENTENCE = 2000
"""Characters; what is longer is no sentence that a model could be asked about."""
_OF_ITS_DOCUMENT = (Shape.FUNCTION, Shape.EVENT, Shape.ERROR, Shape.INTERFACE)
"""Names in code tell upper from lower case and mean something in their document only: `Transfer` is no `transfer`."""
Known = Callable[[Document, str, str | None], NamedNode | None]
"""The IRI of a thing that other code has named already, by document, name and class IRI; None if there is none."""


class Status(StrEnum):
    """How a chunk ended."""

    DONE = "done"
    EMPTY = "empty"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What came of a chunk.

    `reason` says why it is empty or failed, and is "" for done. `rejected` are (text, reason) of sentences that were
    not asked about and of answers that were not taken. `calls` counts answers that the model gave now, `kept` those
    from the cache; tokens and seconds are of the calls.
    """

    status: Status
    reason: str
    claims: tuple[Claim, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()
    calls: int = 0
    kept: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class _Tally:
    """The growing result of one chunk."""

    claims: list[Claim] = field(default_factory=list)
    rejected: list[tuple[str, str]] = field(default_factory=list)
    calls: int = 0
    kept: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0

    def result(self, status: Status, reason: str) -> ChunkResult:
        claims = () if status is Status.FAILED else tuple(self.claims)
        return ChunkResult(
            status, reason, claims, tuple(self.rejected), self.calls, self.kept,
            self.tokens_in, self.tokens_out, self.seconds,
        )  # fmt: skip


class Extractor:
    """Asks `model` what the sentences of a chunk state in the terms of `ontology`.

    `answers` keeps what the model said. `known` gives the IRIs of things that code has named already, by default the
    declarations in the document's own code. Claims under `min_confidence` are rejected.
    """

    def __init__(
        self,
        model: ChatModel,
        ontology: Ontology,
        mint: Mint,
        *,
        answers: AnswerCache | None = None,
        known: Known | None = None,
        min_confidence: Decimal = Decimal("0.50"),
    ) -> None:
        self.model = model
        self.ontology = ontology
        self.mint = mint
        self.answers = answers
        self.min_confidence = min_confidence
        self._known = known or Declared()
        self._kinds = Kinds(ontology)
        self._cues = Cues(ontology)
        self._shots = Shots(ontology, self._kinds)

    @property
    def agent(self) -> Agent:
        """The software that makes the claims, with everything that decides them."""
        identity = self.model.identity
        return Agent(
            AGENT,
            VERSION,
            (
                ("model", identity.name),
                ("modelDigest", identity.digest or "unknown"),
                ("runtime", identity.runtime),
                ("promptDigest", self._shots.digest),
                ("ontology", self.ontology.digest),
                ("temperature", "0"),
                ("minConfidence", f"{self.min_confidence:.2f}"),
            ),
        )

    def would_ask(self, document: Document, sentence: Sentence) -> bool:
        """Whether the sentence costs a call (or a kept answer): what a dry run counts."""
        return bool(self._offered(document, sentence)[0])

    def extract(self, document: Document, chunk: Chunk) -> ChunkResult:
        """The claims of a chunk's sentences.

        A model that cannot be reached or answers wrongly makes the chunk `failed`; answers that came before are kept.
        Raises ModelRefusedCall and other WrongUsage, which no further chunk would get past.
        """
        tally = _Tally()
        for sentence in chunk.sentences:
            try:
                self._read(document, sentence, tally)
            except ServiceFailed as error:
                return tally.result(Status.FAILED, f"{error.code}: {error.what}")
        if tally.claims:
            return tally.result(Status.DONE, "")
        if tally.calls or tally.kept:
            return tally.result(Status.EMPTY, "the model found none of the relations")
        return tally.result(Status.EMPTY, "no relation can be formed in these sentences")

    def _read(self, document: Document, sentence: Sentence, tally: _Tally) -> None:
        offered, found, reason = self._offered(document, sentence)
        if not offered:
            if reason:
                tally.rejected.append((sentence.text, reason))
            return
        chat = self._shots.chat(sentence.text)
        constraint = Constraint(gbnf(offered), json_schema(offered))
        completion = self._ask(chat, constraint, tally)
        stated, strange = read_answer(completion.text, offered)
        if strange and completion.finish_reason != "length":
            completion = self._ask(_again(chat, completion, offered), constraint, tally)
            stated, strange = read_answer(completion.text, offered)
        tally.rejected += [(line, "the answer is none of the lines offered") for line in strange]
        sure = confidences(completion.tokens, completion.text, offered)
        for triple in stated:
            confidence = sure.get(triple.line, WITHOUT_PROBABILITIES)
            if confidence < self.min_confidence:
                tally.rejected.append((triple.line, f"confidence {confidence} is under {self.min_confidence}"))
            else:
                tally.claims.append(self._claim(document, sentence, triple, found, confidence))

    def _offered(self, document: Document, sentence: Sentence) -> tuple[tuple[Triple, ...], dict[int, Candidate], str]:
        """The triples that the sentence may be asked about, its candidates by offset, and why there are none."""
        if len(sentence.text) > MAX_SENTENCE:
            return (), {}, f"{len(sentence.text):,} characters are too long for a sentence"
        found = {c.start: c for c in candidates(sentence.text, sentence.start, own_names=document.subject_names)}
        terms = [self._kinds.term(c, document) for c in found.values()]
        possible = possible_triples(self.ontology, terms)
        words = _without_names(sentence, found.values())
        spoken = [t for t in possible if self._cues.speaks_of(words, t.relation)]
        doubts = [doubt(sentence.text, _within(t.subject, sentence), _within(t.object, sentence)) for t in spoken]
        stated = [t for t, why in zip(spoken, doubts, strict=True) if why is None]
        both = {(t.subject.identity, t.relation.iri, t.object.identity) for t in stated}
        offered = tuple(
            t
            for t in stated
            if (t.object.identity, t.relation.iri, t.subject.identity) not in both or _in_order(t, sentence)
        )
        return offered, found, "" if offered else next((why for why in doubts if why), "")

    def _ask(self, chat: tuple[Message, ...], constraint: Constraint, tally: _Tally) -> Completion:
        call = call_digest(self.model.identity, chat, constraint, MAX_TOKENS)
        kept = self.answers.get(call) if self.answers is not None else None
        if kept is not None:
            tally.kept += 1
            return kept
        begun = time.monotonic()
        completion = self.model.complete(chat, constraint, max_tokens=MAX_TOKENS)
        tally.seconds += time.monotonic() - begun
        tally.calls += 1
        tally.tokens_in += completion.tokens_in
        tally.tokens_out += completion.tokens_out
        if self.answers is not None:
            self.answers.put(call, completion)
        return completion

    def _claim(
        self,
        document: Document,
        sentence: Sentence,
        triple: Triple,
        found: dict[int, Candidate],
        confidence: Decimal,
    ) -> Claim:
        subject, about_subject = self._thing(document, triple.subject, found)
        predicate = NamedNode(triple.relation.iri)
        if triple.relation.datatype is not None:
            value: NamedNode | Literal = Literal(triple.object.text, datatype=NamedNode(triple.relation.datatype))
            about_object: tuple[Statement, ...] = ()
        else:
            value, about_object = self._thing(document, triple.object, found)
        return Claim(
            ((subject, predicate, value), *about_subject, *about_object),
            Activity("extraction", document.cid, self.agent, Trust.INFERRED),
            Span(document.cid, sentence.start, sentence.end, document.text[sentence.start : sentence.end]),
            confidence,
        )

    def _thing(
        self, document: Document, term: Term, found: dict[int, Candidate]
    ) -> tuple[NamedNode, tuple[Statement, ...]]:
        """The IRI of a term, and the label and class of one that is named here for the first time."""
        if ":" in term.identity and term.identity.startswith(("http://", "https://", "ipfs://", "urn:")):
            return NamedNode(term.identity), ()
        candidate = found[term.start]
        cls = self._kinds.class_of(candidate)
        if (iri := self._known(document, term.text, cls)) is not None:
            return iri, ()
        name = " ".join(term.text.split())
        if candidate.shape in _OF_ITS_DOCUMENT:
            iri = NamedNode(f"{document.subject}#{candidate.shape}:{quote(name, safe='$')}")
        else:
            iri = self.mint.entity(name)
        label: Statement = (iri, LABEL, Literal(name))
        return iri, (label, (iri, TYPE, NamedNode(cls))) if cls else (label,)


def _again(chat: tuple[Message, ...], completion: Completion, offered: tuple[Triple, ...]) -> tuple[Message, ...]:
    """The question once more, with the lines that are allowed: for servers that do not hold answers to a grammar."""
    lines = "\n".join(triple.line for triple in offered)
    said = " ".join(completion.text.split())[:400] or EMPTY
    more = f"Answer again, with only such of these lines as the sentence states, or {EMPTY}:\n{lines}"
    return (*chat, Message("assistant", said), Message("user", more))


def _within(term: Term, sentence: Sentence) -> tuple[int, int]:
    start = term.start - sentence.start
    return start, start + len(term.text)


def _in_order(triple: Triple, sentence: Sentence) -> bool:
    """Whether the sentence says it in this direction, where domain and range allow both."""
    forwards = triple.subject.start < triple.object.start
    if triple.relation.label.endswith(" by"):
        return forwards
    passive = backwards(sentence.text, _within(triple.subject, sentence), _within(triple.object, sentence))
    return forwards != passive


def _without_names(sentence: Sentence, found: Iterable[Candidate]) -> str:
    """The sentence with its identifiers blanked: a relation's word inside a name says nothing."""
    text = sentence.text
    for c in found:
        if c.shape not in (Shape.NAME, Shape.PHRASE):
            start, end = c.start - sentence.start, c.end - sentence.start
            text = text[:start] + " " * (end - start) + text[end:]
    return text
