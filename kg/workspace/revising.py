"""What stays of a document when its file has other content.

A claim rests on a passage. As long as the passage stands in the file, the claim stays as it is, with the former content
as its source; only claims of passages that are gone are withdrawn, and only passages that are new are read. So a
small change of a long document costs little, and the difference of two versions shows what the change took and gave.
The document's graph says which former contents it revises (`prov:wasRevisionOf`), as long as something of them stays.
docs/decisions/0095-a-claim-stays-while-its-passage-stands.md
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from anchoring.encoding.cid import Cid
from anchoring.encoding.unixfs_reader import read_file
from extractors.documents.chunks import chunks as split
from extractors.documents.claims import read_claims
from extractors.documents.load import load_document
from extractors.documents.model import Chunk, Document
from kg.claims import vocabulary as v
from kg.claims.iris import document as document_iri
from kg.claims.iris import read_span
from kg.claims.model import Claim
from kg.claims.quads import agent_iri, claim_iri
from kg.jobs.sources import ChunkRecord, SourceRecord
from kg.stores.protocol import QuadStore
from kg.workspace.provenance import activities_using, claims_of, derived_from, node_of, text_of, value_of
from kg.workspace.texts import document_text
from kg.workspace.withdraw import remove_claims, remove_source

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

FINISHED = ("done", "empty")
"""What a chunk is that need not be read again."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A former content of a file: how many of its claims stay, and how many were withdrawn."""

    former: str
    current: str
    stay: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class _Held:
    """A claim of a former content, as the store holds it. `names` are where its subject and object are named."""

    iri: NamedNode
    activity: NamedNode
    agent: str
    kind: str
    start: int
    end: int
    quotes: tuple[str, ...]
    names: tuple[tuple[int, int], ...]
    statements: frozenset[str]

    @property
    def key(self) -> tuple[object, ...]:
        """What is equal for two claims that say the same, read the same way in the same words."""
        return self.agent, self.kind, self.quotes, self.statements

    def speaks_of(self, iri: str) -> bool:
        """Whether it says something about the thing with this IRI, or a part of it."""
        return any(f"<{iri}>" in statement or f"<{iri}#" in statement for statement in self.statements)


def passage_digest(document: Document, chunk: Chunk) -> str:
    """`sha256:` of what a chunk says, wherever it stands: its text, and what the document is about."""
    about = "" if document.subject == document.cid.iri else document.subject
    said = json.dumps([about, document.text[chunk.start : chunk.end]], separators=(",", ":"))
    return "sha256:" + hashlib.sha256(said.encode()).hexdigest()


def formers_of(workspace: Workspace, path: str, cid: str) -> list[SourceRecord]:
    """The former contents of the file at `path` of which something is in the graph, in order of their CIDs."""
    return sorted((record for record in workspace.sources.at(path) if record.cid != cid), key=lambda r: r.cid)


def revise(workspace: Workspace, path: str, document: Document, read: Sequence[Claim]) -> list[Revision]:
    """Make the document the content of the file at `path`: withdraw what former ones said that it does not say.

    Its chunks that stood in a former content are written down as finished. `read` is what fixed code reads in it.
    May be called again after a crash anywhere in it. The caller holds the workspace's lock.
    """
    cid = str(document.cid)
    formers = formers_of(workspace, path, cid)
    revisions = []
    if not all(former.state == "revised" for former in formers):
        held = {former.cid: list(_held(workspace.store, former.cid)) for former in formers}
        carried = _carried(workspace, document, held)
        standing = {former.cid: _resting(workspace, former.cid, formers, carried) for former in formers}
        # Before the claims go: a chunk whose claims are gone must never be taken for one that had none.
        workspace.sources.exchange_chunks(carried, _dropped(workspace, standing))
        _keep_out(workspace, formers, read)
        same = Counter(_key_of(workspace, claim) for claim in read)
        for former in formers:
            claims = held[former.cid]
            stay = _staying(claims, standing[former.cid], same)
            gone = defaultdict(set)
            for claim in claims:
                if claim.iri not in stay:
                    gone[claim.activity].add(claim.iri)
            remove_claims(workspace, gone)
            if stay:
                workspace.sources.set_state(former.cid, "revised")
            else:
                remove_source(workspace, former.cid)
            revisions.append(Revision(former.cid, cid, len(stay), len(claims) - len(stay)))
    _link(workspace, document.cid, [Cid.parse(former.cid) for former in formers])
    return revisions


def would_carry(workspace: Workspace, path: str, document: Document, extractor: str) -> set[tuple[int, int]]:
    """Where the document's chunks stand that `revise` would find finished for this extractor."""
    formers = formers_of(workspace, path, str(document.cid))
    if all(former.state == "revised" for former in formers):
        return set()
    held = {former.cid: list(_held(workspace.store, former.cid)) for former in formers}
    return {(c.start, c.end) for c in _carried(workspace, document, held) if c.extractor == extractor}


def replace_whole(workspace: Workspace, path: str, cid: str) -> list[Revision]:
    """Withdraw all of the former contents of the file at `path`, of which nothing is to stay: RDF has no passages."""
    revisions = []
    for former in formers_of(workspace, path, cid):
        activities = activities_using(workspace.store, Cid.parse(former.cid))
        claims = sum(1 for activity in activities for _ in claims_of(workspace.store, activity))
        remove_source(workspace, former.cid)
        revisions.append(Revision(former.cid, cid, 0, claims))
    return revisions


def not_standing(workspace: Workspace, path: str, document: Document, *made: Sequence[Claim]) -> list[list[Claim]]:
    """Of each of these lists of claims, made by fixed code, those that no former content's claim stands for."""
    formers = formers_of(workspace, path, str(document.cid))
    standing = Counter(claim.key for former in formers for claim in _held(workspace.store, former.cid))
    missing = []
    for claims in made:
        missing.append(list[Claim]())
        for claim in claims:
            key = _key_of(workspace, claim)
            if standing[key] > 0:
                standing[key] -= 1
            else:
                missing[-1].append(claim)
    return missing


def _carried(workspace: Workspace, document: Document, held: dict[str, list[_Held]]) -> list[ChunkRecord]:
    """The document's chunks that a former content's chunks stand for, each for one, in the order of the text."""
    cid = str(document.cid)
    own = {(c.extractor, c.start, c.end) for c in workspace.sources.chunks_of(cid) if c.status in FINISHED}
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for chunk in split(document):
        places[passage_digest(document, chunk)].append((chunk.start, chunk.end))
    free: dict[tuple[str, str], deque[tuple[int, int]]] = {}
    carried = []
    for former, claims in held.items():
        text = document_text(workspace, Cid.parse(former)) or ""
        by_reader: dict[str, list[_Held]] = defaultdict(list)
        for claim in claims:
            by_reader[claim.agent].append(claim)
        for row in workspace.sources.chunks_of(former):
            if row.origin or row.status not in FINISHED or not row.passage:
                continue
            on_it = _within(by_reader[row.extractor], row.start, row.end)
            if not all(_stands(claim, former, text, document) for claim in on_it):
                continue
            key = (row.extractor, row.passage)
            if key not in free:
                free[key] = deque(p for p in places[row.passage] if (row.extractor, *p) not in own)
            if free[key]:
                start, end = free[key].popleft()
                resting = (former, row.start) if on_it else ("", 0)
                carried.append(_moved(row, cid, start, end, *resting))
    return carried


def _keep_out(workspace: Workspace, formers: Sequence[SourceRecord], read: Sequence[Claim]) -> None:
    """Withdraw what fixed code reads in the document and a person withdrew of a former content, in the same words."""
    withdrawn = workspace.sources.withdrawals()
    for former in formers:
        cid = Cid.parse(former.cid)
        start = f"{workspace.mint.of_document_itself(cid).value}/claim/"
        if not any(target.startswith(start) for target in withdrawn) or not workspace.blocks.has(cid):
            continue
        content = read_file(cid, workspace.blocks)
        document = load_document(content, name=former.path, media_type=former.media_type, max_bytes=len(content))
        reasons = {
            _key_of(workspace, claim): reason
            for claim in read_claims(document, workspace.mint)
            if (reason := withdrawn.get(claim_iri(workspace.mint, claim).value))
        }
        for claim in read:
            if reason := reasons.get(_key_of(workspace, claim)):
                workspace.sources.withdraw(claim_iri(workspace.mint, claim).value, reason)


def _moved(chunk: ChunkRecord, cid: str, start: int, end: int, origin: str, origin_start: int) -> ChunkRecord:
    return replace(
        chunk,
        source=cid,
        start=start,
        end=end,
        tokens_in=0,
        tokens_out=0,
        seconds=0.0,
        origin=origin,
        origin_start=origin_start,
    )


def _stands(claim: _Held, former: str, text: str, document: Document) -> bool:
    """Whether the claim can stay: all its words are in the document, and it is not about the former content itself.

    The words include the names of its subject and object, which may stand in another sentence of `text`.
    """
    names = [text[start:end] for start, end in claim.names]
    words = all(said and said in document.text for said in (*claim.quotes, *names))
    return words and not claim.speaks_of(Cid.parse(former).iri)


def _staying(
    held: Iterable[_Held], standing: Iterable[tuple[str, int, int]], same: Counter[tuple[object, ...]]
) -> set[NamedNode]:
    """The claims of a former content that stay: on a chunk that something rests on, or read alike by fixed code.

    What code reads alike is taken off `same`, so that each claim of the document stands for one.
    """
    by_reader: dict[str, list[_Held]] = defaultdict(list)
    for claim in held:
        by_reader[claim.agent].append(claim)
    stay = {claim.iri for extractor, start, end in standing for claim in _within(by_reader[extractor], start, end)}
    for claim in held:
        if claim.iri not in stay and same[claim.key] > 0:
            same[claim.key] -= 1
            stay.add(claim.iri)
    return stay


def _within(claims: list[_Held], start: int, end: int) -> list[_Held]:
    """The claims, which are in order, whose evidence stands between two places."""
    first = bisect_left(claims, start, key=lambda claim: claim.start)
    last = bisect_left(claims, end, key=lambda claim: claim.start)
    return [claim for claim in claims[first:last] if claim.end <= end]


def _resting(
    workspace: Workspace, former: str, formers: Sequence[SourceRecord], carried: Iterable[ChunkRecord]
) -> set[tuple[str, int, int]]:
    """The chunks of a former content whose claims stand for chunks of documents that still count."""
    old = {record.cid for record in formers}
    written = (chunk for chunk in workspace.sources.chunks_resting_on(former) if chunk.source not in old)
    return {
        (chunk.extractor, chunk.origin_start, chunk.origin_start + chunk.end - chunk.start)
        for chunk in (*written, *(chunk for chunk in carried if chunk.origin == former))
    }


def _dropped(workspace: Workspace, standing: dict[str, set[tuple[str, int, int]]]) -> list[ChunkRecord]:
    """The chunks of former contents on which nothing rests."""
    return [
        chunk
        for former, places in standing.items()
        for chunk in workspace.sources.chunks_of(former)
        if chunk.origin or (chunk.extractor, chunk.start, chunk.end) not in places
    ]


def _link(workspace: Workspace, cid: Cid, formers: Iterable[Cid]) -> None:
    """Let the document's graph say which former contents it revises, and theirs no longer."""
    store, old = workspace.store, list(formers)
    kept = [former for former in old if _is_held(store, former)]
    wanted = set(revision_quads(workspace, cid, kept))
    graphs = [workspace.mint.of_document_itself(each) for each in (cid, *old)]
    present = {quad for graph in graphs for quad in store.match(predicate=v.REVISION_OF, graph=graph)}
    if wanted != present:
        store.apply(sorted(wanted - present, key=str), sorted(present - wanted, key=str), store.generation)


def revision_quads(workspace: Workspace, cid: Cid, formers: Iterable[Cid]) -> Iterator[Quad]:
    """`prov:wasRevisionOf` from a document to each of these (https://www.w3.org/TR/prov-o/#wasRevisionOf)."""
    graph = workspace.mint.of_document_itself(cid)
    for former in formers:
        yield Quad(document_iri(cid), v.REVISION_OF, document_iri(former), graph)


def _held(store: QuadStore, former: str) -> Iterator[_Held]:
    """The claims of a document that are in the graph, in the order of its text."""
    found = {}
    parsed = Cid.parse(former)
    for activity in activities_using(store, parsed):
        agent = text_of(node_of(store, activity, v.ASSOCIATED_WITH, activity))
        kind = text_of(value_of(store, activity, v.LABEL, activity))
        for claim in claims_of(store, activity):
            spans = [q.object for q in store.match(claim, v.DERIVED_FROM, None, activity)]
            places = [_place(store, span, activity) for span in spans if isinstance(span, NamedNode)]
            start, end, _ = min(places, default=(0, 0, ""))
            quotes = tuple(sorted(quote for _, _, quote in places))
            named = (read_span(text_of(node_of(store, claim, p, activity))) for p in (v.SUBJECT_SPAN, v.OBJECT_SPAN))
            names = tuple((start, end) for cid, start, end in filter(None, named) if cid == parsed)
            said = frozenset(f"{q.subject} {q.predicate} {q.object}" for q in store.match(graph=claim))
            found[claim] = _Held(claim, activity, agent, kind, start, end, quotes, names, said)
    for claim, activity in derived_from(store, parsed):
        found.setdefault(claim, _Held(claim, activity, "", "", 0, 0, (), (), frozenset()))
    yield from sorted(found.values(), key=lambda held: (held.start, held.end, held.iri.value))


def _is_held(store: QuadStore, former: Cid) -> bool:
    """Whether a document has a claim in the graph."""
    activities = activities_using(store, former)
    return any(any(claims_of(store, activity)) for activity in activities) or any(derived_from(store, former))


def _place(store: QuadStore, span: NamedNode, activity: NamedNode) -> tuple[int, int, str]:
    start, end, quote = (value_of(store, span, term, activity) for term in (v.START, v.END, v.EXACT))
    if not (isinstance(start, Literal) and isinstance(end, Literal)):
        return 0, 0, ""
    return int(start.value), int(end.value), text_of(quote)


def _key_of(workspace: Workspace, claim: Claim) -> tuple[object, ...]:
    """`_Held.key` of a claim that is not in the store yet."""
    said = frozenset(f"{s} {p} {o}" for s, p, o in claim.statements)
    quotes = (claim.span.quote,) if claim.span else ()
    return agent_iri(workspace.mint, claim.activity.agent).value, claim.activity.kind, quotes, said
