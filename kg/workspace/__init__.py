"""A workspace: a folder that holds a graph, its versions and its configuration."""
