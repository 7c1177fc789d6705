"""What a body shows of each thing it names, as whole numbers: where, how often, between which words.

No feature names a thing: a name among the words is the word `NAME`. Shares and places are in thousandths.
Words are kept as they stand if they are all capitals (MUST), else in lower case. A feature that is 0 is left out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from extractors.document_relations.mentions import CODE, Body, Mention, Unit
from extractors.document_relations.names import Names

Features = dict[str, int]

_WORD = re.compile(r"[^\W\d_]+|[,.:;()/]")
_BEFORE, _AFTER = 8, 6
_REACH = 200
"""Characters on either side in which these words are looked for."""
_MARKS = str.maketrans(dict.fromkeys("`[]*_", ""))


def features(body: Body, names: Names, own: str | None) -> dict[str, Features]:
    """The features of each thing by its identity; `own` is the document's subject's, which is left out."""
    mentions: defaultdict[str, list[Mention]] = defaultdict(list)
    beside: defaultdict[int, set[str]] = defaultdict(set)
    for mention in body.mentions:
        if mention.identity != own:
            mentions[mention.identity].append(mention)
            beside[mention.unit.start].add(mention.identity)
    crowd = _Crowd(body, mentions, beside)
    found: dict[str, Features] = {}
    for order, (identity, listed) in enumerate(mentions.items()):
        counted: Counter[str] = Counter(crowd.place(listed, order))
        for mention in listed:
            counted.update(context(mention, names))
        found[identity] = {name: value for name, value in counted.items() if value > 0}
    return found


class _Crowd:
    """All things that a body names, for what one is among them."""

    def __init__(self, body: Body, mentions: Mapping[str, Sequence[Mention]], beside: Mapping[int, set[str]]) -> None:
        self.body, self.beside = body, beside
        self.length = max(1, body.end - body.start)
        self.counts = sorted((len(listed) for listed in mentions.values()), reverse=True)
        self.total = sum(self.counts)
        self.things = len(mentions)
        self.under = Counter(word for listed in mentions.values() for m in listed for word in _section(m))

    def place(self, listed: Sequence[Mention], order: int) -> Features:
        """How much of the body's naming is of this thing, and where."""
        first, last = listed[0].start - self.body.start, listed[-1].start - self.body.start
        beside = [len(self.beside[m.unit.start]) for m in listed]
        found = {
            "mentions": len(listed),
            "linked": sum(m.linked for m in listed),
            "only linked": sum(not m.named for m in listed),
            "sections": len({m.unit.heading[:2] for m in listed}),
            "share of mentions": 1000 * len(listed) // self.total,
            "share of most named": 1000 * len(listed) // self.counts[0],
            "things named more often": sum(count > len(listed) for count in self.counts),
            "mentions per 100,000 characters": 100_000 * len(listed) // self.length,
            "things": self.things,
            "mentions of all things": self.total,
            "length": self.length,
            "first at": 1000 * first // self.length,
            "last at": 1000 * last // self.length,
            "spread": 1000 * (last - first) // self.length,
            "characters before the first": first,
            "things before": order,
            "share of things before": 1000 * order // self.things,
            "fewest beside": min(beside),
            "most beside": max(beside),
            "shortest unit": min(m.unit.end - m.unit.start for m in listed),
        }
        for word, count in Counter(word for m in listed for word in _section(m)).items():
            found[f"share under {word}"] = 1000 * count // self.under[word]
        return found


def context(mention: Mention, names: Names) -> set[str]:
    """What stands around one mention: the kind of its unit, the words of its headings, the words beside it."""
    unit = mention.unit
    found = set(_of_unit(unit, names))
    if unit.kind == CODE or not mention.named:
        return found
    at, end = mention.start - unit.start, mention.end - unit.start
    before = _words(unit.visible[max(0, at - _REACH) : at], names)[-_BEFORE:]
    after = _words(unit.visible[end : end + _REACH], names)[:_AFTER]
    found.update(f"< {word}" for word in before)
    found.update(f"> {word}" for word in after)
    found.update(f"<{n} {' '.join(before[-n:])}" for n in (1, 2, 3) if len(before) >= n)
    found.update(f">{n} {' '.join(after[:n])}" for n in (1, 2) if len(after) >= n)
    return found


@lru_cache(maxsize=64)
def _of_unit(unit: Unit, names: Names) -> frozenset[str]:
    """What all mentions in a unit share."""
    mark = "code" if unit.kind == CODE else "~"
    words = {word for heading in unit.heading[:3] for word in _words(heading, names) if len(word) > 2}
    return frozenset(
        {f"in {unit.kind}", *(f"under {word}" for word in words), *(f"{mark} {w}" for w in _words(unit.visible, names))}
    )


def _section(mention: Mention) -> set[str]:
    """The words of the two outermost headings above a mention."""
    return {word.lower() for word in _WORD.findall(" ".join(mention.unit.heading[:2])) if len(word) > 2}


def _words(text: str, names: Names) -> list[str]:
    plain, at = "", 0
    for name in names.find(text):
        plain += text[at : name.start] + " NAME "
        at = name.end
    words = _WORD.findall((plain + text[at:]).translate(_MARKS))
    return [word if len(word) > 2 and word.isupper() else word.lower() for word in words]
