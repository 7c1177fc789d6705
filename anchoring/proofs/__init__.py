"""Statements shown to be in a version, or not in it: openings, claims, excerpts, the bundle."""
