"""Vocabularies, their loader and the compilers from an ontology."""
