"""Who says a statement, and how surely: read from the graphs of provenance (kg.claims.quads).

A claim is a graph `g` with `g prov:wasGeneratedBy act` in the graph `act`; there `act tl:trust "read"` and,
where a model said it, `g tl:confidence 0.93` stand too.
Only graphs that triplock itself names as activities are believed: names of graphs are minted and never taken from a
document, so a document that writes `tl:trust "proven"` about itself writes it into the graph of a claim, where it
counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pyoxigraph import Literal, NamedNode, Quad

from kg.claims import vocabulary as v

_ACTIVITY = re.compile(r"/activity/[a-z2-7]{32}\Z")
_ADOPTION = re.compile(r"/graph/[a-z2-7]{32}/activity/[a-z2-7]{32}\Z")
_PROVENANCE = re.compile(r"(?:/activity/[a-z2-7]{32}|/agent/[a-z2-7]{32}|/doc/b[a-z2-7]{50,})\Z")


def is_activity(graph: str) -> bool:
    """Whether the IRI names an activity, and so the graph that holds the evidence of its claims."""
    return _ACTIVITY.search(graph) is not None


def is_adoption(graph: str) -> bool:
    """Whether the IRI names the activity that took claims over from somebody else's graph (kg.claims.adoption)."""
    return _ADOPTION.search(graph) is not None


def is_provenance(graph: str) -> bool:
    """Whether a graph tells where claims come from: the graph of an activity, an agent or a document."""
    return _PROVENANCE.search(graph) is not None


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a claim is known. `trust` is empty when nothing says so; `confidence` is 1 where no model was asked."""

    trust: str = ""
    confidence: Decimal = Decimal(1)

    def meets(self, trust: Collection[str] | None, min_confidence: Decimal | None) -> bool:
        """Whether the claim is of one of these trust levels (None: any) and at least this confidence (None: any).

        >>> Evidence("read").meets({"read"}, Decimal("0.9"))
        True
        >>> Evidence("inferred", Decimal("0.8")).meets(None, Decimal("0.9"))
        False
        """
        if trust is not None and self.trust not in trust:
            return False
        return min_confidence is None or self.confidence >= min_confidence


def decimal_of(text: str) -> Decimal:
    """A confidence; what is no finite number from 0 to 1 counts as 0."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() and 0 <= number <= 1 else Decimal(0)


def evidence(having: Callable[[NamedNode], Iterable[Quad]]) -> Iterator[tuple[NamedNode, Evidence]]:
    """Every claim's graph with its evidence; a claim of two activities comes twice.

    `having` gives the quads that have a predicate.
    """
    trusts: dict[NamedNode, str] = {}
    for quad in having(v.TRUST):
        if _own(quad) and isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode):
            trusts[quad.subject] = quad.object.value
    confidences: dict[tuple[object, object], Decimal] = {}
    for quad in having(v.CONFIDENCE):
        if isinstance(quad.object, Literal):
            key, number = (quad.subject, quad.graph_name), decimal_of(quad.object.value)
            confidences[key] = min(number, confidences.get(key, number))
    for quad in having(v.GENERATED_BY):
        activity, claim = quad.object, quad.subject
        if activity != quad.graph_name or not isinstance(activity, NamedNode) or not isinstance(claim, NamedNode):
            continue
        if activity in trusts and is_activity(activity.value):
            yield claim, Evidence(trusts[activity], confidences.get((claim, activity), Decimal(1)))


def _own(quad: Quad) -> bool:
    return quad.subject == quad.graph_name
