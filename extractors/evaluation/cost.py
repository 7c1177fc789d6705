"""What an extraction cost: tokens, seconds, and money where prices are known; in all, and for each thing it gave."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from extractors.evaluation.model import Predicted

Price = Callable[[int, int], float]
"""The money that so many tokens of prompts and of completions cost, in any one currency."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls, tokens, seconds and money of a model; money is None where no prices are given."""

    calls: float = 0.0
    tokens_in: float = 0.0
    tokens_out: float = 0.0
    seconds: float = 0.0
    money: float | None = None

    @property
    def tokens(self) -> float:
        """Of prompts and completions together."""
        return self.tokens_in + self.tokens_out

    def per(self, count: int) -> Cost | None:
        """The share of each of `count` things, None for none.

        >>> Cost(calls=4, tokens_in=100).per(8)
        Cost(calls=0.5, tokens_in=12.5, tokens_out=0.0, seconds=0.0, money=None)
        """
        if not count:
            return None
        money = None if self.money is None else self.money / count
        return Cost(self.calls / count, self.tokens_in / count, self.tokens_out / count, self.seconds / count, money)


def cost(predictions: Iterable[Predicted], price: Price | None = None) -> Cost:
    """The sum over the texts; failed ones have cost what they have cost.

    >>> cost([Predicted("1", tokens_in=4_000, tokens_out=500)], lambda tokens_in, tokens_out: tokens_out / 100).money
    5.0
    """
    said = list(predictions)
    prompt, completion = sum(p.tokens_in for p in said), sum(p.tokens_out for p in said)
    money = None if price is None else price(prompt, completion)
    return Cost(sum(p.calls for p in said), prompt, completion, sum(p.seconds for p in said), money)
