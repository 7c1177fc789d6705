"""One change, inside a transaction: read the state of what it touches, compute the new one, write that.

States are written whole (`SET n = …`), so writing twice is writing once.
Relationship types and layers stand in the text of a query because a dynamic type is ten times slower; both come from
`ontology.neo4j_names` and `kg.stores.neo4j.mapping`, which give letters, digits and underscores only. All else is a
parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kg.claims import vocabulary as v
from kg.stores.evidence import Evidence, decimal_of, is_activity
from kg.stores.neo4j.mapping import (
    PROVENANCE,
    RESOURCE,
    Delta,
    EdgeKey,
    NodeKey,
    edge_lines,
    index_key,
    labels,
    node_properties,
    parts_of,
    term_lines,
)
from ontology.neo4j_names import NameKind, NeoNames

if TYPE_CHECKING:
    from kg.stores.neo4j.schema import AnyTransaction

BATCH = 5_000
_EVIDENCE_TERMS = (str(v.CONFIDENCE), str(v.TRUST))


class Write:
    """A change in progress; `tx` holds the workspace's lock."""

    def __init__(self, tx: AnyTransaction, kg: str, names: NeoNames) -> None:
        self._tx, self._kg, self._names = tx, kg, names
        self.added: list[bytes] = []
        self.removed: list[bytes] = []

    def run(self, added: Iterable[bytes], removed: Iterable[bytes]) -> bool:
        """Make the change; `added` and `removed` then hold what really changed, in order. False if nothing did."""
        new, old = set(added), set(removed)
        plus, minus = Delta.of(new), Delta.of(old - new)
        terms = self._read_terms({*plus.terms, *minus.terms})
        graphs = self._read_graphs({*plus.graphs, *minus.graphs})
        new_terms = {k: (had - minus.terms.get(k, set())) | plus.terms.get(k, set()) for k, had in terms.items()}
        new_graphs = {k: (had - minus.graphs.get(k, set())) | plus.graphs.get(k, set()) for k, had in graphs.items()}
        changed_terms = {k: now for k, now in new_terms.items() if now != terms[k]}
        changed_graphs = {k: now for k, now in new_graphs.items() if now != graphs[k]}
        if not changed_terms and not changed_graphs:
            return False
        self._note(terms, changed_terms, graphs, changed_graphs)
        self._write_nodes(terms, changed_terms, changed_graphs)
        provenance = {k: now for k, now in changed_graphs.items() if k.layer == PROVENANCE}
        self._write_edges(provenance, {})
        stale = self._claims_of_changed_evidence(terms, changed_terms, graphs, provenance)
        resources = {k: now for k, now in changed_graphs.items() if k.layer == RESOURCE}
        resources |= self._edges_of_claims(stale, set(resources))
        self._write_edges(resources, self._evidence({g for now in resources.values() for g in now if g}))
        self._write_claims(terms, changed_terms, graphs, changed_graphs)
        self._sweep(changed_terms, changed_graphs)
        return True

    def _note(
        self,
        terms: dict[NodeKey, set[str]],
        changed_terms: dict[NodeKey, set[str]],
        graphs: dict[EdgeKey, set[str]],
        changed_graphs: dict[EdgeKey, set[str]],
    ) -> None:
        for node, texts in changed_terms.items():
            self.added += term_lines(node, texts - terms[node])
            self.removed += term_lines(node, terms[node] - texts)
        for edge, claims in changed_graphs.items():
            self.added += edge_lines(edge, claims - graphs[edge])
            self.removed += edge_lines(edge, graphs[edge] - claims)
        self.added.sort()
        self.removed.sort()

    def _rows(self, query: str, rows: list[Any]) -> Iterator[Any]:
        for start in range(0, len(rows), BATCH):
            yield from self._tx.run(query, rows=rows[start : start + BATCH], kg=self._kg)

    def _do(self, query: str, rows: list[Any]) -> None:
        for _ in self._rows(query, rows):
            pass

    def _read_terms(self, keys: Iterable[NodeKey]) -> dict[NodeKey, set[str]]:
        found: dict[NodeKey, set[str]] = {key: set() for key in sorted(keys)}
        for layer in (RESOURCE, PROVENANCE):
            names = {index_key(key.iri): key for key in found if key.layer == layer}
            query = (
                f"UNWIND $rows AS k MATCH (n:{layer} {{kg: $kg, iri: k}}) WHERE n.terms IS NOT NULL RETURN k, n.terms"
            )
            for key, terms in self._rows(query, list(names)):
                found[names[key]] = set(terms)
        return found

    def _by_type(self, keys: Iterable[EdgeKey]) -> Iterator[tuple[str, str, list[EdgeKey]]]:
        groups: dict[tuple[str, str], list[EdgeKey]] = {}
        for key in sorted(keys):
            name = self._names.name(key.predicate, NameKind.RELATIONSHIP)
            groups.setdefault((key.layer, name), []).append(key)
        for (layer, name), members in groups.items():
            yield layer, name, members

    def _read_graphs(self, keys: Iterable[EdgeKey]) -> dict[EdgeKey, set[str]]:
        found: dict[EdgeKey, set[str]] = {}
        for layer, name, members in self._by_type(keys):
            found |= {key: set() for key in members}
            query = (
                f"UNWIND $rows AS r MATCH (s:{layer} {{kg: $kg, iri: r.s}}) MATCH (o:{layer} {{kg: $kg, iri: r.o}}) "
                f"MATCH (s)-[e:`{name}`]->(o) RETURN r.i AS i, e.claims AS claims"
            )
            rows = [{"i": i, "s": index_key(k.subject), "o": index_key(k.value)} for i, k in enumerate(members)]
            for record in self._rows(query, rows):
                found[members[record["i"]]] = set(record["claims"])
        return found

    def _write_nodes(
        self,
        before: dict[NodeKey, set[str]],
        changed: dict[NodeKey, set[str]],
        edges: dict[EdgeKey, set[str]],
    ) -> None:
        ends = {NodeKey(k.layer, iri) for k, claims in edges.items() if claims for iri in (k.subject, k.value)}
        # Always in the same order: two writers that lock the same nodes then wait and do not deadlock.
        for layer in (RESOURCE, PROVENANCE):
            bare = [
                {"iri": index_key(key.iri), "props": node_properties(self._kg, key, set(), self._names)}
                for key in sorted(ends)
                if key.layer == layer and key not in changed
            ]
            self._do(f"UNWIND $rows AS r MERGE (n:{layer} {{kg: $kg, iri: r.iri}}) ON CREATE SET n = r.props", bare)
            full = []
            for key in sorted(changed):
                if key.layer == layer:
                    old, new = labels(before[key], self._names), labels(changed[key], self._names)
                    properties = node_properties(self._kg, key, changed[key], self._names)
                    drop = [label for label in old if label not in new]
                    row = {"iri": properties["iri"], "props": properties, "drop": drop, "labels": new}
                    full.append(row)
            query = f"UNWIND $rows AS r MERGE (n:{layer} {{kg: $kg, iri: r.iri}}) SET n = r.props"
            self._do(f"{query} SET n:$(r.labels)", [row for row in full if row["labels"]])
            self._do(query, [row for row in full if not row["labels"]])
            unlabel = f"UNWIND $rows AS r MATCH (n:{layer} {{kg: $kg, iri: r.iri}}) REMOVE n:$(r.drop)"
            self._do(unlabel, [row for row in full if row["drop"]])

    def _write_edges(self, edges: dict[EdgeKey, set[str]], evidence: dict[str, Evidence]) -> None:
        unknown = Evidence()
        for layer, name, members in self._by_type(edges):
            ends = f"MATCH (s:{layer} {{kg: $kg, iri: r.s}}) MATCH (o:{layer} {{kg: $kg, iri: r.o}})"
            write: list[dict[str, Any]] = []
            drop: list[dict[str, Any]] = []
            for key in members:
                row: dict[str, Any] = {"s": index_key(key.subject), "o": index_key(key.value)}
                claims = sorted(edges[key])
                known = [evidence.get(g, unknown) for g in claims]
                row["props"] = {
                    "kg": self._kg,
                    "predicate": key.predicate,
                    "claims": claims,
                    "trusts": [e.trust for e in known],
                    "confidences": [float(e.confidence) for e in known],
                }
                (write if claims else drop).append(row)
            self._do(f"UNWIND $rows AS r {ends} MERGE (s)-[e:`{name}`]->(o) SET e = r.props", write)
            self._do(f"UNWIND $rows AS r {ends} MATCH (s)-[e:`{name}`]->(o) DELETE e", drop)

    def _claims_of_changed_evidence(
        self,
        terms: dict[NodeKey, set[str]],
        changed_terms: dict[NodeKey, set[str]],
        graphs: dict[EdgeKey, set[str]],
        changed_edges: dict[EdgeKey, set[str]],
    ) -> list[str]:
        """The graphs whose trust or confidence may have moved with this change."""
        claims = {k.subject for k in changed_edges if k.predicate == v.GENERATED_BY.value}
        activities = []
        for key, now in changed_terms.items():
            if key.layer == PROVENANCE and any(t.startswith(_EVIDENCE_TERMS) for t in now ^ terms[key]):
                claims.add(key.iri)
                activities.append(index_key(key.iri))
        query = (
            "UNWIND $rows AS a MATCH (c:Provenance)-[:WAS_GENERATED_BY]->(:Provenance {kg: $kg, iri: a}) "
            "RETURN DISTINCT coalesce(c.longIri, c.iri) AS iri"
        )
        return sorted(claims | {record["iri"] for record in self._rows(query, activities)})

    def _edges_of_claims(self, claims: list[str], known: set[EdgeKey]) -> dict[EdgeKey, set[str]]:
        """The relationships that these claims support, to be written again, without those that are written anyway."""
        query = (
            "UNWIND $rows AS r MATCH (:Claim:Provenance {kg: $kg, iri: r.key})-[:CLAIMS]->(s)-[e]->(o) "
            "WHERE r.iri IN e.claims RETURN coalesce(s.longIri, s.iri) AS s, e.predicate AS p, "
            "coalesce(o.longIri, o.iri) AS o, e.claims AS claims"
        )
        rows = [{"key": index_key(iri), "iri": iri} for iri in claims]
        found = {EdgeKey(RESOURCE, r["s"], r["p"], r["o"]): set(r["claims"]) for r in self._rows(query, rows)}
        return {key: claims for key, claims in found.items() if key not in known}

    def _evidence(self, graphs: set[str]) -> dict[str, Evidence]:
        query = (
            "UNWIND $rows AS k MATCH (c:Provenance {kg: $kg, iri: k})-[e:WAS_GENERATED_BY]->(a:Provenance) "
            "RETURN k, c.terms AS terms, coalesce(a.longIri, a.iri) AS activity, e.claims AS claims"
        )
        iris = {index_key(g): g for g in sorted(graphs)}
        rows = [r for r in self._rows(query, list(iris)) if r["activity"] in r["claims"] and is_activity(r["activity"])]
        activities = self._read_terms({NodeKey(PROVENANCE, r["activity"]) for r in rows})
        trusts = {key.iri: _literals(terms, str(v.TRUST), key.iri) for key, terms in activities.items()}
        found: dict[str, Evidence] = {}
        for row in rows:
            if trust := trusts[row["activity"]]:
                numbers = map(decimal_of, _literals(row["terms"] or (), str(v.CONFIDENCE), row["activity"]))
                found[iris[row["k"]]] = Evidence(trust[0], min(numbers, default=Decimal(1)))
        return found

    def _write_claims(
        self,
        terms: dict[NodeKey, set[str]],
        changed_terms: dict[NodeKey, set[str]],
        graphs: dict[EdgeKey, set[str]],
        changed_graphs: dict[EdgeKey, set[str]],
    ) -> None:
        """Link claims to the subjects they speak of, and unlink those that no longer do."""
        new: set[tuple[str, str]] = set()
        gone: set[tuple[str, str]] = set()
        for node, now in changed_terms.items():
            if node.layer == RESOURCE:
                new |= {(_graph(text), node.iri) for text in now - terms[node]}
                gone |= {(_graph(text), node.iri) for text in terms[node] - now}
        for edge, claims in changed_graphs.items():
            if edge.layer == RESOURCE:
                new |= {(g, edge.subject) for g in claims - graphs[edge]}
                gone |= {(g, edge.subject) for g in graphs[edge] - claims}
        rows = [{"g": index_key(g), "s": index_key(s), "long": g} for g, s in sorted(new) if g]
        self._do(
            "UNWIND $rows AS r MERGE (c:Provenance {kg: $kg, iri: r.g}) SET c:Claim "
            "SET c.longIri = CASE r.g WHEN r.long THEN null ELSE r.long END "
            "WITH c, r MATCH (s:Resource {kg: $kg, iri: r.s}) MERGE (c)-[:CLAIMS]->(s)",
            rows,
        )
        self._unlink({pair for pair in gone - new if pair[0]})

    def _unlink(self, pairs: set[tuple[str, str]]) -> None:
        subjects = sorted({subject for _, subject in pairs})
        said = {
            iri: {_graph(t) for t in terms}
            for (_, iri), terms in self._read_terms(NodeKey(RESOURCE, iri) for iri in subjects).items()
        }
        query = (
            "UNWIND $rows AS r MATCH (s:Resource {kg: $kg, iri: r.key})-[e]->() "
            "UNWIND e.claims AS g RETURN DISTINCT r.iri AS s, g"
        )
        for subject, graph in self._rows(query, [{"key": index_key(s), "iri": s} for s in subjects]):
            said[subject].add(graph)
        rows = [{"g": index_key(g), "s": index_key(s)} for g, s in sorted(pairs) if g not in said[s]]
        self._do(
            "UNWIND $rows AS r MATCH (:Provenance {kg: $kg, iri: r.g})-[x:CLAIMS]->(:Resource {kg: $kg, iri: r.s}) "
            "DELETE x",
            rows,
        )
        self._do(
            "UNWIND $rows AS k MATCH (c:Claim:Provenance {kg: $kg, iri: k}) WHERE NOT (c)-[:CLAIMS]->() REMOVE c:Claim "
            "WITH c WHERE c.terms IS NULL AND NOT (c)--() DELETE c",
            sorted({row["g"] for row in rows}),
        )

    def _sweep(self, terms: dict[NodeKey, set[str]], edges: dict[EdgeKey, set[str]]) -> None:
        """Delete nodes that nothing is said of any more."""
        nodes = {key for key, now in terms.items() if not now}
        nodes |= {NodeKey(k.layer, iri) for k, now in edges.items() if not now for iri in (k.subject, k.value)}
        for layer in (RESOURCE, PROVENANCE):
            keys = sorted(index_key(key.iri) for key in nodes if key.layer == layer)
            self._do(
                f"UNWIND $rows AS k MATCH (n:{layer} {{kg: $kg, iri: k}}) "
                "WHERE n.terms IS NULL AND NOT (n)--() AND NOT n:Claim DELETE n",
                keys,
            )


def _graph(text: str) -> str:
    return parts_of(text).graph[1:-1]


def _literals(terms: Iterable[str], predicate: str, graph: str) -> list[str]:
    """The literal values that `terms` give to a predicate in a graph, sorted."""
    from kg.stores.lines import quads_of

    wanted = [f"<x:> {t} .".encode() for t in terms if t.startswith(f'{predicate} "') and _graph(t) == graph]
    return sorted(quad.object.value for quad in quads_of(wanted))  # type: ignore[union-attr]
