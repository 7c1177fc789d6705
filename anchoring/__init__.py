"""From quads to a commitment and back, for any RDF dataset.

Knows nothing of claims and is usable alone.
"""
