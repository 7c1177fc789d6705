"""Answers by parts: grammar and JSON schema allow the same answers, and none that ontology or text do not."""

import itertools
import json

import jsonschema
import pytest
from gbnf_matcher import Grammar
from hypothesis import given, settings
from hypothesis import strategies as st
from test_grammar import HOSTILE, taken

from ontology.factored import MAX_LINES, Branch, Factored
from ontology.grammar import EMPTY, Term
from ontology.model import Relation

RELATIONS = [Relation(f"https://example.org/{n}", label) for n, label in enumerate(("likes", "likes much", "is in"))]
NAMES = st.one_of(st.sampled_from([*HOSTILE, "A", "AB", "A B", "B", "the A"]), st.text(max_size=6))


@st.composite
def spaces(draw):
    terms = [Term(text, n * 9, f"name:{text.casefold()}") for n, text in enumerate(draw(st.lists(NAMES, max_size=6)))]
    chosen = st.lists(st.sampled_from(terms), max_size=4) if terms else st.just([])
    return Factored([Branch(relation, tuple(draw(chosen)), tuple(draw(chosen))) for relation in RELATIONS])


def lines(space):
    """Every line, the slow and obvious way."""
    return [
        f"{' '.join(s.text.split())} | {b.relation.label} | {' '.join(o.text.split())}"
        for b in space.branches
        for s in b.subjects
        for o in b.objects
        if s.identity != o.identity
    ]


def plain(space):
    return all(t.text.isprintable() for b in space.branches for t in (*b.subjects, *b.objects))


def as_objects(answer):
    found = [] if answer == EMPTY else answer.split("\n")
    parts = [dict(zip(("subject", "relation", "object"), line.split(" | "), strict=False)) for line in found]
    return {"triples": parts}


@given(spaces(), st.data())
def test_grammar_and_schema_accept_and_refuse_the_same_answers(space, data):
    grammar, schema = Grammar(space.gbnf), space.json_schema
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    possible = list(dict.fromkeys(lines(space))) if plain(space) else []
    wrong = ["A | likes | A", "A | hates | B", "A | likes |", "Z | likes | Q"]
    chosen = data.draw(st.lists(st.sampled_from([*possible, *wrong]), max_size=3, unique=True))
    answer = "\n".join(chosen) or EMPTY
    right = all(line in possible for line in chosen)
    assert grammar.accepts(answer) is right
    assert validator.is_valid(as_objects(answer)) is (right if possible or not chosen else False)
    if plain(space):
        stated, strange = space.read(answer)
        assert [t.line for t in stated] == [line for line in chosen if line in possible]
        assert bool(strange) is not right
        if right:
            assert space.read(json.dumps(as_objects(answer)))[0] == stated
    assert grammar.accepts(EMPTY)
    assert not grammar.accepts("")
    assert not grammar.accepts(f"{answer}\n")


@given(spaces())
def test_a_line_continues_where_some_line_begins_so(space):
    if not plain(space):
        return
    possible = lines(space)
    for line in possible[:3]:
        for end in range(len(line) + 1):
            assert space.continues(line[:end])
            changed = line[:end] + "\x7f"
            assert not space.continues(changed)
        assert space.continues(line + "\n")
        assert space.continues(line[:-1] + "\n") is (line[:-1] in possible)
        assert space.triple(line).line == line


def test_no_answer_is_longer_than_the_most_lines():
    terms = [Term(f"name {n}", n, str(n)) for n in range(12)]
    space = Factored([Branch(RELATIONS[0], (terms[0],), tuple(terms[1:]))])
    grammar, possible = Grammar(space.gbnf), lines(space)
    assert grammar.accepts("\n".join(possible[:MAX_LINES]))
    assert not grammar.accepts("\n".join(possible[: MAX_LINES + 1]))
    assert len(space.read("\n".join(possible))[0]) == MAX_LINES
    assert not space.continues("n", possible[:MAX_LINES])


@given(spaces())
def test_an_answer_that_repeats_itself_ends_after_as_many_lines_as_differ(space):
    possible = list(dict.fromkeys(lines(space))) if plain(space) else []
    if not possible:
        return
    most = min(MAX_LINES, len(possible))
    grammar = Grammar(space.gbnf)
    assert space.most == most
    assert grammar.accepts("\n".join(possible[:1] * most))
    assert not grammar.accepts("\n".join(possible[:1] * (most + 1)))
    assert space.json_schema["properties"]["triples"]["maxItems"] == most


@given(spaces(), st.integers(1, 9))
def test_an_answer_that_has_to_state_something_has_one_line_at_least_and_no_more_than_the_limit(space, limit):
    possible = list(dict.fromkeys(lines(space))) if plain(space) else []
    if not possible:
        return
    told = Factored(space.branches, limit=limit, something=True)
    grammar, validator = Grammar(told.gbnf), jsonschema.Draft202012Validator(told.json_schema)
    for count in range(len(possible) + 1):
        answer = "\n".join(possible[:count]) or EMPTY
        assert grammar.accepts(answer) is (1 <= count <= min(limit, MAX_LINES))
        assert validator.is_valid(as_objects(answer)) is (1 <= count <= min(limit, MAX_LINES))
    assert told.or_none() == Factored(space.branches, limit=limit)
    assert Grammar(told.or_none().gbnf).accepts(EMPTY)


def test_what_comes_twice_counts_once():
    a, b = Term("A", 0, "a"), Term("B", 5, "b")
    space = Factored([Branch(RELATIONS[0], (a,), (b,))])
    assert space.read("A | likes | B\nA | likes | B") == ((space.triple("A | likes | B"),), ())


def test_a_grammar_grows_with_the_terms_not_with_their_pairs():
    sizes = []
    for count in (20, 40):
        terms = tuple(Term(f"some name {n}", n, str(n)) for n in range(count))
        relations = [Relation(f"https://example.org/{n}", f"relation {n}") for n in range(30)]
        sizes.append(len(Factored([Branch(r, terms, terms) for r in relations]).gbnf))
    assert sizes[1] < 2.2 * sizes[0]


@pytest.mark.model
@settings(max_examples=10)
@given(space=spaces())
def test_the_real_parser_takes_every_factored_grammar(small_model, space):
    assert taken(small_model, space.gbnf)


def test_names_of_one_thing_are_never_both_ends():
    terms = (Term("Alien", 0, "x"), Term("alien", 9, "x"), Term("1979", 20, "y"))
    space = Factored([Branch(RELATIONS[0], terms, terms)])
    found = set(itertools.chain(lines(space)))
    assert "Alien | likes | alien" not in found
    assert Grammar(space.gbnf).accepts("alien | likes | 1979")
    assert not Grammar(space.gbnf).accepts("Alien | likes | alien")
