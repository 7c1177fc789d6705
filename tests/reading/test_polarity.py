"""Facts and what is no fact: labelled sentences of several domains, and lists by what introduces them."""

import json
from pathlib import Path

import pytest

from extractors.documents.lead_in import lead_in
from extractors.documents.load import load_document
from extractors.reading.polarity import doubt

SENTENCES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "polarity" / "sentences.jsonl").read_text("utf-8").splitlines()
]
"""`part`: the rule was made by `tuning`; `held-out` was written with them and not looked at; `unseen` was written after
the rule was finished, which has not been changed since."""


def scores(part):
    """Precision and recall of facts, and how many of what is no fact are held back."""
    kept = {True: 0, False: 0}
    count = {True: 0, False: 0}
    for row in SENTENCES:
        if row["part"] == part:
            spans = [(at := row["text"].index(row[side]), at + len(row[side])) for side in ("subject", "object")]
            count[row["fact"]] += 1
            kept[row["fact"]] += doubt(row["text"], *spans, lead_in=row.get("leadIn", "")) is None
    return kept[True] / (kept[True] + kept[False]), kept[True] / count[True], 1 - kept[False] / count[False]


@pytest.mark.parametrize(
    ("part", "precision", "recall", "held_back"),
    [("tuning", 0.93, 0.98, 0.93), ("held-out", 0.99, 0.98, 0.99), ("unseen", 0.69, 0.94, 0.72)],
)
def test_what_is_no_fact_is_held_back_and_facts_are_not(part, precision, recall, held_back):
    assert all(had >= wanted for had, wanted in zip(scores(part), (precision, recall, held_back), strict=True))


def test_the_labelled_sentences_are_many_balanced_and_of_several_domains():
    facts = sum(row["fact"] for row in SENTENCES)
    assert len(SENTENCES) >= 300
    assert 0.4 < facts / len(SENTENCES) < 0.6
    assert {"companies", "biography", "defi", "dao", "supply", "standards"} == {row["domain"] for row in SENTENCES}


@pytest.mark.parametrize(
    ("text", "relation"), [("Acme rejected the offer of Globex.", "rejected"), ("Acme left Globex.", "left employer")]
)
def test_a_word_of_the_relation_is_no_doubt(text, relation):
    spans = (0, 4), (text.index("Globex"), text.index("Globex") + 6)
    assert doubt(text, *spans) is not None
    assert doubt(text, *spans, label=relation) is None


def test_words_in_names_deny_nothing():
    text = "Never Mind, a song by No Doubt, was written by May Stone."
    spans = (0, 10), (text.index("May Stone"), text.index("May Stone") + 9)
    assert doubt(text, *spans) is None


LISTS = {
    "a.md": (
        (
            "# Chains\n\nWe looked at some. These are not supported:\n\n- Polygon, by Aave\n  - Base\n\n"
            "1. Gnosis\n\nText.\n\n- Linea\n"
        ),
        {
            "Polygon": "These are not supported:",
            "Base": "These are not supported:",
            "Gnosis": "These are not supported:",
            "Linea": "",
            "looked": "",
        },
    ),
    "b.txt": (
        "Supported:\r\n* Polygon\r\n  on the main chain\r\n* Not supported:\r\n    * Base\r\n    * Linea\r\n",
        {
            "Polygon": "Supported:",
            "main": "Supported:",
            "Base": "Not supported:",
            "Linea": "Not supported:",
        },
    ),
    "c.md": ("## Out of scope\n\n* Polygon\n* Base\n", {"Polygon": "Out of scope", "Base": "Out of scope"}),
    "d.html": (
        (
            "<p>Old text. We never used:</p><ul><li>Polygon</li><li>Base<ul><li>inner</li></ul></li><li>Linea</li></ul>"
            "<h2>Myths</h2><ol><li>Gnosis</li></ol><p>Done</p>"
        ),
        {
            "Polygon": "We never used:",
            "Linea": "We never used:",
            "Gnosis": "Myths",
            "Done": "",
            "Old": "",
        },
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_read_with_what_introduces_it(name):
    text, wanted = LISTS[name]
    document = load_document(text.encode(), name=name)
    assert {word: lead_in(document, document.text.index(word)) for word in wanted} == wanted


def test_a_long_list_costs_bounded_time():
    text = "Not supported:\n" + "- item\n" * 200_000
    document = load_document(text.encode(), name="a.md")
    assert lead_in(document, len(text) - 5) == ""
    assert lead_in(document, text.index("item") + 7 * 1000) == "Not supported:"
