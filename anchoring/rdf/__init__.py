"""From RDF in any syntax to canonical lines."""
