"""What may be the object of a relation."""

import pytest

from extractors.mentions.candidates import Candidate, Shape
from extractors.reading.terms import Terms
from kg.claims.vocabulary import XSD
from ontology.model import Class, Example, Ontology, Relation

NS = "https://x.example/"


def may_end(text, *, range_label="person", datatype=None, examples=()):
    cls = Class(NS + "C", range_label or "")
    relation = Relation(
        NS + "r", "founder", range=() if datatype or range_label is None else (cls.iri,), datatype=datatype
    )
    terms = Terms(Ontology(NS, "", {cls.iri: cls}, {relation.iri: relation}), examples)
    return terms.may_end(terms.term(Candidate(0, len(text), text, Shape.NAME), relation), relation)


@pytest.mark.parametrize("text", ["2020", "September 2020", "12,500", "$25", "3 %"])
def test_a_date_or_a_number_is_no_thing(text):
    assert not may_end(text)
    assert may_end(text, range_label=None)
    assert may_end(text, datatype=XSD + "string")


@pytest.mark.parametrize(
    "label", ["publication date", "PointInTime", "block number", "year", "Timestamp", "Quantities"]
)
def test_it_may_be_one_of_a_class_that_measures(label):
    assert may_end("2020", range_label=label)


@pytest.mark.parametrize("text", ["2 Chainz", "2008 Canadian federal election", "1inch", "0x", "Ann"])
def test_a_name_that_begins_with_a_number_is_a_name(text):
    assert may_end(text)


def test_it_may_be_one_that_labelled_sentences_know():
    example = Example("Ann saw 1917.", (("Ann", "founder", "1917"),))
    assert may_end("1917", examples=[example])
    assert may_end("1918", examples=[example]), "its objects may be called by a number"


def test_it_may_be_one_where_a_pattern_or_a_class_above_allows_it():
    measure = Class(NS + "M", "date")
    above = Class(NS + "A", "deadline", superclasses=(measure.iri,))
    numbered = Class(NS + "N", "standard", name_pattern=r"\d{1,5}")
    plain = Class(NS + "P", "person")
    classes = {cls.iri: cls for cls in (measure, above, numbered, plain)}
    for relation, expected in (
        (Relation(NS + "r", "due", range=(above.iri,)), True),
        (Relation(NS + "r", "extends", range=(numbered.iri,)), True),
        (Relation(NS + "r", "extends", range=(plain.iri,), pattern=r"^\d+$"), True),
        (Relation(NS + "r", "extends", range=(plain.iri,)), False),
    ):
        terms = Terms(Ontology(NS, "", classes, {relation.iri: relation}), ())
        assert terms.may_end(terms.term(Candidate(0, 4, "4626", Shape.NAME), relation), relation) is expected


def test_the_name_of_a_class_is_no_instance_of_it():
    token = Class(NS + "T", "token")
    relation = Relation(NS + "r", "governance token", range=(token.iri,))
    ontology = Ontology(NS, "", {token.iri: token}, {relation.iri: relation})
    example = Example("Foo uses tokens.", (("Foo", "governance token", "tokens"),))
    for text, examples, starts, ends in (
        ("token", (), False, False),
        ("Tokens", (), False, False),
        ("YFI", (), True, True),
        ("tokens", (example,), False, True),
    ):
        terms = Terms(ontology, examples)
        term = terms.term(Candidate(0, len(text), text, Shape.PHRASE), relation)
        assert (terms.may_start(term, relation), terms.may_end(term, relation)) == (starts, ends), text
