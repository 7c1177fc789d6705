"""Labelled sentences like the one at hand, found by BM25 over words.

Okapi BM25 with k1 = 1.2 and b = 0.75 (Robertson and Zaragoza, 2009, https://doi.org/10.1561/1500000019, section 3).
Identifiers of standards count as one word `<standard>` and names in code as `<code>`: what makes two sentences alike
here is what they say of a standard, not which one.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from ontology.model import Example

_K1, _B = 1.2, 0.75
_TOKEN = re.compile(r"(?P<code>`[^`\n]+`)|(?P<standard>\b(?:EIP|ERC)[-\s]?[0-9]+\b)|[^\W_]+")


def words(text: str) -> list[str]:
    """The words that BM25 compares.

    >>> words("This EIP extends [ERC-20](./eip-20.md)")[:4]
    ['this', 'eip', 'extends', '<standard>']
    """
    return [f"<{m.lastgroup}>" if m.lastgroup else m[0].casefold() for m in _TOKEN.finditer(text)]


class Examples:
    """The labelled sentences of an ontology, searchable by likeness."""

    def __init__(self, pool: Sequence[Example]) -> None:
        self.pool = tuple(pool)
        self._counts = [Counter(words(example.text)) for example in self.pool]
        self._lengths = [sum(c.values()) for c in self._counts]
        self._mean = sum(self._lengths) / len(self._lengths) if self._lengths else 1.0
        holding = Counter(word for counts in self._counts for word in counts)
        n = len(self.pool)
        self._idf = {word: math.log(1 + (n - df + 0.5) / (df + 0.5)) for word, df in holding.items()}

    def nearest(self, text: str, k: int) -> tuple[Example, ...]:
        """The `k` most alike, the most alike first; equals in the order of the pool."""
        query = set(words(text))
        ranked = sorted(range(len(self.pool)), key=lambda i: (-self._score(query, i), i))
        return tuple(self.pool[i] for i in ranked[:k])

    def _score(self, query: set[str], index: int) -> float:
        counts, length = self._counts[index], self._lengths[index]
        norm = _K1 * (1 - _B + _B * length / self._mean)
        return sum(
            self._idf[word] * counts[word] * (_K1 + 1) / (counts[word] + norm)
            for word in sorted(query)
            if word in counts
        )
