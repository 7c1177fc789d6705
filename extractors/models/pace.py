"""How long calls take: seconds a new token of the prompt, and seconds a token of the answer, fitted to some calls.

A prompt's tokens that the server has kept from the call before cost nothing: a server that goes on running keeps them,
and a local model finds them on disk (extractors.models.kept_prompt). Two rates, least squares, neither
negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractors.models.metering import Call


@dataclass(frozen=True, slots=True)
class Pace:
    """`a_prompt_token` and `an_answer_token` in seconds; `kept` are tokens that every prompt begins with."""

    a_prompt_token: float
    an_answer_token: float
    kept: int
    tokens_out: float

    @classmethod
    def of(cls, calls: Sequence[Call]) -> Pace:
        """The pace of these calls, in their order; there must be one at least.

        >>> Pace.of([Call(1000, 0, 10, 21.0), Call(1010, 980, 20, 2.6), Call(1020, 980, 10, 1.8)])
        Pace(a_prompt_token=0.02, an_answer_token=0.1, kept=980, tokens_out=13.333333333333334)
        """
        new = [call.tokens_in - call.cached for call in calls]
        out = [call.tokens_out for call in calls]
        took = [call.seconds for call in calls]
        nn, no, oo = _dot(new, new), _dot(new, out), _dot(out, out)
        nt, ot = _dot(new, took), _dot(out, took)
        determinant = nn * oo - no * no
        if determinant > 1e-9 * max(nn * oo, 1):
            prompt, answer = (oo * nt - no * ot) / determinant, (nn * ot - no * nt) / determinant
        else:
            prompt, answer = (nt / nn if nn else 0.0), 0.0
        if prompt < 0:
            prompt, answer = 0.0, ot / oo if oo else 0.0
        elif answer < 0:
            prompt, answer = nt / nn if nn else 0.0, 0.0
        kept = min((call.cached for call in calls[1:]), default=0)
        return cls(round(prompt, 9), round(answer, 9), kept, sum(out) / len(out))

    def seconds(self, prompts: Sequence[int]) -> float:
        """How long calls with prompts of so many tokens take, where the server still knows what they begin with."""
        new = sum(tokens - min(self.kept, tokens) for tokens in prompts)
        return new * self.a_prompt_token + len(prompts) * self.tokens_out * self.an_answer_token


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))
