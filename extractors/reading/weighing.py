"""One confidence from two opinions: how likely labelled sentences make a line, and what the model said of it.

What the model said moves the logarithm of the odds; by how much was fitted on labelled sentences that neither had seen
(docs/extraction.md says which, and how).
"""

from __future__ import annotations

import math
from decimal import Decimal

SAID = (0.62, 0.47)
"""For a line that the model wrote: constant, and weight of the logarithm of its own confidence."""
UNSAID = -0.73
"""For a line that it did not write."""
_LEAST = 1e-3


def said(likely: float, confidence: Decimal) -> Decimal:
    """The confidence in a line that the model wrote.

    >>> said(0.5, Decimal("0.90")) > said(0.5, Decimal("0.10"))
    True
    """
    return _moved(likely, SAID[0] + SAID[1] * math.log(max(float(confidence), _LEAST)))


def unsaid(likely: float) -> Decimal:
    """The confidence in a line that only the labelled sentences speak for, and that the model did not write.

    >>> unsaid(0.9) < said(0.9, Decimal("0.90"))
    True
    """
    return _moved(likely, UNSAID)


def unasked(likely: float) -> Decimal:
    """The confidence in a line that the labelled sentences speak for, where no model was asked: as likely as it is.

    >>> unasked(0.254)
    Decimal('0.25')
    """
    return _moved(likely, 0.0)


def _moved(probability: float, step: float) -> Decimal:
    least = min(max(probability, _LEAST), 1 - _LEAST)
    moved = 1 / (1 + math.exp(-math.log(least / (1 - least)) - step))
    return Decimal(f"{min(max(moved, 0.01), 0.99):.2f}")
