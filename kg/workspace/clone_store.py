"""The store of a clone: filled from the lines of a verified version, and moved to another by their difference.

A store keeps no blank nodes. Those of a foreign version become IRIs `<base>/.well-known/genid/<root>/c14nN`, since
their labels mean something in one version only (docs/decisions/0004); the root is that of the version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from anchoring.dataset.difference import LineChange, Side, changes_between, compare
from anchoring.dataset.version import lines_of
from anchoring.encoding.unixfs_reader import read_leaves
from anchoring.errors import TriplockError
from anchoring.rdf.nquads import parse_line
from anchoring.signing.manifest import Manifest
from kg.claims import vocabulary as v
from kg.claims.iris import Mint
from kg.stores.lines import line_of, quads_of
from kg.workspace.configuration import is_iri

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

_CHUNK = 20_000
_URI_SPACE = NamedNode(v.VOID + "uriSpace")


@dataclass(slots=True)
class Moved:
    """How a store changed: statements added and removed, and whether blank nodes became IRIs."""

    added: int = 0
    removed: int = 0
    blank: bool = False


def lines_in(manifest: Manifest, workspace: Workspace) -> Iterator[bytes]:
    """The lines of a version whose blocks are here."""
    return lines_of(read_leaves(manifest.data.cid, workspace.blocks, at_most=manifest.data.size))


def fill(workspace: Workspace, manifest: Manifest) -> Moved:
    """Bring a store that nobody asks yet to hold exactly this version, in steps that may be cut off and repeated."""
    wanted = Wanted(workspace.mint, manifest)
    moved = Moved()
    changes = compare(workspace.store.sorted_quads(), wanted.lines(lines_in(manifest, workspace)))
    while chunk := list(islice(changes, _CHUNK)):
        _apply(workspace, chunk, moved)
    moved.blank = wanted.blank
    return moved


def move(workspace: Workspace, before: Manifest | None, after: Manifest, *, blank: bool) -> Moved:
    """Move a store that holds `before` to hold `after`, in one transaction.

    `blank` says that `before` has blank nodes. Memory holds what changes; with blank nodes, and where `before` is not
    here any more (None), the whole of both is read.
    """
    wanted = Wanted(workspace.mint, after)
    changes = None if blank or before is None else _by_blocks(workspace, before, after)
    if changes is None or any(_may_be_blank(change.line) for change in changes):
        changes = list(compare(workspace.store.sorted_quads(), wanted.lines(lines_in(after, workspace))))
    moved = Moved(blank=wanted.blank)
    _apply(workspace, changes, moved)
    return moved


def _by_blocks(workspace: Workspace, before: Manifest, after: Manifest) -> list[LineChange] | None:
    sides = [Side(each.data.cid, each.blocks, each.quads, workspace.blocks) for each in (before, after)]
    with suppress(TriplockError):  # blocks of the former version may have been collected
        return list(changes_between(*sides))
    return None


def _apply(workspace: Workspace, changes: Iterable[LineChange], moved: Moved) -> None:
    added: list[bytes] = []
    removed: list[bytes] = []
    for change in changes:
        (added if change.added else removed).append(change.line)
    store = workspace.store
    store.apply(quads_of(added), quads_of(removed), store.generation)
    moved.added += len(added)
    moved.removed += len(removed)


class Wanted:
    """The lines of a version as the store is to hold them; `blank` says whether any had a blank node."""

    def __init__(self, mint: Mint, manifest: Manifest) -> None:
        self._mint = mint
        self._root = manifest.root.hex()
        self.blank = False

    def lines(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """In their order; where there are blank nodes all lines behind the first are put in order in memory."""
        coming = iter(lines)
        for line in coming:
            if _may_be_blank(line) and self._has_blank(line):
                self.blank = True
                rest = {self._named(line), *map(self._named, coming)}
                yield from sorted(rest)
                return
            yield line

    def _has_blank(self, line: bytes) -> bool:
        quad = parse_line(line)
        return any(isinstance(term, BlankNode) for term in (quad.subject, quad.object, quad.graph_name))

    def _named(self, line: bytes) -> bytes:
        if not _may_be_blank(line) or not self._has_blank(line):
            return line
        quad = parse_line(line)
        return line_of(
            Quad(self._term(quad.subject), quad.predicate, self._term(quad.object), self._term(quad.graph_name))  # type: ignore[arg-type]
        )

    def _term(self, term: object) -> object:
        return self._mint.genid(self._root, term.value) if isinstance(term, BlankNode) else term


def _may_be_blank(line: bytes) -> bool:
    return b"_:c14n" in line


def base_of(description: bytes) -> str | None:
    """The IRI under which the publisher mints names, as `void.ttl` states it; None where it states none of use.

    It is believed as far as it goes: it decides how the clone names blank nodes and finds what is said of documents.
    """
    try:
        triples = parse(description, RdfFormat.TURTLE)
        found = [
            triple.object.value
            for triple in islice(triples, 1000)
            if triple.predicate == _URI_SPACE and isinstance(triple.object, Literal)
        ]
    except (SyntaxError, ValueError):
        return None
    return next((base for base in found if is_iri(base) and len(base) <= 1000), None)
