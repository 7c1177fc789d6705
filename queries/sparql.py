"""SPARQL 1.1 on a store: read-only, without calls to other servers, bounded in time, filtered by trust.

https://www.w3.org/TR/sparql11-query/
The default graph is the union of all graphs unless the query says FROM. Values are Oxigraph's: `"1.10"^^xsd:decimal`
is answered as `1.1`; the exact forms are in the dataset and in exports.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pyoxigraph
from pyoxigraph import Literal, NamedNode, RdfFormat, Variable

from anchoring.errors import WrongUsage
from kg.claims.model import Trust
from kg.claims.vocabulary import PREFIXES
from kg.stores.oxigraph import OxigraphStore
from kg.stores.protocol import QuadStore
from queries.errors import QueryFailed, QueryRefused, QueryTimedOut
from queries.merged_view import merged_view
from queries.projection import project
from queries.results import Result, Solutions, Term, Triples, Truth

Constant: TypeAlias = NamedNode | Literal

_TOKEN = re.compile(
    r"""(?P<skip>\"\"\".*?(?<!\\)(?:\\\\)*\"\"\"|'''.*?(?<!\\)(?:\\\\)*'''
        |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'
        |<[^<>"{}|^`\\\x00-\x20]*>|\#[^\n\r]*|\\.)
        |(?P<word>[?$@:]?[\w\-.:%]+)|(?P<opens>[({\[])|(?P<closes>[)}\]])|(?P<operator>[!+*/|&^=-])""",
    re.VERBOSE | re.DOTALL,
)
MAX_DEPTH = 100
"""Brackets in each other; the parser follows each with its stack, and ends the process where that is at an end."""

MAX_OPERATORS = 2_000
"""Operators, paths and clauses, which the parser chains in the same way; lists of values are not counted."""

_CLAUSES = frozenset(["FILTER", "OPTIONAL", "UNION", "MINUS", "BIND", "GRAPH", "EXISTS", "NOT", "IN"])
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_UPDATES = frozenset(["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"])
_projections: weakref.WeakKeyDictionary[Any, tuple[object, pyoxigraph.Store]] = weakref.WeakKeyDictionary()


def run(
    store: QuadStore,
    query: str,
    *,
    trust: Iterable[str] | None = None,
    min_confidence: Decimal | float | str | None = None,
    substitutions: Mapping[str, Constant] | None = None,
    timeout: float | None = None,
    limit: int | None = None,
    merged: bool = False,
) -> Result:
    """Ask a store.

    `trust` (of read, inferred, reported, hashed, proven) and `min_confidence` (0 to 1) restrict the default graph and
    the claims in reach to those of that trust and at least that confidence; a claim for which no model was asked has
    confidence 1. `substitutions` binds variables that SELECT returns, by name, to terms. `timeout` in seconds: the
    query then runs in a process of its own, which is ended. `limit` cuts the answer off after so many rows.
    With `merged` the default graph has one IRI for all that were merged (queries.merged_view).
    Raises QueryRefused (syntax, updates, SERVICE), QueryTimedOut, QueryFailed, WrongUsage.

    >>> run(OxigraphStore(None), "ASK { ?s ?p ?o }")
    Truth(value=False)
    """
    wanted, least = check_filter(trust, min_confidence)
    check(query)
    bound = dict(substitutions or {})
    part = Part(wanted, least, merged)
    if timeout is not None:
        return _run_apart(store, query, part, bound, timeout, limit)
    if part.is_whole and isinstance(store, OxigraphStore):
        return evaluate(store.index(), query, bound, limit, union=True)
    key = (store.generation, part)
    kept = _projections.get(store)
    if kept is None or kept[0] != key:
        whole = store.index() if isinstance(store, OxigraphStore) else _load(store)
        kept = (key, part.of(whole))
        _projections[store] = kept
    return evaluate(kept[1], query, bound, limit, union=part.is_whole)


class Part(NamedTuple):
    """What a query sees of a store: the admitted claims (None: all), with `merged` one IRI for all that were merged."""

    trust: Collection[str] | None
    least: Decimal | None
    merged: bool

    @property
    def is_whole(self) -> bool:
        """Whether it is the store as it is."""
        return self._unfiltered and not self.merged

    @property
    def _unfiltered(self) -> bool:
        return self.trust is None and self.least is None

    def of(self, store: pyoxigraph.Store) -> pyoxigraph.Store:
        """The part of this store, in a copy unless it is the whole."""
        admitted = store if self._unfiltered else project(store, self.trust, self.least)
        return merged_view(admitted, union=self._unfiltered) if self.merged else admitted


def check_filter(
    trust: Iterable[str] | None, min_confidence: Decimal | float | str | None
) -> tuple[frozenset[str] | None, Decimal | None]:
    """The filter in its types; raises WrongUsage for levels that do not exist and numbers out of range."""
    levels = None if trust is None else frozenset([trust] if isinstance(trust, str) else trust)
    known = {level.value for level in Trust}
    if levels is not None and not levels <= known:
        wrong = ", ".join(sorted(levels - known))
        raise WrongUsage(f"{wrong!r} is no level of trust", remedy=f"use {', '.join(sorted(known))}")
    if min_confidence is None:
        return levels, None
    try:
        least = Decimal(str(min_confidence))
    except InvalidOperation:
        least = Decimal("NaN")
    if not least.is_finite() or not 0 <= least <= 1:
        raise WrongUsage(f"{min_confidence!r} is no confidence", remedy="use a number from 0 to 1")
    return levels, least


def check(query: str) -> None:
    """Refuse what a query may not do: call another server (SERVICE), change the graph (updates).

    A query that nests or chains without end is refused, too.

    SPARQL reads `\\u0053ERVICE` as SERVICE, so code point escapes are looked through.
    """
    for text in {query, _CODE_POINT.sub(_character, query)}:
        words = _words(text)
        if "SERVICE" in words:
            raise QueryRefused("SERVICE sends data to another server", remedy="ask that server yourself")
        first = next((w for w in words if w in _UPDATES | {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}), "")
        if first in _UPDATES:
            raise QueryRefused(f"{first} would change the graph", remedy="change it with ingest and withdraw")


def _words(text: str) -> list[str]:
    """The words of a query outside of strings, IRIs and comments; refuses one that would overrun the parser's stack."""
    words: list[str] = []
    depth = operators = 0
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup
        if kind == "word":
            words.append(found["word"].upper())
            operators += words[-1] in _CLAUSES
        elif kind == "operator":
            operators += 1
        elif kind != "skip":
            depth += 1 if kind == "opens" else -1
        if depth > MAX_DEPTH or operators > MAX_OPERATORS:
            raise QueryRefused(
                f"the query nests deeper than {MAX_DEPTH} brackets or has more than {MAX_OPERATORS} operators",
                remedy="ask in several queries, or give lists of terms with VALUES",
            )
    return words


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code <= sys.maxunicode else ""


def evaluate(
    store: pyoxigraph.Store, query: str, substitutions: Mapping[str, Constant], limit: int | None, *, union: bool
) -> Result:
    """Run a checked query on an Oxigraph store; raises QueryRefused and QueryFailed."""
    bound: dict[Variable, Any] = {Variable(name.lstrip("?$")): term for name, term in substitutions.items()}
    try:
        answer = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=union, substitutions=bound or None)
        return _materialise(answer, limit)
    except SyntaxError as error:
        raise QueryRefused(f"the query is no SPARQL 1.1: {error}", remedy="mend it (line:column is given)") from None
    except ValueError as error:
        raise QueryRefused(f"the query cannot be run: {error}", remedy="name only variables of the query") from None
    except (OSError, RuntimeError, MemoryError) as error:
        if "in its SELECT projection" in str(error):
            raise QueryRefused(f"{error}", remedy="substitute only variables that SELECT returns") from None
        raise QueryFailed(f"the query broke off: {error}", remedy="ask for less, or check the store") from None


def _materialise(answer: object, limit: int | None) -> Result:
    most = sys.maxsize if limit is None else limit
    if isinstance(answer, pyoxigraph.QueryBoolean):
        return Truth(bool(answer))
    rows: list[Any] = []
    for row in answer:  # type: ignore[attr-defined]
        if len(rows) >= most:
            break
        rows.append(row)
    else:
        most = sys.maxsize
    cut = most != sys.maxsize
    if isinstance(answer, pyoxigraph.QueryTriples):
        return Triples(tuple(rows), cut)
    variables = tuple(variable.value for variable in answer.variables)  # type: ignore[attr-defined]
    return Solutions(variables, tuple(tuple(row) for row in rows), cut)


def _load(store: QuadStore) -> pyoxigraph.Store:
    loaded = pyoxigraph.Store()
    loaded.bulk_extend(store.match())
    return loaded


def _run_apart(
    store: QuadStore,
    query: str,
    part: Part,
    substitutions: Mapping[str, Constant],
    timeout: float,
    limit: int | None,
) -> Result:
    """Run in a child on a copy of the index: Oxigraph cannot be interrupted, a process can."""
    beside = store.path if isinstance(store, OxigraphStore) else None
    with tempfile.TemporaryDirectory(prefix="query-", dir=beside) as folder:
        copy = Path(folder, "index")
        if isinstance(store, OxigraphStore):
            store.copy_index(copy)
        else:
            pyoxigraph.Store(copy).bulk_extend(store.match())
        request = {
            "folder": str(copy),
            "query": query,
            "trust": None if part.trust is None else sorted(part.trust),
            "least": None if part.least is None else str(part.least),
            "merged": part.merged,
            "substitutions": {name: term_line(term) for name, term in substitutions.items()},
            "limit": limit,
        }
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        try:
            child = subprocess.run(
                [sys.executable, "-m", "queries.child"],
                input=json.dumps(request).encode(),
                capture_output=True,
                timeout=timeout,
                env=environment,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise QueryTimedOut(
                f"the query took longer than {timeout:g} s and was ended", remedy="ask for less, or allow more time"
            ) from None
    if child.returncode != 0:
        said = child.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it was killed"]
        raise QueryFailed(f"the query's process ended with {child.returncode}: {said[0]}", remedy="ask for less")
    return read_answer(child.stdout)


def term_line(term: Term | None) -> str:
    """A term in N-Triples syntax; empty for None."""
    return "" if term is None else str(term)


def read_answer(answer: bytes) -> Result:
    """What `queries.child` wrote: a header line, then one N-Triples line a term or triple."""
    header, _, body = answer.partition(b"\n")
    head = json.loads(header)
    if "refused" in head:
        raise QueryRefused(head["refused"], remedy=head["remedy"])
    if "failed" in head:
        raise QueryFailed(head["failed"], remedy=head["remedy"])
    if "truth" in head:
        return Truth(head["truth"])
    triples = list(pyoxigraph.parse(body, format=RdfFormat.N_TRIPLES))
    if head["form"] == "triples":
        return Triples(tuple(quad.triple for quad in triples), head["truncated"])
    width = len(head["variables"])
    cells: list[Term | None] = [None if q.predicate.value == "urn:x:none" else q.object for q in triples]
    rows = [tuple(cells[i : i + width]) for i in range(0, len(cells), width)] if width else [()] * head["rows"]
    return Solutions(tuple(head["variables"]), tuple(rows), head["truncated"])
