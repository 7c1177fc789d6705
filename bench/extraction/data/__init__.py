"""The data sets of the benchmark, read from a folder outside the repository: texts, triples, ontologies."""
