"""Names that labelled text knows: where they stand in a sentence, and what they are called there.

A name is found in any case ("comedy horror" is the labelled "Comedy horror"), a date in any form. A word that, in the
labelled sentences of a relation, goes with one object that is not written there ("Japanese" with "Japan") is another
name of it: learned by counting, taken where it is nearly always so. So is how labels write a year that stands alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from extractors.mentions.values import compared
from ontology.model import Example

MAX_WORDS = 7
_SEEN, _SHARE, _LIFT = 2, 0.6, 2.0
"""A word is another name if it was seen so often with the object, in this share of its sentences, and so many times
more often than the object is seen at all."""

_YEAR = re.compile(r"(?<![\w.-])[12][0-9]{3}(?![\w-])")
_WORD = re.compile(r"[^\W_]+(?:['’.+-]+[^\W_]+)*[+#]*")


class KnownNames:
    """The names of the labelled sentences: what relations relate, by relation; `listed` are more objects of relations.

    >>> known = KnownNames([Example("Alien is a horror film.", (("Alien", "genre", "Horror"),))])
    >>> list(known.spans("A horror story")), known.name("genre", "horror")
    ([(2, 8)], 'Horror')
    """

    def __init__(self, examples: Iterable[Example], listed: Mapping[str, Iterable[str]] | None = None) -> None:
        self._names: dict[str, dict[str, str]] = defaultdict(dict)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._all: set[str] = set()
        for relation, names in (listed or {}).items():
            for name in names:
                self._names[relation].setdefault(compared(name), name)
                self._all.add(name.casefold())
        unwritten: list[tuple[str, str, str]] = []
        by_relation: Counter[str] = Counter()
        for example in examples:
            for subject, relation, value in example.triples:
                by_relation[relation] += 1
                self._counts[relation, compared(value)] += 1
                self._names[relation].setdefault(compared(value), value)
                self._all.update((subject.casefold(), value.casefold()))
                if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", example.text, re.IGNORECASE) is None:
                    unwritten.append((example.text, relation, value))
        self._years = _year_forms(unwritten)
        self._longest = min(MAX_WORDS, max((len(_WORD.findall(n)) for n in self._all), default=0))
        self._learn(unwritten, by_relation)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the text has one of the names, as whole words."""
        words = [m.span() for m in _WORD.finditer(text)]
        for i, (start, _) in enumerate(words):
            for _, end in words[i : i + self._longest]:
                if text[start:end].casefold() in self._all:
                    yield start, end

    def name(self, relation: str, text: str) -> str:
        """What the labelled sentences call the object of the relation that is written so; "" if they have none."""
        found = self._names.get(relation, {}).get(compared(text), "")
        if not found and relation in self._years and _YEAR.fullmatch(text):
            return self._years[relation].format(text)
        return found

    def seen(self, relation: str, text: str) -> int:
        """How often the labelled sentences have it as an object of the relation."""
        name = self.name(relation, text)
        return self._counts[relation, compared(name)] if name else 0

    def _learn(self, unwritten: list[tuple[str, str, str]], by_relation: Counter[str]) -> None:
        with_word: Counter[tuple[str, str]] = Counter()
        with_both: Counter[tuple[str, str, str]] = Counter()
        for text, relation, value in unwritten:
            for word in {m[0].casefold() for m in _WORD.finditer(text)}:
                with_word[relation, word] += 1
                with_both[relation, word, value] += 1
        for (relation, word, value), seen in sorted(with_both.items()):
            share = seen / with_word[relation, word]
            expected = self._counts[relation, compared(value)] / by_relation[relation]
            alike = word[:2] == value[:2].casefold()
            if seen >= _SEEN and share >= _SHARE and alike and share >= min(1.0, _LIFT * expected):
                self._names[relation].setdefault(word, value)
                self._all.add(word)


def _year_forms(unwritten: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """By relation, what labels make of a year that their text has alone, if it is nearly always the same.

    >>> text = "It came out in {} and went."
    >>> _year_forms([(text.format(y), "released", f"01 January {y}") for y in (1979, 1984, 1990)])
    {'released': '01 January {}'}
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text, relation, value in unwritten:
        years = set(_YEAR.findall(value))
        if len(years) == 1 and (year := years.pop()) in _YEAR.findall(text) and compared(value) == compared(year):
            counts[relation][value.replace("{", "").replace("}", "").replace(year, "{}")] += 1
    found = {}
    for relation, forms in counts.items():
        form, seen = forms.most_common(1)[0]
        if seen > _SEEN and seen >= _SHARE * forms.total() and form.count("{}") == 1:
            found[relation] = form
    return found
