"""Entity resolution: which nodes of a graph are one thing, why, and which only look so.

    mentions → nodes (what is known of each) → keys (evidence) → clusters, strongest rule first → canonical node, log

Pure: the same mentions in any order give the same resolution. Time and memory grow with the number of mentions and
not with that of their pairs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator

from extractors.entities.clusters import Clusters, Holders, written
from extractors.entities.evidence import (
    RULES_WITH_DEPENDENTS,
    Definitions,
    Key,
    identifier_keys,
    initials_keys,
    name_keys,
    part_keys,
    ticker_keys,
)
from extractors.entities.model import Apart, Cluster, Definition, Mention, Merge, Resolution, Rule
from extractors.entities.nodes import Node, chain_names, nodes_of
from extractors.entities.suspects import suspects

VERSION = "1"
"""Raised when the rules change so that the same mentions give other merges."""


def resolve(
    mentions: Iterable[Mention],
    *,
    definitions: Iterable[Definition] = (),
    apart: Iterable[Apart] = (),
    rules: Collection[Rule] = tuple(Rule),
) -> Resolution:
    """Which nodes of the mentions are one thing.

    `definitions` are the short forms that documents define. `apart` is what somebody undid: it is never done again.
    `rules` chooses the operating point: fewer rules merge less.

    >>> told = resolve([Mention("a", "ERC-20"), Mention("b", "EIP 20 standard"), Mention("c", "ERC-721")])
    >>> [(merge.node, merge.canonical, merge.rule.value, merge.key) for merge in told.merges]
    [('b', 'a', 'identifier', 'eip 20')]
    """
    given = list(mentions)
    by_id = nodes_of(given, chain_names(given))
    nodes = [by_id[node] for node in sorted(by_id)]
    clusters = Clusters.of(nodes, apart)
    keys: dict[Rule, Callable[[Node], Iterator[Key]]] = {
        Rule.IDENTIFIER: identifier_keys,
        Rule.TICKER: ticker_keys,
        Rule.DEFINITION: Definitions(definitions).keys,
        Rule.NAME: name_keys,
        Rule.PART: part_keys,
        Rule.INITIALS: initials_keys,
    }
    for rule in Rule:
        if rule in rules:
            clusters.apply(rule, _holders(nodes, keys[rule]), dependents=rule in RULES_WITH_DEPENDENTS)
    found, merges = _told(clusters)
    refused = sorted(set(clusters.refused), key=lambda r: (r.rule.value, r.key, r.nodes, r.reason))
    return Resolution(found, merges, tuple(refused), tuple(suspects(nodes)))


def _holders(nodes: list[Node], keys: Callable[[Node], Iterator[Key]]) -> Holders:
    holders: Holders = {}
    for number, node in enumerate(nodes):
        for key in keys(node):
            has = holders.setdefault((key.form, key.where), {})
            has[number] = min(has.get(number, key.document), key.document)
    return holders


def _told(clusters: Clusters) -> tuple[tuple[Cluster, ...], tuple[Merge, ...]]:
    """The clusters with their canonical nodes, and for each other node the way to it."""
    nodes = clusters.nodes
    evidence: dict[int, list[int]] = defaultdict(list)
    for number, (_, _, holders) in enumerate(clusters.used):
        for node in holders:
            evidence[node].append(number)
    found: list[Cluster] = []
    merges: list[Merge] = []
    for members in clusters.members.values():
        canonical = min(members, key=lambda n: (not nodes[n].home, nodes[n].id))
        found.append(Cluster(nodes[canonical].id, tuple(nodes[n].id for n in members)))
        for node, (number, via) in _ways(clusters, canonical, evidence).items():
            rule, key, _ = clusters.used[number]
            merges.append(Merge(nodes[node].id, nodes[canonical].id, rule, written(key), nodes[via].id))
    return tuple(sorted(found, key=lambda c: c.canonical)), tuple(sorted(merges, key=lambda m: (m.canonical, m.node)))


def _ways(clusters: Clusters, start: int, evidence: dict[int, list[int]]) -> dict[int, tuple[int, int]]:
    """For each node of the cluster the key by which it is reached first from `start`, and from which node."""
    ways: dict[int, tuple[int, int]] = {}
    reached, layer, opened = {start}, [start], set[int]()
    while layer:
        best: dict[int, tuple[int, tuple[str, str], int, int]] = {}
        for via in layer:
            for number in evidence[via]:
                if number in opened:
                    continue
                rule, key, holders = clusters.used[number]
                for node in holders:
                    if node not in reached:
                        step = (_ORDER[rule], key, via, number)
                        best[node] = min(best.get(node, step), step)
        opened.update(number for via in layer for number in evidence[via])
        ways.update({node: (number, via) for node, (_, _, via, number) in best.items()})
        layer = sorted(best)
        reached.update(layer)
    return ways


_ORDER = {rule: place for place, rule in enumerate(Rule)}
