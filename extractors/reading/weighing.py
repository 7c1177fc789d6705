"""One confidence from two opinions: what the model said of a line, and what labelled sentences teach of its ends.

Logistic functions of the logarithms of the probabilities; their weights were fitted on labelled sentences that no
model had seen (docs/extraction.md says which, and how).
"""

from __future__ import annotations

import math
from decimal import Decimal

SAID = (0.60, 0.47, 0.97, 0.93)
"""For a line that the model wrote: constant, its own confidence, subject, object."""
UNSAID = (-0.75, 0.97, 0.93)
"""For a line that it did not write: constant, subject, object."""
UNASKED = (0.48, 1.17, 1.32)
"""For a line about which no model was asked: constant, subject, object."""
_LEAST = 1e-3


def said(confidence: Decimal, subject: float, value: float) -> Decimal:
    """The confidence in a line that the model wrote.

    >>> said(Decimal("0.90"), 0.9, 0.9) > said(Decimal("0.90"), 0.9, 0.1)
    True
    """
    return _rounded(_logistic(SAID, float(confidence), subject, value))


def unsaid(subject: float, value: float) -> Decimal:
    """The confidence in a line that only the labelled sentences speak for, and that the model did not write.

    >>> unsaid(0.9, 0.9) < said(Decimal("0.90"), 0.9, 0.9)
    True
    """
    return _rounded(_logistic(UNSAID, subject, value))


def unasked(subject: float, value: float) -> Decimal:
    """The confidence in a line that the labelled sentences speak for, where no model was asked.

    >>> unsaid(0.9, 0.9) < unasked(0.9, 0.9)
    True
    """
    return _rounded(_logistic(UNASKED, subject, value))


def _logistic(weights: tuple[float, ...], *probabilities: float) -> float:
    logit = weights[0] + sum(
        weight * math.log(max(p, _LEAST)) for weight, p in zip(weights[1:], probabilities, strict=True)
    )
    return 1 / (1 + math.exp(-logit))


def _rounded(probability: float) -> Decimal:
    return Decimal(f"{min(max(probability, 0.01), 0.99):.2f}")
