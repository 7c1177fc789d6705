"""How reports write scores and intervals."""

from __future__ import annotations

from extractors.evaluation.bootstrap import Interval


def figure(value: float) -> str:
    """A score, to three places."""
    return f"{value:.3f}"


def bounds(interval: Interval) -> str:
    """An interval as its bounds.

    >>> bounds(Interval(0.25, 0.5))
    '[0.250, 0.500]'
    """
    return f"[{figure(interval.low)}, {figure(interval.high)}]"
