"""RDFC-1.0: canonical names for the blank nodes of a dataset.

Source: https://www.w3.org/TR/rdf-canon/ (Recommendation of 21 May 2024), sections 4.4 to 4.8.

Some graphs make the algorithm take exponential time, and a stranger may send one.
So the work is counted, and a graph that needs too much is refused (decision 0011):

- a step is one call of Hash N-Degree Quads, one related blank node it looks at, one ordering it tries,
  or one identifier it copies;
- naming one blank node may take `STEPS_A_NODE` steps, the whole dataset `STEPS` and `STEPS_EACH` more
  for each blank node that shares its first-degree hash with another.

All orderings are tried, without the specification's short cut for paths already longer than the best one.
The short cut never changes the result, but what it saves depends on the order of the input;
without it the count depends on the graph alone, so every machine refuses the same graphs however they are written.

Nothing recurses: depth costs memory in proportion to the steps, and Ctrl-C works at any time.
Only quads with blank nodes matter here; the others may be left out.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from anchoring.errors import InputRefused
from anchoring.nquads import Statement, join

STEPS_A_NODE: Final = 50_000
STEPS: Final = 100_000
STEPS_EACH: Final = 8

HashName: TypeAlias = Literal["sha256", "sha384"]
_ALGORITHMS: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}


class PoisonedGraph(InputRefused):
    """The graph is so symmetric that naming its blank nodes would take more steps than the format allows."""

    code = "poisoned-graph"

    def __init__(self, nodes: int, limit: int) -> None:
        super().__init__(
            f"{nodes} blank nodes look alike and need more than {limit} steps to tell apart",
            remedy="give the blank nodes IRIs, or properties that tell them apart",
        )
        self.nodes = nodes
        self.limit = limit


class Issuer:
    """Names blank nodes in the order in which they come (section 4.5): `prefix` and a number from 0."""

    __slots__ = ("issued", "prefix")

    def __init__(self, prefix: str, issued: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.issued: dict[str, str] = {} if issued is None else issued

    def issue(self, node: str) -> str:
        """The node's name, a new one if it has none yet."""
        name = self.issued.get(node)
        if name is None:
            name = self.issued[node] = f"_:{self.prefix}{len(self.issued)}"
        return name

    def copy(self) -> Issuer:
        """An issuer that goes on from here by itself."""
        return Issuer(self.prefix, self.issued.copy())


class Related(NamedTuple):
    """A blank node beside another in a quad: what Hash Related Blank Node starts from, and the node."""

    position: str
    node: str


class Hashed(NamedTuple):
    """What Hash N-Degree Quads returns: the hash in lower-case hex, and the issuer of the best ordering."""

    hash: str
    issuer: Issuer


class Issued(NamedTuple):
    """The canonical names, by the labels of the input (both with their `_:`), and the steps they took."""

    names: dict[str, str]
    steps: int


def issue_names(statements: Iterable[Statement], hash_name: HashName = "sha256") -> Issued:
    """The issued identifiers map of a dataset: input label → canonical label.

    Statements without blank nodes may be left out; duplicates do not matter.
    Raises PoisonedGraph when the dataset is too symmetric.

    >>> knows = "<http://example.org/knows>"
    >>> issue_names([("_:x", knows, "_:y", ""), ("_:y", knows, '"Z"', "")]).names
    {'_:x': '_:c14n0', '_:y': '_:c14n1'}
    """
    return _Canonicalization(statements, hash_name).run()


class _Canonicalization:
    """The canonicalization state (section 4.3)."""

    def __init__(self, statements: Iterable[Statement], hash_name: HashName) -> None:
        self._algorithm = _ALGORITHMS[hash_name]
        self._quads: dict[str, list[Statement]] = defaultdict(list)
        for statement in dict.fromkeys(statements):
            subject, _, object_, graph = statement
            for node in {subject, object_, graph}:
                if node.startswith("_:"):
                    self._quads[node].append(statement)
        self._canonical = Issuer("c14n")
        self._first_degree: dict[str, str] = {}
        self._related: dict[str, list[Related]] = {}
        self._steps = 0
        self._spent_before = 0
        self._limit = STEPS
        self._alike = 0

    def run(self) -> Issued:
        """Section 4.4.3."""
        by_hash: dict[str, list[str]] = defaultdict(list)
        for node in self._quads:
            digest = self._first_degree[node] = self._hash_first_degree(node)
            by_hash[digest].append(node)
        groups = [by_hash[digest] for digest in sorted(by_hash)]
        for nodes in groups:
            if len(nodes) == 1:
                self._canonical.issue(nodes[0])
        self._alike = len(self._quads) - len(self._canonical.issued)
        self._limit = STEPS + STEPS_EACH * self._alike
        for nodes in groups:
            if len(nodes) > 1:
                self._name_alike(nodes)
        return Issued(self._canonical.issued, self._steps)

    def _name_alike(self, nodes: Sequence[str]) -> None:
        """Step 5: nodes that share their first-degree hash."""
        results = []
        for node in nodes:
            if node not in self._canonical.issued:
                issuer = Issuer("b")
                issuer.issue(node)
                self._spent_before = self._steps
                results.append(self._run(self._hash_n_degree(node, issuer)))
        results.sort(key=lambda result: result.hash)
        for result in results:
            for node in result.issuer.issued:
                self._canonical.issue(node)

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > self._limit:
            raise PoisonedGraph(self._alike, self._limit)
        if self._steps - self._spent_before > STEPS_A_NODE:
            raise PoisonedGraph(self._alike, STEPS_A_NODE)

    def _hash(self, text: str) -> str:
        return self._algorithm(text.encode()).hexdigest()

    def _hash_first_degree(self, node: str) -> str:
        """Section 4.6: the node's quads, with itself as `_:a` and every other blank node as `_:z`."""

        def seen(term: str) -> str:
            return ("_:a" if term == node else "_:z") if term.startswith("_:") else term

        lines = sorted(join((seen(s), p, seen(o), seen(g))) + "\n" for s, p, o, g in self._quads[node])
        return self._hash("".join(lines))

    def _related_of(self, node: str) -> list[Related]:
        """The blank nodes beside this one, one entry a component of a quad."""
        related = self._related.get(node)
        if related is None:
            related = self._related[node] = [
                Related(position, other)
                for s, p, o, g in self._quads[node]
                for position, other in ((f"s{p}", s), (f"o{p}", o), ("g", g))
                if other != node and other.startswith("_:")
            ]
        return related

    def _hash_related(self, related: Related, issuer: Issuer) -> str:
        """Section 4.7."""
        node = related.node
        name = self._canonical.issued.get(node) or issuer.issued.get(node) or self._first_degree[node]
        return self._hash(related.position + name)

    def _run(self, call: _Call) -> Hashed:
        """Runs a call of Hash N-Degree Quads and the calls it asks for, on a stack of our own."""
        stack = [call]
        answer: Hashed | None = None
        while True:
            try:
                asked = stack[-1].send(answer)
            except StopIteration as stop:
                stack.pop()
                answer = stop.value
                if not stack:
                    return stop.value  # type: ignore[no-any-return]
            else:
                stack.append(self._hash_n_degree(*asked))
                answer = None

    def _hash_n_degree(self, node: str, issuer: Issuer) -> _Call:
        """Section 4.8; yields the calls it needs and is sent their results. `issuer` may be changed."""
        related = self._related_of(node)
        self._spend(1 + len(related))
        groups: dict[str, list[str]] = defaultdict(list)
        for entry in related:
            groups[self._hash_related(entry, issuer)].append(entry.node)
        to_hash = []
        for digest in sorted(groups):
            best_path, best_issuer = "", issuer
            alike = groups[digest]
            alone = len(set(alike)) == 1
            for ordering in (alike,) if alone else orderings(alike):
                self._spend(1 if alone else 1 + len(ordering) + len(issuer.issued))
                # with one ordering there is nothing to go back to, so no copy is needed
                path, ended = yield from self._path(ordering, issuer if alone else issuer.copy())
                if not best_path or path < best_path:
                    best_path, best_issuer = path, ended
            issuer = best_issuer
            to_hash += [digest, best_path]
        return Hashed(self._hash("".join(to_hash)), issuer)

    def _path(self, ordering: Sequence[str], issuer: Issuer) -> Generator[_Asked, Hashed, tuple[str, Issuer]]:
        """Steps 5.4.1 to 5.4.5: the path of one ordering of alike neighbours, and the issuer it ends with."""
        path = []
        to_visit = []
        for node in ordering:
            name = self._canonical.issued.get(node)
            if name is None:
                if node not in issuer.issued:
                    to_visit.append(node)
                name = issuer.issue(node)
            path.append(name)
        for node in to_visit:
            result = yield node, issuer
            path += [issuer.issue(node), "<", result.hash, ">"]
            issuer = result.issuer
        return "".join(path), issuer


_Asked: TypeAlias = tuple[str, Issuer]
_Call: TypeAlias = Generator[_Asked, "Hashed | None", Hashed]


def orderings(nodes: Sequence[str]) -> Iterator[Sequence[str]]:
    """Every distinct ordering of the nodes, which may repeat; one at a time, in constant memory.

    Knuth, The Art of Computer Programming 4A, 7.2.1.2, algorithm L.

    >>> ["".join(ordering) for ordering in orderings("aba")]
    ['aab', 'aba', 'baa']
    """
    current = sorted(nodes)
    while True:
        yield tuple(current)
        j = len(current) - 2
        while j >= 0 and current[j] >= current[j + 1]:
            j -= 1
        if j < 0:
            return
        k = len(current) - 1
        while current[j] >= current[k]:
            k -= 1
        current[j], current[k] = current[k], current[j]
        current[j + 1 :] = reversed(current[j + 1 :])
