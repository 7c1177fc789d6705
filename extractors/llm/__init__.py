"""Relations from prose by a language model, under a grammar compiled from the ontology."""
