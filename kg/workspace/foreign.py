"""What somebody else's verified version holds: which of its claims a choice names, and each with all it says of it.

A choice is made in the clone's store; what is taken is compared with the blocks of the version, whose hashes lead to
the anchored manifest, so nothing that only stands in the store is taken, and nothing of a claim is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple

from anchoring.encoding.cid import BadCid, Cid
from anchoring.errors import InputRefused, WrongUsage
from anchoring.signing.manifest import Manifest
from kg.claims import vocabulary as v
from kg.claims.adoption import ForeignClaim, ForeignVersion
from kg.claims.model import Statement
from kg.errors import CloneRefuted
from kg.stores.evidence import Evidence, decimal_of, is_provenance
from kg.stores.lines import line_of, quads_of, split
from kg.stores.oxigraph import OxigraphStore
from kg.stores.protocol import QuadStore
from kg.workspace import clone_state
from kg.workspace.clone_store import Wanted, lines_in
from kg.workspace.provenance import activities_of, followed, node_of, value_of

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

MOST_SAID = 10_000
"""Statements about one claim; real ones have some twenty, a hostile graph as many as it likes."""


class ProvenanceTooLarge(InputRefused):
    """A claim comes with more statements about it than can be taken over."""

    code = "provenance-too-large"


class NotStated(InputRefused):
    """A query constructs what the graph does not state."""

    code = "not-stated"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which claims: those that state something of a subject, of one whose IRI begins so, or what a query constructs.

    All parts together are taken. `trust` and `min_confidence` leave those out that the foreign graph itself does not
    hold to be so; `everything` takes every claim.
    """

    subjects: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    everything: bool = False
    trust: frozenset[str] | None = None
    min_confidence: Decimal | None = None

    def require_some(self) -> None:
        """Raises WrongUsage where nothing is chosen."""
        if not (self.subjects or self.prefixes or self.queries or self.everything):
            raise WrongUsage("nothing says what to adopt", remedy="give --subject, --prefix, --query or --all")


def version_of_clone(clone: Workspace) -> tuple[Manifest, ForeignVersion]:
    """The version that the clone's store holds; raises CloneUnfinished, and CloneRefuted where its manifest is not."""
    clone_state.check_loaded(clone)
    state = clone_state.read(clone)
    record = next((r for r in clone.versions.all(clone.configuration.clone.graph) if r.head == state.head), None)
    if record is None:
        raise _refuted(f"the ledger does not know version {state.version}")
    block = clone.blocks.get(Cid.parse(record.manifest))
    manifest = Manifest.decode(block)
    if f"0x{manifest.fields.head.hex()}" != state.head or str(manifest.graph) != clone.configuration.clone.graph:
        raise _refuted(f"manifest {record.manifest} is not that of version {state.version}")
    cid = manifest.block.cid
    return manifest, ForeignVersion(
        manifest.graph, manifest.version, state.head, cid, len(block), state.publisher, manifest.licence
    )


def _refuted(what: str) -> CloneRefuted:
    return CloneRefuted(what, remedy="run `triplock pull` in the clone, or clone it again")


def chosen(clone: Workspace, manifest: Manifest, choice: Choice) -> list[ForeignClaim]:
    """The claims of a clone's version that a choice names, compared with the version's own lines.

    Raises WrongUsage for no choice and for what is no IRI, QueryRefused, NotStated, ProvenanceTooLarge, CloneRefuted.
    """
    choice.require_some()
    store = clone.store
    wanted: dict[tuple[NamedNode | None, NamedNode | None], None] = {}
    for quad in _named(store, choice):
        graph = _graph(quad)
        if (graph, None) in wanted or (graph is not None and is_provenance(graph.value)):
            continue
        if graph is not None and any(activities_of(store, graph)):
            wanted[graph, None] = None
        else:
            wanted[graph, quad.subject] = None  # type: ignore[index]  # stores hold no blank nodes
    claims = [_claim(store, name, subject) for name, subject in wanted]
    kept = [claim for claim in claims if _evidence(store, claim).meets(choice.trust, choice.min_confidence)]
    _compare(clone, manifest, store, kept)
    return kept


def _named(store: QuadStore, choice: Choice) -> Iterator[Quad]:
    if choice.everything:
        yield from store.match()
        return
    for subject in choice.subjects:
        yield from store.match(subject=_iri(subject))
    for prefix in choice.prefixes:
        yield from _beginning(store, prefix)
    for query in choice.queries:
        yield from _constructed(store, query)


def _iri(text: str) -> NamedNode:
    try:
        return NamedNode(text.removeprefix("<").removesuffix(">"))
    except ValueError:
        raise WrongUsage(f"{text[:200]!r} is no IRI", remedy="give an absolute IRI") from None


def _beginning(store: QuadStore, prefix: str) -> Iterator[Quad]:
    """The statements whose subject begins so; lines are in order, so they stand together."""
    start = b"<" + prefix.removeprefix("<").encode()
    if len(start) < 2 or b" " in start:
        raise WrongUsage(f"{prefix[:200]!r} begins no IRI", remedy="give the first part of an IRI")
    for line in store.sorted_quads(start):
        if not line.startswith(start):
            return
        yield from quads_of([line])


def _constructed(store: QuadStore, query: str) -> Iterator[Quad]:
    from queries import sparql
    from queries.results import Triples

    answer = sparql.run(store, query)
    if not isinstance(answer, Triples):
        raise WrongUsage("the query does not construct statements", remedy="write CONSTRUCT { ?s ?p ?o } WHERE { … }")
    for triple in answer.triples:
        found = list(_stated(store, triple))
        if not found:
            raise NotStated(
                f"the query constructs {str(triple)[:300]}, which the graph does not state",
                remedy="construct only statements that stand in the graph",
            )
        yield from found


def _stated(store: QuadStore, triple: Triple) -> Iterator[Quad]:
    """Where a triple of an answer stands; its literals have Oxigraph's form, so its own index is asked."""
    if isinstance(store, OxigraphStore):
        yield from store.index().quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
    else:
        yield from store.match(triple.subject, triple.predicate, triple.object)  # type: ignore[arg-type]


def _claim(store: QuadStore, name: NamedNode | None, subject: NamedNode | None) -> ForeignClaim:
    """A claim with all that its graph says of it, or the statements of a subject in a graph that is no claim."""
    if subject is not None:
        quads = store.match(subject=subject, graph=name)
        return ForeignClaim(name, tuple(_triple(quad) for quad in quads if _graph(quad) == name))
    assert name is not None  # noqa: S101 - only named graphs are claims
    activity = min(activities_of(store, name), key=str)
    confidence = value_of(store, name, v.CONFIDENCE, activity)
    return ForeignClaim(
        name,
        tuple(sorted((_triple(quad) for quad in store.match(graph=name)), key=str)),
        activity,
        node_of(store, name, v.DERIVED_FROM, activity),
        confidence if isinstance(confidence, Literal) else None,
        tuple(dict.fromkeys(_triple(quad) for quad in _about(store, name, activity))),
    )


def _graph(quad: Quad) -> NamedNode | None:
    return None if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name  # type: ignore[return-value]


def _triple(quad: Quad) -> Statement:
    return quad.subject, quad.predicate, quad.object  # type: ignore[return-value]  # stores hold no blank nodes


def _about(store: QuadStore, claim: NamedNode, activity: NamedNode) -> Iterator[Quad]:
    """What the foreign graph says of a claim: in the activity's graph, the agent's and the document's."""
    for count, quad in enumerate(_said(store, claim, activity)):
        if count >= MOST_SAID:
            raise ProvenanceTooLarge(
                f"claim {claim.value[:200]} comes with more than {MOST_SAID} statements about it",
                remedy="leave that claim out",
            )
        yield quad


def _said(store: QuadStore, claim: NamedNode, activity: NamedNode) -> Iterator[Quad]:
    derived = node_of(store, claim, v.DERIVED_FROM, activity)
    yield from store.match(subject=claim, graph=activity)
    if derived:
        yield from _span(store, derived, activity)
    # The activity, and in an activity that took claims over, those before it with their agents and documents.
    yield from followed(store, [activity], activity, without=(claim, derived))
    agent = node_of(store, activity, v.ASSOCIATED_WITH, activity)
    if agent:
        yield from store.match(subject=agent, graph=agent)
    for document in {node_of(store, activity, v.USED, activity), _document(derived)}:
        if document is not None:
            ending = f"/doc/{document.value.removeprefix('ipfs://')}"
            for quad in store.match(subject=document):
                if isinstance(quad.graph_name, NamedNode) and quad.graph_name.value.endswith(ending):
                    yield quad


def _span(store: QuadStore, span: NamedNode, activity: NamedNode) -> Iterator[Quad]:
    """The selector of a span, if it is one of a document; what cannot be a position or a quote is left behind."""
    if _document(span) is None:
        return
    quads = list(store.match(subject=span, graph=activity))
    for quad in quads:
        text = quad.object.value if isinstance(quad.object, Literal) else ""
        if quad.predicate in (v.START, v.END) and not (text.isascii() and text.isdecimal() and len(text) < 19):
            return
    yield from quads


def _document(derived: NamedNode | None) -> NamedNode | None:
    """The document that a span stands in."""
    if derived is None or not derived.value.startswith("ipfs://"):
        return None
    bare = derived.value.partition("#")[0]
    try:
        return NamedNode(Cid.parse(bare).iri)
    except BadCid:
        return None


def _evidence(store: QuadStore, claim: ForeignClaim) -> Evidence:
    trust = value_of(store, claim.activity, v.TRUST, claim.activity)
    sure = decimal_of(claim.confidence.value) if claim.confidence else Decimal(1)
    return Evidence(trust.value if isinstance(trust, Literal) else "", sure)


def _compare(clone: Workspace, manifest: Manifest, store: QuadStore, claims: Iterable[ForeignClaim]) -> None:
    """Hold what was read out of the store against the version's own lines, one pass over them."""
    needed: set[bytes] = set()
    graphs: set[bytes] = set()
    for claim in claims:
        needed.update(line_of(Quad(*statement, claim.name or DefaultGraph())) for statement in claim.statements)
        if claim.activity is not None and claim.name is not None:
            graphs.add(str(claim.name).encode())
            needed.update(line_of(quad) for quad in _said(store, claim.name, claim.activity))
    if not needed:
        return
    for line in Wanted(clone.mint, manifest).lines(lines_in(manifest, clone)):
        if line in needed:
            needed.discard(line)
        elif graphs and line.rsplit(b" ", 2)[1] in graphs and split(line).graph.encode() in graphs:
            raise _refuted(f"the store of {clone.folder} lacks {line[:200]!r} of version {manifest.version}")
    if needed:
        raise _refuted(
            f"the store of {clone.folder} holds {min(needed)[:200]!r}, which version {manifest.version} has not"
        )
