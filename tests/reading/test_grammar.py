"""The grammar offers exactly the triples that ontology and text allow, each once, whatever the text holds."""

import json
from itertools import combinations

import jsonschema
import pytest
from gbnf_matcher import Grammar
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.models.errors import ModelRefusedCall
from extractors.models.protocol import Constraint, Message
from ontology.grammar import (
    EMPTY,
    MAX_TRIPLES,
    Term,
    escape,
    gbnf,
    json_schema,
    possible_triples,
    read_answer,
)
from ontology.model import Class, Ontology, Relation

NS = "https://example.org/"
STANDARD, ERC, OPCODE, PERSON = NS + "Standard", NS + "Erc", NS + "Opcode", NS + "Person"
CLASSES = {
    STANDARD: Class(STANDARD, "Standard"),
    ERC: Class(ERC, "ERC", superclasses=(STANDARD,)),
    OPCODE: Class(OPCODE, "Opcode"),
    PERSON: Class(PERSON, "Person"),
}
RELATIONS = {
    r.iri: r
    for r in (
        Relation(NS + "requires", "requires", domain=(STANDARD,), range=(STANDARD,)),
        Relation(NS + "adds", "adds opcode", domain=(STANDARD,), range=(OPCODE,)),
        Relation(NS + "born", "born", domain=(PERSON,), datatype="http://www.w3.org/2001/XMLSchema#date"),
        Relation(NS + "number", "number", domain=(STANDARD,), range=(STANDARD,), extractable=False),
    )
}
ONTOLOGY = Ontology(NS, "ipfs://x", CLASSES, RELATIONS)
HOSTILE = [
    '"',
    "\\",
    '" | root ::= "x',
    "a\nb",
    "]",
    "é",
    "\u202e",
    "😀",
    "\x00",
    "| requires |",
    "none",
    "",
    "\u2028",
    "\\n",
]


def term(text, start, cls=STANDARD, identity=None, datatypes=frozenset()):
    return Term(text, start, identity or text, frozenset({cls}), datatypes)


spans = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=12), st.from_regex(r"(EIP|ERC)-[0-9]{1,3}", fullmatch=True)
)
terms = st.lists(st.tuples(spans, st.sampled_from([STANDARD, ERC, OPCODE, PERSON])), max_size=5).map(
    lambda found: [term(text, n * 40, cls, f"{cls} {text}") for n, (text, cls) in enumerate(found)]
)


@given(terms)
def test_the_grammar_accepts_every_subset_in_order_and_nothing_else(found):
    triples = possible_triples(ONTOLOGY, found)
    grammar = Grammar(gbnf(triples))
    lines = [t.line for t in triples]
    assert grammar.accepts(EMPTY)
    assert not grammar.accepts("")
    assert not grammar.accepts("none\nnone")
    for size in (1, 2, 3):
        for chosen in list(combinations(lines, size))[:40]:
            answer = "\n".join(chosen)
            assert grammar.accepts(answer)
            assert read_answer(answer, triples)[1] == ()
            assert [t.line for t in read_answer(answer, triples)[0]] == list(chosen)
    for line in lines[:10]:
        assert not grammar.accepts(f"{line}\n{line}"), "a triple is said once"
        assert not grammar.accepts(line + "\n")
        assert grammar.accepts(line[:-1]) == (line[:-1] in lines)


@given(st.text(max_size=40))
def test_an_escaped_text_is_one_literal_and_reads_back(text):
    escaped = escape(text)
    assert escaped.isascii()
    assert not set(escaped) & set('"\n\r')
    printable = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") == text
    if printable and text:
        assert Grammar(f'root ::= "{escaped}"').accepts(text)


@given(terms)
def test_no_line_breaks_domain_range_or_relates_a_thing_to_itself(found):
    triples = possible_triples(ONTOLOGY, found)
    for triple in triples:
        assert triple.subject.identity != triple.object.identity
        assert "\n" not in triple.line
        for end, classes in ((triple.subject, triple.relation.domain), (triple.object, triple.relation.range)):
            assert any(ONTOLOGY.is_a(mine, wanted) for mine in end.classes for wanted in classes)
    assert len({t.line for t in triples}) == len(triples)


@given(terms)
def test_the_json_schema_allows_what_the_grammar_allows(found):
    triples = possible_triples(ONTOLOGY, found)
    schema = json_schema(triples)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    simple = [dict(zip(("subject", "relation", "object"), t.written, strict=True)) for t in triples]
    assert validator.is_valid({"triples": simple})
    if simple:
        assert not validator.is_valid({"triples": [simple[0], simple[0]]})
        assert not validator.is_valid({"triples": [{**simple[0], "object": simple[0]["subject"] + "x"}]})
        answer = json.dumps({"triples": simple})
        assert {t.line for t in read_answer(answer, triples)[0]} == {" | ".join(p.values()) for p in simple}


def test_two_names_of_one_thing_are_one_term():
    found = possible_triples(ONTOLOGY, [term("EIP-20", 0, identity="20"), term("ERC-20", 9, identity="20")])
    assert found == ()


def test_a_relation_with_a_datatype_takes_only_values_of_it():
    date = term("2015-11-19", 20, cls=NS + "none", datatypes=frozenset({"http://www.w3.org/2001/XMLSchema#date"}))
    found = possible_triples(ONTOLOGY, [term("Ada", 0, PERSON), date, term("word", 40, cls=NS + "none")])
    assert [t.line for t in found] == ["Ada | born | 2015-11-19"]


def test_a_subclass_fits_where_its_superclass_is_asked_for():
    found = possible_triples(ONTOLOGY, [term("ERC-20", 0, ERC), term("EIP-1", 10)])
    assert "ERC-20 | requires | EIP-1" in [t.line for t in found]


def test_what_the_ontology_does_not_ask_for_is_not_offered():
    found = possible_triples(ONTOLOGY, [term("EIP-1", 0), term("EIP-2", 10)])
    assert {t.relation.label for t in found} == {"requires"}


def test_lines_that_would_read_alike_are_left_out():
    found = [term("A | requires | B", 0), term("C", 10), term("A", 20), term("B | requires | C", 30)]
    lines = [t.line for t in possible_triples(ONTOLOGY, found)]
    assert "A | requires | B | requires | C" not in lines


def test_a_crowded_sentence_keeps_the_closest_pairs():
    found = possible_triples(ONTOLOGY, [term(f"EIP-{n}", n * 10) for n in range(40)])
    assert len(found) == MAX_TRIPLES
    assert max(abs(t.subject.start - t.object.start) for t in found) <= 40


@pytest.mark.parametrize(
    "answer", ["EIP-1 | requires | EIP-3", '{"triples": 3}', "{", '{"triples": [{"subject": 1}]}', "[]"]
)
def test_an_answer_off_the_grammar_is_named_not_taken(answer):
    triples = possible_triples(ONTOLOGY, [term("EIP-1", 0), term("EIP-2", 10)])
    stated, strange = read_answer(answer, triples)
    assert stated == ()
    assert len(strange) == 1


def taken(model, grammar):
    """Whether llama.cpp takes the grammar: one token is asked for under it."""
    try:
        model.complete([Message("user", "a")], Constraint(grammar, {}), max_tokens=1)
    except ModelRefusedCall:
        return False
    return True


@pytest.mark.model
@settings(max_examples=12)
@given(found=st.lists(spans, min_size=1, max_size=4, unique=True))
def test_the_real_parser_takes_every_grammar(small_model, found):
    assert taken(small_model, gbnf(possible_triples(ONTOLOGY, [term(text, n * 30) for n, text in enumerate(found)])))


@pytest.mark.model
def test_the_real_parser_takes_a_full_and_hostile_grammar_and_refuses_a_broken_one(small_model):
    crowd = [term(text, n * 30, identity=str(n)) for n, text in enumerate([*HOSTILE, *(f"EIP-{n}" for n in range(40))])]
    triples = possible_triples(ONTOLOGY, crowd)
    assert len(triples) > MAX_TRIPLES - 20
    assert taken(small_model, gbnf(triples))
    assert not taken(small_model, 'root ::= "')
