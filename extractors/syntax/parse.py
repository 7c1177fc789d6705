"""A sentence as a tree of words, in the labels of spaCy's English models.

Parts of speech are those of Universal Dependencies (https://universaldependencies.org/u/pos/), tags those of the Penn
Treebank, dependencies those of ClearNLP (https://github.com/clir/clearnlp-guidelines), names those of OntoNotes 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

JOINED = "joined"
"""The kind of a name that the caller knew."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign, `[start, end)` of the sentence; `head` is the place of the word it depends on, its own at a root.

    `name` is the kind of name it is part of ("PERSON"), "" for none.
    """

    start: int
    end: int
    text: str
    lemma: str
    pos: str
    tag: str
    dep: str
    head: int
    name: str = ""


@dataclass(frozen=True)
class Parse:
    """The tokens of a sentence in their order; `names` are (start, end, kind) of the names in it."""

    tokens: tuple[Token, ...]
    names: tuple[tuple[int, int, str], ...] = ()

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each token the places of those that depend on it."""
        found: list[list[int]] = [[] for _ in self.tokens]
        for n, token in enumerate(self.tokens):
            if token.head != n:
                found[token.head].append(n)
        return tuple(map(tuple, found))

    @cached_property
    def depth(self) -> tuple[int, ...]:
        """In how many brackets each token stands."""
        found, depth = [], 0
        for token in self.tokens:
            depth -= token.text in (")", "]")
            found.append(depth)
            depth += token.text in ("(", "[")
        return tuple(found)

    def below(self, n: int, *deps: str) -> Iterator[int]:
        """The tokens that depend on `n` in one of these ways."""
        return (child for child in self.children[n] if self.tokens[child].dep in deps)

    def root(self, start: int, end: int) -> int | None:
        """The token on which all others of the span depend; None for a span that is no part of the tree."""
        inside = [n for n, t in enumerate(self.tokens) if t.start < end and start < t.end and not t.text.isspace()]
        if not inside or self.tokens[inside[0]].start < start or self.tokens[inside[-1]].end > end:
            return None
        places = set(inside)
        roots = [n for n in inside if self.tokens[n].head not in places or self.tokens[n].head == n]
        return roots[0] if len(roots) == 1 else None

    def path(self, first: int, second: int) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
        """The tokens from `first` up to the one above both, and from `second` up to it, that one last in each.

        None where no token is above both.
        """
        up = self.above(first)
        down = self.above(second)
        common = next((n for n in up if n in set(down)), None)
        if common is None:
            return None
        return tuple(up[: up.index(common) + 1]), tuple(down[: down.index(common) + 1])

    def above(self, n: int) -> list[int]:
        """The token, the one it depends on, and so on up to a root."""
        found = [n]
        while self.tokens[n].head != n:
            n = self.tokens[n].head
            found.append(n)
        return found
