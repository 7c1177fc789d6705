"""What calls of a model cost, and the limits that they stay within.

A meter stands between a reader and a model, so that it counts whatever the reader asks. A call that could pass a limit
is not made; what was answered before is kept as always.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from extractors.models.errors import LimitReached, StopAsked
from extractors.models.prompt_tokens import PromptTokens
from extractors.models.protocol import ChatModel, Completion, Constraint, Message, ModelIdentity


@dataclass(frozen=True, slots=True)
class Prices:
    """Money for a million tokens of prompts and of answers, in `currency`.

    >>> Prices(0.5, 1.5, "USD").of(2_000_000, 100_000)
    1.15
    """

    per_million_in: float = 0.0
    per_million_out: float = 0.0
    currency: str = ""

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """What so many tokens cost."""
        return (tokens_in * self.per_million_in + tokens_out * self.per_million_out) / 1e6


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may be spent: money, tokens of prompts and answers together, seconds; None for no limit."""

    money: float | None = None
    tokens: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One answer. `cached` are the prompt's tokens that the server had evaluated before, as far as it says so."""

    tokens_in: int
    cached: int
    tokens_out: int
    seconds: float


@dataclass
class Meter:
    """Counts calls, and stops before one that could pass a limit; time counts from when the meter was made."""

    prices: Prices = field(default_factory=Prices)
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], float] = time.monotonic
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begun = self.clock()
        self._stopping = False

    @property
    def tokens_in(self) -> int:
        """Tokens of prompts so far."""
        return sum(call.tokens_in for call in self.calls)

    @property
    def tokens_out(self) -> int:
        """Tokens of answers so far."""
        return sum(call.tokens_out for call in self.calls)

    @property
    def tokens_a_second(self) -> float:
        """Tokens evaluated or generated, by the seconds of the calls; 0 before the first."""
        seconds = sum(call.seconds for call in self.calls)
        worked = sum(call.tokens_in - call.cached + call.tokens_out for call in self.calls)
        return worked / seconds if seconds else 0.0

    def stop(self) -> None:
        """Let no further call be made; may be called from a signal handler."""
        self._stopping = True

    def go_on(self) -> None:
        """Raise StopAsked if `stop` was called."""
        if self._stopping:
            raise StopAsked("stopped before the next call", remedy="the same command goes on from here")

    def allow(self, tokens_in: Callable[[], int], most_out: int) -> None:
        """Raise LimitReached, naming the limit, if a call with such a prompt and so long an answer could pass one."""
        self.go_on()
        elapsed = self.clock() - self._begun
        longest = max((call.seconds for call in self.calls), default=0.0)
        if self.limits.seconds is not None and elapsed + longest > self.limits.seconds:
            raise _reached(
                f"--max-time {self.limits.seconds:g}", f"{elapsed:.0f} s passed", f"a call took up to {longest:.1f} s"
            )
        if self.limits.tokens is None and self.limits.money is None:
            return
        used = self.tokens_in + self.tokens_out
        prompt = tokens_in()
        if self.limits.tokens is not None and used + prompt + most_out > self.limits.tokens:
            raise _reached(
                f"--max-tokens {self.limits.tokens}", f"{used} used", f"the next call may take {prompt + most_out}"
            )
        spent, more = self.prices.of(self.tokens_in, self.tokens_out), self.prices.of(prompt, most_out)
        if self.limits.money is not None and spent + more > self.limits.money:
            raise _reached(
                f"--max-cost {self.limits.money:g}",
                f"{spent:.6g} {self.prices.currency}".rstrip() + " spent",
                f"the next call may cost {more:.6g}",
            )


def _reached(limit: str, so_far: str, next_call: str) -> LimitReached:
    return LimitReached(
        f"stopped at {limit}: {so_far}, and {next_call}",
        remedy="all answers so far are kept; the same command goes on from here, and counts anew",
    )


class Metered:
    """A model whose calls go through a meter."""

    def __init__(self, model: ChatModel, meter: Meter) -> None:
        self.model, self.meter = model, meter
        self._tokens = PromptTokens(model)

    @property
    def identity(self) -> ModelIdentity:
        """The model's own."""
        return self.model.identity

    def complete(self, chat: Sequence[Message], constraint: Constraint | None, *, max_tokens: int) -> Completion:
        """The model's answer; raises LimitReached or StopAsked instead of asking, and what the model raises."""
        self.meter.allow(lambda: self._tokens.count(chat), max_tokens)
        begun = self.meter.clock()
        completion = self.model.complete(chat, constraint, max_tokens=max_tokens)
        seconds = self.meter.clock() - begun
        self._tokens.observed(chat, completion.tokens_in)
        self.meter.calls.append(Call(completion.tokens_in, completion.cached, completion.tokens_out, seconds))
        return completion

    def close(self) -> None:
        """Closes the model."""
        self.model.close()
