"""From a chunk of prose to claims: each sentence read, what was found made a claim with its evidence.

A chunk ends as done, empty or failed, with the reason; what is not taken is listed with the reason, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from anchoring.errors import ServiceFailed
from extractors.documents.model import Chunk, Document, Sentence
from extractors.mentions.candidates import Candidate, Shape
from extractors.mentions.declared import Declared
from extractors.mentions.kinds import Kinds
from extractors.mentions.values import lexical
from extractors.reading.reader import (
    NOTHING_USED,
    Found,
    Passage,
    Reader,
    Reading,
    Repairing,
    Usage,
    least_confidence,
)
from extractors.reading.validation import PACKAGED, Validation
from kg.claims.iris import Mint
from kg.claims.model import Activity, Agent, Claim, Span, Statement, Trust
from kg.claims.vocabulary import LABEL, TYPE, XSD
from ontology.grammar import Term, Triple
from ontology.model import Ontology

AGENT = "triplock-extractor"
VERSION = "2"
"""Raised when the rules change so that the same answers give other claims."""

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
    not asked about and of answers that were not taken.
    """

    status: Status
    reason: str
    claims: tuple[Claim, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()
    usage: Usage = NOTHING_USED


class Extractor:
    """Makes claims of what `reader` finds in the sentences of chunks, in the terms of `ontology`.

    `known` gives the IRIs of things that code has named already, by default the declarations in the document's own
    code. Findings under `min_confidence` (by default the reader's own), and those that do
    not fit the ontology or the SHACL `shapes` (a Turtle file, "packaged", or None), are rejected; a reader that can
    repair them is told once what was wrong.
    """

    def __init__(
        self,
        reader: Reader,
        ontology: Ontology,
        mint: Mint,
        *,
        known: Known | None = None,
        min_confidence: Decimal | None = None,
        shapes: str | Path | None = PACKAGED,
    ) -> None:
        self.reader = reader
        self.ontology = ontology
        self.mint = mint
        self.min_confidence = least_confidence(reader) if min_confidence is None else min_confidence
        self._known = known or Declared()
        self._kinds = Kinds(ontology)
        self._validation = Validation(ontology, mint, shapes=shapes)

    @property
    def agent(self) -> Agent:
        """The software that makes the claims, with everything that decides them."""
        own = (("minConfidence", f"{self.min_confidence:.2f}"), *self._validation.parameters)
        return Agent(AGENT, VERSION, (*self.reader.parameters, *own))

    def extract(self, document: Document, chunk: Chunk) -> ChunkResult:
        """The claims of a chunk's sentences.

        A model that cannot be reached or answers wrongly makes the chunk `failed`; answers that came before are kept.
        Raises ModelRefusedCall and other WrongUsage, which no further chunk would get past.
        """
        claims: list[Claim] = []
        rejected: list[tuple[str, str]] = []
        usage, was_read = NOTHING_USED, False
        for sentence in chunk.sentences:
            passage = Passage(document, chunk, sentence)
            try:
                for reading, taken, refused in self._readings(passage):
                    usage += reading.usage
                    was_read |= reading.read
                    claims += [claim for claim in taken if claim not in claims]
                    rejected += [*reading.rejected, *((triple.line, reason) for triple, reason in refused)]
            except ServiceFailed as error:
                return ChunkResult(Status.FAILED, f"{error.code}: {error.what}", (), tuple(rejected), usage)
        refusals = tuple(dict.fromkeys(rejected))
        if claims:
            return ChunkResult(Status.DONE, "", tuple(claims), refusals, usage)
        nothing = "none of the relations was found" if was_read else "no relation can be formed in these sentences"
        return ChunkResult(Status.EMPTY, nothing, (), refusals, usage)

    def _readings(self, passage: Passage) -> Iterator[tuple[Reading, list[Claim], list[tuple[Triple, str]]]]:
        """What the reader finds, and what it finds when told once what was wrong: claims, and refused with reasons."""
        reading = self.reader.read(passage)
        claims, unsure, unfit = self._checked(passage, reading)
        yield reading, claims, unsure + unfit
        if unfit and isinstance(self.reader, Repairing):
            again = self.reader.repair(passage, unfit)
            claims, unsure, unfit = self._checked(passage, again)
            yield again, claims, unsure + unfit

    def _checked(
        self, passage: Passage, reading: Reading
    ) -> tuple[list[Claim], list[tuple[Triple, str]], list[tuple[Triple, str]]]:
        """The claims that pass, the findings that are too unsure, and those that do not fit."""
        sure = [found for found in reading.found if found.confidence >= self.min_confidence]
        unsure = [
            (found.triple, f"confidence {found.confidence} is under {self.min_confidence}")
            for found in reading.found
            if found.confidence < self.min_confidence
        ]
        claims = [self._claim(passage.document, passage.sentence, found, reading) for found in sure]
        reasons = self._validation.refusals(passage.document, claims)
        unfit = [(sure[number].triple, reason) for number, reason in reasons.items()]
        return [claim for number, claim in enumerate(claims) if number not in reasons], unsure, unfit

    def _claim(self, document: Document, sentence: Sentence, found: Found, reading: Reading) -> Claim:
        triple = found.triple
        subject, about_subject = self._thing(document, triple.subject, reading.mentions)
        predicate = NamedNode(triple.relation.iri)
        if triple.relation.datatype is not None:
            text = triple.object.called if triple.relation.datatype == XSD + "string" else triple.object.text
            form, datatype = lexical(text, triple.relation.datatype)
            value: NamedNode | Literal = Literal(form, datatype=NamedNode(datatype))
            about_object: tuple[Statement, ...] = ()
        else:
            value, about_object = self._thing(document, triple.object, reading.mentions)
        return Claim(
            ((subject, predicate, value), *about_subject, *about_object),
            Activity("extraction", document.cid, self.agent, Trust.INFERRED),
            document.span(sentence.start, sentence.end),
            found.confidence,
            subject_span=_named(document, triple.subject),
            object_span=_named(document, triple.object),
        )

    def _thing(
        self, document: Document, term: Term, mentions: Mapping[tuple[int, str], Candidate]
    ) -> tuple[NamedNode, tuple[Statement, ...]]:
        """The IRI of a term, and the label and class of one that is named here for the first time."""
        if ":" in term.identity and term.identity.startswith(("http://", "https://", "ipfs://", "urn:")):
            return NamedNode(term.identity), ()
        candidate = mentions[term.start, term.text]
        cls = self._kinds.class_of(candidate)
        if (iri := self._known(document, term.text, cls)) is not None:
            return iri, ()
        name = term.name or " ".join(term.text.split())
        if candidate.shape in _OF_ITS_DOCUMENT:
            iri = NamedNode(f"{document.subject}#{candidate.shape}:{quote(name, safe='$')}")
        else:
            iri = self.mint.entity(name)
        label: Statement = (iri, LABEL, Literal(name))
        return iri, (label, (iri, TYPE, NamedNode(cls))) if cls else (label,)


def _named(document: Document, term: Term) -> Span | None:
    """Where the document names the term, by its own words; None where these do not stand there."""
    end = term.start + len(term.text)
    if not term.text or document.text[term.start : end] != term.text:
        return None
    return document.span(term.start, end)
