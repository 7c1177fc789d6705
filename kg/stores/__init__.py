"""Where claims are kept: Oxigraph embedded, Neo4j as a server."""
