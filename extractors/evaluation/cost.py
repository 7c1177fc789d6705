"""What an extraction cost: tokens, seconds, and money where prices are known; in all, and for each thing it gave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from extractors.evaluation.model import Predicted

_PRICED = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """Money for a million tokens of prompt and of completion, in any one currency."""

    prompt: float
    completion: float


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


def cost(predictions: Iterable[Predicted], prices: Prices | None = None) -> Cost:
    """The sum over the texts; failed ones have cost what they have cost.

    >>> cost([Predicted("1", tokens_in=1_000_000, tokens_out=500_000)], Prices(2.0, 8.0)).money
    6.0
    """
    said = list(predictions)
    prompt, completion = sum(p.tokens_in for p in said), sum(p.tokens_out for p in said)
    money = None
    if prices is not None:
        money = (prompt * prices.prompt + completion * prices.completion) / _PRICED
    return Cost(sum(p.calls for p in said), prompt, completion, sum(p.seconds for p in said), money)
