"""The knowledge graph: claims, stores, workspaces, jobs and the command line."""
