"""Probabilities as the logarithms of their odds, in which opinions add up, and confidences made of such logarithms."""

from __future__ import annotations

import math
from decimal import Decimal


def log_odds(probability: float, edge: float) -> float:
    """The logarithm of the odds of a probability, which is kept as far from 0 and 1 as `edge`.

    >>> log_odds(0.5, 0.001), log_odds(0.0, 0.001) == log_odds(0.001, 0.001)
    (0.0, True)
    """
    kept = min(max(probability, edge), 1 - edge)
    return math.log(kept / (1 - kept))


def confidence(odds: float) -> Decimal:
    """The probability with this logarithm of its odds, from 0.01 to 0.99, to two places.

    >>> confidence(0.0), confidence(-9.0)
    (Decimal('0.50'), Decimal('0.01'))
    """
    return Decimal(f"{min(max(1 / (1 + math.exp(-odds)), 0.01), 0.99):.2f}")
