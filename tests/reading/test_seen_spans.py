"""What is seen of spans: small words that a sentence's beginning writes large, and parts of names."""

from __future__ import annotations

from collections import Counter

import pytest

from extractors.mentions.known import KnownNames
from extractors.mentions.names import mentions
from extractors.reading.features import Seen
from extractors.reading.learned import Learned
from ontology.model import Example


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("It was written in May.", "It", {"small", "small it"}),
        ("Although Propertius wrote.", "Although Propertius", {"opens", "opens although"}),
        ("Although Propertius wrote.", "Propertius", set()),
        ("He saw The Hague.", "The Hague", {"begins small"}),
        ("Mangold knew in Max Mangold's years.", "Mangold", {"part elsewhere"}),
        ("Mangold knew in Max Mangold's years.", "Max Mangold", {"last elsewhere"}),
        ("Virgil and virgil.", "Virgil", set()),
    ],
)
def test_beginnings_and_parts_of_names_are_seen(text: str, name: str, expected: set[str]) -> None:
    start = text.index(name)
    seen = Counter(Seen(text).span(start, start + len(name), "name"))
    plain = Counter(Seen("Zz.").span(0, 2, "name"))
    marks = {o for o in seen - plain if o.split()[0] in ("small", "opens", "begins", "part", "last")}
    assert {
        o for o in marks if o != f"begins {name.split()[0].casefold()}" and o != f"last {name.split()[-1].casefold()}"
    } == (expected)


def test_a_word_that_opens_sentences_is_learned_to_be_no_part_of_a_name() -> None:
    """From sentences in which other small words stand there."""
    names = ("Ida Brook", "Tom Field", "Ann Stone", "Leo Marsh", "Eve Wood", "Max Hill", "Amy Lake", "Roy Glen")
    words = ("While", "After", "Because", "Although", "When", "If", "Since", "Before")
    examples = [
        Example(f"{word} {name} was ill, a letter in Latin was sent.", ((name, "language", "Latin"),))
        for word, name in zip(words * 5, names * 5, strict=True)
    ]
    known = KnownNames(examples)
    found = [(e, mentions(e.text, known=tuple(known.spans(e.text)))) for e in examples]
    learned = Learned(["language"], found, known)
    text = "Until Kim Bay was ill, a letter in Latin was sent."
    spans = mentions(text, known=tuple(known.spans(text)))
    likely = learned.likely(text, spans).subjects["language"]
    best = max(range(len(spans)), key=lambda n: likely[n])
    assert spans[best].text == "Kim Bay"
