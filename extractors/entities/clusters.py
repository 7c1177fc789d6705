"""From keys to clusters, rule by rule, so that the result does not depend on any order.

A cluster is sound where no two of its nodes are told apart: by different values of a label (an identifier, a version,
a legal form), by types of which none is common to all, or by hand. Rules are applied from the strongest to the
weakest, each to the clusters that the stronger ones left. Within one rule all is decided at once:

1. a key whose carriers are several clusters is refused, and a dependent node leaves its keys unless all its documents
   give it the same carrier;
2. a key whose clusters would not make a sound cluster is refused, and a node that does not say itself which of them it
   is leaves all keys of the same place, since it may be any of them;
3. a cluster whose keys would lead it to things that are told apart is ambiguous: it leaves all its keys;
4. of what is left, connected keys make one cluster; where that is not sound, all of these keys are refused.

Each step looks at sets alone. A doubt costs merges and never makes a false one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from extractors.entities.model import Apart, Refusal, Rule
from extractors.entities.nodes import Node

Form: TypeAlias = tuple[str, str]
"""A key: the form of a name or identifier, and where it means something."""

Holders: TypeAlias = dict[Form, dict[int, str]]
"""By key the nodes that have it, each with the document by which it depends on the key; "" for those that carry it."""


def written(key: Form) -> str:
    """A key as the log shows it.

    >>> written(("uniswap v3", "in ipfs://bafk…"))
    'uniswap v3 in ipfs://bafk…'
    """
    return f"{key[0].lstrip('=~')} {key[1]}".strip()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why clusters cannot be one, and the labels that differ."""

    reason: str
    labels: frozenset[str] = frozenset()


@dataclass(slots=True)
class Profile:
    """What must not differ within a cluster. `types` is None where nothing is known of them."""

    labels: dict[str, frozenset[str]]
    types: frozenset[str] | None
    watched: frozenset[int] = frozenset()
    """The nodes in it of which somebody said that they are something else."""


@dataclass(slots=True)
class Clusters:
    """The clusters so far; nodes and clusters are numbered as in the sorted list of nodes."""

    nodes: list[Node]
    apart: dict[int, set[int]] = field(default_factory=dict)
    """Of which nodes somebody said that they are not this one."""
    taken_out: dict[int, set[int]] = field(default_factory=dict)
    """The same in one direction: who was taken out, and of whose company."""
    cluster: list[int] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    members: dict[int, list[int]] = field(default_factory=dict)
    """The nodes of clusters of two or more."""
    used: list[tuple[Rule, Form, tuple[int, ...]]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    @classmethod
    def of(cls, nodes: list[Node], apart: Iterable[Apart]) -> Clusters:
        """Each node alone."""
        number = {node.id: place for place, node in enumerate(nodes)}
        said: dict[int, set[int]] = defaultdict(set)
        taken_out: dict[int, set[int]] = defaultdict(set)
        for found in apart:
            if (one := number.get(found.node)) is not None:
                for other in found.others:
                    if (two := number.get(other)) is not None and two != one:
                        taken_out[one].add(two)
                        said[one].add(two)
                        said[two].add(one)
        profiles = [
            Profile(n.labels, frozenset(n.types) or None, frozenset((i,)) if i in said else frozenset())
            for i, n in enumerate(nodes)
        ]
        return cls(nodes, dict(said), dict(taken_out), list(range(len(nodes))), profiles)

    def apply(self, rule: Rule, holders: Holders, *, dependents: bool) -> None:
        """Merge by one rule. `dependents` says that its keys have carriers and nodes that depend on them."""
        shared = {key: nodes for key, nodes in holders.items() if len({self.cluster[n] for n in nodes}) > 1}
        self._without_apart(rule, shared)
        if dependents:
            self._to_one_carrier(rule, shared, holders)
        sound = self._sound_keys(rule, shared)
        self._without_ambiguous(rule, shared, sound)
        self._join(rule, shared)

    def _without_apart(self, rule: Rule, shared: Holders) -> None:
        """Whoever was said to be none of the others leaves the keys that it shares with one of them."""
        if not self.apart:
            return
        for key, nodes in shared.items():
            leaving = {n for n in nodes if n in self.taken_out and self.taken_out[n] & nodes.keys()}
            if leaving:
                self._refuse(rule, key, leaving, "kept apart by hand")
                shared[key] = {n: document for n, document in nodes.items() if n not in leaving}

    def _to_one_carrier(self, rule: Rule, shared: Holders, holders: Holders) -> None:
        carrier: dict[Form, int] = {}
        for key, nodes in shared.items():
            carriers = {self.cluster[n] for n, document in nodes.items() if not document}
            if len(carriers) == 1:
                carrier[key] = next(iter(carriers))
            elif carriers and len(carriers) < len({self.cluster[n] for n in nodes}):
                self._refuse(rule, key, nodes, "it may be short for several")
        depends: dict[int, list[tuple[str, Form]]] = defaultdict(list)
        for key, nodes in holders.items():
            for node, document in nodes.items():
                if document:
                    depends[node].append((document, key))
        for key in list(shared):
            if key not in carrier:
                del shared[key]
                continue
            nodes = shared[key]
            kept = {
                n: document
                for n, document in nodes.items()
                if not document or self._agreed(n, depends[n], carrier, carrier[key], holders)
            }
            if len(kept) < len(nodes):
                self._refuse(rule, key, nodes.keys() - kept.keys(), "another document of it does not say so")
            shared[key] = kept

    def _agreed(
        self,
        node: int,
        depends: Iterable[tuple[str, Form]],
        carrier: Mapping[Form, int],
        wanted: int,
        holders: Holders,
    ) -> bool:
        """Whether every document of a node says that it stands for the cluster `wanted`."""
        documents = set()
        for document, key in depends:
            if key in carrier:
                if carrier[key] != wanted:
                    return False
                documents.add(document)
            elif not all(holders[key].values()):
                return False
        return documents >= self.nodes[node].sources

    def _sound_keys(self, rule: Rule, shared: Holders) -> dict[Form, Profile]:
        sound: dict[Form, Profile] = {}
        unsure: dict[int, set[str]] = defaultdict(set)
        for key in list(shared):
            clusters = {self.cluster[n] for n in shared[key]}
            if len(clusters) < 2:
                del shared[key]
                continue
            combined = self.combine(clusters)
            if isinstance(combined, Conflict):
                nodes = shared.pop(key)
                self._refuse(rule, key, nodes, combined.reason)
                for node in nodes:
                    if not combined.labels & self.profiles[self.cluster[node]].labels.keys():
                        unsure[node].add(key[1])
            else:
                sound[key] = combined
        if unsure:
            for key, nodes in shared.items():
                shared[key] = {n: document for n, document in nodes.items() if key[1] not in unsure.get(n, ())}
        return sound

    def _without_ambiguous(self, rule: Rule, shared: Holders, sound: Mapping[Form, Profile]) -> None:
        keys_of: dict[int, set[Form]] = defaultdict(set)
        for key, nodes in shared.items():
            for node in nodes:
                keys_of[self.cluster[node]].add(key)
        leaving: set[int] = set()
        for cluster, keys in keys_of.items():
            if len(keys) > 1:
                combined = self._combined([sound[key] for key in keys])
                if isinstance(combined, Conflict):
                    leaving.add(cluster)
                    alone = self.members.get(cluster, [cluster])
                    self._refuse(rule, min(keys), alone, f"it may be one or another: {combined.reason}")
        if leaving:
            for key, nodes in shared.items():
                shared[key] = {n: c for n, c in nodes.items() if self.cluster[n] not in leaving}

    def _join(self, rule: Rule, shared: Holders) -> None:
        import networkx as nx

        graph = nx.Graph()
        keys = [key for key, nodes in shared.items() if len({self.cluster[n] for n in nodes}) > 1]
        for number, key in enumerate(keys):
            graph.add_edges_from((-1 - number, self.cluster[n]) for n in shared[key])
        for component in nx.connected_components(graph):
            clusters = {place for place in component if place >= 0}
            its_keys = [keys[-1 - place] for place in component if place < 0]
            combined = self.combine(clusters)
            if isinstance(combined, Conflict):
                nodes = {n for key in its_keys for n in shared[key]}
                self._refuse(rule, min(its_keys), nodes, f"what it is connected with is told apart: {combined.reason}")
                continue
            self.used += [(rule, key, tuple(shared[key])) for key in its_keys]
            together = sorted(n for c in clusters for n in self.members.pop(c, [c]))
            first = together[0]
            self.members[first] = together
            self.profiles[first] = combined
            for node in together:
                self.cluster[node] = first

    def combine(self, clusters: Iterable[int]) -> Profile | Conflict:
        """The profile of these clusters as one, or why they cannot be one."""
        return self._combined([self.profiles[c] for c in clusters])

    def _combined(self, profiles: list[Profile]) -> Profile | Conflict:
        labels: dict[str, frozenset[str]] = {}
        different: dict[str, set[frozenset[str]]] = {}
        types: frozenset[str] | None = None
        watched: frozenset[int] = frozenset()
        for profile in profiles:
            for scheme, value in profile.labels.items():
                if labels.setdefault(scheme, value) != value:
                    different.setdefault(scheme, {labels[scheme]}).add(value)
            if profile.types is not None:
                types = profile.types if types is None else types & profile.types
            watched |= profile.watched
        if different:
            scheme = min(different)
            one, two = sorted(", ".join(sorted(values)) for values in different[scheme])[:2]
            return Conflict(f"{scheme} {one} is not {two}", frozenset(different))
        if types is not None and not types:
            return Conflict("no type is common to all")
        if any(self.apart[node] & watched for node in watched):
            return Conflict("kept apart by hand")
        return Profile(labels, types, watched)

    def _refuse(self, rule: Rule, key: Form, nodes: Iterable[int], reason: str) -> None:
        """Write a refusal down, unless all are known everywhere: nobody asked whether those are one."""
        nodes = list(nodes)
        if all(self.nodes[n].home for n in nodes):
            return
        self.refused.append(Refusal(rule, written(key), tuple(sorted(self.nodes[n].id for n in nodes)), reason))
