"""Questions to a graph: SPARQL, Cypher, and their result formats."""
