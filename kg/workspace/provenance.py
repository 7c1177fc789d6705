"""Who made a claim, believed only where triplock itself writes it.

What is said about a claim stands in the graph of its activity, what is said about an agent or a document in the graph
of its own (kg.claims.quads). A file that is imported can hold the same words about any claim, but they stand in the
graph of a claim of that file. So every step here asks for the graph, too: no source can change what is said of
another's claims, and withdrawing one takes nothing of another with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Quad

from anchoring.encoding.cid import Cid
from kg.claims import vocabulary as v
from kg.claims.iris import document
from kg.stores.evidence import is_activity, is_adoption, is_provenance
from kg.stores.protocol import Matching, QuadStore

_FOLLOWED = (v.INFORMED_BY, v.USED, v.ASSOCIATED_WITH)
"""What leads from an activity to those before it, to their documents and agents."""

_MOST_FOREIGN = 100


def activities_of(store: Matching, claim: NamedNode) -> Iterator[NamedNode]:
    """The activities that made a claim; nearly always one."""
    for quad in store.match(subject=claim, predicate=v.GENERATED_BY):
        activity = quad.object
        if isinstance(activity, NamedNode) and activity == quad.graph_name and is_activity(activity.value):
            yield activity


def claims_of(store: QuadStore, activity: NamedNode) -> Iterator[NamedNode]:
    """The claims that an activity made."""
    for quad in store.match(predicate=v.GENERATED_BY, value=activity, graph=activity):
        if isinstance(quad.subject, NamedNode):
            yield quad.subject


def activities_using(store: QuadStore, cid: Cid) -> Iterator[NamedNode]:
    """The activities that read a document."""
    for quad in store.match(predicate=v.USED, value=document(cid)):
        if isinstance(quad.subject, NamedNode) and quad.subject == quad.graph_name and is_activity(quad.subject.value):
            yield quad.subject


def derived_from(store: QuadStore, cid: Cid) -> Iterator[tuple[NamedNode, NamedNode]]:
    """(claim, activity) of each claim that names the document as what it was derived from.

    Claims of somebody else's graph are passed over: they came from a version of it, whatever that one read.
    """
    for quad in store.match(predicate=v.DERIVED_FROM, value=document(cid)):
        claim, activity = quad.subject, quad.graph_name
        if isinstance(claim, NamedNode) and isinstance(activity, NamedNode) and _reads(activity.value):
            yield claim, activity


def _reads(graph: str) -> bool:
    return is_activity(graph) and not is_adoption(graph)


def value_of(
    store: Matching, subject: NamedNode | None, predicate: NamedNode, graph: NamedNode | None
) -> NamedNode | Literal | None:
    """What one graph says of a subject; the first in order where it says several things."""
    if subject is None or graph is None:
        return None
    found = [quad.object for quad in store.match(subject, predicate, None, graph)]
    return min((term for term in found if isinstance(term, NamedNode | Literal)), key=str, default=None)


def node_of(
    store: Matching, subject: NamedNode | None, predicate: NamedNode, graph: NamedNode | None
) -> NamedNode | None:
    """`value_of` where it is an IRI."""
    found = value_of(store, subject, predicate, graph)
    return found if isinstance(found, NamedNode) else None


def text_of(term: object) -> str:
    """The text of an IRI or a literal; of anything else none."""
    return term.value if isinstance(term, NamedNode | Literal) else ""


def parameters_of(described: Iterable[Quad]) -> tuple[tuple[str, str], ...]:
    """What our own vocabulary says of an agent: (term, value), sorted."""
    return tuple(
        sorted(
            (quad.predicate.value.removeprefix(v.TL), text_of(quad.object))
            for quad in described
            if quad.predicate.value.startswith(v.TL)
        )
    )


def about_claim(store: Matching, claim: NamedNode) -> Iterator[Quad]:
    """The statements about a claim: who made it, from what, how surely, the span it stands on, and who that was."""
    for activity in activities_of(store, claim):
        yield from store.match(subject=claim, graph=activity)
        for derived in store.match(claim, v.DERIVED_FROM, None, activity):
            if isinstance(derived.object, NamedNode):
                yield from store.match(subject=derived.object, graph=activity)
        yield from store.match(subject=activity, graph=activity)
        if agent := node_of(store, activity, v.ASSOCIATED_WITH, activity):
            yield from store.match(subject=agent, graph=agent)
        if is_adoption(activity.value):
            yield from _foreign(store, claim, activity)


def _foreign(store: Matching, claim: NamedNode, activity: NamedNode) -> Iterator[Quad]:
    """What is said of an adopted claim: the version it was taken from, and what that graph says of it."""
    if used := node_of(store, activity, v.USED, activity):
        for quad in store.match(subject=used):
            if isinstance(quad.graph_name, NamedNode) and is_provenance(quad.graph_name.value):
                yield quad
    starts = (node_of(store, claim, v.GRAPH_NAME, activity), node_of(store, activity, v.INFORMED_BY, activity))
    yield from followed(store, starts, activity, without=(activity,), most=_MOST_FOREIGN)


def followed(
    store: Matching,
    starts: Iterable[NamedNode | None],
    activity: NamedNode,
    *,
    without: Iterable[NamedNode | None],
    most: int | None = None,
) -> Iterator[Quad]:
    """What an activity's graph says of `starts` and of all that leads on from there, each subject once.

    Nothing is said of those in `without`; with them, at most `most` subjects and one more are looked at.
    """
    waiting, seen = list(starts), set(without)
    while waiting:
        subject = waiting.pop()
        if subject is None or subject in seen:
            continue
        if most is not None and len(seen) > most:
            return
        seen.add(subject)
        for quad in store.match(subject=subject, graph=activity):
            yield quad
            if quad.predicate in _FOLLOWED and isinstance(quad.object, NamedNode):
                waiting.append(quad.object)
