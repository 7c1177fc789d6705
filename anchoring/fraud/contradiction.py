"""Proofs under one signature that contradict each other: two lines out of order convict whoever signed.

A presence and an absence of one line are such: the neighbours between which the line is said not to be stand where
order does not let them. So are any two proofs that show lines out of order.
Format: docs/format.md, section "Fraud proof".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from anchoring.errors import TriplockError
from anchoring.fraud.fraud_evidence import Evidence, OutOfOrderLines
from anchoring.fraud.known_tree import KnownTree
from anchoring.proofs.opening import Opening
from anchoring.signing.manifest import Manifest


def contradiction(manifest: Manifest, openings: Sequence[Opening]) -> Evidence | None:
    """Two lines out of order among those that the openings show of the version of this manifest, if there are any.

    Openings that do not lead to its root are passed over.
    """
    tree = KnownTree(manifest)
    for opening in openings:
        tree.take_opening(opening)
    return out_of_order(tree)


def out_of_order(tree: KnownTree) -> Evidence | None:
    """The same of the lines that are known of a version."""
    for (before, first), (after, second) in pairwise(sorted(tree.lines.items())):
        if first >= second:
            try:
                evidence = OutOfOrderLines(tree.open([before, after]))
                evidence.convicts(tree.manifest)
            except (TriplockError, KeyError):
                continue
            return evidence
    return None
