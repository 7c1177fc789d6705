"""Spans of general text: what is offered, where it stands, and in which scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.mentions.candidates import Shape
from extractors.mentions.known import KnownNames
from extractors.mentions.names import mentions
from extractors.mentions.values import compared, date, lexical, number
from kg.claims.vocabulary import XSD
from ontology.model import Example

PIECES = [
    "Ann",
    "of",
    "“The End”",
    "1984",
    "以太坊是",
    "12.5 km",
    "(",
    ")",
    "'s",
    "«Мир»",
    "\u202e",
    "a-b",
    "Wu-Tang",
    ",",
    ".",
]


@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=14).map(" ".join), st.integers(0, 999)
)
def test_every_span_slices_back_and_comes_once(text, offset):
    found = mentions(text, offset)
    for m in found:
        assert text[m.start - offset : m.end - offset] == m.text
        assert m.text.strip() == m.text != ""
    assert len({(m.start, m.end) for m in found}) == len(found)
    assert list(found) == sorted(found, key=lambda m: (m.start, m.end))


@given(st.lists(st.sampled_from([*PIECES, "Of", "the", "New", "York"]), min_size=30, max_size=60).map(" ".join))
def test_the_spans_grow_with_the_text_not_with_its_square(text):
    assert len(mentions(text)) <= 12 * len(text.split())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Alien 3 is a 1992 film by David Fincher.", ["Alien 3", "1992", "film", "David Fincher"]),
        ("“Come on a Cone” is a song.", ["Come on a Cone", "song"]),
        ("The Trigun: Badlands Rumble film", ["Trigun: Badlands Rumble"]),
        ("Procter and Gamble's brands", ["Procter and Gamble", "Procter", "Gamble"]),
        ("President Castelo Branco spoke", ["Castelo Branco", "President Castelo Branco"]),
        ("born May 8, 1923, in Rome", ["May 8, 1923", "Rome"]),
        ("It cost $25 million to make", ["$25 million", "25 million"]),
        ("Jean-Luc Picard (born 2305)", ["Jean-Luc Picard"]),
        ("以太坊由维塔利克创建于2015年7月30日。", ["以太坊", "2015年7月30日"]),
        ("「風の谷」は映画です", ["風の谷"]),
        ("«Война и мир» написал Лев Толстой", ["Война и мир", "Лев Толстой"]),
        ("sent 0x52908400098527886E0F7030069857D2E4169EE7 on eip155:1", ["eip155:1"]),
    ],
)
def test_what_a_sentence_names_is_among_its_spans(text, names):
    found = {m.text for m in mentions(text)}
    assert set(names) <= found


def test_dates_and_numbers_are_told_from_names():
    shapes = {m.text: m.shape for m in mentions("Dune came out on 14 December 1984 and cost 42 million dollars.")}
    assert shapes["14 December 1984"] is Shape.DATE
    assert shapes["42 million"] is Shape.NUMBER
    assert shapes["Dune"] is Shape.NAME


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_number_or_is_not(text):
    for found in (date(text), number(text), compared(text)):
        assert found is None or isinstance(found, str)
    assert compared(compared(text)) == compared(text)


@given(st.dates())
def test_a_date_reads_back_in_every_way_it_is_written(day):
    written = (
        day.strftime("%Y-%m-%d").rjust(10, "0"),
        f"{day.day} {day:%B} {day.year:04}",
        f"{day:%b} {day.day}, {day.year:04}",
    )
    assert {date(text) for text in written} == {day.isoformat()}
    assert lexical(written[1], XSD + "date") == (day.isoformat(), XSD + "date")


def test_what_follows_a_number_is_read_in_one_way():
    title = "5 " + "internationalisation " * 20
    assert number(title) == "5"
    assert number(title + "!") is None  # tried in all ways to cut the words, it would never end


def test_a_value_that_cannot_be_written_as_its_datatype_stays_for_the_validation():
    assert lexical("soon", XSD + "date") == ("soon", XSD + "date")
    assert lexical("many", XSD + "integer") == ("many", XSD + "integer")
    assert lexical("July 2016", XSD + "date") == ("2016-07", XSD + "gYearMonth")


LABELLED = [
    Example("Ran is a Japanese film.", (("Ran", "country", "Japan"),)),
    Example("Ikiru is a Japanese drama.", (("Ikiru", "country", "Japan"),)),
    Example("Amélie is a French film.", (("Amélie", "country", "France"),)),
    Example("Diva is a French thriller.", (("Diva", "country", "France"), ("Diva", "genre", "Thriller film"))),
]


def test_another_name_is_learned_where_it_nearly_always_goes_with_the_object():
    known = KnownNames(LABELLED)
    assert known.name("country", "Japanese") == "Japan"
    assert known.name("country", "french") == "France"
    assert known.name("country", "film") == ""
    assert known.name("genre", "Japanese") == ""
    assert known.seen("country", "Japan") == 2


def test_known_names_are_found_in_any_case_as_whole_words():
    known = KnownNames(LABELLED)
    text = "japanese Thriller Films, a thriller film"
    assert {text[a:b] for a, b in known.spans(text)} == {"japanese", "thriller film"}
