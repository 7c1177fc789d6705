"""Labelled sentences like the one at hand, found by BM25 over words.

Okapi BM25 with k1 = 1.2 and b = 0.75 (Robertson and Zaragoza, 2009, https://doi.org/10.1561/1500000019, section 3).
Identifiers of standards count as one word `<standard>` and names in code as `<code>`: what makes two sentences alike
here is what they say of a standard, not which one.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence

from ontology.model import Example

_K1, _B = 1.2, 0.75
_TOKEN = re.compile(r"(?P<code>`[^`\n]+`)|(?P<standard>\b(?:EIP|ERC)[-\s]?[0-9]+\b)|[^\W_]+")


def words(text: str) -> list[str]:
    """The words that BM25 compares.

    >>> words("This EIP extends [ERC-20](./eip-20.md)")[:4]
    ['this', 'eip', 'extends', '<standard>']
    """
    return [f"<{m.lastgroup}>" if m.lastgroup else m[0].casefold() for m in _TOKEN.finditer(text)]


def parts(text: str) -> list[str]:
    """Words as they are, cut to six letters, and pairs of words: what tells what general text is about.

    >>> parts("It was directed by Ann")
    ['it', 'was', 'direct', 'by', 'ann', 'it was', 'was direct', 'direct by', 'by ann']
    """
    found = [word[:6] for word in words(text)]
    return found + [f"{a} {b}" for a, b in itertools.pairwise(found)]


class Examples:
    """Labelled sentences, searchable by likeness; `words` says which parts of texts are compared."""

    def __init__(self, pool: Sequence[Example], words: Callable[[str], list[str]] = words) -> None:
        self.pool = tuple(pool)
        self._words = words
        counts = [Counter(words(example.text)) for example in self.pool]
        lengths = [sum(c.values()) for c in counts]
        mean = sum(lengths) / len(lengths) if lengths else 1.0
        n = len(self.pool)
        holding = Counter(word for found in counts for word in found)
        self._found: dict[str, list[tuple[int, float]]] = {}
        for place, found in enumerate(counts):
            norm = _K1 * (1 - _B + _B * lengths[place] / (mean or 1.0))
            for word, times in found.items():
                idf = math.log(1 + (n - holding[word] + 0.5) / (holding[word] + 0.5))
                self._found.setdefault(word, []).append((place, idf * times * (_K1 + 1) / (times + norm)))

    def nearest(self, text: str, k: int, *, without: str | None = None) -> tuple[Example, ...]:
        """The `k` most alike, the most alike first; equals in the order of the pool. `without` is a text left out."""
        places = self.places(text, k + 1 if without is not None else k)
        return tuple(self.pool[n] for n in places if self.pool[n].text != without)[:k]

    def places(self, text: str, k: int) -> list[int]:
        """Where in the pool the `k` most alike stand, the most alike first."""
        scores = [0.0] * len(self.pool)
        for word in sorted(set(self._words(text))):
            for place, weight in self._found.get(word, ()):
                scores[place] += weight
        return sorted(range(len(scores)), key=lambda n: (-scores[n], n))[:k]
