"""An additive model in whole numbers: a bias, and for each feature the steps that its value has passed.

Applied without a library and without a rounding, so the same features give the same margin everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

LOGIT = 1000
"""Margins are in thousandths of a logit."""
_MOST = 12 * LOGIT

Steps = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class AdditiveModel:
    """`steps` of a feature are (threshold, weight): the weight counts where the value is at or above the threshold.

    >>> model = AdditiveModel(-1000, {"mentions": ((2, 600), (5, 900))})
    >>> model.margin({"mentions": 3}), model.margin({"mentions": 7}), model.margin({})
    (-400, 500, -1000)
    """

    bias: int
    steps: Mapping[str, Steps]

    def margin(self, features: Mapping[str, int]) -> int:
        """The log odds in thousandths."""
        return self.bias + sum(self.weight(name, value) for name, value in features.items())

    def weight(self, name: str, value: int) -> int:
        """What a feature of this value adds."""
        return sum(weight for threshold, weight in self.steps.get(name, ()) if value >= threshold)


def probability(margin: int) -> float:
    """The logistic function of a margin, to four places, within 0.0001 and 0.9999.

    >>> probability(0), probability(2000), probability(-10**9)
    (0.5, 0.8808, 0.0001)
    """
    bounded = max(-_MOST, min(_MOST, margin))
    return min(0.9999, max(0.0001, round(1 / (1 + math.exp(-bounded / LOGIT)), 4)))
