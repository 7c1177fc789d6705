"""What can be seen of a span and of a sentence without understanding it: neighbours, form and place, as numbers.

Each observation is hashed to a place in a table of weights (feature hashing: Weinberger and others, 2009,
https://arxiv.org/abs/0902.2206), so nothing has to be kept of the words themselves.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Sequence

import numpy as np

BITS = 20
_MASK = (1 << BITS) - 1
_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*|[^\w\s]")

Places = np.ndarray
"""Integer places in the table of weights."""


def hashed(observations: Sequence[str]) -> Places:
    """The places of some observations."""
    return np.array([zlib.crc32(o.encode("utf-8", "surrogatepass")) for o in observations], dtype=np.int64)


def joined(places: Places, with_: str) -> Places:
    """The places of the same observations made of something else: a relation, a role."""
    salt = zlib.crc32(with_.encode("utf-8", "surrogatepass"))
    mixed = (places ^ salt) * 0x9E3779B1
    return (mixed ^ (mixed >> 15)) & _MASK


class Seen:
    """A sentence cut into words and signs, once for all its spans."""

    def __init__(self, text: str) -> None:
        self.text = text
        tokens = list(_TOKEN.finditer(text))
        self._starts = np.array([m.start() for m in tokens], dtype=np.int64)
        self._ends = np.array([m.end() for m in tokens], dtype=np.int64)
        self._words = ["^", "^", "^", *(m[0].casefold() for m in tokens), "$", "$"]
        self._masked = ["^", "^", "^", *(_masked(m[0]) for m in tokens), "$", "$"]
        self._capital = [False] * 3 + [m[0][0].isupper() for m in tokens] + [False] * 2

    def sentence(self) -> list[str]:
        """What is seen of the sentence: its words, their beginnings, pairs of them, and pairs with names left out."""
        words = self._words[2:-1]
        shapes: list[str] = []
        for word in self._masked[2:-1]:
            if not (word == "<C>" and shapes and shapes[-1] == "<C>"):
                shapes.append(word)
        found = ["bias", *(f"w {w}" for w in words), *(f"s {w[:5]}" for w in words)]
        found += [f"p {a} {b}" for a, b in itertools.pairwise(words)]
        found += [f"m {a} {b}" for a, b in itertools.pairwise(shapes)]
        return list(dict.fromkeys(found))

    def span(self, start: int, end: int, shape: str) -> list[str]:
        """What is seen of the span `[start, end)`."""
        text = self.text[start:end]
        words = text.split() or [text]
        i = int(np.searchsorted(self._ends, start, side="right")) + 2
        j = int(np.searchsorted(self._starts, end, side="left")) + 3
        before, after = self._masked[: i + 1], self._masked[j:]
        p1, p2, p3 = before[-1], before[-2], before[-3]
        n1, n2 = after[0], after[1] if len(after) > 1 else "$"
        form = "A" if all(w[0].isupper() or w[0].isdigit() for w in words) else "a" if text.islower() else "x"
        return [
            f"p1 {p1}",
            f"p2 {p2} {p1}",
            f"p3 {p3} {p2} {p1}",
            f"n1 {n1}",
            f"n2 {n1} {n2}",
            f"pn {p1}|{n1}",
            f"q1 {self._words[i]}",
            f"m1 {self._words[j]}",
            f"shape {shape} {form}",
            f"length {min(len(words), 6)}",
            "first" if i == 2 else f"place {min(4, (i - 3) // 5)}",
            f"begins {words[0].casefold()}",
            f"ends {words[-1].casefold()}",
            f"capital {self._capital[i]} {self._capital[j]}",
            f"text {text.casefold()}",
            *(f"has {w.casefold()}" for w in words[:8]),
        ]


def _masked(word: str) -> str:
    return "<N>" if word[0].isdigit() else "<C>" if word[0].isupper() else word.casefold()
