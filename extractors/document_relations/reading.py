"""Reads a learnt relation in a document: what its body names, how surely the relation holds, and the evidence.

The evidence is the unit (a sentence where there is one) whose surroundings speak most for it; one that only recommends
is none where there is another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pyoxigraph import Literal, NamedNode

from extractors.document_relations.features import Features, context, features
from extractors.document_relations.mentions import Mention, body
from extractors.document_relations.recommending import only_recommends
from extractors.document_relations.weights import Weights
from extractors.documents.markdown import PROSE
from extractors.documents.model import Document
from kg.claims.iris import Mint
from kg.claims.model import Activity, Agent, Claim, Span, Statement, Trust
from kg.claims.vocabulary import LABEL

AGENT = "triplock document relations"
VERSION = "2"
"""Raised when the rules change, so that the same weights give other claims."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A thing that the body names, with what is thought of it. `claimed` is whether that is enough."""

    identity: str
    features: Features
    confidence: float
    claimed: bool
    evidence: Mention


class RelationReader:
    """Applies weights to documents."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.task = weights.task
        self.agent = Agent(AGENT, VERSION, (("model", self.task.relation), ("modelDigest", weights.digest)))

    def judge(self, document: Document, *, silent: bool = False) -> list[Judged]:
        """Everything that the body names, the subject left out, in the order of its first mention.

        `silent` says that the document has a header which leaves the relation out: that speaks against each.
        """
        found = body(document, self.task.names)
        mentions: defaultdict[str, list[Mention]] = defaultdict(list)
        for mention in found.mentions:
            mentions[mention.identity].append(mention)
        return [
            Judged(
                identity,
                shown,
                self.weights.confidence(shown, silent=silent),
                self.weights.claims(shown),
                self._evidence(mentions[identity]),
            )
            for identity, shown in features(found, self.task.names, self.task.own(document)).items()
        ]

    def claims(self, document: Document, mint: Mint) -> Iterator[Claim]:
        """The claims, none where the header states the relation itself or the subject cannot have it."""
        if not self.task.speaks_of(document) or self.task.stated(document) is not None:
            return
        for judged in self.judge(document, silent=self.task.has_header(document)):
            if judged.claimed:
                yield self._claim(document, mint, judged)

    def _evidence(self, mentions: list[Mention]) -> Mention:
        """The mention whose surroundings weigh most, the first of equals.

        One that does more than recommend where there is any, and of these one in prose where there is any.
        """
        firm = [m for m in mentions if not only_recommends(m.unit)] or mentions
        spoken = [m for m in firm if m.unit.kind in PROSE] or firm
        weigh = self.weights.model.weight
        return max(spoken, key=lambda m: sum(weigh(name, 1) for name in context(m, self.task.names)))

    def _claim(self, document: Document, mint: Mint, judged: Judged) -> Claim:
        mention = judged.evidence
        name = document.text[mention.start : mention.end]
        said: tuple[Statement, ...] = ()
        if judged.identity.startswith("https://"):
            thing = NamedNode(judged.identity)
        else:
            thing = mint.entity(judged.identity)
            said = ((thing, LABEL, Literal(name)),)
        return Claim(
            ((NamedNode(document.subject), NamedNode(self.task.relation), thing), *said),
            Activity("document-relation", document.cid, self.agent, Trust.INFERRED),
            _span(document, mention.unit.start, mention.unit.end),
            Decimal(f"{judged.confidence:.2f}"),
            object_span=_span(document, mention.start, mention.end),
        )


def _span(document: Document, start: int, end: int) -> Span:
    return Span(document.cid, start, end, document.text[start:end])
