"""How often and after what pauses a request is tried again: bounded in count and in time, exponential with jitter.

Only what may pass is tried again: a connection that fails, a node that is busy or breaks off. An answer that is
merely unwelcome (a refusal, no JSON, another chain) is the same the second time.
Jitter after https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/, "full jitter" over a floor.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retries:
    """`tries` in all; pauses from `first` seconds, doubling up to `most`; none longer than `longest_wait`.

    No try begins more than `total` seconds after the first one did.
    """

    tries: int = 4
    first: float = 0.25
    most: float = 4.0
    longest_wait: float = 30.0
    total: float = 90.0

    def pause(self, done: int, elapsed: float, asked: float | None, chance: float) -> float | None:
        """Seconds to wait after `done` tries that took `elapsed` seconds in all; None to give up.

        `asked` is what the endpoint asked to wait (Retry-After), which is kept to or leads to giving up;
        `chance` is from 0 to 1.

        >>> Retries().pause(1, 0.1, None, 0.5)
        0.1875
        >>> Retries().pause(1, 0.1, 12.0, 0.5)
        12.0
        >>> Retries().pause(1, 0.1, 3600.0, 0.5) is None
        True
        """
        if done >= self.tries:
            return None
        backoff = min(self.most, self.first * 2.0 ** (done - 1))
        wait = max(backoff * (0.5 + chance / 2), asked or 0.0)
        if wait > self.longest_wait or elapsed + wait > self.total:
            return None
        return wait


NO_RETRIES = Retries(tries=1)
"""One try: for who would rather be told at once."""
