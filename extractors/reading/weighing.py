"""One confidence from two opinions: what the model said of a line, and what labelled sentences teach of its ends.

Logistic functions of the logarithms of the probabilities; their weights were fitted on labelled sentences that no
model had seen (docs/extraction.md says which, and how).
"""

from __future__ import annotations

import math
from decimal import Decimal

SAID = (1.0, 0.6, 0.8, 0.8)
"""For a line that the model wrote: constant, its own confidence, subject, object."""
UNSAID = (-0.4, 0.8, 1.0)
"""For a line that it did not write: constant, subject, object."""


def said(confidence: Decimal, subject: float, value: float) -> Decimal:
    """The confidence in a line that the model wrote.

    >>> said(Decimal("0.90"), 0.9, 0.9) > said(Decimal("0.90"), 0.9, 0.1)
    True
    """
    return _logistic(SAID, float(confidence), subject, value)


def unsaid(subject: float, value: float) -> Decimal:
    """The confidence in a line that only the labelled sentences speak for.

    >>> unsaid(0.9, 0.9) < said(Decimal("0.90"), 0.9, 0.9)
    True
    """
    return _logistic(UNSAID, subject, value)


def _logistic(weights: tuple[float, ...], *probabilities: float) -> Decimal:
    logit = weights[0] + sum(
        weight * math.log(max(p, 1e-4)) for weight, p in zip(weights[1:], probabilities, strict=True)
    )
    return Decimal(f"{min(max(1 / (1 + math.exp(-logit)), 0.01), 0.99):.2f}")
