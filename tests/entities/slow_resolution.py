"""Entity resolution without numbers, indices or union: every rule's definition said with sets and all pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from extractors.entities import evidence
from extractors.entities.model import Apart, Definition, Mention, Rule
from extractors.entities.nodes import Node, chain_names, nodes_of

Thing = frozenset[str]


def slow_clusters(mentions: list[Mention], definitions: Iterable[Definition], apart: Iterable[Apart]) -> set[Thing]:
    """The clusters of two or more nodes."""
    nodes = nodes_of(mentions, chain_names(mentions))
    forbidden = {
        frozenset((said.node, other)) for said in apart for other in said.others if {said.node, other} <= nodes.keys()
    } - {frozenset((node,)) for node in nodes}
    keys: dict[Rule, Callable[[Node], Iterator[evidence.Key]]] = {
        Rule.IDENTIFIER: evidence.identifier_keys,
        Rule.TICKER: evidence.ticker_keys,
        Rule.DEFINITION: evidence.Definitions(definitions).keys,
        Rule.NAME: evidence.name_keys,
        Rule.PART: evidence.part_keys,
        Rule.INITIALS: evidence.initials_keys,
    }
    things: set[Thing] = {frozenset((node,)) for node in nodes}
    for rule in Rule:
        have = {node: list(keys[rule](nodes[node])) for node in nodes}
        things = _one_rule(nodes, things, have, apart, forbidden, dependents=rule in evidence.RULES_WITH_DEPENDENTS)
    return {thing for thing in things if len(thing) > 1}


def _one_rule(
    nodes: dict[str, Node],
    things: set[Thing],
    have: dict[str, list[evidence.Key]],
    apart: Iterable[Apart],
    forbidden: set[frozenset[str]],
    *,
    dependents: bool,
) -> set[Thing]:
    def thing(node: str) -> Thing:
        return next(t for t in things if node in t)

    def different(group: Iterable[str]) -> set[str]:
        """The labels that two of the nodes' things have with different values."""
        said: dict[str, set[frozenset[str]]] = {}
        for node in group:
            for member in thing(node):
                for label, value in nodes[member].labels.items():
                    said.setdefault(label, set()).add(value)
        return {label for label, values in said.items() if len(values) > 1}

    def sound(group: Iterable[str]) -> bool:
        everybody = {member for node in group for member in thing(node)}
        typed = [nodes[n].types for n in everybody if nodes[n].types]
        if different(everybody) or (typed and not set.intersection(*typed)):
            return False
        return not any(frozenset(pair) in forbidden for pair in combinations(sorted(everybody), 2))

    members: dict[tuple[str, str], dict[str, str]] = {}
    for node, its in have.items():
        for key in its:
            at = members.setdefault((key.form, key.where), {})
            at[node] = min(at.get(node, key.document), key.document)
    everything = {key: dict(at) for key, at in members.items()}
    shared = {key: at for key, at in members.items() if len({thing(n) for n in at}) > 1}
    for key, at in shared.items():
        leaving = {said.node for said in apart if said.others & (at.keys() - {said.node})}
        shared[key] = {n: d for n, d in at.items() if n not in leaving}
    if dependents:
        carrier = {}
        for key, at in shared.items():
            carriers = {thing(n) for n, document in at.items() if not document}
            if len(carriers) == 1:
                carrier[key] = next(iter(carriers))

        def agreed(node: str, wanted: Thing) -> bool:
            documents = set()
            for key, at in everything.items():
                if at.get(node):
                    if key in carrier:
                        if carrier[key] != wanted:
                            return False
                        documents.add(at[node])
                    elif not all(at.values()):
                        return False
            return documents >= nodes[node].sources

        shared = {key: {n: d for n, d in shared[key].items() if not d or agreed(n, carrier[key])} for key in carrier}
    shared = {key: at for key, at in shared.items() if len({thing(n) for n in at}) > 1}
    unsound = {key for key, at in shared.items() if not sound(at)}
    unsure = {
        (node, key[1])
        for key in unsound
        for node in shared[key]
        if not different(shared[key]) & {label for member in thing(node) for label in nodes[member].labels}
    }
    alive = {key: {n for n in at if (n, key[1]) not in unsure} for key, at in shared.items() if key not in unsound}
    whole = {key: set(shared[key]) for key in alive}
    ambiguous = set()
    for one in things:
        its = [key for key, at in alive.items() if at & one]
        if len(its) > 1 and not sound({n for key in its for n in whole[key]}):
            ambiguous.add(one)
    alive = {key: {n for n in at if thing(n) not in ambiguous} for key, at in alive.items()}
    groups = [set(at) for at in alive.values() if len({thing(n) for n in at}) > 1]
    while True:
        for one, two in combinations(groups, 2):
            if any(thing(a) == thing(b) for a in one for b in two):
                groups.remove(one)
                groups.remove(two)
                groups.append(one | two)
                break
        else:
            break
    result = set(things)
    for group in groups:
        if sound(group):
            parts = {thing(node) for node in group}
            result -= parts
            result.add(frozenset().union(*parts))
    return result
