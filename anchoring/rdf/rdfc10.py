"""RDFC-1.0: canonical names for the blank nodes of a dataset.

Source: https://www.w3.org/TR/rdf-canon/ (Recommendation of 21 May 2024), sections 4.4 to 4.8.

Some graphs make the algorithm take exponential time, and a stranger may send one.
So the work is counted, and a graph that needs too much is refused (docs/format.md, section "Canonical form"):

- a step is one call of Hash N-Degree Quads, one related blank node it looks at, one ordering it tries,
  or one identifier it copies;
- each blank node whose first-degree hash does not tell it from the others may take `FREE_STEPS` steps;
  what they take beyond that may be `STEPS` for all of them together.

All orderings are tried, without the specification's short cut for paths already longer than the best one.
The short cut never changes the result, but what it saves depends on the order of the input;
without it the count depends on the graph alone, so every machine refuses the same graphs however they are written.

Nothing recurses: depth costs memory in proportion to the steps, and Ctrl-C works at any time.
Blank nodes are numbers here and predicates are hashed once: no step takes longer where labels and IRIs are long.
Only quads with blank nodes matter here; the others may be left out.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from anchoring.errors import InputRefused
from anchoring.rdf.nquads import Statement, join

FREE_STEPS: Final = 64
STEPS: Final = 100_000

HashName: TypeAlias = Literal["sha256", "sha384"]
_ALGORITHMS: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}


class PoisonedGraph(InputRefused):
    """The graph is so symmetric that naming its blank nodes would take more steps than the format allows."""

    code = "poisoned-graph"

    def __init__(self, nodes: int) -> None:
        super().__init__(
            f"{nodes} blank nodes look alike and take more than {STEPS} steps to tell apart",
            remedy="give the blank nodes IRIs, or properties that tell them apart",
        )
        self.nodes = nodes


Node: TypeAlias = int
"""A blank node: its place among those of the dataset."""


class Issuer:
    """Names blank nodes in the order in which they come (section 4.5): `prefix` and a number from 0."""

    __slots__ = ("issued", "prefix")

    def __init__(self, prefix: str, issued: dict[Node, str] | None = None) -> None:
        self.prefix = prefix
        self.issued: dict[Node, str] = {} if issued is None else issued

    def issue(self, node: Node) -> str:
        """The node's name, a new one if it has none yet."""
        name = self.issued.get(node)
        if name is None:
            name = self.issued[node] = f"_:{self.prefix}{len(self.issued)}"
        return name

    def copy(self) -> Issuer:
        """An issuer that goes on from here by itself."""
        return Issuer(self.prefix, self.issued.copy())


class Related(NamedTuple):
    """A blank node beside another in a quad: the hash that Hash Related Blank Node begins with, and the node."""

    position: hashlib._Hash
    node: Node


class Hashed(NamedTuple):
    """What Hash N-Degree Quads returns: the hash in lower-case hex, and the issuer of the best ordering."""

    hash: str
    issuer: Issuer


class _Quad(NamedTuple):
    """A statement, and the blank nodes that stand as its subject, object and graph name."""

    statement: Statement
    subject: Node | None
    object: Node | None
    graph: Node | None


class Issued(NamedTuple):
    """The canonical names, by the labels of the input (both with their `_:`), and the steps they took.

    `shared_steps` are those beyond the free ones, of which the format allows STEPS.
    """

    names: dict[str, str]
    steps: int
    shared_steps: int


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
        self._numbers: dict[str, Node] = {}
        self._quads: list[list[_Quad]] = []
        for statement in dict.fromkeys(statements):
            s, _, o, g = statement
            subject = self._number(s) if s[:2] == "_:" else None
            object_ = self._number(o) if o[:2] == "_:" else None
            graph = self._number(g) if g[:2] == "_:" else None
            quad = _Quad(statement, subject, object_, graph)
            if subject is not None:
                self._quads[subject].append(quad)
            if object_ is not None and object_ != subject:
                self._quads[object_].append(quad)
            if graph is not None and graph not in (subject, object_):
                self._quads[graph].append(quad)
        self._canonical = Issuer("c14n")
        self._first_degree: list[str] = []
        self._related: dict[Node, list[Related]] = {}
        self._positions: dict[tuple[str, str], hashlib._Hash] = {}
        self._steps = 0  # of the node being named
        self._all_steps = 0
        self._shared_steps = 0
        self._alike = 0

    def _number(self, label: str) -> Node:
        node = self._numbers.get(label)
        if node is None:
            node = self._numbers[label] = len(self._quads)
            self._quads.append([])
        return node

    def run(self) -> Issued:
        """Section 4.4.3."""
        self._first_degree = list(map(self._hash_first_degree, range(len(self._quads))))
        by_hash: dict[str, list[Node]] = defaultdict(list)
        for node, digest in enumerate(self._first_degree):
            by_hash[digest].append(node)
        groups = [by_hash[digest] for digest in sorted(by_hash)]
        for nodes in groups:
            if len(nodes) == 1:
                self._canonical.issue(nodes[0])
        self._alike = len(self._quads) - len(self._canonical.issued)
        for nodes in groups:
            if len(nodes) > 1:
                self._name_alike(nodes)
        labels = list(self._numbers)
        names = {labels[node]: name for node, name in self._canonical.issued.items()}
        return Issued(names, self._all_steps, self._shared_steps)

    def _name_alike(self, nodes: Sequence[Node]) -> None:
        """Step 5: nodes that share their first-degree hash."""
        results = []
        for node in nodes:
            if node not in self._canonical.issued:
                issuer = Issuer("b")
                issuer.issue(node)
                self._steps = 0
                results.append(self._run(self._hash_n_degree(node, issuer)))
                self._all_steps += self._steps
                self._shared_steps += max(0, self._steps - FREE_STEPS)
        results.sort(key=lambda result: result.hash)
        for result in results:
            for node in result.issuer.issued:
                self._canonical.issue(node)

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._shared_steps + self._steps - FREE_STEPS > STEPS:
            raise PoisonedGraph(self._alike)

    def _hash(self, text: str) -> str:
        return self._algorithm(text.encode()).hexdigest()

    def _hash_first_degree(self, node: Node) -> str:
        """Section 4.6: the node's quads, with itself as `_:a` and every other blank node as `_:z`."""
        lines = []
        for (s, p, o, g), subject, object_, graph in self._quads[node]:
            here = s if subject is None else "_:a" if subject == node else "_:z"
            there = o if object_ is None else "_:a" if object_ == node else "_:z"
            name = g if graph is None else "_:a" if graph == node else "_:z"
            lines.append(join((here, p, there, name)))
        lines.sort()
        return self._hash("\n".join([*lines, ""]))

    def _related_of(self, node: Node) -> list[Related]:
        """The blank nodes beside this one, one entry a component of a quad."""
        related = self._related.get(node)
        if related is None:
            related = self._related[node] = []
            for (_, p, _, _), subject, object_, graph in self._quads[node]:
                if subject is not None and subject != node:
                    related.append(Related(self._position("s", p), subject))
                if object_ is not None and object_ != node:
                    related.append(Related(self._position("o", p), object_))
                if graph is not None and graph != node:
                    related.append(Related(self._position("g", ""), graph))
        return related

    def _position(self, component: str, predicate: str) -> hashlib._Hash:
        found = self._positions.get((component, predicate))
        if found is None:
            found = self._positions[component, predicate] = self._algorithm(f"{component}{predicate}".encode())
        return found

    def _hash_related(self, related: Related, issuer: Issuer) -> str:
        """Section 4.7."""
        node = related.node
        name = self._canonical.issued.get(node) or issuer.issued.get(node) or self._first_degree[node]
        hashing = related.position.copy()
        hashing.update(name.encode())
        return hashing.hexdigest()

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

    def _hash_n_degree(self, node: Node, issuer: Issuer) -> _Call:
        """Section 4.8; yields the calls it needs and is sent their results. `issuer` may be changed."""
        related = self._related_of(node)
        self._spend(1 + len(related))
        groups: dict[str, list[Node]] = {}
        for entry in related:
            groups.setdefault(self._hash_related(entry, issuer), []).append(entry.node)
        to_hash = []
        for digest in sorted(groups):
            alike = groups[digest]
            if len(set(alike)) == 1:  # with one ordering there is nothing to go back to, so no copy is needed
                self._spend(1)
                path, issuer = yield from self._path(alike, issuer)
            else:
                path, issuer = yield from self._best_path(alike, issuer)
            to_hash += [digest, path]
        return Hashed(self._hash("".join(to_hash)), issuer)

    def _best_path(self, alike: Sequence[Node], issuer: Issuer) -> Generator[_Asked, Hashed, tuple[str, Issuer]]:
        """Step 5.4: the least path of all orderings of alike neighbours, and the issuer it ends with."""
        best_path, best_issuer = "", issuer
        for ordering in orderings(alike):
            self._spend(1 + len(ordering) + len(issuer.issued))
            path, ended = yield from self._path(ordering, issuer.copy())
            if not best_path or path < best_path:
                best_path, best_issuer = path, ended
        return best_path, best_issuer

    def _path(self, ordering: Sequence[Node], issuer: Issuer) -> Generator[_Asked, Hashed, tuple[str, Issuer]]:
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


_Asked: TypeAlias = tuple[Node, Issuer]
_Call: TypeAlias = Generator[_Asked, "Hashed | None", Hashed]


def orderings(nodes: Sequence[Node]) -> Iterator[Sequence[Node]]:
    """Every distinct ordering of the nodes, which may repeat; one at a time, in constant memory.

    Knuth, The Art of Computer Programming 4A, 7.2.1.2, algorithm L.

    >>> list(orderings([1, 2, 1]))
    [(1, 1, 2), (1, 2, 1), (2, 1, 1)]
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
