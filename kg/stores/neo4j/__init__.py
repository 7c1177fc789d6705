"""Claims in Neo4j, lossless and natural: `Neo4jStore`. Needs the extra [neo4j]."""

from kg.stores.neo4j.store import Neo4jStore

__all__ = ["Neo4jStore"]
