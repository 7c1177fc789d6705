"""The mentions of a parsed sentence by the word that heads them, and which of them is meant at an end of a relation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from extractors.mentions.candidates import SMALL_WORDS, Candidate, Shape
from extractors.syntax.parse import Parse

_JOINING = frozenset(("or", "which", "who", "whose"))
_LEADING = frozenset(("ADV", "ADP", "SCONJ", "CCONJ", "PRON", "INTJ"))


class Spans:
    """The mentions of a sentence by the token at their root, the likeliest first."""

    def __init__(self, parse: Parse, found: Sequence[Candidate]) -> None:
        self._parse = parse
        self._at: dict[int, list[Candidate]] = {}
        self._names = {(s, e) for s, e, _ in parse.names}
        whole = [m for m in found if m.text.count("(") == m.text.count(")")]
        first = next((t.start for t in parse.tokens if t.pos not in ("PUNCT", "SPACE", "SYM")), 0)
        titles = [m for m in whole if m.start == first and m.shape is Shape.NAME and _is_title(m.text)]
        self._titles = sorted((m for m in titles if not self._is_led_in(m)), key=lambda m: -m.end)
        for mention in whole:
            if (root := parse.root(mention.start, mention.end)) is not None:
                self._at.setdefault(root, []).append(mention)
        for of in self._at.values():
            of.sort(key=self._rank)

    def subjects(self, n: int) -> Sequence[Candidate]:
        """The mentions that may be meant where the token is a subject: a title at the beginning, or what it heads."""
        token = self._parse.tokens[n]
        if token.pos == "PRON":
            return ()
        for title in self._titles:
            if title.start <= token.start and token.end <= title.end:
                return (title,)
        if token.pos != "PROPN" and any(True for _ in self._parse.below(n, "det", "poss")):
            return ()
        return self._at.get(n, ())

    def is_title(self, mention: Candidate) -> bool:
        """Whether it stands at the beginning, where parsers take titles for all kinds of names."""
        return len(mention.text.split()) > 1 and mention in self._titles

    def objects(self, n: int) -> Sequence[Candidate]:
        """The mentions that may be meant where the token is an object."""
        return self._at.get(n, ())

    def kind(self, n: int) -> str:
        """The kind of name that the token is part of."""
        return self._parse.tokens[n].name

    @cached_property
    def subject_heads(self) -> tuple[int, ...]:
        """One token for each mention that may be a subject, the nearest to the root of the tree."""
        found: dict[tuple[int, int], int] = {}
        for n in sorted(range(len(self._parse.tokens)), key=lambda n: (len(self._parse.above(n)), n)):
            for mention in self.subjects(n)[:1]:
                if mention.shape is Shape.NAME:
                    found.setdefault((mention.start, mention.end), n)
        return tuple(sorted(found.values()))

    @property
    def object_heads(self) -> tuple[int, ...]:
        """The tokens that head mentions."""
        return tuple(sorted(self._at))

    def _is_led_in(self, title: Candidate) -> bool:
        """Whether the first word is none of the title's: "Perhaps Alien was", "In London Alien was"."""
        n = next(n for n, t in enumerate(self._parse.tokens) if t.start >= title.start)
        token = self._parse.tokens[n]
        above = self._parse.tokens[token.head]
        return token.pos in _LEADING and not title.start <= above.start < title.end

    def _rank(self, mention: Candidate) -> tuple[bool, bool, bool, int]:
        is_name = (mention.start, mention.end) in self._names
        is_loose = "," in mention.text or " in " in mention.text
        return mention.shape is Shape.PHRASE, not is_name, is_loose, mention.start - mention.end


def _is_title(text: str) -> bool:
    """Whether all words but the small ones begin with capitals or figures."""
    words = text.split()
    if words[-1].islower() or not _JOINING.isdisjoint(words):
        return False
    return all(not w[0].islower() or w in SMALL_WORDS for w in words)
