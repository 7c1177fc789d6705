"""What can be seen of a span and of a sentence without understanding it: neighbours, form and place, as numbers.

Each observation is hashed to a place in a table of weights (feature hashing: Weinberger and others, 2009,
https://arxiv.org/abs/0902.2206), so nothing has to be kept of the words themselves.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from extractors.mentions.candidates import SMALL_WORDS

BITS = 20
_MASK = (1 << BITS) - 1
_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*|[^\w\s]")

_JOINING = frozenset(("and", "or", "the", "a", "an"))

Places = np.ndarray
"""Integers: observations, or their places in the table of weights."""


def hashed(observations: Sequence[str]) -> Places:
    """Some observations as numbers; `mixed` makes places of them."""
    return np.array([zlib.crc32(o.encode("utf-8", "surrogatepass")) for o in observations], dtype=np.int64)


def salt(name: str) -> int:
    """What is mixed into observations that are made of something: a relation, a role."""
    return zlib.crc32(name.encode("utf-8", "surrogatepass"))


def mixed(places: Places, salts: int | Places) -> Places:
    """The places in the table of weights of observations made of what the salts stand for."""
    found = (places ^ salts) * 0x9E3779B1
    return (found ^ (found >> 15)) & _MASK


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
        left = [w for w in before[3:] if w[0].isalpha() and w not in _JOINING][-2:]
        right = [w for w in after if w[0].isalpha() and w not in _JOINING][:2]
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
            f"left {' '.join(left)}",
            f"left1 {' '.join(left[-1:])} {form}",
            f"right {' '.join(right)}",
            f"right1 {' '.join(right[:1])} {form}",
            f"shape {shape} {form}",
            f"at {n1} {shape} {form}",
            f"length {min(len(words), 6)}",
            "first" if i == 2 else f"place {min(4, (i - 3) // 5)}",
            f"begins {words[0].casefold() if form != 'A' or len(words) > 2 else '<C>'}",
            f"ends {words[-1].casefold()}",
            f"capital {self._capital[i]} {self._capital[j]}",
            f"prefix {words[0][:3].casefold()}",
            f"suffix {words[-1][-3:].casefold()}",
            f"form {' '.join(_form(w) for w in words[:4])}",
            *self._small(words, first=i == 2),
            *self._part(start, end),
            *((f"first {words[0].casefold()}", f"last {words[-1].casefold()}") if len(words) > 1 else ()),
            *(f"has {w.casefold()}" for w in words[:6] if form != "A"),
        ]

    def _small(self, words: Sequence[str], *, first: bool) -> Iterator[str]:
        """Whether the span is a small word, or begins with one, which the beginning of a sentence may write large."""
        word = words[0].casefold()
        if word not in SMALL_WORDS and word not in _OPENING:
            return
        if len(words) == 1:
            yield from ("small", f"small {word}")
        elif first:
            yield from ("opens", f"opens {word}")
        else:
            yield "begins small"

    def _part(self, start: int, end: int) -> Iterator[str]:
        """Whether a name is a part of a longer one that the sentence has elsewhere, or has its last word elsewhere."""
        name = self.text[start:end]
        if not name[:1].isupper():
            return
        for m in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", self.text):
            beside = _CAPITAL_BEFORE.search(self.text, max(0, m.start() - _BESIDE), m.start())
            if m.start() != start and (beside or _CAPITAL_AFTER.match(self.text, m.end())):
                yield "part elsewhere"
                return
        last = name.split()[-1]
        if last != name and len(last) > 3 and last[0].isupper() and self.text.count(last) > name.count(last):
            yield "last elsewhere"


_BESIDE = 40
"""Characters; a longer word beside a name is not looked at."""
_CAPITAL_BEFORE = re.compile(r"(?<!\w)[A-Z][\w.'’-]*\s\Z")
_CAPITAL_AFTER = re.compile(r"\s[A-Z]")
_OPENING_WORDS = """
while since until despite unlike like among following born where
"""
_OPENING = frozenset(_OPENING_WORDS.split())
"""Words that open a sentence, beside those that are no part of a phrase."""


def _form(word: str) -> str:
    """The word with runs of digits, of large and of small letters as one each: `STS-107` is `A-9`."""
    return _SMALL.sub("a", _LARGE.sub("A", _DIGITS.sub("9", word)))


_DIGITS, _LARGE, _SMALL = re.compile(r"\d+"), re.compile(r"[A-Z]+"), re.compile(r"[a-z]+")


def _masked(word: str) -> str:
    return "<N>" if word[0].isdigit() else "<C>" if word[0].isupper() else word.casefold()
